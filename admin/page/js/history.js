// SPDX-License-Identifier: Apache-2.0
// Throughput over an hour and a day: what the server has seen, and after that what this page sees.
// Bounded; knows no document.

export const RANGES = {
	hour: { label: "Hour", span: 3600, step: 2 },
	day: { label: "Day", span: 86400, step: 60 },
};

/**
 * Points out of a series of the API, { since_s, step_s, rx_bytes, tx_bytes }: rates in bytes per second
 * at the middle of each step.  ahead: by how many seconds the server's clock is before ours.
 */
export function servedPoints({ since_s, step_s, rx_bytes, tx_bytes }, ahead) {
	return rx_bytes.map((rx, at) => ({
		at: since_s + (at + 0.5) * step_s - ahead,
		rx: rx / step_s,
		tx: tx_bytes[at] / step_s,
		weight: step_s,
	}));
}

/** Those of the server, then those of ours that are newer than any of its steps. */
export function joined(served, own) {
	const last = served[served.length - 1];
	const end = last ? last.at + last.weight / 2 : -Infinity;

	return [...served, ...own.filter(({ at }) => at >= end)];
}

export class History {
	constructor() {
		this.kept = Object.fromEntries(Object.keys(RANGES).map((name) => [name, []]));
		this.served = Object.fromEntries(Object.keys(RANGES).map((name) => [name, []]));
	}

	/** The server's answer, that came at a moment (s). */
	take(answer, at) {
		for (const name of Object.keys(RANGES))
			this.served[name] = servedPoints(answer[name], answer.now_s - at);
	}

	/** Rates in bytes per second at a moment (s); within one step they are averaged. */
	add(at, rx, tx) {
		for (const [name, { span, step }] of Object.entries(RANGES)) {
			const points = this.kept[name];
			const slot = Math.floor(at / step) * step;
			const last = points[points.length - 1];

			if (last?.at === slot) {
				last.n++;
				last.rx += (rx - last.rx) / last.n;
				last.tx += (tx - last.tx) / last.n;
			} else {
				points.push({ at: slot, rx, tx, n: 1, weight: step });
			}
			while (points.length && points[0].at <= slot - span) points.shift();
		}
	}

	points(name) {
		return joined(this.served[name], this.kept[name]);
	}
}

/** Current, average and peak of one direction; a point counts for as long as it lasts. */
export function summary(points, field) {
	if (!points.length) return { current: 0, average: 0, peak: 0 };
	const values = points.map((point) => point[field]);
	const weight = points.reduce((all, point) => all + (point.weight ?? 1), 0);

	return {
		current: values[values.length - 1],
		peak: Math.max(...values),
		average:
			points.reduce((all, point) => all + point[field] * (point.weight ?? 1), 0) / weight,
	};
}
