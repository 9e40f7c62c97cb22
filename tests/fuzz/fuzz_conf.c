/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_conf.c - any text as a configuration.
 *
 * Properties: a refusal has a sentence with the text's name in front and counts as a
 * configuration error, and the same text gives the same result twice.
 */
#include <stdlib.h>

#include "base/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct settings {
	struct prefix6 prefix;
	struct ip6 address;
	uint32_t number, time_s;
	uint16_t mtu;
	uint8_t hop_limit;
	bool enabled;
	char pem[CONF_VALUE_MAX + 1], interface[16], domain[256];
	unsigned groups;
};

#define IN(member) offsetof(struct settings, member)

static const struct conf_key keys[] = {
	{ "prefix", conf_prefix6, IN(prefix), "", 64, 64, true },
	{ "dns", conf_ip6, IN(address), "" },
	{ "number", conf_u32, IN(number), "" },
	{ "mtu", conf_u16, IN(mtu), "", 1280, 1500, true },
	{ "hop-limit", conf_u8, IN(hop_limit), "" },
	{ "valid", conf_time_s, IN(time_s), "", 0, UINT32_MAX, true },
	{ "lifetime", conf_time_s, IN(time_s), "", 4, 1800 },
	{ "enabled", conf_bool, IN(enabled), "" },
	{ "ca", conf_text, IN(pem), "", 1, CONF_VALUE_MAX + 1, true },
	{ "interface", conf_interface, IN(interface), "" },
	{ "search", conf_domain, IN(domain), "" },
	{ 0 },
};

static void *begin_group(void *base, const char *argument, struct err *err)
{
	struct settings *settings = base;

	if (argument[0] == '\0')
		abort();
	return settings->groups++ < 8 ? settings : (err_set(err, "too many"), NULL);
}

static int read_all(struct settings *settings, struct bytes text, struct err *err)
{
	const struct conf_section sections[] = { { "ra", keys, settings, NULL },
						 { "group", keys, settings, begin_group },
						 { 0 } };

	memset(settings, 0, sizeof(*settings));
	memset(err, 0, sizeof(*err));
	return conf_read_text("fuzz", text, sections, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct settings first, second;
	struct err first_err, second_err;
	int result = read_all(&first, (struct bytes) { data, size }, &first_err);

	if (result < 0 &&
	    (strncmp(first_err.text, "fuzz:", 5) != 0 || first_err.kind != ERR_CONFIG))
		abort();
	if (read_all(&second, (struct bytes) { data, size }, &second_err) != result ||
	    memcmp(&first, &second, sizeof(first)) != 0 ||
	    strcmp(first_err.text, second_err.text) != 0)
		abort();
	return 0;
}
