// SPDX-License-Identifier: Apache-2.0
/*
 * What an xl.cfg may say and nobody here can do, each with its reason and way out.
 * Spec: Xen docs/man/xl.cfg.5.pod.
 */
#include <string.h>

#include "xl.h"

#define NO_TOOLSTACK "there is no tool stack that would use it"
#define NO_EMULATION "no device is emulated but the UART: guests see Xen's PV devices"
#define NO_SCREEN    "there is no frame buffer, keyboard or mouse"
#define NO_NODES     "boards here have one memory node"
#define ON_X86	     "it is for x86 guests under Xen"
#define BY_LABEL \
	"write the device's label in ashlar,devices: its registers and interrupts follow from the board's tree"
#define NO_USB	      "give the guest the USB controller itself, by ashlar,devices"
#define NOT_MIGRATED  "domains stay on their board"
#define HIDDEN_MEMORY "memory is set aside when the image is built"

static const struct xl_reason reasons[] = {
	{ "acpi", "guests are told by a device tree" },
	{ "altp2m", ON_X86 },
	{ "apic", ON_X86 },
	{ "argo", "there is no Argo; domains share memory by xen,domain-shared-memory-v1" },
	{ "arm_sci", "firmware calls for power and clocks reach nobody" },
	{ "autoballoon", NO_TOOLSTACK },
	{ "bios", NO_EMULATION },
	{ "blkdev_start", "no disk is attached to find a kernel in" },
	{ "boot", NO_EMULATION },
	{ "bootloader",
	  "no boot loader looks into a guest's disk: kernel and ramdisk are in the signed image" },
	{ "bootloader_args", "no boot loader looks into a guest's disk" },
	{ "builder", NULL },
	{ "cap", "a domain has its CPUs' time by weight, without an upper bound" },
	{ "channel",
	  "no channel of this kind; guests have a console, shared memory and event channels" },
	{ "claim_mode", NO_TOOLSTACK },
	{ "cpuid", ON_X86 },
	{ "cpus_soft", "a vCPU stays on its CPU; write cpus" },
	{ "device_model_args", NO_EMULATION },
	{ "device_model_override", NO_EMULATION },
	{ "device_model_version", NO_EMULATION },
	{ "device_tree",
	  "a partial tree needs Xen's dom0less properties here (xen,reg, xen,path): README, \"Or by a partial device tree\"" },
	{ "dm_restrict", NO_EMULATION },
	{ "driver_domain", "a domain is one where another names it by ashlar,backend" },
	{ "dtdev", BY_LABEL },
	{ "event_channels", "there is one number for all domains" },
	{ "firmware",
	  "no firmware is loaded into a guest: kernel and ramdisk are in the signed image" },
	{ "force_assign_without_iommu",
	  "the domain's node must say ashlar,dma-without-iommu, after thought" },
	{ "gfx_passthru", NO_SCREEN },
	{ "gic_version", "a guest has the kind that the board has" },
	{ "hap", NULL },
	{ "init_seclabel", "there is no XSM policy: who may reach whom is the plan" },
	{ "iomem", BY_LABEL },
	{ "ioports", ON_X86 },
	{ "irqs", BY_LABEL },
	{ "keymap", NO_SCREEN },
	{ "localtime", "guests' time is UTC" },
	{ "llc_colors", "caches are not coloured" },
	{ "max_event_channels", "there is one number for all domains" },
	{ "nestedhvm", ON_X86 },
	{ "nics", NULL },
	{ "nomigrate", NULL },
	{ "nr_spis", "a guest has the interrupts of its devices" },
	{ "numa_placement", NO_NODES },
	{ "p9", "there is no file system for guests to share; give each a disk" },
	{ "pae", ON_X86 },
	{ "passthrough", "no IOMMU is driven" },
	{ "pci", "no PCI device can be given" },
	{ "pci_msitranslate", "no PCI device can be given" },
	{ "pci_permissive", "no PCI device can be given" },
	{ "pci_power_mgmt", "no PCI device can be given" },
	{ "pool", "there are no CPU pools; write cpus" },
	{ "pvcalls", "there is no back end for sockets; give the guest a network" },
	{ "pvshim", ON_X86 },
	{ "rdm", NO_EMULATION },
	{ "rtc_timeoffset", "guests' time is the board's" },
	{ "sched", NO_TOOLSTACK },
	{ "sdl", NO_SCREEN },
	{ "seclabel", "there is no XSM policy: who may reach whom is the plan" },
	{ "serial",
	  "write vuart = \"sbsa_uart\" for an emulated UART; the console is Xen's PV console" },
	{ "shadow_memory", HIDDEN_MEMORY },
	{ "soundhw", NO_EMULATION },
	{ "spice", NO_SCREEN },
	{ "static_shm",
	  "write a node with xen,domain-shared-memory-v1 into each domain that has it" },
	{ "stdvga", NO_SCREEN },
	{ "suppress_spurious_page_faults", ON_X86 },
	{ "sve", "guests have no SVE" },
	{ "tee", "no trusted OS is reached by guests" },
	{ "timer_mode", ON_X86 },
	{ "tsc_mode", ON_X86 },
	{ "tpm", "there is no virtual TPM" },
	{ "usb", NO_USB },
	{ "usbctrl", NO_USB },
	{ "usbdev", NO_USB },
	{ "usbdevice", NO_USB },
	{ "uuid", "a domain is known by its name and number" },
	{ "vdispl", NO_SCREEN },
	{ "vfb", NO_SCREEN },
	{ "vga", NO_SCREEN },
	{ "videoram", NO_SCREEN },
	{ "vif2", NO_TOOLSTACK },
	{ "virtio", "no virtio back end; guests have Xen's PV disks and networks" },
	{ "viommu", "guests have no IOMMU" },
	{ "viridian", ON_X86 },
	{ "vkb", NO_SCREEN },
	{ "vmtrace_buf_kb", ON_X86 },
	{ "vnc", NO_SCREEN },
	{ "vnclisten", NO_SCREEN },
	{ "vncpasswd", NO_SCREEN },
	{ "vncunused", NO_SCREEN },
	{ "vnuma", NO_NODES },
	{ "vpmu", "guests have no performance counters" },
	{ "vscsi", "there is no back end for SCSI; give the guest a disk" },
	{ "vsnd", "there is no back end for sound" },
	{ "vtpm", "there is no virtual TPM" },
	{ "vtsc", ON_X86 },
	{ "xen_platform_pci", NO_EMULATION },
	{ "xend_suspend_evtchn_compat", NOT_MIGRATED },
	{ NULL, NULL },
};

const struct xl_reason *xl_reason(const char *name)
{
	const struct xl_reason *r;

	for (r = reasons; r->name != NULL; r++) {
		if (strcmp(r->name, name) == 0) {
			return r;
		}
	}
	return NULL;
}
