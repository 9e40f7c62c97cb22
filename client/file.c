/* SPDX-License-Identifier: Apache-2.0 */
/* client/file.c - reading and replacing files; rename(2) and link(2) are what makes it atomic. */
#include "client/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".new"

/* ---- reading ---- */

static char *read_all(int fd, const char *path, size_t max, size_t *len, struct err *err)
{
	char *text = malloc(max + 1);
	ssize_t n = 1;

	*len = 0;
	while (text && n > 0 && *len <= max) {
		n = read(fd, text + *len, max + 1 - *len);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			*len += (size_t)n;
	}
	if (!text)
		err_set(err, "out of memory");
	else if (n < 0)
		err_errno(err, "cannot read %s", path);
	else if (*len > max)
		err_set(err, "%s has more than %zu bytes", path, max);
	else
		text[*len] = '\0';
	if (text && (n < 0 || *len > max)) {
		file_forget(text, *len);
		return NULL;
	}
	return text;
}

char *file_read(const char *path, size_t max, size_t *len, struct err *err)
{
	/* not blocking: a pipe nobody writes to must not hold us up */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat is;
	char *text = NULL;

	if (fd < 0) {
		err_errno(err, "cannot open %s", path);
		return NULL;
	}
	if (fstat(fd, &is) < 0 || !S_ISREG(is.st_mode))
		err_set(err, "%s is no file", path);
	else
		text = read_all(fd, path, max, len, err);
	close(fd);
	return text;
}

void file_forget(char *text, size_t len)
{
	if (text)
		explicit_bzero(text, len);
	free(text);
}

/* ---- writing ---- */

static int make_folder(const char *path, struct err *err)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	const char *folder = dirname(copy);
	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return err_errno(err, "cannot make the folder %s", folder);
	return 0;
}

static int find_place(struct file_draft *draft, const char *path, struct stat *is, struct err *err)
{
	bool there = lstat(path, is) == 0;

	if (strlen(path) + sizeof(SUFFIX) > sizeof(draft->draft))
		return err_set(err, "%s: the path is too long", path);
	if (there && !draft->over)
		return err_set(err, "%s is there already", path);
	if (!there && make_folder(path, err) < 0)
		return -1;
	if (!there)
		snprintf(draft->path, sizeof(draft->path), "%s", path);
	else if (!realpath(path, draft->path) || stat(draft->path, is) < 0)
		return err_errno(err, "cannot find %s", path);
	else if (!S_ISREG(is->st_mode))
		return err_set(err, "%s is no file", path);
	if (snprintf(draft->draft, sizeof(draft->draft), "%s" SUFFIX, draft->path) >=
	    (int)sizeof(draft->draft))
		return err_set(err, "%s: the path is too long", path);
	return there;
}

int file_draft_begin(struct file_draft *draft, const char *path, bool over, struct err *err)
{
	struct stat is;

	*draft = (struct file_draft) { .over = over, .fd = -1 };
	int there = find_place(draft, path, &is, err);
	if (there < 0)
		return -1;
	if (unlink(draft->draft) < 0 && errno != ENOENT) /* what a crash has left */
		return err_errno(err, "cannot remove %s", draft->draft);
	draft->fd = open(draft->draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (draft->fd < 0)
		return err_errno(err, "cannot write %s", draft->draft);
	if (there > 0 && (is.st_uid != geteuid() || is.st_gid != getegid()) &&
	    fchown(draft->fd, is.st_uid, is.st_gid) < 0)
		return err_errno(err, "cannot give %s to the owner of %s", draft->draft,
				 draft->path);
	return 0;
}

static int write_all(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return fsync(fd);
}

static int sync_folder(const char *path)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int failed = fsync(fd);
	close(fd);
	return failed;
}

/* link(2), unlike rename(2), never replaces what somebody else has put there meanwhile. */
static int put_in_place(const struct file_draft *draft)
{
	if (draft->over)
		return rename(draft->draft, draft->path);
	return link(draft->draft, draft->path);
}

int file_draft_commit(struct file_draft *draft, const char *text, struct err *err)
{
	int result = 0;

	if (write_all(draft->fd, text) < 0)
		result = err_errno(err, "cannot write %s", draft->draft);
	else if (put_in_place(draft) < 0)
		result = err_errno(err, "cannot make %s", draft->path);
	else if (sync_folder(draft->path) < 0)
		result = err_errno(err, "cannot write the folder of %s", draft->path);
	file_draft_drop(draft);
	return result;
}

void file_draft_drop(struct file_draft *draft)
{
	if (draft->fd < 0)
		return;
	close(draft->fd);
	draft->fd = -1;
	(void)unlink(draft->draft); /* after rename(2) there is none */
}
