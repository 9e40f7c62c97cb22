// SPDX-License-Identifier: Apache-2.0
// The configuration of the pretended server: a row of each origin, and text that would be markup.
const row = (section, key, value, more) => ({
	section,
	key,
	value,
	in_force: [],
	made_by: null,
	origin: "default",
	inherited: null,
	line: null,
	after_restart: null,
	...more,
});
const file = (line, more) => ({ origin: "file", line, ...more });

export const settings = {
	file: "/etc/lanyard/server.conf",
	file_read: true,
	read_s: 1_790_000_000,
	needs_restart: ["[bridge] mtu"],
	rows: [
		row("server", "listen", "[::]:443"),
		row("server", "name", "vpn.example.net", file(3)),
		row("server", "workers", "auto", { in_force: ["2"], made_by: "server" }),
		row("server", "auth-command", "/usr/lib/<b>hacked</b>/check ...", file(4)),
		row("bridge", "mtu", "1500", { origin: "kept", line: 7, after_restart: "9000" }),
		row("ra", "prefix", "auto", {
			in_force: ["fd79:b5f5:e43a::/64"],
			made_by: "server",
			...file(9),
		}),
		row("ra", "prefix", "interface eth0", {
			in_force: ["2001:db8:1::/64", "2001:db8:2::/64"],
			made_by: "kernel",
			...file(10),
		}),
		row("ra", "mtu", null, { in_force: ["1500"], made_by: "other-keys" }),
		row("ra", "captive-portal", `https://portal.example/${"long".repeat(50)}`, file(12)),
		row("dhcp6", "reserve", "carol 2001:db8:1::c0de", { origin: "state" }),
		row("group engineers", "dns", "2001:db8:100::53", file(20, { inherited: "ra" })),
		row("user alice", "group", "engineers", { origin: "state" }),
		...Array.from({ length: 60 }, (_, n) =>
			row("dhcp6", "reserve", `host${n} 2001:db8:1::${n.toString(16)}`, file(30 + n)),
		),
	],
};
