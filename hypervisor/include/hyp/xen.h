/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest ABI's structures and numbers, from Xen's public headers; the only way they come in.
 *
 * __XEN_TOOLS__ asks them for the newest interface version and for the guest memory map (GUEST_*).
 */
#ifndef HYP_XEN_H
#define HYP_XEN_H

#define __XEN_TOOLS__ 1

#include <asm/xen.h> /* <xen/xen.h> for the guests' architecture */
#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

/** handle_address() - the guest virtual address in a guest handle, whose type differs with what it points to. */
#define handle_address(handle) ((uint64_t)(uintptr_t)(handle).p)

#endif
