/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's model-specific registers, as far as the vendor's part does not keep them: there are none. */
#include <asm/hvm.h>

bool hvm_msr_read(struct vcpu *v, uint32_t msr, uint64_t *value)
{
	(void)v;
	(void)msr;
	(void)value;
	return false;
}

bool hvm_msr_write(struct vcpu *v, uint32_t msr, uint64_t value)
{
	(void)v;
	(void)msr;
	(void)value;
	return false;
}
