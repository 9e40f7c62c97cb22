// SPDX-License-Identifier: Apache-2.0
// A QR code as SVG, dark on light whatever the page's colours are: cameras want it so.
import { encode } from "uqr";
import { s } from "./dom.js";

const QUIET = 4; // modules of margin (ISO/IEC 18004)

export function qr(text, label) {
	const { data, size } = encode(text, { border: 0 });
	const whole = size + 2 * QUIET;
	const path = data
		.flatMap((row, y) =>
			row.flatMap((dark, x) => (dark ? [`M${x + QUIET} ${y + QUIET}h1v1h-1z`] : [])),
		)
		.join("");

	return s(
		"svg",
		{
			class: "qr",
			viewBox: `0 0 ${whole} ${whole}`,
			role: "img",
			"aria-label": label,
			"shape-rendering": "crispEdges",
		},
		s("rect", { width: whole, height: whole, fill: "#fff" }),
		s("path", { d: path, fill: "#000" }),
	);
}
