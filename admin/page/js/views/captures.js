// SPDX-License-Identifier: Apache-2.0
// Captures: begun in a dialog, saved by the browser itself, and shown while they run.
import { actions } from "../actions.js";
import { BASE } from "../api.js";
import { actionColumns, textColumn } from "../columns.js";
import { ask } from "../dialog.js";
import { h } from "../dom.js";
import { bytes, count, duration } from "../format.js";
import { say } from "../say.js";
import { Table } from "../table.js";

const MIB = 1024 * 1024;
const EVERYTHING = "";
const LAN = "lan";

/** The file goes to the disk as it comes, not through this page: it may be larger than its memory. */
function save(number) {
	const link = h("a", { href: `${BASE}captures/${number}`, download: "", hidden: true });

	document.body.append(link);
	link.click();
	link.remove();
}

const limit = (name, label, value, max) => ({
	name,
	label,
	type: "number",
	min: 1,
	max,
	value: String(value),
	required: true,
});

/** choices: whose frames, as [what the API takes, what is said of it]; the first is proposed. */
function askCapture(ctx, title, choices) {
	ask({
		title,
		action: "Capture",
		text:
			"The frames as they are inside of the tunnel, with their direction, as a pcapng file that " +
			"your browser saves; Wireshark and tcpdump read it. Who captures whom is in the audit log.",
		fields: [
			{ name: "of", label: "Whose", options: choices, value: choices[0][0] },
			{
				name: "filter",
				label: "Filter",
				maxlength: 1000,
				spellcheck: "false",
				autocapitalize: "none",
				hint: "As tcpdump takes it: icmp6, or tcp port 443 and host 2001:db8::1. Empty: every frame.",
			},
			limit("seconds", "At most so many seconds", 60, 3600),
			limit("mib", "At most so many MiB", 16, 1024),
		],
		submit: async ({ of, filter, seconds, mib }) => {
			const { capture } = await actions.capture({
				...(of === EVERYTHING ? {} : { of }),
				...(filter.trim() ? { filter: filter.trim() } : {}),
				seconds: Number(seconds),
				bytes: Number(mib) * MIB,
			});

			save(capture);
			say(`Capture ${capture} runs: your browser saves it`);
			await ctx.live.refresh("captures", "clients");
		},
	});
}

export const captureAll = (ctx) =>
	askCapture(ctx, "Capture", [
		[EVERYTHING, "All clients and the LAN"],
		[LAN, "The server's own interface"],
	]);

/** By its number; what it is called, too, unless that would be the LAN. */
export function captureClient(ctx, { id, user }) {
	const choices = [[String(id), "This connection"]];

	if (user !== LAN) choices.push([user, "All connections of this user, those to come too"]);
	askCapture(ctx, `Capture ${user}`, choices);
}

function askStop(ctx, row) {
	ask({
		title: `Stop capture ${row.capture}?`,
		action: "Stop",
		danger: true,
		text: `${row.who} has what was captured until now: that file is whole.`,
		submit: async () => {
			await actions.stopCapture(row.capture);
			say(`Capture ${row.capture} has ended`);
			await ctx.live.refresh("captures", "clients");
		},
	});
}

const of = (text, most) => (most === null ? text : `${text} of ${most}`);

const whose = (row) =>
	row.of === "all"
		? "everybody"
		: row.of === LAN
			? "the LAN"
			: /^\d+$/.test(row.of)
				? `client ${row.of}`
				: row.of;

const columns = (ctx) => [
	textColumn("capture", "Capture", {
		head: true,
		class: "cut",
		cell: (row) => `${row.capture}, of ${whose(row)}`,
	}),
	textColumn("filter", "Filter", { class: "code cut roomy", cell: (row) => row.filter || "–" }),
	textColumn("who", "By", { class: "cut roomy" }),
	textColumn("running_s", "Runs", {
		class: "number",
		cell: (row) =>
			of(duration(row.running_s), row.max_s === null ? null : duration(row.max_s)),
	}),
	textColumn("bytes", "Size", {
		class: "number roomy",
		cell: (row) => of(bytes(row.bytes), row.max_bytes === null ? null : bytes(row.max_bytes)),
	}),
	textColumn("frames", "Frames", {
		class: "number roomy",
		cell: (row) => count(row.frames) + (row.lost ? `, ${count(row.lost)} lost` : ""),
	}),
	...actionColumns(ctx, (row) =>
		h(
			"button",
			{ type: "button", class: "small", onclick: () => askStop(ctx, row) },
			"Stop",
		),
	),
];

/** A card that is there while one of `chosen(captures)` runs. */
export function runningCaptures(ctx, chosen = (captures) => captures) {
	const table = new Table({
		caption: "Captures that run",
		columns: columns(ctx),
		sort: "capture",
		prefix: "x-",
		key: (row) => row.capture,
		empty: "No capture runs.",
	});
	const element = h(
		"section",
		{ class: "card captures", hidden: true },
		h("h2", null, "Captures that run"),
		table.element,
	);

	return {
		element,
		update: (captures) => {
			const rows = chosen(captures);

			element.hidden = rows.length === 0;
			table.update(rows);
		},
	};
}
