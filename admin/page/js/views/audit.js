// SPDX-License-Identifier: Apache-2.0
// Who changed what, and when.
import { textColumn } from "../columns.js";
import { h } from "../dom.js";
import { momentExact } from "../format.js";
import { empty } from "../parts.js";
import { Table } from "../table.js";

const columns = [
	{
		id: "at",
		title: "When",
		value: (row) => row.id,
		down: true,
		cell: (row) => momentExact(row.at_s),
	},
	textColumn("who", "Who"),
	textColumn("what", "What", { head: true }),
];

export function audit({ store }) {
	const title = "Audit log";
	const table = new Table({
		caption: title,
		noun: "line",
		columns,
		sort: "-at",
		key: (row) => row.id,
		filter: {
			label: "Filter: who, what …",
			texts: (row) => [row.who, row.what, momentExact(row.at_s)],
		},
		empty: empty("Nothing was changed yet."),
	});

	return {
		title,
		needs: ["audit"],
		element: h(
			"div",
			null,
			h("header", { class: "heading" }, h("h1", null, title)),
			table.element,
		),
		update: () => table.update(store.value("audit").audit),
	};
}
