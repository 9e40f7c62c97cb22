// SPDX-License-Identifier: Apache-2.0
// The address line: "#/clients/17?q=alice&sort=-rate" is the view "clients", of 17, with options.
// Everything that somebody may want to send to somebody else is in it.

export function parse(hash) {
	const [path, query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
	const [view = "", ...rest] = path.split("/");

	return {
		view: view || "overview",
		item: rest.length ? decode(rest.join("/")) : null,
		options: Object.fromEntries(new URLSearchParams(query)),
	};
}

/** An address somebody broke by hand is text as it stands. */
function decode(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** Options that are empty are left out. */
export function build({ view, item = null, options = {} }) {
	const set = Object.entries(options).filter(([, value]) => value !== "" && value != null);
	const query = new URLSearchParams(set).toString();

	return `#/${view}${item === null ? "" : `/${encodeURIComponent(item)}`}${query ? `?${query}` : ""}`;
}

/** Changes options without a step in the browser's history: a filter is typed letter by letter. */
export function replaceOptions(changes) {
	const route = parse(location.hash);

	history.replaceState(null, "", build({ ...route, options: { ...route.options, ...changes } }));
	dispatchEvent(new Event("routechange"));
}
