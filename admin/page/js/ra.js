// SPDX-License-Identifier: Apache-2.0
// A Router Advertisement in words, as a host reads it (RFC 4861 4.2, RFC 4191, RFC 8106).
import { facts } from "./parts.js";
import { h } from "./dom.js";
import { lifetime } from "./format.js";

const list = (items, text) =>
	items?.length
		? h(
				"ul",
				{ class: "plain" },
				items.map((item) => h("li", null, text(item))),
			)
		: null;

const code = (text) => h("code", null, text);

const flags = (prefix) =>
	[
		prefix.on_link && "on link",
		prefix.autonomous && "hosts make addresses",
		prefix.pd_preferred && "delegation preferred",
	]
		.filter(Boolean)
		.join(", ");

function prefixLine(prefix) {
	const said = flags(prefix);

	return [
		code(prefix.prefix),
		`${said ? ` ${said};` : ""} valid ${lifetime(prefix.valid_s)}, ` +
			`preferred ${lifetime(prefix.preferred_s)}`,
	];
}

function dnrLine(resolver) {
	return [
		code(resolver.name),
		` priority ${resolver.priority}`,
		resolver.addresses?.length ? `, at ${resolver.addresses.join(" ")}` : "",
		resolver.alpn ? `, ${resolver.alpn}` : "",
		`, for ${lifetime(resolver.lifetime_s)}`,
	];
}

const addressing = (ra) =>
	ra.managed
		? "addresses and the rest by DHCPv6 (M flag)"
		: ra.other
			? "the rest by DHCPv6 (O flag)"
			: "nothing by DHCPv6";

export function advertisement(ra) {
	return facts([
		[
			"Default router",
			ra.lifetime_s
				? `yes, for ${lifetime(ra.lifetime_s)}, preference ${ra.preference}`
				: "no: only the routes below",
		],
		["Prefixes", list(ra.prefixes, prefixLine)],
		[
			"Routes",
			list(ra.routes, (route) => [
				code(route.prefix),
				` ${route.preference}, for ${lifetime(route.lifetime_s)}`,
			]),
		],
		[
			"DNS servers",
			list(ra.dns, (dns) => [code(dns.address), ` for ${lifetime(dns.lifetime_s)}`]),
		],
		[
			"Search domains",
			list(ra.search, (search) => [
				code(search.domain),
				` for ${lifetime(search.lifetime_s)}`,
			]),
		],
		["Encrypted resolvers", list(ra.dnr, dnrLine)],
		[
			"NAT64",
			list(ra.nat64, (nat64) => [code(nat64.prefix), ` for ${lifetime(nat64.lifetime_s)}`]),
		],
		["Stateful", addressing(ra)],
		["MTU", ra.mtu ? String(ra.mtu) : null],
		["Hop limit", ra.hop_limit ? String(ra.hop_limit) : null],
		["Captive portal", ra.captive_portal ? code(ra.captive_portal) : null],
		["Sent from", ra.source_mac ? code(ra.source_mac) : null],
	]);
}
