// SPDX-License-Identifier: Apache-2.0
// The network as a picture: LAN, server, clients and offices, with what goes over each line now.
import { NODE, cut, place, thickness } from "../bus.js";
import { h, keyed, s, setAttribute, setText } from "../dom.js";
import { plural, rate } from "../format.js";
import { empty } from "../parts.js";
import { build, parse, replaceOptions } from "../route.js";
import { matches } from "../sort.js";

const SHOWN = 200; // more is no picture any more

const global = (client) => client.addresses.find(({ source }) => source !== "link-local")?.address;

/** An office has prefixes of its own, or hosts behind it. */
function linesOf(client) {
	const lines = [client.user, global(client) ?? client.addresses[0]?.address ?? "no address yet"];

	for (const prefix of client.delegated)
		lines.push(`⊂ ${prefix}`);
	if (client.macs.length > 1)
		lines.push(plural(client.macs.length, "host"));
	return lines;
}

const isOffice = (client) => client.delegated.length > 0 || client.macs.length > 1;

const texts = (client) => [client.user, client.group, client.device, ...client.delegated,
	...client.addresses.map(({ address }) => address)];

/** The busiest when there are too many; then by name, so that nobody moves about. */
function chosen(store, query) {
	const all = store.value("clients").clients.filter((client) => !query || matches(texts(client), query));
	const total = (client) => store.rates.now(client.id).rxRate + store.rates.now(client.id).txRate;
	const most = all.length > SHOWN ? [...all].sort((a, b) => total(b) - total(a) || a.id - b.id).slice(0, SHOWN)
		: [...all];

	most.sort((a, b) => Number(isOffice(b)) - Number(isOffice(a)) || a.user.localeCompare(b.user) || a.id - b.id);
	return { clients: most.map((client) => ({ ...client, lines: linesOf(client), busy: total(client) })),
		all: all.length };
}

const box = (name) => s("g", { class: `node ${name}` }, s("rect", { rx: 8 }),
	s("text", { class: "name" }), s("text", { class: "small" }));

function putBox(element, { x, y, width, height }, name, note) {
	const [rect, title, small] = element.children;

	for (const [attribute, value] of Object.entries({ x, y, width, height }))
		setAttribute(rect, attribute, value);
	[[title, name, 24], [small, note, 42]].forEach(([text, content, down]) => {
		setAttribute(text, "x", x + 12);
		setAttribute(text, "y", y + down);
		setText(text, cut(content, width - 24, 7.2));
	});
}

const newNode = () => s("g", { class: "client" }, s("path", { class: "wire" }), s("text", { class: "rate" }),
	s("a", null, s("title"), s("rect", { rx: 6 }), s("g")));

function putLines(group, node) {
	keyed(group, node.client.lines.map((text, at) => ({ text, at })), ({ at }) => at,
		({ at }) => s("text", { class: at ? "small" : "name" }), (element, { text, at }) => {
			setAttribute(element, "x", node.x + NODE.pad);
			setAttribute(element, "y", node.y + NODE.pad + 12 + at * NODE.line);
			setText(element, cut(text, node.width - 2 * NODE.pad, at ? 7 : 8.3));
		});
}

function putNode(element, node) {
	const [wire, label, link] = element.children, { client } = node;
	const [title, rect, lines] = link.children;

	setAttribute(element, "class", isOffice(client) ? "client office" : "client");
	setAttribute(wire, "d", `M${node.lane.x} ${node.middle}H${node.x}`);
	setAttribute(wire, "stroke-width", thickness(client.busy).toFixed(1));
	setAttribute(wire, "class", client.busy * 8 >= 1000 ? "wire busy" : "wire");
	setAttribute(label, "x", node.lane.x + 10);
	setAttribute(label, "y", node.middle - 8);
	setText(label, rate(client.busy));
	setAttribute(link, "href", build({ view: "clients", item: client.id }));
	setText(title, `${client.lines.join("\n")}\n${rate(client.busy)}`);
	for (const [name, value] of Object.entries({ x: node.x, y: node.y, width: node.width, height: node.height }))
		setAttribute(rect, name, value);
	putLines(lines, node);
}

function picture() {
	const cable = s("path", { class: "cable" }), lanes = s("g"), nodes = s("g");
	const lan = box("lan"), server = box("server"), uplink = s("path", { class: "cable" }), through = s("text", { class: "total" });
	const element = s("svg", { class: "network", role: "group", "aria-label": "Network picture" }, uplink, cable,
		lanes, through, lan, server, nodes);

	return { element, update: (overview, clients, total, width) => {
		const places = place(clients, width);

		setAttribute(element, "viewBox", `0 0 ${width} ${places.height}`);
		setAttribute(element, "width", width);
		setAttribute(element, "height", places.height);
		const middle = places.lan.y + places.lan.height / 2;
		setAttribute(uplink, "d", `M${places.lan.x + places.lan.width} ${middle}H${places.server.x}`);
		setAttribute(cable, "d", clients.length ? `M${places.cable.server} ${places.server.y +
			places.server.height}V${places.cable.y}M${places.cable.from} ${places.cable.y}H${places.cable.to}` : "");
		keyed(lanes, clients.length ? places.lanes : [], ({ x }) => x, () => s("path", { class: "cable" }),
			(path, lane) => setAttribute(path, "d", `M${lane.x} ${lane.from}V${lane.to}`));
		const right = places.cable.server + 130 > width;
		setAttribute(through, "x", places.cable.server + (right ? -10 : 10));
		setAttribute(through, "text-anchor", right ? "end" : "start");
		setAttribute(through, "y", places.cable.y - 9);
		setText(through, `${rate(total)} in all`);
		putBox(lan, places.lan, overview.mode === "bridged" ? "LAN (bridged)" : "LAN (routed)",
			overview.advertiser?.prefixes?.[0] ?? overview.interface);
		putBox(server, places.server, "Server", overview.advertiser?.router ?? overview.listen[0]);
		keyed(nodes, places.nodes, (node) => node.client.id, newNode, putNode);
	} };
}

export function network({ store }) {
	const title = "Network", drawn = picture();
	const input = h("input", { type: "search", class: "filter", "aria-label": "Filter: user, address …",
		placeholder: "Filter: user, address …", autocomplete: "off", value: parse(location.hash).options.q ?? "",
		oninput: () => replaceOptions({ q: input.value.trim() }) });
	const shown = h("p", { class: "shown", role: "status" });
	const none = h("div", { class: "empty" }, empty("Nobody is connected."));
	const holder = h("div", { class: "picture" }, drawn.element, none);

	function update() {
		const { clients, all } = chosen(store, input.value.trim()), { rxRate, txRate } = store.total;

		setText(shown, (all > SHOWN ? `the ${SHOWN} busiest of ` : "") + plural(all, "client"));
		none.hidden = clients.length > 0;
		drawn.update(store.value("overview"), clients, rxRate + txRate, Math.max(280, holder.clientWidth));
	}
	const observer = new ResizeObserver(() => store.value("overview") && update());

	observer.observe(holder);
	return { title, needs: ["overview", "clients"], element: h("div", null,
		h("header", { class: "heading" }, h("h1", null, title)),
		h("div", { class: "toolbar" }, input, shown, h("p", { class: "note" },
			h("a", { href: build({ view: "clients" }) }, "The same as a table"))), holder),
	update, close: () => observer.disconnect() };
}
