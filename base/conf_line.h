/* SPDX-License-Identifier: Apache-2.0 */
/* base/conf_line.h - private to conf.c: whether one line of configuration text is one, by itself. */
#ifndef BASE_CONF_LINE_H
#define BASE_CONF_LINE_H

#define CONF_NAME_LEN_MAX 49 /* inih cuts names of sections and keys there */

/* Cuts a comment (";" after white space) off a line that continues a value: inih does not. */
void conf_cut_comment(char *line);
/* What is wrong with "[title]", or NULL. */
const char *conf_check_section(const char *line);
/* What is wrong with "key = value", or NULL. */
const char *conf_check_key(const char *line);

#endif
