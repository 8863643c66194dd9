/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building domains from the plan and the verified images, once, on the boot CPU, before any of them runs.
 *
 * Nothing is computed that the build host could have decided: machine memory, CPUs and images are the plan's.
 * Spec: Xen public arch-arm.h for the guest's memory map.
 */
#include "internal.h"

#include <hyp/arch/p2m.h>
#include <hyp/arch/vcpu.h>
#include <hyp/console.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/gnttab.h>
#include <hyp/lifecycle.h>
#include <hyp/log.h>
#include <hyp/pool.h>
#include <hyp/vpl011.h>
#include <hyp/wallclock.h>
#include <hyp/xen.h>

static int build_ram(struct domain *d)
{
	unsigned int i;
	int rc = ram_lay_out(d);

	if (rc != 0) {
		return rc;
	}
	for (i = 0; i < d->nr_ram; i++) {
		rc = arch_p2m_map(d, gpa(d->ram[i].gpa), paddr(d->ram[i].pa), d->ram[i].size,
				  P2M_RAM);
		if (rc != 0) {
			return rc;
		}
	}
	return ram_begin(d);
}

static int build_vcpus(struct domain *d)
{
	uint32_t i;
	int rc;

	for (i = 0; i < d->nr_vcpus; i++) {
		struct vcpu *v = pool_alloc(sizeof(*v));

		if (v == NULL) {
			return -ENOMEM;
		}
		v->domain = d;
		v->id = i;
		v->cpu = d->plan->cpus[i];
		vcpu_runstate_init(v);
		d->vcpus[i] = v;
		rc = arch_vcpu_init(v);
		if (rc == 0) {
			rc = sched_add(v);
		}
		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

void domain_begin_life(struct domain *d)
{
	wallclock_set(d);
	d->vm_assist = 0;
	d->shared_info_gfn = UINT64_MAX;
	reservation_begin_life(d);
}

static int build_console(struct domain *d)
{
	d->console = console_client_create(d, &guest_console_ops);
	if (d->console == NULL) {
		return -ENOMEM;
	}
	return d->plan->vpl011 ? vpl011_create(d) : 0;
}

static int build_interfaces(struct domain *d)
{
	int rc = evtchn_init(d);

	if (rc == 0) {
		rc = gnttab_init(d);
	}
	if (rc == 0) {
		rc = reservation_init(d);
	}
	if (rc == 0) {
		rc = pv_init(d);
	}
	if (rc == 0) {
		rc = pv_map(d);
	}
	if (rc == 0) {
		pv_begin_life(d);
		domain_begin_life(d);
	}
	return rc == 0 ? build_console(d) : rc;
}

static int build_images(struct domain *d)
{
	struct guest_layout *at = &d->restart.layout;
	int rc = image_load(d, at);

	if (rc == 0) {
		rc = guest_info_load(d, at);
	}
	if (rc == 0) {
		arch_vcpu_set_entry(d->vcpus[0], gpa(at->kernel), at->info);
		d->vcpus[0]->has_entry = true;
	}
	return rc;
}

static int domain_build(struct domain *d)
{
	int rc = arch_p2m_init(d);

	if (rc == 0) {
		rc = arch_domain_init(d);
	}
	if (rc == 0) {
		rc = build_vcpus(d);
	}
	if (rc == 0) {
		rc = build_ram(d);
	}
	if (rc == 0) {
		rc = build_interfaces(d);
	}
	if (rc == 0) {
		rc = devices_build(d);
	}
	if (rc == 0) {
		rc = shm_build(d);
	}
	if (rc == 0) {
		rc = build_images(d);
	}
	return rc == 0 ? pv_reserve(d) : rc;
}

static struct domain *domain_alloc(const struct plan *plan, const struct plan_domain *p)
{
	struct domain *d = pool_alloc(sizeof(*d));

	if (d != NULL) {
		d->id = p->domid;
		d->name = p->name;
		d->plan = p;
		d->board = plan;
		d->restart.tree = &plan->self;
		d->state = DOMAIN_BUILDING;
		d->nr_vcpus = p->nr_vcpus;
	}
	return d;
}

int domains_build(const struct plan *plan)
{
	unsigned int i;

	for (i = 0; i < plan->nr_domains; i++) {
		const struct plan_domain *p = &plan->domains[i];
		struct domain *d = domain_alloc(plan, p);
		int rc = d == NULL ? -ENOMEM : domain_build(d);

		if (rc != 0) {
			hyp_printf("%s: cannot be built (error %d)\n", p->name, rc);
			return rc;
		}
		lifecycle_add(d);
		hyp_printf("%s: domain %u, %u vCPU%s, %llu MiB\n", d->name, d->id, d->nr_vcpus,
			   d->nr_vcpus == 1 ? "" : "s", (unsigned long long)p->memory_bytes / MIB);
	}
	return 0;
}
