// SPDX-License-Identifier: Apache-2.0
/*
 * verity: a program for Linux that makes the devices of dm-mod.create="..." on the kernel's command line, as a kernel with
 * device mapper built in does by itself; Debian's has it as a module. Fails until the disks that they stand on are there.
 *
 * Each device is "<name>,<uuid>,<minor>,<flags>,<table>", the next behind a ';'. Only tables of one line are taken, and only
 * those of dm-verity. They become /dev/dm-0 and so on.
 * Spec: Linux Documentation/admin-guide/device-mapper/dm-init.rst; include/uapi/linux/dm-ioctl.h.
 */
#include "../linux/linux.h"

#include <stdbool.h>
#include <stddef.h>

#define CONTROL	    "/dev/mapper/control"
#define CREATE	    "dm-mod.create=\""
#define MAX_CMDLINE 4096
#define FIELDS	    4 /* before the table */

/* linux/dm-ioctl.h: _IOWR(DM_IOCTL, number, struct dm_ioctl) */
#define DM_CALL(number) (3L << 30 | (long)sizeof(struct dm_head) << 16 | 0xfdL << 8 | (number))
#define DM_CREATE	DM_CALL(3)
#define DM_REMOVE	DM_CALL(4)
#define DM_SUSPEND	DM_CALL(6)
#define DM_LOAD		DM_CALL(9)
#define DM_READONLY	1U

#define EBUSY 16 /* asm-generic/errno-base.h */

/** struct dm_head - linux/dm-ioctl.h, struct dm_ioctl. */
struct dm_head {
	uint32_t version[3];
	uint32_t size;
	uint32_t data_start;
	uint32_t nr_targets;
	int32_t nr_open;
	uint32_t flags;
	uint32_t event;
	uint32_t pad;
	uint64_t device;
	char name[128];
	char uuid[129];
	char data[7];
};

_Static_assert(sizeof(struct dm_head) == 312, "linux/dm-ioctl.h");

/** struct dm_request - a head, one target (struct dm_target_spec), its parameters. */
struct dm_request {
	struct dm_head head;
	uint64_t start;
	uint64_t sectors;
	int32_t status;
	uint32_t next;
	char type[16];
	char words[512];
};

static struct dm_request request;
static char cmdline[MAX_CMDLINE];

void verity(const long *stack);

LINUX_START(verity);

static _Noreturn void leave(long status)
{
	for (;;) {
		(void)syscall6(SYS_EXIT, status, 0, 0, 0, 0, 0);
	}
}

static _Noreturn void fail(const char *text)
{
	size_t len = 0;

	while (text[len] != '\0') {
		len++;
	}
	(void)syscall6(SYS_WRITE, 2, (long)text, (long)len, 0, 0, 0);
	leave(1);
}

static long open_path(const char *path, long flags)
{
	return syscall6(SYS_OPENAT, AT_FDCWD, (long)path, flags, 0, 0, 0);
}

/* Up to @end or the end of the text. Return: where that is. */
static const char *copy_until(char *to, size_t room, const char *from, char end)
{
	size_t i = 0;

	for (; *from != '\0' && *from != end; from++) {
		if (i + 1 < room) {
			to[i++] = *from;
		}
	}
	to[i] = '\0';
	return from;
}

static const char *find(const char *text, const char *what)
{
	for (; *text != '\0'; text++) {
		size_t i = 0;

		while (what[i] != '\0' && text[i] == what[i]) {
			i++;
		}
		if (what[i] == '\0') {
			return text + i;
		}
	}
	return NULL;
}

static const char *read_number(const char *at, uint64_t *value)
{
	*value = 0;
	for (; *at >= '0' && *at <= '9'; at++) {
		*value = *value * 10 + (uint64_t)(*at - '0');
	}
	return *at == ' ' ? at + 1 : at;
}

static long call(long control, long number, uint32_t flags)
{
	request.head.version[0] = 4;
	request.head.size = sizeof(request);
	request.head.data_start = offsetof(struct dm_request, start);
	request.head.flags = flags;
	request.head.device = 0; /* it is asked for by its name */
	return syscall6(SYS_IOCTL, control, number, (long)&request, 0, 0, 0);
}

/* The kernel answers into the same memory, so the table is written just before it is loaded. */
static const char *read_table(const char *at, bool *is_verity)
{
	at = read_number(at, &request.start);
	at = read_number(at, &request.sectors);
	at = copy_until(request.type, sizeof(request.type), at, ' ');
	at = *at == ' ' ? at + 1 : at;
	*is_verity = find(request.type, "verity") != NULL;
	request.head.nr_targets = 1;
	request.status = 0;
	request.next = 0;
	return copy_until(request.words, sizeof(request.words), at, ';');
}

/* From behind a name to the table. */
static const char *skip_fields(const char *at)
{
	int i;

	for (i = 0; i < FIELDS && *at == ','; i++) {
		at++;
		while (i < FIELDS - 1 && *at != ',' && *at != '\0') {
			at++;
		}
	}
	return at;
}

/* One that an earlier try has made stays. Return: behind this device's words. */
static const char *make(long control, const char *at)
{
	bool is_verity;
	long rc;

	at = skip_fields(copy_until(request.head.name, sizeof(request.head.name), at, ','));
	rc = call(control, DM_CREATE, 0);
	if (rc < 0 && rc != -EBUSY) {
		fail("verity: the kernel makes no such device\n");
	}
	at = read_table(at, &is_verity);
	if (rc == -EBUSY) {
		return at;
	}
	if (!is_verity || call(control, DM_LOAD, DM_READONLY) < 0 ||
	    call(control, DM_SUSPEND, DM_READONLY) < 0) {
		(void)call(control, DM_REMOVE, 0);
		fail("verity: the kernel refuses the table\n");
	}
	return at;
}

void verity(const long *stack)
{
	static char words[MAX_CMDLINE];
	long control = open_path(CONTROL, O_RDWR), fd = open_path("/proc/cmdline", 0);
	const char *at;

	(void)stack;
	if (control < 0 || fd < 0 ||
	    syscall6(SYS_READ, fd, (long)cmdline, sizeof(cmdline) - 1, 0, 0, 0) <= 0) {
		fail("verity: no " CONTROL ", or no /proc/cmdline\n");
	}
	at = find(cmdline, CREATE);
	if (at != NULL) {
		(void)copy_until(words, sizeof(words), at, '"');
	} else {
		fail("verity: the command line makes no device\n");
	}
	for (at = words; *at != '\0';) {
		at = make(control, at);
		at += *at == ';' ? 1 : 0;
	}
	leave(0);
}
