// SPDX-License-Identifier: Apache-2.0
/* Messages, memory, whole files read, programs run (ashlar.h). */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ashlar.h"

void fail(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("ashlar: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	output_discard_all();
	exit(EXIT_TROUBLE);
}

void finish(int status)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fail("standard output cannot be written: %s", strerror(errno));
	}
	exit(status);
}

void *xalloc(size_t bytes)
{
	void *p = calloc(1, bytes > 0 ? bytes : 1);

	if (p == NULL) {
		fail("no memory for %zu bytes", bytes);
	}
	return p;
}

char *xstrdup(const char *s)
{
	char *copy = xalloc(strlen(s) + 1);

	memcpy(copy, s, strlen(s) + 1);
	return copy;
}

char *xasprintf(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0) {
		fail("no memory for a message");
	}
	va_end(ap);
	return s;
}

struct file file_read(const char *path, const char *what)
{
	struct file f = { NULL, 0 };
	struct stat st;
	FILE *in = fopen(path, "rb");

	if (in == NULL || fstat(fileno(in), &st) != 0) {
		fail("%s %s: %s", what, path, strerror(errno));
	}
	if (!S_ISREG(st.st_mode)) {
		fail("%s %s: not a file", what, path);
	}
	f.size = (size_t)st.st_size;
	f.data = xalloc(f.size + 1);
	if (fread(f.data, 1, f.size, in) != f.size) {
		fail("%s %s: cannot be read whole", what, path);
	}
	fclose(in);
	return f;
}

void file_free(struct file *f)
{
	free(f->data);
	f->data = NULL;
	f->size = 0;
}

bool file_is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, R_OK) == 0;
}

uint32_t source_date(void)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	char *end;
	unsigned long value;

	if (epoch == NULL || *epoch == '\0') {
		return 0;
	}
	errno = 0;
	value = strtoul(epoch, &end, 10);
	if (errno != 0 || *end != '\0' || value > UINT32_MAX) {
		fail("SOURCE_DATE_EPOCH is \"%s\", it must be seconds since 1970", epoch);
	}
	return (uint32_t)value;
}

void source_date_tell(void)
{
	char *epoch = xasprintf("%u", source_date());

	setenv("SOURCE_DATE_EPOCH", epoch, 1);
	free(epoch);
}

static char *read_all(int fd)
{
	size_t used = 0, size = 4096;
	char *text = xalloc(size);
	ssize_t n;

	while ((n = read(fd, text + used, size - used - 1)) > 0) {
		used += (size_t)n;
		if (size - used < 1024) {
			char *more = xalloc(size * 2);

			memcpy(more, text, used);
			free(text);
			text = more;
			size *= 2;
		}
	}
	text[used] = '\0';
	return text;
}

int run(char *const argv[], char **log)
{
	int fds[2], status;
	pid_t child;

	fflush(NULL);
	if (pipe(fds) != 0 || (child = fork()) < 0) {
		fail("%s cannot be started: %s", argv[0], strerror(errno));
	}
	if (child == 0) {
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		close(fds[1]);
		execvp(argv[0], argv);
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(fds[1]);
	*log = read_all(fds[0]);
	close(fds[0]);
	if (waitpid(child, &status, 0) != child) {
		fail("%s cannot be waited for: %s", argv[0], strerror(errno));
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

void hex(char *out, const uint8_t *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	}
	out[2 * n] = '\0';
}
