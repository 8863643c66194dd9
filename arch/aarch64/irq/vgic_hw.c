/* SPDX-License-Identifier: Apache-2.0 */
/*
 * List registers of this CPU. Their numbers are part of the instruction, hence the switches. Spec:
 * IHI 0069H 12.4.
 */
#include <asm/sysreg.h>
#include <asm/vgic.h>

#define ICH_HCR_UIE BIT(1) /* 12.4.6: at most one list register is in use */
#define EACH_LR(X) \
	X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

uint64_t vgic_hw_lr_read(unsigned int n)
{
	switch (n) {
#define READ_LR(i) \
	case i:    \
		return read_sysreg(ich_lr##i##_el2);
		EACH_LR(READ_LR)
	default:
		return 0;
	}
}

void vgic_hw_lr_write(unsigned int n, uint64_t value)
{
	switch (n) {
#define WRITE_LR(i)                                   \
	case i:                                       \
		write_sysreg(value, ich_lr##i##_el2); \
		break;
		EACH_LR(WRITE_LR)
	default:
		break;
	}
}

uint32_t vgic_hw_lr_empty(void)
{
	return (uint32_t)read_sysreg(ich_elrsr_el2);
}

unsigned int vgic_hw_nr_lrs(void)
{
	return (unsigned int)(read_sysreg(ich_vtr_el2) & 0x1f) + 1;
}

void vgic_hw_underflow(bool on)
{
	uint64_t hcr = read_sysreg(ich_hcr_el2);

	write_sysreg(on ? hcr | ICH_HCR_UIE : hcr & ~ICH_HCR_UIE, ich_hcr_el2);
}

/* ICH_AP<g>R<n>_EL2: 32 preemption levels each; with 5 bits of priority there is one of a kind, with 7 four. */
static unsigned int nr_aprs(void)
{
	return 1U << (((read_sysreg(ich_vtr_el2) >> 26) & 7) - 4);
}

void vgic_hw_state_save(struct vgic_hw_state *s)
{
	unsigned int n = nr_aprs();

	s->vmcr = read_sysreg(ich_vmcr_el2);
	s->apr[0] = read_sysreg(ich_ap0r0_el2);
	s->apr[4] = read_sysreg(ich_ap1r0_el2);
	if (n > 1) {
		s->apr[1] = read_sysreg(ich_ap0r1_el2);
		s->apr[5] = read_sysreg(ich_ap1r1_el2);
	}
	if (n > 2) {
		s->apr[2] = read_sysreg(ich_ap0r2_el2);
		s->apr[6] = read_sysreg(ich_ap1r2_el2);
		s->apr[3] = read_sysreg(ich_ap0r3_el2);
		s->apr[7] = read_sysreg(ich_ap1r3_el2);
	}
}

void vgic_hw_state_load(const struct vgic_hw_state *s)
{
	unsigned int n = nr_aprs();

	write_sysreg(s->vmcr, ich_vmcr_el2);
	write_sysreg(s->apr[0], ich_ap0r0_el2);
	write_sysreg(s->apr[4], ich_ap1r0_el2);
	if (n > 1) {
		write_sysreg(s->apr[1], ich_ap0r1_el2);
		write_sysreg(s->apr[5], ich_ap1r1_el2);
	}
	if (n > 2) {
		write_sysreg(s->apr[2], ich_ap0r2_el2);
		write_sysreg(s->apr[6], ich_ap1r2_el2);
		write_sysreg(s->apr[3], ich_ap0r3_el2);
		write_sysreg(s->apr[7], ich_ap1r3_el2);
	}
}

/* ICH_VMCR_EL2: VPMR 31:24, VENG1 1. */
unsigned int vgic_hw_priority_mask(void)
{
	uint64_t vmcr = read_sysreg(ich_vmcr_el2);

	return (vmcr & BIT(1)) != 0 ? (unsigned int)(vmcr >> 24) & 0xff : 0;
}
