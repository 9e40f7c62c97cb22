// SPDX-License-Identifier: Apache-2.0
// Order and choice of rows.  Knows no document.

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Numbers by size, text by letters and numbers in it, what is missing last. */
export function compare(a, b) {
	const missing = (a === null || a === undefined) - (b === null || b === undefined);

	if (missing || a === null || a === undefined) return missing;
	return typeof a === "number" && typeof b === "number"
		? a - b
		: collator.compare(String(a), String(b));
}

/** "-rate": by rate, downwards.  Unknown columns: the default. */
export function readSort(text, columns, fallback) {
	const known = (name) => columns.some((column) => column.id === name && column.value);
	const chosen = text && known(text.replace(/^-/, "")) ? text : fallback;

	return { id: chosen.replace(/^-/, ""), down: chosen.startsWith("-") };
}

/** A new array; rows that are alike keep their order, by key. */
export function sorted(rows, column, down, key) {
	const with_values = rows.map((row) => [column.value(row), row]);
	const turn = down ? -1 : 1;

	with_values.sort(([a, row], [b, other]) => {
		const absent = (a === null || a === undefined) !== (b === null || b === undefined);

		return (absent ? compare(a, b) : turn * compare(a, b)) || compare(key(row), key(other));
	});
	return with_values.map(([, row]) => row);
}

/** Every word must be somewhere in the row's texts. */
export function matches(texts, query) {
	const all = texts
		.filter((text) => text !== null && text !== undefined)
		.join("\n")
		.toLowerCase();

	return query
		.toLowerCase()
		.split(/\s+/)
		.every((word) => all.includes(word));
}
