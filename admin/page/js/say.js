// SPDX-License-Identifier: Apache-2.0
// Short messages: shown for a while, and said by a screen reader.
import { h, icon } from "./dom.js";
import { DONE, WARNING } from "./icons.js";

const SHOWN_MS = 6000;
const place = h("div", { class: "messages", role: "status", "aria-live": "polite" });

export const messages = place;

export function say(text, bad = false) {
	const message = h(
		"p",
		{ class: bad ? "message bad" : "message" },
		icon(bad ? WARNING : DONE),
		h("span", null, text),
	);

	place.append(message);
	while (place.children.length > 3) place.firstChild.remove();
	setTimeout(() => message.remove(), SHOWN_MS);
}
