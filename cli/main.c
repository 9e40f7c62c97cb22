/* SPDX-License-Identifier: Apache-2.0 */
/* cli/main.c - `lanyard`: the table of verbs. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "cli/cli.h"

const struct verb cli_verbs[] = {
	{ "server", cli_server, "server [-c FILE] [-t]",
	  "run the server; -t checks the configuration",
	  "  -c FILE     configuration (default: /etc/lanyard/server.conf, if it exists)\n"
	  "  -t          check the configuration and what it names, then exit\n"
	  "  -v          log more\n"
	  "  --describe  print every section and key with what it accepts\n" },
	{ "connect", cli_connect, "connect [PROFILE]", "run the client",
	  "  PROFILE        default: /etc/lanyard/client.conf\n"
	  "  --bridge BR    join the TAP to this kernel bridge (a remote office)\n"
	  "  --delegate IF  a network of this office: it gets a /64 of the prefix that the server\n"
	  "                 delegates, and Router Advertisements; repeat it for each network\n"
	  "  --once         end when the first attempt to connect fails\n"
	  "  -v             log more\n"
	  "  --describe     print every section and key of a profile\n" },
	{ "join", cli_join, "join URL", "enrol with an invitation, write a profile, and connect",
	  "  URL            lanyard://HOST/TOKEN#FINGERPRINT; -: read it from standard input\n"
	  "  -o PROFILE     where to write (default: /etc/lanyard/client.conf)\n"
	  "  --force        also over a profile that is there\n"
	  "  --no-connect   write the profile and end\n"
	  "  -v             log more\n" },
	{ "user", cli_user, "user ACTION [NAME]", "manage who may connect",
	  "  add NAME              a new user\n"
	  "  group NAME GROUP      the user is in GROUP from now on; none: in no group\n"
	  "  remove NAME           and disconnect them\n"
	  "  list                  who there is\n"
	  "  profile NAME          a profile with a new key, on standard output\n"
	  "  block NAME            disconnect them, and let them in no more\n"
	  "  unblock NAME          let them in again\n"
	  "  expire NAME WHEN      30d from now, 2027-01-31, 2027-01-31T18:00 or never\n"
	  "  role NAME ROLE        as an admin: none, read-only or admin\n"
	  "  passwd NAME           a new password: asked for, or from a file or standard input\n"
	  "  totp NAME             a new secret for one-time codes, as a QR code and URI\n"
	  "  --group GROUP         of a new user\n"
	  "  --expires WHEN        of a new user\n"
	  "  --reason TEXT         what who is blocked is told\n"
	  "  --file FILE           its first line is the password; -: standard input\n"
	  "  --remove              no password, or no codes, any more\n"
	  "  --server HOST[:PORT]  what the profile dials (default: name and port of the server)\n"
	  "  --json                one JSON object\n"
	  "  -c FILE               the server's configuration\n" },
	{ "invite", cli_invite, "invite USER|list|revoke ID", "a URL that enrols a device, once",
	  "  USER                  invite a user, who is added if need be\n"
	  "  list                  which invitations there are\n"
	  "  revoke ID             take one back\n"
	  "  --group GROUP         of a new user\n"
	  "  --expires TIME        the invitation lasts so long (default: 24h)\n"
	  "  --qr                  also as a QR code, on a terminal\n"
	  "  --server HOST[:PORT]  what the device dials (default: name and port of the server)\n"
	  "  --json                one JSON object\n"
	  "  -c FILE               the server's configuration\n" },
	{ "cert", cli_cert, "cert list|revoke|rotate|distrust ...",
	  "the certificates of users, and the CA",
	  "  list [USER]           which there are\n"
	  "  revoke FINGERPRINT    it opens nothing any more; its first 8 digits may do\n"
	  "  --json                one JSON object\n"
	  "  -c FILE               the server's configuration\n" },
	{ "admin", cli_admin, "admin passwd|totp", "the administrator's login to the HTTP API",
	  "  passwd                a new password: asked for, or from a file or standard input\n"
	  "  totp                  a new secret for one-time codes, as a QR code and URI\n"
	  "  --file FILE           its first line is the password; -: standard input\n"
	  "  --remove              no password, or no codes, any more\n"
	  "  --json                one JSON object\n"
	  "  -c FILE               the server's configuration\n" },
	{ "token", cli_token, "token add NAME|list|revoke NAME", "scripts that use the HTTP API",
	  "  add NAME              prints a new token, once\n"
	  "  list                  which there are\n"
	  "  revoke NAME           it opens nothing any more\n"
	  "  --role ROLE           of a new one: read-only (default) or admin\n"
	  "  --expires WHEN        of a new one: 30d from now, 2027-01-31 or never (default: 90d)\n"
	  "  --json                one JSON object\n"
	  "  -c FILE               the server's configuration\n" },
	{ "status", cli_status, "status [--json] [--watch]",
	  "what is up, who is connected (server or client)",
	  "  --watch        a server's clients with their rates, until q is typed\n"
	  "  --json         one JSON object\n"
	  "  -c FILE        the server's configuration\n"
	  "  --socket PATH  ask the daemon behind this control socket\n" },
	{ "doctor", cli_doctor, "doctor [PROFILE]",
	  "look for what is wrong with this client's tunnel",
	  "  PROFILE        default: /etc/lanyard/client.conf\n"
	  "  --json         one JSON object\n"
	  "  -c FILE        the same as PROFILE\n"
	  "  --socket PATH  the running client's control socket (default: the profile's)\n" },
	{ "show", cli_show, "show WHAT [--json]",
	  "one thing that a server or client knows, in full",
	  "  overview        how much, and what somebody should look at\n"
	  "  clients         who is connected\n"
	  "  client NAME     one of them in full: by number, user or device\n"
	  "  neighbours      addresses behind the clients (also: addresses)\n"
	  "  leases          who has which address or prefix by DHCPv6, and what is reserved\n"
	  "  prefixes        what clients were promised of which prefix\n"
	  "  ra              what is advertised, for how long, and what other routers say\n"
	  "                  (also: router)\n"
	  "  guards          what was dropped, and why\n"
	  "  captures        which run, and for whom\n"
	  "  events          what happened lately\n"
	  "  config          the configuration in force, and where each value comes from\n"
	  "                  (also: configuration)\n"
	  "  users           who may connect\n"
	  "  groups          which there are, with their users, clients and bytes\n"
	  "  invites         which invitations there are (also: invitations)\n"
	  "  certs           certificates of users, and the CAs (also: certificates)\n"
	  "  tokens          scripts that use the HTTP API\n"
	  "  audit           who changed users, certificates and invitations, and when\n"
	  "  --json          one JSON object\n"
	  "  -c FILE         the server's configuration\n"
	  "  --socket PATH   ask the daemon behind this control socket\n" },
	{ "events", cli_events, "events [-f] [--after N] [--json]",
	  "what happened lately on the server",
	  "  -f, --follow   and what goes on happening, until it is interrupted\n"
	  "  --after N      only those after number N (of --json), also where --follow begins\n"
	  "  --json         one JSON object; with --follow one for each event\n"
	  "  -c FILE        the server's configuration\n"
	  "  --socket PATH  ask the daemon behind this control socket\n" },
	{ "capture", cli_capture, "capture [-i CLIENT|lan] [FILTER]",
	  "frames of clients or the LAN, to a file or the terminal",
	  "  FILTER         pcap-filter(7); default: every frame\n"
	  "  -i CLIENT      by number, user or device; lan: the server's own interface\n"
	  "                 (default: all of them)\n"
	  "  -w FILE        write pcapng there; -: to standard output (default: a line for each)\n"
	  "  -s, --snaplen N  at most N bytes of each frame\n"
	  "  --count N      end after N frames\n"
	  "  --size SIZE    end before the file is larger: 500k, 20M, 1G\n"
	  "  --for TIME     end after 30s, 5m, 2h\n"
	  "  --stop N       end capture N, which somebody else runs\n"
	  "  --json         a JSON object for each frame\n"
	  "  -c FILE        the server's configuration\n"
	  "  --socket PATH  ask the daemon behind this control socket\n" },
	{ "lease", cli_lease, "lease release|reserve|import ...",
	  "end, keep or take over DHCPv6 leases",
	  "  release ADDRESS      it is nobody's any more; also PREFIX/LENGTH\n"
	  "  reserve WHO ADDRESS  it is for WHO alone: a user, duid:HEX [iaid:N] or mac:MAC;\n"
	  "                       none: for nobody in particular again\n"
	  "  import FILE          takes over the leases of Kea, dnsmasq or odhcpd\n"
	  "    --format FORMAT      kea, dnsmasq or odhcpd (default: as the file looks)\n"
	  "    --user NAME          they are all this user's\n"
	  "    --first-come         those of no known user: the first one's who comes\n"
	  "    --dry-run            only say what would be imported\n"
	  "    --json               one JSON object\n"
	  "  -c FILE        the server's configuration\n"
	  "  --socket PATH  ask the daemon behind this control socket\n" },
	{ "kick", cli_kick, "kick CLIENT", "disconnect a client, by number, user or device",
	  "  -c FILE        the server's configuration\n"
	  "  --socket PATH  ask the daemon behind this control socket\n" },
	{ "reload", cli_reload, "reload", "the server reads its configuration again",
	  "  --json         one JSON object\n"
	  "  -c FILE        the server's configuration\n"
	  "  --socket PATH  ask the daemon behind this control socket\n" },
	{ "version", cli_version, "version [--json]", "this program's version and what it runs on",
	  "" },
	{ 0 },
};

static void print_overview(FILE *to)
{
	fprintf(to, "usage: lanyard VERB ...\n\n");
	for (const struct verb *verb = cli_verbs; verb->name; verb++)
		fprintf(to, "  %-42s %s\n", verb->usage, verb->summary);
	fprintf(to, "\nlanyard VERB --help tells more; see also lanyard(8).\n");
}

void cli_print_help(const struct verb *verb)
{
	printf("usage: lanyard %s\n%s\n%s%s", verb->usage, verb->summary, verb->help[0] ? "\n" : "",
	       verb->help);
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	const struct verb *verb = cli_verbs;

	/* libuv writes with write(2): a command that left before its answer must end no daemon */
	signal(SIGPIPE, SIG_IGN);
	json_set_alloc_funcs(malloc, wipe_free); /* profiles, tokens, hashes */
	if (argc < 2) {
		print_overview(stderr);
		return ERR_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_overview(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0)
		argv[1] = (char *)"version";
	while (verb->name && strcmp(verb->name, argv[1]) != 0)
		verb++;
	if (!verb->name) {
		fprintf(stderr, "lanyard: there is no verb '%s'; see lanyard --help\n", argv[1]);
		return ERR_USAGE;
	}
	if (asks_for_help(argc - 1, argv + 1)) {
		cli_print_help(verb);
		return 0;
	}
	int status = verb->run(argc - 1, argv + 1);
	/* a full disk or a closed pipe must not look like success */
	if (fflush(stdout) != 0 && status == 0)
		status = ERR_FAILED;
	return status;
}
