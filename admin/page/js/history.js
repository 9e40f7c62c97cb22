// SPDX-License-Identifier: Apache-2.0
// Throughput over an hour and a day, as this page has seen it.  Bounded; knows no document.

export const RANGES = {
	hour: { label: "Hour", span: 3600, step: 2 },
	day: { label: "Day", span: 86400, step: 60 },
};

export class History {
	constructor() {
		this.kept = Object.fromEntries(Object.keys(RANGES).map((name) => [name, []]));
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
				points.push({ at: slot, rx, tx, n: 1 });
			}
			while (points.length && points[0].at <= slot - span) points.shift();
		}
	}

	points(name) {
		return this.kept[name];
	}
}

/** Current, average and peak of one direction. */
export function summary(points, field) {
	if (!points.length) return { current: 0, average: 0, peak: 0 };
	const values = points.map((point) => point[field]);

	return {
		current: values[values.length - 1],
		peak: Math.max(...values),
		average: values.reduce((all, value) => all + value, 0) / values.length,
	};
}
