// SPDX-License-Identifier: Apache-2.0
// The configuration in force: every key, its value, and where that comes from.
import { h } from "../dom.js";
import { badge, empty, updateBadge } from "../parts.js";
import { Table } from "../table.js";

const columns = [
	{
		id: "section",
		title: "Section",
		class: "code",
		value: (row) => row.section,
		cell: (row) => `[${row.section}]`,
	},
	{
		id: "key",
		title: "Key",
		class: "code",
		head: true,
		value: (row) => row.key,
		cell: (row) => row.key,
	},
	{
		id: "value",
		title: "Value",
		class: "code",
		value: (row) => row.value,
		cell: (row) => row.value || "–",
	},
	{
		id: "from",
		title: "From",
		value: (row) => row.from,
		cell: () => badge("off", ""),
		update: (element, row) =>
			updateBadge(element, row.from === "default" ? "off" : "ok", row.from),
	},
];

export function configuration({ store }) {
	const title = "Configuration";
	const table = new Table({
		caption: "The configuration in force",
		noun: "key",
		columns,
		sort: "section",
		key: (row) => `${row.section} ${row.key} ${row.at ?? row.value}`,
		filter: {
			label: "Filter: key, value …",
			texts: (row) => [row.section, row.key, row.value, row.from],
		},
		empty: empty("Nothing is set."),
	});

	return {
		title,
		needs: ["config"],
		element: h(
			"div",
			null,
			h("header", { class: "heading" }, h("h1", null, title)),
			h(
				"p",
				{ class: "note" },
				"Change it in the server's file and say ",
				h("code", null, "lanyard reload"),
				".",
			),
			table.element,
		),
		update: () => table.update(store.value("config").config),
	};
}
