/* SPDX-License-Identifier: Apache-2.0 */
/* Requirement: restart */
/*
 * Restart: a dead domain is built again from its images, in the turns of its own first vCPU, step by step.
 *
 * A step touches at most 64 KiB of memory, or 16 KiB where it computes a digest too; between two of them that CPU takes
 * its interrupts, and no lock is held, so nobody else waits. What belongs to the hypervisor (vCPUs, pages shared with the guest, rings) is kept and cleared, so
 * that a restart needs no memory that the domain did not have before. Every image's digest is taken over the copy that
 * will run and held against the one kept since the bundle was verified.
 *
 * Lock: none over struct domain_restart: only that one CPU uses it while the domain is DOMAIN_RESTARTING.
 */
#include "internal.h"

#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/arch/time.h>
#include <hyp/arch/vcpu.h>
#include <hyp/console.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/gnttab.h>
#include <hyp/lifecycle.h>
#include <hyp/log.h>
#include <hyp/pool.h>
#include <hyp/vpl011.h>

#include <string.h>

/* A digest without SHA instructions takes some fifteen instructions a byte. */
#define LOAD_STEP_BYTES (16 * KIB)

/* A step does a piece of its work. Return: more is left of it; 0: the next step's turn; -errno. */
typedef int (*step_fn)(struct domain *d);
#define STEP_MORE 1

/* Memory that a device still writes to cannot be taken away from it: whose device that is, it will have done. */
static int step_wait(struct domain *d)
{
	if (!gnttab_is_with_devices(d)) {
		return 0;
	}
	d->restart.due_ns = arch_now_ns() + NS_PER_MS;
	return STEP_MORE;
}

/* Nothing of the last life reaches the guest's memory or interrupts from here on; event channels went with it. */
static int step_detach(struct domain *d)
{
	uint32_t i;

	for (i = 0; i < d->nr_vcpus; i++) {
		struct vcpu *v = d->vcpus[i];

		__atomic_store_n(&v->state, VCPU_OFFLINE, __ATOMIC_SEQ_CST);
		v->has_entry = false;
		vcpu_timers_forget(v);
		vcpu_runstate_init(v);
	}
	vpl011_reset(d);
	console_client_restart(d->console);
	return 0;
}

static int step_space(struct domain *d)
{
	return arch_p2m_reset(d) ? STEP_MORE : arch_domain_reset(d);
}

/* A frame at a time. */
static int step_grants(struct domain *d)
{
	return gnttab_restart(d, (uint32_t)d->restart.done++) ? STEP_MORE : 0;
}

static int step_map(struct domain *d)
{
	return ram_map_step(d, &d->restart.done);
}

static int step_devices(struct domain *d)
{
	int rc = devices_map(d);

	return rc == 0 ? shm_map(d) : rc;
}

static int step_shared(struct domain *d)
{
	return shm_clear_step(d, &d->restart.done);
}

static int step_scrub(struct domain *d)
{
	return ram_clear_step(d, &d->restart.done);
}

static int check_digest(struct domain *d, const struct plan_image *image)
{
	uint8_t sum[SHA256_BYTES];

	sha256_end(&d->restart.sum, sum);
	if (memcmp(sum, image->sha256, sizeof(sum)) == 0) {
		return 0;
	}
	hyp_printf("%s: image %s does not match its digest any more\n", d->name, image->name);
	return -EACCES;
}

/* A piece of @image; @copy puts it where it belongs and adds it to the digest. */
static int load_step(struct domain *d, const struct plan_image *image,
		     int (*copy)(struct domain *d, uint64_t done, uint64_t n))
{
	struct domain_restart *r = &d->restart;
	uint64_t n = MIN(image->size - r->done, LOAD_STEP_BYTES);
	int rc;

	if (r->done == 0) {
		sha256_begin(&r->sum);
	}
	rc = copy(d, r->done, n);
	r->done += n;
	if (rc != 0) {
		return rc;
	}
	return r->done < image->size ? STEP_MORE : check_digest(d, image);
}

static int step_kernel(struct domain *d)
{
	return load_step(d, &d->plan->kernel, image_kernel_step);
}

static int ramdisk_step(struct domain *d, uint64_t done, uint64_t n)
{
	return ram_load(d, d->restart.layout.ramdisk + done, d->plan->ramdisk.base + done, n,
			&d->restart.sum);
}

static int step_ramdisk(struct domain *d)
{
	return d->restart.layout.ramdisk_size == 0 ? 0
						   : load_step(d, &d->plan->ramdisk, ramdisk_step);
}

/* The guest's tree has the plan's words in it, which lie in the bundle. */
static int step_plan(struct domain *d)
{
	struct domain_restart *r = &d->restart;
	uint64_t n = MIN(r->tree->size - r->done, LOAD_STEP_BYTES);
	void *va = arch_map(paddr(r->tree->base + r->done), n, MAP_RO);

	if (va == NULL) {
		return -ENOMEM;
	}
	if (r->done == 0) {
		sha256_begin(&r->sum);
	}
	sha256_add(&r->sum, va, n);
	arch_unmap(va, n);
	r->done += n;
	return r->done < r->tree->size ? STEP_MORE : check_digest(d, r->tree);
}

static int step_seed(struct domain *d)
{
	guest_info_seed(d);
	return 0;
}

static int step_tree_buf(struct domain *d)
{
	d->restart.tree_buf = page_alloc(GUEST_FDT_ORDER);
	return d->restart.tree_buf == NULL ? -ENOMEM : 0;
}

static int step_tree(struct domain *d)
{
	int rc = guest_info_write(d, &d->restart.layout, d->restart.tree_buf);

	if (rc != 0) {
		guest_info_end(d->restart.tree_buf);
	}
	return rc;
}

static int step_tree_end(struct domain *d)
{
	guest_info_end(d->restart.tree_buf);
	return 0;
}

static int step_begin(struct domain *d)
{
	int rc = pv_map(d);

	if (rc == 0) {
		rc = pv_reserve(d);
	}
	if (rc == 0) {
		evtchn_domain_rebind(d);
		pv_begin_life(d);
		domain_begin_life(d);
		arch_vcpu_set_entry(d->vcpus[0], gpa(d->restart.layout.kernel),
				    d->restart.layout.info);
		d->vcpus[0]->has_entry = true;
	}
	return rc;
}

static const step_fn steps[] = {
	step_wait,     step_detach, step_space,	   step_grants,	 step_map,  step_devices,
	step_scrub,    step_shared, step_kernel,   step_ramdisk, step_plan, step_seed,
	step_tree_buf, step_tree,   step_tree_end, step_begin,
};

bool restart_is_allowed(struct domain *d)
{
	const struct plan_life *life = &d->plan->life;
	struct domain_restart *r = &d->restart;
	uint64_t now = arch_now_ns();

	if (r->count == 0 || now - r->window_ns >= life->restart_window_s * NS_PER_S) {
		r->window_ns = now;
		r->count = 0;
	}
	if (r->count >= life->restart_limit) {
		return false;
	}
	r->count++;
	return true;
}

/* The first of a window waits for the plan's time, each further one twice as long, up to a limit. */
static uint64_t backoff_ns(const struct domain *d)
{
	const struct plan_life *life = &d->plan->life;
	uint64_t ms = life->restart_backoff_ms;
	uint32_t i;

	for (i = 1; i < d->restart.count && ms < life->restart_backoff_max_ms; i++) {
		ms *= 2;
	}
	return MIN(ms, MAX(life->restart_backoff_max_ms, life->restart_backoff_ms)) * NS_PER_MS;
}

void restart_begin(struct domain *d)
{
	d->restart.step = 0;
	d->restart.done = 0;
	d->restart.due_ns = arch_now_ns() + backoff_ns(d);
}

int restart_step(struct domain *d)
{
	struct domain_restart *r = &d->restart;
	int rc = steps[r->step](d);

	if (rc == STEP_MORE) {
		return rc;
	}
	r->done = 0;
	r->step++;
	return rc == 0 && r->step < ARRAY_SIZE(steps) ? STEP_MORE : rc;
}
