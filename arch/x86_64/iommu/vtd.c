/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intel's IOMMU, VT-d, in legacy mode: a root table whose entries lead to a table of contexts for each bus, and a context to
 * a domain's tables. What is not there is blocked, so that only functions that domains have need entries. All units share
 * the root table. Changes are made known by the invalidation queue of each unit, and waited for.
 *
 * Interrupts are by one table: the first entries are functions' messages, each of which names the function that may send it, the last ones
 * lines of I/O APICs. What names no entry, as messages of old do, is blocked.
 *
 * A function whose fault has been told has further ones left out (FPD) until it is attached again.
 * Spec: Intel VT-d 4.0, 5.1 (remapping of interrupts), 6.5.2 (queued invalidation), 7 (faults), 9.1 (root entry), 9.3 (context entry), 9.10 (interrupt entry),
 * 11.4 (registers).
 */
#include <asm/arch.h>
#include <asm/iommu.h>
#include <asm/vlapic.h> /* the APIC's mode */
#include <hyp/arch/mm.h>
#include <hyp/arch/time.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/pool.h>

#define REG_CAP	   0x08U
#define REG_ECAP   0x10U
#define REG_GCMD   0x18U
#define REG_GSTS   0x1cU
#define REG_RTADDR 0x20U
#define REG_FSTS   0x34U
#define REG_FECTL  0x38U
#define REG_FEDATA 0x3cU
#define REG_FEADDR 0x40U
#define REG_FEHIGH 0x44U
#define REG_IQT	   0x88U
#define REG_IQA	   0x90U
#define REG_IRTA   0xb8U

#define CAP_LEVELS_3	   BIT(9)
#define CAP_LEVELS_4	   BIT(10)
#define CAP_FAULTS_AT(cap) ((uint32_t)((cap) >> 24 & 0x3ff) * 16)
#define CAP_2MIB	   BIT(34)
#define CAP_1GIB	   BIT(35)
#define CAP_FAULTS(cap)	   ((uint32_t)((cap) >> 40 & 0xff) + 1)
#define ECAP_QUEUE	   BIT(1)
#define ECAP_REMAPS	   BIT(3)
#define ECAP_X2APIC	   BIT(4)

#define CMD_TRANSLATE 0x80000000U
#define CMD_ROOT      0x40000000U
#define CMD_QUEUE     0x04000000U
#define CMD_REMAP     0x02000000U
#define CMD_REMAPS    0x01000000U /* by this table */
#define CMD_KEPT      0x96000000U /* of the status: what is on, and stays so; not messages of old */

#define FSTS_OVERFLOW BIT(0)
#define FAULT_THERE   BIT(63) /* of a record's second half */
#define FAULT_READ    BIT(62)
#define FAULT_BYTES   16U
#define FAULT_MESSAGE 0x20U /* from here on reasons are those of interrupts */
#define FECTL_MASKED  BIT(31)

#define CONTEXT_THERE	      BIT(0)
#define CONTEXT_QUIET	      BIT(1) /* no further faults: FPD */
#define CONTEXT_WIDTH(levels) ((levels)-2UL)
#define CONTEXT_DOMAIN(id)    ((uint64_t)(id) << 8)
#define ADDRESS		      0xffffffffff000UL

#define IRTA_X2APIC   BIT(11)
#define IRTA_256      7UL
#define IRTE_THERE    BIT(0)
#define IRTE_LEVEL    BIT(4)
#define IRTE_VECTOR   16
#define IRTE_CPU      32
#define IRTE_XAPIC    40
#define IRTE_ONLY(id) (BIT(18) | (id))
#define MESSAGE_NR(n) (BIT(4) | (uint64_t)(n) << 5)
#define LINE_NR(n)    (BIT(48) | (uint64_t)(n) << 49)
#define LINE_LEVEL    BIT(15)

#define QUEUE_ENTRIES 256U /* of a page */
#define QUEUE_BYTES   16U
#define INV_CONTEXTS  0x11UL /* all of them */
#define INV_TABLES    0xd2UL /* all of them, and reads and writes under way are waited for */
#define INV_MESSAGES  0x04UL /* all of them */
#define INV_WAIT      0x25UL /* write the word above to memory */
#define INV_DONE      1UL

#define TIMEOUT_NS 100000000UL
#define MAX_STRAYS 16U /* faults that are told though nothing keeps them from coming again */

static struct unit {
	volatile uint8_t *regs;
	uint64_t cap;
	uint64_t (*queue)[2];
	uint32_t tail;
} units[ACPI_MAX_IOMMUS];

static uint64_t (*root)[2]; /* by bus */
static uint64_t (*messages)[2];
static bool has_wide_ids; /* of CPUs, in that table */
static unsigned int levels, max_level;
static volatile uint32_t *answer; /* of queues that are done */

static uint32_t read32(const struct unit *u, uint32_t at)
{
	return *(volatile uint32_t *)(u->regs + at);
}

static void write32(const struct unit *u, uint32_t at, uint32_t value)
{
	*(volatile uint32_t *)(u->regs + at) = value;
}

static uint64_t read64(const struct unit *u, uint32_t at)
{
	return *(volatile uint64_t *)(u->regs + at);
}

static void write64(const struct unit *u, uint32_t at, uint64_t value)
{
	*(volatile uint64_t *)(u->regs + at) = value;
}

/* One bit of the command, until the status says so. */
static int command(const struct unit *u, uint32_t bit, bool is_on)
{
	uint64_t end = arch_now_ns() + TIMEOUT_NS;
	uint32_t kept = read32(u, REG_GSTS) & CMD_KEPT;

	write32(u, REG_GCMD, is_on ? kept | bit : kept & ~bit);
	while (((read32(u, REG_GSTS) & bit) != 0) != is_on) {
		if (arch_now_ns() > end) {
			return -EIO;
		}
		cpu_relax();
	}
	return 0;
}

static void submit(struct unit *u, uint64_t low, uint64_t high)
{
	u->queue[u->tail][0] = low;
	u->queue[u->tail][1] = high;
	arch_cache_flush(u->queue[u->tail], QUEUE_BYTES);
	u->tail = (u->tail + 1) % QUEUE_ENTRIES;
}

static bool is_answered(void)
{
	uint64_t end = arch_now_ns() + TIMEOUT_NS;

	while (*answer != INV_DONE) {
		if (arch_now_ns() > end) {
			return false;
		}
		cpu_relax();
	}
	return true;
}

/* All that the unit has cached is asked for again. Return: -EIO: it does not answer. */
static int forget_one(struct unit *u)
{
	*answer = 0;
	submit(u, INV_CONTEXTS, 0);
	submit(u, INV_TABLES, 0);
	submit(u, INV_MESSAGES, 0);
	submit(u, INV_WAIT | INV_DONE << 32, arch_virt_to_phys((const void *)(uintptr_t)answer).v);
	write64(u, REG_IQT, (uint64_t)u->tail * QUEUE_BYTES);
	return is_answered() ? 0 : -EIO;
}

/* An IOMMU that goes on with what it had could let through what nobody may reach any more. */
static void forget(void)
{
	for (unsigned int i = 0; i < acpi.nr_iommus; i++) {
		if (forget_one(&units[i]) != 0) {
			panic("IOMMU %u does not forget", i);
		}
	}
}

/* What all units can do. */
static int open_all(void)
{
	uint64_t common = UINT64_MAX, extended = UINT64_MAX;

	for (unsigned int i = 0; i < acpi.nr_iommus; i++) {
		struct unit *u = &units[i];

		u->regs = arch_map(paddr(acpi.iommus[i].base), PAGE_SIZE, MAP_DEVICE);
		u->queue = page_alloc(0);
		if (u->regs == NULL || u->queue == NULL) {
			return -ENOMEM;
		}
		u->cap = read64(u, REG_CAP);
		common &= u->cap;
		extended &= read64(u, REG_ECAP);
		if (CAP_FAULTS_AT(u->cap) + CAP_FAULTS(u->cap) * FAULT_BYTES > PAGE_SIZE) {
			return -ENODEV;
		}
	}
	if ((extended & ECAP_QUEUE) == 0 || (extended & ECAP_REMAPS) == 0) {
		return -ENODEV;
	}
	has_wide_ids = (extended & ECAP_X2APIC) != 0 &&
		       (rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD) != 0;
	levels = (common & CAP_LEVELS_4) != 0 ? 4 : 3;
	max_level = (common & CAP_2MIB) == 0 ? 1 : (common & CAP_1GIB) == 0 ? 2 : 3;
	return (common & (CAP_LEVELS_3 | CAP_LEVELS_4)) == 0 ? -ENODEV : 0;
}

/* Firmware may have left it on. */
static int start_one(struct unit *u)
{
	int err = command(u, CMD_TRANSLATE, false);

	err = err == 0 ? command(u, CMD_REMAP, false) : err;
	err = err == 0 ? command(u, CMD_QUEUE, false) : err;
	write64(u, REG_IRTA,
		arch_virt_to_phys(messages).v | IRTA_256 | (has_wide_ids ? IRTA_X2APIC : 0));
	write64(u, REG_RTADDR, arch_virt_to_phys(root).v);
	err = err == 0 ? command(u, CMD_ROOT, true) : err;
	err = err == 0 ? command(u, CMD_REMAPS, true) : err;
	write64(u, REG_IQT, 0);
	write64(u, REG_IQA, arch_virt_to_phys(u->queue).v);
	err = err == 0 ? command(u, CMD_QUEUE, true) : err;
	err = err == 0 ? forget_one(u) : err;
	write32(u, REG_FEDATA, VECTOR_IOMMU);
	write32(u, REG_FEADDR, MSI_ADDRESS | this_cpu()->arch.apic_id << 12);
	write32(u, REG_FEHIGH, 0);
	write32(u, REG_FECTL, 0);
	err = err == 0 ? command(u, CMD_REMAP, true) : err;
	return err == 0 ? command(u, CMD_TRANSLATE, true) : err;
}

static int vtd_start(void)
{
	int err = open_all();

	root = page_alloc(0);
	messages = page_alloc(0);
	answer = page_alloc(0);
	if (err == 0 && (root == NULL || messages == NULL || answer == NULL)) {
		err = -ENOMEM;
	}
	for (unsigned int i = 0; err == 0 && i < acpi.nr_iommus; i++) {
		err = start_one(&units[i]);
	}
	if (err != 0) {
		hyp_printf("PC: VT-d cannot be used (error %d)", err);
	}
	return err;
}

static uint64_t leaf(unsigned int level)
{
	return 3 | (level > 1 ? PTE_PS : 0);
}

static uint64_t table(unsigned int level)
{
	(void)level;
	return 3;
}

static bool is_table(uint64_t entry, unsigned int level)
{
	return level > 1 && (entry & PTE_PS) == 0;
}

static const struct iommu_format format = { leaf, table, is_table };

static void vtd_describe(struct iommu_tables *t)
{
	t->format = &format;
	t->levels = levels;
	t->max_level = max_level;
}

/* Both words of @function's context. Return: NULL: nobody has one of its bus. */
static uint64_t *context_of(uint16_t function)
{
	const uint64_t *bus = root[function >> 8];
	uint64_t(*contexts)[2];

	if ((bus[0] & CONTEXT_THERE) == 0) {
		return NULL;
	}
	contexts = arch_phys_to_virt(paddr(bus[0] & ADDRESS));
	return contexts[function & 0xff];
}

static int add_bus(uint16_t function)
{
	uint64_t *bus = root[function >> 8];
	void *contexts = (bus[0] & CONTEXT_THERE) != 0 ? NULL : page_alloc(0);

	if ((bus[0] & CONTEXT_THERE) != 0) {
		return 0;
	}
	if (contexts == NULL) {
		return -ENOMEM;
	}
	arch_cache_flush(contexts, PAGE_SIZE);
	__atomic_store_n(&bus[0], arch_virt_to_phys(contexts).v | CONTEXT_THERE, __ATOMIC_RELEASE);
	arch_cache_flush(bus, QUEUE_BYTES);
	return 0;
}

static void set_context(uint64_t *context, uint64_t low, uint64_t high)
{
	__atomic_store_n(&context[0], 0, __ATOMIC_RELEASE);
	__atomic_store_n(&context[1], high, __ATOMIC_RELEASE);
	__atomic_store_n(&context[0], low, __ATOMIC_RELEASE);
	arch_cache_flush(context, QUEUE_BYTES);
	forget();
}

static int vtd_attach(uint16_t function, uint16_t domid, const struct iommu_tables *t)
{
	int err = add_bus(function);

	if (err == 0) {
		set_context(context_of(function), arch_virt_to_phys(t->root).v | CONTEXT_THERE,
			    CONTEXT_WIDTH(t->levels) | CONTEXT_DOMAIN(domid));
	}
	return err;
}

static void vtd_block(uint16_t function)
{
	uint64_t *context = context_of(function);

	if (context != NULL) {
		set_context(context, 0, 0);
	}
}

static void set_message(unsigned int nr, const struct iommu_interrupt *to, uint64_t who)
{
	uint64_t cpu = (uint64_t)to->apic_id << (has_wide_ids ? IRTE_CPU : IRTE_XAPIC);

	__atomic_store_n(&messages[nr][1], who, __ATOMIC_RELEASE);
	__atomic_store_n(&messages[nr][0],
			 cpu | (uint64_t)to->vector << IRTE_VECTOR |
				 (to->is_level ? IRTE_LEVEL : 0) | IRTE_THERE,
			 __ATOMIC_RELEASE);
	arch_cache_flush(messages[nr], sizeof(messages[nr]));
	forget();
}

static int vtd_remap(uint16_t function, unsigned int nr, const struct iommu_interrupt *to,
		     struct msi_message *host)
{
	set_message(nr, to, IRTE_ONLY(function));
	host->address = MSI_ADDRESS | MESSAGE_NR(nr);
	host->data = 0;
	return 0;
}

/* Which function an I/O APIC is, is not looked at: another could make it look at its line, where nothing is. */
static uint64_t vtd_line(unsigned int nr, const struct iommu_interrupt *to)
{
	set_message(IOMMU_MESSAGES + nr, to, 0);
	return LINE_NR(IOMMU_MESSAGES + nr) | (to->is_level ? LINE_LEVEL : 0) | to->vector;
}

/* Return: false: it is nobody's. */
static bool silence(uint16_t function)
{
	uint64_t *context = context_of(function);

	if (context == NULL || (context[0] & CONTEXT_THERE) == 0) {
		return false;
	}
	set_context(context, context[0] | CONTEXT_QUIET, context[1]);
	return true;
}

/* What firmware left going on, or a function's messages, could interrupt a CPU for ever: after some of them nothing is told. */
static void count_stray(void)
{
	static unsigned int nr_strays;

	if (++nr_strays < MAX_STRAYS) {
		return;
	}
	for (unsigned int i = 0; i < acpi.nr_iommus; i++) {
		write32(&units[i], REG_FECTL, (uint32_t)FECTL_MASKED);
	}
	hyp_printf("PC: VT-d tells of no more faults");
}

/* One record, if there is something in it. */
static void take_fault(const struct unit *u, uint32_t at)
{
	uint64_t low = read64(u, at), high = read64(u, at + 8);
	unsigned int reason = (unsigned int)(high >> 32) & 0xff;
	bool is_message = reason >= FAULT_MESSAGE;

	if ((high & FAULT_THERE) == 0) {
		return;
	}
	write32(u, at + 12, (uint32_t)(FAULT_THERE >> 32)); /* taken: by a one */
	iommu_say_fault((uint16_t)high, is_message ? MSI_ADDRESS : low & ~(PAGE_SIZE - 1),
			is_message || (high & FAULT_READ) == 0, reason);
	if (is_message || !silence((uint16_t)high)) {
		count_stray();
	}
}

static void vtd_faults(void)
{
	for (unsigned int i = 0; i < acpi.nr_iommus; i++) {
		const struct unit *u = &units[i];

		for (uint32_t n = 0; n < CAP_FAULTS(u->cap); n++) {
			take_fault(u, CAP_FAULTS_AT(u->cap) + n * FAULT_BYTES);
		}
		write32(u, REG_FSTS, FSTS_OVERFLOW);
	}
}

const struct iommu_ops vtd_ops = {
	.name = "IOMMU (VT-d)",
	.start = vtd_start,
	.describe = vtd_describe,
	.attach = vtd_attach,
	.block = vtd_block,
	.remap = vtd_remap,
	.line = vtd_line,
	.faults = vtd_faults,
};
