// SPDX-License-Identifier: Apache-2.0
// Who has which address: seen on the wire, leased, reserved, promised.
import { actions } from "../actions.js";
import { copyable, updateCopyable } from "../copy.js";
import { ask } from "../dialog.js";
import { h, setAttribute, setText } from "../dom.js";
import { ago, lifetime, source } from "../format.js";
import { badge, card, empty, updateBadge } from "../parts.js";
import { build } from "../route.js";
import { say } from "../say.js";
import { Table } from "../table.js";

const copyColumn = (id, title, field, head = false) => ({
	id,
	title,
	head,
	value: (row) => row[field],
	cell: (row) => copyable(row[field] ?? ""),
	update: (element, row) => updateCopyable(element, row[field] ?? ""),
});

const neighbourColumns = [
	copyColumn("address", "Address", "address", true),
	{
		id: "source",
		title: "From",
		value: (row) => source(row.source),
		cell: (row) => source(row.source),
	},
	copyColumn("mac", "MAC", "mac"),
	{
		id: "user",
		title: "User",
		value: (row) => row.user,
		cell: () => h("a"),
		update: (element, row) => {
			setAttribute(element, "href", build({ view: "clients", item: row.client }));
			setText(element, row.user);
		},
	},
	{
		id: "port",
		title: "Client",
		class: "number",
		value: (row) => row.client,
		cell: (row) => String(row.client),
	},
	{
		id: "seen",
		title: "Seen",
		class: "number",
		value: (row) => row.seen_s,
		cell: (row) => ago(row.seen_s),
	},
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

const leaseColumns = (ctx) => [
	copyColumn("what", "Lease", "what", true),
	{ id: "kind", title: "Kind", value: (row) => row.kind, cell: (row) => row.kind },
	{
		id: "state",
		title: "State",
		value: (row) => row.state,
		cell: () => badge("off", ""),
		update: (element, row) =>
			updateBadge(element, row.state === "active" ? "ok" : "off", row.state),
	},
	{ id: "user", title: "User", value: (row) => row.user, cell: (row) => row.user ?? "–" },
	{ id: "host", title: "Host name", value: (row) => row.host, cell: (row) => row.host ?? "–" },
	{
		id: "left",
		title: "Left",
		class: "number",
		value: (row) => row.left_s,
		cell: (row) => lifetime(row.left_s),
	},
	{
		id: "duid",
		title: "DUID",
		class: "code",
		value: (row) => row.duid,
		cell: (row) => `${row.duid} / ${row.iaid}`,
	},
	{ id: "via", title: "Via", value: (row) => row.via, cell: (row) => row.via },
	...(ctx.mayChange
		? [
				{
					id: "do",
					title: "Actions",
					hidden: true,
					cell: (row) =>
						h(
							"div",
							{ class: "actions" },
							h(
								"button",
								{
									type: "button",
									class: "small",
									onclick: () => reserve(ctx, row),
								},
								"Reserve",
							),
							h(
								"button",
								{
									type: "button",
									class: "small",
									onclick: () => release(ctx, row),
								},
								"Release",
							),
						),
					update: () => {},
				},
			]
		: []),
];

const reservationColumns = [
	copyColumn("what", "Reserved", "what", true),
	{
		id: "for",
		title: "For",
		value: (row) => row.user ?? row.duid ?? row.mac,
		cell: (row) => row.user ?? (row.duid ? `DUID ${row.duid}` : `MAC ${row.mac}`),
	},
];

const prefixColumns = [
	copyColumn("prefix", "Prefix", "prefix", true),
	{
		id: "state",
		title: "State",
		value: (row) => row.state,
		cell: () => badge("off", ""),
		update: (element, row) =>
			updateBadge(element, row.state === "advertised" ? "ok" : "warn", row.state),
	},
	{
		id: "for",
		title: "For",
		value: (row) => row.user ?? row.group,
		cell: (row) =>
			row.user ? `user ${row.user}` : row.group ? `group ${row.group}` : "everybody",
	},
	{
		id: "valid",
		title: "Valid",
		class: "number",
		value: (row) => row.valid_s,
		cell: (row) => lifetime(row.valid_s),
	},
	{
		id: "preferred",
		title: "Preferred",
		class: "number",
		value: (row) => row.preferred_s,
		cell: (row) => lifetime(row.preferred_s),
	},
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
			h(
				"div",
				{ class: "columns" },
				card("Reservations", reservations.element),
				card("Prefixes promised", prefixes.element),
			),
		),
		update: () => {
			neighbours.update(store.value("addresses").neighbours);
			leases.update(store.value("leases").leases);
			reservations.update(store.value("leases").reservations);
			prefixes.update(store.value("prefixes").prefixes);
		},
	};
}
