// SPDX-License-Identifier: Apache-2.0
/*
 * Outputs: written beside their place, then renamed. What is not committed is removed, whatever ends the program.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ashlar.h"

#define OUTPUT_MAX 4

static struct output outputs[OUTPUT_MAX];

void output_discard_all(void)
{
	size_t i;

	for (i = 0; i < OUTPUT_MAX; i++) {
		if (outputs[i].temp != NULL) {
			unlink(outputs[i].temp);
		}
	}
}

/* unlink(), signal() and raise() are safe in a handler (POSIX.1-2017 section 2.4.3). */
static void on_signal(int sig)
{
	output_discard_all();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void watch_signals(void)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sigs); i++) {
		if (signal(sigs[i], on_signal) == SIG_IGN) {
			signal(sigs[i], SIG_IGN);
		}
	}
}

void output_discard(struct output *out)
{
	unlink(out->temp);
	fclose(out->stream);
	free(out->path);
	free(out->temp);
	memset(out, 0, sizeof(*out));
}

/* A name is given by rename(), which would replace a device, or whatever else stands there, by a file. */
static void require_replaceable(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		fail("%s cannot be written: it is no file; name a file, or a new one", path);
	}
}

struct output *output_open(const char *path)
{
	struct output *out = NULL;
	size_t i;

	require_replaceable(path);

	for (i = 0; i < OUTPUT_MAX && out == NULL; i++) {
		out = outputs[i].temp == NULL ? &outputs[i] : NULL;
	}
	if (out == NULL) {
		fail("%s: too many outputs at a time", path);
	}
	watch_signals();
	out->path = xstrdup(path);
	out->temp = xasprintf("%s.tmp.%ld", path, (long)getpid());
	out->stream = fopen(out->temp, "wb");
	if (out->stream == NULL) {
		fail("%s cannot be written: %s", path, strerror(errno));
	}
	return out;
}

void output_write(struct output *out, const void *data, size_t bytes)
{
	if (fwrite(data, 1, bytes, out->stream) != bytes) {
		fail("%s cannot be written: %s", out->path, strerror(errno));
	}
}

void output_commit(struct output *out)
{
	if (fflush(out->stream) != 0 || ferror(out->stream) || fclose(out->stream) != 0) {
		fail("%s cannot be written: %s", out->path, strerror(errno));
	}
	if (rename(out->temp, out->path) != 0) {
		fail("%s cannot be written: %s", out->path, strerror(errno));
	}
	free(out->path);
	free(out->temp);
	memset(out, 0, sizeof(*out));
}

void file_write(const char *path, const void *data, size_t bytes)
{
	struct output *out = output_open(path);

	output_write(out, data, bytes);
	output_commit(out);
}
