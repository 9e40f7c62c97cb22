// SPDX-License-Identifier: Apache-2.0
// What views are made of: cards, facts, states in colour and text, waiting and failing.
import { h, setText } from "./dom.js";
import { sentence } from "./format.js";

/** kind: ok, warn, bad, off.  The text says it, the colour only repeats it. */
export const badge = (kind, text) => h("span", { class: `badge ${kind}` }, text);

export function updateBadge(element, kind, text) {
	if (element.className !== `badge ${kind}`) element.className = `badge ${kind}`;
	setText(element, text);
}

export const card = (title, ...content) =>
	h("section", { class: "card" }, h("h2", null, title), content);

/** [name, value] pairs; a value is text or an element; those without a value are left out. */
export const facts = (pairs) =>
	h(
		"dl",
		{ class: "facts" },
		pairs
			.filter(([, value]) => value !== null && value !== undefined && value !== "")
			.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))),
	);

export const skeleton = () =>
	h(
		"div",
		{ class: "waiting", role: "status" },
		h("span", { class: "hidden" }, "Loading"),
		[1, 2, 3, 4, 5].map(() => h("div", { class: "bone" })),
	);

export const failure = (text, again) =>
	h(
		"div",
		{ class: "failure", role: "alert" },
		h("h2", null, "This could not be read"),
		h("p", null, sentence(text)),
		h("button", { type: "button", onclick: again }, "Try again"),
	);

export const empty = (title, ...text) =>
	h("div", null, h("p", { class: "title" }, title), text.length > 0 && h("p", null, text));
