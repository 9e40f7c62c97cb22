// SPDX-License-Identifier: Apache-2.0
// One client, opened: all that is known of it, and what can be done about it.
import { actions } from "../actions.js";
import { Chart } from "../chart.js";
import { agoColumn, copyColumn, lifetimeColumn, stateColumn, textColumn } from "../columns.js";
import { ask } from "../dialog.js";
import { h, icon, keyed, setText } from "../dom.js";
import { bytes, cipher, count, duration, moment, reason, roundTrip, source, sum } from "../format.js";
import { joined, servedPoints } from "../history.js";
import { BACK } from "../icons.js";
import { badge, card, empty, facts, updateBadge } from "../parts.js";
import { build } from "../route.js";
import { say } from "../say.js";
import { Table } from "../table.js";
import { captureClient, runningCaptures } from "./captures.js";
import { advertised, eventList } from "./client_parts.js";
import { blockUser, changeGroup } from "./user_actions.js";

const SPAN_S = 3600;

const addressColumns = [
	copyColumn("address", "Address", true),
	{
		id: "source",
		title: "From",
		value: (row) => source(row.source),
		cell: (row) => source(row.source),
	},
	copyColumn("mac", "MAC"),
	agoColumn("seen_s", "Seen"),
];

const leaseColumns = [
	copyColumn("what", "Lease", true),
	textColumn("kind", "Kind"),
	stateColumn((row) => [row.state === "active" ? "ok" : "off", row.state]),
	lifetimeColumn("left_s", "Left"),
	textColumn("host", "Host"),
];

/** What a button does is said before it is done. */
function askDisconnect(ctx, user, id) {
	ask({
		title: `Disconnect ${user}?`,
		action: "Disconnect",
		danger: true,
		text:
			"Its connection is closed now. It may connect again, and a program that keeps it " +
			"connected will.",
		submit: async () => {
			await actions.disconnect(id);
			say(`${user} is disconnected`);
			await ctx.live.refresh("clients");
		},
	});
}

/** Group and block are the user's: asked as under Users. */
function buttons(ctx, shown) {
	const button = (label, act, kind) =>
		h("button", { type: "button", class: kind, onclick: act }, label);
	const row = () => ({ name: shown().user, group: shown().group });

	return h(
		"div",
		{ class: "actions" },
		button("Capture", () => captureClient(ctx, shown())),
		button("Change group", () => changeGroup(ctx, row(), "clients")),
		button("Disconnect", () => askDisconnect(ctx, shown().user, shown().id)),
		button("Block", () => blockUser(ctx, row(), "clients"), "danger"),
	);
}

/** A list of facts whose values change in place. */
function changing(names) {
	const values = Object.fromEntries(names.map(([id]) => [id, h("span")]));

	return {
		element: facts(names.map(([id, title]) => [title, values[id]])),
		set: (id, text) => setText(values[id], text),
	};
}

function connectionFacts() {
	const list = changing([
		["device", "Device"],
		["group", "Group"],
		["remote", "From"],
		["since", "Since"],
		["cipher", "Cipher"],
		["rtt", "Round trip"],
		["received", "Received"],
		["sent", "Sent"],
		["marked", "Marked (ECN)"],
	]);

	return {
		element: list.element,
		update: (client, now_s) => {
			list.set("device", client.device);
			list.set("group", client.group ?? "none");
			list.set("remote", `${client.remote}, ${client.transport.toUpperCase()}`);
			list.set(
				"since",
				`${moment(now_s - client.connected_s)}, ${duration(client.connected_s)} ago`,
			);
			list.set("cipher", `${cipher(client.cipher)} by ${client.aead}`);
			list.set("rtt", roundTrip(client.rtt_us));
			list.set("received", `${bytes(client.rx_bytes)} in ${count(client.rx_frames)} frames`);
			list.set("sent", `${bytes(client.tx_bytes)} in ${count(client.tx_frames)} frames`);
			list.set("marked", count(client.marked));
		},
	};
}

function dropList() {
	const list = h("ul", { class: "plain counts" }),
		none = h("p", { class: "note" }, "Nothing was dropped.");

	return {
		element: h("div", null, list, none),
		update: (drops) => {
			none.hidden = sum(drops) > 0;
			keyed(
				list,
				Object.entries(drops ?? {}),
				([name]) => name,
				() => h("li", null, h("span"), h("strong")),
				(element, [name, n]) => {
					setText(element.children[0], reason(name));
					setText(element.children[1], count(n));
				},
			);
		},
	};
}

const goneText = (id) =>
	h(
		"div",
		{ class: "failure" },
		h("h2", null, "This client is not connected"),
		h("p", null, `There is no client ${id} now. It may be back with another number.`),
		h("p", null, h("a", { href: build({ view: "clients" }) }, "All clients")),
	);

function parts(ctx, shown) {
	const chart = new Chart("Throughput of this client", ["From the client", "To the client"]);

	return {
		chart,
		captures: runningCaptures(ctx, (all) =>
			all.filter(({ capture }) => shown()?.captures.includes(capture)),
		),
		connection: connectionFacts(),
		drops: dropList(),
		ra: advertised(),
		events: eventList(),
		addresses: new Table({
			caption: "Addresses of this client",
			columns: addressColumns,
			sort: "address",
			key: (row) => row.address,
			prefix: "a-",
			empty: empty(
				"No address was seen yet.",
				"An address shows when the client sends from it.",
			),
		}),
		leases: new Table({
			caption: "Leases of this user",
			columns: leaseColumns,
			sort: "what",
			prefix: "l-",
			key: (row) => row.what,
			empty: empty("No lease.", "It has asked for none, or makes its own."),
		}),
		delegated: h("p", { class: "note" }),
		state: badge("ok", "on line"),
		name: h("span", null, shown()?.user ?? "Client"),
	};
}

function layout(ctx, made, shown) {
	const gone = h("div", { hidden: true }, goneText(ctx.route.item));
	const here = h(
		"div",
		null,
		made.captures.element,
		h("section", { class: "card wide" }, h("h2", null, "Throughput"), made.chart.element),
		card("Addresses", made.addresses.element),
		h(
			"div",
			{ class: "columns" },
			h(
				"div",
				null,
				card("Connection", made.connection.element),
				card("Drops by reason", made.drops.element),
				card("Events", made.events.element),
			),
			h(
				"div",
				null,
				card("What it is told by Router Advertisement", made.ra.element),
				card("Leases and prefixes", made.leases.element, made.delegated),
			),
		),
	);
	const element = h(
		"div",
		null,
		h("a", { class: "back", href: build({ view: "clients" }) }, icon(BACK), "Clients"),
		h(
			"header",
			{ class: "heading" },
			h("h1", null, made.name, " ", made.state),
			ctx.mayChange && buttons(ctx, shown),
		),
		gone,
		here,
	);

	return { element, gone, here };
}

function stateOf(live) {
	if (!live) return ["off", "gone"];
	return live.captures?.length ? ["warn", "on line, captured"] : ["ok", "on line"];
}

/** The stream tells which addresses there are, the API since when: a new one was seen just now. */
function withAges(addresses, asked) {
	const ages = new Map(asked.map(({ address, seen_s }) => [address, seen_s]));

	return addresses.map((one) => ({ seen_s: ages.get(one.address) ?? 0, ...one }));
}

/** An hour, as the server has seen it, and the last seconds as this page has. */
function throughput(store, path, id) {
	const served = store.value(path);
	const own = store.rates
		.series(id)
		.map(({ at, rxRate, txRate }) => ({ at, rx: rxRate, tx: txRate, weight: 1 }));

	return joined(servedPoints(served.hour, served.now_s - store.at(path) / 1000), own);
}

export function client(ctx) {
	const { store, route } = ctx,
		path = `clients/${encodeURIComponent(route.item)}`,
		history = `${path}/history`;
	const shown = () => store.value(path)?.client;
	const made = parts(ctx, shown),
		{ element, gone, here } = layout(ctx, made, shown);

	function update() {
		const { leases, ra, schedule } = store.value(path);
		const live = store.value("clients").clients.find((one) => one.id === shown().id);
		const now = live ?? shown();

		updateBadge(made.state, ...stateOf(live));
		gone.hidden = Boolean(live);
		here.classList.toggle("gone", !live);
		setText(made.name, now.user);
		made.connection.update(now, store.value("overview")?.now_s ?? Date.now() / 1000);
		made.drops.update(now.drops);
		made.captures.update(store.value("captures").captures);
		made.addresses.update(withAges(now.addresses, shown().addresses));
		made.leases.update(leases);
		setText(
			made.delegated,
			now.delegated.length ? `Delegated: ${now.delegated.join(", ")}` : "",
		);
		made.ra.update(ra, schedule);
		made.events.update(store.value(`${path}/events`).events);
		made.chart.update(throughput(store, history, now.id), SPAN_S);
	}

	return {
		title: shown()?.user ?? "Client",
		needs: [path, `${path}/events`, history, "clients", "overview", "captures"],
		element,
		update,
		close: () => made.chart.close(),
		failure: (problem) => (problem.status === 404 ? goneText(route.item) : null),
	};
}
