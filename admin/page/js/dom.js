// SPDX-License-Identifier: Apache-2.0
// Elements.  Text only ever becomes text nodes: what peers call themselves is never markup.

import { visible } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";

function set(element, name, value) {
	if (value === undefined || value === null || value === false) return;
	if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
	else element.setAttribute(name, value === true ? "" : value);
}

function append(element, child) {
	if (child === undefined || child === null || child === false) return;
	if (Array.isArray(child)) child.forEach((one) => append(element, one));
	else element.append(typeof child === "string" ? visible(child) : child);
}

function make(element, attributes, children) {
	for (const [name, value] of Object.entries(attributes ?? {})) set(element, name, value);
	append(element, children);
	return element;
}

/** h("p", { class: "note", onclick: f }, "text", element, [more]); false and null are left out. */
export const h = (name, attributes, ...children) =>
	make(document.createElement(name), attributes, children);

/** The same in SVG. */
export const s = (name, attributes, ...children) =>
	make(document.createElementNS(SVG, name), attributes, children);

/** Sets the text if it is another: an unchanged node costs no layout and no speech. */
export function setText(node, text) {
	const shown = visible(text);

	if (node.textContent !== shown) node.textContent = shown;
}

export function setAttribute(element, name, value) {
	if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/**
 * Makes parent's children those of items, in their order; what is there already is kept and moved,
 * so that focus, selection and scrolling stay.  make(item) gives an element, update(element, item)
 * brings it up to date.
 */
export function keyed(parent, items, key, create, update) {
	const old = parent.lanyardKeyed ?? new Map(),
		now = new Map();
	let at = parent.firstElementChild;

	for (const item of items) {
		const name = key(item);
		const element = old.get(name) ?? create(item);

		now.set(name, element);
		old.delete(name);
		update(element, item);
		if (element === at) at = at.nextElementSibling;
		else parent.insertBefore(element, at);
	}
	for (const element of old.values()) element.remove();
	parent.lanyardKeyed = now;
}

/** An icon of icons.js; it says nothing to a screen reader. */
export const icon = (path) =>
	s(
		"svg",
		{ class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true" },
		s("path", { d: path }),
	);
