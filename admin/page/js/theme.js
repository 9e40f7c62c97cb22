// SPDX-License-Identifier: Apache-2.0
// Light, dark, or as the system says; remembered by this browser.  The style sheet is told the one
// or the other.

const KEY = "lanyard-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
const LABELS = { auto: "System colours", light: "Light", dark: "Dark" };

/** A browser that keeps nothing for us has the system's. */
function kept() {
	try {
		const theme = localStorage.getItem(KEY);
		return theme in LABELS ? theme : "auto";
	} catch {
		return "auto";
	}
}

let theme = kept();

export function applyTheme() {
	const system = dark.matches ? "dark" : "light";

	document.documentElement.dataset.theme = theme === "auto" ? system : theme;
	dispatchEvent(new Event("themechange"));
}

dark.addEventListener("change", applyTheme);

export const themeLabel = () => LABELS[theme];

export function nextTheme() {
	const names = Object.keys(LABELS);

	theme = names[(names.indexOf(theme) + 1) % names.length];
	try {
		localStorage.setItem(KEY, theme);
	} catch {
		// then until the page is closed
	}
	applyTheme();
}
