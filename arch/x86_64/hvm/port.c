/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's I/O ports. One is somebody's: ACPI's sleep control register, by which a guest switches itself off. The others
 * read as ones, as on a machine without the device.
 * Spec: ACPI 5.1 section 4.8.3.7 (sleep control and status registers).
 */
#include <asm/guest_acpi.h>
#include <asm/hvm.h>
#include <hyp/domain.h>
#include <hyp/xen.h>

uint32_t hvm_in(struct vcpu *v, uint16_t port, unsigned int bytes)
{
	(void)v;
	(void)port;
	return bytes == 4 ? UINT32_MAX : (1U << (8 * bytes)) - 1;
}

void hvm_out(struct vcpu *v, uint16_t port, unsigned int bytes, uint32_t value)
{
	if (port == GUEST_SLEEP_PORT && bytes == 1 && (value & GUEST_SLEEP_ENABLE) != 0) {
		domain_shutdown(v->domain, SHUTDOWN_poweroff);
	}
}
