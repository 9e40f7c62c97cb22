// SPDX-License-Identifier: Apache-2.0
// What can be done about users: each dialog says what comes of it.
import { actions } from "../actions.js";
import { copyable } from "../copy.js";
import { ask, open } from "../dialog.js";
import { h } from "../dom.js";
import { moment } from "../format.js";
import { facts } from "../parts.js";
import { qr } from "../qr.js";
import { say } from "../say.js";

const EXPIRES = [
	["3600", "an hour"],
	["86400", "a day"],
	["604800", "a week"],
];

/** Does it, says it, and reads again what changed. */
const then =
	(ctx, does, said, ...names) =>
	async (values) => {
		await does(values);
		say(said(values));
		await ctx.live.refresh(...names);
	};

export function addUser(ctx) {
	ask({
		title: "Add a user",
		action: "Add",
		fields: [
			{ name: "name", label: "Name", required: true, maxlength: 64, autocapitalize: "none" },
			{ name: "group", label: "Group", hint: "Empty: no group." },
		],
		submit: then(
			ctx,
			({ name, group }) => actions.addUser(name, group),
			({ name }) => `${name} is added`,
			"users",
		),
	});
}

/** The line is shown once: the server keeps its hash only. */
function showInvitation(user, made) {
	open(
		`Invitation for ${user}`,
		h(
			"div",
			{ class: "invitation" },
			h(
				"p",
				null,
				"Good once",
				made.expires_s ? `, until ${moment(made.expires_s)}` : "",
				". Give it to nobody else; it is not shown again.",
			),
			h(
				"p",
				null,
				"On the new device: ",
				h("code", null, "sudo lanyard join LINE"),
				" with this line",
			),
			copyable(made.url),
			qr(made.url, `The invitation for ${user} as a QR code`),
		),
	);
}

export function invite(ctx, name) {
	ask({
		title: name ? `Invite ${name}` : "Invite",
		action: "Make the invitation",
		text: "One line (and a QR code) that lets one device in, once. Its key is made there and stays there.",
		fields: [
			{
				name: "user",
				label: "User",
				value: name,
				required: true,
				maxlength: 64,
				autocapitalize: "none",
				hint: "Who is not there yet is added.",
			},
			{ name: "lasts_s", label: "Good for", options: EXPIRES, value: "86400" },
		],
		submit: async ({ user, lasts_s }) => {
			showInvitation(user, await actions.invite(user, Number(lasts_s)));
			await ctx.live.refresh("users", "invitations");
		},
	});
}

export function withdraw(ctx, row) {
	ask({
		title: `Withdraw the invitation of ${row.user}?`,
		action: "Withdraw",
		danger: true,
		text: "Its line is worth nothing from now on.",
		submit: then(
			ctx,
			() => actions.withdraw(row.id),
			() => "The invitation is withdrawn",
			"invitations",
		),
	});
}

export function blockUser(ctx, row, changed = "users") {
	ask({
		title: `Block ${row.name}?`,
		action: "Block",
		danger: true,
		text: "Every connection of this user is closed, and none is let in until the user is unblocked.",
		fields: [{ name: "why", label: "Why (kept with the user)", maxlength: 100 }],
		submit: then(
			ctx,
			({ why }) => actions.block(row.name, why),
			() => `${row.name} is blocked`,
			changed,
		),
	});
}

function unblockUser(ctx, row) {
	ask({
		title: `Unblock ${row.name}?`,
		action: "Unblock",
		text: "The user may connect again.",
		submit: then(
			ctx,
			() => actions.unblock(row.name),
			() => `${row.name} may connect again`,
			"users",
		),
	});
}

export function changeGroup(ctx, row, changed = "users") {
	ask({
		title: `Group of ${row.name}`,
		action: "Change",
		text: "What the group is told (routes, DNS) is what the user's devices hear from now on.",
		fields: [
			{ name: "group", label: "Group", value: row.group ?? "", hint: "Empty: no group." },
		],
		submit: then(
			ctx,
			({ group }) => actions.setGroup(row.name, group),
			({ group }) => `${row.name} is in ${group || "no group"}`,
			changed,
		),
	});
}

const ROLES = [
	["none", "nothing"],
	["read-only", "look at everything"],
	["admin", "change everything"],
];

function setRole(ctx, row) {
	ask({
		title: `What may ${row.name} do here?`,
		action: "Change",
		text: "With the user's own password (and code) on this page and its API.",
		fields: [{ name: "role", label: "May", options: ROLES, value: row.role }],
		submit: then(
			ctx,
			({ role }) => actions.setRole(row.name, role),
			() => `${row.name} has another role`,
			"users",
		),
	});
}

function setPassword(ctx, row) {
	ask({
		title: `Password of ${row.name}`,
		action: "Set",
		fields: [
			{
				name: "password",
				label: "New password",
				type: "password",
				required: true,
				minlength: 8,
				autocomplete: "new-password",
			},
		],
		submit: then(
			ctx,
			({ password }) => actions.setPassword(row.name, password),
			() => `${row.name} has a new password`,
			"users",
		),
	});
}

function newCode(ctx, row) {
	ask({
		title: `New one-time code of ${row.name}?`,
		action: "Make it",
		danger: true,
		text: "An older one is worth nothing from then on.",
		submit: async () => {
			const { uri } = await actions.newCode(row.name);

			open(
				`One-time code of ${row.name}`,
				h(
					"div",
					{ class: "invitation" },
					h("p", null, "For an authenticator. It is not shown again."),
					copyable(uri),
					qr(uri, `The one-time code of ${row.name} as a QR code`),
				),
			);
			await ctx.live.refresh("users");
		},
	});
}

function removeUser(ctx, row) {
	ask({
		title: `Remove ${row.name}?`,
		action: "Remove",
		danger: true,
		text: "Its connections are closed, its certificates are worth nothing any more, its leases are free.",
		submit: then(
			ctx,
			() => actions.removeUser(row.name),
			() => `${row.name} is removed`,
			"users",
			"certificates",
		),
	});
}

export function revoke(ctx, row) {
	ask({
		title: `Revoke a certificate of ${row.user}?`,
		action: "Revoke",
		danger: true,
		text: "Whoever holds its key is disconnected and not let in again. This cannot be undone.",
		submit: then(
			ctx,
			() => actions.revoke(row.fingerprint),
			() => "The certificate is revoked",
			"certificates",
		),
	});
}

/** Everything else that can be done about one user. */
export function manage(ctx, row) {
	const act = (label, does, danger) =>
		h(
			"button",
			{
				type: "button",
				class: danger ? "danger" : null,
				onclick: () => {
					dialog.close();
					does(ctx, row);
				},
			},
			label,
		);
	const dialog = open(
		row.name,
		h(
			"div",
			null,
			facts([
				["Group", row.group ?? "none"],
				["Logs in by", row.auth],
				["Added", moment(row.created_s)],
				["Ends", row.expires_s ? moment(row.expires_s) : null],
				["Role here", row.role === "none" ? null : row.role],
				["Blocked", row.blocked_s ? `since ${moment(row.blocked_s)}` : null],
				["Why", row.blocked_why],
			]),
			h(
				"div",
				{ class: "manage" },
				act("Invite a device", () => invite(ctx, row.name)),
				act("Change group", changeGroup),
				act("Set password", setPassword),
				act("Role here", setRole),
				act("New one-time code", newCode),
				row.blocked_s ? act("Unblock", unblockUser) : act("Block", blockUser, true),
				act("Remove", removeUser, true),
			),
		),
	);
}

export function addToken(ctx) {
	ask({
		title: "Add an API token",
		action: "Add",
		text: "For scripts and for what reads /metrics. Its text is shown once.",
		fields: [
			{ name: "name", label: "Name", required: true, maxlength: 64 },
			{ name: "role", label: "May", options: ROLES.slice(1), value: "read-only" },
			{
				name: "days",
				label: "Good for so many days",
				type: "number",
				min: 1,
				max: 3650,
				value: "90",
				required: true,
			},
		],
		submit: async ({ name, role, days }) => {
			const { token } = await actions.addToken(
				name,
				role,
				Math.floor(Date.now() / 1000) + 86400 * Number(days),
			);

			open(
				`API token ${name}`,
				h(
					"div",
					{ class: "invitation" },
					h("p", null, "It is not shown again."),
					copyable(token),
				),
			);
			await ctx.live.refresh("tokens");
		},
	});
}

export function revokeToken(ctx, row) {
	ask({
		title: `Revoke the API token ${row.name}?`,
		action: "Revoke",
		danger: true,
		text: "Whatever uses it is not let in any more.",
		submit: then(
			ctx,
			() => actions.revokeToken(row.name),
			() => `The token ${row.name} is revoked`,
			"tokens",
		),
	});
}
