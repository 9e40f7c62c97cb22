/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/capture_filter.c - pcap-filter(7) by libpcap.  Opens no interface. */
#include "bridge/capture_filter.h"

#include <pcap/pcap.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"

#define WHOLE 262144 /* a program cuts nothing: that is the capture's */

struct capture_filter {
	struct bpf_program program; /* none: everything passes */
};

/* libpcap looks names of Ethernet hosts up in a place that all threads share. */
static pthread_mutex_t compiling = PTHREAD_MUTEX_INITIALIZER;

/* Classic BPF jumps forwards only; libpcap's own interpreter also goes back. */
static bool goes_back(const struct bpf_program *program)
{
	for (u_int i = 0; i < program->bf_len; i++)
		if (program->bf_insns[i].code == (BPF_JMP | BPF_JA) &&
		    program->bf_insns[i].k >= program->bf_len)
			return true;
	return false;
}

static int compile(struct capture_filter *filter, const char *text, struct err *err)
{
	pcap_t *ether = pcap_open_dead(DLT_EN10MB, WHOLE);
	char shown[128];
	int failed = 0;

	if (!ether)
		return err_set(err, "out of memory");
	pthread_mutex_lock(&compiling);
	if (pcap_compile(ether, &filter->program, text, 1, PCAP_NETMASK_UNKNOWN) < 0)
		failed = err_kind(err, ERR_USAGE, "filter '%s': %s",
				  log_escape(text, strlen(text), shown, sizeof(shown)),
				  pcap_geterr(ether));
	pthread_mutex_unlock(&compiling);
	pcap_close(ether);
	if (failed == 0 && filter->program.bf_len > CAPTURE_FILTER_STEPS)
		failed = err_kind(err, ERR_USAGE,
				  "the filter has %u instructions, %u are as many as may be",
				  filter->program.bf_len, CAPTURE_FILTER_STEPS);
	if (failed == 0 && goes_back(&filter->program))
		failed = err_kind(err, ERR_USAGE,
				  "the filter loops ('protochain' does): that may "
				  "take too long for a frame");
	return failed;
}

struct capture_filter *capture_filter_new(const char *text, struct err *err)
{
	struct capture_filter *filter = calloc(1, sizeof(*filter));

	if (!filter) {
		err_set(err, "out of memory");
		return NULL;
	}
	if (strnlen(text, CAPTURE_FILTER_TEXT) == CAPTURE_FILTER_TEXT)
		err_kind(err, ERR_USAGE, "a filter has at most %u bytes", CAPTURE_FILTER_TEXT - 1);
	else if (text[strspn(text, " \t\n")] == '\0' || compile(filter, text, err) == 0)
		return filter;
	capture_filter_free(filter);
	return NULL;
}

void capture_filter_free(struct capture_filter *filter)
{
	if (!filter)
		return;
	pcap_freecode(&filter->program);
	free(filter);
}

bool capture_filter_passes(const struct capture_filter *filter, struct bytes frame)
{
	return filter->program.bf_len == 0 || bpf_filter(filter->program.bf_insns, frame.data,
							 (u_int)frame.len, (u_int)frame.len) != 0;
}
