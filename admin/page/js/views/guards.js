// SPDX-License-Identifier: Apache-2.0
// What was dropped, of whom, and why; and who was not let in.
import { h, keyed, setText } from "../dom.js";
import { count, reason, sum } from "../format.js";
import { card, empty } from "../parts.js";
import { build } from "../route.js";
import { Table } from "../table.js";

const columns = [
	{
		id: "user",
		title: "User",
		head: true,
		value: (row) => row.user,
		cell: (row) =>
			h(
				"a",
				{
					class: "cut",
					title: row.user,
					href: build({ view: "clients", item: row.client }),
				},
				row.user,
			),
		update: (element, row) => setText(element, row.user),
	},
	{
		id: "all",
		title: "Dropped",
		class: "number",
		down: true,
		value: (row) => sum(row.drops),
		cell: (row) => count(sum(row.drops)),
	},
	{
		id: "why",
		title: "Why",
		cell: (row) =>
			Object.entries(row.drops)
				.sort(([, a], [, b]) => b - a)
				.map(([name, n]) => `${reason(name)} ${count(n)}`)
				.join(", ") || "–",
	},
];

/** Counts by reason, largest first. */
function counts(none) {
	const list = h("ul", { class: "plain counts" }),
		nothing = h("p", { class: "note" }, none);

	return {
		element: h("div", null, list, nothing),
		update: (by_reason) => {
			const rows = Object.entries(by_reason ?? {})
				.filter(([, n]) => n > 0)
				.sort(([, a], [, b]) => b - a);

			nothing.hidden = rows.length > 0;
			keyed(
				list,
				rows,
				([name]) => name,
				() => h("li", null, h("span"), h("strong")),
				(element, [name, n]) => {
					setText(element.children[0], reason(name));
					setText(element.children[1], count(n));
				},
			);
		},
	};
}

function total(rows) {
	const all = {};

	for (const { drops } of rows)
		for (const [name, n] of Object.entries(drops)) all[name] = (all[name] ?? 0) + n;
	return all;
}

export function guards({ store }) {
	const title = "Guards";
	const all = counts("No frame of a client that is here was dropped."),
		tap = counts("Nothing.");
	const refused = counts("Nobody was refused."),
		handshake = counts("Every handshake was completed.");
	const table = new Table({
		caption: "Drops by client",
		noun: "client",
		columns,
		sort: "-all",
		key: (row) => row.client,
		filter: {
			label: "Filter: user, reason …",
			texts: (row) => [row.user, ...Object.keys(row.drops).map(reason)],
		},
		empty: empty("Nobody is connected."),
	});

	return {
		title,
		needs: ["guards", "overview"],
		element: h(
			"div",
			null,
			h("header", { class: "heading" }, h("h1", null, title)),
			h(
				"div",
				{ class: "columns" },
				card("Dropped, by reason", all.element),
				card("Dropped at the LAN's side", tap.element),
				card("Strangers refused", refused.element),
				card("Handshakes that failed", handshake.element),
			),
			card("By client", table.element),
		),
		update: () => {
			const { guards: rows, tap_drops } = store.value("guards");
			const { strangers } = store.value("overview");

			all.update(total(rows));
			tap.update(tap_drops);
			refused.update(strangers.refused);
			handshake.update(strangers.handshake);
			table.update(rows);
		},
	};
}
