/* SPDX-License-Identifier: Apache-2.0 */
/* base/conf_line.c - lines of configuration text, before inih sees them: what it would cut or skip in
 * silence. */
#include "base/conf_line.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

void conf_cut_comment(char *line)
{
	for (char *at = line; *at != '\0'; at++)
		if (*at == ';' && at > line && isspace((unsigned char)at[-1])) {
			*at = '\0';
			return;
		}
}

const char *conf_check_section(const char *line)
{
	size_t len = strcspn(line + 1, "];");
	const char *after = line + 1 + len;

	if (*after != ']')
		return "a section's name ends with ']'";
	if (len > CONF_NAME_LEN_MAX)
		return "a section's name is longer than 49 bytes";
	after++;
	size_t space = strspn(after, " \t\r");

	if (after[space] != '\0' && !(space > 0 && after[space] == ';'))
		return "there is text after the section's ']'";
	return NULL;
}

const char *conf_check_key(const char *line)
{
	size_t len = strcspn(line, "=:;"); /* ':' would do for inih, but not for us */

	if (line[len] != '=')
		return "neither '[section]' nor 'key = value'";
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		len--;
	if (len == 0)
		return "there is no key before '='";
	return len > CONF_NAME_LEN_MAX ? "a key is longer than 49 bytes" : NULL;
}
