// SPDX-License-Identifier: Apache-2.0
// A text that a click copies.  Without a secure context the browser has no clipboard for a page:
// then the text is selected, for the keys that everybody knows.
import { h, icon, setText } from "./dom.js";
import { COPY } from "./icons.js";
import { say } from "./say.js";

function select(element) {
	const range = document.createRange();

	range.selectNodeContents(element);
	getSelection().removeAllRanges();
	getSelection().addRange(range);
}

async function copyText(text, element) {
	try {
		await navigator.clipboard.writeText(text);
		say(`Copied ${text}`);
	} catch {
		select(element);
		say("Selected: copy it with your keys");
	}
}

export function copyable(text) {
	const shown = h("code", null, text);

	return h(
		"button",
		{
			type: "button",
			class: "copy",
			title: "Copy",
			onclick: () => copyText(shown.textContent, shown),
		},
		h("span", { class: "hidden" }, "Copy "),
		shown,
		icon(COPY),
	);
}

export const updateCopyable = (element, text) => setText(element.querySelector("code"), text);
