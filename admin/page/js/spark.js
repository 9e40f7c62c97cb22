// SPDX-License-Identifier: Apache-2.0
// A sparkline: the last minute of one client's rate.  The number beside it says the same as text.
import { s, setAttribute } from "./dom.js";

const WIDTH = 72,
	HEIGHT = 20,
	POINTS = 60;

export const spark = () =>
	s(
		"svg",
		{
			class: "spark",
			viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
			preserveAspectRatio: "none",
			"aria-hidden": "true",
		},
		s("path", { class: "area" }),
		s("path", { class: "line" }),
	);

/** The path through values (0 or more), scaled to the largest of them. */
function sparkPath(values) {
	const top = Math.max(...values, 1);
	const step = WIDTH / (POINTS - 1);
	const from = WIDTH - (values.length - 1) * step;

	return values
		.map(
			(value, at) =>
				`${at ? "L" : "M"}${(from + at * step).toFixed(1)} ` +
				(HEIGHT - 1 - ((HEIGHT - 3) * value) / top).toFixed(1),
		)
		.join("");
}

export function updateSpark(element, samples) {
	const values = samples.slice(-POINTS).map(({ rxRate, txRate }) => rxRate + txRate);
	const line = values.length > 1 ? sparkPath(values) : "";
	const from = WIDTH - ((values.length - 1) * WIDTH) / (POINTS - 1);

	setAttribute(element.children[1], "d", line);
	setAttribute(
		element.children[0],
		"d",
		line && `${line}L${WIDTH} ${HEIGHT}L${from.toFixed(1)} ${HEIGHT}Z`,
	);
}
