/* SPDX-License-Identifier: Apache-2.0 */
/* server/stranger_room.c - for how many strangers there is room: of one source, and of all, where who
 * says nothing makes way for others. */
#include "server/greeter_private.h"

#define ROOM_AFTER_MS 5000

/* ---- where it comes from ---- */

unsigned stranger_count(const struct greeter *greeter, const struct source *source)
{
	unsigned count = 0;

	for (const struct stranger *s = greeter->strangers; s; s = s->next)
		if (memcmp(&s->source, source, sizeof(*source)) == 0)
			count++;
	return count;
}

/* ---- who makes way ---- */

/* Has it said nothing yet, not even what lies unread in its socket? */
static bool is_mute(struct stranger *stranger)
{
	uint8_t first;

	if (!stranger->spoke)
		stranger->spoke = recv(stranger->fd, &first, 1, MSG_PEEK) > 0;
	return !stranger->spoke;
}

/* A client's first words follow its connection at once.  So who has none gives way whenever room is
 * needed, and however many they are, those who speak are heard; NULL: there is none. */
static struct stranger *oldest_mute(const struct greeter *greeter)
{
	struct stranger *oldest;

	do {
		oldest = NULL;
		for (struct stranger *at = greeter->strangers; at; at = at->next)
			if (!at->spoke)
				oldest = at;
	} while (oldest && !is_mute(oldest));
	return oldest;
}

/* The oldest; of those that were asked nothing, if there are any: others are typing. */
static struct stranger *first_to_go(const struct greeter *greeter)
{
	struct stranger *oldest = NULL, *silent = NULL;

	for (struct stranger *at = greeter->strangers; at; at = at->next) { /* the newest first */
		oldest = at;
		if (at->asked == 0)
			silent = at;
	}
	return silent ? silent : oldest;
}

bool stranger_make_room(struct greeter *greeter)
{
	struct stranger *mute = oldest_mute(greeter);
	if (mute) {
		stranger_drop(mute, REFUSED_SLOW, "said nothing, and others are waiting");
		return true;
	}
	struct stranger *first = first_to_go(greeter);
	if (!first || uv_now(&greeter->loop) - first->since_ms < ROOM_AFTER_MS)
		return false;
	stranger_drop(first, REFUSED_SLOW, "slow, and others are waiting");
	return true;
}
