/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_reconfigure.c
 *
 * Keys handed out and Reconfigure messages signed with them: RFC 9915 18.3.11, 20.3, 20.4, 21.11.
 */
#include "dhcp6/reconfigure.h"
#include "dhcp6/rkap.h"
#include "tests/unit/dhcp6/dhcp6_scene.h"

#define ACCEPT "0014 0000 "

/* Not a digest: says what it was asked for, so that a test can look. */
static struct {
	uint8_t key[16], message[256];
	size_t len;
} asked;

static bool digest(void *owner, const uint8_t key[static 16], struct bytes message,
		   uint8_t out[static 16])
{
	memcpy(asked.key, key, 16);
	asked.len = message.len;
	memcpy(asked.message, message.data, message.len);
	memset(out, *(const uint8_t *)owner, 16);
	return true;
}

static bool no_digest(void *owner, const uint8_t key[static 16], struct bytes message,
		      uint8_t out[static 16])
{
	return false;
}

static void begin(struct scene *scene)
{
	scene_begin(scene);
	scene->link.reconfigure_key = (struct siphash_key) { 5, 6 };
}

static void keys_are_for_those_who_accept(void **state)
{
	static const struct step story[] = {
		{ "an Advertise says that we would", "01 abcdef" CLIENT ACCEPT,
		  "Advertise client server reconfigure-accept:0" },
		{ "a Reply has the key", "03 abcdef" CLIENT SERVER ACCEPT,
		  "Reply client server reconfigure-accept:0 auth:28" },
		{ "not for those who do not accept", "03 abcdef" CLIENT SERVER,
		  "Reply client server" },
		{ "a quick Reply", "01 abcdef" CLIENT "000e 0000" ACCEPT,
		  "Reply client server rapid-commit:0 reconfigure-accept:0 auth:28" },
		{ "not without leases: nobody is kept in mind for it", "0b abcdef" CLIENT ACCEPT,
		  "Reply client server" },
		{ "not for those who have no name", "0b abcdef" ACCEPT, "Reply server" },
		{ "20.4: when a client is new, not again", "05 abcdef" CLIENT SERVER ACCEPT,
		  "Reply client server reconfigure-accept:0" },
		{ "nor in a Rebind's Reply", "06 abcdef" CLIENT ACCEPT,
		  "Reply client server reconfigure-accept:0" },
		{ "nor in a Release's", "08 abcdef" CLIENT SERVER ACCEPT,
		  "Reply client server Success" },
	};
	struct scene scene;

	begin(&scene);
	scene.link.rapid_commit = true;
	play(&scene, story, ARRAY_LEN(story));
	scene.link.reconfigure_key = (struct siphash_key) { 0 };
	assert_string_equal(ask(&scene, "03 abcdef" CLIENT SERVER ACCEPT), "Reply client server");
	scene.link.reconfigure_key = (struct siphash_key) { 1, 0 };
	assert_string_equal(ask(&scene, "03 abcdef" CLIENT SERVER ACCEPT),
			    "Reply client server reconfigure-accept:0 auth:28");
	scene.link.reconfigure_key = (struct siphash_key) { 0, 1 };
	assert_string_equal(ask(&scene, "03 abcdef" CLIENT SERVER ACCEPT),
			    "Reply client server reconfigure-accept:0 auth:28");
	scene_end(&scene);
}

static void a_key_is_one_clients(void **state)
{
	struct dhcp6_duid duid = duid_of("00:03:00:01:0a"), other = duid_of("00:03:00:01:0b");
	struct dhcp6_reconfigure_key key, twin;
	struct scene scene;

	begin(&scene);
	key = dhcp6_reconfigure_key_of(&scene.link, "alice", &duid);
	twin = dhcp6_reconfigure_key_of(&scene.link, "alice", &duid);
	assert_memory_equal(&key, &twin, sizeof(key));
	assert_memory_not_equal(key.octet, key.octet + 8, 8);
	twin = dhcp6_reconfigure_key_of(&scene.link, "bob", &duid);
	assert_memory_not_equal(&key, &twin, sizeof(key));
	twin = dhcp6_reconfigure_key_of(&scene.link, "alice", &other);
	assert_memory_not_equal(&key, &twin, sizeof(key));
	scene.link.reconfigure_key.k1++;
	twin = dhcp6_reconfigure_key_of(&scene.link, "alice", &duid);
	assert_memory_not_equal(&key, &twin, sizeof(key));
	scene_end(&scene);
}

static struct dhcp6_lease a_lease(void)
{
	return (struct dhcp6_lease) { .user = "alice",
				      .reconfigure = true,
				      .duid = duid_of("00:03:00:01:02:00:00:00:00:0a") };
}

static void a_message_is_signed_over_zeros(void **state)
{
	static const char golden[] =
		"0a 000000" SERVER CLIENT "0013 0001 05"
		"000b 001c 03 01 00 0000 00f424000007 02"; /* 1000000 << 20 | 7 */
	uint8_t wanted[256], buf[256], seal = 0x5a;
	struct bytes head = hex(golden, wanted, sizeof(wanted));
	struct writer w = writer_over(buf, sizeof(buf));
	struct dhcp6_lease lease = a_lease();
	struct scene scene;

	begin(&scene);
	writer_u32(&w, 0x11111111); /* what is before it in the buffer is not signed */
	dhcp6_reconfigure_write(&scene.link, &lease, DHCP6_RENEW, 0xf424000007, digest, &seal, &w);
	assert_false(w.full);
	assert_int_equal(w.len, 4 + head.len + 16);
	assert_memory_equal(buf + 4, head.data, head.len);
	assert_int_equal(asked.len, head.len + 16);
	assert_memory_equal(asked.message, head.data, head.len);
	for (unsigned i = 0; i < 16; i++) {
		assert_int_equal(asked.message[head.len + i], 0);
		assert_int_equal(buf[4 + head.len + i], seal);
	}
	struct dhcp6_reconfigure_key key =
		dhcp6_reconfigure_key_of(&scene.link, "alice", &lease.duid);
	assert_memory_equal(asked.key, key.octet, 16);
	scene_end(&scene);
}

/* What the client was told to trust is what it is told with. */
static void the_key_in_a_reply_is_the_one_that_signs(void **state)
{
	static uint8_t answer[1024], buf[256], message[256];
	static struct dhcp6_request request;
	struct writer w = writer_over(answer, sizeof(answer)), out = writer_over(buf, sizeof(buf));
	struct dhcp6_lease lease = a_lease();
	struct scene scene;
	uint8_t seal = 1;

	begin(&scene);
	assert_int_equal(
		dhcp6_request_parse(hex("03 abcdef" CLIENT SERVER ACCEPT, message, 256), &request),
		DHCP6_PARSED);
	assert_int_equal(
		dhcp6_answer(scene.leases, &scene.link, &scene.arrival, &request, NOW_S, &w),
		DHCP6_ANSWERED);
	dhcp6_reconfigure_write(&scene.link, &lease, DHCP6_RENEW, 1, digest, &seal, &out);
	assert_memory_equal(answer + w.len - 16, asked.key, 16);
	assert_int_equal(answer[w.len - 17], DHCP6_RKAP_KEY);
	scene_end(&scene);
}

static void not_without_leave_a_key_and_room(void **state)
{
	struct dhcp6_lease lease = a_lease();
	uint8_t buf[256], seal = 1;
	struct scene scene;
	bool fitted = false;

	begin(&scene);
	for (size_t room = 0; room < 100; room++) {
		struct writer w = writer_over(buf, room);

		memset(buf, 0xa5, sizeof(buf));
		dhcp6_reconfigure_write(&scene.link, &lease, DHCP6_REBIND, 1, digest, &seal, &w);
		assert_true(!fitted || !w.full);
		fitted = !w.full;
		for (size_t i = room; i < sizeof(buf); i++)
			assert_int_equal(buf[i], 0xa5);
	}
	assert_true(fitted);
	struct writer w = writer_over(buf, sizeof(buf));
	lease.reconfigure = false;
	dhcp6_reconfigure_write(&scene.link, &lease, DHCP6_RENEW, 1, digest, &seal, &w);
	assert_true(w.full && w.len == 0);
	lease.reconfigure = true;
	w = writer_over(buf, sizeof(buf));
	dhcp6_reconfigure_write(&scene.link, &lease, DHCP6_RENEW, 1, no_digest, &seal, &w);
	assert_true(w.full);
	scene.link.reconfigure_key = (struct siphash_key) { 0 };
	w = writer_over(buf, sizeof(buf));
	dhcp6_reconfigure_write(&scene.link, &lease, DHCP6_RENEW, 1, digest, &seal, &w);
	assert_true(w.full && w.len == 0);
	scene_end(&scene);
}

/* 20.3: a client takes nothing that does not come after the last. */
static void replay_numbers_grow(void **state)
{
	assert_true(dhcp6_rkap_replay(10, 1) > dhcp6_rkap_replay(10, 0));
	assert_true(dhcp6_rkap_replay(11, 0) > dhcp6_rkap_replay(10, 0xfffff));
	assert_true(dhcp6_rkap_replay(11, 0) > dhcp6_rkap_replay(10, UINT32_MAX));
}

/* Beyond the last one, also when the clock was set back, and beyond the key's of this second. */
static void no_number_is_used_twice(void **state)
{
	uint64_t first = dhcp6_reconfigure_replay(0, NOW_S);

	assert_true(first > dhcp6_rkap_replay(NOW_S, 0));
	/* between two of them there may have been a key */
	assert_true(dhcp6_reconfigure_replay(first, NOW_S) == first + 2);
	assert_true(dhcp6_reconfigure_replay(first - 1, NOW_S) == first + 1);
	assert_true(dhcp6_reconfigure_replay(first - 2, NOW_S) == first);
	assert_true(dhcp6_reconfigure_replay(first, NOW_S - 100) == first + 2);
	assert_true(dhcp6_reconfigure_replay(first, NOW_S + 1) == dhcp6_rkap_replay(NOW_S + 1, 1));
}

static void a_key_is_numbered_beyond_what_was_used(void **state)
{
	static const struct {
		uint64_t used, number;
	} cases[] = {
		{ 0, 0xf424000000 },
		{ 0xf423fffffe, 0xf424000000 },
		{ 0xf424000000, 0xf424000001 },
		{ 0xf524000000, 0xf524000001 },
	};
	static uint8_t answer[1024], message[256];
	static struct dhcp6_request request;
	struct scene scene;

	begin(&scene);
	assert_int_equal(
		dhcp6_request_parse(hex("03 abcdef" CLIENT SERVER ACCEPT, message, 256), &request),
		DHCP6_PARSED);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct writer w = writer_over(answer, sizeof(answer));

		scene.link.replay = cases[i].used;
		assert_int_equal(dhcp6_answer(scene.leases, &scene.link, &scene.arrival, &request,
					      NOW_S, &w),
				 DHCP6_ANSWERED);
		struct reader r = { .at = answer + w.len - 25, .left = 8 };
		assert_true(reader_u64(&r) == cases[i].number);
	}
	scene_end(&scene);
}

/* ---- who is asked to ask ---- */

#define BROUGHT "03 abcdef" CLIENT SERVER NA("0001") PD("0001")

static struct dhcp6_lease *lease_at(struct scene *scene, const char *text)
{
	struct prefix6 what = prefix_of(text);
	struct dhcp6_lease *lease = dhcp6_leases_find(scene->leases, &what, false);

	assert_non_null(lease);
	return lease;
}

static void add_option(struct scene *scene)
{
	struct err err;
	uint8_t body = 1;

	assert_int_equal(dhcp6_handout_raw(&scene->handout, 200, (struct bytes) { &body, 1 }, &err),
			 0);
}

static void reserve(struct scene *scene, const char *user, const char *what)
{
	strcpy(scene->reservation[0].user, user);
	scene->reservation[0].what = prefix_of(what);
	scene->link.reservation_count = 1;
	assert_null(dhcp6_reservations_sort(scene->reservation, 1));
}

static void no_change(struct scene *scene)
{
}

static void other_pool(struct scene *scene)
{
	scene->link.pool[0] = range_of("2001:db8::20", "2001:db8::20");
}

static void shorter(struct scene *scene)
{
	scene->link.valid_s--;
}

static void preferred_less(struct scene *scene)
{
	scene->link.preferred_s--;
}

static void given_to_bob(struct scene *scene)
{
	reserve(scene, "bob", "2001:db8::10");
}

static void own_elsewhere(struct scene *scene)
{
	reserve(scene, "alice", "2001:db8::99");
}

static void own_here(struct scene *scene)
{
	reserve(scene, "alice", "2001:db8::10");
}

static void pool_and_option(struct scene *scene)
{
	other_pool(scene);
	add_option(scene);
}

static void deaf(struct scene *scene)
{
	other_pool(scene);
	lease_at(scene, "2001:db8::10")->reconfigure = false;
}

static void over(struct scene *scene)
{
	other_pool(scene);
	dhcp6_lease_release(scene->leases, lease_at(scene, "2001:db8::10"), NOW_S);
}

static void not_known(struct scene *scene)
{
	add_option(scene);
	lease_at(scene, "2001:db8::10")->told = 0;
}

static void told_since(struct scene *scene)
{
	add_option(scene);
	ask(scene, "0b abcdef" CLIENT ACCEPT);
}

/* 18.2.6: "MUST include a Reconfigure Accept option if the client is willing" */
static void asked_and_deaf(struct scene *scene)
{
	other_pool(scene);
	ask(scene, "0b abcdef" CLIENT);
}

static void deaf_no_more(struct scene *scene)
{
	deaf(scene);
	ask(scene, "0b abcdef" CLIENT ACCEPT);
}

static void another_is_deaf(struct scene *scene)
{
	other_pool(scene);
	ask(scene, "0b abcdef" CLIENT_B);
}

static void asked_through_a_relay(struct scene *scene)
{
	other_pool(scene);
	ask(scene, "0c 00 20010db8 00000000 00000000 00000001 fe800000 00000000 00000000 0000000a"
		   "0009 0012 0b abcdef" CLIENT);
}

/* appendix B: a Confirm has no Reconfigure Accept, willing or not */
static void confirmed(struct scene *scene)
{
	other_pool(scene);
	ask(scene, "04 abcdef" CLIENT NA1("0001", "0010"));
}

static void told_another(struct scene *scene)
{
	add_option(scene);
	ask(scene, "0b abcdef" CLIENT_B);
}

static void told_with_a_renewal(struct scene *scene)
{
	add_option(scene);
	ask(scene, "05 abcdef" CLIENT SERVER ACCEPT NA1("0001", "0010"));
}

static void behind_a_relay(struct scene *scene)
{
	ask(scene, "0c 00 20010db8 00000000 00000000 00000001 fe800000 00000000 00000000 0000000a"
		   "0009 0034 05 abcdef" CLIENT SERVER ACCEPT NA("0001"));
	other_pool(scene);
}

static void who_is_asked_to_ask(void **state)
{
	static const struct {
		const char *what;
		void (*change)(struct scene *scene);
		unsigned address, prefix; /* what is asked for because of it */
	} cases[] = {
		{ "all as it was", no_change, 0, 0 },
		{ "outside of the pools", other_pool, DHCP6_RENEW, 0 },
		{ "another lifetime", shorter, DHCP6_RENEW, DHCP6_RENEW },
		{ "another preferred one", preferred_less, DHCP6_RENEW, DHCP6_RENEW },
		{ "somebody else's by reservation", given_to_bob, DHCP6_RENEW, 0 },
		{ "another one is reserved for him", own_elsewhere, DHCP6_RENEW, 0 },
		{ "his own is", own_here, 0, 0 },
		{ "options alone", add_option, DHCP6_INFORMATION_REQUEST,
		  DHCP6_INFORMATION_REQUEST },
		{ "a lease comes before options", pool_and_option, DHCP6_RENEW,
		  DHCP6_INFORMATION_REQUEST },
		{ "he did not accept it", deaf, 0, 0 },
		{ "a lease that is over", over, 0, 0 },
		{ "what he was told is not known", not_known, 0, DHCP6_INFORMATION_REQUEST },
		{ "he has asked since", told_since, 0, 0 },
		{ "he asks, and accepts it no more", asked_and_deaf, 0, 0 },
		{ "he asks, and accepts it now", deaf_no_more, DHCP6_RENEW, 0 },
		{ "another client does not accept it", another_is_deaf, DHCP6_RENEW, 0 },
		{ "what comes by a relay says nothing of it", asked_through_a_relay, DHCP6_RENEW,
		  0 },
		{ "nor does a Confirm", confirmed, DHCP6_RENEW, 0 },
		{ "another client has", told_another, DHCP6_INFORMATION_REQUEST,
		  DHCP6_INFORMATION_REQUEST },
		{ "a renewal tells as well", told_with_a_renewal, 0, DHCP6_INFORMATION_REQUEST },
		{ "a relay's way is not kept", behind_a_relay, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene scene;

		begin(&scene);
		ask(&scene, BROUGHT ACCEPT);
		struct dhcp6_lease *address = lease_at(&scene, "2001:db8::10");
		struct dhcp6_lease *prefix = lease_at(&scene, "2001:db8:1:100::/56");
		cases[i].change(&scene);
		unsigned for_address = dhcp6_reconfigure_ask(scene.leases, &scene.link, address);
		unsigned for_prefix = dhcp6_reconfigure_ask(scene.leases, &scene.link, prefix);
		if (for_address != cases[i].address || for_prefix != cases[i].prefix)
			fail_msg("%s: %u and %u", cases[i].what, for_address, for_prefix);
		scene_end(&scene);
	}
}

/* RFC 6603: what he must not use is another part now.  Who did not ask for it uses all of it. */
static void a_part_that_stays_ours_has_changed(void **state)
{
	static const struct {
		uint8_t before, after;
		uint32_t id;
		unsigned asks, asks_other; /* of who asked for it, and of who did not */
	} cases[] = {
		{ 64, 64, 1, 0, 0 },	       { 64, 64, 2, DHCP6_RENEW, 0 },
		{ 64, 60, 1, DHCP6_RENEW, 0 }, { 64, 0, 0, DHCP6_RENEW, 0 },
		{ 0, 64, 1, DHCP6_RENEW, 0 },  { 0, 0, 0, 0, 0 },
	};
	struct scene scene;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (unsigned other = 0; other < 2; other++) {
			begin(&scene);
			scene.link.pool[1].exclude_len = cases[i].before;
			scene.link.pool[1].exclude_id = cases[i].before ? 1 : 0;
			ask(&scene, other ? BROUGHT ACCEPT : BROUGHT ACCEPT "0006 0002 0043");
			struct dhcp6_lease *prefix = lease_at(&scene, "2001:db8:1:100::/56");
			scene.link.pool[1].exclude_len = cases[i].after;
			scene.link.pool[1].exclude_id = cases[i].id;
			unsigned asks = dhcp6_reconfigure_ask(scene.leases, &scene.link, prefix);
			if (asks != (other ? cases[i].asks_other : cases[i].asks))
				fail_msg("%zu, %u: %u", i, other, asks);
			scene_end(&scene);
		}
}

/* A key is good for nothing where there is no lease that could change. */
static void information_comes_with_a_key_while_there_is_a_lease(void **state)
{
	static const struct step story[] = {
		{ "a lease", BROUGHT ACCEPT,
		  "Reply client server na(1 1800/2880 2001:db8::10 3600/7200)"
		  " pd(1 1800/2880 2001:db8:1:100::/56 3600/7200) reconfigure-accept:0 auth:28" },
		{ "its client", "0b abcdef" CLIENT ACCEPT,
		  "Reply client server reconfigure-accept:0 auth:28" },
		{ "another one", "0b abcdef" CLIENT_B ACCEPT, "Reply client server" },
		{ "given back",
		  "08 abcdef" CLIENT SERVER NA1("0001", "0010") PD1("0001", "0001", "0100", "38"),
		  "Reply client server Success" },
		{ "now it has none", "0b abcdef" CLIENT ACCEPT, "Reply client server" },
	};
	struct scene scene;

	begin(&scene);
	play(&scene, story, ARRAY_LEN(story));
	scene_end(&scene);
}

static void a_registered_address_is_its_clients(void **state)
{
	struct dhcp6_identity identity = { .user = "alice", .duid = duid_of("00:03:00:01:0a") };
	struct prefix6 what = prefix_of("2001:db8::77");
	struct scene scene;

	begin(&scene);
	struct dhcp6_lease *lease =
		dhcp6_leases_add(scene.leases, &what, DHCP6_REGISTERED, &identity, NOW_S);
	lease->reconfigure = true;
	assert_int_equal(dhcp6_reconfigure_ask(scene.leases, &scene.link, lease), 0);
	scene_end(&scene);
}

static void what_counts_as_asking(void **state)
{
	static const struct {
		enum dhcp6_type type;
		bool renew, information;
	} cases[] = {
		{ DHCP6_SOLICIT, false, false }, { DHCP6_REQUEST, true, true },
		{ DHCP6_CONFIRM, false, false }, { DHCP6_RENEW, true, true },
		{ DHCP6_REBIND, true, true },	 { DHCP6_RELEASE, true, true },
		{ DHCP6_DECLINE, false, false }, { DHCP6_INFORMATION_REQUEST, false, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (dhcp6_reconfigure_done(DHCP6_RENEW, cases[i].type) != cases[i].renew ||
		    dhcp6_reconfigure_done(DHCP6_INFORMATION_REQUEST, cases[i].type) !=
			    cases[i].information)
			fail_msg("message type %d", cases[i].type);
	}
}

/* 18.3.11, 7.6: REC_TIMEOUT 2 s, doubled, REC_MAX_RC 8. */
static void eight_tries_each_after_twice_the_time(void **state)
{
	struct dhcp6_reconfigure_tries tries = dhcp6_reconfigure_begin(1000);
	uint64_t wait_ms = 2000;

	assert_true(tries.due_ms == 1000);
	for (unsigned i = 0; i < 7; i++, wait_ms *= 2) {
		uint64_t now_ms = tries.due_ms;

		dhcp6_reconfigure_sent(&tries, now_ms);
		assert_true(tries.due_ms == now_ms + wait_ms);
	}
	for (unsigned i = 0; i < 3; i++) {
		dhcp6_reconfigure_sent(&tries, 500000);
		assert_true(tries.due_ms == DHCP6_RECONFIGURE_NEVER_MS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_for_those_who_accept),
		cmocka_unit_test(a_key_is_one_clients),
		cmocka_unit_test(a_message_is_signed_over_zeros),
		cmocka_unit_test(the_key_in_a_reply_is_the_one_that_signs),
		cmocka_unit_test(not_without_leave_a_key_and_room),
		cmocka_unit_test(replay_numbers_grow),
		cmocka_unit_test(no_number_is_used_twice),
		cmocka_unit_test(a_key_is_numbered_beyond_what_was_used),
		cmocka_unit_test(who_is_asked_to_ask),
		cmocka_unit_test(a_part_that_stays_ours_has_changed),
		cmocka_unit_test(information_comes_with_a_key_while_there_is_a_lease),
		cmocka_unit_test(a_registered_address_is_its_clients),
		cmocka_unit_test(what_counts_as_asking),
		cmocka_unit_test(eight_tries_each_after_twice_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
