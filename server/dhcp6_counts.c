/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_counts.c - counting what the DHCPv6 server says.  What an answer says is read from its
 * bytes: the engine has a dozen places that write a status. */
#include "server/dhcp6_counts.h"

#include "dhcp6/request.h"

#define MESSAGE_HEADER 4 /* type and transaction, RFC 9915 8 */
#define RELAY_HEADER 34	 /* type, hops, two addresses, RFC 9915 9 */

static const uint32_t within_us[DHCP6_WITHIN] = { 1000,	 2500,	 5000,	 10000,	 25000,
						  50000, 100000, 250000, 500000, 2500000 };

/* ---- what a message says ---- */

/* Bytes in front of the options in an option's body; 0: there are none in it.  RFC 9915 21.4, 21.6,
 * 21.21, 21.22. */
static unsigned options_behind(unsigned code)
{
	switch (code) {
	case DHCP6_OPTION_IA_NA:
	case DHCP6_OPTION_IA_PD: return 12;
	case DHCP6_OPTION_IA_ADDRESS: return 24;
	case DHCP6_OPTION_IA_PREFIX: return 25;
	default: return 0;
	}
}

/* `depth` more levels of options are looked into: IAs, and what is in them. */
static unsigned first_failure(struct reader r, unsigned depth)
{
	struct dhcp6_option option;
	unsigned status = DHCP6_STATUS_SUCCESS;

	while (status == DHCP6_STATUS_SUCCESS && dhcp6_option_next(&r, &option)) {
		unsigned behind = options_behind(option.code);

		if (option.code == DHCP6_OPTION_STATUS) {
			status = reader_u16(&option.body);
		} else if (behind > 0 && depth > 0) {
			reader_take(&option.body, behind);
			status = first_failure(option.body, depth - 1);
		}
	}
	return status;
}

/* Behind the headers of its relays. */
static struct bytes unwrap(struct bytes message)
{
	struct dhcp6_option option;

	for (unsigned i = 0; i < DHCP6_MAX_RELAYS; i++) {
		struct reader r = reader_over(message);

		if (message.len == 0 || message.data[0] != DHCP6_RELAY_REPLY)
			break;
		reader_take(&r, RELAY_HEADER);
		message = (struct bytes) { 0 };
		while (dhcp6_option_next(&r, &option))
			if (option.code == DHCP6_OPTION_RELAY_MESSAGE)
				message = (struct bytes) { option.body.at, option.body.left };
	}
	return message;
}

enum dhcp6_status dhcp6_answer_status(struct bytes message, unsigned *type)
{
	struct bytes inner = unwrap(message);
	struct reader r = reader_over(inner);

	*type = reader_u8(&r);
	reader_take(&r, MESSAGE_HEADER - 1);
	if (*type >= DHCP6_TYPES)
		*type = 0;
	unsigned status = first_failure(r, 2);

	return status < DHCP6_STATUSES ? (enum dhcp6_status)status : DHCP6_STATUS_SUCCESS;
}

/* ---- counting ---- */

void dhcp6_count_received(struct dhcp6_counts *counts, unsigned type)
{
	counts->received[type < DHCP6_TYPES ? type : 0]++;
}

void dhcp6_count_sent(struct dhcp6_counts *counts, struct bytes message)
{
	unsigned type;
	enum dhcp6_status status = dhcp6_answer_status(message, &type);

	counts->sent[type]++;
	if (type == DHCP6_REPLY || type == DHCP6_ADVERTISE)
		counts->answers[status]++;
}

void dhcp6_count_commit(struct dhcp6_counts *counts, uint64_t took_us, bool failed)
{
	unsigned i = 0;

	if (failed) {
		counts->failures++;
		return;
	}
	counts->commits++;
	counts->commit_us += took_us;
	while (i < DHCP6_WITHIN && took_us > within_us[i])
		i++;
	if (i < DHCP6_WITHIN)
		counts->within[i]++;
}

/* ---- shown ---- */

/* Numbers that have no name are one. */
static void add_count(json_t *all, const char *name, uint64_t count)
{
	json_int_t before = json_integer_value(json_object_get(all, name));

	if (count > 0)
		json_object_set_new(all, name, json_integer(before + (json_int_t)count));
}

json_t *dhcp6_counts_messages(const struct dhcp6_counts *counts)
{
	json_t *received = json_object(), *sent = json_object(), *answers = json_object();

	for (unsigned i = 0; i < DHCP6_TYPES; i++) {
		add_count(received, dhcp6_type_name(i), counts->received[i]);
		add_count(sent, dhcp6_type_name(i), counts->sent[i]);
	}
	for (unsigned i = 0; i < DHCP6_STATUSES; i++)
		add_count(answers, dhcp6_status_name(i), counts->answers[i]);
	return json_pack("{s:o, s:o, s:o}", "received", received, "sent", sent, "answers", answers);
}

json_t *dhcp6_counts_store(const struct dhcp6_counts *counts)
{
	json_t *within = json_array();
	json_int_t so_far = 0;

	for (unsigned i = 0; i < DHCP6_WITHIN; i++) {
		so_far += (json_int_t)counts->within[i];
		json_array_append_new(
			within,
			json_pack("{s:I, s:I}", "us", (json_int_t)within_us[i], "commits", so_far));
	}
	return json_pack("{s:I, s:I, s:I, s:o}", "commits", (json_int_t)counts->commits, "failures",
			 (json_int_t)counts->failures, "commit_us", (json_int_t)counts->commit_us,
			 "within", within);
}
