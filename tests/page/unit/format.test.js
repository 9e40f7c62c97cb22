// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "../../../admin/page/js/format.js";

/** Spaces of any kind are one here. */
const plain = (text) => text.replace(/[\u00a0\u202f]/g, " ");

const cases = {
	bytes: [
		[0, "0 B"],
		[999, "999 B"],
		[1000, "1.00 kB"],
		[1234, "1.23 kB"],
		[99_949, "99.9 kB"],
		[99_960, "100 kB"],
		[999_499, "999 kB"],
		[999_999, "1.00 MB"],
		[2.5e12, "2.50 TB"],
		[3e18, "3000 PB"],
	],
	rate: [
		[0, "0 bit/s"],
		[125, "1.00 kbit/s"],
		[1_250_000, "10.0 Mbit/s"],
		[12_500_000, "100 Mbit/s"],
		[1.25e9, "10.0 Gbit/s"],
	],
	duration: [
		[0, "0 s"],
		[-5, "0 s"],
		[0.9, "0 s"],
		[59.9, "59 s"],
		[60, "1 min"],
		[61, "1 min 1 s"],
		[3600, "1 h"],
		[3661, "1 h 1 min"],
		[86_400, "1 d"],
		[97_261, "1 d 3 h"],
	],
	lifetime: [
		[null, "for ever"],
		[0xffffffff, "for ever"],
		[0, "over"],
		[1800, "30 min"],
	],
	ago: [
		[0, "now"],
		[1.9, "now"],
		[2, "2 s ago"],
		[90, "1 min 30 s ago"],
	],
	roundTrip: [
		[0, "–"],
		[null, "–"],
		[123, "0.12 ms"],
		[1234, "1.2 ms"],
		[9994, "10.0 ms"],
		[63_885, "64 ms"],
	],
	count: [
		[0, "0"],
		[999, "999"],
		[1000, "1 000"],
		[1_234_567, "1 234 567"],
	],
	reason: [
		["ra-from-client", "RA from client"],
		["dhcp6", "DHCPv6"],
		["mac_limit", "MAC limit"],
		["not-ipv6", "Not IPv6"],
	],
	sentence: [
		["no disk", "No disk."],
		["Full!", "Full!"],
		["", "."],
	],
	visible: [
		["a b\tc\n", "a b\tc\n"],
		["\u001b[31m", "\\u001b[31m"],
		["\u202egnp", "\\u202egnp"],
		["\u0000", "\\u0000"],
		["\u009b", "\\u009b"],
		["ümläut 漢字", "ümläut 漢字"],
		["a\u200bb\ufeff", "a\\u200bb\\ufeff"],
	],
	cipher: [
		["TLS_AES_256_GCM_SHA384", "AES-256-GCM"],
		["<b>", "<b>"],
	],
};

for (const [name, rows] of Object.entries(cases))
	for (const [value, expected] of rows)
		test(`${name}(${value})`, () => assert.equal(plain(format[name](value)), expected));

test("plural counts in words", () => {
	assert.equal(plain(format.plural(1, "client")), "1 client");
	assert.equal(plain(format.plural(0, "client")), "0 clients");
	assert.equal(plain(format.plural(2, "address")), "2 addresses");
	assert.equal(plain(format.plural(2, "ends", "end")), "2 end");
});

test("no end of a line comes between a number and its unit", () => {
	for (const text of [
		format.bytes(1234),
		format.rate(1234),
		format.roundTrip(1234),
		format.duration(59),
	])
		assert.doesNotMatch(text, / /, text);
});
