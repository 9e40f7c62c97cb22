/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/dnr.c - encrypted DNS resolvers between value and wire.
 *
 * The texts go to people, logs and resolvers' configurations at the other end, so characters are
 * narrowed to those that a protocol's name and a URI template really have.  Not here: looking up
 * a name that came alone, trying the resolver.
 *
 * RFC 9463 3.1 and 6.1; RFC 9460 2.2 (the list of keys and values), 7.1 (alpn), 8 (mandatory);
 * RFC 9461 5 (dohpath).
 */
#include "radvd-lite/dnr.h"

#include "base/domain.h"

enum key {
	KEY_MANDATORY = 0,
	KEY_ALPN = 1,
	KEY_PORT = 3,
	KEY_IP4_HINT = 4,
	KEY_IP6_HINT = 6,
	KEY_DOHPATH = 7, /* RFC 9461 5 */
};

/* `others`: the characters that go beside letters and digits. */
static bool is_made_of(const char *text, size_t len, const char *others)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!letter && !(c >= '0' && c <= '9') && !memchr(others, c, strlen(others)))
			return false;
	}
	return true;
}

/* ---- what may be said ---- */

/* RFC 9463 6.2: multicast and loopback addresses are to be ignored; :: is nobody's. */
static bool is_resolver(const struct ip6 *address)
{
	static const struct ip6 loopback = { .octet = { [15] = 1 } };

	return !ip6_is_multicast(address) && !ip6_is_unspecified(address) &&
	       !ip6_equal(address, &loopback);
}

/* One protocol's name, as in "dot", "h2", "http/1.1". */
static bool is_protocol(const char *name, size_t len)
{
	return len > 0 && len < RA_MAX_ALPN && is_made_of(name, len, "-._/");
}

static bool is_alpn(const char *text)
{
	for (const char *name = text;;) {
		const char *end = strchrnul(name, ',');

		if (!is_protocol(name, (size_t)(end - name)))
			return false;
		if (*end == '\0')
			return true;
		name = end + 1;
	}
}

/* RFC 9461 5: a relative URI template (RFC 6570) with the variable "dns". */
static bool is_dohpath(const char *text, size_t len)
{
	return len > 0 && len < RA_MAX_DOHPATH && text[0] == '/' && memmem(text, len, "dns", 3) &&
	       is_made_of(text, len, "-._~/?#&=+;:@!$*(),%{}");
}

static bool is_name(const char *text)
{
	uint8_t wire[DOMAIN_MAX_WIRE];
	struct writer w = writer_over(wire, sizeof(wire));

	domain_write(&w, text);
	return !w.full;
}

const char *ra_dnr_fault(const struct ra_dnr *dnr)
{
	if (dnr->priority == 0) /* RFC 9463 3.1.1: no AliasMode */
		return "needs a priority of 1 or more";
	if (!is_name(dnr->name))
		return "needs the name that is in the resolver's certificate";
	if (dnr->address_count > RA_MAX_DNR_ADDRESSES)
		return "has too many addresses";
	for (unsigned i = 0; i < dnr->address_count; i++) {
		if (!is_resolver(&dnr->address[i]))
			return "has an address that no resolver can have";
	}
	if (dnr->address_count == 0) /* RFC 9463 3.1.6: then the name is all */
		return dnr->alpn[0] || dnr->port || dnr->dohpath[0]
			       ? "needs an address beside alpn, port or dohpath"
			       : NULL;
	if (!is_alpn(dnr->alpn))
		return "needs alpn: dot, doq, h2 or h3, with commas between them";
	if (dnr->dohpath[0] && !is_dohpath(dnr->dohpath, strlen(dnr->dohpath)))
		return "has a dohpath that is none, as in /dns-query{?dns}";
	return NULL;
}

/* ---- writing ---- */

static size_t open_parameter(struct writer *w, enum key key)
{
	writer_u16(w, (uint16_t)key);
	return writer_open(w);
}

static void write_alpn(struct writer *w, const char *text)
{
	size_t parameter = open_parameter(w, KEY_ALPN);

	for (const char *name = text;;) {
		size_t len = (size_t)(strchrnul(name, ',') - name);

		writer_u8(w, (uint8_t)len);
		writer_copy(w, name, len);
		if (name[len] == '\0')
			break;
		name += len + 1;
	}
	writer_close(w, parameter);
}

/* RFC 9460 2.2: "in increasing numeric order". */
static void write_parameters(struct writer *w, const struct ra_dnr *dnr)
{
	size_t all = writer_open(w), parameter;

	write_alpn(w, dnr->alpn);
	if (dnr->port > 0) {
		parameter = open_parameter(w, KEY_PORT);
		writer_u16(w, dnr->port);
		writer_close(w, parameter);
	}
	if (dnr->dohpath[0] != '\0') {
		parameter = open_parameter(w, KEY_DOHPATH);
		writer_copy(w, dnr->dohpath, strlen(dnr->dohpath));
		writer_close(w, parameter);
	}
	writer_close(w, all);
}

void dnr_write(struct writer *w, const struct ra_dnr *dnr)
{
	if (ra_dnr_fault(dnr)) {
		w->full = true;
		return;
	}
	writer_u16(w, dnr->priority);
	writer_u32(w, dnr->lifetime_s);
	size_t part = writer_open(w);
	domain_write(w, dnr->name);
	writer_close(w, part);
	if (dnr->address_count == 0)
		return;
	part = writer_open(w);
	for (unsigned i = 0; i < dnr->address_count; i++)
		writer_copy(w, dnr->address[i].octet, sizeof(dnr->address[i].octet));
	writer_close(w, part);
	write_parameters(w, dnr);
}

/* ---- reading ---- */

static bool read_name(struct reader body, struct ra_dnr *dnr)
{
	/* one name, nothing behind it, of characters that can be written again */
	return domain_read(&body, dnr->name) && dnr->name[0] != '\0' && body.left == 0;
}

static bool read_addresses(struct reader body, struct ra_dnr *dnr)
{
	struct ip6 address;

	if (body.left % sizeof(address.octet) != 0)
		return false;
	while (body.left > 0) {
		reader_copy(&body, address.octet, sizeof(address.octet));
		if (is_resolver(&address) && dnr->address_count < RA_MAX_DNR_ADDRESSES)
			dnr->address[dnr->address_count++] = address;
	}
	return dnr->address_count > 0;
}

/* RFC 9460 7.1.1: length and name, one after the other, none empty. */
static bool read_alpn(struct reader value, struct ra_dnr *dnr)
{
	size_t used = 0;

	while (value.left > 0) {
		uint8_t len = reader_u8(&value);
		const char *name = (const char *)reader_take(&value, len);

		if (!name || len == 0)
			return false;
		size_t comma = used > 0 ? 1 : 0;
		if (!is_protocol(name, len) || used + comma + len >= RA_MAX_ALPN)
			continue;
		if (comma)
			dnr->alpn[used++] = ',';
		memcpy(dnr->alpn + used, name, len);
		used += len;
	}
	return true; /* that it has one is seen in the end */
}

static bool read_dohpath(struct reader value, struct ra_dnr *dnr)
{
	struct bytes text = reader_rest(&value);

	if (!is_dohpath((const char *)text.data, text.len))
		return false;
	memcpy(dnr->dohpath, text.data, text.len);
	return true;
}

/* RFC 9460 8: whoever does not know one of these keys must not use the rest. */
static bool knows_all(struct reader keys)
{
	bool any = keys.left > 0;

	while (keys.left > 0) {
		uint16_t key = reader_u16(&keys);
		if (key != KEY_ALPN && key != KEY_PORT && key != KEY_DOHPATH)
			return false;
	}
	return any && !keys.bad;
}

static bool read_parameter(uint16_t key, struct reader value, struct ra_dnr *dnr)
{
	switch (key) {
	case KEY_MANDATORY: return knows_all(value);
	case KEY_ALPN: return read_alpn(value, dnr);
	case KEY_DOHPATH: return read_dohpath(value, dnr);
	case KEY_PORT: dnr->port = reader_u16(&value); return dnr->port > 0 && value.left == 0;
	case KEY_IP4_HINT:
	case KEY_IP6_HINT: return false; /* RFC 9463 3.1.5: must not be there */
	default: return true;
	}
}

static bool read_parameters(struct reader list, struct ra_dnr *dnr)
{
	int32_t last = -1;

	while (list.left > 0) {
		uint16_t key = reader_u16(&list);
		uint16_t len = reader_u16(&list);
		struct reader value = reader_sub(&list, len);

		/* RFC 9460 2.2: not in strictly increasing order is malformed */
		if (list.bad || key <= last || !read_parameter(key, value, dnr))
			return false;
		last = key;
	}
	return !list.bad && dnr->alpn[0] != '\0';
}

static bool read_body(struct reader body, struct ra_dnr *dnr)
{
	dnr->priority = reader_u16(&body);
	dnr->lifetime_s = reader_u32(&body);
	uint16_t len = reader_u16(&body);
	if (!read_name(reader_sub(&body, len), dnr) || dnr->priority == 0)
		return false;
	/* RFC 9463 3.1.6: the name alone; what follows is padding, as zero as an empty list */
	len = body.left < 2 ? 0 : reader_u16(&body);
	if (len == 0)
		return body.left < 2 || reader_u16(&body) == 0;
	if (!read_addresses(reader_sub(&body, len), dnr))
		return false;
	len = reader_u16(&body);
	return read_parameters(reader_sub(&body, len), dnr) && !body.bad;
}

bool dnr_read(struct reader body, struct ra_dnr *dnr)
{
	*dnr = (struct ra_dnr) { 0 };
	if (read_body(body, dnr))
		return true;
	*dnr = (struct ra_dnr) { 0 };
	return false;
}
