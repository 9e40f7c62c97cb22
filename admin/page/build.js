#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Makes the page that the program serves: build.js SOURCE OUTPUT DEPFILE.
//
// npm installs what package-lock.json names, into a folder beside the output and never into the
// source; esbuild joins and shortens.  What comes out depends on the source and the lock alone.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const FILES = ["index.html", "icon.svg"];
const LIBRARIES = ["uplot", "uqr"];

function installed(stamp) {
	try {
		return readFileSync(stamp, "utf8");
	} catch {
		return null; // it never was
	}
}

function install(source, work) {
	const stamp = join(work, "installed"),
		wanted = readFileSync(join(source, "package-lock.json"), "utf8");

	if (installed(stamp) === wanted) return;
	rmSync(stamp, { force: true });
	mkdirSync(work, { recursive: true });
	for (const name of ["package.json", "package-lock.json"])
		copyFileSync(join(source, name), join(work, name));
	try {
		execFileSync(
			"npm",
			[
				"ci",
				"--no-audit",
				"--no-fund",
				"--ignore-scripts",
				"--prefer-offline",
				"--loglevel=error",
				"--fetch-retries=3", // npm's own pauses make over a minute where nothing is reached
				"--fetch-retry-mintimeout=1000",
				"--fetch-retry-maxtimeout=5000",
			],
			{ cwd: work, stdio: ["ignore", "inherit", "inherit"] },
		);
	} catch {
		console.error(
			"npm cannot get what the admin page is made with; -Dadmin-page=disabled builds without it",
		);
		process.exit(1); // npm has said why
	}
	writeFileSync(stamp, wanted);
}

/** Returns the files that went in. */
async function bundle(source, work, output) {
	const esbuild = createRequire(join(work, "package.json"))("esbuild");
	const options = {
		bundle: true,
		minify: true,
		metafile: true,
		logLevel: "warning",
		absWorkingDir: source,
		target: ["chrome109", "firefox115", "safari16.4"],
		nodePaths: [join(work, "node_modules")],
	};
	const banner = { js: "/* With uPlot and uqr, MIT: licences.txt */" };
	const made = await Promise.all([
		esbuild.build({
			...options,
			banner,
			entryPoints: ["js/main.js"],
			format: "esm",
			outfile: join(output, "page.js"),
		}),
		esbuild.build({
			...options,
			entryPoints: ["css/page.css"],
			outfile: join(output, "page.css"),
		}),
	]);

	return made
		.flatMap(({ metafile }) => Object.keys(metafile.inputs))
		.map((path) => resolve(source, path));
}

const licences = (work) =>
	LIBRARIES.map((name) => {
		const folder = join(work, "node_modules", name);
		const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

		return `${name} ${version}\n\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}\n`;
	}).join("\n----\n\n");

async function main(source, output, depfile) {
	const work = join(output, "npm");

	install(source, work);
	const inputs = await bundle(source, work, output);
	for (const name of FILES) {
		const text = readFileSync(join(source, name), "utf8");
		writeFileSync(join(output, name), text.replace(/<!-- SPDX.*-->\n/, ""));
	}
	writeFileSync(join(output, "licences.txt"), licences(work));
	const used = [
		...inputs.filter((path) => !path.startsWith(work)),
		...[...FILES, "package-lock.json"].map((name) => join(source, name)),
	];
	writeFileSync(depfile, `${join(output, "index.html")}: ${used.join(" ")}\n`);
}

await main(...process.argv.slice(2, 5).map((path) => resolve(path)));
