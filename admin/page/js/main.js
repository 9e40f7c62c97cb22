// SPDX-License-Identifier: Apache-2.0
// The page: who is here, which view, and that it is drawn again when something changed.
import { ApiError, session as sessionApi } from "./api.js";
import { h } from "./dom.js";
import { History } from "./history.js";
import { Live } from "./live.js";
import { failure, skeleton } from "./parts.js";
import { parse } from "./route.js";
import { Shell } from "./shell.js";
import { Store } from "./store.js";
import { applyTheme } from "./theme.js";
import { addresses } from "./views/addresses.js";
import { audit } from "./views/audit.js";
import { client } from "./views/client.js";
import { clients } from "./views/clients.js";
import { configuration } from "./views/configuration.js";
import { guards } from "./views/guards.js";
import { login } from "./views/login.js";
import { network } from "./views/network.js";
import { overview } from "./views/overview.js";
import { router } from "./views/router.js";
import { users } from "./views/users.js";

/*
 * A view is made by a function of its context and is { title, needs, element, update(), close() }:
 * needs are names in the store; update is called when all of them are there, and at every change;
 * close is optional.
 */
const VIEWS = {
	overview,
	clients,
	addresses,
	network,
	router,
	users,
	guards,
	configuration,
	audit,
};
const ALWAYS = ["overview", "clients"]; // the graph goes on whatever is shown

class Page {
	constructor(root) {
		this.root = root;
		this.store = new Store();
		this.history = new History();
		this.live = new Live(this.store, () => this.logIn("Your session has ended. Log in again."));
		this.store.addEventListener("change", ({ detail }) => this.#changed(detail));
		addEventListener("hashchange", () => this.open());
		addEventListener("routechange", () => this.#later());
		setInterval(() => this.#age(), 1000);
	}

	async start() {
		applyTheme();
		try {
			this.enter(await sessionApi.read());
		} catch (problem) {
			if (!(problem instanceof ApiError)) throw problem;
			if (problem.status === 401) this.logIn();
			else
				this.root.replaceChildren(
					h(
						"main",
						{ class: "alone" },
						failure(problem.message, () => this.start()),
					),
				);
		}
	}

	logIn(note) {
		this.live.stop();
		this.store.clear();
		this.#close();
		this.shell = null;
		document.title = "Log in – Lanyard";
		this.root.replaceChildren(login((session) => this.enter(session), note));
		this.root.querySelector("input")?.focus();
	}

	enter(session) {
		this.session = session;
		this.shell = new Shell(session, () => this.logOut());
		this.root.replaceChildren(this.shell.element);
		this.open();
	}

	async logOut() {
		this.live.stop();
		await sessionApi.end().catch((problem) => console.warn(problem.message));
		this.logIn("You are logged out.");
	}

	#close() {
		this.view?.close?.();
		this.view = null;
	}

	/** The view that the address line names. */
	open() {
		if (!this.shell) return;
		const route = parse(location.hash);
		const make =
			route.view === "clients" && route.item !== null
				? client
				: (VIEWS[route.view] ?? overview);

		this.#close();
		this.view = make({
			store: this.store,
			live: this.live,
			history: this.history,
			route,
			mayChange: this.session.role === "admin",
		});
		this.shown = null;
		this.holder = h("div", { class: "view" });
		this.shell.show(
			route.view in VIEWS ? route.view : "overview",
			this.holder,
			this.view.title,
		);
		this.live.want([...new Set([...this.view.needs, ...ALWAYS])]);
		this.draw();
		scrollTo(0, 0);
	}

	#changed(name) {
		const answer = name === "history" && this.store.value(name);

		if (answer) this.history.take(answer, this.store.at(name) / 1000);
		if (name === "clients" && this.store.total.known)
			this.history.add(Date.now() / 1000, this.store.total.rxRate, this.store.total.txRate);
		this.#later();
	}

	/** What is "12 s ago" grows old by itself. */
	#age() {
		if (performance.now() - this.drawnAt > 900) this.#later();
	}

	/** Once for all that changes within one frame. */
	#later() {
		if (this.due || !this.shell) return;
		this.due = true;
		requestAnimationFrame(() => {
			this.due = false;
			this.draw();
		});
	}

	draw() {
		if (!this.shell || !this.view) return;
		this.drawnAt = performance.now();
		this.shell.tell(this.store);
		const missing = this.view.needs.filter((name) => this.store.value(name) === undefined);
		const failed = missing.find((name) => this.store.error(name));
		const state = failed ? `failed ${failed}` : missing.length ? "waiting" : "there";

		if (state !== this.shown) {
			this.shown = state;
			this.holder.replaceChildren(
				failed
					? this.#failure(failed)
					: missing.length
						? h("div", null, h("h1", null, this.view.title), skeleton())
						: this.view.element,
			);
		}
		if (state === "there") this.view.update();
	}

	#failure(name) {
		return h(
			"div",
			null,
			h("h1", null, this.view.title),
			this.view.failure?.(this.store.error(name)) ??
				failure(this.store.error(name).message, () => this.live.refresh(name)),
		);
	}
}

new Page(document.getElementById("page")).start();
