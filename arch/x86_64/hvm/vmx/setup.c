/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMX: is it there, a CPU's part, and a vCPU's control structure as a page. Ports and model-specific registers are all
 * intercepted but those that the structure switches, or that load() does.
 * Spec: Intel SDM vol. 3 sections 24.7 (enabling), 25.6 (controls), 25.11.5 (VMXON's region).
 */
#include "internal.h"

#include <hyp/arch/mm.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/pool.h>
#include <string.h>

#define MAP_READS \
	0U /* the bitmap's quarters: reads of the low 8192, of those from 0xc0000000, writes the same */
#define MAP_HIGH   0x400U
#define MAP_WRITES 0x800U
#define IO_ORDER   1 /* two pages, of 32768 ports each */

struct vmx_caps vmx_caps;
struct vmx_controls vmx_controls;

/* The guest's own, that no field holds: STAR, LSTAR, CSTAR, SFMASK, the kernel's GS. */
const uint32_t vmx_switched[VMX_NR_SWITCHED] = { 0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084,
						 0xc0000102 };
static const uint32_t own_msrs[] = { 0x174, 0x175, 0x176, 0xc0000100, 0xc0000101 };

static uint8_t *io_map, *msr_map; /* the same for all */

/* Firmware that has said nothing leaves it to us. */
static bool is_enabled(void)
{
	uint64_t control = rdmsr(MSR_FEATURE_CONTROL);

	if ((control & FEATURE_LOCKED) == 0) {
		wrmsr(MSR_FEATURE_CONTROL, control | FEATURE_LOCKED | FEATURE_VMX);
		control = rdmsr(MSR_FEATURE_CONTROL);
	}
	return (control & FEATURE_VMX) != 0;
}

static void caps_read(struct vmx_caps *c)
{
	uint32_t base = (rdmsr(MSR_VMX_BASIC) & VMX_BASIC_TRUE) != 0 ? MSR_VMX_TRUE_PIN
								     : MSR_VMX_PIN;

	c->pin = rdmsr(base);
	c->primary = rdmsr(base + 1);
	c->exit = rdmsr(base + 2);
	c->entry = rdmsr(base + 3);
	c->cr0_fixed0 = rdmsr(MSR_VMX_CR0_FIXED);
	c->cr0_fixed1 = rdmsr(MSR_VMX_CR0_FIXED + 1);
	c->cr4_fixed0 = rdmsr(MSR_VMX_CR4_FIXED);
	c->cr4_fixed1 = rdmsr(MSR_VMX_CR4_FIXED + 1);
	/* these two are there only with what they tell of */
	c->secondary = (c->primary >> 32 & VMX_PRI_SECONDARY) != 0 ? rdmsr(MSR_VMX_PRIMARY2) : 0;
	c->ept_vpid = (c->secondary >> 32 & (VMX_SEC_EPT | VMX_SEC_VPID)) != 0
			      ? rdmsr(MSR_VMX_EPT_VPID)
			      : 0;
}

static bool is_there(void)
{
	const char *lacks;

	if ((cpuid(1, 0).ecx & CPUID_1_ECX_VMX) == 0 || !is_enabled()) {
		return false;
	}
	caps_read(&vmx_caps);
	lacks = vmx_controls_make(&vmx_caps, &vmx_controls);
	if (lacks != NULL) {
		hyp_printf("PC: this CPU's VMX lacks %s", lacks);
	}
	return lacks == NULL;
}

/* Reads and writes both. */
static void let_through(uint32_t msr)
{
	uint32_t bit = msr & 0x1fff;
	uint32_t byte = (msr < 0x2000 ? 0 : MAP_HIGH) + bit / 8;

	msr_map[MAP_READS + byte] &= (uint8_t) ~(1U << (bit % 8));
	msr_map[MAP_WRITES + byte] &= (uint8_t) ~(1U << (bit % 8));
}

static int maps_create(void)
{
	io_map = page_alloc(IO_ORDER);
	msr_map = page_alloc(0);
	if (io_map == NULL || msr_map == NULL) {
		return -ENOMEM;
	}
	memset(io_map, 0xff, PAGE_SIZE << IO_ORDER);
	memset(msr_map, 0xff, PAGE_SIZE);
	for (unsigned int i = 0; i < ARRAY_SIZE(own_msrs); i++) {
		let_through(own_msrs[i]);
	}
	for (unsigned int i = 0; i < VMX_NR_SWITCHED; i++) {
		let_through(vmx_switched[i]);
	}
	return 0;
}

void vmx_maps_set(void)
{
	vmwrite(VMCS_IO_BITMAP_A, arch_virt_to_phys(io_map).v);
	vmwrite(VMCS_IO_BITMAP_B, arch_virt_to_phys(io_map + PAGE_SIZE).v);
	vmwrite(VMCS_MSR_BITMAP, arch_virt_to_phys(msr_map).v);
}

static void *region_create(void)
{
	uint32_t *page = page_alloc(0);

	if (page != NULL) {
		*page = (uint32_t)rdmsr(MSR_VMX_BASIC) & VMX_BASIC_REVISION;
	}
	return page;
}

/* Return: was it done? */
static bool on(const void *region)
{
	uint64_t pa = arch_virt_to_phys(region).v;
	bool has_failed;

	write_cr4(read_cr4() | CR4_VMXE);
	__asm__ volatile("vmxon %1" : "=@ccbe"(has_failed) : "m"(pa) : "memory");
	return !has_failed;
}

static int vmx_cpu_init(struct cpu *cpu)
{
	struct vmx_cpu *x = pool_alloc(sizeof(*x));

	if (x != NULL) {
		x->on = region_create();
	}
	if (x == NULL || x->on == NULL || (msr_map == NULL && maps_create() != 0)) {
		return -ENOMEM;
	}
	if (!is_enabled() || !on(x->on)) {
		hyp_printf("CPU %u: VMX cannot be switched on", cpu->id);
		return -EIO;
	}
	tsc_aux_init((vmx_controls.secondary & VMX_SEC_RDTSCP) != 0);
	cpu->arch.vmx = x;
	ept_flush();
	return 0;
}

static int vcpu_init(struct vcpu *v)
{
	struct vmx_vcpu *x = pool_alloc(sizeof(*x));

	v->arch.vmx = x;
	if (x != NULL) {
		x->vmcs = region_create();
	}
	return x == NULL || x->vmcs == NULL ? -ENOMEM : 0;
}

static void point_to(const struct vmx_vcpu *x)
{
	uint64_t pa = arch_virt_to_phys(x->vmcs).v;
	bool has_failed;

	__asm__ volatile("vmptrld %1" : "=@ccbe"(has_failed) : "m"(pa) : "memory");
	if (has_failed) {
		panic("VMPTRLD of 0x%lx failed", pa);
	}
}

void vmx_use(struct vmx_vcpu *x)
{
	struct vmx_cpu *cpu = this_cpu()->arch.vmx;

	if (cpu->current != x) {
		point_to(x);
		cpu->current = x;
	}
}

void vmx_renew(struct vmx_vcpu *x)
{
	uint64_t pa = arch_virt_to_phys(x->vmcs).v;

	__asm__ volatile("vmclear %0" : : "m"(pa) : "cc", "memory");
	x->is_launched = false;
	point_to(x);
	this_cpu()->arch.vmx->current = x;
}

static const struct tsc_scaler *get_scaler(void)
{
	static const struct tsc_scaler multiplier = { .fraction = 48, .bits = 64 };

	return (vmx_controls.secondary & VMX_SEC_TSC_SCALING) != 0 ? &multiplier : NULL;
}

const struct hvm_ops vmx_ops = {
	.name = "VMX",
	.is_there = is_there,
	.cpu_init = vmx_cpu_init,
	.vcpu_init = vcpu_init,
	.reset = vmx_reset,
	.load = vmx_load,
	.unload = vmx_unload,
	.enter = vmx_enter,
	.modes = vmx_modes,
	.inject = vmx_inject,
	.get = vmx_get,
	.set = vmx_set,
	.go_to = vmx_go_to,
	.step = vmx_step,
	.set_tsc = vmx_set_tsc,
	.tsc_scaler = get_scaler,
	.linear = vmx_linear,
	.back_up = vmx_back_up,
	.dump = vmx_dump,
	.flush = ept_flush,
	.p2m = { .leaf = ept_leaf, .table = EPT_R | EPT_W | EPT_X, .max_level = ept_max_level },
};
