// SPDX-License-Identifier: Apache-2.0
/*
 * The folders that are written. Each is made beside its place and gets its name when all are there; what fails takes
 * all of them back. Signals that would end the program wait meanwhile.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "import.h"

static const char *const file_names[] = { "domain.dtsi", "Kconfig" };

struct folder {
	char *place;
	char *temp;
	const char *at; /* where it is now; NULL: nowhere */
};

static int write_file(const char *folder, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", folder, name);
	FILE *out = fopen(path, "wbx");
	int error = 0;

	free(path);
	if (out == NULL) {
		return errno;
	}
	if (fputs(text, out) < 0 || fflush(out) != 0) {
		error = errno;
	}
	return fclose(out) != 0 && error == 0 ? errno : error;
}

static int make_folder(struct folder *f, const struct import *im, const struct import_domain *d)
{
	char *texts[] = { import_dtsi(im, d), import_kconfig(im, d) };
	int error = mkdir(f->temp, 0777) != 0 ? errno : 0;
	size_t i;

	if (error == 0) {
		f->at = f->temp;
	}
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		if (error == 0) {
			error = write_file(f->temp, file_names[i], texts[i]);
		}
		free(texts[i]);
	}
	return error;
}

static void take_back(struct folder *f)
{
	size_t i;

	for (i = 0; f->at != NULL && i < ARRAY_SIZE(file_names); i++) {
		char *path = xasprintf("%s/%s", f->at, file_names[i]);

		unlink(path);
		free(path);
	}
	if (f->at != NULL) {
		rmdir(f->at);
	}
}

/* rename() puts a folder in the place of an empty one: no harm, but then it was not there when we looked. */
static int give_name(struct folder *f)
{
	if (rename(f->temp, f->place) != 0) {
		return errno;
	}
	f->at = f->place;
	return 0;
}

static int write_all(struct folder *folders, const struct import *im, const char **what)
{
	int error = 0;
	size_t i;

	for (i = 0; error == 0 && i < im->nr_domains; i++) {
		*what = folders[i].place;
		error = make_folder(&folders[i], im, im->domains[i]);
	}
	for (i = 0; error == 0 && i < im->nr_domains; i++) {
		*what = folders[i].place;
		error = give_name(&folders[i]);
	}
	for (i = 0; error != 0 && i < im->nr_domains; i++) {
		take_back(&folders[i]);
	}
	return error;
}

/* Nobody's work is replaced, nor is a folder of the project taken for one of ours. */
static void require_free(const char *place)
{
	struct stat st;

	if (lstat(place, &st) == 0) {
		fail("%s is there already; remove it, or let --output name another folder", place);
	}
	if (errno != ENOENT) {
		fail("%s cannot be written: %s", place, strerror(errno));
	}
}

static void require_folder(const char *out)
{
	struct stat st;

	if (stat(out, &st) != 0 || !S_ISDIR(st.st_mode)) {
		fail("--output %s: there is no such folder; rootfs/domains is where the build looks",
		     out);
	}
}

void import_write(const struct import *im, const char *out)
{
	struct folder folders[PLAN_MAX_DOMAINS] = { 0 };
	const char *what = out;
	sigset_t all, before;
	int error;
	size_t i;

	require_folder(out);
	for (i = 0; i < im->nr_domains; i++) {
		folders[i].place = xasprintf("%s/%s", out, im->domains[i]->name);
		folders[i].temp =
			xasprintf("%s/.%s.tmp.%ld", out, im->domains[i]->name, (long)getpid());
		require_free(folders[i].place);
	}
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	error = write_all(folders, im, &what);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (error != 0) {
		fail("%s cannot be written: %s", what, strerror(error));
	}
	for (i = 0; i < im->nr_domains; i++) {
		printf("%s: written: domain.dtsi, Kconfig; its switch is in `make menuconfig`, domain set \"custom\"\n",
		       folders[i].place);
		free(folders[i].place);
		free(folders[i].temp);
	}
}
