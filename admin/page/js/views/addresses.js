// SPDX-License-Identifier: Apache-2.0
// Who has which address: seen on the wire, leased, reserved, promised.
import { actions } from "../actions.js";
import {
	actionColumns,
	agoColumn,
	copyColumn,
	lifetimeColumn,
	stateColumn,
	textColumn,
} from "../columns.js";
import { ask } from "../dialog.js";
import { h, setAttribute, setText } from "../dom.js";
import { source } from "../format.js";
import { card, empty } from "../parts.js";
import { build } from "../route.js";
import { say } from "../say.js";
import { Table } from "../table.js";

const neighbourColumns = [
	copyColumn("address", "Address", true),
	{
		id: "source",
		title: "From",
		value: (row) => source(row.source),
		cell: (row) => source(row.source),
	},
	copyColumn("mac", "MAC"),
	{
		id: "user",
		title: "User",
		value: (row) => row.user,
		cell: () => h("a", { class: "cut" }),
		update: (element, row) => {
			setAttribute(element, "href", build({ view: "clients", item: row.client }));
			setAttribute(element, "title", row.user);
			setText(element, row.user);
		},
	},
	textColumn("client", "Client", { class: "number", cell: (row) => String(row.client) }),
	agoColumn("seen_s", "Seen"),
];

function release(ctx, row) {
	ask({
		title: "Release this lease?",
		action: "Release",
		danger: true,
		text: `${row.what} is free for others at once. Whoever has it uses it until it asks again.`,
		submit: async () => {
			await actions.release(row.what);
			say(`${row.what} is released`);
			await ctx.live.refresh("leases");
		},
	});
}

function reserve(ctx, row) {
	ask({
		title: "Reserve this lease?",
		action: "Reserve",
		text: `${row.what} is kept for the user, whether connected or not.`,
		fields: [{ name: "user", label: "User", value: row.user ?? "", required: true }],
		submit: async ({ user }) => {
			await actions.reserve(row.what, user);
			say(`${row.what} is reserved for ${user}`);
			await ctx.live.refresh("leases");
		},
	});
}

const leaseButtons = (ctx, row) =>
	h(
		"div",
		{ class: "actions" },
		[
			["Reserve", reserve],
			["Release", release],
		].map(([label, act]) =>
			h("button", { type: "button", class: "small", onclick: () => act(ctx, row) }, label),
		),
	);

const leaseColumns = (ctx) => [
	copyColumn("what", "Lease", true),
	textColumn("kind", "Kind"),
	stateColumn((row) => [row.state === "active" ? "ok" : "off", row.state]),
	textColumn("user", "User", { class: "cut" }),
	textColumn("host", "Host name", { class: "cut" }),
	lifetimeColumn("left_s", "Left"),
	textColumn("duid", "DUID", { class: "code cut", cell: (row) => `${row.duid} / ${row.iaid}` }),
	textColumn("via", "Via"),
	...actionColumns(ctx, (row) => leaseButtons(ctx, row)),
];

const reservationColumns = [
	copyColumn("what", "Reserved", true),
	{
		id: "for",
		title: "For",
		value: (row) => row.user ?? row.duid ?? row.mac,
		cell: (row) => row.user ?? (row.duid ? `DUID ${row.duid}` : `MAC ${row.mac}`),
	},
];

const prefixColumns = [
	copyColumn("prefix", "Prefix", true),
	stateColumn((row) => [row.state === "advertised" ? "ok" : "warn", row.state]),
	{
		id: "for",
		title: "For",
		value: (row) => row.user ?? row.group,
		cell: (row) =>
			row.user ? `user ${row.user}` : row.group ? `group ${row.group}` : "everybody",
	},
	lifetimeColumn("valid_s", "Valid"),
	lifetimeColumn("preferred_s", "Preferred"),
];

const neighbourTable = () =>
	new Table({
		caption: "Addresses seen",
		noun: "address",
		columns: neighbourColumns,
		sort: "address",
		key: (row) => `${row.address} ${row.client}`,
		filter: {
			label: "Filter: address, MAC, user …",
			texts: (row) => [row.address, row.mac, row.user, source(row.source)],
		},
		empty: empty("No address was seen yet.", "Each shows when a client sends from it."),
	});

const leaseTable = (ctx) =>
	new Table({
		caption: "Leases",
		noun: "lease",
		columns: leaseColumns(ctx),
		sort: "what",
		prefix: "l-",
		key: (row) => `${row.what} ${row.duid} ${row.iaid}`,
		filter: {
			label: "Filter: lease, user, host …",
			texts: (row) => [row.what, row.user, row.host, row.duid, row.mac, row.kind, row.state],
		},
		empty: empty("No leases.", "Clients make their own addresses, or [dhcp6] has no pool."),
	});

const reservationTable = () =>
	new Table({
		caption: "Reservations",
		columns: reservationColumns,
		sort: "what",
		prefix: "r-",
		key: (row) => row.what,
		empty: empty("Nothing is reserved."),
	});

const prefixTable = () =>
	new Table({
		caption: "Prefixes",
		columns: prefixColumns,
		sort: "prefix",
		prefix: "p-",
		key: (row) => `${row.prefix} ${row.user} ${row.group} ${row.state}`,
		empty: empty("No prefix was promised to anybody."),
	});

export function addresses(ctx) {
	const title = "Addresses";
	const { store } = ctx;
	const neighbours = neighbourTable();
	const leases = leaseTable(ctx);
	const reservations = reservationTable();
	const prefixes = prefixTable();

	return {
		title,
		needs: ["addresses", "leases", "prefixes"],
		element: h(
			"div",
			null,
			h("header", { class: "heading" }, h("h1", null, title)),
			card("Seen on the wire", neighbours.element),
			card("Leases and delegated prefixes", leases.element),
			card("Reservations", reservations.element),
			card("Prefixes promised", prefixes.element),
		),
		update: () => {
			neighbours.update(store.value("addresses").neighbours);
			leases.update(store.value("leases").leases);
			reservations.update(store.value("leases").reservations);
			prefixes.update(store.value("prefixes").prefixes);
		},
	};
}
