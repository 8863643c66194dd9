/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's I/O ports and what it sees in memory where nothing is mapped. No port is anybody's yet: it reads as ones, as
 * on a machine without the device. Memory that is nobody's ends the domain.
 */
#include <asm/hvm.h>
#include <hyp/domain.h>

uint32_t hvm_in(struct vcpu *v, uint16_t port, unsigned int bytes)
{
	(void)v;
	(void)port;
	return bytes == 4 ? UINT32_MAX : (1U << (8 * bytes)) - 1;
}

void hvm_out(struct vcpu *v, uint16_t port, unsigned int bytes, uint32_t value)
{
	(void)v;
	(void)port;
	(void)bytes;
	(void)value;
}

void hvm_mmio(struct vcpu *v, uint64_t at)
{
	domain_crash(v, "access to 0x%lx, where nothing is", at);
}
