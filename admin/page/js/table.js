// SPDX-License-Identifier: Apache-2.0
// A table that sorts, filters and stays as it is while its rows change: one component for them all.
//
// A column is { id, title, cell(row) } and, if it sorts, value(row); cell gives text, or an element
// that is made once per row when the column has update(element, row).  Options in the address line
// carry the table's prefix, so that two tables can stand on one page.
import { h, keyed, setAttribute, setText } from "./dom.js";
import { count, plural } from "./format.js";
import { parse, replaceOptions } from "./route.js";
import { matches, readSort, sorted } from "./sort.js";

const PAGE = 50; // rows at once: a thousand would make each update slow

export class Table {
	/**
	 * options: caption, columns, key(row), noun of a row, sort (the default), empty (an element or text), filter
	 * { label, texts(row) } or nothing, prefix, extra (elements beside the filter)
	 */
	constructor(options) {
		this.options = { prefix: "", ...options };
		this.rows = [];
		this.#build();
	}

	#option(name) {
		return parse(location.hash).options[this.options.prefix + name];
	}

	#choose(changes) {
		const named = Object.entries(changes).map(([name, value]) => [
			this.options.prefix + name,
			value,
		]);

		replaceOptions(Object.fromEntries(named));
		this.update(this.rows);
	}

	#build() {
		const { caption, columns } = this.options;

		this.heads = columns.map((column) => this.#head(column));
		this.body = h("tbody");
		this.table = h(
			"table",
			null,
			h("caption", { class: "hidden" }, caption),
			h("thead", null, h("tr", null, this.heads)),
			this.body,
		);
		this.scroll = h(
			"div",
			{ class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
			this.table,
		);
		this.nothing = h("div", { class: "empty" });
		this.shown = h("p", { class: "shown", role: "status" });
		this.pages = h("nav", { class: "pages", "aria-label": `Pages of ${caption}` });
		this.element = h(
			"div",
			{ class: "table" },
			this.#toolbar(),
			this.scroll,
			this.nothing,
			this.pages,
		);
	}

	#toolbar() {
		const { filter, extra } = this.options;

		if (!filter) return extra ? h("div", { class: "toolbar" }, extra) : null;
		this.input = h("input", {
			type: "search",
			class: "filter",
			placeholder: filter.label,
			"aria-label": filter.label,
			autocomplete: "off",
			spellcheck: "false",
			oninput: () => this.#choose({ q: this.input.value.trim(), page: "" }),
		});
		return h("div", { class: "toolbar" }, this.input, this.shown, extra);
	}

	#head(column) {
		const cell = h("th", { scope: "col", class: column.class });

		if (column.value)
			cell.append(
				h(
					"button",
					{ type: "button", onclick: () => this.#sortBy(column) },
					column.title,
					h("span", { class: "arrow", "aria-hidden": "true" }),
				),
			);
		else cell.append(h("span", { class: column.hidden ? "hidden" : null }, column.title));
		return cell;
	}

	#sortBy(column) {
		const { id, down } = this.#sort();
		const first = column.down ? "-" : "";

		this.#choose({
			sort: id === column.id ? (down ? "" : "-") + id : first + column.id,
			page: "",
		});
	}

	#sort() {
		return readSort(this.#option("sort"), this.options.columns, this.options.sort);
	}

	/** All rows as they are now. */
	update(rows) {
		const { columns, key, filter } = this.options;
		const sort = this.#sort(),
			query = this.#option("q") ?? "";
		const column = columns.find((one) => one.id === sort.id);
		const chosen = query ? rows.filter((row) => matches(filter.texts(row), query)) : rows;
		const page = this.#page(chosen.length);

		this.rows = rows;
		if (this.input && this.input !== document.activeElement && this.input.value !== query)
			this.input.value = query;
		this.heads.forEach((head, at) => this.#mark(head, columns[at], sort));
		keyed(
			this.body,
			this.#ordered(chosen, column, sort.down).slice(page * PAGE, (page + 1) * PAGE),
			key,
			(row) => this.#row(row),
			(element, row) => this.#fill(element, row),
		);
		this.#state(rows.length, chosen.length, page);
	}

	/** In the order of the last time first: what is nearly sorted is sorted soon. */
	#ordered(rows, column, down) {
		const { key } = this.options,
			last = this.order ?? new Map();
		const place = (row) => last.get(key(row)) ?? last.size;
		const ordered = sorted(
			[...rows].sort((a, b) => place(a) - place(b)),
			column,
			down,
			key,
		);

		this.order = new Map(ordered.map((row, at) => [key(row), at]));
		return ordered;
	}

	#page(length) {
		const last = Math.max(0, Math.ceil(length / PAGE) - 1);

		return Math.min(Math.max(0, (parseInt(this.#option("page"), 10) || 1) - 1), last);
	}

	#mark(head, column, sort) {
		if (!column.value) return;
		if (column.id === sort.id)
			setAttribute(head, "aria-sort", sort.down ? "descending" : "ascending");
		else head.removeAttribute("aria-sort");
	}

	#row() {
		return h(
			"tr",
			null,
			this.options.columns.map((column) =>
				h(column.head ? "th" : "td", {
					class: column.class,
					scope: column.head ? "row" : null,
					"data-title": column.title,
				}),
			),
		);
	}

	#fill(element, row) {
		this.options.columns.forEach((column, at) => {
			const cell = element.children[at];

			if (!column.update) {
				setText(cell, column.cell(row));
				if (cell.classList.contains("cut")) setAttribute(cell, "title", cell.textContent);
				return;
			}
			if (!cell.firstChild) cell.append(column.cell(row));
			column.update(cell.firstChild, row);
		});
	}

	#state(all, chosen, page) {
		const { empty, filter } = this.options;
		const none = all === 0 ? empty : "Nothing matches the filter.";

		this.scroll.hidden = chosen === 0;
		this.nothing.hidden = chosen > 0;
		if (chosen === 0 && this.said !== none) {
			this.nothing.replaceChildren(none);
			this.said = none;
		}
		if (filter)
			setText(
				this.shown,
				(chosen === all ? "" : `${count(chosen)} of `) + plural(all, this.options.noun),
			);
		this.#showPages(chosen, page);
	}

	#showPages(length, page) {
		const pages = Math.ceil(length / PAGE),
			text = `${page}/${length}`;

		this.pages.hidden = pages < 2;
		if (pages < 2 || this.pagesShown === text) return;
		this.pagesShown = text;
		const step = (label, to) =>
			h(
				"button",
				{
					type: "button",
					disabled: to < 0 || to >= pages,
					onclick: () => this.#choose({ page: to ? String(to + 1) : "" }),
				},
				label,
			);
		this.pages.replaceChildren(
			step("Previous", page - 1),
			h(
				"span",
				null,
				`${count(page * PAGE + 1)}–${count(Math.min(length, (page + 1) * PAGE))} of ` +
					count(length),
			),
			step("Next", page + 1),
		);
	}
}
