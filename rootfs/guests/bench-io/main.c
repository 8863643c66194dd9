// SPDX-License-Identifier: Apache-2.0
/*
 * A program for Linux that uses a disk or a network in a way that can be counted: fixed work between two marks
 * (start.S), after as much of the same kind that is not counted.
 *
 *	bench-io read|write <depth>	4 KiB requests of /dev/xvda, past the page cache, <depth> at a time, scattered so that
 *					none are merged
 *	bench-io send			1,500-byte packets (IP and UDP headers with them) to 10.0.0.2
 *	bench-io receive		takes them there
 *
 * The receiver acknowledges every 16th packet, and the sender is at most 32 ahead: so none is lost in between, and what
 * is lost is noticed.
 */
#include "../linux/linux.h"

#define BLOCK	     4096U
#define NR_BLOCKS    2048U /* of 16 MiB half */
#define STRIDE	     7U	   /* prime to NR_BLOCKS */
#define MAX_DEPTH    32U
#define COUNT	     2048U
#define WARM_UP	     512U
#define PAYLOAD	     1472U /* 1,500 with 20 bytes of IP's header and 8 of UDP's */
#define ACK_EVERY    16U
#define MAX_AHEAD    32U
#define PORT	     5001U
#define HOST	     0x0a000002U
#define WAIT_SECONDS 20

long program(long argc, char **argv);
void bench_mark(void);

static uint8_t buffers[MAX_DEPTH][BLOCK] __attribute__((aligned(BLOCK)));
static struct io_request requests[MAX_DEPTH];
static long aio;

static size_t length(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0') {
		n++;
	}
	return n;
}

static void say(const char *s)
{
	(void)syscall6(SYS_WRITE, 1, (long)s, (long)length(s), 0, 0, 0);
}

static long fail(const char *what)
{
	say("BENCH failed: ");
	say(what);
	say("\n");
	return 1;
}

static void done(const char *what, const char *depth)
{
	say("BENCH ");
	say(what);
	say(depth);
	say("\n");
}

static int64_t place(uint32_t i)
{
	return (int64_t)(i * STRIDE % NR_BLOCKS) * BLOCK;
}

/* One request at a time. Return: whether each was answered in full. */
static int one_by_one(long fd, int is_write, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (syscall6(is_write ? SYS_PWRITE64 : SYS_PREAD64, fd, (long)buffers[0], BLOCK,
			     place(i), 0, 0) != BLOCK) {
			return 0;
		}
	}
	return 1;
}

/* @depth requests, and the next when all of them were answered. */
static int all_at_once(long fd, int is_write, uint32_t depth, uint32_t first)
{
	struct io_request *list[MAX_DEPTH];
	struct io_answer answers[MAX_DEPTH];
	uint32_t i;

	for (i = 0; i < depth; i++) {
		requests[i] = (struct io_request){ .opcode = is_write ? IO_PWRITE : IO_PREAD,
						   .fd = (uint32_t)fd,
						   .buffer = (uint64_t)buffers[i],
						   .bytes = BLOCK,
						   .offset = place(first + i) };
		list[i] = &requests[i];
	}
	if (syscall6(SYS_IO_SUBMIT, aio, depth, (long)list, 0, 0, 0) != depth ||
	    syscall6(SYS_IO_GETEVENTS, aio, depth, depth, (long)answers, 0, 0) != depth) {
		return 0;
	}
	for (i = 0; i < depth && answers[i].result == BLOCK; i++) {
	}
	return i == depth;
}

static int in_batches(long fd, int is_write, uint32_t depth, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i += depth) {
		if (!all_at_once(fd, is_write, depth, i)) {
			return 0;
		}
	}
	return 1;
}

static int work(long fd, int is_write, uint32_t depth, uint32_t count)
{
	return depth == 1 ? one_by_one(fd, is_write, count)
			  : in_batches(fd, is_write, depth, count);
}

static long disk(int is_write, const char *depth_text)
{
	long fd = syscall6(SYS_OPENAT, AT_FDCWD, (long)"/dev/xvda", O_RDWR | O_DIRECT, 0, 0, 0);
	uint32_t depth = depth_text[1] == '\0' ? 1 : MAX_DEPTH;

	if (fd < 0 || syscall6(SYS_IO_SETUP, MAX_DEPTH, (long)&aio, 0, 0, 0, 0) != 0) {
		return fail("/dev/xvda cannot be opened");
	}
	if (!work(fd, is_write, depth, WARM_UP)) {
		return fail("a request of the disk before the count");
	}
	bench_mark();
	if (!work(fd, is_write, depth, COUNT)) {
		return fail("a request of the disk");
	}
	bench_mark();
	done(is_write ? "write " : "read ", depth_text);
	return 0;
}

static struct address peer(uint32_t host)
{
	return (struct address){ .family = AF_INET,
				 .port = __builtin_bswap16(PORT),
				 .host = __builtin_bswap32(host) };
}

static int stream(long fd, uint32_t *sent, uint32_t *acked, uint32_t count)
{
	uint32_t end = *sent + count;

	while (*acked != end) {
		if (*sent != end && *sent - *acked < MAX_AHEAD) {
			if (syscall6(SYS_SENDTO, fd, (long)buffers, PAYLOAD, 0, 0, 0) != PAYLOAD) {
				return 0;
			}
			(*sent)++;
		} else if (syscall6(SYS_RECVFROM, fd, (long)acked, sizeof(*acked), 0, 0, 0) !=
			   sizeof(*acked)) {
			return 0;
		}
	}
	return 1;
}

static long send_all(void)
{
	struct duration patience = { .seconds = WAIT_SECONDS };
	struct address to = peer(HOST);
	long fd = syscall6(SYS_SOCKET, AF_INET, SOCK_DGRAM, 0, 0, 0, 0);
	uint32_t sent = 0, acked = 0;

	if (syscall6(SYS_CONNECT, fd, (long)&to, sizeof(to), 0, 0, 0) != 0 ||
	    syscall6(SYS_SETSOCKOPT, fd, SOL_SOCKET, SO_RCVTIMEO, (long)&patience, sizeof(patience),
		     0) != 0) {
		return fail("no socket");
	}
	if (!stream(fd, &sent, &acked, WARM_UP)) {
		return fail("a packet was lost before the count");
	}
	bench_mark();
	if (!stream(fd, &sent, &acked, COUNT)) {
		return fail("a packet was lost");
	}
	bench_mark();
	done("send", "");
	return 0;
}

static long receive_all(void)
{
	struct address at = peer(0), from;
	uint32_t size = sizeof(from), received = 0;
	long fd = syscall6(SYS_SOCKET, AF_INET, SOCK_DGRAM, 0, 0, 0, 0);

	if (syscall6(SYS_BIND, fd, (long)&at, sizeof(at), 0, 0, 0) != 0) {
		return fail("no socket");
	}
	done("receive", "");
	while (syscall6(SYS_RECVFROM, fd, (long)buffers, sizeof(buffers), 0, (long)&from,
			(long)&size) == PAYLOAD) {
		received++;
		if (received % ACK_EVERY == 0 &&
		    syscall6(SYS_SENDTO, fd, (long)&received, sizeof(received), 0, (long)&from,
			     size) != sizeof(received)) {
			break;
		}
	}
	return fail("receiving");
}

long program(long argc, char **argv)
{
	if (argc == 3 && argv[1][0] != 's') {
		return disk(argv[1][0] == 'w', argv[2]);
	}
	if (argc == 2) {
		return argv[1][0] == 's' ? send_all() : receive_all();
	}
	return fail("read|write <depth>, send or receive");
}
