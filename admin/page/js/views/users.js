// SPDX-License-Identifier: Apache-2.0
// Who may connect, who is invited, and whose certificates end when.
import { actionColumns, momentColumn, nameColumn, stateColumn, textColumn } from "../columns.js";
import { h, icon } from "../dom.js";
import { duration, moment } from "../format.js";
import { PLUS } from "../icons.js";
import { card, empty } from "../parts.js";
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

/** Why somebody is blocked is in the title: the badge has no room for it. */
const userStateColumn = () => {
	const column = stateColumn(userState);

	return {
		...column,
		update: (element, row) => {
			column.update(element, row);
			element.title = row.blocked_why ?? "";
		},
	};
};

const userColumns = (ctx) => [
	nameColumn("name", "User"),
	userStateColumn(),
	textColumn("group", "Group", { class: "cut roomy" }),
	textColumn("auth", "Logs in by", {
		class: "roomy",
		cell: (row) => row.auth + (row.has_code ? ", one-time code" : ""),
	}),
	textColumn("certificates", "Certificates", {
		class: "number roomy",
		cell: (row) => String(row.certificates),
	}),
	momentColumn("created_s", "Since", { class: "roomy" }),
	...actionColumns(ctx, (row) => userActions(ctx, row)),
];

const INVITATION_KINDS = { open: "ok", used: "off", expired: "warn", revoked: "bad" };

const invitationColumns = (ctx) => [
	nameColumn("user", "For"),
	stateColumn((row) => [INVITATION_KINDS[row.state] ?? "off", row.state]),
	momentColumn("created_s", "Made", { class: "roomy", down: true }),
	momentColumn("expires_s", "Good until"),
	...actionColumns(
		ctx,
		(row) => button("Withdraw", () => withdraw(ctx, row)),
		(element, row) => {
			element.hidden = row.state !== "open";
		},
	),
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
	nameColumn("user", "User"),
	stateColumn((row) => certificateState(row, now_s())),
	momentColumn("not_after_s", "Ends"),
	textColumn("fingerprint", "Fingerprint", { class: "code cut roomy" }),
	...actionColumns(
		ctx,
		(row) => button("Revoke", () => revoke(ctx, row), true),
		(element, row) => {
			element.hidden = Boolean(row.revoked_s);
		},
	),
];

const tokenColumns = (ctx) => [
	nameColumn("name", "Token"),
	textColumn("role", "Role"),
	stateColumn((row) => (row.expired ? ["bad", "ended"] : ["ok", "good"])),
	momentColumn("expires_s", "Ends", {
		value: (row) => row.expires_s || null,
		cell: (row) => (row.expires_s ? moment(row.expires_s) : "never"),
	}),
	...actionColumns(ctx, (row) => button("Revoke", () => revokeToken(ctx, row), true)),
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
		sort: "-created_s",
		prefix: "i-",
		key: (row) => row.id,
		empty: empty("Nobody is invited."),
	});

const certificateTable = (ctx, now_s) =>
	new Table({
		caption: "Certificates",
		noun: "certificate",
		columns: certificateColumns(ctx, now_s),
		sort: "not_after_s",
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
