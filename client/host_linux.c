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
#include <unistd.h>

#include "base/siphash.h"
#include "client/host.h"

struct setting {
	const char *key, *value;
	bool may_be_missing;
};

/* In this order, so that IPv6 comes up when everything else is right. */
static const struct setting laptop[] = {
	{ "accept_ra", "2" }, /* 1 is ignored where forwarding is on */
	{ "accept_ra_pinfo", "1" },
	{ "accept_ra_defrtr", "1" },
	{ "accept_ra_rtr_pref", "1", true },	       /* CONFIG_IPV6_ROUTER_PREF */
	{ "accept_ra_rt_info_min_plen", "0", true },   /* CONFIG_IPV6_ROUTE_INFO */
	{ "accept_ra_rt_info_max_plen", "128", true }, /* 0 by default: no route at all */
	{ "autoconf", "1" },
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
	char before[sizeof(saved->setting[0].before)];

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

	*saved = (struct host_saved) { 0 };
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

int host_interface_undo(struct host_saved *saved, struct err *err)
{
	int result = 0;

	/* The interface may be gone, and another one may have its name. */
	if (saved->index == 0 || if_nametoindex(saved->name) != saved->index)
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
