/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's I/O ports. ACPI's sleep control register, by which a guest switches itself off, is everybody's; COM1's are a
 * domain's that has a UART. The others read as ones, as on a machine without the device. A wider access than the UART's
 * registers is one of that many bytes, one behind the other.
 * Spec: ACPI 5.1 section 4.8.3.7 (sleep control and status registers).
 */
#include <asm/com1.h>
#include <asm/guest_acpi.h>
#include <asm/hvm.h>
#include <hyp/domain.h>
#include <hyp/xen.h>

static bool is_uart(const struct vcpu *v, uint16_t port, unsigned int bytes)
{
	return v->domain->vpl011 != NULL && port >= V16550_PORT &&
	       port + bytes <= V16550_PORT + V16550_PORTS;
}

uint32_t hvm_in(struct vcpu *v, uint16_t port, unsigned int bytes)
{
	uint32_t value = 0;

	if (!is_uart(v, port, bytes)) {
		return bytes == 4 ? UINT32_MAX : (1U << (8 * bytes)) - 1;
	}
	for (unsigned int i = 0; i < bytes; i++) {
		value |= (uint32_t)v16550_read(&v->domain->vpl011->uart, port - V16550_PORT + i)
			 << (8 * i);
	}
	return value;
}

void hvm_out(struct vcpu *v, uint16_t port, unsigned int bytes, uint32_t value)
{
	if (is_uart(v, port, bytes)) {
		for (unsigned int i = 0; i < bytes; i++) {
			v16550_write(&v->domain->vpl011->uart, port - V16550_PORT + i,
				     (uint8_t)(value >> (8 * i)));
		}
	} else if (port == GUEST_SLEEP_PORT && bytes == 1 && (value & GUEST_SLEEP_ENABLE) != 0) {
		domain_shutdown(v->domain, SHUTDOWN_poweroff);
	}
}
