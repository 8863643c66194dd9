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
