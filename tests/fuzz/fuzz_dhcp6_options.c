/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_dhcp6_options.c - any bytes as a DHCPv6 message, as a DUID's text.
 *
 * Properties: bounds hold; the validity table decides about everything that parses; relays wrapped
 * around an answer and parsed as a request again are the same; a DUID's text is read back.
 */
#include <stdlib.h>

#include "dhcp6/validity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right)
{
	if (!right)
		abort();
}

static void check_bounds(const struct dhcp6_request *request)
{
	check(request->ia_count <= DHCP6_MAX_IAS && request->ia_count <= request->ias);
	check(request->wanted_count <= DHCP6_MAX_WANTED);
	check(request->relay_count <= DHCP6_MAX_RELAYS);
	check(request->client_id.len <= DHCP6_DUID_MAX);
	check(memchr(request->host, '\0', DHCP6_HOST_MAX));
	for (const char *at = request->host; *at; at++)
		check(strchr("<>\"'& \n\r\\%", *at) == NULL && *at > ' ' && *at < 127);
	for (unsigned i = 0; i < request->ia_count; i++) {
		check(request->ia[i].item_count <= DHCP6_MAX_ITEMS);
		for (unsigned j = 0; j < request->ia[i].item_count; j++)
			check(request->ia[i].item[j].what.len <= 128);
	}
}

/* Relay-reply is Relay-forward but for its type. */
static void check_relays(const struct dhcp6_request *request)
{
	static uint8_t buf[DHCP6_MAX_MESSAGE];
	static struct dhcp6_request again;
	struct writer w = writer_over(buf, sizeof(buf));
	struct dhcp6_relays_open open;

	dhcp6_relays_begin(&w, request, &open);
	writer_u32(&w, (uint32_t)DHCP6_INFORMATION_REQUEST << 24);
	dhcp6_relays_close(&w, request, &open);
	check(!w.full); /* nothing is longer than what came */
	for (unsigned i = 0; i < request->relay_count; i++)
		buf[i == 0 ? 0 : open.hole[i - 1]] = DHCP6_RELAY_FORWARD;
	check(dhcp6_request_parse(writer_bytes(&w), &again) == DHCP6_PARSED);
	check(again.relay_count == request->relay_count);
	for (unsigned i = 0; i < again.relay_count; i++) {
		const struct dhcp6_relay *a = &again.relay[i], *b = &request->relay[i];

		check(a->hop_count == b->hop_count && ip6_equal(&a->link, &b->link) &&
		      ip6_equal(&a->peer, &b->peer) && a->has_interface_id == b->has_interface_id &&
		      a->interface_id.len == b->interface_id.len && a->has_port == b->has_port &&
		      a->port == b->port);
	}
}

static void check_duid(const uint8_t *data, size_t size)
{
	char text[DHCP6_DUID_TEXT];
	struct dhcp6_duid duid, again;
	struct err err;

	if (dhcp6_duid_set(&duid, (struct bytes) { data, size }))
		check(dhcp6_duid_parse(dhcp6_duid_text(&duid, text), &again, &err) == 0 &&
		      dhcp6_duid_equal(&duid, &again));
	char *any = malloc(size + 1); /* not strndup: under ASan's strict checks it wants a NUL */
	check(any);
	memcpy(any, data, size);
	any[size] = '\0';
	if (dhcp6_duid_parse(any, &duid, &err) == 0)
		check(duid.len >= DHCP6_DUID_MIN && duid.len <= DHCP6_DUID_MAX);
	free(any);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct dhcp6_duid server = { 3, { 0, 3, 1 } };
	static struct dhcp6_request request;

	if (dhcp6_request_parse((struct bytes) { data, size }, &request) == DHCP6_PARSED) {
		check_relays(&request);
		check(dhcp6_request_fault(&request, &server) < DHCP6_RESULTS);
	}
	check_bounds(&request);
	if (size > 0)
		check_duid(data, size);
	return 0;
}
