// SPDX-License-Identifier: Apache-2.0
// The server's stream of changes (server-sent events): a snapshot, then merge patches (RFC 7396).
// The browser connects again by itself and says where it was; what is gone for good is told.
import { BASE } from "./api.js";
import { mergePatch } from "./store.js";

const YOUNG_MS = 1500; // so long the first state may take
const BEAT_MS = 1000; // without a change, the same is told again: rates have to fall to nothing

export class Stream {
	/** onState(state, repeated): as it is now, or still; onLost(): no connection; onRefused(): there will be none. */
	constructor({ onState, onLost, onRefused }) {
		this.on = { onState, onLost, onRefused };
		this.source = null;
		this.state = null;
	}

	/** Has it told anything, and will it go on? */
	get works() {
		return this.state !== null;
	}

	/** Will it soon? */
	get begins() {
		return this.source !== null && performance.now() - this.openedAt < YOUNG_MS;
	}

	open() {
		if (this.source) return;
		this.openedAt = performance.now();
		this.source = new EventSource(`${BASE}events`);
		this.source.addEventListener("snapshot", ({ data }) => this.#take(JSON.parse(data)));
		this.source.addEventListener("delta", ({ data }) => {
			if (this.state) this.#take(mergePatch(this.state, JSON.parse(data)));
		});
		this.source.addEventListener("error", () => this.#failed());
	}

	close() {
		clearTimeout(this.timer);
		this.source?.close();
		this.source = null;
		this.state = null;
	}

	#take(state, repeated = false) {
		this.state = state;
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.#take(this.state, true), BEAT_MS);
		this.on.onState(state, repeated);
	}

	#failed() {
		const over = this.source.readyState === EventSource.CLOSED;

		clearTimeout(this.timer);
		if (over) {
			this.close();
			this.on.onRefused();
		} else {
			this.on.onLost();
		}
	}
}
