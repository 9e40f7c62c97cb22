// SPDX-License-Identifier: Apache-2.0
// Parts of an opened client: what it is told, and what happened to it.
import { h, keyed, setAttribute, setText } from "../dom.js";
import { ago, duration, momentExact, reason } from "../format.js";
import { advertisement } from "../ra.js";

const EVENTS = 50; // shown at most

function scheduleText({ last_s, next_due_s, phase }) {
	const sent = last_s === null ? "Not sent yet" : `Sent ${ago(last_s)}`;

	return next_due_s === null
		? `${sent}; none is due (${phase}).`
		: `${sent}; the next one in ${duration(next_due_s)}, or when the client asks.`;
}

/** Rebuilt only when what is shown is another: an advertisement seldom changes. */
export function advertised() {
	const when = h("p", { class: "note" }),
		holder = h("div");
	let shown;

	return {
		element: h("div", null, holder, when),
		update: (ra, schedule) => {
			const text = JSON.stringify(ra);

			when.hidden = !ra;
			setText(when, scheduleText(schedule));
			if (text === shown) return;
			shown = text;
			holder.replaceChildren(
				ra ? advertisement(ra) : h("p", { class: "note" }, "Nothing is advertised to it."),
			);
		},
	};
}

/** The newest first. */
export function eventList() {
	const list = h("ol", { class: "recent" }),
		none = h("p", { class: "note" }, "Nothing has happened since the server started.");

	return {
		element: h("div", null, list, none),
		update: (events) => {
			none.hidden = events.length > 0;
			keyed(
				list,
				events.slice(-EVENTS).reverse(),
				({ seq }) => seq,
				() => h("li", null, h("time"), h("p"), h("p", { class: "note" })),
				(element, { at_s, kind, text }) => {
					const [time, what, note] = element.children;

					setText(time, momentExact(at_s));
					setAttribute(time, "datetime", new Date(at_s * 1000).toISOString());
					setText(what, text);
					setText(note, reason(kind));
				},
			);
		},
	};
}
