// SPDX-License-Identifier: Apache-2.0
// What an admin may do, and how the API is asked for it: data only, no document.
import { request } from "./api.js";

const part = encodeURIComponent;
const client = (id) => `clients/${part(id)}`;
const user = (name) => `users/${part(name)}`;

export const actions = {
	disconnect: (id) => request("POST", `${client(id)}/disconnect`, {}),
	addUser: (name, group) => request("POST", "users", group ? { name, group } : { name }),
	removeUser: (name) => request("DELETE", user(name)),
	block: (name, why) => request("POST", `${user(name)}/block`, why ? { why } : {}),
	unblock: (name) => request("POST", `${user(name)}/unblock`, {}),
	setGroup: (name, group) => request("POST", `${user(name)}/group`, { group: group || null }),
	setPassword: (name, password) => request("POST", `${user(name)}/password`, { password }),
	newCode: (name) => request("POST", `${user(name)}/totp`, {}),
	invite: (name, expires_s) => request("POST", "invitations", { user: name, expires_s }),
	withdraw: (id) => request("DELETE", `invitations/${part(id)}`),
	revoke: (fingerprint) => request("POST", `certificates/${part(fingerprint)}/revoke`, {}),
	release: (what) => request("POST", "leases/release", { what }),
	reserve: (what, name) => request("POST", "leases/reserve", { what, user: name }),
};
