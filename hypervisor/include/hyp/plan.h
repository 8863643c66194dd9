/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: what the device tree of board and domains says, checked and flattened.
 *
 * One reader, hypervisor/domain/plan.c, serves the target and the host tool, so that what
 * `ashlar check` accepts the hypervisor boots. The tree is Xen's dom0less binding; our additions are
 * properties named ashlar,*. A struct plan borrows its strings from the tree: the tree must outlive it.
 * Nothing here allocates; nothing here touches hardware.
 */
#ifndef HYP_PLAN_H
#define HYP_PLAN_H

#include <hyp/types.h>
#include <string.h>

#define PLAN_MAX_DOMAINS 32
#define PLAN_MAX_RANGES	 8
#define PLAN_MAX_CPUS	 32
#define PLAN_MAX_VCPUS	 16
#define PLAN_GICV2_CPUS	 8  /* a GICv2 names CPUs by a bit of eight */
#define PLAN_MAX_EVTCHNS 32 /* for each domain */
#define PLAN_MAX_DEVICES 32 /* of all domains */
#define PLAN_MAX_SHMS	 32 /* views, of all domains */
#define PLAN_MAX_LINKS	 32 /* PV devices, of all domains */
#define PLAN_DEVICE_REGS 4
#define PLAN_DEVICE_IRQS 8
#define PLAN_DEVICE_MAPS 8
#define PLAN_TREE_BYTES	 (32 * KIB) /* a partial device tree: the guest's own has room for it */
#define PLAN_TREE_DEPTH	 8	    /* its nodes, one below the other */
#define PLAN_MAX_FRAMES	 64	    /* of a grant table, and of maptrack */
#define PLAN_MAX_IPS	 4	    /* of a network interface */
#define PLAN_MAX_TRUNK	 16	    /* tagged VLANs of one */
#define PLAN_IF_LEN	 16	    /* a bridge's or interface's name, with its NUL */
#define PLAN_NAME_LEN	 32	    /* with its NUL */
#define PLAN_MAX_TEXT	 63	    /* of ashlar,ready-text and ashlar,stop-text */
#define PLAN_NO_CPU	 UINT32_MAX /* the vCPU has no CPU yet: before packing */

/** struct plan_range - machine memory, bytes; both multiples of 4 KiB unless said otherwise. */
struct plan_range {
	uint64_t base;
	uint64_t size;
};

/** struct plan_image - a domain's kernel or ramdisk, as it lies in the moved bundle. */
struct plan_image {
	const char *
		name; /* the `ashlar,image` property: name of the image in the bundle; NULL: none */
	uint64_t base;	    /* machine address from `reg`; 0 before packing */
	uint64_t size;	    /* bytes */
	int node;	    /* offset of the module's node in the tree */
	uint8_t sha256[32]; /* of the verified image: bundle_bring_up(); not read from the tree */
};

/** struct plan_evtchn - a domain's end of a static event channel; the other end has an entry of its own. */
struct plan_evtchn {
	uint32_t port;
	uint32_t peer_port;
	uint16_t peer; /* domid of the other end, which may be the same domain */
	int node;
};

/** enum plan_role - whose shared memory is; it is the same for all who have it. */
enum plan_role {
	PLAN_ROLE_NONE, /* not said: nobody's in particular */
	PLAN_ROLE_OWNER,
	PLAN_ROLE_BORROWER,
};

/** struct plan_shm - a domain's view of shared memory; the others who have it have an entry each, of the same id. */
struct plan_shm {
	const char *id; /* `xen,shm-id` */
	uint16_t domid;
	enum plan_role role;
	bool is_kept; /* `ashlar,keep`: not even its last domain's restart clears it */
	bool has_host;
	uint64_t host; /* machine address, the same in all entries; written by pack if absent */
	uint64_t at;   /* where the guest sees it */
	uint64_t size;
	int node;
};

/** enum plan_reset - how a device is made quiet between two owners (domain/device_reset.c). */
enum plan_reset {
	PLAN_RESET_NONE, /* nobody knows; the plan says `ashlar,no-reset` */
	PLAN_RESET_PL011,
	PLAN_RESET_PL031,
	PLAN_RESET_PL061,
	PLAN_RESET_SP804,
	PLAN_RESET_VIRTIO_MMIO,
	PLAN_RESET_SDHCI,
	PLAN_RESET_PCI, /* a function: its first registers are its configuration space, which its domain sees filtered */
};

/** struct plan_map - registers as a guest sees them, in whole pages around both. */
struct plan_map {
	struct plan_range machine; /* bytes */
	uint64_t at;		   /* where the guest sees its first byte */
};

/** struct plan_device - a device of the board that a domain has, from `ashlar,devices` or its partial device tree. */
struct plan_device {
	uint16_t domid;
	int node;      /* the board's node; without a partial tree, it is copied into the guest's */
	int tree_node; /* the partial tree's node that names it; 0: none does */
	enum plan_reset reset;
	bool is_dma;	 /* it may read and write memory by itself */
	bool is_guarded; /* an IOMMU must be in its way: its domain may not reach all memory */
	struct plan_range
		regs[PLAN_DEVICE_REGS]; /* bytes; nobody else has anything in their pages */
	uint32_t nr_regs;
	uint16_t function;			/* PCI: bus, device, function as 8, 5 and 3 bits */
	uint8_t bars[PLAN_DEVICE_REGS];		/* PCI: the base register of each but the first */
	struct plan_map maps[PLAN_DEVICE_MAPS]; /* all within the pages of regs */
	uint32_t nr_maps;
	struct {
		uint32_t intid;
		bool is_edge;
	} irqs[PLAN_DEVICE_IRQS];
	uint32_t nr_irqs;
};

/** struct plan_tree - what a domain's tree has of somebody else's making: its module "multiboot,device-tree". */
struct plan_tree {
	const char *name;    /* `ashlar,image`; NULL after packing */
	int node;	     /* of the module; 0: none */
	const void *fdt;     /* the tree itself, a property of the module; NULL: none */
	uint32_t controller; /* the phandle by which its nodes know the interrupt controller */
};

/**
 * PLAN_TREE_NODE() - a node of a domain's partial tree, as reports name it; offsets in the plan's own are smaller.
 * PLAN_TREE_DOMID() - whose it is, 0: the plan's. PLAN_TREE_OFFSET() - its offset there.
 */
#define PLAN_TREE_NODE(domid, offset) ((int)(domid) << 24 | (offset))
#define PLAN_TREE_DOMID(node)	      ((node) < 0 ? 0 : (node) >> 24)
#define PLAN_TREE_OFFSET(node)	      ((node)&0xffffff)

/** PLAN_DOMAIN_BIT() - a domain in a set of domains. */
#define PLAN_DOMAIN_BIT(domid) (1U << ((domid)-1U))
_Static_assert(PLAN_MAX_DOMAINS <= 32, "a set of domains is 32 bits");

/** struct plan_pv - a domain's part in devices that are made of shared memory and event channels. */
struct plan_pv {
	bool is_store; /* `ashlar,store`: it serves the xenstore of the others */
	bool is_io; /* `ashlar,io`: it serves disks and networks of the others, unless they name another */
	bool has_store;	       /* `xen,enhanced`, or a PV device of which it is an end */
	bool refuses_store;    /* `xen,enhanced` says that it wants none */
	uint16_t store;	       /* domid of its store, where it has one */
	uint32_t store_port;   /* its end of the channel to the store, the same in every life */
	uint32_t stop_port;    /* the store's: there it hears that this domain is to stop */
	bool has_console;      /* `xen,enhanced`: a PV console, served by the hypervisor */
	uint32_t console_port; /* its end of that channel, the same in every life */
	/* Nothing is there in its physical space: Linux puts others' pages there. Size 0: it has none. */
	struct plan_range free;
	uint32_t backends;	  /* who may use what it grants and make channels with it: a set */
	uint32_t grant_frames;	  /* `max_grant_frames`: of its grant table, 512 grants each */
	uint32_t grant_version;	  /* `max_grant_version`: 1 or 2, what its guest may choose */
	uint32_t maptrack_frames; /* `max_maptrack_frames`: 256 mappings of others' grants each */
};

/** enum plan_link_kind - what a PV device is. Each kind has its reader: plan_disk.c, plan_net.c. */
enum plan_link_kind {
	PLAN_LINK_DISK, /* "vbd" in the store */
	PLAN_LINK_NET,	/* "vif" */
};

/** struct plan_disk - what is said of a disk. */
struct plan_disk {
	const char *source; /* as written: "PARTLABEL=...", "PARTUUID=...", "RAM=..." or "SLOT" */
	const char *target; /* "xvda": what Linux calls it */
	uint32_t ram_mib;   /* of "RAM=" */
	const char *verity; /* "<data blocks> <root hash> <salt>", or NULL: nobody verifies it */
	bool is_writable;
};

/** struct plan_ip - an address in network order; @len 4 or 16. */
struct plan_ip {
	uint8_t len;
	uint8_t bytes[16];
};

/* A source that is no disk: by writing there a domain says that the slot in use may stay (rootfs/backends/io/slot.h). */
#define PLAN_DISK_SLOT "SLOT"

/* Of a domain: the hardware watchdog is fed only while it is not down for good. */
#define PLAN_VOUCHES "ashlar,vouches"

/* Host only: what its front end verifies it by, by dm-verity; pack writes it onto the command line. */
#define PLAN_DISK_VERITY "ashlar,verity"

/* What pack writes beside a disk's words: Linux's number of the target. */
#define PLAN_DISK_NUMBER "ashlar,number"

/*
 * What pack writes beside a network interface's words, for the target, which does not read these. Cells of the port: MAC
 * address (2), bytes (2) in each so many microseconds, VLAN, whether any MAC address may be used.
 */
#define PLAN_NET_PORT  "ashlar,port"
#define PLAN_NET_RATE  "ashlar,rate"	  /* "bytes,microseconds" */
#define PLAN_NET_IPS   "ashlar,addresses" /* 17 bytes each: its length, the address */
#define PLAN_NET_TRUNK "ashlar,trunk"

/* Of the domain with `ashlar,io`: the bridge that the board's network device is plugged into, and its tagged VLANs. */
#define PLAN_UPLINK	  "ashlar,uplink"
#define PLAN_UPLINK_TRUNK "ashlar,uplink-trunk"

/** struct plan_net - what is said of a network interface. Only the build host reads it: domain/packed_link.c. */
struct plan_net {
	const char *bridge;
	const char *vifname;  /* NULL: "vif<domid>.<number>" */
	uint64_t mac;	      /* the first byte of six is the highest; 0: an error */
	bool may_use_any_mac; /* `ashlar,any-mac` */
	uint32_t nr_ips;      /* 0: it may use any */
	struct plan_ip ips[PLAN_MAX_IPS];
	uint64_t rate_bytes; /* in each rate_us; 0: no limit */
	uint32_t rate_us;
	uint16_t vlan; /* `ashlar,vlan`: of untagged frames */
	uint32_t nr_trunk;
	uint16_t trunk[PLAN_MAX_TRUNK]; /* `ashlar,trunk` */
};

/* A MAC address as text: a format and its arguments. */
#define PLAN_MAC_FORMAT	      "%02x:%02x:%02x:%02x:%02x:%02x"
#define PLAN_MAC_BYTE(mac, i) ((uint32_t)((mac) >> (8 * (i))) & 255U)
#define PLAN_MAC_ARGS(mac)                                                   \
	PLAN_MAC_BYTE(mac, 5), PLAN_MAC_BYTE(mac, 4), PLAN_MAC_BYTE(mac, 3), \
		PLAN_MAC_BYTE(mac, 2), PLAN_MAC_BYTE(mac, 1), PLAN_MAC_BYTE(mac, 0)

/** struct plan_link - a PV device: what @front has of @back. Nothing else lets the two use each other's pages and events. */
struct plan_link {
	enum plan_link_kind kind;
	uint16_t front;	 /* domids */
	uint16_t back;	 /* 0: none was found, which is an error */
	uint32_t number; /* its name in the store; of a disk, Linux's number of the target */
	int node;
	struct plan_disk disk;
	struct plan_net net;
};

/*
 * What `ashlar,io` takes of its domain's memory, its RAM disks apart: the program, and what each disk has in flight.
 * rootfs/backends/io keeps within it.
 */
#define PLAN_IO_BASE_KIB 3072U
#define PLAN_IO_LINK_KIB 256U

/** enum plan_scheduler - who decides where vCPUs share a CPU; `ashlar,scheduler` of /chosen. */
enum plan_scheduler {
	PLAN_PINNED, /* nobody: each has a CPU of its own */
	PLAN_FAIR_SHARE,
	PLAN_TIME_TABLE,
};

/* `ashlar,weight`: as Xen's schedulers have it. */
#define PLAN_DEFAULT_WEIGHT 256U
#define PLAN_MAX_WEIGHT	    65535U

/* `ashlar,major-frame-us` and `ashlar,windows`, in microseconds. */
#define PLAN_MIN_FRAME_US    1000U
#define PLAN_MAX_FRAME_US    10000000U
#define PLAN_MIN_WINDOW_US   100U
#define PLAN_MAX_WINDOWS     8	/* of a domain */
#define PLAN_MAX_CPU_WINDOWS 16 /* of all that are on a CPU */

/** struct plan_window - when a domain has its CPUs, from the major frame's begin. */
struct plan_window {
	uint32_t from_us;
	uint32_t length_us;
};

/** struct plan_time - a domain's part of the time table. */
struct plan_time {
	uint32_t frame_us;   /* `ashlar,major-frame-us` of /chosen: the table repeats itself so */
	uint32_t nr_windows; /* 0: it runs whenever it can */
	struct plan_window windows[PLAN_MAX_WINDOWS]; /* `ashlar,windows`, in order */
};

/** enum plan_action - what follows the end of a domain. */
enum plan_action {
	PLAN_STOP,	   /* it stays down */
	PLAN_RESTART,	   /* built again from its images, within the limit */
	PLAN_REBOOT_BOARD, /* everything starts again */
};

/** enum plan_end - how a domain ends; a property `ashlar,on-...` each. */
enum plan_end {
	PLAN_ON_CRASH,
	PLAN_ON_REBOOT,
	PLAN_ON_POWEROFF,
	PLAN_ON_WATCHDOG,
	PLAN_ON_BACKEND_LOSS, /* its store says that it lost what it needs */
	PLAN_ENDS
};

/** struct plan_life - a domain's ends. */
struct plan_life {
	enum plan_action on[PLAN_ENDS];
	bool ends_on_loss; /* `ashlar,on-backend-loss` is said; else its store may not end it */
	uint32_t restart_limit;	     /* `ashlar,restart-limit`: at most so many restarts ... */
	uint32_t restart_window_s;   /* ... in this time, which begins with the first of them */
	uint32_t restart_backoff_ms; /* `ashlar,restart-backoff-ms`: from an end to the restart */
	/* `ashlar,restart-backoff-max-ms`: it doubles with each restart of the window, up to this */
	uint32_t restart_backoff_max_ms;
};

/** enum plan_ready - by what sign a domain is ready, so that those after it may start: `ashlar,ready`. */
enum plan_ready {
	PLAN_READY_STARTED,  /* it runs */
	PLAN_READY_DELAY,    /* it has run for ready_after_ms */
	PLAN_READY_WATCHDOG, /* it has armed a watchdog: SCHEDOP_watchdog */
	PLAN_READY_EVENT,    /* it has sent on one of the plan's event channels */
	PLAN_READY_CONSOLE,  /* it has written ready_text within a line of its console */
};

/** struct plan_order - when a domain starts, and how it is asked to stop. */
struct plan_order {
	uint32_t after; /* `ashlar,start-after`: not before all of these are ready, a set */
	enum plan_ready ready;
	const char *ready_text; /* `ashlar,ready-text`; NULL: none */
	uint32_t
		ready_after_ms; /* `ashlar,ready-after-ms`: ready then without a sign too; 0: never */
	const char *
		stop_text; /* `ashlar,stop-text`, typed at its console; NULL: its store asks it, if any */
	uint32_t stop_within_ms; /* `ashlar,stop-within-ms`: then it is stopped */
};

/** struct plan_domain - one domain; domid is its place in the plan, from 1, and never changes. */
struct plan_domain {
	char name[PLAN_NAME_LEN]; /* the node's name */
	uint16_t domid;
	uint32_t nr_vcpus; /* `cpus` */
	uint32_t cpus
		[PLAN_MAX_VCPUS]; /* vCPU i runs on CPU cpus[i] (index into plan.cpus); `ashlar,cpus` */
	uint32_t weight;	  /* `ashlar,weight`: its vCPUs' share of a shared CPU */
	struct plan_time time;
	uint64_t memory_bytes;			/* `memory`, 2 cells, KiB */
	struct plan_range mem[PLAN_MAX_RANGES]; /* `xen,static-mem`; written by pack if absent */
	uint32_t nr_mem;
	struct plan_image kernel;
	struct plan_image ramdisk;
	struct plan_evtchn evtchns[PLAN_MAX_EVTCHNS]; /* children with "xen,evtchn-v1" */
	uint32_t nr_evtchns;
	bool balloon;	 /* `ashlar,balloon`: it may give memory up and take it back */
	bool direct_map; /* `direct-map`: guest physical is machine for its memory */
	struct plan_tree tree;
	uint32_t first_device; /* plan.devices[]: its own, side by side */
	uint32_t nr_devices;
	uint32_t first_shm; /* plan.shms[]: its own, side by side */
	uint32_t nr_shms;
	const char *bootargs; /* of the kernel's node; "" if none */
	bool vpl011;
	struct plan_life life;
	struct plan_order order;
	struct plan_pv pv;
	int node;
};

enum plan_uart_type {
	PLAN_UART_NONE,
	PLAN_UART_MMIO, /* regs: memory; which driver that needs, the build knows (UART_* of boards/Kconfig) */
	PLAN_UART_NS16550 /* regs: I/O ports; intid: a line of the ISA bus */
};
enum plan_rtc_type {
	PLAN_RTC_NONE,
	PLAN_RTC_PL031
};
enum plan_watchdog_type {
	PLAN_WATCHDOG_NONE,
	PLAN_WATCHDOG_SP805,
	PLAN_WATCHDOG_SBSA,
	PLAN_WATCHDOG_IMX2,
	PLAN_WATCHDOG_TCO,
	PLAN_WATCHDOGS
};

/** struct plan_watchdog - the board's own, which resets it: "arm,sp805", "arm,sbsa-gwdt", "fsl,imx21-wdt" or "ashlar,intel-tco". */
struct plan_watchdog {
	enum plan_watchdog_type type;
	struct plan_range regs;	   /* SBSA: the control frame; TCO: none */
	struct plan_range refresh; /* SBSA alone */
	uint64_t clock_hz;	   /* SP805 alone: of `clocks` */
	uint32_t timeout_s;	   /* `timeout-sec` */
};

enum plan_gic_type {
	PLAN_GIC_NONE,
	PLAN_GIC_V3,
	PLAN_GIC_V2
};

/** struct plan - the board and its domains. */
struct plan {
	const void *fdt;
	const char *board; /* root `compatible`, first string */
	const char *model; /* root `model` or "" */

	struct plan_range ram[PLAN_MAX_RANGES];
	uint32_t nr_ram;
	struct plan_range reserved[PLAN_MAX_RANGES]; /* /reserved-memory of the board's own */
	uint32_t nr_reserved;
	struct plan_range crash_record; /* compatible "ashlar,crash-record"; size 0: none */
	int crash_record_node;
	struct plan_range
		hyp; /* hypervisor's memory: node with compatible "ashlar,hypervisor-memory" */
	struct plan_range bundle; /* where the bundle is kept: compatible "ashlar,bundle" */

	struct {
		enum plan_uart_type type;
		struct plan_range regs;
		uint32_t intid; /* as the interrupt controller numbers it */
	} uart;
	struct {
		enum plan_rtc_type type;
		struct plan_range regs;
	} rtc;
	struct plan_watchdog watchdog;
	uint64_t
		build_time; /* `ashlar,build-time`, seconds since 1970, written by pack; 0: not said */
	struct {
		enum plan_gic_type type;
		struct plan_range dist;
		struct plan_range redist; /* GICv3 */
		struct plan_range cpu;	  /* GICv2: CPU interface, ... */
		struct plan_range hyp;	  /* ... the hypervisor's control of the virtual one, ... */
		struct plan_range vcpu;	  /* ... and that, which guests use */
	} gic;

	uint64_t cpus[PLAN_MAX_CPUS]; /* MPIDR affinity or local APIC ID of CPU i */
	uint32_t nr_cpus;
	enum plan_scheduler scheduler;

	struct plan_image
		self; /* this tree in the bundle: bundle_bring_up(); not read from the tree */

	struct plan_domain domains[PLAN_MAX_DOMAINS];
	uint32_t nr_domains;
	struct plan_device devices[PLAN_MAX_DEVICES];
	uint32_t nr_devices;
	struct plan_shm shms[PLAN_MAX_SHMS];
	uint32_t nr_shms;
	struct plan_link links[PLAN_MAX_LINKS]; /* in the order of their front ends */
	uint32_t nr_links;
	uint32_t frame_us; /* `ashlar,major-frame-us`; 0: no time table */
};

enum plan_severity {
	PLAN_WARNING,
	PLAN_ERROR
};

/**
 * typedef plan_report_fn - receive one finding.
 * @ctx:  the caller's
 * @sev:  a plan with an error is not accepted; a warning is legal but unwise
 * @node: offset of the node concerned, -1 for the whole tree; PLAN_TREE_NODE() of a partial tree's
 * @prop: property concerned, NULL for the node itself
 * @msg:  the sentence, without file and line: object, both numbers, the way out
 */
typedef void (*plan_report_fn)(void *ctx, enum plan_severity sev, int node, const char *prop,
			       const char *msg);

/**
 * plan_read() - read and check a whole plan.
 * @fdt:    device tree, 8-byte aligned
 * @len:    bytes that may be read from @fdt
 * @packed: addresses must be there (target); false: places and images may still be open (host, before pack)
 * @plan:   filled; meaningful only on success
 * @report: called for every finding, all of them in one run; may be NULL
 * @ctx:    passed to @report
 *
 * Context: boot and host; touches nothing but its arguments.
 * Return:  0; -EINVAL if any error was reported.
 * Spec:    Xen docs/misc/arm/device-tree/booting.txt (dom0less), Devicetree Specification v0.4.
 */
int __must_check plan_read(const void *fdt, size_t len, bool packed, struct plan *plan,
			   plan_report_fn report, void *ctx);

/**
 * plan_guest_window() - the @n-th piece of @d's physical space that the hypervisor's own devices take, whole pages.
 * @what: its name. Return: false: there are no more.
 */
bool plan_guest_window(const struct plan_domain *d, uint32_t n, struct plan_range *out,
		       const char **what);

/** plan_shm_first() - the first view of the same shared memory as view @n. */
static inline uint32_t plan_shm_first(const struct plan *p, uint32_t n)
{
	uint32_t i = 0;

	while (strcmp(p->shms[i].id, p->shms[n].id) != 0) {
		i++;
	}
	return i;
}

/** plan_nearest() - the candidate closest to @name in spelling, if it is close; else NULL. @list ends with NULL. */
const char *plan_nearest(const char *name, const char *const list[]);

#endif
