// SPDX-License-Identifier: Apache-2.0
// Columns that several tables have (table.js says what one is): each is of one field of the row.
import { copyable, updateCopyable } from "./copy.js";
import { ago, lifetime, moment } from "./format.js";
import { badge, updateBadge } from "./parts.js";

/** Text as it is; more: what this column has besides. */
export const textColumn = (id, title, more) => ({
	id,
	title,
	value: (row) => row[id],
	cell: (row) => row[id] ?? "–",
	...more,
});

/** What names the row; long ones are cut. */
export const nameColumn = (id, title) => textColumn(id, title, { head: true, class: "cut" });

/** A text that a click copies. */
export const copyColumn = (id, title, head = false) => ({
	id,
	title,
	head,
	value: (row) => row[id],
	cell: (row) => copyable(row[id] ?? ""),
	update: (element, row) => updateCopyable(element, row[id] ?? ""),
});

/** state(row) gives a badge's kind and text. */
export const stateColumn = (state) => ({
	id: "state",
	title: "State",
	value: (row) => state(row)[1],
	cell: () => badge("off", ""),
	update: (element, row) => updateBadge(element, ...state(row)),
});

const numberColumn = (text) => (id, title) => ({
	id,
	title,
	class: "number",
	value: (row) => row[id],
	cell: (row) => text(row[id]),
});

/** How long ago; how long still. */
export const agoColumn = numberColumn(ago);
export const lifetimeColumn = numberColumn(lifetime);

export const momentColumn = (id, title, more) =>
	textColumn(id, title, { cell: (row) => moment(row[id]), ...more });

/** Buttons for those who may change something: one column, or none. */
export const actionColumns = (ctx, cell, update = () => {}) =>
	ctx.mayChange ? [{ id: "do", title: "Actions", hidden: true, cell, update }] : [];
