/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_judge_outside.c - the way to the server: what is wrong with it, and what to do. */
#include "client/doctor_judge_outside.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SLOW_MS 2000
#define DAY_S 86400
#define SOON_S (14 * DAY_S) /* a certificate that ends so soon is worth a word */

/* ---- name ---- */

void judge_name(struct findings *findings, const struct name_facts *facts)
{
	if (facts->is_address) {
		finding_add(findings, DOCTOR_OK, "%s is an address: there is no name to look up",
			    facts->host);
	} else if (facts->timed_out || facts->error == EAI_AGAIN) {
		if (facts->timed_out)
			finding_add(findings, DOCTOR_FAILED, "no answer for the name %s in %u s",
				    facts->host, facts->limit_s);
		else
			finding_add(findings, DOCTOR_FAILED, "no nameserver answers for %s",
				    facts->host);
		finding_advise(findings, "see whether this machine is online and which nameserver "
					 "/etc/resolv.conf names");
	} else if (facts->error == EAI_NONAME) {
		finding_add(findings, DOCTOR_FAILED, "there is no host %s", facts->host);
		finding_advise(findings, "correct %s%s, or have the name entered in the DNS",
			       facts->said_by, facts->said_by[0] == '[' ? " in the profile" : "");
	} else if (facts->error != 0) {
		finding_add(findings, DOCTOR_FAILED, "%s cannot be resolved: %s", facts->host,
			    gai_strerror(facts->error));
		finding_advise(findings, "see /etc/resolv.conf and /etc/nsswitch.conf");
	} else {
		finding_add(findings, DOCTOR_OK, "%s is %s", facts->host, facts->addresses);
	}
}

/* ---- TCP ---- */

static void advise_tcp(struct findings *findings, const struct tcp_facts *facts)
{
	switch (facts->timed_out ? ETIMEDOUT : facts->error) {
	case ECONNREFUSED:
		finding_advise(findings,
			       "see whether %s runs there and the port is right; some firewalls "
			       "refuse like this, too",
			       facts->is_proxy ? "the proxy" : "lanyard server");
		break;
	case ETIMEDOUT:
		finding_advise(
			findings,
			"a firewall on the way drops it, or the %s is down: let this TCP port "
			"through%s",
			facts->is_proxy ? "proxy" : "server",
			facts->is_proxy ? "" : ", or name a proxy, [client] proxy");
		break;
	case ENETUNREACH:
		finding_advise(findings,
			       "this machine has no route there: connect it to a network%s",
			       facts->is_proxy ? "" : ", or name its proxy, [client] proxy");
		break;
	case EACCES:
	case EPERM:
		finding_advise(findings, "a firewall of this machine forbids it: see nft list "
					 "ruleset");
		break;
	default:
		finding_advise(findings, "see the network between here and the server, and the "
					 "server's firewall");
	}
}

void judge_tcp(struct findings *findings, const struct tcp_facts *facts)
{
	enum doctor_state state = facts->other ? DOCTOR_WARNING : DOCTOR_FAILED;

	if (facts->timed_out) {
		finding_add(findings, state, "no answer from %s in %u.%u s", facts->address,
			    facts->ms / 1000, facts->ms / 100 % 10);
	} else if (facts->error == 0) {
		finding_add(findings, DOCTOR_OK, "TCP to %s took %u ms", facts->address, facts->ms);
		return;
	} else if (facts->error == ENETUNREACH && facts->other) {
		/* half of the world has one family only, and needs no more */
		finding_add(findings, DOCTOR_OK,
			    "%s is of a family that this network does not have, and not needed",
			    facts->address);
		return;
	} else {
		finding_add(findings, state, "cannot connect to %s: %s", facts->address,
			    strerror(facts->error));
	}
	advise_tcp(findings, facts);
}

/* ---- who answers ---- */

static void judge_certificate(struct findings *findings, const struct server_facts *facts)
{
	const struct tls_shown *shown = &facts->shown;

	if (!shown->signed_by_ours) {
		finding_add(findings, DOCTOR_FAILED,
			    "somebody else answers at %s: the certificate is of %s, issued by %s, "
			    "and not by the CA of this profile",
			    facts->address, shown->subject, shown->issuer);
		finding_advise(findings,
			       "have this network let the connection through unopened, or use "
			       "another network; if that is the server itself with a new CA, get a "
			       "new profile");
	} else if (!shown->name_fits) {
		finding_add(findings, DOCTOR_FAILED, "%s", facts->sentence);
		finding_advise(findings,
			       "correct [client] name in the profile, or [server] name at "
			       "the server");
	} else if (!shown->in_time) {
		/* the clock's check says the rest */
		finding_add(findings, DOCTOR_OK,
			    "our server answers at %s: its certificate is signed by the CA of this "
			    "profile",
			    facts->address);
	} else {
		finding_add(findings, DOCTOR_FAILED, "%s", facts->sentence);
		finding_advise(findings, "have the server's administrator make its certificate "
					 "anew");
	}
}

static void judge_not_tls(struct findings *findings, const struct server_facts *facts)
{
	if (facts->http.status)
		finding_add(findings, DOCTOR_FAILED,
			    "at %s a web server answers in clear, with status %u%s%s",
			    facts->address, facts->http.status,
			    facts->http.location[0] ? " and the address " : "",
			    facts->http.location);
	else
		finding_add(findings, DOCTOR_FAILED, "at %s: %s", facts->address, facts->sentence);
	finding_advise(findings, "see whether the port is right; if it is, a proxy answers in the "
				 "server's place: have it let the connection through, or use "
				 "another network");
}

void judge_portal(struct findings *findings, const struct http_facts *http)
{
	finding_add(findings, DOCTOR_FAILED,
		    "a captive portal stands before the server: this network answers in its place "
		    "with status %u%s%s",
		    http->status, http->location[0] ? " and the address " : "", http->location);
	finding_advise(findings, "open a web browser and log in to this network, then try again");
}

static const char *advice_for(enum tls_failure failure)
{
	switch (failure) {
	case TLS_FAILURE_VERSION:
	case TLS_FAILURE_ALPN:
		return "see whether the port is right; if it is, a proxy that opens TLS answers in "
		       "the server's place: have it let the connection through";
	case TLS_FAILURE_CLOSED:
		return "a firewall on the way may cut TLS that it does not know: have it let the "
		       "connection through; else see the server's log";
	case TLS_FAILURE_NONE:
	case TLS_FAILURE_NOT_TLS:
	case TLS_FAILURE_NO_CERTIFICATE:
	case TLS_FAILURE_CERTIFICATE:
	case TLS_FAILURE_REFUSED:
	case TLS_FAILURE_PROTOCOL:
	case TLS_FAILURE_INTERNAL:
	case TLS_FAILURES: break;
	}
	return "see the server's log for the reason";
}

void judge_server(struct findings *findings, const struct server_facts *facts)
{
	bool genuine = facts->failure == TLS_FAILURE_NONE && !facts->timed_out;

	if (genuine) {
		finding_add(findings, DOCTOR_OK,
			    "our server answers at %s: its certificate is for %s and signed by the "
			    "CA of this profile",
			    facts->address, facts->name);
	} else if (http_is_portal(&facts->http) &&
		   !(facts->any_shown && facts->shown.signed_by_ours)) {
		judge_portal(findings, &facts->http);
	} else if (facts->timed_out) {
		finding_add(findings, DOCTOR_FAILED,
			    "TCP to %s connects, but nobody answers the TLS handshake",
			    facts->address);
		finding_advise(findings,
			       "a proxy on the way accepts in the server's place, or long "
			       "packets are lost: try a smaller MTU on this machine's "
			       "interface");
	} else if (facts->failure == TLS_FAILURE_CERTIFICATE && facts->any_shown) {
		judge_certificate(findings, facts);
	} else if (facts->failure == TLS_FAILURE_NOT_TLS) {
		judge_not_tls(findings, facts);
	} else {
		finding_add(findings, DOCTOR_FAILED, "at %s: %s", facts->address, facts->sentence);
		finding_advise(findings, "%s", advice_for(facts->failure));
	}
}

/* ---- clock ---- */

#define TIME_TEXT 32

static const char *time_text(int64_t seconds, char text[static TIME_TEXT])
{
	time_t time = (time_t)seconds;
	struct tm utc;

	if (!gmtime_r(&time, &utc) || strftime(text, TIME_TEXT, "%Y-%m-%d %H:%M UTC", &utc) == 0)
		snprintf(text, TIME_TEXT, "%lld", (long long)seconds);
	return text;
}

static const char *span_text(int64_t seconds, char text[static TIME_TEXT])
{
	long long days = (long long)seconds / DAY_S;

	if (days >= 2 * 365)
		snprintf(text, TIME_TEXT, "%lld years", days / 365);
	else if (days >= 2)
		snprintf(text, TIME_TEXT, "%lld days", days);
	else if (seconds >= 2 * 3600)
		snprintf(text, TIME_TEXT, "%lld hours", (long long)seconds / 3600);
	else
		snprintf(text, TIME_TEXT, "%lld minutes", (long long)(seconds + 59) / 60);
	return text;
}

static void judge_early(struct findings *findings, const struct clock_facts *facts, int64_t from_s,
			const char *whose)
{
	char now[TIME_TEXT], from[TIME_TEXT], span[TIME_TEXT];

	finding_add(findings, DOCTOR_FAILED,
		    "this machine's clock says %s, but %s certificate begins on %s: the clock is "
		    "at least %s behind",
		    time_text(facts->now_s, now), whose, time_text(from_s, from),
		    span_text(from_s - facts->now_s, span));
	finding_advise(findings, "set the clock, as by timedatectl set-ntp true");
}

static void judge_late(struct findings *findings, const struct clock_facts *facts, int64_t until_s,
		       bool own)
{
	char now[TIME_TEXT], until[TIME_TEXT], span[TIME_TEXT];

	finding_add(findings, DOCTOR_FAILED,
		    "%s certificate ended on %s, and this machine's clock says %s: it is over, or "
		    "the clock is at least %s ahead",
		    own ? "the profile's" : "the server's", time_text(until_s, until),
		    time_text(facts->now_s, now), span_text(facts->now_s - until_s, span));
	if (own)
		finding_advise(findings,
			       "see whether the date is right; if it is, have the server's "
			       "administrator make a new profile: lanyard user profile %s",
			       facts->user[0] ? facts->user : "NAME");
	else
		finding_advise(findings, "see whether the date is right; if it is, the server's "
					 "certificate must be made anew");
}

static void judge_clock_by_server(struct findings *findings, const struct clock_facts *facts)
{
	if (!facts->server_shown)
		finding_add(
			findings, DOCTOR_OK,
			"there is no certificate to hold the clock against: the profile has none");
	else if (facts->now_s < facts->server_from_s)
		judge_early(findings, facts, facts->server_from_s, "the server's");
	else if (facts->now_s > facts->server_until_s)
		judge_late(findings, facts, facts->server_until_s, false);
	else
		finding_add(findings, DOCTOR_OK, "the clock fits the server's certificate");
}

void judge_clock(struct findings *findings, const struct clock_facts *facts)
{
	if (facts->own_until_s == 0) {
		judge_clock_by_server(findings, facts);
		return;
	}
	bool shown = facts->server_shown;
	char text[TIME_TEXT];
	/* the later beginning says more */
	bool own = !shown || facts->own_from_s >= facts->server_from_s;
	int64_t from_s = own ? facts->own_from_s : facts->server_from_s;

	if (facts->now_s < from_s) {
		judge_early(findings, facts, from_s, own ? "the profile's" : "the server's");
	} else if (facts->now_s > facts->own_until_s) {
		judge_late(findings, facts, facts->own_until_s, true);
	} else if (shown && facts->now_s > facts->server_until_s) {
		judge_late(findings, facts, facts->server_until_s, false);
	} else if (facts->own_until_s - facts->now_s < SOON_S) {
		finding_add(findings, DOCTOR_WARNING, "the profile's certificate ends on %s",
			    time_text(facts->own_until_s, text));
		finding_advise(findings,
			       "have the server's administrator make a new profile: lanyard user "
			       "profile %s",
			       facts->user[0] ? facts->user : "NAME");
	} else {
		finding_add(findings, DOCTOR_OK, "the clock fits %s ends on %s",
			    shown ? "both certificates; the profile's"
				  : "the profile's certificate, which",
			    time_text(facts->own_until_s, text));
	}
}

void judge_handshake(struct findings *findings, uint32_t tcp_ms, uint32_t tls_ms)
{
	bool slow = tls_ms > SLOW_MS;

	finding_add(findings, slow ? DOCTOR_WARNING : DOCTOR_OK,
		    "the TLS handshake took %u ms, after %u ms for TCP", tls_ms, tcp_ms);
	if (slow)
		finding_advise(findings, "if TCP was fast, the server is busy; else the way there "
					 "is slow or loses packets");
}

/* ---- login ---- */

static const char *login_advice(enum err_kind kind)
{
	switch (kind) {
	case ERR_LOGIN:
		return "have the server's administrator add the user, or make a new profile";
	case ERR_CERTIFICATE: return "have the server's administrator make a new profile";
	case ERR_CONNECT:
		return "if the server is full, end another device that uses this profile; "
		       "else see the server's log";
	case ERR_TIMEOUT: return "see whether the server is overloaded, and its log";
	case ERR_FAILED:
	case ERR_USAGE:
	case ERR_NO_DAEMON:
	case ERR_NO_OBJECT:
	case ERR_CONFIG: break;
	}
	return "see the server's log for the reason";
}

void judge_login(struct findings *findings, const struct login_facts *facts)
{
	const char *user = facts->user[0] ? facts->user : "the profile's user";

	if (!facts->daemon_state && facts->sentence[0] == '\0') {
		finding_add(findings, DOCTOR_OK,
			    "the server lets %s in: a login to try it took %u ms", user, facts->ms);
	} else if (!facts->daemon_state && facts->asked) {
		finding_add(findings, DOCTOR_WARNING, "%s", facts->sentence);
		finding_advise(findings, "lanyard connect prompts for it; for a login without a "
					 "person, a password can be in [client] password-file");
	} else if (!facts->daemon_state) {
		finding_add(findings, DOCTOR_FAILED, "%s", facts->sentence);
		finding_advise(findings, "%s", login_advice(facts->kind));
	} else if (strcmp(facts->daemon_state, "up") == 0) {
		finding_add(findings, DOCTOR_OK, "the running client is logged in as %s", user);
	} else {
		finding_add(findings, DOCTOR_FAILED, "the running client is not logged in (%s)%s%s",
			    facts->daemon_state, facts->sentence[0] ? ": " : "", facts->sentence);
		finding_advise(findings, "it tries again by itself; what stands in its way, the "
					 "checks before this one or its log say");
	}
}
