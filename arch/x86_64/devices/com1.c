// SPDX-License-Identifier: Apache-2.0
/*
 * What a plan's vpl011 is for a PC's guest: a 16550 at COM1's ports on the console's rings, and the I/O APIC that its line
 * goes to. Domains without have neither.
 */
#include <asm/com1.h>

#include <hyp/arch/uart.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/mmio.h>
#include <hyp/pool.h>

static struct domain *domain_of(const struct v16550 *u)
{
	return container_of(u, const struct vpl011, uart)->domain;
}

struct v16550_levels v16550_hw_levels(const struct v16550 *u)
{
	struct v16550_levels is;

	uart_levels(domain_of(u), &is.room, &is.waiting);
	return is;
}

void v16550_hw_put(struct v16550 *u, char c)
{
	uart_put(domain_of(u), c);
}

int v16550_hw_get(struct v16550 *u)
{
	return uart_get(domain_of(u));
}

void v16550_hw_line(struct v16550 *u, bool is_up)
{
	vioapic_set_line(&container_of(u, struct vpl011, uart)->ioapic, V16550_PIN, is_up);
}

static bool ioapic_read(struct vcpu *v, void *dev, uint64_t offset, unsigned int size,
			uint64_t *value)
{
	struct vpl011 *u = dev;

	(void)v;
	*value = vioapic_read(&u->ioapic, (uint32_t)offset, size);
	return true;
}

static bool ioapic_write(struct vcpu *v, void *dev, uint64_t offset, unsigned int size,
			 uint64_t value)
{
	struct vpl011 *u = dev;

	(void)v;
	vioapic_write(&u->ioapic, (uint32_t)offset, size, value);
	return true;
}

static const struct mmio_ops ioapic_ops = {
	.name = "I/O APIC",
	.read = ioapic_read,
	.write = ioapic_write,
};

int arch_uart_create(struct domain *d)
{
	struct vpl011 *u = pool_alloc(sizeof(*u));

	if (u == NULL) {
		return -ENOMEM;
	}
	u->domain = d;
	vioapic_init(&u->ioapic, &d->arch.apics);
	v16550_reset(&u->uart);
	d->vpl011 = u;
	return mmio_register(d, VIOAPIC_BASE, VIOAPIC_SIZE, &ioapic_ops, u);
}

void arch_uart_reset(struct domain *d)
{
	if (d->vpl011 != NULL) {
		v16550_reset(&d->vpl011->uart);
		vioapic_reset(&d->vpl011->ioapic);
	}
}

bool arch_uart_is_listening(const struct vpl011 *u)
{
	return v16550_is_listening(&u->uart);
}

void arch_uart_input(struct domain *d)
{
	if (d->vpl011 != NULL) {
		v16550_input(&d->vpl011->uart);
	}
}

void arch_uart_room(struct domain *d)
{
	if (d->vpl011 != NULL) {
		v16550_room(&d->vpl011->uart);
	}
}
