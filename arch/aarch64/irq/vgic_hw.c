/* SPDX-License-Identifier: Apache-2.0 */
/* What the model asks of the machine, answered by the board's interrupt controller. */
#include <asm/arch.h>
#include <hyp/arch/cpu.h>
#include <hyp/percpu.h>

#define HCR_UIE (1U << 1) /* IHI 0069H 12.4.6: at most one list register is in use */

uint64_t vgic_hw_lr_read(unsigned int n)
{
	return gic->lr_read(n);
}

void vgic_hw_lr_write(unsigned int n, uint64_t value)
{
	gic->lr_write(n, value);
}

uint32_t vgic_hw_lr_empty(void)
{
	return gic->lr_empty();
}

unsigned int vgic_hw_nr_lrs(void)
{
	return gic->nr_lrs();
}

void vgic_hw_deactivate(unsigned int intid)
{
	gic_deactivate(intid);
}

void vgic_hw_ppi_enable(unsigned int cpu, unsigned int intid, bool enable)
{
	gic->ppi_enable(cpu, intid, enable);
}

void vgic_hw_ppi_pend(unsigned int cpu, unsigned int intid, bool pend)
{
	gic->ppi_pend(cpu, intid, pend);
}

bool vgic_hw_ppi_unpend(unsigned int intid)
{
	return gic->ppi_unpend(intid);
}

void vgic_hw_kick(unsigned int cpu)
{
	if (cpu != this_cpu()->id) {
		arch_cpu_kick(cpu);
	}
}

void vgic_hw_underflow(bool on)
{
	uint32_t hcr = gic->hcr_read();

	gic->hcr_write(on ? hcr | HCR_UIE : hcr & ~HCR_UIE);
}

void vgic_hw_spi_route(unsigned int intid, unsigned int cpu)
{
	gic->route(intid, cpu);
}

void vgic_hw_ppi_activate(unsigned int cpu, unsigned int intid)
{
	(void)cpu; /* ours */
	gic->ppi_activate(intid);
}

void vgic_hw_state_save(struct vgic_hw_state *s)
{
	gic->state_save(s);
}

void vgic_hw_state_load(const struct vgic_hw_state *s)
{
	gic->state_load(s);
}

unsigned int vgic_hw_priority_mask(void)
{
	return gic->priority_mask();
}
