// SPDX-License-Identifier: Apache-2.0
// Keeps the store as the server is: by its stream of changes, and by asking for what is not in it.
//
// One stream for the page, resumed by the browser (Last-Event-ID).  While the page is hidden nothing
// is asked.  When the server is lost it is tried again ever more seldom, up to RETRY_MAX_MS.
import { ApiError, get } from "./api.js";

const RETRY_MS = 1000,
	RETRY_MAX_MS = 8000;

/** How old each answer may get (ms). */
const EVERY_MS = {
	overview: 1000,
	clients: 1000,
	addresses: 3000,
	guards: 3000,
	router: 5000,
	leases: 5000,
	prefixes: 5000,
	users: 5000,
	invitations: 5000,
	certificates: 15000,
	audit: 5000,
	tokens: 15000,
	config: 30000,
};

/** Answers of one object are asked for by its path: "clients/17". */
const every = (name) => EVERY_MS[name] ?? 2000;

export class Live {
	/** onUnauthorized: the session has ended. */
	constructor(store, onUnauthorized) {
		this.store = store;
		this.onUnauthorized = onUnauthorized;
		this.wanted = new Set();
		this.asking = new Set();
		this.askedAt = new Map();
		this.retryMs = RETRY_MS;
		this.timer = null;
		document.addEventListener("visibilitychange", () => this.#turn());
	}

	/** These are shown now: they are asked for at once, and kept up to date. */
	want(names) {
		this.wanted = new Set(names);
		this.#turn();
	}

	/** What was changed is asked for again without waiting. */
	refresh(...names) {
		names.forEach((name) => this.askedAt.delete(name));
		return Promise.all(
			names.filter((name) => this.wanted.has(name)).map((name) => this.#ask(name)),
		);
	}

	stop() {
		this.wanted.clear();
		this.askedAt.clear();
		clearTimeout(this.timer);
	}

	#turn() {
		clearTimeout(this.timer);
		if (document.hidden || !this.wanted.size) return;
		const now = performance.now();
		let next = 1000;

		for (const name of this.wanted) {
			const age = now - (this.askedAt.get(name) ?? -Infinity);
			const wait = (this.store.lostAt === null ? every(name) : this.retryMs) - age;

			if (wait <= 10) this.#ask(name);
			else next = Math.min(next, wait);
		}
		this.timer = setTimeout(() => this.#turn(), next);
	}

	async #ask(name) {
		if (this.asking.has(name)) return;
		this.asking.add(name);
		this.askedAt.set(name, performance.now());
		try {
			const value = await get(name);
			this.retryMs = RETRY_MS;
			this.store.set(name, value, Date.now());
		} catch (problem) {
			this.#failed(name, problem);
		} finally {
			this.asking.delete(name);
		}
	}

	#failed(name, problem) {
		if (!(problem instanceof ApiError)) throw problem;
		if (problem.status === 401) {
			this.onUnauthorized();
		} else if (problem.status === 0) {
			this.retryMs = Math.min(this.retryMs * 1.5, RETRY_MAX_MS);
			this.store.lost(Date.now());
		} else if (problem.status !== 429 && problem.status !== 503) {
			this.store.fail(name, problem);
		}
	}
}
