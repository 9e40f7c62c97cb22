/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_promises.h
 *
 * Which prefixes hosts have been promised, and for how long: those that are advertised now, and
 * those that are not any more but must be called deprecated until the promise is over.  Without
 * that, hosts go on using addresses that nobody routes (RFC 9096 3.5; RFC 4862 5.5.3 (e)).
 *
 * A plain value, with its clock brought in: whole seconds of wall-clock time, because it is to
 * outlive a restart.  A clock that jumps back makes no promise longer than it was.
 *
 * To keep it on disk: write all entries whenever ra_promises_update says so (never per RA), and
 * begin with ra_promises_restore for each.  A process that was killed has then lost nothing: what
 * was configured is taken as promised anew at the restart, and what is configured no longer vanishes
 * with the first update.  One table per set of settings that has prefixes of its own.
 */
#ifndef RADVD_LITE_RA_PROMISES_H
#define RADVD_LITE_RA_PROMISES_H

#include "radvd-lite/ra.h"

#define RA_MAX_PROMISES 64

/* One prefix.  All fields but kept_end_s are to be kept on disk, as they are. */
struct ra_promise {
	struct ra_prefix prefix; /* as offered last; of a vanished one preferred_s is 0 */
	bool configured;	 /* offered now; else vanished */
	bool counts_down;	 /* its lifetimes were left at since_s, and pass */
	uint64_t since_s;	 /* when it was offered, or vanished */
	/* until when hosts were promised it is valid: of a vanished one its end; of a configured one
	 * by earlier, longer promises, else 0 */
	uint64_t until_s;
	uint64_t kept_end_s; /* when what is on disk ends; of those that count down */
};

struct ra_promises {
	unsigned count;
	struct ra_promise promise[RA_MAX_PROMISES];
};

/* A prefix that is to be advertised. */
struct ra_offer {
	struct ra_prefix prefix; /* its lifetimes as of now */
	bool counts_down; /* they end at a time, as the kernel's do; else they are new in each RA */
};

/* What an update did: how many prefixes were not there or vanished before, how many vanish. */
struct ra_promises_news {
	unsigned appeared, vanished;
};

/*
 * These, and no others, are offered from now on.  True if the table must be written to disk:
 * a prefix has come, gone, is over, or has other flags or lifetimes; of those that count down an end
 * that moves by less than an eighth of what is left is not written.
 * Configured ones come first, as offered, then the vanished ones, the longest promise first.  Who
 * does not fit any more is forgotten: the vanished one that ends soonest, or an offer beyond
 * RA_MAX_PROMISES.  Of a prefix offered twice the first counts; one that is
 * valid for 0 s is not offered.  `news` may be NULL.
 */
bool ra_promises_update(struct ra_promises *promises, uint64_t now_s, const struct ra_offer *offer,
			unsigned count, struct ra_promises_news *news);
/*
 * What to advertise, in the table's order: the vanished ones preferred for 0 s and valid for what
 * is left of the promise.  What is over is left out.  Returns how many, at most `max`.
 */
unsigned ra_promises_list(const struct ra_promises *promises, uint64_t now_s,
			  struct ra_prefix *prefix, unsigned max);
/* When the next vanished one is over, so that an update forgets it; RA_NO_END_S: none is. */
#define RA_NO_END_S UINT64_MAX
uint64_t ra_promises_end_s(const struct ra_promises *promises);
/*
 * One entry as it was on disk, before the first update; false if it is over, malformed, there
 * already or one too many, and thus forgotten.  now_s: of this start.
 */
bool ra_promises_restore(struct ra_promises *promises, uint64_t now_s,
			 const struct ra_promise *promise);

#endif
