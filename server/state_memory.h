/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_memory.h
 *
 * SQLite's memory.  It holds the pages of the state file, with the CA's private key and the secrets
 * of one-time codes, for as long as the server runs: no core dump is to have them.
 */
#ifndef SERVER_STATE_MEMORY_H
#define SERVER_STATE_MEMORY_H

/* Before SQLite is used for the first time; later calls do nothing. */
void state_memory_guard(void);

#endif
