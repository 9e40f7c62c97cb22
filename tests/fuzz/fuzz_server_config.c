/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_server_config.c - any text as the server's configuration.
 *
 * Properties: a refusal has a sentence with the text's name in front and counts as a
 * configuration error; what is accepted keeps every promise that the server relies on, and
 * the same text gives the same result twice.
 */
#include <stdlib.h>

#include "server/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_all(struct server_config *config, struct bytes text, struct err *err)
{
	memset(err, 0, sizeof(*err));
	return server_config_read_text(config, "fuzz", text, err);
}

static bool settings_are_sound(const struct ra_settings *ra, const struct server_config *config)
{
	bool sound = ra->mtu <= config->mtu && ra->preferred_s <= ra->valid_s &&
		     ra->lifetime_s >= ra->interval_s && ra->interval_s >= 4 &&
		     ra->prefix_count <= RA_MAX_PREFIXES && ra->route_count <= RA_MAX_ROUTES &&
		     ra->dns_count <= RA_MAX_DNS && ra->search_count <= RA_MAX_SEARCH;

	for (unsigned i = 0; i < ra->prefix_count; i++) {
		const struct config_prefix *prefix = &ra->prefix[i];

		sound = sound &&
			(prefix->automatic	? config->mode == MODE_ROUTED
			 : prefix->interface[0] ? strlen(prefix->interface) < IF_NAMESIZE
						: prefix->prefix.len == 64) &&
			(prefix->has_preferred ? prefix->preferred_s : ra->preferred_s) <=
				(prefix->has_valid ? prefix->valid_s : ra->valid_s);
	}
	for (unsigned i = 0; i < ra->nat64_count; i++)
		sound = sound && ra->nat64[i].lifetime_s <= RA_PREF64_MAX_S;
	for (unsigned i = 0; i < ra->dnr_count; i++)
		sound = sound && !ra_dnr_fault(&ra->dnr[i]);
	sound = sound && (!ra->captive_portal[0] || ra_portal_is_good(ra->captive_portal)) &&
		ra->nat64_count <= RA_MAX_PREF64 && ra->dnr_count <= RA_MAX_DNR &&
		ra->min_interval_s <= ra->interval_s * 3 / 4 && ra->final_advertisements <= 3;
	for (unsigned i = 0; i < ra->route_count; i++)
		sound = sound && ra->route[i].prefix.len <= 128;
	return sound;
}

static bool is_sound(const struct server_config *config)
{
	return config->listen_count >= 1 && config->listen_count <= CONFIG_MAX_LISTEN &&
	       config->workers <= 64 && config->dead_time_s > config->echo_time_s &&
	       config->max_clients >= 1 && config->max_strangers >= 1 && config->mtu >= 1280 &&
	       config->mtu <= 9000 &&
	       strlen(config->control) < sizeof(((struct server_config *)0)->control) &&
	       (config->mode == MODE_ROUTED || config->bridge[0] != '\0') &&
	       config->section_count <= CONFIG_MAX_SECTIONS;
}

/* Every user in every group. */
static bool sections_are_sound(const struct server_config *config)
{
	bool sound = settings_are_sound(&config->ra, config);

	for (unsigned i = 0; i < config->section_count; i++) {
		for (unsigned j = 0; j < config->section_count; j++) {
			struct ra_settings settings;

			server_config_resolve(config, config->section[i]->name,
					      config->section[j]->name, &settings);
			sound = sound && settings_are_sound(&settings, config);
		}
	}
	return sound;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct server_config first, second;
	struct err first_err, second_err;
	int result = read_all(&first, (struct bytes) { data, size }, &first_err);

	if (result < 0 &&
	    (strncmp(first_err.text, "fuzz:", 5) != 0 || first_err.kind != ERR_CONFIG))
		abort();
	if (result == 0 && !is_sound(&first))
		abort();
	if (result == 0 && !sections_are_sound(&first))
		abort();
	if (read_all(&second, (struct bytes) { data, size }, &second_err) != result ||
	    strcmp(first_err.text, second_err.text) != 0)
		abort();
	server_config_free(&first);
	server_config_free(&second);
	return 0;
}
