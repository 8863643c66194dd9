/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan's reader, private to hypervisor/domain/plan*.c. Every function reports what it finds and goes on,
 * so that one run says all; what could not be read is left zero and later checks leave it out.
 */
#ifndef DOMAIN_PLAN_READER_H
#define DOMAIN_PLAN_READER_H

#include <hyp/plan.h>
#include <libfdt.h>

#define PLAN_MSG_LEN	  320
#define PLAN_MAX_BOOTARGS 2047 /* Linux's COMMAND_LINE_SIZE on arm64, less its NUL */

struct plan_reader {
	const void *fdt;
	struct plan *plan;
	bool packed;
	unsigned int errors;
	plan_report_fn report;
	void *ctx;
};

/** plan_error() / plan_warn() - report one finding on @node's @prop (NULL: the node). */
void plan_error(struct plan_reader *r, int node, const char *prop, const char *fmt, ...)
	__printf(4, 5);
void plan_warn(struct plan_reader *r, int node, const char *prop, const char *fmt, ...)
	__printf(4, 5);

/**
 * plan_error_at() / plan_warn_at() - the same without words.
 *
 * With PLAN_IS_BRIEF the texts are left out: on the target, for a plan comes there through the host tool, which read
 * it with this code and said why. They would be an eighth of the hypervisor.
 */
void plan_error_at(struct plan_reader *r, int node, const char *prop);
void plan_warn_at(struct plan_reader *r, int node, const char *prop);

/* An analyser would find what only the texts use to be of no use. */
#if defined(PLAN_IS_BRIEF) && !defined(__clang_analyzer__)
#define plan_error(r, node, prop, ...)                            \
	do {                                                      \
		if (false) {                                      \
			(plan_error)(r, node, prop, __VA_ARGS__); \
		}                                                 \
		plan_error_at(r, node, prop);                     \
	} while (0)
#define plan_warn(r, node, prop, ...)                            \
	do {                                                     \
		if (false) {                                     \
			(plan_warn)(r, node, prop, __VA_ARGS__); \
		}                                                \
		plan_warn_at(r, node, prop);                     \
	} while (0)
#endif

/* Properties. All are false, with an error reported, when the property has another length; absent: false, silently. */
bool plan_u32(struct plan_reader *r, int node, const char *prop, uint32_t *value);
bool plan_u64(struct plan_reader *r, int node, const char *prop, uint64_t *value);

/** plan_string() - a NUL-terminated, non-empty string; NULL when absent or malformed (reported). */
const char *plan_string(struct plan_reader *r, int node, const char *prop);

/** plan_is_compatible() - does @node's compatible list contain @what? */
bool plan_is_compatible(const struct plan_reader *r, int node, const char *what);

/** plan_cells() - #address-cells and #size-cells of @node must both be 2. Return: false, reported, if not. */
bool plan_cells(struct plan_reader *r, int node);

/** plan_ranges() - read (address, size) pairs of two cells each. Return: number read, at most @max (more is reported). */
uint32_t plan_ranges(struct plan_reader *r, int node, const char *prop, struct plan_range *out,
		     uint32_t max);

/** plan_is_page_range() - is it non-empty, 4 KiB aligned and free of overflow? Reported if not. */
bool plan_is_page_range(struct plan_reader *r, int node, const char *prop,
			const struct plan_range *range);

/*
 * What goes by the board's interrupt controller, and with it by its architecture: board_gic.c, board_apic.c. One of
 * them is linked; with plan_guest_window() of hyp/plan.h.
 */
extern const uint64_t plan_cpu_id_bits;		    /* that a CPU's reg may have */
extern const struct plan_range plan_guest_banks[2]; /* where a domain sees its memory */

/** plan_read_controller() - the interrupt controller. Context: after the CPUs. */
void plan_read_controller(struct plan_reader *r);

/** plan_read_uart() - the console at @node: its kind, its registers, its interrupt. */
void plan_read_uart(struct plan_reader *r, int node);

/**
 * plan_read_function() - is @dev on a bus of functions, where its node does not say registers as others do?
 * Return: 1 it was read, to be reset by PLAN_RESET_PCI; 0 it is not; -1, reported.
 */
int plan_read_function(struct plan_reader *r, const struct plan_domain *d, struct plan_device *dev);

/** plan_read_pci() - the same, for PCI. */
int plan_read_pci(struct plan_reader *r, const struct plan_domain *d, struct plan_device *dev);

/** plan_check_guest() - is there something in @d that no guest of such a board can have? */
void plan_check_guest(struct plan_reader *r, const struct plan_domain *d);

/** plan_overlap() - do two ranges share a byte? */
bool plan_overlap(const struct plan_range *a, const struct plan_range *b);

/** plan_check_props() - every property of @node must be in the table for its kind; the nearest name is suggested. */
enum plan_node_kind {
	PLAN_NODE_DOMAIN,
	PLAN_NODE_MODULE,
	PLAN_NODE_EVTCHN,
	PLAN_NODE_SHM,
	PLAN_NODE_DISK,
	PLAN_NODE_NET,
	PLAN_NODE_TREE
};
void plan_check_props(struct plan_reader *r, int node, enum plan_node_kind kind,
		      const char *object);

/* Names are looked at where they are written: on the build host. */
#if defined(PLAN_IS_BRIEF) && !defined(__clang_analyzer__)
#define plan_check_props(r, node, kind, object) ((void)(object))
#define plan_nearest(name, list)		((void)(name), (void)(list), (const char *)NULL)
#endif

/** plan_read_evtchn() - one child of a domain with compatible "xen,evtchn-v1". */
void plan_read_evtchn(struct plan_reader *r, struct plan_domain *d, int node);

/** plan_check_evtchns() - find each channel's other end; after all domains are read. */
void plan_check_evtchns(struct plan_reader *r);

/** plan_read_devices() - the board's devices that @d has; what concerns that device alone is checked. */
void plan_read_devices(struct plan_reader *r, struct plan_domain *d, int node);

/** plan_said_at() - the node by which the user gave a device. */
int plan_said_at(const struct plan_reader *r, const struct plan_device *dev);

/**
 * plan_begin_device() - look at a node of the board as @d's next device: its registers and interrupts.
 * @tree_node: of @d's partial tree, which names it; 0: `ashlar,devices` does
 * Return: the device, whose maps are still to come; NULL, reported: it cannot be given.
 */
struct plan_device *plan_begin_device(struct plan_reader *r, struct plan_domain *d, int node,
				      int tree_node);

/** plan_end_device() - it is @d's. @is_forced: its partial tree says that it needs no IOMMU. */
void plan_end_device(struct plan_reader *r, struct plan_domain *d, struct plan_device *dev,
		     bool is_forced);

/** plan_read_tree() - one child of a domain with compatible "multiboot,device-tree"; after plan_read_devices(). */
void plan_read_tree(struct plan_reader *r, struct plan_domain *d, int node);

/** plan_reg() - read one number of @cells cells, 1 or 2, and go on to the next. */
uint64_t plan_reg(const fdt32_t **p, int cells);

/** plan_check_devices() - no device, page of registers or interrupt has two owners; after all domains are read. */
void plan_check_devices(struct plan_reader *r);

/** plan_read_shm() - one child of a domain with compatible "xen,domain-shared-memory-v1". */
void plan_read_shm(struct plan_reader *r, struct plan_domain *d, int node);

/** plan_check_shms() - the views of each shared memory agree; after all domains are read. */
void plan_check_shms(struct plan_reader *r);

/** plan_check_space() - nothing overlaps in any domain's physical space. */
void plan_check_space(struct plan_reader *r);

/**
 * plan_find_free() - a large piece of @d's physical space that nothing is in, not even memory of the machine where
 * @d's addresses are the machine's.
 */
void plan_find_free(const struct plan_reader *r, const struct plan_domain *d,
		    struct plan_range *out);

/** plan_pages() - whole pages around @range. */
struct plan_range plan_pages(const struct plan_range *range);

/** plan_node_regs() - a board node's registers, if it stands on a bus that the CPUs see as it is. Return: how many; silent. */
uint32_t plan_node_regs(const struct plan_reader *r, int node, struct plan_range *out,
			uint32_t max);

/** plan_read_life() - what follows @d's ends: actions, limit, back-off; defaults where nothing is said. */
void plan_read_life(struct plan_reader *r, struct plan_domain *d, int node);

/** plan_read_order() - when others may start after @d, and how it is asked to stop; after its event channels. */
void plan_read_order(struct plan_reader *r, struct plan_domain *d, int node);

/** plan_check_order() - who starts after whom, by name; none after itself or what it serves. After plan_check_pv(). */
void plan_check_order(struct plan_reader *r);

/** plan_read_link() - one child of a domain that is a PV device. Return: false: it is none. */
bool plan_read_link(struct plan_reader *r, struct plan_domain *d, int node);

/** plan_check_links() - who serves each PV device; after all domains are read, before plan_check_pv(). */
void plan_check_links(struct plan_reader *r);

/** plan_link_what() - the node's name, for a message. */
const char *plan_link_what(const struct plan_reader *r, const struct plan_link *l);

/** plan_read_disk() - what is said of a disk, into @l, whose front end and node are set. */
void plan_read_disk(struct plan_reader *r, struct plan_link *l);

/** plan_check_disks() - no target twice in a domain, no source written to by one and used by another. */
void plan_check_disks(struct plan_reader *r);

/** plan_check_io() - has @io, the domain with `ashlar,io`, memory for those whom it serves? */
void plan_check_io(struct plan_reader *r, const struct plan_domain *io);

/** plan_read_net() - what is said of a network interface, into @l, whose front end and node are set. */
void plan_read_net(struct plan_reader *r, struct plan_link *l);

/** plan_check_nets() - no MAC address twice in a bridge, no name twice; bridges that there are. */
void plan_check_nets(struct plan_reader *r);

/* plan_net_words.c. Return: false: it is none. */
bool plan_parse_mac(const char *s, uint64_t *mac);
bool plan_parse_ip(const char *s, struct plan_ip *ip);

/** plan_parse_rate() - xl's "10Mb/s@50ms": @bytes in each @us. */
bool plan_parse_rate(const char *s, uint64_t *bytes, uint32_t *us);

/** plan_find_domain() - by name; NULL: there is none. */
struct plan_domain *plan_find_domain(struct plan *p, const char *name);

/** plan_report_no_domain() - @d's @prop of @node names @name, which is no domain. */
void plan_report_no_domain(struct plan_reader *r, const struct plan_domain *d, int node,
			   const char *prop, const char *name);

/** plan_read_pv() - @d's part in PV devices, from its own properties. */
void plan_read_pv(struct plan_reader *r, struct plan_domain *d, int node);

/** plan_check_pv() - who serves whom, and the defaults that follow; after all domains are read. */
void plan_check_pv(struct plan_reader *r);

/** plan_read_scheduler() - /chosen's; plan_read_weight() - @d's share; plan_check_cpus() - who is on which CPU, after both. */
void plan_read_scheduler(struct plan_reader *r);
void plan_read_weight(struct plan_reader *r, struct plan_domain *d, int node);

/** plan_read_time_table() - when each domain runs, if the plan says so; after plan_check_cpus(). */
void plan_read_time_table(struct plan_reader *r);

/** plan_read_watchdog() - the board's hardware watchdog, if it has one. */
void plan_read_watchdog(struct plan_reader *r);

void plan_read_board(struct plan_reader *r);
void plan_read_domains(struct plan_reader *r);
void plan_check_memory(struct plan_reader *r);
void plan_check_cpus(struct plan_reader *r);

#endif
