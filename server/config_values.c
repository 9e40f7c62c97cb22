/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_values.c - readers of values that only [server] and [bridge] have. */
#include "server/config_private.h"

#include <arpa/inet.h>
#include <stdlib.h>

int config_key_command(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	if (value[0] && value[0] != '/')
		return err_set(err, "must be %s", key->accepted);
	return conf_text(value, to, key, err);
}

static int read_port(const char *text, uint16_t *port, struct err *err)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || number < 1 || number > 65535)
		return err_set(err, "the port must be a number from 1 to 65535");
	*port = (uint16_t)number;
	return 0;
}

int config_read_listen(const char *value, struct config_listen *listen, struct err *err)
{
	const char *host = value, *end, *port;
	uint8_t address[16];

	if (*value == '[') {
		host = value + 1;
		end = strchr(host, ']');
		port = end && end[1] ? end + 1 : NULL;
	} else {
		end = strchr(host, ':');
		port = end;
		end = end ? end : host + strlen(host);
	}
	if (!end || (size_t)(end - host) >= sizeof(listen->host) || (port && *port != ':'))
		return err_set(err, "must be an address, as in [::]:443 or 192.0.2.1:443");
	memcpy(listen->host, host, (size_t)(end - host));
	listen->host[end - host] = '\0';
	if (inet_pton(*value == '[' ? AF_INET6 : AF_INET, listen->host, address) != 1)
		return err_set(err, "must be an address, as in [::]:443 or 192.0.2.1:443");
	return port ? read_port(port + 1, &listen->port, err) : 0;
}

int config_key_listen(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	struct server_config *config = to;
	struct config_listen listen = { .port = CONFIG_PORT };

	if (config->listen_count == CONFIG_MAX_LISTEN)
		return err_set(err, "is one too many: at most %d", CONFIG_MAX_LISTEN);
	if (config_read_listen(value, &listen, err) < 0)
		return -1;
	config->listen[config->listen_count++] = listen;
	return 0;
}

int config_key_workers(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	if (strcmp(value, "auto") == 0) {
		*(uint32_t *)to = 0;
		return 0;
	}
	return conf_u32(value, to, key, err);
}

/* "64M", in KiB. */
int config_key_memory(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	char *end;
	unsigned long mib = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || strcmp(end, "M") != 0 || mib < key->min ||
	    mib > key->max)
		return err_set(err, "must be %s", key->accepted);
	*(uint32_t *)to = (uint32_t)mib * 1024;
	return 0;
}

int config_key_mode(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	struct server_config *config = to;

	for (unsigned mode = 0; mode < ARRAY_LEN(bridge_mode_name); mode++) {
		if (strcmp(value, bridge_mode_name[mode]) == 0) {
			config->mode = (enum bridge_mode)mode;
			config->mode_given = true;
			return 0;
		}
	}
	return err_set(err, "must be routed or bridged");
}
