/* SPDX-License-Identifier: Apache-2.0 */
/* server/served.c - credentials, counted by the handshakes that need them. */
#include "server/served.h"

#include <stdlib.h>

static void forget_unused(struct served **list)
{
	struct served **link = *list ? &(*list)->older : list;

	while (*link) {
		struct served *served = *link;

		if (served->handshakes > 0) {
			link = &served->older;
			continue;
		}
		*link = served->older;
		tls_credentials_free(served->credentials);
		free(served);
	}
}

int served_replace(struct served **list, struct tls_credentials *credentials)
{
	struct served *served = calloc(1, sizeof(*served));

	if (!served) {
		tls_credentials_free(credentials);
		return -1;
	}
	served->credentials = credentials;
	served->older = *list;
	*list = served;
	forget_unused(list);
	return 0;
}

struct served *served_take(struct served *list)
{
	list->handshakes++;
	return list;
}

void served_release(struct served **list, struct served *served)
{
	if (!served)
		return;
	served->handshakes--;
	forget_unused(list);
}

void served_free(struct served **list)
{
	while (*list) {
		struct served *served = *list;

		*list = served->older;
		tls_credentials_free(served->credentials);
		free(served);
	}
}
