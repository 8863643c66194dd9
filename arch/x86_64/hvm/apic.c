/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the virtual local APIC asks of the machine: time, wake-ups, other vCPUs' starts. Its clock is ours; its guest's TSC
 * is hvm/tsc.c's.
 *
 * An INIT is taken by its vCPU's own CPU; until a SIPI comes that vCPU is offline.
 */
#include <asm/arch.h>
#include <asm/com1.h>
#include <asm/hvm.h>
#include <asm/insn.h>
#include <asm/vlapic.h>
#include <hyp/arch/time.h>
#include <hyp/arch/trap.h>
#include <hyp/domain.h>
#include <hyp/percpu.h>

static struct vcpu *vcpu_of(struct vlapic *l)
{
	return container_of(l, struct vcpu, arch.vlapic);
}

uint64_t vlapic_hw_now_ns(const struct vlapic *l)
{
	(void)l;
	return arch_now_ns();
}

static void on_timer(struct soft_timer *t)
{
	vlapic_timer(&container_of(t, struct vcpu, arch.apic_timer)->arch.vlapic);
}

/* A timer is its CPU's: where a domain is reset from another one it is left, and goes off for nothing. */
void vlapic_hw_timer(struct vlapic *l, uint64_t ns)
{
	struct vcpu *v = vcpu_of(l);

	if (v->cpu == this_cpu()->id) {
		soft_timer_start(&v->arch.apic_timer, ns == UINT64_MAX ? TIMER_OFF : ns, on_timer);
	}
}

void vlapic_hw_kick(struct vlapic *l)
{
	hvm_wake(vcpu_of(l));
}

void vlapic_hw_init(struct vlapic *l)
{
	struct vcpu *v = vcpu_of(l);

	if (!__atomic_load_n(&v->arch.awaits_sipi, __ATOMIC_ACQUIRE)) {
		__atomic_store_n(&v->arch.must_init, true, __ATOMIC_SEQ_CST);
		hvm_wake(v);
	}
}

void apic_take_init(struct vcpu *v)
{
	__atomic_store_n(&v->arch.must_init, false, __ATOMIC_RELAXED);
	vlapic_init_signal(&v->arch.vlapic);
	__atomic_store_n(&v->arch.awaits_sipi, true, __ATOMIC_RELEASE);
	vcpu_power_off(v);
}

/* The second of two finds it started; one that has not left its CPU yet waits for the next. */
void vlapic_hw_sipi(struct vlapic *l, uint8_t vector)
{
	struct vcpu *v = vcpu_of(l);

	if (__atomic_exchange_n(&v->arch.awaits_sipi, false, __ATOMIC_ACQ_REL) &&
	    vcpu_power_on(v, v->id, gpa((uint64_t)vector << PAGE_SHIFT), HVM_SIPI) != 0) {
		__atomic_store_n(&v->arch.awaits_sipi, true, __ATOMIC_RELEASE);
	}
}

unsigned int hvm_cr8_write(struct vcpu *v)
{
	uint8_t code[INSN_MAX_BYTES];
	struct hvm_modes m;
	unsigned int reg, bytes;
	size_t size;

	hvm->modes(v, &m);
	size = hvm_fetch(v, &m, code);
	bytes = insn_cr8_source(code, size, m.is_long ? INSN_64 : INSN_32, &reg);
	if (bytes == 0 || m.cpl != 0 ||
	    !vlapic_set_cr8(&v->arch.vlapic, v->arch.gpr[reg] & (m.is_long ? ~0UL : UINT32_MAX))) {
		return 0;
	}
	return bytes;
}

void vlapic_hw_eoi(struct vlapic *l, uint8_t vector)
{
	struct vpl011 *u = vcpu_of(l)->domain->vpl011;

	if (u != NULL) {
		vioapic_eoi(&u->ioapic, vector);
	}
}
