/* SPDX-License-Identifier: Apache-2.0 */
/* server/others_log.c - advertisements of other routers: compared with ours, and said.
 *
 * Everybody on the LAN can set this off, and under any address: each kind of difference has a limit
 * in each place of the table.
 */
#include "server/server_private.h"

#define SKEW_S 10 /* of lifetimes that count down: the way here, and whole seconds */

static bool any_counts_down(const struct server *server, const struct ra *ra)
{
	for (unsigned i = 0; i < ra->prefix_count; i++)
		if (kernel_counts_down(server->kernel, &ra->prefix[i]))
			return true;
	return false;
}

static void log_difference(struct server *server, struct other_router *router,
			   const struct ra_difference *difference)
{
	char address[IP6_TEXT], mac[MAC_TEXT], text[OTHERS_TEXT];
	uint64_t more = 0;

	ip6_text(&router->address, address);
	mac_text(&router->mac, mac);
	others_text(difference, text);
	if (event_again_pass(&router->again[difference->what], uv_now(&server->loop)))
		event_of_router(server, "router %s (%s) on the LAN: %.160s", address, mac, text);
	if (log_limit_pass(&router->log[difference->what], uv_now(&server->loop), &more))
		log_warning("router %s (%s) on the LAN: %s (RFC 4861 6.2.7)%s", address, mac, text,
			    more > 0 ? ", as before" : "");
}

/* Groups and users may be told otherwise on purpose: [ra] is what the LAN's routers are held to. */
void others_heard(struct server *server, const struct frame *frame)
{
	bool enabled = server->config.ra.enabled, is_new = false;
	char address[IP6_TEXT], mac[MAC_TEXT];
	struct ra ours;
	uint32_t skew_s = 0;

	if (enabled) {
		content_compose(server, &server->config.ra, &ours);
		skew_s = any_counts_down(server, &ours) ? SKEW_S : 0;
	}
	struct other_router *router = others_note(&server->others, frame, enabled ? &ours : NULL,
						  skew_s, uv_now(&server->loop), &is_new);
	if (!router)
		return;
	uint64_t more;

	ip6_text(&router->address, address);
	mac_text(&router->mac, mac);
	if (is_new)
		event_of_router(server, "router %s (%s) on the LAN advertises", address, mac);
	if (router->resigns)
		event_of_router(server, "router %s (%s) on the LAN is no default router any more",
				address, mac);
	if (is_new && log_limit_pass(&server->others_log, uv_now(&server->loop), &more))
		log_info("router %s (%s) on the LAN advertises, %s", address, mac,
			 enabled ? "and so do we" : "and is heard by the clients");
	for (unsigned i = 0; i < router->difference_count; i++)
		log_difference(server, router, &router->difference[i]);
}

void others_look(struct server *server)
{
	char address[IP6_TEXT], mac[MAC_TEXT];
	struct other_router *router;

	while ((router = others_silent(&server->others, uv_now(&server->loop))))
		event_of_router(server, "router %s (%s) on the LAN is heard no longer",
				ip6_text(&router->address, address), mac_text(&router->mac, mac));
}
