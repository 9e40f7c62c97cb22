// SPDX-License-Identifier: Apache-2.0
// Who is connected, live.
import { actionColumns } from "../columns.js";
import { h, icon, setText } from "../dom.js";
import { cipher, count, duration, rate, reason, roundTrip, sum } from "../format.js";
import { CAPTURE } from "../icons.js";
import { empty } from "../parts.js";
import { build } from "../route.js";
import { spark, updateSpark } from "../spark.js";
import { Table } from "../table.js";
import { captureAll, captureClient, runningCaptures } from "./captures.js";

/** Who is captured is to be seen where everybody looks. */
const nameCell = (client) =>
	h(
		"span",
		null,
		h("a", { class: "cut", href: build({ view: "clients", item: client.id }) }, client.user),
		" ",
		h("span", { class: "badge warn", hidden: true }, "captured"),
	);

function updateName(element, client) {
	setText(element.firstChild, client.user);
	element.firstChild.title = client.user;
	element.lastChild.hidden = !client.captures?.length;
}

const dropsText = (drops) =>
	Object.entries(drops ?? {})
		.sort(([, a], [, b]) => b - a)
		.map(([name, n]) => `${reason(name)} ${count(n)}`)
		.join(", ");

/** Without its port, of which nobody thinks when looking for somebody. */
const where = (client) => client.remote.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");

const captureButton = (ctx, client) =>
	h(
		"button",
		{
			type: "button",
			class: "small quiet",
			title: `Capture ${client.user}`,
			onclick: () => captureClient(ctx, client),
		},
		icon(CAPTURE),
		h("span", { class: "hidden" }, `Capture ${client.user}`),
	);

const columns = (ctx, rates) => [
	{
		id: "user",
		title: "User",
		head: true,
		value: (client) => client.user,
		cell: nameCell,
		update: updateName,
	},
	{
		id: "device",
		title: "Device",
		class: "cut roomy",
		value: (client) => client.device,
		cell: (client) => client.device,
	},
	{
		id: "group",
		title: "Group",
		class: "cut roomy",
		value: (client) => client.group,
		cell: (client) => client.group ?? "–",
	},
	{ id: "from", title: "From", class: "code cut roomy", value: where, cell: where },
	{
		id: "since",
		title: "Since",
		class: "number roomy",
		value: (client) => client.connected_s,
		down: true,
		cell: (client) => duration(client.connected_s),
	},
	{
		id: "rtt",
		title: "Round trip",
		class: "number roomy",
		value: (client) => client.rtt_us || null,
		cell: (client) => roundTrip(client.rtt_us),
	},
	{
		id: "rate",
		title: "Last minute",
		class: "spark-cell roomy",
		down: true,
		cell: spark,
		value: (client) => rates.now(client.id).rxRate + rates.now(client.id).txRate,
		update: (element, client) => updateSpark(element, rates.series(client.id)),
	},
	{
		id: "rx",
		title: "Received",
		class: "number",
		down: true,
		cell: (client) => rate(rates.now(client.id).rxRate),
		value: (client) => rates.now(client.id).rxRate,
	},
	{
		id: "tx",
		title: "Sent",
		class: "number",
		down: true,
		cell: (client) => rate(rates.now(client.id).txRate),
		value: (client) => rates.now(client.id).txRate,
	},
	{
		id: "drops",
		title: "Drops",
		class: "number",
		down: true,
		value: (client) => sum(client.drops),
		cell: () => h("span"),
		update: (element, client) => {
			setText(element, count(sum(client.drops)));
			element.title = dropsText(client.drops);
		},
	},
	{
		id: "cipher",
		title: "Cipher",
		class: "roomy",
		value: (client) => cipher(client.cipher),
		cell: (client) => cipher(client.cipher).replace(/-(GCM|Poly1305)$/, ""),
	},
	...actionColumns(ctx, (client) => captureButton(ctx, client)).map((column) => ({
		...column,
		class: "tight roomy",
	})),
];

const texts = (client) => [
	client.user,
	client.device,
	client.group,
	client.remote,
	cipher(client.cipher),
	...client.macs,
	...client.addresses.map(({ address }) => address),
	...client.delegated,
];

export function clients(ctx) {
	const title = "Clients";
	const { store } = ctx,
		captures = runningCaptures(ctx);
	const table = new Table({
		caption: "Connected clients",
		noun: "client",
		columns: columns(ctx, store.rates),
		sort: "user",
		key: (client) => client.id,
		filter: { label: "Filter: user, device, address …", texts },
		empty: empty(
			"Nobody is connected.",
			"Who may connect is under ",
			h("a", { href: build({ view: "users" }) }, "Users"),
			"; an invitation brings somebody in.",
		),
	});

	return {
		title,
		needs: ["clients", "captures"],
		element: h(
			"div",
			null,
			h(
				"header",
				{ class: "heading" },
				h("h1", null, title),
				ctx.mayChange &&
					h(
						"div",
						{ class: "actions" },
						h("button", { type: "button", onclick: () => captureAll(ctx) }, "Capture"),
					),
			),
			table.element,
			captures.element,
		),
		update: () => {
			captures.update(store.value("captures").captures);
			table.update(store.value("clients").clients);
		},
	};
}
