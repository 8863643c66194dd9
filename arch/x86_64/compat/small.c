// SPDX-License-Identifier: Apache-2.0
/*
 * sched_op, vcpu_op and xen_version of 32-bit code: a structure each, or two.
 * Spec: Xen public sched.h, vcpu.h, version.h.
 */
#include "internal.h"

#include <hyp/arch/trap.h>

struct poll32 {
	uint32_t ports, nr_ports;
	uint32_t timeout[2];
};

struct singleshot32 {
	uint32_t timeout[2];
	uint32_t flags;
};

struct runstate32 {
	int32_t state;
	uint32_t entry_time[2];
	uint32_t time[4][2];
};

_Static_assert(sizeof(struct poll32) == 16 && sizeof(struct singleshot32) == 12 &&
		       sizeof(struct runstate32) == 44,
	       "xen-x86_32.h's layouts");

static uint64_t wide(const uint32_t half[2])
{
	return (uint64_t)half[1] << 32 | half[0];
}

static void narrow(uint32_t half[2], uint64_t value)
{
	half[0] = (uint32_t)value;
	half[1] = (uint32_t)(value >> 32);
}

static int64_t poll(struct compat_call *c)
{
	struct sched_poll p = { 0 };
	struct poll32 in;

	if (compat_read(c->v, &in, c->given[1], sizeof(in)) != 0) {
		return -EFAULT;
	}
	p.ports.p = (evtchn_port_t *)(uintptr_t)in.ports;
	p.nr_ports = in.nr_ports;
	p.timeout = wide(in.timeout);
	c->args[1] = compat_put(c, &p, sizeof(p), sizeof(p));
	return compat_make(c);
}

int64_t compat_sched_op(struct compat_call *c)
{
	return c->given[0] == SCHEDOP_poll ? poll(c) : compat_make(c);
}

static int64_t set_once(struct compat_call *c)
{
	struct vcpu_set_singleshot_timer t = { 0 };
	struct singleshot32 in;

	if (compat_read(c->v, &in, c->given[2], sizeof(in)) != 0) {
		return -EFAULT;
	}
	t.timeout_abs_ns = wide(in.timeout);
	t.flags = in.flags;
	c->args[2] = compat_put(c, &t, sizeof(t), sizeof(t));
	return compat_make(c);
}

static int64_t get_runstate(struct compat_call *c)
{
	struct vcpu_runstate_info r = { 0 };
	const struct vcpu_runstate_info *out;
	struct runstate32 info;
	int64_t rc;

	c->args[2] = compat_put(c, &r, sizeof(r), sizeof(r));
	rc = compat_make(c);
	if (rc != 0) {
		return rc;
	}
	out = compat_at(c, c->args[2]);
	info.state = out->state;
	narrow(info.entry_time, out->state_entry_time);
	for (unsigned int i = 0; i < ARRAY_SIZE(info.time); i++) {
		narrow(info.time[i], out->time[i]);
	}
	return compat_write(c->v, c->given[2], &info, sizeof(info));
}

/* It is written for as long as the vCPU lives, as 32-bit code lays it out. A virtual address is a pointer of its own. */
static int64_t register_runstate(struct compat_call *c)
{
	bool is_virt = c->given[0] == VCPUOP_register_runstate_memory_area;
	uint32_t addr[2] = { 0 };

	if (compat_read(c->v, addr, c->given[2], is_virt ? sizeof(addr[0]) : sizeof(addr)) != 0) {
		return -EFAULT;
	}
	return trap_register_narrow_runstate(c->v, c->given[1], wide(addr), is_virt);
}

int64_t compat_vcpu_op(struct compat_call *c)
{
	switch (c->given[0]) {
	case VCPUOP_set_singleshot_timer:
		return set_once(c);
	case VCPUOP_get_runstate_info:
		return get_runstate(c);
	case VCPUOP_register_runstate_memory_area:
	case VCPUOP_register_runstate_phys_area:
		return register_runstate(c);
	default:
		return compat_make(c);
	}
}

/* XENVER_platform_parameters answers with a word. */
int64_t compat_xen_version(struct compat_call *c)
{
	struct xen_platform_parameters p = { 0 };
	int64_t rc;
	uint32_t word;

	if (c->given[0] != XENVER_platform_parameters) {
		return compat_make(c);
	}
	c->args[1] = compat_put(c, &p, sizeof(p), sizeof(p));
	rc = compat_make(c);
	word = (uint32_t)((struct xen_platform_parameters *)compat_at(c, c->args[1]))->virt_start;
	return rc == 0 ? compat_write(c->v, c->given[1], &word, sizeof(word)) : rc;
}
