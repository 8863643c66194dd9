/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that build a domain share. */
#ifndef DOMAIN_INTERNAL_H
#define DOMAIN_INTERNAL_H

#include <hyp/domain.h>

struct pci_function;

#define NS_PER_MS 1000000UL
#define NS_PER_S  1000000000UL

/* As much of a domain's memory as is touched at once while others run. */
#define RAM_STEP_BYTES (64 * KIB)

/* A guest's device tree: whole, in one piece of this size and alignment, so that it never crosses a 2 MiB boundary. */
#define GUEST_FDT_ORDER 4U
#define GUEST_FDT_BYTES (PAGE_SIZE << GUEST_FDT_ORDER)

/** devices_build() - @d's devices: made quiet, mapped, their interrupts assigned. Return: 0; -errno, logged. */
int __must_check devices_build(struct domain *d);

/** devices_map() - registers into @d's physical space, as in its first life. Return: 0; -ENOMEM. */
int __must_check devices_map(struct domain *d);

/**
 * devices_quiesce() - nothing of @d's devices goes on: interrupts masked, devices reset, interrupts un-pended and
 * inactive. Context: @d's vCPUs are off their CPUs.
 */
void devices_quiesce(struct domain *d);

/**
 * pci_build() - @d has the PCI function @dev; *out: it; NULL: it is not there. Return: 0; -errno, logged.
 * pci_map() - its memory in its domain's space, and that memory in its reach. Context: devices_map(). Return: 0; -errno.
 * pci_quiesce() - it is off, and reaches no memory.
 */
int __must_check pci_build(struct domain *d, const struct plan_device *dev,
			   struct pci_function **out);
int __must_check pci_map(struct pci_function *f);
void pci_quiesce(struct pci_function *f);

/** device_reset() - make a device quiet whose registers are at @regs. */
void device_reset(enum plan_reset how, volatile void *regs);

/**
 * guest_fdt_devices() - the nodes of @d's devices and of the clocks they name, into the tree that libfdt writes
 * sequentially at @fdt, which is in the root node. Return: 0; a negative libfdt error.
 */
int __must_check guest_fdt_devices(const struct domain *d, void *fdt);

/** guest_fdt_tree() - the nodes of @d's partial device tree, in the same way. */
int __must_check guest_fdt_tree(const struct domain *d, void *fdt);

/** typedef guest_fdt_filter_fn - is the property @name of @node of the tree @from a guest's, too? */
typedef bool (*guest_fdt_filter_fn)(const void *from, int node, const char *name);

/**
 * guest_fdt_copy_props() / guest_fdt_copy_below() - the properties of @node of @from / all nodes below it, as far as
 * @is_kept says so, into the node that is open at @fdt. The plan's reader bounded the depth of partial trees.
 * Return: 0; a negative libfdt error.
 */
int __must_check guest_fdt_copy_props(const void *from, int node, void *fdt,
				      guest_fdt_filter_fn is_kept);
int __must_check guest_fdt_copy_below(const void *from, int node, void *fdt,
				      guest_fdt_filter_fn is_kept);

/** image_load() - kernel and ramdisk of @d into its memory; fills @at. Return: 0; -ENOEXEC, -ENOMEM, logged. */
int __must_check image_load(struct domain *d, struct guest_layout *at);

/** image_kernel_step() - at a restart, @n bytes of the kernel's file from @done on, into @d's memory and its digest. Return: as ram_load(). */
int __must_check image_kernel_step(struct domain *d, uint64_t done, uint64_t n);

/** guest_info_load() - what @d is told of its machine, a device tree or the architecture's block: write it and put it at @at->info. Return: 0; -ENOMEM; -E2BIG, logged. */
int __must_check guest_info_load(struct domain *d, const struct guest_layout *at);

/** guest_info_seed() - random numbers for @d's next life, if there is a source and they are told so. */
void guest_info_seed(struct domain *d);

/**
 * guest_info_write() - the same with @buf, zeroes of GUEST_FDT_ORDER from the pool, which guest_info_end() then gives
 * back, clean.
 */
int __must_check guest_info_write(struct domain *d, const struct guest_layout *at, void *buf);
void guest_info_end(void *buf);

/**
 * ram_lay_out() - fill @d->ram: the plan's pieces get guest addresses in their order, low memory first, then the high bank;
 * with direct-map they keep the machine's.
 * Return: 0; -ENOSPC too many pieces.
 */
int __must_check ram_lay_out(struct domain *d);

/** ram_clear_range() - zeroes into machine memory of whoever, down to memory itself. Return: 0; -ENOMEM. */
int __must_check ram_clear_range(uint64_t pa, uint64_t len);

/** shm_build() - @d's shared memory: cleared by the first that has it, mapped. Return: 0; -ENOMEM. */
int __must_check shm_build(struct domain *d);

/** shm_map() - shared memory into @d's physical space, as in its first life. Return: 0; -ENOMEM. */
int __must_check shm_map(struct domain *d);

/** shm_clear_step() - at a restart, a piece of what nobody else has any more; as ram_clear_step(). */
int __must_check shm_clear_step(struct domain *d, uint64_t *done);

/** guest_fdt_shms() - /reserved-memory of @d's tree, as guest_fdt_devices(). */
int __must_check guest_fdt_shms(const struct domain *d, void *fdt);

/**
 * ram_begin() - all of @d's memory as its first life is to find it. Return: 0; -ENOMEM.
 * ram_first_life() - a piece of it, mapped: CONFIG_SCRUB_AT_BOOT says which of two files has this.
 */
int __must_check ram_begin(struct domain *d);
void ram_first_life(void *va, uint64_t len);

/**
 * ram_map_step() / ram_clear_step() - the same work as while building, a piece at a time, and always zeroes.
 * @done: bytes of @d's memory that are done, from 0; moved on
 * Return: 1 there is more; 0; -ENOMEM.
 */
int __must_check ram_map_step(struct domain *d, uint64_t *done);
int __must_check ram_clear_step(struct domain *d, uint64_t *done);

/**
 * ram_load() - @len bytes from machine address @from to @to in @d's memory, visible with caches off.
 * @sum: takes the digest of the copy; NULL: nobody wants it
 * Return: 0; -EFAULT not all RAM; -ENOMEM.
 */
int __must_check ram_load(struct domain *d, uint64_t to, uint64_t from, uint64_t len,
			  struct sha256 *sum);

/** ram_write() - the same from our own memory. */
int __must_check ram_write(struct domain *d, uint64_t to, const void *from, uint64_t len,
			   struct sha256 *sum);

/** domain_begin_life() - the wall clock in the shared page; what a guest may ask for in one life, none of it used. */
void domain_begin_life(struct domain *d);

/** reservation_init() - what `ashlar,balloon` takes, set aside. Context: building, memory laid out. Return: 0; -ENOMEM. */
int __must_check reservation_init(struct domain *d);

/** reservation_begin_life() - all of @d's memory is where it was at its first start. */
void reservation_begin_life(struct domain *d);

/** reservation_tables() - pages of translation tables that giving up any of @d's memory may cost. */
unsigned int reservation_tables(const struct domain *d);

/** pv_init() - the pages that @d shares with its servers. Context: building. Return: 0; -ENOMEM. */
int __must_check pv_init(struct domain *d);

/** pv_map() - let @d see them. Context: its address space is new. Return: 0; -ENOMEM. */
int __must_check pv_map(struct domain *d);

/** pv_reserve() - set aside what @d's own calls may cost. Context: the last step of its building. Return: 0; -ENOMEM. */
int __must_check pv_reserve(struct domain *d);

/**
 * pv_begin_life() - the pages as at a start, the grants and ports that go with them; the store may begin with them at
 * once, before @d runs. Context: building, or restarting with every port closed.
 */
void pv_begin_life(struct domain *d);

/** pv_ask_to_stop() - have @d's store write its control/shutdown. Context: no lock held. Return: false: there is none that runs. */
bool __must_check pv_ask_to_stop(const struct domain *d);

/** pv_tell_store() - @changed came or went. Context: no lock held. */
void pv_tell_store(struct domain *changed);

/** guest_tree_write() - for guests that begin with a block: @d's device tree, if it has one. Return: its bytes; 0; -E2BIG, logged. */
int __must_check guest_tree_write(const struct domain *d, void *buf, size_t room);

/** guest_fdt_pv() - what @d is told of its clients; @fdt in libfdt's sequential-write state, in the root node. Return: 0; a libfdt error. */
int __must_check guest_fdt_pv(const struct domain *d, void *fdt);

#define GUEST_FDT_LIST_BYTES 448U

/** struct guest_fdt_list - a list of strings in the making: a name, its value, and so on. */
struct guest_fdt_list {
	char text[GUEST_FDT_LIST_BYTES];
	size_t len;
};

/** guest_fdt_pair() - one more name and value. */
void guest_fdt_pair(struct guest_fdt_list *l, const char *name, const char *value);

/** guest_fdt_text() - a property that is one string. */
int __must_check guest_fdt_text(void *fdt, const char *name, const char *value);

/** guest_fdt_copy() - the plan's property @prop of @node, if it is there. */
int __must_check guest_fdt_copy(void *fdt, const struct plan *plan, int node, const char *prop);

/** guest_fdt_net() - what is particular to a network interface; @is_for_back: and what only its back end needs. */
int __must_check guest_fdt_net(const struct plan *plan, const struct plan_link *l, bool is_for_back,
			       void *fdt);

/** guest_fdt_links() - a node for each PV device that domain @back serves, 0: for each of the plan. As guest_fdt_pv(). */
int __must_check guest_fdt_links(const struct plan *plan, uint16_t back, void *fdt);

/** teardown_step() - a piece of what is undone of a dead domain. Context: the CPU of vCPU 0, no lock. Return: is there more? */
bool __must_check teardown_step(struct domain *d);

/** restart_is_allowed() - count a restart of @d, if its limit has room for one. Context: d->lock. */
bool restart_is_allowed(struct domain *d);

/** restart_begin() - before @d becomes DOMAIN_RESTARTING: nothing is done yet, the back-off runs. */
void restart_begin(struct domain *d);

/** restart_step() - the next piece. Context: the CPU of vCPU 0. Return: 1 there is more; 0 it can run; -errno it cannot. */
int __must_check restart_step(struct domain *d);

/** domain_start() - the turn of @d, which waited, has come. */
void domain_start(struct domain *d);

/** domain_give_up() - nothing runs of @d, which waited or was to be restarted, and nothing will. */
void domain_give_up(struct domain *d);

/**
 * order_go_on() - start what may start now and, when the board goes down, stop what may stop now.
 * Context: any CPU, no lock held; what others see to at the moment is left to them.
 */
void order_go_on(void);

/** order_stop_all() - the board goes down, on account of @why: no domain starts any more; order_go_on() does the rest. */
void order_stop_all(const struct domain *why);

/** order_is_stopping() - has order_stop_all() been called? */
bool order_is_stopping(void);

/**
 * telling_end() - @d ends, and what follows is known: is that said, or only counted? Context: d->lock; the others after it.
 * telling_is_on() - may its end and its return be said?
 * telling_dump() - may its registers be, too?
 * telling_rest() - say how many ends were only counted, once that may be said again.
 */
void telling_end(struct domain *d);
bool telling_is_on(struct domain *d);
bool telling_dump(struct domain *d);
void telling_rest(struct domain *d);

/** watchdog_next() - when the first watchdog of @d bites; TIMER_OFF: none is armed. */
uint64_t watchdog_next(const struct domain *d);

/** watchdogs_off() - disarm all of @d's. */
void watchdogs_off(struct domain *d);

/** domains_set_timer() - this CPU's timer to the next time at which a domain of this CPU needs it. */
void domains_set_timer(void);

#endif
