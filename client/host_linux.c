/* SPDX-License-Identifier: Apache-2.0 */
/* client/host_linux.c
 *
 * Linux: the sysctls of one interface (ip-sysctl.rst) under /proc/sys/net/ipv6/conf, and the
 * machine's identity (machine-id(5)).
 *
 * RFC 4191 (routes in RAs: ignored by default), RFC 4429 (optimistic addresses), RFC 4862.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/siphash.h"
#include "client/host.h"

struct setting {
	const char *key, *value;
	bool may_be_missing;
};

/* In this order, so that IPv6 comes up when everything else is right.  Not here, and left as the
 * system has it: use_tempaddr (whether to have temporary addresses, RFC 8981, is the user's
 * choice, as on any other link), accept_ra_min_hop_limit and ra_defrtr_metric. */
static const struct setting laptop[] = {
	{ "accept_ra", "2" }, /* 1 is ignored where forwarding is on */
	{ "accept_ra_pinfo", "1" },
	{ "accept_ra_defrtr", "1" },
	{ "accept_ra_mtu", "1", true },
	{ "accept_ra_min_lft", "0", true },	       /* short lifetimes are meant (Linux 6.7) */
	{ "accept_ra_rtr_pref", "1", true },	       /* CONFIG_IPV6_ROUTER_PREF */
	{ "accept_ra_rt_info_min_plen", "0", true },   /* CONFIG_IPV6_ROUTE_INFO */
	{ "accept_ra_rt_info_max_plen", "128", true }, /* 0 by default: no route at all */
	/* RFC 9762 6: who does not ask for prefixes by DHCPv6 takes a prefix with the P flag as any
	 * other; with 1 the kernel would leave it to a client that is not there. */
	{ "ra_honor_pio_pflag", "0", true },
	{ "autoconf", "1" },
	{ "max_addresses", "64", true }, /* 16 by default: as many as a server has prefixes */
	/* RFC 7559: ask until somebody answers, the tunnel may come up much later */
	{ "router_solicitations", "-1", true },
	{ "addr_gen_mode", "0", true },	 /* EUI-64 of a MAC that stays the same */
	{ "optimistic_dad", "1", true }, /* CONFIG_IPV6_OPTIMISTIC_DAD */
	{ "use_optimistic", "1", true },
	{ "disable_ipv6", "0" },
};

static const struct setting office[] = {
	{ "disable_ipv6", "1",
	  true }, /* the bridge has the addresses; no IPv6 at all is fine too */
};

_Static_assert(ARRAY_LEN(laptop) <= HOST_MAX_SETTINGS, "struct host_saved holds every setting");

/* Both tables as one: what host_saved.which counts in. */
static const struct setting *setting_of(unsigned which)
{
	return which < ARRAY_LEN(laptop) ? &laptop[which] : &office[which - ARRAY_LEN(laptop)];
}

static int open_key(const char *interface, const char *key, int flags)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", interface, key);
	return open(path, flags | O_CLOEXEC);
}

/* The first line of what is there; -1 and errno. */
static int read_line(int fd, char *line, size_t cap)
{
	if (fd < 0)
		return -1;

	ssize_t len = read(fd, line, cap - 1);
	int error = errno;
	close(fd);
	errno = error;
	if (len < 0)
		return -1;
	line[len] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

static int write_key(const char *interface, const char *key, const char *value)
{
	int fd = open_key(interface, key, O_WRONLY);

	if (fd < 0)
		return -1;
	ssize_t len = write(fd, value, strlen(value));
	int error = errno;
	close(fd);
	errno = error;
	return len < 0 ? -1 : 0;
}

static void note_missing(struct host_saved *saved, const char *key)
{
	size_t len = strlen(saved->missing);

	snprintf(saved->missing + len, sizeof(saved->missing) - len, "%s%s", len > 0 ? " " : "",
		 key);
}

static int apply_one(struct host_saved *saved, unsigned which, struct err *err)
{
	const struct setting *setting = setting_of(which);
	char before[HOST_VALUE];

	if (read_line(open_key(saved->name, setting->key, O_RDONLY), before, sizeof(before)) < 0) {
		if (errno != ENOENT || !setting->may_be_missing)
			return err_errno(err, "interface '%s' has no IPv6 setting %s", saved->name,
					 setting->key);
		note_missing(saved, setting->key);
		return 0;
	}
	if (strcmp(before, setting->value) == 0)
		return 0;
	if (write_key(saved->name, setting->key, setting->value) < 0)
		return err_errno(err, "cannot set %s of interface '%s' to %s", setting->key,
				 saved->name, setting->value);
	saved->setting[saved->count].which = which;
	memcpy(saved->setting[saved->count].before, before, sizeof(before));
	saved->count++;
	return 0;
}

int host_interface_apply(const char *name, bool is_office, struct host_saved *saved,
			 struct err *err)
{
	unsigned first = is_office ? ARRAY_LEN(laptop) : 0;
	unsigned count = is_office ? ARRAY_LEN(office) : ARRAY_LEN(laptop);

	*saved = (struct host_saved) { .office = is_office };
	/* A name that the kernel knows has no slash either. */
	saved->index = if_nametoindex(name);
	if (saved->index == 0 && errno != ENODEV)
		return err_errno(err, "cannot look up interface '%s'", name);
	if (saved->index == 0)
		return err_kind(err, ERR_NO_OBJECT, "there is no interface '%s'", name);
	strcpy(saved->name, name);
	for (unsigned which = first; which < first + count; which++) {
		if (apply_one(saved, which, err) < 0) {
			(void)host_interface_undo(saved, NULL);
			return -1;
		}
	}
	return 0;
}

/* True if the interface is still the one that `saved` is about. */
static bool is_same(const struct host_saved *saved)
{
	return saved->index != 0 && if_nametoindex(saved->name) == saved->index;
}

int host_interface_undo(struct host_saved *saved, struct err *err)
{
	int result = 0;

	/* The interface may be gone, and another one may have its name. */
	if (!is_same(saved))
		saved->count = 0;
	while (saved->count > 0) {
		const struct setting *setting = setting_of(saved->setting[--saved->count].which);

		if (write_key(saved->name, setting->key, saved->setting[saved->count].before) < 0 &&
		    errno != ENOENT)
			result = err_errno(err, "cannot set %s of interface '%s' back to %s",
					   setting->key, saved->name,
					   saved->setting[saved->count].before);
	}
	saved->index = 0;
	return result;
}

int host_interface_hand_over(struct host_saved *saved, struct err *err)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < saved->count; i++) {
		const struct setting *setting = setting_of(saved->setting[i].which);
		char now[HOST_VALUE];

		if (is_same(saved) &&
		    read_line(open_key(saved->name, setting->key, O_RDONLY), now, sizeof(now)) ==
			    0 &&
		    strcmp(now, setting->value) == 0)
			saved->setting[kept++] = saved->setting[i];
	}
	saved->count = kept;
	/* Not the kernel's default, which is to accept them. */
	for (unsigned i = 0; i < kept; i++)
		if (strcmp(setting_of(saved->setting[i].which)->key, "accept_ra") == 0)
			strcpy(saved->setting[i].before, "0");
	return host_interface_undo(saved, err);
}

static void note(char *text, size_t cap, const struct setting *setting, const char *now)
{
	size_t len = strlen(text);

	snprintf(text + len, cap - len, "%s%s (%s, not %s)", len > 0 ? ", " : "", setting->key, now,
		 setting->value);
}

void host_interface_check(struct host_saved *saved, struct host_found *found)
{
	unsigned first = saved->office ? ARRAY_LEN(laptop) : 0;
	unsigned count = saved->office ? ARRAY_LEN(office) : ARRAY_LEN(laptop);

	*found = (struct host_found) { 0 };
	if (!is_same(saved))
		return;
	for (unsigned i = 0; i < count; i++) {
		const struct setting *setting = setting_of(first + i);
		char now[HOST_VALUE];

		if (read_line(open_key(saved->name, setting->key, O_RDONLY), now, sizeof(now)) <
			    0 ||
		    strcmp(now, setting->value) == 0)
			continue;
		if (saved->restores[i] < HOST_MAX_RESTORES &&
		    write_key(saved->name, setting->key, setting->value) == 0) {
			saved->restores[i]++;
			note(found->restored, sizeof(found->restored), setting, now);
		} else {
			note(found->wrong, sizeof(found->wrong), setting, now);
		}
	}
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void host_device_name(char name[static HOST_DEVICE_NAME])
{
	char whole[HOST_NAME_MAX + 1] = "";
	size_t len = 0;

	if (gethostname(whole, sizeof(whole)) < 0)
		whole[0] = '\0';
	while (whole[len] != '\0' && whole[len] != '.' && len < HOST_DEVICE_NAME - 1) {
		bool plain =
			is_letter_or_digit(whole[len]) || whole[len] == '-' || whole[len] == '_';

		name[len] = plain ? whole[len] : '-';
		len++;
	}
	name[len] = '\0';
	if (len == 0)
		strcpy(name, "unnamed");
}

/* machine-id(5): 32 hexadecimal digits; "uninitialized" and an empty file before the first boot. */
static bool machine_id(char *id, size_t cap)
{
	return read_line(open("/etc/machine-id", O_RDONLY | O_CLOEXEC), id, cap) == 0 &&
	       strlen(id) == 32 && strspn(id, "0123456789abcdef") == 32;
}

bool host_forwards(void)
{
	char now[HOST_VALUE];

	return read_line(open_key("all", "forwarding", O_RDONLY), now, sizeof(now)) == 0 &&
	       strcmp(now, "0") != 0;
}

void host_uuid(const uint8_t fingerprint[static 32], uint8_t uuid[static 16])
{
	/* Fixed on purpose: "lanyard client UUID".  machine-id(5) must not leave the machine as it is. */
	static const struct siphash_key keys[] = {
		{ 0x6472617961796e62, 0x4449555520746e65 },
		{ 0x6472617961796e63, 0x4449555520746e65 },
	};
	char id[64];
	bool lasts = machine_id(id, sizeof(id));
	struct writer w = writer_over(uuid, 16);

	for (unsigned i = 0; i < ARRAY_LEN(keys); i++)
		writer_u64(&w, lasts ? siphash(&keys[i], id, strlen(id))
				     : siphash(&keys[i], fingerprint, 32));
	/* RFC 9562 5.8: version 8, its bits are the maker's to choose; 4.1: the variant */
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x80);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

/* Not RLIMIT_CORE: a core_pattern that is a program is run all the same (core(5)). */
int host_no_core_dump(struct err *err)
{
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_errno(err, "cannot turn core dumps off");
	return 0;
}

bool host_mac_for(const char *interface, const uint8_t fingerprint[static 32], struct mac *mac)
{
	/* Fixed on purpose: "lanyard client MAC".  machine-id(5) must not leave the machine as it
	 * is; 46 bits of a hash together with the certificate's give it away to nobody. */
	static const struct siphash_key key = { 0x6472617961796e61, 0x43414d20746e6569 };
	char id[64] = "", name[IF_NAMESIZE] = "";
	uint8_t input[sizeof(id) + 32 + IF_NAMESIZE];
	struct writer w = writer_over(input, sizeof(input));
	bool lasts = machine_id(id, sizeof(id));

	if (!lasts && read_line(open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC), id,
				sizeof(id)) < 0)
		id[0] = '\0';
	memcpy(name, interface, strnlen(interface, sizeof(name) - 1));
	writer_copy(&w, id, strlen(id));
	writer_copy(&w, fingerprint, 32);
	writer_copy(&w, name, sizeof(name));

	uint64_t hash = siphash(&key, input, w.len);
	for (unsigned i = 0; i < sizeof(mac->octet); i++)
		mac->octet[i] = (uint8_t)(hash >> 8 * i);
	/* IEEE 802 8.2: bit 0 group, bit 1 local. */
	mac->octet[0] = (uint8_t)((mac->octet[0] & 0xfc) | 0x02);
	return lasts;
}
