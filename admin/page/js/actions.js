// SPDX-License-Identifier: Apache-2.0
// What an admin may do, and how the API is asked for it: data only, no document.
import { request } from "./api.js";

const part = encodeURIComponent;
const user = (name) => `users/${part(name)}`;

export const actions = {
	disconnect: (id) => request("POST", `clients/${part(id)}/disconnect`),

	/** order: { of, filter, seconds, bytes }; the answer's number names its file. */
	capture: (order) => request("POST", "captures", order),
	stopCapture: (id) => request("DELETE", `captures/${part(id)}`),

	addUser: (name, group) => request("POST", "users", group ? { name, group } : { name }),
	removeUser: (name) => request("DELETE", user(name)),
	block: (name, why) => request("POST", `${user(name)}/block`, why ? { why } : undefined),
	unblock: (name) => request("POST", `${user(name)}/unblock`),
	setGroup: (name, group) => request("POST", `${user(name)}/group`, { group: group || "none" }),
	setRole: (name, role) => request("POST", `${user(name)}/role`, { role }),
	setPassword: (name, password) => request("POST", `${user(name)}/password`, { password }),
	newCode: (name) => request("POST", `${user(name)}/totp`),

	invite: (name, lasts_s, group) =>
		request("POST", "invitations", { name, lasts_s, ...(group ? { group } : {}) }),
	withdraw: (id) => request("DELETE", `invitations/${part(id)}`),
	revoke: (fingerprint) => request("DELETE", `certificates/${part(fingerprint)}`),

	release: (what) => request("DELETE", `leases/${part(what)}`),
	reserve: (what, name) => request("POST", "reservations", { line: `${name} ${what}` }),

	addToken: (name, role, expires_s) => request("POST", "tokens", { name, role, expires_s }),
	revokeToken: (name) => request("DELETE", `tokens/${part(name)}`),
};
