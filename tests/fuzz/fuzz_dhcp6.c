/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_dhcp6.c - a server, three users, a clock, a store that sometimes fails, and up to
 * 64 messages: any bytes, or a client's next step made out of the last answer to it; and leases
 * that another server has given.
 *
 * Properties: nothing is given twice; the table's books are right; after a save the store has every
 * promise and no other; what an answer gives is the asker's in the table; silence changes nothing;
 * every answer parses, and is for who asked; after a power cut every promise is there again.
 */
#include <stdlib.h>

#include "dhcp6/engine.h"
#include "tests/unit/dhcp6/lease_check.h"

#define MESSAGES 64
#define USERS 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const user[USERS] = { "alice", "bob", "carol" };

static struct world {
	struct dhcp6_leases *leases;
	struct dhcp6_leases_config config;
	struct dhcp6_link link;
	struct dhcp6_handout handout;
	struct dhcp6_reservation reservation[3];
	struct rows rows;
	uint64_t now_s;
	uint8_t last[USERS][2048]; /* the last answer to each */
	size_t last_len[USERS];
} world;

static void check(bool right)
{
	if (!right)
		abort();
}

static struct ip6 host(uint8_t net, uint8_t last)
{
	return (struct ip6) { .octet = { 0x20, 1, 0x0d, 0xb8, 0, net, [15] = last } };
}

static void set_link(struct dhcp6_link *link, uint8_t variant)
{
	struct dhcp6_reservation *list = world.reservation;

	*link = (struct dhcp6_link) {
		.server_id = { 4, { 0, 3, 1, 2 } },
		.on_link_count = 1,
		.on_link = { { host(0, 0), 64 } },
		.pool_count = 4,
		.preferred_s = variant & 8 ? DHCP6_FOREVER : 100,
		.valid_s = 200,
		.rapid_commit = variant & 1,
		.registration = variant & 2,
		.preference = variant,
		.handout = &world.handout,
		.reconfigure_key = { variant & 4, 0 },
		.reservation_count = 3,
		.reservation = list,
	};
	link->pool[0] = (struct dhcp6_pool) { .first = host(0, 1), .last = host(0, 6) };
	link->pool[1] = (struct dhcp6_pool) { .set = 1, .first = host(0, 9), .last = host(0, 12) };
	/* the same space, cut otherwise from time to time: leases of both kinds are there at once */
	link->pool[2] = (struct dhcp6_pool) { .kind = DHCP6_PREFIX,
					      .prefix = { host(1, 0), 48 },
					      .part_len = variant & 16 ? 50 : 51 };
	link->pool[3] = (struct dhcp6_pool) { .kind = DHCP6_PREFIX,
					      .prefix = { host(2, 0), 60 },
					      .part_len = 62,
					      .exclude_len = 64,
					      .exclude_id = 2 };
	memset(list, 0, sizeof(world.reservation));
	list[0] = (struct dhcp6_reservation) { .what = { host(0, 3), 128 }, .user = "alice" };
	list[1] = (struct dhcp6_reservation) {
		.what = { host(0, 77), 128 }, .user = "bob", .has_iaid = true, .iaid = 1
	};
	list[2] = (struct dhcp6_reservation) { .what = { host(1, 0), 51 }, .user = "bob" };
	check(!dhcp6_reservations_sort(list, 3));
}

static bool in_use(void *owner, const struct prefix6 *what, const struct dhcp6_identity *identity)
{
	return what->address.octet[15] == 5;
}

static void begin(void)
{
	struct err err;

	memset(&world, 0, sizeof(world));
	dhcp6_leases_config_defaults(&world.config);
	world.config.max_leases = 20;
	world.config.max_per_user = 9;
	world.config.remember_s = 1000;
	world.config.quarantine_s = 300;
	world.config.table_key = (struct siphash_key) { 7, 8 };
	world.leases = dhcp6_leases_new(&world.config);
	check(world.leases);
	world.now_s = 1000000;
	check(dhcp6_handout_seconds(&world.handout, DHCP6_OPTION_SOL_MAX_RT, 3600, &err) == 0);
	set_link(&world.link, 0);
	world.link.in_use = in_use;
}

/* Every option at every depth is whole. */
static void check_options(struct reader r)
{
	struct dhcp6_option option;

	while (dhcp6_option_next(&r, &option)) {
		struct reader body = option.body;

		switch (option.code) {
		case DHCP6_OPTION_IA_NA:
		case DHCP6_OPTION_IA_PD: reader_take(&body, 12); break;
		case DHCP6_OPTION_IA_ADDRESS: reader_take(&body, 24); break;
		case DHCP6_OPTION_IA_PREFIX: reader_take(&body, 25); break;
		default: continue;
		}
		check(!body.bad);
		check_options(body);
	}
	check(!r.bad);
}

static void check_given(const struct dhcp6_request *request, const struct dhcp6_request *answer,
			unsigned who)
{
	for (unsigned i = 0; i < answer->ia_count; i++) {
		const struct dhcp6_ia *ia = &answer->ia[i];

		for (unsigned j = 0; j < ia->item_count; j++) {
			const struct dhcp6_lease *lease =
				dhcp6_leases_find(world.leases, &ia->item[j].what, false);

			if (ia->item[j].valid_s == 0)
				continue;
			check(lease && lease->kind == ia->kind && lease->iaid == ia->iaid);
			check(strcmp(lease->user, user[who]) == 0);
			check(dhcp6_duid_equal(&lease->duid, &request->client_id));
			check(lease->state == DHCP6_ACTIVE ||
			      (lease->state == DHCP6_OFFERED && answer->type == DHCP6_ADVERTISE));
		}
	}
}

static void check_answer(const struct dhcp6_request *request, struct bytes answer, unsigned who)
{
	static struct dhcp6_request parsed;
	static uint8_t inner[4096];
	struct reader r = reader_over(answer);
	struct dhcp6_option option;

	for (unsigned i = 0; i < request->relay_count; i++) {
		check(reader_u8(&r) == DHCP6_RELAY_REPLY);
		reader_take(&r, 33);
		while (dhcp6_option_next(&r, &option) && option.code != DHCP6_OPTION_RELAY_MESSAGE)
			;
		check(option.code == DHCP6_OPTION_RELAY_MESSAGE && r.left == 0 && !r.bad);
		r = option.body;
	}
	memcpy(inner, r.at, r.left);
	struct bytes message = { inner, r.left };
	check(dhcp6_request_parse(message, &parsed) == DHCP6_PARSED);
	check(parsed.transaction == request->transaction);
	check(parsed.server_ids == 1 && dhcp6_duid_equal(&parsed.server_id, &world.link.server_id));
	check(parsed.client_ids == request->client_ids &&
	      dhcp6_duid_equal(&parsed.client_id, &request->client_id));
	reader_take(&r, 4);
	check_options(r);
	check_given(request, &parsed, who);
	world.last_len[who] = message.len < sizeof(world.last[who]) ? message.len : 0;
	memcpy(world.last[who], message.data, world.last_len[who]);
}

static bool save(uint8_t failing)
{
	struct dhcp6_store store = store_of(&world.rows);
	struct err err;

	dhcp6_leases_expire(world.leases, world.now_s);
	world.rows.fail_at = failing % 8 == 7 ? 1 + failing / 8 % 8 : 0;
	bool saved = dhcp6_leases_save(world.leases, &store, &err) == 0;
	check(!world.rows.open);
	check(saved || world.rows.fail_at > 0);
	check(!saved || !store_complaint(world.leases, &world.rows, world.now_s));
	return saved;
}

static void receive(struct bytes message, unsigned who, uint8_t dice)
{
	static struct dhcp6_request request;
	static uint8_t buf[2048];
	struct writer w = writer_over(buf, dice & 1 ? sizeof(buf) : dice * 8u);
	struct dhcp6_arrival arrival = { .user = user[who],
					 .source = host(0, 40),
					 .unicast = dice == 2 };

	if (dhcp6_request_parse(message, &request) != DHCP6_PARSED)
		return;
	if (request.type == DHCP6_ADDR_REG_INFORM)
		arrival.source = request.address.what.address;
	dhcp6_leases_expire(world.leases, world.now_s);
	struct dhcp6_leases_counts before = dhcp6_leases_count(world.leases);
	enum dhcp6_result result =
		dhcp6_answer(world.leases, &world.link, &arrival, &request, world.now_s, &w);
	check(result < DHCP6_RESULTS && dhcp6_result_name[result]);
	if (result == DHCP6_ANSWERED) {
		check_answer(&request, writer_bytes(&w), who);
	} else {
		struct dhcp6_leases_counts after = dhcp6_leases_count(world.leases);

		check(memcmp(&before, &after, sizeof(before)) == 0);
	}
	check(!table_complaint(world.leases, world.now_s));
}

/* A client's next message: its ids, and the IAs of the last answer. */
static struct bytes next_step(uint8_t type, uint8_t duid, unsigned who, uint8_t *buf, size_t cap)
{
	struct writer w = writer_over(buf, cap);
	struct reader r = reader_over((struct bytes) { world.last[who], world.last_len[who] });
	struct dhcp6_option option;
	uint8_t client[3] = { 0, 9, duid % 4 };
	const struct dhcp6_duid *server = &world.link.server_id;
	bool to_us = type != DHCP6_SOLICIT && type != DHCP6_CONFIRM && type != DHCP6_REBIND;

	writer_u8(&w, type);
	writer_u24(&w, 0xabcdef);
	dhcp6_option_write(&w, DHCP6_OPTION_CLIENT_ID, (struct bytes) { client, 3 });
	if (to_us)
		dhcp6_option_write(&w, DHCP6_OPTION_SERVER_ID,
				   (struct bytes) { server->octet, server->len });
	if (duid & 8)
		dhcp6_option_write(&w, DHCP6_OPTION_RAPID_COMMIT, (struct bytes) { 0 });
	if (duid & 16)
		dhcp6_option_write(&w, DHCP6_OPTION_RECONFIGURE_ACCEPT, (struct bytes) { 0 });
	for (unsigned i = 0; i < (duid >> 5 & 3u); i++) {
		uint8_t ia[12] = { [3] = (uint8_t)(i + (duid >> 7)) };

		dhcp6_option_write(&w, i % 2 ? DHCP6_OPTION_IA_PD : DHCP6_OPTION_IA_NA,
				   (struct bytes) { ia, sizeof(ia) });
	}
	reader_take(&r, 4);
	while (!(duid & 4) && dhcp6_option_next(&r, &option)) {
		if (option.code == DHCP6_OPTION_IA_NA || option.code == DHCP6_OPTION_IA_PD)
			dhcp6_option_write(&w, option.code, reader_rest(&option.body));
	}
	return w.full ? (struct bytes) { 0 } : writer_bytes(&w);
}

/* What is remembered is no promise: with what is over by now its user may have more of them than are
 * kept. */
static bool may_give_way(const struct dhcp6_lease *row)
{
	unsigned ended = 0;

	for (unsigned i = 0; i < world.rows.count; i++) {
		const struct dhcp6_lease *other = &world.rows.row[i];

		ended += strcmp(other->user, row->user) == 0 &&
			 (other->state == DHCP6_REMEMBERED || other->until_s <= world.now_s);
	}
	return row->state == DHCP6_REMEMBERED && ended > world.config.max_per_user;
}

/* The power goes: what is on disk is all there is.  Nothing acknowledged is missing. */
static void power_cut(void)
{
	struct dhcp6_leases *again = dhcp6_leases_new(&world.config);

	check(again);
	for (unsigned i = 0; i < world.rows.count; i++)
		check(dhcp6_leases_load(again, &world.rows.row[i], world.now_s));
	for (unsigned i = 0; i < world.rows.count; i++) {
		struct dhcp6_lease *row = &world.rows.row[i];
		bool over = row->until_s <= world.now_s;
		struct dhcp6_lease *lease =
			dhcp6_leases_find(again, &row->what, row->kind == DHCP6_REGISTERED);

		check(over || (lease ? lease_same(lease, row) : may_give_way(row)));
	}
	check(!table_complaint(again, world.now_s));
	dhcp6_leases_free(world.leases);
	world.leases = again;
	check(save(0)); /* what is long over goes */
}

/* A lease of another server's, most of them nobody's yet; the DUIDs are those of next_step. */
static void import(uint8_t what, uint8_t dice)
{
	bool prefix = what & 1;
	struct dhcp6_lease row = {
		.what = { prefix ? host(1, 0) : host(0, dice % 16), prefix ? 51 : 128 },
		.kind = prefix ? DHCP6_PREFIX : DHCP6_ADDRESS,
		.state = DHCP6_ACTIVE,
		.duid = { 3, { 0, 9, dice % 4 } },
		.iaid = what >> 2 & 3u,
		.since_s = world.now_s,
		.renewed_s = world.now_s,
		.until_s = world.now_s + 1 + dice,
	};

	if (what & 2)
		strcpy(row.user, user[dice % USERS]);
	dhcp6_leases_expire(world.leases, world.now_s);
	enum dhcp6_imported imported = dhcp6_leases_import(world.leases, &row);
	struct dhcp6_lease *lease = dhcp6_leases_find(world.leases, &row.what, false);
	check(imported != DHCP6_IMPORT_SENSELESS);
	check(imported != DHCP6_IMPORTED || (lease && lease_same(lease, &row)));
	check(!table_complaint(world.leases, world.now_s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t message[2048];
	struct reader r = reader_over((struct bytes) { data, size });

	begin();
	for (unsigned n = 0; n < MESSAGES && r.left > 0; n++) {
		uint8_t step = reader_u8(&r);
		uint8_t what = reader_u8(&r);
		uint8_t dice = reader_u8(&r);
		unsigned who = what % USERS;

		world.now_s += step / 16 * (uint64_t)20;
		switch (step % 8) {
		case 0: {
			struct reader raw = reader_sub(&r, reader_u8(&r));

			receive(reader_rest(&raw), who, dice);
			break;
		}
		case 1:
			set_link(&world.link, what);
			world.link.in_use = in_use;
			break;
		case 2: save(dice); break;
		case 3:
			if (what < 16)
				power_cut();
			else if (what >= 192)
				import(what, dice);
			else
				world.now_s += dice * (uint64_t)10;
			break;
		default:
			receive(next_step(1 + what / USERS % 9, dice, who, message,
					  sizeof(message)),
				who, 1);
			break;
		}
	}
	dhcp6_leases_expire(world.leases, world.now_s);
	check(!table_complaint(world.leases, world.now_s));
	check(save(0));
	power_cut();
	dhcp6_leases_free(world.leases);
	return 0;
}
