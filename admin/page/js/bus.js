// SPDX-License-Identifier: Apache-2.0
// Where everything of the network picture is: a cable from the server along the top, lanes that hang
// from it, clients that are plugged into the lanes.  So text stays level and of one size, whether
// there are three clients or two hundred.  Arithmetic only.

export const NODE = { width: 178, line: 16, pad: 9 };
const LANE = { stub: 96, gap: 18, min: 300 };
const TOP = { y: 16, height: 56, cable: 102, first: 124 };
const GAP = 14;

const heightOf = (client) => client.lines.length * NODE.line + 2 * NODE.pad;

/**
 * clients: { id, lines: [text] }, in their order; width: of the picture.  Gives
 * { height, server, lan, cable, lanes: [{ x, from, to }], nodes: [{ client, x, y, height, lane }] }.
 */
export function place(clients, width) {
	const count = Math.max(1, Math.min(Math.floor(width / LANE.min), clients.length || 1));
	const pitch = width / count;
	const lanes = Array.from({ length: count }, (_, at) => ({
		x: Math.round(at * pitch) + 12,
		from: TOP.cable,
		to: TOP.cable,
		y: TOP.first,
	}));
	const nodes = clients.map((client) => {
		const lane = lanes.reduce((best, one) => (one.y < best.y ? one : best));
		const height = heightOf(client);
		const node = {
			client,
			lane,
			x: lane.x + LANE.stub,
			y: lane.y,
			height,
			middle: lane.y + height / 2,
			width: Math.min(
				NODE.width + Math.max(0, pitch - LANE.min),
				pitch - LANE.stub - LANE.gap,
			),
		};

		lane.y += height + GAP;
		lane.to = node.middle;
		return node;
	});
	const box = Math.min(220, (width - 60) / 2);

	return {
		height: Math.max(TOP.first, ...lanes.map(({ y }) => y)),
		lanes,
		nodes,
		lan: { x: 4, y: TOP.y, width: box, height: TOP.height },
		server: { x: box + 56, y: TOP.y, width: box, height: TOP.height },
		cable: {
			y: TOP.cable,
			from: lanes[0].x,
			to: Math.max(lanes[count - 1].x, box + 56 + box / 2),
			server: box + 56 + box / 2,
		},
	};
}

/** How thick a line is: by powers of ten, from a kbit/s on (bytes per second in). */
export const thickness = (rate) =>
	rate * 8 < 1000 ? 1.5 : Math.min(9, 1.5 + 1.15 * (Math.log10(rate * 8) - 3) + 0.6);

/** Cut to what fits; the whole is in the title. */
export const cut = (text, width, size = 7.2) => {
	const fits = Math.max(4, Math.floor(width / size));

	return text.length <= fits ? text : `${text.slice(0, fits - 1)}…`;
};
