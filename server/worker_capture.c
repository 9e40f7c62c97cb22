/* SPDX-License-Identifier: Apache-2.0 */
/* server/worker_capture.c - the captures that a worker's frames go to, while there are any. */
#include "server/worker_private.h"

void worker_captures(struct worker *worker, const struct mail_capture *mail)
{
	struct capture **slot = &worker->capture[mail->slot];

	if (mail->begins) {
		*slot = mail->capture; /* whose slot was empty: control says so first */
		worker->capturing |= (uint8_t)(1 << mail->slot);
		capture_join(mail->capture);
	} else if (*slot == mail->capture) {
		worker->capturing &= (uint8_t) ~(1 << mail->slot);
		capture_free(*slot);
		*slot = NULL;
	}
}

void worker_captured(struct worker *worker, const struct mail_port *port,
		     enum pcapng_direction direction, const struct frame *frame)
{
	unsigned wanted =
		worker->capturing & port_directory_captured(worker->config.ports, port->port);

	for (unsigned slot = 0; wanted >> slot != 0; slot++)
		if (wanted >> slot & 1)
			capture_put(worker->capture[slot], worker->config.index, port, direction,
				    frame);
}

void worker_captures_turn_end(struct worker *worker)
{
	for (unsigned slot = 0; worker->capturing >> slot != 0; slot++)
		if (worker->capturing >> slot & 1)
			capture_turn_end(worker->capture[slot], worker->config.index);
}

void worker_captures_free(struct worker *worker)
{
	for (unsigned slot = 0; slot < CAPTURES_MAX; slot++)
		capture_free(worker->capture[slot]);
}
