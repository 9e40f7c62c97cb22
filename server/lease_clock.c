/* SPDX-License-Identifier: Apache-2.0 */
/* server/lease_clock.c - the clock that leases are measured by. */
#include "server/lease_clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

void lease_clock_read_now(struct lease_clock_reading *reading)
{
	struct timespec since_boot;

	*reading = (struct lease_clock_reading) { .wall_s = time(NULL) };
	clock_gettime(CLOCK_BOOTTIME, &since_boot);
	reading->boot_s = since_boot.tv_sec;
}

void lease_clock_read(struct lease_clock_reading *reading)
{
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);

	lease_clock_read_now(reading);
	if (fd < 0)
		return; /* each start then looks like another boot */
	ssize_t len = read(fd, reading->boot, sizeof(reading->boot) - 1);
	close(fd);
	reading->boot[len > 0 ? strcspn(reading->boot, "\n ") : 0] = '\0';
}

const char *lease_clock_text(const struct lease_clock *clock, char text[static LEASE_CLOCK_TEXT])
{
	snprintf(text, LEASE_CLOCK_TEXT, "%lld %s", (long long)clock->offset_s, clock->boot);
	return text;
}

bool lease_clock_parse(const char *text, struct lease_clock *clock)
{
	long long offset_s;
	char boot[40] = "";

	if (sscanf(text, "%lld %39s", &offset_s, boot) < 1)
		return false;
	clock->offset_s = offset_s;
	strcpy(clock->boot, boot);
	return true;
}

/* What the wall clock is ahead of ours. */
static int64_t ahead_s(const struct lease_clock *clock, const struct lease_clock_reading *reading)
{
	return reading->wall_s - reading->boot_s - clock->offset_s;
}

static bool is_small(int64_t seconds)
{
	return seconds >= -LEASE_CLOCK_SLACK_S && seconds <= LEASE_CLOCK_SLACK_S;
}

int64_t lease_clock_check(struct lease_clock *clock, const struct lease_clock_reading *reading)
{
	int64_t jump_s = ahead_s(clock, reading);

	if (is_small(jump_s))
		return 0;
	clock->offset_s += jump_s;
	return jump_s;
}

int64_t lease_clock_start(struct lease_clock *clock, const struct lease_clock *before,
			  uint64_t newest_s, const struct lease_clock_reading *reading)
{
	*clock = (struct lease_clock) { .offset_s = reading->wall_s - reading->boot_s };
	strcpy(clock->boot, reading->boot);
	if (before && before->boot[0] && strcmp(before->boot, reading->boot) == 0) {
		clock->offset_s = before->offset_s;
		return lease_clock_check(clock, reading);
	}
	/* how long the machine was off, nobody knows: no time at all is the least that clients had */
	int64_t back_s = (int64_t)newest_s - reading->wall_s;
	return back_s > LEASE_CLOCK_SLACK_S ? -back_s : 0;
}
