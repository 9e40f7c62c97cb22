// SPDX-License-Identifier: Apache-2.0
// What the server said, and when: a snapshot for each name, brought up to date by deltas.
// Knows neither the document nor the network.
import { Rates } from "./rates.js";

/** RFC 7396: null takes a member away. */
export function mergePatch(target, patch) {
	if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
	const merged =
		target && typeof target === "object" && !Array.isArray(target) ? { ...target } : {};

	for (const [name, value] of Object.entries(patch)) {
		if (value === null) delete merged[name];
		else merged[name] = mergePatch(merged[name], value);
	}
	return merged;
}

const NOTHING = { rxRate: 0, txRate: 0, known: false };

export class Store extends EventTarget {
	constructor() {
		super();
		this.entries = new Map();
		this.rates = new Rates();
		this.total = NOTHING; // of all clients
		this.lostAt = null; // the server cannot be reached since then (ms), or null
	}

	/** A whole answer, at a moment in ms. */
	set(name, value, at) {
		this.entries.set(name, { value, at, error: null });
		this.lostAt = null;
		this.#count(name, value, at / 1000);
		this.#changed(name);
	}

	fail(name, error) {
		const entry = this.entries.get(name);

		this.entries.set(name, { value: entry?.value, at: entry?.at, error });
		if (name === "clients") this.total = NOTHING; // until it is heard of again
		this.#changed(name);
	}

	/** No answer at all: everything is as it was said last. */
	lost(at) {
		if (this.lostAt === null) {
			this.lostAt = at;
			this.#changed("connection");
		}
	}

	clear() {
		this.entries.clear();
		this.rates = new Rates();
		this.total = NOTHING;
		this.lostAt = null;
	}

	value(name) {
		return this.entries.get(name)?.value;
	}

	error(name) {
		return this.entries.get(name)?.error ?? null;
	}

	/** When it was said (ms), or undefined. */
	at(name) {
		return this.entries.get(name)?.at;
	}

	#count(name, value, at_s) {
		if (name !== "clients") return;
		let rx = 0,
			tx = 0;
		const keys = new Set();
		let known = value.clients.length === 0;

		for (const client of value.clients) {
			keys.add(client.id);
			this.rates.sample(client.id, at_s, client.rx_bytes, client.tx_bytes);
			const now = this.rates.now(client.id);
			known ||= now.known;
			rx += now.rxRate;
			tx += now.txRate;
		}
		this.rates.keep(keys);
		this.total = { rxRate: rx, txRate: tx, known };
	}

	#changed(name) {
		this.dispatchEvent(new CustomEvent("change", { detail: name }));
	}
}
