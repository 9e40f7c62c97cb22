/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor.c - the table of checks, and the run through it. */
#include "client/doctor_private.h"
#include "client/trust.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 4000 /* of a whole run: duplicate address detection takes up to two seconds */
#define AGAIN_MS 100

#define NEEDS(check) (1u << CHECK_##check)

/* In the order in which they run.  What blocks is a check that found nothing good. */
static const struct {
	const char *name;
	void (*look)(struct doctor *doctor, struct findings *findings);
	unsigned needs;
} checks[] = {
	[CHECK_NAME] = { "name", look_name },
	[CHECK_TCP] = { "tcp", look_tcp, NEEDS(NAME) },
	[CHECK_PROXY] = { "proxy", look_proxy, NEEDS(TCP) },
	[CHECK_SERVER] = { "server", look_server, NEEDS(PROXY) },
	[CHECK_CLOCK] = { "clock", look_clock },
	[CHECK_HANDSHAKE] = { "handshake", look_handshake, NEEDS(SERVER) | NEEDS(CLOCK) },
	[CHECK_CLIENT] = { "client", look_client },
	/* a client that is logged in tells by itself: see needs_of */
	[CHECK_LOGIN] = { "login", look_login, NEEDS(HANDSHAKE) },
	[CHECK_INTERFACE] = { "interface", look_interface, NEEDS(CLIENT) },
	[CHECK_LINK_LOCAL] = { "link-local", look_link_local, NEEDS(INTERFACE) },
	[CHECK_RA] = { "advertisement", look_ra, NEEDS(LOGIN) | NEEDS(LINK_LOCAL) },
	[CHECK_ADDRESS] = { "address", look_address, NEEDS(RA) },
	[CHECK_ROUTE] = { "route", look_route, NEEDS(RA) },
	[CHECK_DNS] = { "dns", look_dns, NEEDS(RA) },
	[CHECK_DNS_ANSWER] = { "dns-answer", look_dns_answer, NEEDS(ADDRESS) | NEEDS(ROUTE) },
	[CHECK_PING] = { "ping", look_ping, NEEDS(ADDRESS) },
	[CHECK_FRAME] = { "frame", look_frame, NEEDS(PING) },
	[CHECK_LEAK] = { "leak", look_leak, NEEDS(RA) },
};
_Static_assert(ARRAY_LEN(checks) == DOCTOR_CHECKS, "describe every check");

uint64_t doctor_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int doctor_wait_ms(const struct doctor *doctor, uint32_t limit_ms)
{
	uint64_t now_ms = doctor_now_ms();
	uint64_t left_ms = doctor->end_ms > now_ms ? doctor->end_ms - now_ms : 0;

	return (int)(left_ms < limit_ms ? left_ms : limit_ms);
}

static unsigned needs_of(const struct doctor *doctor, enum doctor_check check)
{
	return check == CHECK_LOGIN && doctor->up ? 0 : checks[check].needs;
}

static bool all_ok(const struct findings *findings)
{
	for (unsigned i = 0; i < findings->count; i++)
		if (findings->row[i].state != DOCTOR_OK)
			return false;
	return true;
}

/* One of several addresses that works is enough to go on. */
static bool is_blocked(const struct findings *findings)
{
	bool failed = false;

	for (unsigned i = 0; i < findings->count; i++) {
		if (findings->row[i].state == DOCTOR_OK || findings->row[i].state == DOCTOR_WARNING)
			return false;
		failed = true;
	}
	return failed;
}

static void look_until_settled(struct doctor *doctor, enum doctor_check check,
			       struct findings *findings)
{
	uint64_t start_ms = doctor_now_ms(), waited_ms = 0;

	for (;;) {
		findings->count = 0;
		findings->may_settle = false;
		checks[check].look(doctor, findings);
		if (!findings->may_settle || waited_ms >= doctor->patience_ms)
			break;
		usleep(AGAIN_MS * 1000);
		waited_ms = doctor_now_ms() - start_ms;
	}
	doctor->patience_ms -= waited_ms < doctor->patience_ms ? waited_ms : doctor->patience_ms;
}

/* The first of those that it needs that found nothing good, or what was to blame for that. */
static enum doctor_check blame_for(const struct doctor *doctor, enum doctor_check check)
{
	unsigned needs = needs_of(doctor, check);

	for (unsigned i = 0; i < DOCTOR_CHECKS; i++)
		if (needs & 1u << i && doctor->blame[i] != DOCTOR_CHECKS)
			return doctor->blame[i];
	return DOCTOR_CHECKS;
}

static void run_check(struct doctor *doctor, enum doctor_check check, struct findings *findings)
{
	enum doctor_check blame = blame_for(doctor, check);

	findings->check = checks[check].name;
	findings->count = 0;
	doctor->blame[check] = blame;
	if (blame != DOCTOR_CHECKS) {
		finding_add(findings, DOCTOR_SKIPPED, "not looked at, because it depends on %s",
			    checks[blame].name);
	} else if (doctor_wait_ms(doctor, 1) == 0) {
		finding_add(findings, DOCTOR_SKIPPED,
			    "not looked at, because the checks before it took too long");
	} else {
		look_until_settled(doctor, check, findings);
		if (is_blocked(findings))
			doctor->blame[check] = check;
	}
}

static bool run_checks(struct doctor *doctor, struct findings *findings, doctor_found found,
		       void *owner)
{
	bool well = true;

	for (unsigned check = 0; check < DOCTOR_CHECKS; check++) {
		run_check(doctor, check, findings);
		well = well && all_ok(findings);
		for (unsigned i = 0; i < findings->count; i++)
			found(owner, &findings->row[i]);
	}
	return well;
}

/* ---- the beginning and the end ---- */

static const char *variable(const char *name)
{
	return getenv(name);
}

static int set_up(struct doctor *doctor, const struct doctor_options *options, struct err *err)
{
	doctor->fd = -1;
	doctor->options = options;
	doctor->end_ms = doctor_now_ms() + DOCTOR_LIMIT_MS;
	doctor->patience_ms = PATIENCE_MS;
	if (profile_read(&doctor->profile, options->profile, err) < 0 || pki_init(err) < 0 ||
	    proxy_choose(&doctor->proxy, &doctor->profile.proxy, doctor->profile.server, variable,
			 err) < 0)
		return -1;
	doctor->credentials = trust_credentials(&doctor->profile, options->profile, err);
	if (!doctor->credentials)
		return -1;
	if (doctor->profile.certificate[0] &&
	    pki_describe(doctor->profile.certificate, &doctor->own, err) < 0) {
		err->kind = ERR_CONFIG;
		return err_context(err, "%s", options->profile);
	}
	doctor->link = link_open(err);
	if (!doctor->link)
		return -1;
	doctor_ask_client(doctor);
	doctor_find_host(doctor);
	return 0;
}

static void tear_down(struct doctor *doctor)
{
	doctor_hang_up(doctor);
	json_decref(doctor->status);
	link_close(doctor->link);
	tls_credentials_free(doctor->credentials);
	profile_wipe(&doctor->profile);
	proxy_wipe(&doctor->proxy.proxy);
	free(doctor);
}

int doctor_run(const struct doctor_options *options, doctor_found found, void *owner,
	       struct err *err)
{
	struct doctor *doctor = calloc(1, sizeof(*doctor));
	struct findings *findings = calloc(1, sizeof(*findings));
	int result = -1;

	if (!doctor || !findings) {
		free(doctor);
		free(findings);
		return err_set(err, "out of memory");
	}
	if (set_up(doctor, options, err) == 0)
		result = run_checks(doctor, findings, found, owner);
	free(findings);
	tear_down(doctor);
	return result;
}
