// SPDX-License-Identifier: Apache-2.0
/* The virtual GIC under any sequence of events; what must hold is said in tests/unit/vgic_stress.c. */
#include <vgic_stress.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	vgic_stress(data, size);
	return 0;
}
