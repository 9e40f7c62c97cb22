// SPDX-License-Identifier: Apache-2.0
// A browser that tests written in Python drive: one JSON object a line in, one a line out.
// browser.py is the other end and says what each action is for.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

const [modules, executable] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What the page did that no page should: an error, a refused script, a request elsewhere. */
const problems = [];
/** What the browser saves, in its order. */
const downloads = [];
let browser, page, session;

function watch(context, origin) {
	context.on("page", (one) => {
		one.on("download", (download) => downloads.push(download));
		one.on("pageerror", (error) => problems.push(`error: ${error.stack}`));
		one.on("console", (message) => {
			// what a lost server and a wrong password look like to a browser is not the page's doing
			if (message.type() === "error" && !/Failed to load resource/.test(message.text()))
				problems.push(`console: ${message.text()}`);
		});
		one.on("dialog", (dialog) => {
			problems.push(`dialog: ${dialog.message()}`);
			dialog.dismiss();
		});
		one.on("request", (request) => {
			if (new URL(request.url()).origin !== origin)
				problems.push(`a request to ${request.url()}`);
		});
	});
}

/** { role, name } or { css } or { text }, in the open dialog if there is one and it is asked for. */
function find({ role, name, css, text, label }) {
	if (role) return page.getByRole(role, { name, exact: true });
	if (label) return page.getByLabel(label, { exact: true });
	return css ? page.locator(css) : page.getByText(text);
}

const ACTIONS = {
	async open({ url, width, height, scheme, keep, first }) {
		const storage = keep && page ? await page.context().storageState() : undefined;

		await page?.context().close();
		session = null;
		const context = await browser.newContext({
			ignoreHTTPSErrors: true, // a test's own CA is none of the browser's
			viewport: { width, height },
			colorScheme: scheme,
			storageState: storage,
			reducedMotion: "reduce",
		});
		watch(context, new URL(url).origin);
		page = await context.newPage();
		if (first) await page.addInitScript(first);
		await page.goto(url, { waitUntil: "load" });
	},
	async go({ hash }) {
		await page.evaluate((to) => {
			location.hash = to;
		}, hash);
	},
	async fill({ value, ...where }) {
		await find(where).fill(value);
	},
	async select({ value, ...where }) {
		await find(where).selectOption(value);
	},
	async click({ ...where }) {
		await find(where).click();
	},
	async press({ keys }) {
		await page.keyboard.press(keys);
	},
	async see({ limit_ms, ...where }) {
		await find(where).first().waitFor({ state: "visible", timeout: limit_ms });
	},
	async miss({ limit_ms, ...where }) {
		await find(where).first().waitFor({ state: "hidden", timeout: limit_ms });
	},
	async offline({ offline }) {
		await page.context().setOffline(offline);
	},
	text: ({ ...where }) => find(where).first().innerText(),
	texts: ({ ...where }) => find(where).allInnerTexts(),
	evaluate: ({ script }) => page.evaluate(script),
	async wait_for({ script, limit_ms }) {
		const until = Date.now() + limit_ms;

		// not waitForFunction, which the page's policy forbids: it evaluates text
		while (!(await page.evaluate(script))) {
			if (Date.now() > until) throw new Error(`not within ${limit_ms} ms`);
			await setTimeout(50);
		}
	},
	async busy() {
		session ??= await page.context().newCDPSession(page);
		await session.send("Performance.enable");
		const { metrics } = await session.send("Performance.getMetrics");

		return metrics.find(({ name }) => name === "TaskDuration").value;
	},
	/** What began to be saved first, when it is whole. */
	async save({ path, limit_ms }) {
		const until = Date.now() + limit_ms;

		while (!downloads.length) {
			if (Date.now() > until) throw new Error("nothing is saved");
			await setTimeout(50);
		}
		const download = downloads.shift();
		const failed = await download.failure(); // waits for its end
		if (failed) throw new Error(`the download failed: ${failed}`);
		await download.saveAs(path);
		return download.suggestedFilename();
	},
	async shoot({ path }) {
		await page.screenshot({ path, fullPage: true });
	},
	async judge({ rules }) {
		if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
		const runOnly = rules ? { type: "rule", values: rules } : { type: "tag", values: RULES };
		const { violations } = await page.evaluate(
			(options) => globalThis.axe.run(document, options),
			{ runOnly, resultTypes: ["violations"] },
		);

		return violations.map(
			({ id, help, nodes }) =>
				`${id}: ${help}: ` +
				nodes
					.slice(0, 3)
					.map(({ html, failureSummary }) => `${html} ${failureSummary}`)
					.join("; "),
		);
	},
	sideways: () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
	problems: () => problems.splice(0),
};

async function answer(line) {
	const { action, ...options } = JSON.parse(line);

	try {
		return { value: (await ACTIONS[action](options)) ?? null };
	} catch (error) {
		return { error: error.message };
	}
}

// As root in namespaces there is no sandbox of chromium's own; the page is ours.
browser = await chromium.launch({
	executablePath: executable,
	args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
console.log("ready");
for await (const line of createInterface({ input: process.stdin }))
	console.log(JSON.stringify(await answer(line)));
await browser.close();
