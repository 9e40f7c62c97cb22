/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_text.c - a writer for each reader. */
#include "server/config_text.h"

#include <stdio.h>
#include <time.h>

#include "server/config_ra_private.h"

typedef void (*config_write)(const void *value, const struct conf_key *key, char *text, size_t cap);

static void write_bool(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	snprintf(text, cap, "%s", *(const bool *)value ? "yes" : "no");
}

static void write_u32(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	uint32_t number = *(const uint32_t *)value;

	if (number == 0 && key->min > 0) /* which nobody can have written */
		text[0] = '\0';
	else
		snprintf(text, cap, "%u", number);
}

static void write_u16(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	snprintf(text, cap, "%u", *(const uint16_t *)value);
}

static void write_u8(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	snprintf(text, cap, "%u", *(const uint8_t *)value);
}

static void write_time(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	uint32_t seconds = *(const uint32_t *)value;
	char time[24];

	if (seconds == 0 && key->min > 0)
		text[0] = '\0';
	else
		snprintf(text, cap, "%s", conf_time_text(seconds, time, sizeof(time)));
}

static void write_ms(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	uint32_t ms = *(const uint32_t *)value;
	char time[24];

	if (ms % 1000 == 0)
		snprintf(text, cap, "%s", conf_time_text(ms / 1000, time, sizeof(time)));
	else
		snprintf(text, cap, "%ums", ms);
}

static void write_text(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	snprintf(text, cap, "%s", (const char *)value);
}

/* An argument may be a password. */
static void write_command(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	const char *command = value;
	size_t path = strcspn(command, " \t");

	snprintf(text, cap, "%.*s%s", (int)path, command, command[path] ? " ..." : "");
}

static void write_workers(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	if (*(const uint32_t *)value == 0)
		snprintf(text, cap, "auto");
	else
		write_u32(value, key, text, cap);
}

static void write_memory(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	snprintf(text, cap, "%uM", *(const uint32_t *)value / 1024);
}

static void write_mode(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	snprintf(text, cap, "%s", bridge_mode_name[((const struct server_config *)value)->mode]);
}

static void write_auth(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	snprintf(text, cap, "%s", policy_auth_name(*(const unsigned *)value));
}

static void write_hours(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	const struct policy_hours *hours = value;

	snprintf(text, cap, "%s", hours->count == 0 ? "always" : hours->text);
}

/* With its time of day, where it has one. */
static void write_expires(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	time_t when = *(const int64_t *)value;
	struct tm date;

	if (when == 0 || !localtime_r(&when, &date))
		snprintf(text, cap, "never");
	else
		strftime(text, cap, date.tm_hour || date.tm_min ? "%Y-%m-%dT%H:%M" : "%Y-%m-%d",
			 &date);
}

static void write_auto(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	static const char *const names[] = {
		[CONFIG_AUTO] = "auto", [CONFIG_NO] = "no", [CONFIG_YES] = "yes"
	};

	snprintf(text, cap, "%s", names[*(const enum config_auto *)value]);
}

static void write_preference(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	snprintf(text, cap, "%s", ra_preference_name[*(const enum ra_preference *)value]);
}

static void write_rate(const void *value, const struct conf_key *key, char *text, size_t cap)
{
	if (*(const uint32_t *)value == CONFIG_RATE_UNLIMITED)
		snprintf(text, cap, "unlimited");
	else
		write_u32(value, key, text, cap);
}

static const struct {
	conf_read read;
	config_write write;
} writers[] = {
	{ conf_bool, write_bool },
	{ conf_u32, write_u32 },
	{ conf_u16, write_u16 },
	{ conf_u8, write_u8 },
	{ conf_time_s, write_time },
	{ conf_text, write_text },
	{ conf_interface, write_text },
	{ conf_domain, write_text },
	{ config_key_command, write_command },
	{ config_key_workers, write_workers },
	{ config_key_memory, write_memory },
	{ config_key_mode, write_mode },
	{ policy_read_auth, write_auth },
	{ policy_read_hours, write_hours },
	{ policy_read_expires, write_expires },
	{ config_read_auto, write_auto },
	{ config_read_preference, write_preference },
	{ config_read_ms, write_ms },
	{ config_read_portal, write_text },
	{ config_read_rate, write_rate },
};

bool config_text(const struct conf_key *key, const void *section, char *text, size_t cap)
{
	for (size_t i = 0; i < ARRAY_LEN(writers); i++) {
		if (writers[i].read != key->read)
			continue;
		writers[i].write((const char *)section + key->offset, key, text, cap);
		return true;
	}
	return false;
}

void config_listen_text(const char *host, uint16_t port, char *text, size_t cap)
{
	bool is_ip6 = strchr(host, ':') != NULL;

	snprintf(text, cap, "%s%s%s:%u", is_ip6 ? "[" : "", host, is_ip6 ? "]" : "", port);
}
