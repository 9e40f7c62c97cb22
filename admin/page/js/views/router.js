// SPDX-License-Identifier: Apache-2.0
// What is advertised to whom, what other routers say, and which prefixes are on their way out.
import { lifetimeColumn, textColumn } from "../columns.js";
import { h, keyed, setText } from "../dom.js";
import { ago, count, duration, plural, reason, sum } from "../format.js";
import { badge, card, empty, facts } from "../parts.js";
import { advertisement } from "../ra.js";
import { build } from "../route.js";
import { Table } from "../table.js";

const audience = (scope) =>
	scope.user ? `User ${scope.user}` : scope.group ? `Group ${scope.group}` : "Everybody";

const clientColumns = [
	{
		id: "user",
		title: "User",
		head: true,
		value: (row) => row.user,
		cell: (row) =>
			h(
				"a",
				{ class: "cut", title: row.user, href: build({ view: "clients", item: row.id }) },
				row.user,
			),
		update: (element, row) => setText(element, row.user),
	},
	textColumn("phase", "Phase"),
	{
		id: "last",
		title: "Last advertised",
		class: "number",
		value: (row) => row.last_s,
		cell: (row) => (row.last_s === null ? "not yet" : ago(row.last_s)),
	},
	{
		id: "next",
		title: "Next",
		class: "number",
		value: (row) => row.next_due_s,
		cell: (row) => (row.next_due_s === null ? "–" : `in ${duration(row.next_due_s)}`),
	},
];

const prefixColumns = [
	{
		id: "prefix",
		title: "Prefix",
		head: true,
		class: "code",
		value: (row) => row.prefix,
		cell: (row) => row.prefix,
	},
	{ id: "for", title: "For", value: (row) => audience(row), cell: audience },
	lifetimeColumn("valid_s", "Still valid for"),
];

/** A card for each of these, made anew only when its content is another. */
function cards(key, make) {
	const holder = h("div", { class: "columns" });

	return {
		element: holder,
		update: (items) =>
			keyed(
				holder,
				items,
				key,
				() => h("section", { class: "card" }),
				(element, item) => {
					const text = JSON.stringify(item);

					if (element.lanyardShown !== text) element.replaceChildren(...make(item));
					element.lanyardShown = text;
				},
			),
	};
}

const scopeCard = (scope) => [
	h(
		"header",
		null,
		h("h2", null, audience(scope)),
		scope.enabled
			? badge("ok", plural(scope.clients, "client"))
			: badge("off", "not advertised"),
	),
	advertisement(scope),
];

/** Its age is not part of the card's content: it changes each second. */
const routerCard = (router) =>
	[
		h(
			"header",
			null,
			h("h2", null, h("code", null, router.from)),
			router.differences.length
				? badge("warn", plural(router.differences.length, "difference"))
				: badge("ok", "agrees"),
		),
		router.differences.length > 0 &&
			h(
				"ul",
				{ class: "warnings" },
				router.differences.map(({ what, text }) =>
					h(
						"li",
						{ class: "warning" },
						h("p", null, h("strong", null, `${reason(what)}: `), text),
					),
				),
			),
		facts([
			["Source MAC", router.mac],
			["Advertisements", count(router.received)],
		]),
		advertisement(router),
	].filter(Boolean);

function summary() {
	const holder = h("div");
	const yes = (value) => (value === null ? null : value ? "yes" : "no");

	return {
		element: holder,
		update: (router) =>
			holder.replaceChildren(
				facts([
					["Interface", router.interface],
					["Advertised from", h("code", null, router.from)],
					["MAC", h("code", null, router.mac)],
					["Forwards", yes(router.forwards)],
					["Has a default route", yes(router.has_default_route)],
					["Sent", `${count(router.counters.ra_sent)} advertisements`],
					[
						"Heard",
						`${count(router.counters.rs_received)} solicitations, ` +
							`${count(router.counters.ra_received)} advertisements of others`,
					],
					["Not valid", count(sum(router.counters.rs_bad) + sum(router.counters.ra_bad))],
					[
						"Routes left out",
						router.routes_left_out ? count(router.routes_left_out) : null,
					],
				]),
			),
	};
}

const deprecatedTable = () =>
	new Table({
		caption: "Deprecated prefixes",
		columns: prefixColumns,
		sort: "prefix",
		prefix: "p-",
		key: (row) => `${row.prefix} ${audience(row)}`,
		empty: empty("No prefix is deprecated."),
	});

const scheduleTable = () =>
	new Table({
		caption: "Advertisements by client",
		noun: "client",
		columns: clientColumns,
		sort: "user",
		key: (row) => row.id,
		filter: { label: "Filter: user …", texts: (row) => [row.user, row.phase] },
		empty: empty("Nobody is connected."),
	});

export function router({ store }) {
	const title = "Router",
		about = summary();
	const scopes = cards((scope) => audience(scope), scopeCard);
	const others = cards((one) => `${one.from} ${one.mac}`, routerCard);
	const none = h("p", { class: "empty" }, "No other router was heard on this network.");
	const off = h("p", { class: "empty" }, "Nothing is advertised: [ra] enabled = no.");
	const deprecated = deprecatedTable();
	const schedule = scheduleTable();

	return {
		title,
		needs: ["router", "prefixes"],
		element: h(
			"div",
			null,
			h("header", { class: "heading" }, h("h1", null, title)),
			card("This router", about.element),
			h("h2", { class: "above" }, "Advertised"),
			scopes.element,
			off,
			h("h2", { class: "above" }, "Other routers"),
			others.element,
			none,
			card("Deprecated prefixes", deprecated.element),
			card("Clients", schedule.element),
		),
		update: () => {
			const now = store.value("router");

			about.update(now);
			scopes.update(now.scopes);
			off.hidden = now.scopes.length > 0;
			others.update(now.routers.map(({ heard_s, ...router }) => router));
			none.hidden = now.routers.length > 0;
			deprecated.update(
				store.value("prefixes").prefixes.filter(({ state }) => state === "deprecated"),
			);
			schedule.update(now.clients);
		},
	};
}
