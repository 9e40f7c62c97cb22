// SPDX-License-Identifier: Apache-2.0
// A graph of both directions over time, by uPlot, and the same as a table for those who cannot see
// it.  uPlot draws on a canvas: its colours are read from the style sheet, again when that changes.
import uPlot from "uplot";
import { h, setText } from "./dom.js";
import { clock, momentExact, rate } from "./format.js";
import { summary } from "./history.js";

const HEIGHT = 220;
const LEAST_S = 60; // the shortest time that is shown
const DIRECTIONS = [
	{ field: "rx", label: "From clients", colour: "--in" },
	{ field: "tx", label: "To clients", colour: "--out" },
];

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export class Chart {
	/** title names it for a screen reader; labels of both directions. */
	constructor(title, labels = DIRECTIONS.map(({ label }) => label)) {
		this.title = title;
		this.labels = labels;
		this.points = [];
		this.canvas = h("div", { class: "plot", role: "img", "aria-label": title });
		this.begins = h("p", { class: "begins note" }, "Measuring: the line begins in a few seconds.");
		this.legend = h("dl", { class: "legend" });
		this.rows = h("tbody");
		this.element = h(
			"div",
			{ class: "chart" },
			this.legend,
			h("div", { class: "drawn" }, this.canvas, this.begins),
			this.#table(),
		);
		this.observer = new ResizeObserver(() => this.#resize());
		this.observer.observe(this.canvas);
		this.redraw = () => this.#draw();
		addEventListener("themechange", this.redraw);
		this.#makeLegend();
	}

	close() {
		this.observer.disconnect();
		removeEventListener("themechange", this.redraw);
		this.plot?.destroy();
	}

	/** points: { at (s), rx, tx } in bytes per second; span: how many seconds are shown. */
	update(points, span) {
		this.points = points;
		this.span = span;
		this.begins.hidden = points.length > 1; // one point is no line
		if (this.plot) this.plot.setData(this.#data());
		else this.#draw();
		this.#tell();
	}

	#data() {
		return [
			this.points.map(({ at }) => at),
			...DIRECTIONS.map(({ field }) => this.points.map((point) => point[field] * 8)),
		];
	}

	#draw() {
		const width = this.canvas.clientWidth;

		this.plot?.destroy();
		this.plot = null;
		if (width < 50) return;
		this.plot = new uPlot(this.#options(width), this.#data(), this.canvas);
	}

	#options(width) {
		const axis = {
			size: 34,
			stroke: colour("--muted"),
			grid: { stroke: colour("--line"), width: 1 },
			ticks: { show: false },
			font: "12px system-ui, sans-serif",
		};
		const format = (value) => rate(value / 8);

		return {
			width,
			height: HEIGHT,
			legend: { show: false },
			cursor: { y: false, drag: { setScale: false } },
			scales: {
				x: { range: () => [this.#begin(), this.#end()] },
				y: { range: (plot, low, high) => [0, Math.max(high * 1.1, 8000)] },
			},
			axes: [
				{
					...axis,
					values: (plot, ticks, at, space, step) =>
						ticks.map((tick) => clock(tick, step < 60)),
				},
				{ ...axis, size: 84, values: (plot, ticks) => ticks.map(format) },
			],
			series: [
				{},
				...DIRECTIONS.map((direction, at) => ({
					label: this.labels[at],
					stroke: colour(direction.colour),
					fill: `${colour(direction.colour)}22`,
					width: 2,
					points: { show: false },
				})),
			],
		};
	}

	#end() {
		return this.points.length ? this.points[this.points.length - 1].at : Date.now() / 1000;
	}

	/** What is known fills the width: nobody wants to see an hour of nothing. */
	#begin() {
		const from = this.points.length ? this.points[0].at : Infinity;

		return Math.max(this.#end() - this.span, Math.min(from, this.#end() - LEAST_S));
	}

	#resize() {
		const width = this.canvas.clientWidth;

		if (this.plot && width >= 50) this.plot.setSize({ width, height: HEIGHT });
		else if (!this.plot && this.span) this.#draw();
	}

	#makeLegend() {
		this.values = DIRECTIONS.map(({ field }, at) => {
			const value = h("span", { class: "number" });

			this.legend.append(
				h("div", null, h("dt", { class: field }, this.labels[at]), h("dd", null, value)),
			);
			return value;
		});
	}

	#table() {
		this.details = h(
			"details",
			{ class: "behind", ontoggle: () => this.#tell() },
			h("summary", null, "As a table"),
			h(
				"div",
				{ class: "scroll", tabindex: "0", role: "region", "aria-label": this.title },
				h(
					"table",
					null,
					h("caption", { class: "hidden" }, this.title),
					h(
						"thead",
						null,
						h(
							"tr",
							null,
							["Time", ...this.labels].map((label) =>
								h("th", { scope: "col" }, label),
							),
						),
					),
					this.rows,
				),
			),
		);
		return this.details;
	}

	#tell() {
		DIRECTIONS.forEach(({ field }, at) => {
			const { current, average, peak } = summary(this.points, field);

			setText(
				this.values[at],
				`${rate(current)} now, ${rate(average)} average, ${rate(peak)} peak`,
			);
		});
		if (!this.details.open) return;
		const every = Math.ceil(this.points.length / 60);
		const shown = this.points.filter((point, at) => at % every === 0).reverse();
		this.rows.replaceChildren(
			...shown.map(({ at, rx, tx }) =>
				h(
					"tr",
					null,
					h("th", { scope: "row" }, momentExact(at)),
					h("td", null, rate(rx)),
					h("td", null, rate(tx)),
				),
			),
		);
	}
}
