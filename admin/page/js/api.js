// SPDX-License-Identifier: Apache-2.0
// The server's API: every request of the page, in one place.  Knows no document.

export const BASE = "api/v1/";
const LIMIT_MS = 5_000;

/** status 0: there was no answer. */
export class ApiError extends Error {
	constructor(status, text) {
		super(text);
		this.status = status;
	}
}

async function answer_of(response) {
	const text = await response.text();

	try {
		return text ? JSON.parse(text) : {};
	} catch {
		throw new ApiError(response.status, "the server's answer is no JSON");
	}
}

export async function request(method, path, body) {
	const headers = { Accept: "application/json" };
	let response;

	if (body !== undefined) headers["Content-Type"] = "application/json";
	try {
		response = await fetch(BASE + path, {
			method,
			headers,
			cache: "no-store",
			credentials: "same-origin",
			redirect: "error",
			signal: AbortSignal.timeout(LIMIT_MS),
			body: body === undefined ? undefined : JSON.stringify(body),
		});
	} catch (problem) {
		throw new ApiError(
			0,
			problem.name === "TimeoutError"
				? "the server did not answer in time"
				: "the server cannot be reached",
		);
	}
	const answer = await answer_of(response);
	if (!response.ok)
		throw new ApiError(
			response.status,
			answer.error ?? `the server answered ${response.status}`,
		);
	return answer;
}

export const get = (path) => request("GET", path);

/** What somebody may do, by name: how it is asked. */
export const session = {
	read: () => get("session"),
	begin: (user, password, code) =>
		request("POST", "session", {
			password,
			...(user ? { user } : {}),
			...(code ? { code } : {}),
		}),
	end: () => request("DELETE", "session"),
};
