// SPDX-License-Identifier: Apache-2.0
// What the pretended server of fixture.js knows.  Shapes and most values are those of a real one
// (`lanyard show ... --json`); counters grow with the clock.

import { historyOf, historyOfAll } from "./history.js";
import { settings } from "./settings.js";

const NAMES = [
	"alice",
	"bob",
	"carol",
	"dave",
	"erin",
	"frank",
	"grace",
	"heidi",
	"ivan",
	"judy",
	"mallory",
	"niaj",
	"olivia",
	"peggy",
	"rupert",
	"sybil",
	"trent",
	"victor",
	"walter",
	"yolanda",
];
const DEVICES = ["laptop", "thinkpad", "macbook", "desktop", "router", "nas"];
const GROUPS = [null, "engineers", "sales", null];

/** Names that would do something where text became markup, or a terminal's command. */
export const HOSTILE = [
	"<img src=x onerror=document.title='hacked'>",
	"<script>document.title='hacked'</script>",
	"\"'><svg onload=document.title='hacked'>",
	"\\x1b[31mred\\x1b[0m",
	"javascript:alert(1)",
	"{{7*7}}",
	"\u202egnp.exe",
	"a&amp;b",
];

const hex = (n) => n.toString(16);
const now_s = () => Math.floor(Date.now() / 1000);

/** Counts by reason, of all of them. */
function dropsOf(clients) {
	const all = {};
	for (const { drops } of clients)
		for (const [reason, count] of Object.entries(drops)) all[reason] = (all[reason] ?? 0) + count;
	return all;
}

function groupsOf(clients) {
	const all = {};
	for (const client of clients) {
		const group = (all[client.group ?? ""] ??= {
			clients: 0,
			rx_bytes: 0,
			tx_bytes: 0,
			rx_frames: 0,
			tx_frames: 0,
		});
		group.clients += 1;
		for (const name of ["rx_bytes", "tx_bytes", "rx_frames", "tx_frames"])
			group[name] += client[name];
	}
	return all;
}

function ra() {
	return {
		lifetime_s: 0,
		preference: "medium",
		hop_limit: 64,
		managed: true,
		other: true,
		reachable_ms: 0,
		retrans_ms: 0,
		mtu: 1500,
		source_mac: "c2:9e:be:b4:e1:d3",
		captive_portal: "",
		prefixes: [
			{
				prefix: "2001:db8:1::/64",
				on_link: true,
				autonomous: true,
				pd_preferred: false,
				valid_s: 5400,
				preferred_s: 2700,
			},
		],
		routes: [{ prefix: "2001:db8:100::/48", preference: "high", lifetime_s: 1800 }],
		dns: [{ address: "2001:db8:100::53", lifetime_s: 1800 }],
		search: [{ domain: "corp.example", lifetime_s: 1800 }],
		nat64: [],
		dnr: [],
	};
}

const schedule = ({ id, user }) => ({
	id,
	user,
	phase: id % 5 ? "steady" : "initial",
	next_due_s: id % 200,
	last_s: id % 90,
});

const DHCP6 = {
	durable: true,
	received: 1204,
	sent: 1190,
	unsent: 0,
	results: {},
	messages: {
		received: { Solicit: 602, Request: 602 },
		sent: { Advertise: 595, Reply: 595 },
		answers: { Success: 1180, NoAddrsAvail: 10 },
	},
	store: { commits: 402, failures: 0, commit_us: 804_000, within: [{ us: 1000, commits: 12 }] },
};

const OVERVIEW = {
	schema: 1,
	role: "server",
	version: "0.1.0",
	listen: ["192.0.2.1:443", "[2001:db8:ffff::1]:443"],
	interface: "lanyard0",
	mode: "routed",
	workers: 2,
	per_worker: [],
	tap_drops: {},
	captures: { running: 0, frames: 0, bytes: 0, lost: 0 },
	advertiser: {
		enabled: true,
		router: "fe80::c09e:beff:feb4:e1d3",
		router_mac: "c2:9e:be:b4:e1:d3",
		prefixes: ["2001:db8:1::/64"],
		ra_sent: 10_438,
		rs_received: 388,
		rs_bad: {},
		ra_received: 77,
		ra_bad: {},
		other_routers: 1,
		conflicts: {},
	},
	strangers: {
		now: 0,
		accepted: 412,
		logged_in: 390,
		refused: { "too-many": 3, password: 17 },
		handshake: { "not-tls": 2 },
	},
	rx_bytes: 1,
	tx_bytes: 1,
	rx_frames: 1,
	tx_frames: 1,
	certificate: {
		ends_s: 1_900_000_000,
		authority_ends_s: 2_100_000_000,
		old_authority_ends_s: null,
		problem: null,
	},
	warnings: [
		{
			what: "certificates",
			text: "certificates of users end within 30 days",
			todo: "clients renew their own when they connect; the others need an invitation",
		},
	],
};

export class World {
	constructor(clients) {
		this.count = clients;
		this.started = now_s() - 93_600;
		this.gone = new Set();
	}

	#user(id) {
		const name = NAMES[(id - 1) % NAMES.length],
			round = Math.floor((id - 1) / NAMES.length);

		return id % 11 === 10
			? HOSTILE[Math.floor(id / 11) % HOSTILE.length] + (round || "")
			: `${name}${round || ""}`;
	}

	#client(id) {
		const office = id % 9 === 4,
			seconds = Date.now() / 1000 - this.started;
		const speed = id % 5 === 0 ? 40 : id % 3 === 0 ? (9e4 * id) % 7e6 : 1.1e6 / id;
		const wave = 1 + 0.6 * Math.sin(seconds / 7 + id);
		const rx = Math.floor(speed * (seconds + 4 * wave)),
			mac = (n) =>
				`02:00:${hex(n + 16)}:00:` +
				`${hex(Math.floor(id / 200) + 16)}:${hex((id % 200) + 16)}`;
		const macs = office ? [0, 1, 2].map(mac) : [mac(0)];

		return {
			id,
			user: this.#user(id),
			group: GROUPS[id % 4],
			device: DEVICES[id % 6],
			remote:
				id % 4
					? `192.0.2.${(id % 250) + 1}:${40000 + id}`
					: `[2001:db8:ffff::${hex(id)}]:${40000 + id}`,
			transport: "tls",
			cipher: id % 6 ? "TLS_AES_256_GCM_SHA384" : "TLS_CHACHA20_POLY1305_SHA256",
			aead: "intel-ipsec-mb",
			connected_s: Math.floor(seconds % (3000 + 791 * id)),
			rtt_us: 900 + ((7301 * id) % 90_000),
			rx_bytes: rx,
			tx_bytes: Math.floor(rx * 2.6),
			rx_frames: Math.floor(rx / 700),
			tx_frames: Math.floor(rx / 410),
			drops: id % 7 === 3 ? { "ra-from-client": 12 * id, "mac-limit": 2 } : {},
			marked: id % 3,
			captures: id === 3 ? [1] : [],
			macs,
			addresses: macs.flatMap((one, at) => [
				{
					address: `fe80::${hex(id)}:${hex(at + 1)}`,
					source: "link-local",
					mac: one,
					seen_s: id % 40,
				},
				{
					address: `2001:db8:1::${hex(0x1000 + id)}:${hex(at + 1)}`,
					source: id % 2 ? "slaac" : "dhcp6",
					mac: one,
					seen_s: id % 9,
				},
			]),
			delegated: office ? [`2001:db8:f0${hex((id % 240) + 16)}:100::/56`] : [],
		};
	}

	#clients() {
		return Array.from({ length: this.count }, (_, at) => at + 1)
			.filter((id) => !this.gone.has(id))
			.map((id) => this.#client(id));
	}

	#leases() {
		return this.#clients()
			.filter(({ id }) => id % 2 === 0)
			.slice(0, 300)
			.map((client) => ({
				what: client.delegated[0] ?? `2001:db8:1::${hex(0x1000 + client.id)}:1`,
				kind: client.delegated[0] ? "prefix" : "address",
				state: client.id % 12 ? "active" : "offered",
				user: client.user,
				duid: `00:01:00:01:2c:${hex((client.id % 200) + 16)}:aa:bb`,
				iaid: client.id,
				mac: client.macs[0],
				host: client.id % 4 ? null : `host-${client.id}.<b>corp</b>.example`,
				via: "client",
				reconfigure: true,
				since_s: 3000,
				renewed_s: 200,
				left_s: 43_200 - ((client.id * 37) % 40_000),
				excluded: null,
				interface_id: null,
				remote_id: null,
			}));
	}

	#overview(clients) {
		const active = Math.floor(clients.length / 2);

		return {
			...OVERVIEW,
			started_s: this.started,
			now_s: now_s(),
			dhcp6: { ...DHCP6, leases: { offered: 1, active, declined: 0, remembered: 4 } },
			clients: clients.length,
			drops: dropsOf(clients),
			groups: groupsOf(clients),
			ending: [
				{ user: "heidi", fingerprint: "ab".repeat(32), not_after_s: now_s() + 900_000 },
			],
		};
	}

	#router(clients) {
		return {
			interface: "lanyard0",
			from: "fe80::c09e:beff:feb4:e1d3",
			mac: "c2:9e:be:b4:e1:d3",
			has_default_route: false,
			forwards: true,
			routes_left_out: 0,
			counters: {
				ra_sent: 10_438,
				rs_received: 388,
				rs_bad: {},
				ra_received: 77,
				ra_bad: {},
				conflicts: {},
			},
			scopes: [
				{ ...ra(), user: null, group: null, enabled: true, clients: clients.length - 2 },
				{ ...ra(), user: null, group: "engineers", enabled: true, clients: 2 },
			],
			clients: clients.map(schedule),
			routers: [
				{
					...ra(),
					from: "fe80::1",
					mac: "02:aa:bb:cc:dd:ee",
					heard_s: now_s() % 30,
					received: 77,
					differences: [
						{ what: "mtu", text: "it says 1480 where this server says 1500" },
					],
					conflicts: { mtu: 3 },
				},
			],
		};
	}

	#users() {
		return this.#clients().map(({ id, user, group }) => ({
			name: user,
			created_s: now_s() - 900_000 - id * 3600,
			certificates: 1,
			group,
			group_has_section: false,
			auth: id % 4 ? "certificate" : "password",
			has_password: id % 4 === 0,
			has_code: id % 8 === 0,
			blocked_s: id % 10 === 7 ? now_s() - 999 : null,
			blocked_why: id % 10 === 7 ? "laptop lost" : null,
			expires_s: null,
			sessions: id % 10 === 7 ? 0 : 1,
			role: id % 12 === 1 ? "read-only" : "none",
		}));
	}

	/** What the stream begins with: moments instead of ages. */
	live() {
		const clients = this.#clients().map(({ connected_s, addresses, ...client }) => ({
			...client,
			since_s: now_s() - connected_s,
			addresses: addresses.map(({ seen_s, ...address }) => address),
		}));

		return {
			overview: this.#overview(clients),
			clients: Object.fromEntries(clients.map((client) => [client.id, client])),
		};
	}

	/** The answer's object; null: there is nothing of that name. */
	answer(method, path) {
		const clients = this.#clients(),
			[what, item, verb] = path.split("/");

		if (method === "POST" && verb === "disconnect") this.gone.add(Number(item));
		if (method === "POST" && what === "captures") return { schema: 1, capture: 2 };
		if (method === "POST" && what === "invitations")
			return {
				url: `lanyard://vpn.example.net/${"eOxxNVEKDA45ndlidkGgaetWuZnOuoE8".repeat(2)}`,
				expires_s: now_s() + 86_400,
			};
		if (method !== "GET") return { schema: 1 };
		if (what === "clients" && verb === "events") return this.#events(Number(item));
		if (what === "clients" && item !== undefined)
			return this.#one(clients, Number(item), verb === "history");
		const shown = this.#network(clients)[what]?.();
		const answer = shown ? { role: "server", ...shown } : this.#accounts(clients)[what]?.();

		return answer ? { schema: 1, ...answer } : null;
	}

	#one(clients, id, history) {
		const client = clients.find((one) => one.id === id);

		if (client && history) return { schema: 1, role: "server", ...historyOf(id) };
		return client
			? {
					schema: 1,
					role: "server",
					client,
					ra: ra(),
					schedule: schedule(client),
					leases: this.#leases().filter(({ user }) => user === client.user),
				}
			: null;
	}

	/** Of a user, among them texts of peers. */
	#events(id) {
		const user = this.#user(id);
		const one = (seq, kind, text) => ({
			seq,
			at_s: now_s() - 3600 + seq,
			kind,
			client: kind === "lease" ? null : id,
			user,
			text,
		});

		return {
			schema: 1,
			role: "server",
			last: 4,
			lost: 0,
			events: [
				one(1, "client-up", `${user} (${id}, 192.0.2.7): logged in from ${user}`),
				one(2, "lease", `2001:db8:1::${hex(id)} of ${user}: active`),
				one(4, "guard", `${user} (${id}): 3 of its frames were dropped, see show guards`),
			],
		};
	}

	#captures(clients) {
		return clients
			.filter(({ captures }) => captures.length > 0)
			.map(({ user }) => ({
				capture: 1,
				of: user,
				filter: "icmp6 and host 2001:db8::1",
				who: "administrator",
				running_s: 12,
				frames: 1204,
				bytes: 1_310_720,
				lost: 3,
				snaplen: 262144,
				max_frames: null,
				max_bytes: 16 << 20,
				max_s: 60,
			}));
	}

	#network(clients) {
		return {
			captures: () => ({ captures: this.#captures(clients) }),
			overview: () => this.#overview(clients),
			clients: () => ({ clients }),
			addresses: () => ({
				neighbours: clients.flatMap(({ id, user, addresses }) =>
					addresses.map((address) => ({ ...address, client: id, user })),
				),
			}),
			leases: () => ({
				server_duid: "00:04",
				leases: this.#leases(),
				reservations: [{ what: "2001:db8:1::c0de", user: "carol", duid: null, mac: null }],
			}),
			prefixes: () => ({
				prefixes: [
					{ ...ra().prefixes[0], user: null, group: null, state: "advertised" },
					{
						...ra().prefixes[0],
						prefix: "2001:db8:9::/64",
						user: null,
						group: null,
						state: "deprecated",
						preferred_s: 0,
					},
				],
			}),
			router: () => this.#router(clients),
			guards: () => ({
				guards: clients.map(({ id, user, drops }) => ({ client: id, user, drops })),
				drops: dropsOf(clients),
				tap_drops: { "no-client": 41 },
			}),
		};
	}

	#accounts(clients) {
		return {
			session: () => ({ schema: 1, name: "admin", role: "admin" }),
			history: () => ({ role: "server", ...historyOfAll(clients.length) }),
			configuration: () => ({ role: "server", ...settings }),
			users: () => ({ users: this.#users() }),
			groups: () => ({
				groups: Object.entries(groupsOf(clients)).map(([name, group]) => ({
					...group,
					name: name || null,
					has_section: false,
					users: group.clients,
				})),
			}),
			invitations: () => ({
				invitations: ["open", "used", "expired", "revoked"].map((state, id) => ({
					id,
					user: NAMES[id + 4],
					state,
					created_s: now_s() - 7000 * id,
					expires_s: now_s() + 80_000 - 90_000 * id,
				})),
			}),
			certificates: () => ({
				authorities: [
					{
						fingerprint: "66741eebf02a129e66741eebf02a129e66741eebf02a129e66741eebf02a129e",
						created_s: 1_700_000_000,
						not_after_s: 2_100_000_000,
						signs: true,
					},
				],
				certificates: clients.map(({ id, user }) => ({
					user,
					created_s: this.started,
					fingerprint: hex(0x10000 + id)
						.repeat(13)
						.slice(0, 64),
					not_after_s: now_s() + id * 400_000,
					revoked_s: id % 13 === 5 ? now_s() - 3600 : null,
				})),
			}),
			audit: () => ({
				audit: Array.from({ length: 40 }, (_, id) => ({
					id,
					at_s: this.started + id * 2000,
					who: id % 3 ? "command line" : "admin at 127.0.0.1",
					what:
						id % 2
							? `user add ${this.#user(id + 1)}`
							: `invite add ${this.#user(id + 1)} ${id}`,
				})),
			}),
			tokens: () => ({
				tokens: [
					{
						name: "prometheus",
						role: "read-only",
						created_s: this.started,
						expires_s: now_s() + 5e6,
						expired: false,
					},
				],
			}),
		};
	}
}
