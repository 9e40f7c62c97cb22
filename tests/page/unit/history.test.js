// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { History, joined, servedPoints, summary } from "../../../admin/page/js/history.js";

const series = (since_s, step_s, ...rx_bytes) => ({
	since_s,
	step_s,
	rx_bytes,
	tx_bytes: rx_bytes.map((bytes) => 2 * bytes),
});

test("a step of the server is a rate at its middle, on this browser's clock", () => {
	assert.deepEqual(servedPoints(series(1000, 10, 50, 0), 0), [
		{ at: 1005, rx: 5, tx: 10, weight: 10 },
		{ at: 1015, rx: 0, tx: 0, weight: 10 },
	]);
	assert.equal(servedPoints(series(1000, 10, 50), 7)[0].at, 998);
	assert.deepEqual(servedPoints(series(1000, 10), 0), []);
});

test("what the page has seen itself comes after what the server has", () => {
	const served = servedPoints(series(1000, 10, 50, 60), 0);
	const own = [1008, 1019, 1020, 1021].map((at) => ({ at, rx: 1, tx: 1 }));

	assert.deepEqual(
		joined(served, own).map(({ at }) => at),
		[1005, 1015, 1020, 1021],
	);
	assert.deepEqual(joined([], own), own);
	assert.deepEqual(joined(served, []), served);
});

test("the hour and the day are the server's from its first answer on", () => {
	const history = new History();

	history.add(990, 8, 8);
	history.add(1022, 9, 9);
	assert.equal(history.points("hour").length, 2);
	history.take(
		{ now_s: 1025, hour: series(1000, 10, 50, 60), day: series(0, 240, 1, 1, 1, 1) },
		1025,
	);
	assert.deepEqual(
		history.points("hour").map(({ at, rx }) => [at, rx]),
		[
			[1005, 5],
			[1015, 6],
			[1022, 9],
		],
	);
	assert.equal(history.points("day")[0].at, 120);
	assert.equal(history.points("day").length, 6);
});

test("an average counts a point for as long as it lasts", () => {
	const points = [
		{ rx: 10, weight: 10 },
		{ rx: 0, weight: 2 },
		{ rx: 4, weight: 2 },
	];

	assert.equal(summary(points, "rx").average, 108 / 14);
	assert.deepEqual(summary(points, "rx").peak, 10);
	assert.deepEqual(summary(points, "rx").current, 4);
});
