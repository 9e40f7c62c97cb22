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
	const value = h("p", { class: "value" }), note = h("p", { class: "note" });

	return { element: h("a", { class: "tile", href }, h("h2", null, title), value, note),
		set: (text, about) => {
			setText(value, text);
			setText(note, about);
		} };
}

const problemsOf = (overview) => overview.warnings ?? [];

function dhcp6State(dhcp6) {
	if (!dhcp6)
		return ["off", "no leases are given"];
	const active = dhcp6.leases?.active ?? 0;

	return [dhcp6.durable === false ? "Trouble" : plural(active, "lease"),
		dhcp6.durable === false ? "leases cannot be written" : `${count(dhcp6.received)} asked, ` +
			`${count(dhcp6.sent)} answered`];
}

function routerState(advertiser) {
	if (!advertiser?.enabled)
		return ["Off", "another router advertises, or none"];
	const conflicts = sum(advertiser.conflicts);

	return [conflicts ? "Contradicted" : "Advertising", conflicts
		? `${plural(advertiser.other_routers, "other router")} on the LAN`
		: `${advertiser.prefixes.join(", ")}; ${count(advertiser.ra_sent)} sent`];
}

function endingState(ending, now_s) {
	if (!ending.length)
		return ["All good", "none ends within 30 days"];
	const first = ending[0];

	return [plural(ending.length, "ends", "end") + " soon",
		`${first.user} in ${duration(first.not_after_s - now_s)}`];
}

function ranges(choose) {
	const buttons = Object.entries(RANGES).map(([name, { label }]) =>
		h("button", { type: "button", onclick: () => choose(name) }, label));

	return { element: h("div", { class: "choice", role: "group", "aria-label": "Time" }, buttons),
		mark: (name) => Object.keys(RANGES).forEach((one, at) =>
			buttons[at].setAttribute("aria-pressed", String(one === name))) };
}

function warningList() {
	const list = h("ul", { class: "warnings" });

	return { element: list, update: (warnings) => keyed(list, warnings, (warning) => warning.what,
		() => h("li", { class: "warning" }, icon(WARNING), h("div", null, h("p", { class: "title" }),
			h("p", null, "What to do: ", h("span")))),
		(element, { text, todo }) => {
			setText(element.querySelector(".title"), sentence(text));
			setText(element.querySelector("span"), sentence(todo));
		}) };
}

function busiest(store) {
	const body = h("tbody");
	const element = h("table", null, h("caption", { class: "hidden" }, "The busiest clients"),
		h("thead", null, h("tr", null, h("th", { scope: "col" }, "User"),
			h("th", { scope: "col", class: "number" }, "Received"),
			h("th", { scope: "col", class: "number" }, "Sent"))), body);
	const now = (client) => store.rates.now(client.id);
	const total = (client) => now(client).rxRate + now(client).txRate;

	return { element, update: (clients) => {
		const top = [...clients].sort((a, b) => total(b) - total(a) || a.id - b.id).slice(0, TOP);

		keyed(body, top, (client) => client.id, (client) => h("tr", null,
			h("th", { scope: "row" }, h("a", { class: "cut", href: build({ view: "clients", item: client.id }) })),
			h("td", { class: "number" }), h("td", { class: "number" })), (row, client) => {
			setText(row.querySelector("a"), client.user);
			setText(row.children[1], rate(now(client).rxRate));
			setText(row.children[2], rate(now(client).txRate));
		});
	} };
}

function recent() {
	const list = h("ol", { class: "recent" });

	return { element: list, update: (lines) => keyed(list, lines.slice(-8).reverse(), (line) => line.id,
		(line) => h("li", null, h("time", null, moment(line.at_s)), h("p", null, line.what),
			h("p", { class: "note" }, line.who)), () => {}) };
}

export function overview({ store, history }) {
	const health = h("p", { class: "health" }), tiles = {
		clients: tile("Clients", build({ view: "clients" })),
		rx: tile("From clients", build({ view: "clients", options: { sort: "-rx" } })),
		tx: tile("To clients", build({ view: "clients", options: { sort: "-tx" } })),
		router: tile("Router", build({ view: "router" })),
		dhcp6: tile("DHCPv6", build({ view: "addresses" })),
		certificates: tile("Certificates", build({ view: "users" })),
	};
	const chart = new Chart("Throughput of all clients");
	const choice = ranges((name) => replaceOptions({ time: name === "hour" ? "" : name }));
	const warnings = warningList(), top = busiest(store), log = recent();
	const none = h("p", { class: "empty" }, "Nobody is connected.");
	const title = "Overview";
	const element = h("div", null, h("header", { class: "heading" }, h("h1", null, title), health),
		warnings.element, h("div", { class: "tiles" }, Object.values(tiles).map((one) => one.element)),
		h("section", { class: "card wide" }, h("header", null, h("h2", null, "Throughput"), choice.element),
			chart.element),
		h("div", { class: "columns" }, card("Busiest clients", h("div", { class: "scroll" }, top.element), none),
			card("Last changes", log.element)));

	function update() {
		const now = store.value("overview"), clients = store.value("clients").clients;
		const { rxRate, txRate } = store.total, problems = problemsOf(now);
		const time = parse(location.hash).options.time in RANGES
			? parse(location.hash).options.time : "hour";

		health.className = problems.length ? "health warn" : "health ok";
		health.replaceChildren(icon(problems.length ? WARNING : DONE), problems.length
			? `${plural(problems.length, "thing")} to look at` : "All is well");
		warnings.update(problems);
		tiles.clients.set(count(clients.length), `of ${plural(now.strangers.logged_in, "login")} in ` +
			duration(now.now_s - now.started_s));
		tiles.rx.set(rate(rxRate), "received now");
		tiles.tx.set(rate(txRate), "sent now");
		tiles.router.set(...routerState(now.advertiser));
		tiles.dhcp6.set(...dhcp6State(now.dhcp6));
		tiles.certificates.set(...endingState(now.ending ?? [], now.now_s));
		choice.mark(time);
		chart.update(history.points(time), RANGES[time].span);
		top.element.hidden = !clients.length;
		none.hidden = clients.length > 0;
		top.update(clients);
		log.update(store.value("audit").audit);
	}

	return { title, needs: ["overview", "clients", "audit"], element, update, close: () => chart.close() };
}
