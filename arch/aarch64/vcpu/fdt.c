/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The architecture's nodes of a guest's device tree. Spec: the Linux bindings arm/cpus.yaml,
 * arm/psci.yaml, timer/arm,arch_timer.yaml, interrupt-controller/arm,gic-v3.yaml, arm,gic.yaml; places from Xen
 * public arch-arm.h.
 */
#include <hyp/arch/vcpu.h>
#include <hyp/domain.h>
#include <hyp/log.h>
#include <hyp/xen.h>
#include <libfdt.h>
#include <string.h>

#define PHANDLE_GIC 0xfde8 /* dtc gives the plan's nodes, some of which a guest gets, 1 and up */
#define GIC_PPI	    1
#define LEVEL_LOW   8

/* The first error of a sequence stays; libfdt's are negative. */
static void also(int *err, int next)
{
	if (*err == 0) {
		*err = next;
	}
}

static void text(int *err, void *fdt, const char *name, const char *value)
{
	also(err, fdt_property(fdt, name, value, (int)strlen(value) + 1));
}

static void cells(int *err, void *fdt, const char *name, const uint32_t *values, size_t count)
{
	fdt32_t out[16];

	for (size_t i = 0; i < count && i < ARRAY_SIZE(out); i++) {
		out[i] = cpu_to_fdt32(values[i]);
	}
	also(err, fdt_property(fdt, name, out, (int)(count * sizeof(fdt32_t))));
}

/* The one that a partial device tree expects. */
static uint32_t phandle_of(const struct domain *d)
{
	return d->plan->tree.fdt != NULL ? d->plan->tree.controller : PHANDLE_GIC;
}

static void cpus_node(int *err, void *fdt, const struct domain *d)
{
	char name[16];

	also(err, fdt_begin_node(fdt, "cpus"));
	also(err, fdt_property_u32(fdt, "#address-cells", 1));
	also(err, fdt_property_u32(fdt, "#size-cells", 0));
	for (uint32_t i = 0; i < d->nr_vcpus; i++) {
		(void)hyp_snprintf(name, sizeof(name), "cpu@%x", i);
		also(err, fdt_begin_node(fdt, name));
		text(err, fdt, "compatible", "arm,armv8");
		text(err, fdt, "device_type", "cpu");
		text(err, fdt, "enable-method", "psci");
		also(err, fdt_property_u32(fdt, "reg", i));
		also(err, fdt_end_node(fdt));
	}
	also(err, fdt_end_node(fdt));
}

static void psci_node(int *err, void *fdt)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

	also(err, fdt_begin_node(fdt, "psci"));
	also(err, fdt_property(fdt, "compatible", compatible, sizeof(compatible)));
	text(err, fdt, "method", "hvc");
	also(err, fdt_end_node(fdt));
}

/* Order: secure, non-secure, virtual, hypervisor; only the virtual one can be used. */
static void timer_node(int *err, void *fdt)
{
	static const uint32_t irqs[] = {
		GIC_PPI,   13, LEVEL_LOW, GIC_PPI, 14, LEVEL_LOW, GIC_PPI, VGIC_PPI_VTIMER - 16,
		LEVEL_LOW,
	};

	also(err, fdt_begin_node(fdt, "timer"));
	text(err, fdt, "compatible", "arm,armv8-timer");
	cells(err, fdt, "interrupts", irqs, ARRAY_SIZE(irqs));
	also(err, fdt_property(fdt, "always-on", NULL, 0));
	also(err, fdt_end_node(fdt));
}

/* @rest: GICv3: redistributors; GICv2: CPU interface. */
static void gic_reg(int *err, void *fdt, uint64_t dist, uint64_t dist_size, uint64_t rest,
		    uint64_t rest_size)
{
	const uint32_t reg[] = {
		0, (uint32_t)dist, 0, (uint32_t)dist_size,
		0, (uint32_t)rest, 0, (uint32_t)rest_size,
	};

	cells(err, fdt, "reg", reg, ARRAY_SIZE(reg));
}

static void gic_node(int *err, void *fdt, const struct domain *d)
{
	char name[40];

	(void)hyp_snprintf(name, sizeof(name), "interrupt-controller@%lx",
			   (unsigned long)GUEST_GICD_BASE); /* GICv3's is the same */
	also(err, fdt_begin_node(fdt, name));
	if (d->arch.vgic.is_v2) {
		static const char compatible[] = "arm,gic-400\0arm,cortex-a15-gic";

		also(err, fdt_property(fdt, "compatible", compatible, sizeof(compatible)));
		gic_reg(err, fdt, GUEST_GICD_BASE, GUEST_GICD_SIZE, GUEST_GICC_BASE,
			GUEST_GICC_SIZE);
	} else {
		text(err, fdt, "compatible", "arm,gic-v3");
		gic_reg(err, fdt, GUEST_GICV3_GICD_BASE, GUEST_GICV3_GICD_SIZE,
			GUEST_GICV3_GICR0_BASE, VGIC_GICR_STRIDE * d->nr_vcpus);
	}
	also(err, fdt_property_u32(fdt, "#interrupt-cells", 3));
	also(err, fdt_property_u32(fdt, "#address-cells", 0));
	also(err, fdt_property(fdt, "interrupt-controller", NULL, 0));
	also(err, fdt_property_u32(fdt, "phandle", phandle_of(d)));
	also(err, fdt_end_node(fdt));
}

int arch_domain_fdt(struct domain *d, void *fdt)
{
	int err = 0;

	also(&err, fdt_property_u32(fdt, "interrupt-parent", phandle_of(d)));
	cpus_node(&err, fdt, d);
	psci_node(&err, fdt);
	timer_node(&err, fdt);
	gic_node(&err, fdt, d);
	return err;
}
