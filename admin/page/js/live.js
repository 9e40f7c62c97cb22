// SPDX-License-Identifier: Apache-2.0
// Keeps the store as the server is: by its stream of changes, and by asking for what is not in it.
//
// While the page is hidden nothing is asked and nothing is streamed.  When the server is lost it is
// tried again ever more seldom, up to RETRY_MAX_MS.  A server that streams to nobody any more (it has
// a limit) is asked instead.
import { ApiError, get } from "./api.js";
import { Stream } from "./stream.js";

const RETRY_MS = 1000;
const RETRY_MAX_MS = 8000;
const STREAM_AGAIN_MS = 5000;

/** How old each answer may get (ms).  The overview also tells whether the server is there. */
const EVERY_MS = {
	overview: 1500,
	clients: 1000,
	addresses: 3000,
	guards: 3000,
	router: 5000,
	leases: 5000,
	prefixes: 5000,
	users: 5000,
	invitations: 5000,
	certificates: 15000,
	history: 60_000,
	configuration: 15000,
	audit: 5000,
	tokens: 15000,
};

/** Answers of one object are asked for by its path: "clients/17", "clients/17/history". */
const every = (name) => EVERY_MS[name] ?? EVERY_MS[name.split("/")[2]] ?? 2000;

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
		this.streamAt = 0;
		this.stream = new Stream({
			onState: (state, repeated) => {
				if (!repeated || this.store.lostAt === null) this.#streamed(state);
			},
			onLost: () => this.store.lost(Date.now()),
			onRefused: () => {
				this.streamAt = performance.now() + STREAM_AGAIN_MS;
				this.refresh("overview"); // which says why
			},
		});
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
		this.stream.close();
		clearTimeout(this.timer);
	}

	/** The stream has moments where the API has ages. */
	#streamed(state) {
		const now_s = Date.now() / 1000 + (this.store.clockAhead_s ?? 0);
		const clients = Object.values(state.clients).map(({ since_s, ...client }) => ({
			group: null,
			...client,
			connected_s: Math.max(0, now_s - since_s),
		}));

		this.store.set("clients", { clients }, Date.now());
	}

	#turn() {
		clearTimeout(this.timer);
		if (document.hidden || !this.wanted.size) {
			this.stream.close();
			return;
		}
		const now = performance.now();
		let next = 1000;

		if (now >= this.streamAt) this.stream.open();
		for (const name of this.wanted) {
			if (name === "clients" && (this.stream.works || this.stream.begins)) continue;
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
			if (value.now_s) this.store.clockAhead_s = value.now_s - Date.now() / 1000;
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
