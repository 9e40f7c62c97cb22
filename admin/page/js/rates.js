// SPDX-License-Identifier: Apache-2.0
// Rates out of counters that only grow.  Bounded: so many samples of so many things.

const KEPT = 90; // samples of one thing: a minute and a half, at one a second
const SPAN_S = 3; // a rate is over so long, so that one late answer is no peak

export class Rates {
	constructor() {
		this.things = new Map();
	}

	/** Takes counters at a moment (s); a counter that fell begins anew. */
	sample(key, at, rx, tx) {
		const samples = this.things.get(key) ?? [];
		const last = samples[samples.length - 1];

		if (last && (rx < last.rx || tx < last.tx)) samples.length = 0;
		else if (last && at - last.at < 0.2) return;
		samples.push({
			at,
			rx,
			tx,
			known: samples.length > 0,
			...this.#between(samples, at, rx, tx),
		});
		if (samples.length > KEPT) samples.shift();
		this.things.set(key, samples);
	}

	#between(samples, at, rx, tx) {
		const from =
			samples.find((sample) => at - sample.at <= SPAN_S * 1.2) ?? samples[samples.length - 1];

		if (!from || at <= from.at) return { rxRate: 0, txRate: 0 };
		return { rxRate: (rx - from.rx) / (at - from.at), txRate: (tx - from.tx) / (at - from.at) };
	}

	/** Those that are not among the keys are gone. */
	keep(keys) {
		for (const key of this.things.keys()) if (!keys.has(key)) this.things.delete(key);
	}

	/** { rxRate, txRate } in bytes per second. */
	now(key) {
		const samples = this.things.get(key);

		return samples ? samples[samples.length - 1] : { rxRate: 0, txRate: 0 };
	}

	/** The samples of which a rate is known: not the first. */
	series(key) {
		return (this.things.get(key) ?? []).filter(({ known }) => known);
	}
}
