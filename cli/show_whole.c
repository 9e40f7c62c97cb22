/* SPDX-License-Identifier: Apache-2.0 */
/* cli/show_whole.c - `show overview`, a server in short, and `show client`, one client in full. */
#include <stdio.h>
#include <time.h>

#include "cli/account.h"
#include "cli/show.h"

static int64_t number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void print_label(const char *label)
{
	printf("  %-16s ", label);
}

static void print_bytes(const json_t *object)
{
	char received[32], sent[32];

	print_label("bytes");
	printf("%s received, %s sent\n", cli_bytes(number(object, "rx_bytes"), received),
	       cli_bytes(number(object, "tx_bytes"), sent));
}

/* Names and how often; nothing if there are none. */
static void print_drops(const json_t *drops)
{
	const char *reason;
	const json_t *count;

	json_object_foreach((json_t *)drops, reason, count)
	{
		print_label("dropped");
		printf("%lld %s\n", (long long)json_integer_value(count), reason);
	}
}

void cli_print_overview(const json_t *answer)
{
	const json_t *certificate = json_object_get(answer, "certificate"), *one;
	char up[32], until[32];
	size_t i;

	printf("server %s, %s, %s, up for %s\n", cli_text(answer, "version"),
	       cli_text(answer, "interface"), cli_text(answer, "mode"),
	       cli_duration(number(answer, "now_s") - number(answer, "started_s"), up));
	print_label("clients");
	printf("%lld\n", (long long)number(answer, "clients"));
	print_bytes(answer);
	print_drops(json_object_get(answer, "drops"));
	print_label("certificate");
	printf("until %s UTC\n", account_date(number(certificate, "ends_s"), until));
	json_array_foreach(json_object_get(answer, "ending"), i, one)
	{
		print_label("ends soon");
		printf("a certificate of %s, %s UTC\n", cli_text(one, "user"),
		       account_date(number(one, "not_after_s"), until));
	}
	json_array_foreach(json_object_get(answer, "warnings"), i, one)
	{
		print_label("warning");
		printf("%s: %s\n", cli_text(one, "text"), cli_text(one, "todo"));
	}
}

void cli_print_client(const json_t *answer)
{
	const json_t *client = json_object_get(answer, "client");
	const json_t *leases = json_object_get(answer, "leases");
	const json_t *ra = json_object_get(answer, "ra");
	json_t *alone = json_pack("{s:[O]}", "clients", client);

	cli_print_clients(alone);
	json_decref(alone);
	printf("\n");
	print_label("cipher");
	printf("%s by %s\n", cli_text(client, "cipher"), cli_text(client, "aead"));
	print_drops(json_object_get(client, "drops"));
	cli_print_addresses(json_object_get(client, "addresses"));
	if (json_is_object(ra)) {
		printf("\nit is told\n");
		cli_print_ra(ra);
	}
	if (json_array_size(leases) == 0)
		return;
	printf("\n");
	cli_print_leases(answer);
}
