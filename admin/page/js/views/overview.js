// SPDX-License-Identifier: Apache-2.0
// The whole in short: is all well, how much goes through, what needs a look.
import { Chart } from "../chart.js";
import { h, icon, keyed, setText } from "../dom.js";
import { count, duration, moment, plural, rate, sentence, sum } from "../format.js";
import { RANGES } from "../history.js";
import { DONE, WARNING } from "../icons.js";
import { card } from "../parts.js";
import { build, parse, replaceOptions } from "../route.js";

const TOP = 6;

function tile(title, href) {
	const value = h("p", { class: "value" }),
		note = h("p", { class: "note" });

	return {
		element: h("a", { class: "tile", href }, h("h2", null, title), value, note),
		set: (text, about) => {
			setText(value, text);
			setText(note, about);
		},
	};
}

function dhcp6State(dhcp6) {
	if (!dhcp6) return ["off", "no leases are given"];
	const active = dhcp6.leases?.active ?? 0;

	return [
		dhcp6.durable === false ? "Trouble" : plural(active, "lease"),
		dhcp6.durable === false
			? "leases cannot be written"
			: `${count(dhcp6.received)} asked, ` + `${count(dhcp6.sent)} answered`,
	];
}

function routerState(advertiser) {
	if (!advertiser?.enabled) return ["Off", "another router advertises, or none"];
	const conflicts = sum(advertiser.conflicts);

	return [
		conflicts ? "Contradicted" : "Advertising",
		conflicts
			? `${plural(advertiser.other_routers, "other router")} on the LAN`
			: `${advertiser.prefixes.join(", ")}; ${count(advertiser.ra_sent)} sent`,
	];
}

function endingState(ending, now_s) {
	if (!ending.length) return ["All good", "none ends within 30 days"];
	const first = ending[0];

	return [
		plural(ending.length, "ends", "end") + " soon",
		`${first.user} in ${duration(first.not_after_s - now_s)}`,
	];
}

function ranges(choose) {
	const buttons = Object.entries(RANGES).map(([name, { label }]) =>
		h("button", { type: "button", onclick: () => choose(name) }, label),
	);

	return {
		element: h("div", { class: "choice", role: "group", "aria-label": "Time" }, buttons),
		mark: (name) =>
			Object.keys(RANGES).forEach((one, at) =>
				buttons[at].setAttribute("aria-pressed", String(one === name)),
			),
	};
}

function warningList() {
	const list = h("ul", { class: "warnings" });

	return {
		element: list,
		update: (warnings) =>
			keyed(
				list,
				warnings,
				(warning) => warning.what,
				() =>
					h(
						"li",
						{ class: "warning" },
						icon(WARNING),
						h(
							"div",
							null,
							h("p", { class: "title" }),
							h("p", null, "What to do: ", h("span")),
						),
					),
				(element, { text, todo }) => {
					setText(element.querySelector(".title"), sentence(text));
					setText(element.querySelector("span"), sentence(todo));
				},
			),
	};
}

const busiestHead = () =>
	h(
		"thead",
		null,
		h(
			"tr",
			null,
			h("th", { scope: "col" }, "User"),
			h("th", { scope: "col", class: "number" }, "Received"),
			h("th", { scope: "col", class: "number" }, "Sent"),
		),
	);

const busiestRow = ({ id }) =>
	h(
		"tr",
		null,
		h(
			"th",
			{ scope: "row" },
			h("a", { class: "cut", href: build({ view: "clients", item: id }) }),
		),
		h("td", { class: "number" }),
		h("td", { class: "number" }),
	);

function busiest({ rates }) {
	const body = h("tbody");
	const caption = h("caption", { class: "hidden" }, "The busiest clients");
	const table = h("div", { class: "scroll" }, h("table", null, caption, busiestHead(), body));
	const none = h("p", { class: "empty" }, "Nobody is connected.");
	const total = ({ id }) => rates.now(id).rxRate + rates.now(id).txRate;
	const put = (row, { id, user }) => {
		setText(row.querySelector("a"), user);
		setText(row.children[1], rate(rates.now(id).rxRate));
		setText(row.children[2], rate(rates.now(id).txRate));
	};

	return {
		element: h("div", null, table, none),
		update: (clients) => {
			const top = [...clients].sort((a, b) => total(b) - total(a) || a.id - b.id);

			table.hidden = !clients.length;
			none.hidden = clients.length > 0;
			keyed(body, top.slice(0, TOP), ({ id }) => id, busiestRow, put);
		},
	};
}

function recent() {
	const list = h("ol", { class: "recent" });

	return {
		element: list,
		update: (lines) =>
			keyed(
				list,
				lines.slice(-8).reverse(),
				(line) => line.id,
				(line) =>
					h(
						"li",
						null,
						h("time", null, moment(line.at_s)),
						h("p", null, line.what),
						h("p", { class: "note" }, line.who),
					),
				() => {},
			),
	};
}

function tiles() {
	const sortedBy = (sort) => build({ view: "clients", options: { sort } });
	const all = {
		clients: tile("Clients", build({ view: "clients" })),
		rx: tile("From clients", sortedBy("-rx")),
		tx: tile("To clients", sortedBy("-tx")),
		router: tile("Router", build({ view: "router" })),
		dhcp6: tile("DHCPv6", build({ view: "addresses" })),
		certificates: tile("Certificates", build({ view: "users" })),
	};

	return {
		element: h(
			"div",
			{ class: "tiles" },
			Object.values(all).map((one) => one.element),
		),
		update: (now, clients, total) => {
			const logins = plural(now.strangers.logged_in, "login");

			all.clients.set(
				count(clients.length),
				`of ${logins} in ${duration(now.now_s - now.started_s)}`,
			);
			all.rx.set(rate(total.rxRate), "received now");
			all.tx.set(rate(total.txRate), "sent now");
			all.router.set(...routerState(now.advertiser));
			all.dhcp6.set(...dhcp6State(now.dhcp6));
			all.certificates.set(...endingState(now.ending ?? [], now.now_s));
		},
	};
}

function healthLine() {
	const element = h("p", { class: "health" });

	return {
		element,
		update: (problems) => {
			element.className = problems.length ? "health warn" : "health ok";
			element.replaceChildren(
				icon(problems.length ? WARNING : DONE),
				problems.length ? `${plural(problems.length, "thing")} to look at` : "All is well",
			);
		},
	};
}

/** The graph with its choice of time, which is in the address. */
function throughput(history) {
	const chart = new Chart("Throughput of all clients");
	const choice = ranges((name) => replaceOptions({ time: name === "hour" ? "" : name }));

	return {
		element: h(
			"section",
			{ class: "card wide" },
			h("header", null, h("h2", null, "Throughput"), choice.element),
			chart.element,
		),
		update: () => {
			const { time } = parse(location.hash).options;
			const range = Object.hasOwn(RANGES, time) ? time : "hour";

			choice.mark(range);
			chart.update(history.points(range), RANGES[range].span);
		},
		close: () => chart.close(),
	};
}

export function overview({ store, history }) {
	const title = "Overview";
	const health = healthLine();
	const warnings = warningList();
	const numbers = tiles();
	const graph = throughput(history);
	const top = busiest(store);
	const log = recent();

	return {
		title,
		needs: ["overview", "clients", "audit", "history"],
		element: h(
			"div",
			null,
			h("header", { class: "heading" }, h("h1", null, title), health.element),
			warnings.element,
			numbers.element,
			graph.element,
			h(
				"div",
				{ class: "columns" },
				card("Busiest clients", top.element),
				card("Last changes", log.element),
			),
		),
		update: () => {
			const now = store.value("overview");
			const { clients } = store.value("clients");

			health.update(now.warnings);
			warnings.update(now.warnings);
			numbers.update(now, clients, store.total);
			graph.update();
			top.update(clients);
			log.update(store.value("audit").audit);
		},
		close: () => graph.close(),
	};
}
