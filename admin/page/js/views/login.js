// SPDX-License-Identifier: Apache-2.0
// Who are you?  A name, a password, and a one-time code where there is one.
import { ApiError, session } from "../api.js";
import { h } from "../dom.js";
import { logo } from "../shell.js";

const field = (id, label, attributes, hint) =>
	h(
		"div",
		{ class: "field" },
		h("label", { for: id }, label),
		h("input", { id, name: id, "aria-describedby": hint ? `${id}-hint` : null, ...attributes }),
		hint && h("p", { class: "hint", id: `${id}-hint` }, hint),
	);

function sentence(problem) {
	if (!(problem instanceof ApiError)) throw problem;
	if (problem.status === 401) return "That is not right: name, password or code.";
	if (problem.status === 429) return "Too many tries from here. Wait a moment.";
	return `${problem.message}.`;
}

/** The whole form; `parts` are those that change. */
const formOf = (note, ...parts) =>
	h(
		"form",
		{ class: "card login" },
		logo(),
		h("h1", null, "Log in"),
		note && h("p", { class: "note" }, note),
		field(
			"user",
			"Name",
			{ autocomplete: "username", autocapitalize: "none", spellcheck: "false" },
			"Empty: the administrator.",
		),
		field("password", "Password", {
			type: "password",
			autocomplete: "current-password",
			required: true,
		}),
		parts,
	);

/** done(session): somebody is logged in. */
export function login(done, note) {
	const problem = h("p", { class: "problem", role: "alert" });
	const button = h("button", { class: "primary" }, "Log in");
	const code = field("code", "One-time code", {
		autocomplete: "one-time-code",
		inputmode: "numeric",
		maxlength: "8",
	});
	const form = formOf(note, code, problem, button);

	code.hidden = true;

	/** The password is right, and half of it: who has codes is asked for one. */
	const needCode = () => {
		code.hidden = false;
		code.querySelector("input").required = true;
		code.querySelector("input").focus();
	};

	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		button.disabled = true;
		problem.replaceChildren();
		try {
			const { user, password, code: digits } = Object.fromEntries(new FormData(form));
			const answer = await session.begin(user, password, digits);

			if (answer.needs === "code") needCode();
			else done(answer);
		} catch (error) {
			problem.replaceChildren(sentence(error));
			form.elements.password.value = "";
			form.elements.password.focus();
		} finally {
			button.disabled = false;
		}
	});
	return h("main", { class: "alone" }, form);
}
