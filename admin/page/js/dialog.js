// SPDX-License-Identifier: Apache-2.0
// Dialogs: the browser's own, so that focus, Escape and what lies behind are as everybody expects.
import { h } from "./dom.js";

let made = 0;

/** Shows content; Escape or "Close" ends it.  Returns the dialog. */
export function open(title, content, buttons = []) {
	const id = `dialog-${++made}`;
	const dialog = h(
		"dialog",
		{ "aria-labelledby": id, onclose: () => dialog.remove() },
		h("h2", { id }, title),
		content,
		h(
			"div",
			{ class: "buttons" },
			buttons,
			h(
				"button",
				{ type: "button", onclick: () => dialog.close() },
				buttons.length ? "Cancel" : "Close",
			),
		),
	);

	document.body.append(dialog);
	dialog.showModal();
	return dialog;
}

function field({ name, label, type = "text", value = "", hint, options, required, ...rest }) {
	const id = `field-${++made}`;
	const about = hint ? `${id}-hint` : null;
	const common = { id, name, required, "aria-describedby": about };
	const input = options
		? h(
				"select",
				common,
				options.map(([key, text]) =>
					h("option", { value: key, selected: key === value }, text),
				),
			)
		: h("input", { ...common, type, value, autocomplete: "off", ...rest });

	return h(
		"div",
		{ class: "field" },
		h("label", { for: id }, label),
		input,
		hint && h("p", { class: "hint", id: about }, hint),
	);
}

/**
 * Asks, and does: submit(values) is run when the form is sent; what it throws is shown and the form
 * stays.  The consequence is said before, in text.
 */
export function ask({ title, text, fields = [], action, danger, submit }) {
	const problem = h("p", { class: "problem", role: "alert" });
	const button = h("button", { class: danger ? "primary danger" : "primary" }, action);
	const form = h(
		"form",
		{ method: "dialog" },
		text && h("p", null, text),
		fields.map(field),
		problem,
	);
	const dialog = open(title, form, [button]);

	form.id = `form-${++made}`;
	button.setAttribute("form", form.id);
	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		button.disabled = true;
		problem.replaceChildren();
		try {
			await submit(Object.fromEntries(new FormData(form)));
			dialog.close();
		} catch (error) {
			problem.replaceChildren(error.message);
		} finally {
			button.disabled = false;
		}
	});
	return dialog;
}
