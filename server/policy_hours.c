/* SPDX-License-Identifier: Apache-2.0 */
/* server/policy_hours.c - the hours of a week in which a user may be connected. */
#include <ctype.h>
#include <stdio.h>

#include "server/policy.h"

#define DAYS 7
#define DAY_MIN (24 * 60)
#define EVERY_DAY 0x7f

static bool read_day(const char **at, unsigned *day)
{
	static const char *const names[DAYS] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

	for (*day = 0; *day < DAYS; ++*day) {
		if (strncmp(*at, names[*day], 3) == 0) {
			*at += 3;
			return true;
		}
	}
	return false;
}

/* "Mon" or "Mon-Fri", also over the end of the week. */
static bool read_days(const char **at, uint8_t *days)
{
	unsigned first, last;

	if (!read_day(at, &first))
		return false;
	last = first;
	if (**at == '-') {
		++*at;
		if (!read_day(at, &last))
			return false;
	}
	*days = (uint8_t)(1u << last);
	for (unsigned day = first; day != last; day = (day + 1) % DAYS)
		*days |= (uint8_t)(1u << day);
	return true;
}

static bool read_two(const char **at, unsigned *number)
{
	if (!isdigit((unsigned char)(*at)[0]) || !isdigit((unsigned char)(*at)[1]))
		return false;
	*number = (unsigned)((*at)[0] - '0') * 10 + (unsigned)((*at)[1] - '0');
	*at += 2;
	return true;
}

/* "08:00"; 24:00 is the end of the day. */
static bool read_time(const char **at, uint16_t *minutes)
{
	unsigned hour, minute;

	if (!read_two(at, &hour) || *(*at)++ != ':' || !read_two(at, &minute) || minute > 59 ||
	    hour * 60 + minute > DAY_MIN)
		return false;
	*minutes = (uint16_t)(hour * 60 + minute);
	return true;
}

static bool read_times(const char **at, struct policy_span *span)
{
	return read_time(at, &span->from_min) && *(*at)++ == '-' && read_time(at, &span->to_min) &&
	       span->from_min != span->to_min && span->from_min != DAY_MIN;
}

static void skip_blanks(const char **at)
{
	*at += strspn(*at, " \t");
}

/* Days, times, or both; then the end or a comma. */
static bool read_span(const char **at, struct policy_span *span)
{
	bool has_days = isalpha((unsigned char)**at);

	*span = (struct policy_span) { .days = EVERY_DAY, .to_min = DAY_MIN };
	if (has_days && !read_days(at, &span->days))
		return false;
	if (has_days && **at != '\0' && **at != ',' && **at != ' ' && **at != '\t')
		return false;
	skip_blanks(at);
	if ((!has_days || isdigit((unsigned char)**at)) && !read_times(at, span))
		return false;
	skip_blanks(at);
	return **at == '\0' || **at == ',';
}

int policy_read_hours(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	struct policy_hours hours = { 0 };
	const char *at = value;

	if (strlen(value) >= sizeof(hours.text))
		return err_set(err, "is longer than %d characters", POLICY_HOURS_TEXT - 1);
	if (strcmp(value, "always") == 0) {
		*(struct policy_hours *)to = hours;
		return 0;
	}
	for (bool more = true; more; more = *at == ',', at += more) {
		skip_blanks(&at);
		if (hours.count == POLICY_SPANS_MAX)
			return err_set(err, "has more than %d parts", POLICY_SPANS_MAX);
		if (!read_span(&at, &hours.span[hours.count++]))
			return err_set(err, "must be " POLICY_HOURS_ACCEPTED);
	}
	snprintf(hours.text, sizeof(hours.text), "%s", value);
	*(struct policy_hours *)to = hours;
	return 0;
}

bool policy_hours_allow(const struct policy_hours *hours, unsigned weekday, unsigned minute)
{
	unsigned yesterday = (weekday + DAYS - 1) % DAYS;

	for (unsigned i = 0; i < hours->count; i++) {
		const struct policy_span *span = &hours->span[i];
		bool today = span->days & 1u << weekday, began = span->days & 1u << yesterday;
		bool overnight = span->to_min < span->from_min;

		if (today && minute >= span->from_min && (overnight || minute < span->to_min))
			return true;
		if (overnight && began && minute < span->to_min)
			return true;
	}
	return hours->count == 0;
}
