// SPDX-License-Identifier: Apache-2.0
/*
 * vsmccc_call() with any numbers and arguments, from the vCPUs of a domain on the fake machine.
 *
 * Whatever is called: registers above x3 stay, the other domain does not change, no lock stays taken,
 * and a vCPU that was started starts in its domain's memory.
 */
#include <asm/psci.h>
#include <asm/vsmccc.h>
#include <hyp/arch/p2m.h>
#include <stdlib.h>
#include <world.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_CALLS 64
#define FILLER	  0x5a5a5a5a5a5a5a5aUL

/* One call, as it lies in the input. */
struct record {
	uint32_t fn;
	uint16_t vcpu;
	uint16_t is_odd; /* bit 0: the argument is as it stands, else made likely, for x1 to x3 */
	uint64_t a[3];
};

static struct domain *one, *two;
static struct domain one_before, two_before;
static struct vcpu vcpu_before[PLAN_MAX_VCPUS];
static struct smccc_facts facts;

const struct smccc_facts *smccc_facts(void)
{
	return &facts;
}

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	world_setup(2);
	one = domain_get(1);
	two = domain_get(2);
	one_before = *one;
	two_before = *two;
	for (uint32_t i = 0; i < one->nr_vcpus; i++) {
		vcpu_before[i] = *one->vcpus[i];
	}
	return 0;
}

static void restore(void)
{
	*one = one_before;
	for (uint32_t i = 0; i < one->nr_vcpus; i++) {
		*one->vcpus[i] = vcpu_before[i];
	}
	host.log_len = 0;
	host.uart_len = 0;
	host.end = HOST_RUNS;
}

/* Small numbers, and places in memory: what gets further than nonsense does. */
static uint64_t argument(const struct record *r, unsigned int i)
{
	if ((r->is_odd >> i & 1) != 0) {
		return r->a[i];
	}
	return i == 1 ? GUEST_RAM0_BASE + (uint32_t)(r->a[i] % (16 * MIB)) : r->a[i] % 4;
}

static void check_vcpus(void)
{
	enum p2m_type type;
	paddr_t pa;

	for (uint32_t i = 0; i < one->nr_vcpus; i++) {
		const struct vcpu *v = one->vcpus[i];

		must(v->state == VCPU_OFFLINE || v->state == VCPU_RUNNABLE);
		if (v->arch.entry != vcpu_before[i].arch.entry) {
			must(arch_p2m_lookup(one, gpa(v->arch.entry), &pa, &type) == 0);
			must(type == P2M_RAM);
		}
	}
}

static void make_call(const struct record *r)
{
	uint64_t x[8] = { r->fn,  argument(r, 0), argument(r, 1), argument(r, 2),
			  FILLER, FILLER,	  FILLER,	  FILLER };
	struct vcpu *v = one->vcpus[r->vcpu % one->nr_vcpus];
	bool waits = false;

	HOST_ENDS(waits = vsmccc_call(v, x));
	must(host.end == HOST_RUNS || host.end == HOST_POWERED_OFF);
	must(!waits || (r->fn & ~SMCCC_64) == PSCI_CPU_SUSPEND_32);
	for (unsigned int i = 4; i < 8; i++) {
		must(x[i] == FILLER);
	}
	must(one->lock.next == one->lock.owner);
	must(memcmp(two, &two_before, sizeof(*two)) == 0);
	check_vcpus();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record r;

	restore();
	if (size > 0) {
		facts = (struct smccc_facts){ { data[0] % 4 - 2, data[0] / 4 % 4 - 2,
						data[0] / 16 % 4 - 2 },
					      data[0] >= 128,
					      1,
					      2 };
	}
	for (int i = 0; i < MAX_CALLS && size >= sizeof(r) && domain_is_running(one); i++) {
		memcpy(&r, data, sizeof(r));
		data += sizeof(r);
		size -= sizeof(r);
		make_call(&r);
	}
	return 0;
}
