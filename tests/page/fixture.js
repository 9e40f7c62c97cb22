#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// A server that only pretends: fixture.js PAGE PORT CLIENTS.  It serves the built page and answers
// of the real API's shape, with as many clients as are wanted, for what a real server is too slow to
// set up: a thousand clients, names of every kind.  Port 0: any; the first line says which.
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { World } from "./world.js";

const TYPES = {
	".html": "text/html; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
};
const FILES = {
	"/": "index.html",
	"/page.js": "page.js",
	"/page.css": "page.css",
	"/icon.svg": "icon.svg",
};
const CSP =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const [page, port, clients] = process.argv.slice(2);
const world = new World(Number(clients ?? 12));

function json(response, status, value) {
	response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
	response.end(JSON.stringify(value));
}

/** A snapshot, then each second what is another: here every counter. */
function events(request, response) {
	let before = world.live();
	const send = (kind, object) =>
		response.write(`event: ${kind}\ndata: ${JSON.stringify(object)}\n\n`);
	const timer = setInterval(() => {
		const now = world.live();

		send("delta", { clients: changes(before.clients, now.clients) });
		before = now;
	}, 1000);

	response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
	send("snapshot", before);
	request.on("close", () => clearInterval(timer));
}

function changes(before, now) {
	const gone = Object.keys(before).filter((id) => !now[id]);
	const patch = Object.fromEntries(gone.map((id) => [id, null]));

	for (const [id, client] of Object.entries(now)) {
		const { rx_bytes, tx_bytes, rx_frames, tx_frames } = client;

		patch[id] = before[id] ? { rx_bytes, tx_bytes, rx_frames, tx_frames } : client;
	}
	return patch;
}

function api(request, response, path) {
	const answer = world.answer(request.method, path);

	if (answer) json(response, 200, answer);
	else json(response, 404, { error: "there is nothing of that name", status: 10 });
}

const server = createServer((request, response) => {
	const path = new URL(request.url, "http://localhost").pathname;

	if (path === "/api/v1/events") {
		events(request, response);
		return;
	}
	if (path.startsWith("/api/v1/")) {
		request.resume().on("end", () => api(request, response, decodeURIComponent(path.slice(8))));
		return;
	}
	const file = FILES[path];
	if (!file) {
		json(response, 404, { error: "there is nothing of that name", status: 10 });
		return;
	}
	response.writeHead(200, {
		"Content-Type": TYPES[extname(file)],
		"Content-Security-Policy": CSP,
	});
	createReadStream(join(page, file)).pipe(response);
});

// Streams would keep the program from ending.
process.on("SIGTERM", () => process.exit(0));
server.listen(Number(port ?? 0), "127.0.0.1", () => console.log(server.address().port));
