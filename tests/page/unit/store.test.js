// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { cut, place, thickness } from "../../../admin/page/js/bus.js";
import { History, RANGES, summary } from "../../../admin/page/js/history.js";
import { Rates } from "../../../admin/page/js/rates.js";
import { Store, mergePatch } from "../../../admin/page/js/store.js";

test("a rate needs two samples, and is over three seconds", () => {
	const rates = new Rates();

	rates.sample(1, 10, 0, 0);
	assert.deepEqual(rates.series(1), []);
	assert.equal(rates.now(1).rxRate, 0);
	for (let s = 1; s <= 10; s++) rates.sample(1, 10 + s, s < 6 ? 100 * s : 500, 20 * s);
	assert.equal(rates.now(1).rxRate, 0);
	assert.equal(rates.now(1).txRate, 20);
	assert.equal(rates.series(1).length, 10);
	assert.equal(rates.series(1)[3].rxRate, 100);
});

test("a counter that falls begins anew instead of a peak or less than nothing", () => {
	const rates = new Rates();

	rates.sample(1, 10, 1000, 1000);
	rates.sample(1, 11, 10, 2000);
	assert.equal(rates.now(1).rxRate, 0);
	rates.sample(1, 12, 20, 2010);
	assert.equal(rates.now(1).rxRate, 10);
	assert.equal(rates.now(1).txRate, 10);
});

test("samples are bounded, and go with their client", () => {
	const rates = new Rates();

	for (let s = 0; s < 500; s++) rates.sample(1, s, s, s);
	assert.ok(rates.series(1).length <= 90);
	rates.keep(new Set([2]));
	assert.deepEqual(rates.series(1), []);
});

const patches = [
	[{ a: 1 }, { b: 2 }, { a: 1, b: 2 }],
	[{ a: { b: 1, c: 2 } }, { a: { b: null } }, { a: { c: 2 } }],
	[{ a: [1, 2] }, { a: [3] }, { a: [3] }],
	[{ a: 1 }, { a: { b: null } }, { a: {} }],
	["text", { a: 1 }, { a: 1 }],
	[{ a: 1 }, 7, 7],
];
for (const [target, patch, expected] of patches)
	test(`merge ${JSON.stringify(patch)} (RFC 7396)`, () => {
		const before = JSON.stringify(target);

		assert.deepEqual(mergePatch(target, patch), expected);
		assert.equal(JSON.stringify(target), before);
	});

test("the store says what changed, keeps what was said when a later answer fails, and is lost once", () => {
	const store = new Store(),
		heard = [];

	store.addEventListener("change", ({ detail }) => heard.push(detail));
	store.set("users", { users: [] }, 1000);
	store.fail("users", new Error("no"));
	assert.deepEqual(store.value("users"), { users: [] });
	assert.equal(store.error("users").message, "no");
	store.lost(2000);
	store.lost(3000);
	assert.equal(store.lostAt, 2000);
	store.set("users", { users: [1] }, 4000);
	assert.equal(store.lostAt, null);
	assert.equal(store.error("users"), null);
	assert.deepEqual(heard, ["users", "users", "connection", "users"]);
});

test("the total is that of all clients", () => {
	const store = new Store();
	const say = (at, rx) =>
		store.set(
			"clients",
			{ clients: [1, 2].map((id) => ({ id, rx_bytes: rx * id, tx_bytes: 0 })) },
			at,
		);

	say(0, 0);
	assert.equal(store.total.known, false);
	say(1000, 100);
	assert.deepEqual(store.total, { rxRate: 300, txRate: 0, known: true });
});

test("history averages within a step, forgets what is older than its span, and is bounded", () => {
	const history = new History(),
		{ span, step } = RANGES.hour;

	for (let s = 0; s < span * 2; s++) history.add(s, s % step, 8);
	const points = history.points("hour");
	assert.ok(points.length <= span / step);
	assert.equal(points[0].at, span * 2 - span);
	assert.equal(points[0].rx, (step - 1) / 2);
	assert.deepEqual(summary([{ rx: 1 }, { rx: 5 }, { rx: 3 }], "rx"), {
		current: 3,
		average: 3,
		peak: 5,
	});
	assert.deepEqual(summary([], "rx"), { current: 0, average: 0, peak: 0 });
});

const clients = (n) =>
	Array.from({ length: n }, (_, id) => ({
		id,
		lines: Array(2 + (id % 7 === 0 ? 2 : 0)).fill("text"),
	}));

for (const [n, width] of [
	[0, 1000],
	[1, 320],
	[14, 320],
	[14, 1180],
	[200, 1180],
	[200, 2300],
])
	test(`${n} clients on ${width} px: nothing overlaps, nothing is outside`, () => {
		const { nodes, height, lanes } = place(clients(n), width);

		assert.equal(nodes.length, n);
		for (const node of nodes) {
			assert.ok(
				node.x > node.lane.x && node.x + node.width <= width,
				`x ${node.x} + ${node.width}`,
			);
			assert.ok(node.width > 120, `only ${node.width} wide`);
			assert.ok(node.y + node.height <= height);
		}
		for (const lane of lanes) {
			const own = nodes.filter((node) => node.lane === lane);

			own.slice(1).forEach((node, at) => assert.ok(node.y >= own[at].y + own[at].height + 8));
		}
	});

test("lines grow with the rate, and within bounds", () => {
	const widths = [0, 10, 1e3, 1e6, 1e9, 1e13].map(thickness);

	widths.slice(1).forEach((width, at) => assert.ok(width >= widths[at]));
	assert.ok(widths[0] >= 1 && widths[5] <= 9);
});

test("text is cut to what fits", () => {
	assert.equal(cut("alice", 100), "alice");
	assert.equal(cut("a".repeat(50), 72), `${"a".repeat(9)}…`);
});
