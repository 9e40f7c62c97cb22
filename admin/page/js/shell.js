// SPDX-License-Identifier: Apache-2.0
// What is around every view: the way to the others, the state of the connection, who is here.
import { h, icon, s, setAttribute, setText } from "./dom.js";
import { duration } from "./format.js";
import * as icons from "./icons.js";
import { build } from "./route.js";
import { messages } from "./say.js";
import { nextTheme, themeLabel } from "./theme.js";

const PLACES = [
	["overview", "Overview", icons.OVERVIEW],
	["clients", "Clients", icons.CLIENTS],
	["addresses", "Addresses", icons.ADDRESSES],
	["network", "Network", icons.NETWORK],
	["router", "Router", icons.ROUTER],
	["users", "Users", icons.USERS],
	["guards", "Guards", icons.GUARDS],
	["configuration", "Configuration", icons.CONFIGURATION],
	["audit", "Audit log", icons.AUDIT],
];

export const logo = () =>
	h(
		"p",
		{ class: "logo" },
		s(
			"svg",
			{ viewBox: "0 0 32 32", "aria-hidden": "true" },
			s("rect", { width: 32, height: 32, rx: 8 }),
			s("path", { d: "M9 5c0 9 2.5 11 7 11s7-2 7-11M16 16v4" }),
			s("path", { class: "plug", d: "M11.5 20h9v7h-9z" }),
		),
		"Lanyard",
	);

export class Shell {
	/** logout() is what the button does; session says who is here. */
	constructor(session, logout) {
		this.links = PLACES.map(([view, label, path]) =>
			h("a", { href: build({ view }) }, icon(path), h("span", null, label)),
		);
		this.nav = h(
			"nav",
			{ "aria-label": "Views" },
			h(
				"ul",
				null,
				this.links.map((link) => h("li", null, link)),
			),
		);
		this.server = h("p", { class: "server" });
		this.connection = h("p", { class: "connection", role: "status" });
		this.main = h("main", { id: "main", tabindex: "-1" });
		this.element = h(
			"div",
			{ class: "shell" },
			h(
				"a",
				{ class: "skip", href: "#main", onclick: (event) => this.#skip(event) },
				"Skip to content",
			),
			h(
				"header",
				{ class: "side" },
				logo(),
				this.nav,
				h("div", { class: "foot" }, this.server, this.#theme(), this.#who(session, logout)),
			),
			h("div", { class: "body" }, this.connection, this.main),
			messages,
		);
	}

	#skip(event) {
		event.preventDefault();
		this.main.focus();
	}

	#theme() {
		const label = h("span", null, themeLabel());

		return h(
			"button",
			{
				type: "button",
				class: "quiet",
				onclick: () => {
					nextTheme();
					setText(label, themeLabel());
				},
			},
			icon(icons.LIGHT),
			label,
		);
	}

	#who(session, logout) {
		const role = session.role === "admin" ? "" : " (may look, not change)";

		return h(
			"div",
			{ class: "who" },
			h("p", null, `${session.name}${role}`),
			h(
				"button",
				{ type: "button", class: "quiet", onclick: logout },
				icon(icons.OUT),
				h("span", null, "Log out"),
			),
		);
	}

	/** On a narrow screen the views' names scroll sideways. */
	#mark(link) {
		link.setAttribute("aria-current", "page");
		const list = this.nav,
			{ left, right } = link.getBoundingClientRect();
		if (left < 0 || right > list.clientWidth) list.scrollLeft += left - 40;
	}

	/** view is the name in the address line. */
	show(view, element, title) {
		this.links.forEach((link, at) => {
			if (PLACES[at][0] === view) this.#mark(link);
			else link.removeAttribute("aria-current");
		});
		document.title = `${title} – Lanyard`;
		this.main.replaceChildren(element);
	}

	/** The whole page says it when what it shows is not as it is now. */
	tell(store) {
		const overview = store.value("overview"),
			lost = store.lostAt;

		if (overview)
			setText(
				this.server,
				`${overview.interface}, ${overview.mode}, version ${overview.version}`,
			);
		this.element.classList.toggle("stale", lost !== null);
		setAttribute(this.connection, "class", lost === null ? "connection" : "connection lost");
		setText(
			this.connection,
			lost === null
				? ""
				: "Connection to the server lost: this is how it was " +
						`${duration((Date.now() - lost) / 1000)} ago. Trying again.`,
		);
	}
}
