/* SPDX-License-Identifier: Apache-2.0 */
/* admin/patch.c - merge patches.  The depth is that of what the server makes, never a peer's. */
#include "admin/patch.h"

void patch_strip(json_t *object)
{
	const char *name;
	json_t *value;
	void *next;

	json_object_foreach_safe(object, next, name, value)
	{
		if (json_is_null(value))
			json_object_del(object, name);
		else if (json_is_object(value))
			patch_strip(value);
	}
}

static void add_changed(json_t *patch, const json_t *from, const json_t *to)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)to, name, value)
	{
		json_t *old = json_object_get(from, name);

		if (json_is_object(old) && json_is_object(value)) {
			json_t *inner = patch_make(old, value);

			if (json_object_size(inner) > 0)
				json_object_set(patch, name, inner);
			json_decref(inner);
		} else if (!old || !json_equal(old, value)) {
			json_object_set(patch, name, value);
		}
	}
}

json_t *patch_make(const json_t *from, const json_t *to)
{
	json_t *patch = json_object(), *value;
	const char *name;

	if (!patch)
		return NULL;
	add_changed(patch, from, to);
	json_object_foreach((json_t *)from, name, value) if (!json_object_get(to, name))
		json_object_set_new(patch, name, json_null());
	return patch;
}
