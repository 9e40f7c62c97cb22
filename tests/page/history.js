// SPDX-License-Identifier: Apache-2.0
// What has gone through the pretended server: waves, so that each graph has something to show.

function series(step_s, points, speed, wave_s) {
	const now = Math.floor(Date.now() / 1000 / step_s) * step_s;
	const bytes = (at, factor) =>
		Math.round(speed * factor * step_s * (1 + 0.8 * Math.sin(at / wave_s)));
	const begins = Array.from({ length: points }, (_, at) => now - (points - at) * step_s);

	return {
		step_s,
		since_s: begins[0],
		rx_bytes: begins.map((at) => bytes(at, 1)),
		tx_bytes: begins.map((at) => bytes(at, 2.6)),
	};
}

export const historyOfAll = (clients) => ({
	now_s: Math.floor(Date.now() / 1000),
	hour: series(10, 360, 1e5 * clients, 300),
	day: series(240, 360, 1e5 * clients, 9000),
});

export const historyOf = (client) => ({
	client,
	now_s: Math.floor(Date.now() / 1000),
	hour: series(20, 180, 1e5 * client, 200),
});
