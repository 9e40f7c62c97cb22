// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them.  Knows no document and no clock.

// What has no shape of its own, or turns the order of what stands beside it (UTR 36 3.1).
const UNSEEN =
	/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text as it is, with everything in it to be seen. */
export const visible = (text) =>
	text.replace(UNSEEN, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

const SPACE = "\u00a0"; // no line ends between a number and its unit

/** 1234567 -> "1 234 567", with narrow spaces. */
export const count = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");

function scaled(value, units, step) {
	let unit = 0;

	while (unit < units.length - 1 && value >= step * 0.9995) {
		value /= step;
		unit++;
	}
	const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
	return value.toFixed(digits) + SPACE + units[unit];
}

/** Bytes, by powers of 1000 as `lanyard status` counts. */
export const bytes = (n) => scaled(n, ["B", "kB", "MB", "GB", "TB", "PB"], 1000);

/** Bytes per second, as bits. */
export const rate = (bytesPerSecond) =>
	scaled(bytesPerSecond * 8, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"], 1000);

/** The two largest units: "3 d 4 h", "12 s". */
export function duration(seconds) {
	const whole = Math.max(0, Math.floor(seconds));
	const parts = [
		[86400, "d"],
		[3600, "h"],
		[60, "min"],
		[1, "s"],
	];
	const first = parts.findIndex(([size]) => whole >= size);

	if (first < 0) return `0${SPACE}s`;
	const [size, unit] = parts[first];
	const text = Math.floor(whole / size) + SPACE + unit;
	if (first === parts.length - 1) return text;
	const [smaller, name] = parts[first + 1];
	const rest = Math.floor((whole % size) / smaller);
	return rest ? `${text} ${rest}${SPACE}${name}` : text;
}

/** A lifetime of an advertisement or lease: null has no end, 0 is over. */
export function lifetime(seconds) {
	if (seconds === null || seconds === undefined || seconds === 0xffffffff) return "for ever";
	return seconds === 0 ? "over" : duration(seconds);
}

export const ago = (seconds) => (seconds < 2 ? "now" : `${duration(seconds)} ago`);

/** Round trip, from microseconds; 0 is not measured yet. */
export function roundTrip(us) {
	if (!us) return "–";
	return us < 9995
		? (us / 1000).toFixed(us < 995 ? 2 : 1) + SPACE + "ms"
		: Math.round(us / 1000) + SPACE + "ms";
}

const two = (n) => String(n).padStart(2, "0");

/** Seconds since 1970 in this browser's time zone: 2026-11-27 11:09. */
export function moment(seconds) {
	if (seconds === null || seconds === undefined) return "–";
	const at = new Date(seconds * 1000);

	return (
		`${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` +
		`${two(at.getHours())}:${two(at.getMinutes())}`
	);
}

/** The time of day. */
export function clock(seconds, exact) {
	const at = new Date(seconds * 1000);

	return `${two(at.getHours())}:${two(at.getMinutes())}${exact ? `:${two(at.getSeconds())}` : ""}`;
}

/** A sentence of the server, as one. */
export const sentence = (text) =>
	text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

export function momentExact(seconds) {
	return `${moment(seconds)}:${two(new Date(seconds * 1000).getSeconds())}`;
}

const SOURCES = { "link-local": "link-local", slaac: "SLAAC", dhcp6: "DHCPv6", static: "static" };
export const source = (name) => SOURCES[name] ?? name;

/** "ra-from-client" -> "RA from client". */
export function reason(name) {
	const words = name
		.replace(/[-_]/g, " ")
		.split(" ")
		.map((word) =>
			/^(ra|rs|nd|mac|mtu|dhcp6|ipv6|ipv4|arp|vlan|tap|tls|iaid|duid|na|ns|mld)$/.test(word)
				? word.toUpperCase().replace("IPV", "IPv").replace("DHCP6", "DHCPv6")
				: word,
		);
	const text = words.join(" ");

	return text.charAt(0).toUpperCase() + text.slice(1);
}

export const plural = (n, one, many = one.endsWith("s") ? `${one}es` : `${one}s`) =>
	`${count(n)} ${n === 1 ? one : many}`;

export const sum = (counts) => Object.values(counts ?? {}).reduce((all, n) => all + n, 0);

const CIPHERS = {
	TLS_AES_256_GCM_SHA384: "AES-256-GCM",
	TLS_AES_128_GCM_SHA256: "AES-128-GCM",
	TLS_CHACHA20_POLY1305_SHA256: "ChaCha20-Poly1305",
};
export const cipher = (name) => CIPHERS[name] ?? name;
