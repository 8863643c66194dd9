// SPDX-License-Identifier: Apache-2.0
/* See nvme_model.h. Spec: NVM Express Base 1.4, sections 3.1, 4, 5, 6, 7.6.1. */
#include "nvme_model.h"

#include "../../rootfs/backends/io/platform.h"

#include <stdlib.h>
#include <string.h>

#define BUS  0x4000000000ull /* from our addresses to its */
#define PAGE 4096u

struct command {
	uint8_t opcode, flags;
	uint16_t id;
	uint32_t nsid;
	uint64_t reserved[2], prp[2];
	uint32_t arg[6];
};

struct answer {
	uint32_t result, reserved;
	uint16_t head, queue, id, status;
};

struct pair {
	uint64_t sq, cq;
	uint32_t entries, cq_entries; /* 0: it was not made */
	uint32_t tail, head;	      /* of the submission queue */
	uint32_t cq_at, cq_seen;
	bool phase;
};

struct nvme_model nvme_model;
uint8_t nvme_disk[NVME_SECTORS * 512];
uint8_t nvme_controller[4096], nvme_namespace[4096];

static struct pair pairs[2];
static uint32_t cc, aqa, looks;
static uint64_t asq, acq;
static uint8_t *data;
static size_t data_bytes;

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

static void *cpu(uint64_t bus)
{
	must(bus >= BUS && (nvme_model.command & 4) != 0);
	return (void *)(uintptr_t)(bus - BUS);
}

uint64_t plat_bus(const volatile void *p)
{
	return (uintptr_t)p + BUS;
}

static void put(uint8_t *at, uint64_t value, size_t bytes)
{
	memcpy(at, &value, bytes);
}

void nvme_model_reset(uint8_t *memory, size_t bytes)
{
	memset(&nvme_model, 0, sizeof(nvme_model));
	memset(pairs, 0, sizeof(pairs));
	memset(nvme_controller, 0, PAGE);
	memset(nvme_namespace, 0, PAGE);
	cc = aqa = looks = 0;
	data = memory;
	data_bytes = bytes;
	for (size_t i = 0; i < sizeof(nvme_disk); i++) {
		nvme_disk[i] = (uint8_t)(i / 512 + i % 251);
	}
	nvme_model.class_code = 0x01080205;
	nvme_model.bar = (uint32_t)NVME_REGS | 4;
	nvme_model.cap_low = 0x04010000 | 63; /* 2 s, contiguous queues of 64 */
	nvme_model.cap_high = 1 << 5;
	nvme_model.refused = NVME_NOBODY;
	nvme_model.bad_at = UINT32_MAX;
	nvme_controller[512] = 0x66;
	nvme_controller[513] = 0x44;
	put(nvme_controller + 516, 1, 4);
	nvme_controller[525] = 1;
	put(nvme_namespace, NVME_SECTORS, 8);
	nvme_namespace[25] = 1; /* two formats, of which it has the second */
	nvme_namespace[26] = 1;
	nvme_namespace[128 + 2] = 12;
	nvme_namespace[132 + 2] = 9;
}

/* ---- registers ---- */

static bool is_on(void)
{
	return (cc & 1) != 0;
}

static uint32_t status(void)
{
	bool is_late = looks < nvme_model.nr_looks_till_ready || nvme_model.is_never_ready;
	bool is_ready = nvme_model.never_goes_off || (is_on() && !is_late);

	looks++;
	return (uint32_t)is_ready | (uint32_t)nvme_model.is_fatal << 1;
}

static void configure(uint32_t value)
{
	must((nvme_model.command & 6) == 6);
	looks = 0;
	if ((value & 1) == 0) {
		memset(pairs, 0, sizeof(pairs));
		nvme_model.nr_resets++;
		nvme_model.is_fatal = false;
	} else {
		must(value == 0x00460001 && !is_on() && asq % PAGE == 0 && acq % PAGE == 0);
		pairs[0] = (struct pair){ .sq = asq,
					  .cq = acq,
					  .entries = (aqa & 0xfff) + 1,
					  .cq_entries = (aqa >> 16 & 0xfff) + 1,
					  .phase = true };
	}
	cc = value;
}

static void ring(uint32_t number, uint32_t value)
{
	struct pair *p = &pairs[number / 2];

	must(is_on() && number < 4 && value < p->entries && p->cq_entries > 0);
	if (number % 2 == 0) {
		p->tail = value;
	} else {
		p->cq_seen = value;
	}
}

uint32_t plat_read32(uint64_t addr)
{
	if (nvme_model.is_gone) {
		return UINT32_MAX;
	}
	switch (addr) {
	case NVME_CONFIG + 0x04:
		return nvme_model.command;
	case NVME_CONFIG + 0x08:
		return nvme_model.class_code;
	case NVME_CONFIG + 0x10:
		return nvme_model.bar;
	case NVME_CONFIG + 0x14:
		return (uint32_t)(NVME_REGS >> 32);
	case NVME_REGS:
		return nvme_model.cap_low;
	case NVME_REGS + 0x04:
		return nvme_model.cap_high;
	case NVME_REGS + 0x1c:
		return status();
	default:
		abort();
	}
}

static void half(uint64_t *whole, uint32_t value, bool is_high)
{
	*whole = is_high ? (uint64_t)value << 32 | (uint32_t)*whole : (*whole >> 32 << 32 | value);
}

void plat_write32(uint64_t addr, uint32_t value)
{
	uint64_t stride = 4ull << (nvme_model.cap_high & 0xf), at = addr - NVME_REGS;

	if (addr == NVME_CONFIG + 4) {
		must((value & 0x402) == 0x402);
		nvme_model.command = value;
		return;
	}
	must(addr >= NVME_REGS && at < NVME_BYTES);
	if (at >= 0x1000) {
		must((at - 0x1000) % stride == 0);
		ring((uint32_t)((at - 0x1000) / stride), value);
		return;
	}
	must(at == 0x14 || !is_on());
	switch (at) {
	case 0x14:
		configure(value);
		break;
	case 0x24:
		aqa = value;
		break;
	case 0x28:
	case 0x2c:
		half(&asq, value, at == 0x2c);
		break;
	case 0x30:
	case 0x34:
		half(&acq, value, at == 0x34);
		break;
	default:
		abort();
	}
}

uint64_t plat_now_us(void)
{
	return nvme_model.now_us += 100;
}

void plat_sleep(void)
{
	nvme_model.now_us += 1000;
	(void)nvme_model_work();
}

/* ---- commands ---- */

static void answer(uint32_t n, const struct command *c, bool is_good)
{
	struct pair *p = &pairs[n];
	struct answer *a = (struct answer *)cpu(p->cq) + p->cq_at;

	must((p->cq_at + 1) % p->cq_entries != p->cq_seen);
	a->result = 0;
	a->head = (uint16_t)(p->head ^ nvme_model.wrong_head);
	a->queue = (uint16_t)(n ^ nvme_model.wrong_queue);
	a->id = (uint16_t)(c->id ^ nvme_model.wrong_id);
	__atomic_store_n(&a->status, (uint16_t)(is_good ? p->phase : p->phase | 0x4004),
			 __ATOMIC_RELEASE);
	p->cq_at = (p->cq_at + 1) % p->cq_entries;
	p->phase ^= p->cq_at == 0;
}

/* 4.3. @bytes of memory, piece by piece. */
static void transfer(const struct command *c, uint8_t *disk, size_t bytes, bool is_read)
{
	uint64_t at = c->prp[0];
	size_t rest = bytes, first = PAGE - at % PAGE, n = rest < first ? rest : first, i = 0;
	const uint64_t *list = &c->prp[1];

	must(at % 4 == 0);
	if (rest > n + PAGE) {
		list = cpu(c->prp[1]);
		must((uintptr_t)list % 8 == 0);
		must((uintptr_t)list % PAGE + (rest - n + PAGE - 1) / PAGE * 8 <= PAGE);
	}
	while (rest > 0) {
		uint8_t *memory = cpu(at);

		must(memory >= data && memory + n <= data + data_bytes);
		if (is_read) {
			memcpy(memory, disk, n);
		} else {
			memcpy(disk, memory, n);
		}
		disk += n;
		rest -= n;
		n = rest < PAGE ? rest : PAGE;
		if (rest > 0) {
			at = list[i++];
			must(at % PAGE == 0);
		}
	}
}

static size_t most(void)
{
	uint8_t mdts = nvme_controller[77];

	return mdts == 0 ? SIZE_MAX : (size_t)PAGE << mdts;
}

static bool do_io(const struct command *c)
{
	uint64_t sector = (uint64_t)c->arg[1] << 32 | c->arg[0];
	size_t count = (c->arg[2] & 0xffff) + 1;

	must(c->nsid == 1 && c->flags == 0 && c->opcode <= 2);
	if (c->opcode == 0) {
		nvme_model.nr_flushes++;
		return true;
	}
	must(sector + count <= NVME_SECTORS && count * 512 <= most() && c->arg[2] >> 16 == 0);
	nvme_model.nr_reads += c->opcode == 2;
	nvme_model.nr_writes += c->opcode == 1;
	if (nvme_model.bad_at >= sector && nvme_model.bad_at < sector + count) {
		return false;
	}
	transfer(c, nvme_disk + sector * 512, count * 512, c->opcode == 2);
	return true;
}

static void identify(const struct command *c)
{
	must(c->prp[0] % PAGE == 0 && c->arg[0] <= 1 && c->nsid == (c->arg[0] == 0));
	memcpy(cpu(c->prp[0]), c->arg[0] == 1 ? nvme_controller : nvme_namespace, PAGE);
}

static void do_admin(const struct command *c)
{
	uint32_t entries = (c->arg[0] >> 16) + 1;
	struct pair *p = &pairs[1];

	switch (c->opcode) {
	case 0x06:
		identify(c);
		break;
	case 0x09:
		must(c->arg[0] == 7 && c->arg[1] == 0);
		break;
	case 0x05: /* no interrupts */
		must((c->arg[0] & 0xffff) == 1 && c->arg[1] == 1 && c->prp[0] % PAGE % 4 == 0);
		p->cq = c->prp[0];
		p->cq_entries = entries;
		p->phase = true;
		break;
	case 0x01:
		must((c->arg[0] & 0xffff) == 1 && c->arg[1] == 0x10001 && p->cq_entries > 0);
		p->sq = c->prp[0];
		p->entries = entries;
		break;
	default:
		abort();
	}
	must(entries <= (nvme_model.cap_low & 0xffff) + 1);
}

static bool take(uint32_t n, struct command *c)
{
	struct pair *p = &pairs[n];

	if (p->entries == 0 || p->head == p->tail) {
		return false;
	}
	*c = ((const struct command *)cpu(p->sq))[p->head];
	p->head = (p->head + 1) % p->entries;
	return true;
}

bool nvme_model_work(void)
{
	struct command taken[64];
	uint32_t nr = 0;

	if (nvme_model.is_stuck || nvme_model.is_gone || nvme_model.is_fatal || !is_on()) {
		return false;
	}
	if (take(0, &taken[0])) {
		bool is_good = taken[0].opcode != nvme_model.refused;

		if (is_good) {
			do_admin(&taken[0]);
		}
		answer(0, &taken[0], is_good);
		return true;
	}
	while (nr < 64 && take(1, &taken[nr])) {
		nr++;
	}
	for (uint32_t i = 0; i < nr; i++) {
		const struct command *c = &taken[nvme_model.is_backwards ? nr - 1 - i : i];

		answer(1, c, do_io(c));
	}
	return nr > 0;
}
