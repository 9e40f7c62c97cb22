// SPDX-License-Identifier: Apache-2.0
// The configuration in force: each key with its value and where that comes from.
import { stateColumn, textColumn } from "../columns.js";
import { h, icon, setText } from "../dom.js";
import { momentExact } from "../format.js";
import { WARNING } from "../icons.js";
import { empty } from "../parts.js";
import { Table } from "../table.js";

const MADE_BY = {
	server: "made by the server",
	kernel: "from the kernel",
	"other-keys": "follows other keys",
};
const STATES = {
	default: ["off", "default"],
	file: ["ok", "file"],
	state: ["ok", "state file"],
	kept: ["warn", "after a restart"],
};

/** What it comes to, and in brackets what is written. */
function valueText({ value, in_force }) {
	if (!in_force.length) return value ?? "–";
	return in_force.join(", ") + (value === null ? "" : ` (${value})`);
}

function keptText(row, line) {
	return row.after_restart === null
		? "as at the start"
		: `as at the start; after a restart ${row.after_restart || "nothing"}${line && `, ${line}`}`;
}

function fromText(row) {
	const line = row.line === null ? "" : `line ${row.line}`;
	const parts = [row.inherited && `[${row.inherited}]`, line, MADE_BY[row.made_by]];

	return row.origin === "kept" ? keptText(row, line) : parts.filter(Boolean).join(", ");
}

const columns = [
	textColumn("section", "Section", { value: (row) => row.n, cell: (row) => `[${row.section}]` }),
	textColumn("key", "Key", { head: true }),
	{ id: "value", title: "Value in force", value: valueText, cell: valueText, class: "long" },
	stateColumn((row) => STATES[row.origin]),
	{ id: "from", title: "Where from", value: fromText, cell: fromText, class: "long" },
];

/** Keys whose new values wait for a restart, for who does not read the table. */
function waiting() {
	const text = h("p", { class: "title" }),
		element = h("div", { class: "warning", hidden: true }, icon(WARNING), h("div", null, text));

	return {
		element,
		update: (keys) => {
			element.hidden = !keys.length;
			setText(text, `The file has other values that need a restart: ${keys.join(", ")}.`);
		},
	};
}

export function configuration({ store }) {
	const title = "Configuration";
	const about = h("p", { class: "note" }),
		restart = waiting();
	const table = new Table({
		caption: title,
		noun: "value",
		columns,
		sort: "section",
		key: (row) => row.n,
		filter: {
			label: "Filter: section, key, value …",
			texts: (row) => [
				`[${row.section}]`,
				row.key,
				valueText(row),
				STATES[row.origin][1],
				fromText(row),
			],
		},
		empty: empty("There is no configuration."),
	});

	return {
		title,
		needs: ["configuration"],
		element: h(
			"div",
			null,
			h("header", { class: "heading" }, h("h1", null, title)),
			about,
			h("div", { class: "warnings" }, restart.element),
			table.element,
		),
		update: () => {
			const { file, file_read, read_s, needs_restart, rows } = store.value("configuration");

			setText(
				about,
				file_read
					? `${file}, read ${momentExact(read_s)}`
					: `${file} is not there: all are defaults`,
			);
			restart.update(needs_restart);
			table.update(rows.map((row, n) => ({ ...row, n })));
		},
	};
}
