// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { build, parse } from "../../../admin/page/js/route.js";
import { matches, readSort, sorted } from "../../../admin/page/js/sort.js";

const routes = [
	["", { view: "overview", item: null, options: {} }],
	["#/", { view: "overview", item: null, options: {} }],
	["#/clients", { view: "clients", item: null, options: {} }],
	["#/clients/17", { view: "clients", item: "17", options: {} }],
	[
		"#/clients?q=alice+b&sort=-rate",
		{ view: "clients", item: null, options: { q: "alice b", sort: "-rate" } },
	],
	["#/clients/a%2Fb%20c", { view: "clients", item: "a/b c", options: {} }],
	["#/clients/%E0%A4%A", { view: "clients", item: "%E0%A4%A", options: {} }],
];
for (const [hash, expected] of routes)
	test(`the address ${hash || "(none)"} is read`, () => assert.deepEqual(parse(hash), expected));

const built = [
	[{ view: "clients" }, "#/clients"],
	[{ view: "clients", item: 17 }, "#/clients/17"],
	[{ view: "clients", item: "a/b?c#d" }, "#/clients/a%2Fb%3Fc%23d"],
	[{ view: "clients", options: { q: "", sort: null, page: "2" } }, "#/clients?page=2"],
	[{ view: "users", options: { q: "<b>&" } }, "#/users?q=%3Cb%3E%26"],
];
for (const [route, expected] of built) {
	test(`an address is made: ${expected}`, () => assert.equal(build(route), expected));
	test(`and read back: ${expected}`, () => assert.equal(build(parse(build(route))), expected));
}

const columns = [
	{ id: "name", value: (row) => row.name },
	{ id: "n", value: (row) => row.n },
	{ id: "none" },
];
const sorts = [
	["n", "n", false],
	["-n", "n", true],
	[undefined, "name", false],
	["none", "name", false],
	["nonsense", "name", false],
	["-", "name", false],
];
for (const [text, id, down] of sorts)
	test(`sort=${text} is by ${id}`, () =>
		assert.deepEqual(readSort(text, columns, "name"), { id, down }));

const rows = [
	{ name: "b10", n: 2 },
	{ name: "b9", n: null },
	{ name: "A", n: 30 },
	{ name: "c", n: 2 },
];
const orders = [
	["name", false, "A b9 b10 c"],
	["name", true, "c b10 b9 A"],
	["n", false, "b10 c A b9"],
	["n", true, "A b10 c b9"],
];
for (const [id, down, expected] of orders)
	test(`rows by ${id}${down ? ", downwards" : ""}`, () => {
		const column = columns.find((one) => one.id === id);

		assert.equal(
			sorted(rows, column, down, (row) => row.name)
				.map(({ name }) => name)
				.join(" "),
			expected,
		);
	});

const filters = [
	["ali", true],
	["ALI", true],
	["ali 2001", true],
	["2001 bob", false],
	["", true],
	["null", false],
];
for (const [query, expected] of filters)
	test(`the filter "${query}" ${expected ? "lets" : "does not let"} the row through`, () =>
		assert.equal(matches(["alice", null, "2001:db8::1"], query), expected));
