// SPDX-License-Identifier: Apache-2.0
// The network as a picture: LAN, server, clients and offices, with what goes over each line now.
import { NODE, cut, place, thickness } from "../bus.js";
import { h, keyed, s, setAttribute, setText } from "../dom.js";
import { plural, rate } from "../format.js";
import { empty } from "../parts.js";
import { build, parse, replaceOptions } from "../route.js";
import { matches } from "../sort.js";

const order = new Intl.Collator("en", { numeric: true });
const MARGIN = 50; // px above and below the window that are drawn as well
const SHOWN = 200; // more is no picture any more

const global = (client) => client.addresses.find(({ source }) => source !== "link-local")?.address;

/** An office has prefixes of its own, or hosts behind it. */
function linesOf(client) {
	const lines = [client.user, global(client) ?? client.addresses[0]?.address ?? "no address yet"];

	for (const prefix of client.delegated) lines.push(`⊂ ${prefix}`);
	if (client.macs.length > 1) lines.push(plural(client.macs.length, "host"));
	return lines;
}

const isOffice = (client) => client.delegated.length > 0 || client.macs.length > 1;

const texts = (client) => [
	client.user,
	client.group,
	client.device,
	...client.delegated,
	...client.addresses.map(({ address }) => address),
];

/**
 * Who is shown when there are too many: whoever is already, then the busiest.  By name, so that
 * nobody moves about.  shown: a set of numbers, brought up to date.
 */
function chosen({ rates, clients }, query, shown) {
	const all = clients.filter((client) => !query || matches(texts(client), query));
	const total = ({ id }) => rates.now(id).rxRate + rates.now(id).txRate;
	const first = (a, b) =>
		Number(shown.has(b.id)) - Number(shown.has(a.id)) || total(b) - total(a) || a.id - b.id;
	const most = all.length > SHOWN ? [...all].sort(first).slice(0, SHOWN) : [...all];

	shown.clear();
	most.forEach(({ id }) => shown.add(id));
	most.sort(
		(a, b) =>
			Number(isOffice(b)) - Number(isOffice(a)) ||
			order.compare(a.user, b.user) ||
			a.id - b.id,
	);
	return {
		clients: most.map((client) => ({
			...client,
			lines: linesOf(client),
			busy: total(client),
		})),
		all: all.length,
	};
}

const box = (name) =>
	s(
		"g",
		{ class: `node ${name}` },
		s("rect", { rx: 8 }),
		s("text", { class: "name" }),
		s("text", { class: "small" }),
	);

function putBox(element, { x, y, width, height }, name, note) {
	const [rect, title, small] = element.children;

	for (const [attribute, value] of Object.entries({ x, y, width, height }))
		setAttribute(rect, attribute, value);
	[
		[title, name, 24],
		[small, note, 42],
	].forEach(([text, content, down]) => {
		setAttribute(text, "x", x + 12);
		setAttribute(text, "y", y + down);
		setText(text, cut(content, width - 24, 7.2));
	});
}

const newNode = () =>
	s(
		"g",
		{ class: "client" },
		s("path", { class: "wire" }),
		s("text", { class: "rate" }),
		s("a", null, s("title"), s("rect", { rx: 6 }), s("g")),
	);

function putLines(group, node) {
	keyed(
		group,
		node.client.lines.map((text, at) => ({ text, at })),
		({ at }) => at,
		({ at }) => s("text", { class: at ? "small" : "name" }),
		(element, { text, at }) => {
			setAttribute(element, "x", node.x + NODE.pad);
			setAttribute(element, "y", node.y + NODE.pad + 12 + at * NODE.line);
			setText(element, cut(text, node.width - 2 * NODE.pad, at ? 7 : 8.3));
		},
	);
}

/** All but the rate: it changes seldom, and is put only then. */
function putPlace(element, node) {
	const { client, x, y, width, height, middle, lane } = node;
	const [wire, label, link] = element.children,
		[title, rect, lines] = link.children;
	const all = [lane.x, x, y, width, height, client.id, ...client.lines].join("\n");

	if (element.lanyardPlace === all) return;
	element.lanyardPlace = all;
	setAttribute(element, "class", isOffice(client) ? "client office" : "client");
	setAttribute(wire, "d", `M${lane.x} ${middle}H${x}`);
	setAttribute(label, "x", lane.x + 10);
	setAttribute(label, "y", middle - 8);
	setAttribute(link, "href", build({ view: "clients", item: client.id }));
	setText(title, client.lines.join("\n"));
	for (const [name, value] of Object.entries({ x, y, width, height }))
		setAttribute(rect, name, value);
	putLines(lines, node);
}

/** A rate that nobody sees is not drawn; scrolling shows the newest within MARGIN. */
function putNode(element, node, seen) {
	const [wire, label] = element.children,
		{ client } = node;

	putPlace(element, node);
	if (!seen && label.textContent) return;
	setAttribute(wire, "stroke-width", thickness(client.busy).toFixed(1));
	setAttribute(wire, "class", client.busy * 8 >= 1000 ? "wire busy" : "wire");
	setText(label, rate(client.busy));
}

/** Cables and what is above them: { element, update(overview, places, total, width) }. */
function backbone() {
	const uplink = s("path", { class: "cable" });
	const cable = s("path", { class: "cable" });
	const through = s("text", { class: "total" });
	const lan = box("lan");
	const server = box("server");
	const element = s("g", null, uplink, cable, through, lan, server);

	return {
		element,
		update: (overview, places, total, width) => {
			const { lan: at, server: to, cable: line, lanes } = places;
			const middle = at.y + at.height / 2;
			const right = line.server + 130 > width; // no room for it there
			const across = `M${line.server} ${to.y + to.height}V${line.y}M${line.from} ${line.y}H${line.to}`;
			const down = lanes.map(({ x, from, to: end }) => `M${x} ${from}V${end}`).join("");

			setAttribute(uplink, "d", `M${at.x + at.width} ${middle}H${to.x}`);
			setAttribute(cable, "d", places.nodes.length ? across + down : "");
			setAttribute(through, "x", line.server + (right ? -10 : 10));
			setAttribute(through, "y", line.y - 9);
			setAttribute(through, "text-anchor", right ? "end" : "start");
			setText(through, `${rate(total)} in all`);
			putBox(
				lan,
				at,
				overview.mode === "bridged" ? "LAN (bridged)" : "LAN (routed)",
				overview.advertiser?.prefixes?.[0] ?? overview.interface,
			);
			putBox(server, to, "Server", overview.advertiser?.router ?? overview.listen[0]);
		},
	};
}

function picture() {
	const above = backbone();
	const nodes = s("g");
	const element = s(
		"svg",
		{ class: "network", role: "group", "aria-label": "Network picture" },
		above.element,
		nodes,
	);

	return {
		element,
		update: (overview, clients, total, { width, top }) => {
			const places = place(clients, width);

			setAttribute(element, "viewBox", `0 0 ${width} ${places.height}`);
			setAttribute(element, "width", width);
			setAttribute(element, "height", places.height);
			above.update(overview, places, total, width);
			const seen = (node) =>
				node.y + node.height > -top - MARGIN && node.y < innerHeight - top + MARGIN;

			keyed(
				nodes,
				places.nodes,
				(node) => node.client.id,
				newNode,
				(one, node) => putNode(one, node, seen(node)),
			);
		},
	};
}

export function network({ store }) {
	const title = "Network",
		drawn = picture();
	const ids = new Set();
	const input = h("input", {
		type: "search",
		class: "filter",
		"aria-label": "Filter: user, address …",
		placeholder: "Filter: user, address …",
		autocomplete: "off",
		value: parse(location.hash).options.q ?? "",
		oninput: () => replaceOptions({ q: input.value.trim() }),
	});
	const shown = h("p", { class: "shown", role: "status" });
	const none = h("div", { class: "empty" }, empty("Nobody is connected."));
	const holder = h("div", { class: "picture" }, drawn.element, none);

	function update() {
		const { clients: connected } = store.value("clients");
		const { clients, all } = chosen(
			{ rates: store.rates, clients: connected },
			input.value.trim(),
			ids,
		);
		const { rxRate, txRate } = store.total;
		// read before anything is written: each is a layout
		const room = {
			width: Math.max(280, holder.clientWidth),
			top: holder.getBoundingClientRect().top,
		};

		setText(shown, (all > SHOWN ? `${SHOWN} of ` : "") + plural(all, "client"));
		none.hidden = clients.length > 0;
		drawn.update(store.value("overview"), clients, rxRate + txRate, room);
	}
	const again = () => store.value("overview") && store.value("clients") && update();
	const observer = new ResizeObserver(again);

	observer.observe(holder);
	addEventListener("scroll", again, { passive: true });
	return {
		title,
		needs: ["overview", "clients"],
		element: h(
			"div",
			null,
			h("header", { class: "heading" }, h("h1", null, title)),
			h(
				"div",
				{ class: "toolbar" },
				input,
				shown,
				h(
					"p",
					{ class: "note" },
					h("a", { href: build({ view: "clients" }) }, "The same as a table"),
				),
			),
			holder,
		),
		update,
		close: () => {
			observer.disconnect();
			removeEventListener("scroll", again);
		},
	};
}
