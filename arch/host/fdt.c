/* SPDX-License-Identifier: Apache-2.0 */
/* The architecture's part of a guest's device tree: CPUs, and an interrupt controller that others can name. */
#include <hyp/arch/vcpu.h>

#include <hyp/domain.h>
#include <hyp/log.h>

#include <libfdt.h>

#define PHANDLE_GIC 1U

int arch_domain_fdt(struct domain *d, void *fdt)
{
	uint32_t i;
	int err = fdt_property_u32(fdt, "interrupt-parent", PHANDLE_GIC);

	err = err != 0 ? err : fdt_begin_node(fdt, "cpus");
	for (i = 0; err == 0 && i < d->nr_vcpus; i++) {
		char name[16];

		(void)hyp_snprintf(name, sizeof(name), "cpu@%u", i);
		err = fdt_begin_node(fdt, name);
		err = err != 0 ? err : fdt_property_u32(fdt, "reg", i);
		err = err != 0 ? err : fdt_end_node(fdt);
	}
	err = err != 0 ? err : fdt_end_node(fdt);
	err = err != 0 ? err : fdt_begin_node(fdt, "interrupt-controller");
	err = err != 0 ? err : fdt_property_u32(fdt, "phandle", PHANDLE_GIC);
	return err != 0 ? err : fdt_end_node(fdt);
}
