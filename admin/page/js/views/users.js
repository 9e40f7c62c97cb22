// SPDX-License-Identifier: Apache-2.0
// Who may connect, who is invited, and whose certificates end when.
import { h, icon } from "../dom.js";
import { duration, moment } from "../format.js";
import { PLUS } from "../icons.js";
import { badge, card, empty, updateBadge } from "../parts.js";
import { Table } from "../table.js";
import {
	addToken,
	addUser,
	invite,
	manage,
	revoke,
	revokeToken,
	withdraw,
} from "./user_actions.js";

const ENDS_SOON_S = 30 * 86400;

const button = (label, act, danger = false) =>
	h("button", { type: "button", class: danger ? "small danger" : "small", onclick: act }, label);

const userState = (user) =>
	user.blocked_s
		? ["bad", "blocked"]
		: user.sessions
			? ["ok", user.sessions > 1 ? `on line, ${user.sessions} times` : "on line"]
			: ["off", "away"];

/** The row may be another by the time of the click: the newest of that name counts. */
function userActions(ctx, row) {
	const newest = () =>
		ctx.store.value("users").users.find(({ name }) => name === row.name) ?? row;

	return h(
		"div",
		{ class: "actions" },
		h(
			"span",
			{ class: "roomy" },
			button("Invite", () => invite(ctx, row.name)),
		),
		button("Manage", () => manage(ctx, newest())),
	);
}

const userColumns = (ctx) => [
	{
		id: "name",
		title: "User",
		head: true,
		class: "cut",
		value: (row) => row.name,
		cell: (row) => row.name,
	},
	{
		id: "state",
		title: "State",
		value: (row) => userState(row)[1],
		cell: () => badge("off", ""),
		update: (element, row) => {
			updateBadge(element, ...userState(row));
			element.title = row.blocked_why ?? "";
		},
	},
	{
		id: "group",
		title: "Group",
		class: "cut roomy",
		value: (row) => row.group,
		cell: (row) => row.group ?? "–",
	},
	{
		id: "auth",
		title: "Logs in by",
		class: "roomy",
		value: (row) => row.auth,
		cell: (row) => row.auth + (row.has_code ? ", one-time code" : ""),
	},
	{
		id: "certificates",
		title: "Certificates",
		class: "number roomy",
		value: (row) => row.certificates,
		cell: (row) => String(row.certificates),
	},
	{
		id: "since",
		title: "Since",
		class: "roomy",
		value: (row) => row.created_s,
		cell: (row) => moment(row.created_s),
	},
	...(ctx.mayChange
		? [
				{
					id: "do",
					title: "Actions",
					hidden: true,
					cell: (row) => userActions(ctx, row),
					update: () => {},
				},
			]
		: []),
];

const INVITATION_KINDS = { open: "ok", used: "off", expired: "warn", revoked: "bad" };

const invitationColumns = (ctx) => [
	{
		id: "user",
		title: "For",
		head: true,
		class: "cut",
		value: (row) => row.user,
		cell: (row) => row.user,
	},
	{
		id: "state",
		title: "State",
		value: (row) => row.state,
		cell: () => badge("off", ""),
		update: (element, row) =>
			updateBadge(element, INVITATION_KINDS[row.state] ?? "off", row.state),
	},
	{
		id: "created",
		title: "Made",
		class: "roomy",
		value: (row) => row.created_s,
		down: true,
		cell: (row) => moment(row.created_s),
	},
	{
		id: "expires",
		title: "Good until",
		value: (row) => row.expires_s,
		cell: (row) => moment(row.expires_s),
	},
	...(ctx.mayChange
		? [
				{
					id: "do",
					title: "Actions",
					hidden: true,
					cell: (row) => button("Withdraw", () => withdraw(ctx, row)),
					update: (element, row) => {
						element.hidden = row.state !== "open";
					},
				},
			]
		: []),
];

function certificateState(row, now_s) {
	if (row.revoked_s) return ["bad", "revoked"];
	const left = row.not_after_s - now_s;

	return left < 0
		? ["bad", "ended"]
		: left < ENDS_SOON_S
			? ["warn", `ends in ${duration(left)}`]
			: ["ok", "good"];
}

const certificateColumns = (ctx, now_s) => [
	{
		id: "user",
		title: "User",
		head: true,
		class: "cut",
		value: (row) => row.user,
		cell: (row) => row.user,
	},
	{
		id: "state",
		title: "State",
		cell: () => badge("off", ""),
		update: (element, row) => updateBadge(element, ...certificateState(row, now_s())),
	},
	{
		id: "ends",
		title: "Ends",
		value: (row) => row.not_after_s,
		cell: (row) => moment(row.not_after_s),
	},
	{
		id: "fingerprint",
		title: "Fingerprint",
		class: "code cut roomy",
		value: (row) => row.fingerprint,
		cell: (row) => row.fingerprint,
	},
	...(ctx.mayChange
		? [
				{
					id: "do",
					title: "Actions",
					hidden: true,
					cell: (row) => button("Revoke", () => revoke(ctx, row), true),
					update: (element, row) => {
						element.hidden = Boolean(row.revoked_s);
					},
				},
			]
		: []),
];

const tokenColumns = (ctx) => [
	{
		id: "name",
		title: "Token",
		head: true,
		class: "cut",
		value: (row) => row.name,
		cell: (row) => row.name,
	},
	{ id: "role", title: "Role", value: (row) => row.role, cell: (row) => row.role },
	{
		id: "state",
		title: "State",
		cell: () => badge("off", ""),
		update: (element, row) =>
			updateBadge(element, row.expired ? "bad" : "ok", row.expired ? "ended" : "good"),
	},
	{
		id: "expires",
		title: "Ends",
		value: (row) => row.expires_s || null,
		cell: (row) => (row.expires_s ? moment(row.expires_s) : "never"),
	},
	...(ctx.mayChange
		? [
				{
					id: "do",
					title: "Actions",
					hidden: true,
					cell: (row) => button("Revoke", () => revokeToken(ctx, row), true),
					update: () => {},
				},
			]
		: []),
];

const userTable = (ctx) =>
	new Table({
		caption: "Users",
		noun: "user",
		columns: userColumns(ctx),
		sort: "name",
		key: (row) => row.name,
		filter: {
			label: "Filter: name, group …",
			texts: (row) => [row.name, row.group, userState(row)[1], row.auth],
		},
		empty: empty(
			"There are no users yet.",
			"Invite the first one: that makes the user as well.",
		),
	});

const invitationTable = (ctx) =>
	new Table({
		caption: "Invitations",
		columns: invitationColumns(ctx),
		sort: "-created",
		prefix: "i-",
		key: (row) => row.id,
		empty: empty("Nobody is invited."),
	});

const certificateTable = (ctx, now_s) =>
	new Table({
		caption: "Certificates",
		noun: "certificate",
		columns: certificateColumns(ctx, now_s),
		sort: "ends",
		prefix: "c-",
		key: (row) => row.fingerprint,
		filter: {
			label: "Filter: user, fingerprint …",
			texts: (row) => [row.user, row.fingerprint],
		},
		empty: empty("There are no certificates."),
	});

const tokenTable = (ctx) =>
	new Table({
		caption: "API tokens",
		columns: tokenColumns(ctx),
		sort: "name",
		prefix: "t-",
		key: (row) => row.name,
		empty: empty("There are no API tokens."),
	});

const adding = (act, label, kind) =>
	h("button", { type: "button", class: kind, onclick: act }, icon(PLUS), label);

const headButtons = (ctx) =>
	h(
		"div",
		{ class: "actions" },
		adding(() => addUser(ctx), "Add user"),
		adding(() => invite(ctx, ""), "Invite", "primary"),
	);

export function users(ctx) {
	const title = "Users";
	const { store, mayChange } = ctx;
	const table = userTable(ctx);
	const invitations = invitationTable(ctx);
	const certificates = certificateTable(
		ctx,
		() => store.value("overview")?.now_s ?? Date.now() / 1000,
	);
	const tokens = tokenTable(ctx);

	return {
		title,
		needs: ["users", "invitations", "certificates", "tokens"],
		element: h(
			"div",
			null,
			h("header", { class: "heading" }, h("h1", null, title), mayChange && headButtons(ctx)),
			card("Users", table.element),
			card("Invitations", invitations.element),
			card("Certificates", certificates.element),
			h(
				"section",
				{ class: "card" },
				h(
					"header",
					null,
					h("h2", null, "API tokens"),
					mayChange && adding(() => addToken(ctx), "Add token", "small"),
				),
				tokens.element,
			),
		),
		update: () => {
			table.update(store.value("users").users);
			invitations.update(store.value("invitations").invitations);
			certificates.update(store.value("certificates").certificates);
			tokens.update(store.value("tokens").tokens);
		},
	};
}
