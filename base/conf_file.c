/* SPDX-License-Identifier: Apache-2.0 */
/* base/conf_file.c - a configuration's text out of its file, and reading without notes. */
#include "base/conf_notes.h"

#include <stdio.h>
#include <stdlib.h>

#define FILE_LEN_MAX (4u << 20)

int conf_read_file_noted(const char *path, const struct conf_section *sections,
			 struct conf_notes *notes, struct err *err)
{
	FILE *file = fopen(path, "re");
	int result = -1;

	if (!file) {
		err_errno(err, "cannot open %s", path);
		goto out;
	}
	uint8_t *text = malloc(FILE_LEN_MAX + 1);

	if (!text) {
		err_set(err, "out of memory");
		goto out;
	}
	size_t len = fread(text, 1, FILE_LEN_MAX + 1, file);

	if (ferror(file))
		err_errno(err, "cannot read %s", path);
	else if (len > FILE_LEN_MAX)
		err_set(err, "%s: longer than %u MiB", path, FILE_LEN_MAX >> 20);
	else
		result = conf_read_text_noted(path, (struct bytes) { text, len }, sections, notes,
					      err);
	free(text);
out:
	if (file)
		fclose(file); /* only read: nothing can be lost */
	if (result < 0 && err)
		err->kind = ERR_CONFIG;
	return result;
}

int conf_read_text(const char *name, struct bytes text, const struct conf_section *sections,
		   struct err *err)
{
	return conf_read_text_noted(name, text, sections, NULL, err);
}

int conf_read_file(const char *path, const struct conf_section *sections, struct err *err)
{
	return conf_read_file_noted(path, sections, NULL, err);
}
