/* SPDX-License-Identifier: Apache-2.0 */
/* Requirement: crash-record */
/*
 * Crash records in memory that survives a warm reset (hyp/crash.h).
 *
 * The range is an array of pages, a record each: a head with its checksum and the text's, then text. Page 0 is for
 * the hypervisor's own end, the others go round. Each record has the next number, so that their order outlives resets.
 * Memory that never was written, or lost a bit, has no right checksum: it is no record. Every line is written back to
 * memory at once, for a reset may leave the caches behind.
 *
 * Lock: none: a CPU writes its own record only, which it got by an atomic count; more CPUs than pages share them, and
 * then the checksum is wrong.
 */
#include <hyp/crash.h>

#include <hyp/arch/mm.h>
#include <hyp/arch/time.h>
#include <hyp/log.h>
#include <hyp/percpu.h>

#include <string.h>

#define MAGIC	  0x32525241U /* "ARR2" */
#define TEXT_MAX  (PAGE_SIZE - sizeof(struct head))
#define NS_PER_MS 1000000UL
#define LATEST	  4U /* so many are said: a slow UART must not hold up the boot */

struct head {
	uint32_t magic;
	uint32_t crc; /* of all that follows here */
	uint32_t number;
	uint32_t kind;
	uint64_t uptime_ns;
	uint32_t is_told;  /* a boot has said it */
	uint32_t len;	   /* of the text */
	uint32_t text_crc; /* goes on with each line */
	uint32_t unused;
};

struct record {
	struct head head;
	char text[TEXT_MAX];
};

_Static_assert(sizeof(struct record) == PAGE_SIZE, "a record is a page");

static struct record *records; /* NULL: the board keeps none */
static uint32_t nr_records;
static uint32_t last_number;			  /* atomic */
static struct record *open_record[PLAN_MAX_CPUS]; /* by the CPU that writes it */

/* CRC-32 of IEEE 802.3, four bits at a time: it runs where a domain crashes, and everybody on that CPU waits. */
static uint32_t crc32(uint32_t crc, const void *data, size_t len)
{
	static const uint32_t step[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	const uint8_t *p = data;

	crc = ~crc;
	for (; len > 0; len--, p++) {
		crc = (crc >> 4) ^ step[(crc ^ *p) & 15];
		crc = (crc >> 4) ^ step[(crc ^ *p >> 4) & 15];
	}
	return ~crc;
}

static uint32_t head_crc(const struct record *r)
{
	size_t from = offsetof(struct head, number);

	return crc32(0, (const uint8_t *)&r->head + from, sizeof(r->head) - from);
}

static bool is_good(const struct record *r)
{
	return r->head.magic == MAGIC && r->head.crc == head_crc(r) && r->head.len <= TEXT_MAX &&
	       r->head.text_crc == crc32(0, r->text, r->head.len);
}

static void commit(struct record *r)
{
	r->head.crc = head_crc(r);
	r->head.magic = MAGIC;
	arch_cache_clean(r, sizeof(r->head) + r->head.len);
}

/* Whatever the memory held: nothing but printable characters, and no line longer than the log's. */
static void say_text(const struct record *r)
{
	char line[LOG_LINE / 2];
	uint32_t i, n = 0;

	for (i = 0; i < r->head.len; i++) {
		char c = r->text[i];

		if (c == '\n' || n == sizeof(line) - 1) {
			line[n] = '\0';
			hyp_printf("| %s", line);
			n = 0;
		}
		if (c != '\n') {
			line[n++] = c >= ' ' && c <= '~' ? c : '?';
		}
	}
	if (n > 0) {
		line[n] = '\0';
		hyp_printf("| %s", line);
	}
}

static void say(struct record *r)
{
	hyp_printf("crash record %u of the boot before: %s, %lu ms after its counter started",
		   r->head.number, r->head.kind == CRASH_HYPERVISOR ? "the hypervisor" : "a domain",
		   (unsigned long)(r->head.uptime_ns / NS_PER_MS));
	say_text(r);
}

/* The first after @number that nobody has been told of. */
static struct record *next_untold(uint32_t number)
{
	struct record *next = NULL;
	uint32_t i;

	for (i = 0; i < nr_records; i++) {
		struct record *r = &records[i];

		if (is_good(r) && r->head.is_told == 0 && r->head.number > number &&
		    (next == NULL || r->head.number < next->head.number)) {
			next = r;
		}
	}
	return next;
}

static void tell_all(void)
{
	struct record *r;
	uint32_t left = 0, older = 0;

	for (r = next_untold(0); r != NULL; r = next_untold(r->head.number)) {
		left++;
	}
	for (r = next_untold(0); r != NULL; r = next_untold(r->head.number), left--) {
		if (left > LATEST) {
			older++;
		} else {
			say(r);
		}
		r->head.is_told = 1;
		commit(r);
	}
	if (older > 0) {
		hyp_printf("%u older crash records are not shown", older);
	}
}

void crash_init(const struct plan *plan)
{
	const struct plan_range *at = &plan->crash_record;
	uint32_t i;

	if (at->size == 0) {
		return;
	}
	nr_records = (uint32_t)MIN(at->size / PAGE_SIZE, (uint64_t)CRASH_MAX_RECORDS);
	records = arch_map(paddr(at->base), nr_records * PAGE_SIZE, MAP_RW);
	if (records == NULL) {
		hyp_printf("crash records: 0x%lx cannot be mapped, none are kept", at->base);
		return;
	}
	last_number = 0;
	for (i = 0; i < nr_records; i++) {
		if (is_good(&records[i])) {
			last_number = MAX(last_number, records[i].head.number);
		}
	}
	tell_all();
}

static struct record *place_for(enum crash_kind kind, uint32_t number)
{
	return kind == CRASH_HYPERVISOR ? &records[0] : &records[1 + number % (nr_records - 1)];
}

void crash_begin(enum crash_kind kind)
{
	struct record **mine = &open_record[this_cpu()->id];
	uint32_t number;

	if (records == NULL || (*mine != NULL && kind != CRASH_HYPERVISOR) ||
	    *mine == &records[0]) {
		return;
	}
	number = __atomic_add_fetch(&last_number, 1, __ATOMIC_RELAXED);
	*mine = place_for(kind, number);
	(*mine)->head = (struct head){ .number = number,
				       .kind = (uint32_t)kind,
				       .uptime_ns = arch_now_ns() };
}

void crash_line(const char *line, size_t len)
{
	struct record *r = open_record[this_cpu()->id];
	size_t n;

	if (likely(r == NULL)) {
		return;
	}
	n = MIN(len, TEXT_MAX - r->head.len);
	memcpy(r->text + r->head.len, line, n);
	r->head.text_crc = crc32(r->head.text_crc, line, n);
	r->head.len += (uint32_t)n;
	commit(r);
}

void crash_end(void)
{
	open_record[this_cpu()->id] = NULL;
}
