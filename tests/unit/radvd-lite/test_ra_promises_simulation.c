/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/test_ra_promises_simulation.c
 *
 * Prefixes come, change and go at random, the process is killed now and then, and a host that
 * obeys RFC 4862 5.5.3 (e) listens.  What the host may still use must be advertised, as
 * deprecated if it is configured no more; and what is gone is not promised for longer again.
 * The dice are the same each time.
 */
#include "radvd-lite/ra_promises.h"
#include "tests/unit/radvd-lite/ra_rows.h"

#define PREFIXES 8
#define STEPS 300000
#define LONGEST_STEP_S 600
#define TWO_HOURS_S 7200

static const uint32_t lifetimes[] = { 1, 600, 5400, 7199, 7200, 7201, 86400, RA_FOREVER };

struct scene {
	uint64_t random;
	uint64_t now_s;
	struct ra_promises promises, disk;
	struct ra_offer offer[PREFIXES]; /* valid for 0 s: not configured */
	uint64_t valid_until_s[PREFIXES], preferred_until_s[PREFIXES]; /* as the host sees it */
	uint32_t
		offered_s[PREFIXES]; /* the longest lifetime lately, of what was said at one time */
	unsigned long writes, deprecated, kills;
};

static uint32_t roll(struct scene *s, uint32_t sides)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (uint32_t)(s->random >> 32) % sides;
}

static struct prefix6 number(unsigned i)
{
	return (struct prefix6) { DB8(0, (uint8_t)i), 64 };
}

static uint64_t end_s(uint64_t now_s, uint32_t lifetime_s)
{
	return lifetime_s == RA_FOREVER ? UINT64_MAX : now_s + lifetime_s;
}

/* RFC 4862 5.5.3 (e) 1 to 3. */
static void hear(struct scene *s, unsigned i, const struct ra_prefix *said)
{
	uint64_t left_s = s->valid_until_s[i] > s->now_s ? s->valid_until_s[i] - s->now_s : 0;

	if (said->valid_s > TWO_HOURS_S || end_s(s->now_s, said->valid_s) > s->valid_until_s[i])
		s->valid_until_s[i] = end_s(s->now_s, said->valid_s);
	else if (left_s > TWO_HOURS_S)
		s->valid_until_s[i] = s->now_s + TWO_HOURS_S;
	s->preferred_until_s[i] = end_s(s->now_s, said->preferred_s);
}

static void check_gone(struct scene *s, unsigned i, const struct ra_prefix *said)
{
	uint64_t left_s = s->valid_until_s[i] > s->now_s ? s->valid_until_s[i] - s->now_s : 0;

	if (said->preferred_s != 0)
		fail_msg("at %llu: %u is gone, yet preferred", (unsigned long long)s->now_s, i);
	/* it may have been said again up to the moment when it went, or we were killed */
	if (said->valid_s > left_s + s->offered_s[i])
		fail_msg("at %llu: %u was promised for %llu s, now for %u",
			 (unsigned long long)s->now_s, i, (unsigned long long)left_s,
			 said->valid_s);
	s->offered_s[i] = 0; /* from now on it only gets less */
	s->deprecated++;
}

static void advertise(struct scene *s)
{
	struct ra_prefix said[PREFIXES + 1];
	bool heard[PREFIXES] = { false };
	unsigned count = ra_promises_list(&s->promises, s->now_s, said, PREFIXES + 1);

	for (unsigned k = 0; k < count; k++) {
		unsigned i = said[k].prefix.address.octet[5];

		assert_false(heard[i]);
		heard[i] = true;
		if (s->offer[i].prefix.valid_s == 0)
			check_gone(s, i, &said[k]);
		else
			s->offered_s[i] = LONGEST_STEP_S;
		hear(s, i, &said[k]);
	}
	for (unsigned i = 0; i < PREFIXES; i++) {
		if (!heard[i] && s->valid_until_s[i] > s->now_s)
			fail_msg("at %llu: %u is valid for %llu s, and not said",
				 (unsigned long long)s->now_s, i,
				 (unsigned long long)(s->valid_until_s[i] - s->now_s));
	}
}

static void configure(struct scene *s)
{
	unsigned i = roll(s, PREFIXES);
	struct ra_prefix *prefix = &s->offer[i].prefix;

	prefix->prefix = number(i);
	prefix->valid_s = 0;
	if (roll(s, 2) == 0) {
		prefix->valid_s = lifetimes[roll(s, ARRAY_LEN(lifetimes))];
		prefix->preferred_s = prefix->valid_s / 2;
	}
}

static void kill_it(struct scene *s)
{
	s->promises = (struct ra_promises) { 0 };
	for (unsigned i = 0; i < s->disk.count; i++)
		ra_promises_restore(&s->promises, s->now_s, &s->disk.promise[i]);
	for (unsigned i = 0; i < PREFIXES; i++) /* what was configured is promised anew */
		s->offered_s[i] = s->offer[i].prefix.valid_s;
	s->kills++;
}

static void update(struct scene *s)
{
	if (ra_promises_update(&s->promises, s->now_s, s->offer, PREFIXES, NULL)) {
		s->disk = s->promises;
		s->writes++;
	}
}

static void hosts_are_never_left_alone(void **state)
{
	static struct scene s = { .random = 0x9e3779b97f4a7c15u, .now_s = 1700000000 };
	unsigned long changes = 0;

	for (unsigned step = 0; step < STEPS; step++) {
		s.now_s += roll(&s, LONGEST_STEP_S + 1);
		if (roll(&s, 100) == 0)
			kill_it(&s);
		if (roll(&s, 20) == 0) {
			configure(&s);
			changes++;
		}
		update(&s);
		advertise(&s);
	}
	print_message("%u RAs, %lu changes, %lu kills, %lu writes, %lu times deprecated\n", STEPS,
		      changes, s.kills, s.writes, s.deprecated);
	assert_true(s.deprecated > STEPS / 10 && s.kills > 1000);
	assert_true(s.writes < 2 * changes); /* come or gone, and over: never per RA */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(hosts_are_never_left_alone) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
