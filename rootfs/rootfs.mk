# SPDX-License-Identifier: Apache-2.0
#
# What domains are made of: each `rule:<name>` of a domain's device tree is $(B)/rule/<name>.

rule-dir := $(B)/rule
busybox-file := $(PAYLOAD_busybox$(if $(CONFIG_ARCH_X86_64),-amd64)_FILE)

# rule:ticker, for a PC: it shares nothing with the others.
ticker-src := rootfs/guests/ticker
ticker-objs := $(addprefix $(B)/obj/$(ticker-src)/,head.o main.o)

$(foreach o,$(ticker-objs),$(eval object-flags-$(o) := -fno-stack-protector -mcmodel=small -Ihypervisor/lib/include \
	-D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__ -isystem $(PAYLOAD_xen-headers_DIR)/usr/include))

quiet_ld_ticker = LD
cmd_ld_ticker = $(LD) -m elf_x86_64 -nostdlib -static --build-id=none --fatal-warnings -z noexecstack -z max-page-size=4096 \
	-T $(ticker-src)/ticker.lds -o $@ $(ticker-objs)
$(rule-dir)/ticker.elf: $(ticker-objs) $(ticker-src)/ticker.lds FORCE
	$(call if_changed,ld_ticker)
$(rule-dir)/ticker: $(rule-dir)/ticker.elf FORCE
	$(call if_changed,objcopy)
targets += $(ticker-objs) $(rule-dir)/ticker.elf $(rule-dir)/ticker

# What the other bare-metal guests of a PC share. $1: one of rootfs/guests, with the files of guest-$1-pc; makes rule:$1.
pc-lib := rootfs/guests/pc
pc-flags := -fno-stack-protector -mcmodel=small -Ihypervisor/lib/include \
	-D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__ -isystem $(PAYLOAD_xen-headers_DIR)/usr/include
pc-lib-objs := $(addprefix $(B)/obj/$(pc-lib)/,head.o pc.o time.o string.o)
guest-trial-pc := main.o sequences.o windows.o events.o debug.o mmio.o xsave.o tsc.o tsc_aux.o

$(foreach o,$(pc-lib-objs),$(eval object-flags-$(o) := $(pc-flags)))
$(B)/obj/$(pc-lib)/string.o: hypervisor/lib/string.c FORCE | $(prepare-y)
	$(call if_changed_dep,cc)

quiet_ld_pc = LD
cmd_ld_pc = $(LD) -m elf_x86_64 -nostdlib -static --build-id=none --fatal-warnings --no-warn-rwx-segments -z noexecstack \
	-z max-page-size=4096 -T $(pc-lib)/pc.lds -o $@ $(filter %.o,$^)
guest-hostile-pc := main.o count.o registers.o instructions.o storm.o death.o
guest-hostile-pc-more := $(addprefix rootfs/guests/poke/,hypercalls.o tally.o)
guest-probe-pc := main.o report.o apic.o events.o
guest-probe-pc-more := $(addprefix rootfs/guests/bench/,samples.o pair.o)
pc-objs = $(addprefix $(B)/obj/rootfs/guests/$1/,$(guest-$1-pc)) $(addprefix $(B)/obj/,$(guest-$1-pc-more))
define pc-guest
$(foreach o,$(pc-objs),$(eval object-flags-$(o) := $(pc-flags)))
$(rule-dir)/$1.elf: $(pc-objs) $(pc-lib-objs) $(pc-lib)/pc.lds FORCE
	$$(call if_changed,ld_pc)
$(rule-dir)/$1: $(rule-dir)/$1.elf FORCE
	$$(call if_changed,objcopy)
targets += $(pc-objs) $(rule-dir)/$1.elf $(rule-dir)/$1
endef
$(foreach name,trial hostile probe,$(eval $(call pc-guest,$(name))))
targets += $(pc-lib-objs)

# rule:linux-6.12 and rule:linux-6.1, a PC's kernels as a PVH loader wants them, out of Debian's.
quiet_vmlinux = VMLINUX
cmd_vmlinux = $(PYTHON) scripts/image/vmlinux.py --output $@ $<
define pc-kernel
$(rule-dir)/linux-$1: $(PAYLOAD_linux-$1-amd64_FILE) scripts/image/vmlinux.py FORCE
	$$(call if_changed,vmlinux)
targets += $(rule-dir)/linux-$1
endef
$(foreach release,6.12 6.1,$(eval $(call pc-kernel,$(release))))

# What bare-metal guests share. Hypervisor flags, but no stack protector: there is no seed for one.
guest-lib := rootfs/guests/lib
guest-lib-fdt := $(addprefix $(B)/obj/$(guest-lib)/,fdt.o fdt_ro.o fdt_addresses.o)
guest-lib-aarch64 := head.o machine.o mmu.o cache.o gic.o uart.o
guest-lib-x86_64 := $(addprefix x86_64/,head.o machine.o mmu.o cache.o irq.o console.o)
guest-lib-objs := $(addprefix $(B)/obj/$(guest-lib)/,$(guest-lib-$(ARCH)) begin.o print.o xen_guest.o string.o) $(guest-lib-fdt)
guest-flags := -fno-stack-protector $(if $(CONFIG_ARCH_X86_64),-mcmodel=small) -Ihypervisor/lib/include -I$(guest-lib) -I$(guest-lib)/$(ARCH) \
	-D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__ \
	-isystem $(PAYLOAD_libfdt-src_DIR)/libfdt -isystem $(PAYLOAD_xen-headers_DIR)/usr/include

$(foreach o,$(guest-lib-objs),$(eval object-flags-$(o) := $(guest-flags)))
$(foreach o,$(guest-lib-fdt),$(eval object-flags-$(o) += -w))

$(guest-lib-fdt): $(B)/obj/$(guest-lib)/%.o: $(PAYLOAD_libfdt-src_DIR)/libfdt/%.c FORCE | $(prepare-y)
	$(call if_changed_dep,cc)
$(B)/obj/$(guest-lib)/string.o: hypervisor/lib/string.c FORCE | $(prepare-y)
	$(call if_changed_dep,cc)

# Position independent by construction: -pie makes the linker list relocations, the script allows none.
# A PC's guest is an ELF file that stays where it was linked.
guest-lds := $(guest-lib)/$(if $(CONFIG_ARCH_X86_64),x86_64/)guest.lds
guest-ld-aarch64 := -pie --no-dynamic-linker --gc-sections
guest-ld-x86_64 := -m elf_x86_64 -static --gc-sections -z max-page-size=4096
quiet_ld_guest = LD
cmd_ld_guest = $(LD) -nostdlib $(guest-ld-$(ARCH)) --build-id=none --fatal-warnings \
	-z noexecstack -z norelro -T $(guest-lds) -o $@ $(filter %.o,$^)

# $1: a guest of rootfs/guests that is main.c, the files of guest-$1-more and the shared part; makes rule:$1.
guest-bench-more := samples.o report.o pair.o events.o
guest-rtos-more := share.o
guest-objs = $(addprefix $(B)/obj/rootfs/guests/$1/,main.o $(guest-$1-more))
define guest
$(foreach o,$(guest-objs),$(eval object-flags-$(o) := $(guest-flags) -Irootfs/guests/$1/$(ARCH)))
$(rule-dir)/$1.elf: $(guest-objs) $(guest-lib-objs) $(guest-lds) FORCE
	$$(call if_changed,ld_guest)
$(rule-dir)/$1: $(rule-dir)/$1.elf FORCE
	$$(call if_changed,objcopy)
targets += $(guest-objs) $(rule-dir)/$1.elf $(rule-dir)/$1
endef

# rule:rtos, a tick; rule:bench, what the hypervisor costs; rule:bell, one of two that ring each other;
# rule:heartbeat, a tick that misses nothing; rule:alarm, with devices of the board; rule:turns, when it has its CPU.
$(foreach name,rtos bench bell heartbeat alarm turns,$(eval $(call guest,$(name))))
targets += $(guest-lib-objs)
# What measures events between two domains, and counts samples, does so for bench or, on a PC, for probe.
$(foreach o,samples pair,$(eval object-flags-$(B)/obj/rootfs/guests/bench/$o.o := $(if $(CONFIG_ARCH_X86_64),$(pc-flags) \
	-Irootfs/guests/probe,$(guest-flags) -Irootfs/guests/bench)))

# rule:grant, one of two that share pages by grants.
grant-objs := $(addprefix $(B)/obj/rootfs/guests/grant/,main.o front.o back.o)

$(foreach o,$(grant-objs),$(eval object-flags-$(o) := $(guest-flags)))

$(rule-dir)/grant.elf: $(grant-objs) $(guest-lib-objs) $(guest-lds) FORCE
	$(call if_changed,ld_guest)
$(rule-dir)/grant: $(rule-dir)/grant.elf FORCE
	$(call if_changed,objcopy)

targets += $(grant-objs) $(rule-dir)/grant.elf $(rule-dir)/grant

# rule:poke, the guest that tries what guests must not; one segment, for it writes its own instructions.
poke-src := rootfs/guests/poke
poke-objs := $(addprefix $(B)/obj/$(poke-src)/,head.o $(addsuffix .o,main command say count tally gic sysreg calls \
	firmware features hypercalls pointers instructions storm flood death))
poke-lib := $(addprefix $(B)/obj/$(guest-lib)/,string.o) $(guest-lib-fdt)

$(foreach o,$(poke-objs),$(eval object-flags-$(o) := $(guest-flags) -I$(poke-src)))
# The same attack and counting by the hostile guest of a PC, with that one's poke.h.
$(foreach o,hypercalls tally,$(eval object-flags-$(B)/obj/$(poke-src)/$o.o := $(if $(CONFIG_ARCH_X86_64),$(pc-flags) \
	-Irootfs/guests/hostile,$(guest-flags) -I$(poke-src))))

quiet_ld_poke = LD
cmd_ld_poke = $(LD) -nostdlib -pie --no-dynamic-linker --build-id=none --fatal-warnings \
	--no-warn-rwx-segments -z noexecstack -z norelro --gc-sections -T $(poke-src)/poke.lds -o $@ $(poke-objs) $(poke-lib)

$(rule-dir)/poke.elf: $(poke-objs) $(poke-lib) $(poke-src)/poke.lds FORCE
	$(call if_changed,ld_poke)
$(rule-dir)/poke: $(rule-dir)/poke.elf FORCE
	$(call if_changed,objcopy)

targets += $(poke-objs) $(rule-dir)/poke.elf $(rule-dir)/poke

# rule:backend, what domains are served by: the cores of store and io, and the program around them.
backend-src := rootfs/backends
backend-transport := $(if $(CONFIG_ARCH_X86_64),%/virtio_mmio.c,%/virtio_pci.c) # the other way to a virtio device's registers
backend-objs := $(patsubst %.c,$(B)/obj/%.o,$(filter-out $(backend-transport),$(wildcard $(backend-src)/*.c $(backend-src)/store/*.c $(backend-src)/io/*.c $(backend-src)/net/*.c)))

$(foreach o,$(backend-objs),$(eval object-flags-$(o) := $(guest-flags)))
# Where the board's U-Boot has its environment, twice, and how large.
object-flags-$(B)/obj/$(backend-src)/switches.o += \
	-DBOARD_ENVIRONMENT="$(subst $(space),$(comma),$(or $(strip $(call image-cfg,environment)),0 0 0))"

$(rule-dir)/backend.elf: $(backend-objs) $(guest-lib-objs) $(guest-lds) FORCE
	$(call if_changed,ld_guest)
$(rule-dir)/backend: $(rule-dir)/backend.elf FORCE
	$(call if_changed,objcopy)

targets += $(backend-objs) $(rule-dir)/backend.elf $(rule-dir)/backend

# rule:liar, a front end that breaks the rules; rule:scribe, one that dies while it writes. They ask the store as io does.
front-objs := $(addprefix $(B)/obj/rootfs/guests/front/,front.o bus.o disk.o nic.o)
front-io-objs := $(addprefix $(B)/obj/$(backend-src)/io/,xs.o text.o)
guest-liar-more := lies_disk.o lies_net.o
guest-scribe-more := records.o

$(foreach o,$(front-objs),$(eval object-flags-$(o) := $(guest-flags)))

define front-guest
$(foreach o,$(guest-objs),$(eval object-flags-$(o) := $(guest-flags)))
$(rule-dir)/$1.elf: $(guest-objs) $(front-objs) $(front-io-objs) $(guest-lib-objs) $(guest-lds) FORCE
	$$(call if_changed,ld_guest)
$(rule-dir)/$1: $(rule-dir)/$1.elf FORCE
	$$(call if_changed,objcopy)
targets += $(guest-objs) $(rule-dir)/$1.elf $(rule-dir)/$1
endef
$(foreach name,liar scribe,$(eval $(call front-guest,$(name))))
targets += $(front-objs)

# Ramdisks of Linux domains. $1: a name; $1-lists-y says where things go, $1-files-y which file is meant, $1-needs-y are those of
# them that are of this project, and $1-modules-y are modules of the kernels: of each kernel that is in the image they come to
# /lib/modules/<release>/. Makes rule:$1-initramfs.
ramdisk-kernels = $(foreach p,linux-6.12 linux-6.1,$(PAYLOAD_$p$(if $(CONFIG_ARCH_X86_64),-amd64)_DIR))
module-files = $(if $(and $(strip $($1-modules-y)),$(strip $(ramdisk-kernels))),$(sort $(shell find $(ramdisk-kernels) \
	$(foreach m,$($1-modules-y),-name '$m.ko*' -o) -false)))
# .../modules/6.12.1-arm64/kernel/x/y.ko -> 6.12.1-arm64/y.ko
module-place = $(firstword $(subst /, ,$(lastword $(subst /modules/, ,$1))))/$(notdir $1)

quiet_cpio = CPIO
cmd_cpio = (cat $($(ramdisk)-lists-y) $(if $($(ramdisk)-modules),&& printf 'dir /lib 0755\ndir /lib/modules 0755\n') \
	$(foreach r,$(sort $(foreach f,$($(ramdisk)-modules),$(patsubst %/,%,$(dir $(call module-place,$f))))),&& echo dir /lib/modules/$r 0755) \
	$(foreach f,$($(ramdisk)-modules),&& echo file /lib/modules/$(call module-place,$f) 0644 $(call module-place,$f))) > $@.list && \
	$(clock) $(PYTHON) scripts/image/cpio.py --list $@.list --output $@ $($(ramdisk)-files-y) \
	$(foreach f,$($(ramdisk)-modules),$(call module-place,$f)=$f)

define ramdisk-rule
$1-modules = $$(call module-files,$1)
$(rule-dir)/$1-initramfs: private ramdisk := $1
$(rule-dir)/$1-initramfs: $$($1-lists-y) $$($1-modules) $$($1-needs-y) $(busybox-file) scripts/image/cpio.py FORCE
	$$(call if_changed,cpio)
targets += $(rule-dir)/$1-initramfs
endef

# With Xen's tools for the store if they have one, and with the drivers of what back ends serve.
shell-src := rootfs/guests/shell
shell-lists-y := $(shell-src)/files.txt
shell-has-store-tools := $(or $(CONFIG_STORE_TOOLS),$(CONFIG_STORE_TOOLS_AMD64))
shell-lists-$(shell-has-store-tools) += $(shell-src)/store-files.txt $(shell-src)/store-ld-$(ARCH).txt
shell-needs-y := $(shell-src)/init $(shell-src)/poweroff $(shell-src)/transfer
shell-tools-y := busybox=$(busybox-file) poweroff=$(shell-src)/poweroff transfer=$(shell-src)/transfer
store-tool = $(PAYLOAD_$1$(if $(CONFIG_ARCH_X86_64),-amd64)_FILE)
shell-tools-$(shell-has-store-tools) += xenstore=$(call store-tool,xenstore-utils) libxenstore=$(call store-tool,libxenstore) \
	libxentoolcore=$(call store-tool,libxentoolcore) libc=$(call store-tool,libc) libgcc=$(call store-tool,libgcc) \
	ld=$(dir $(call store-tool,libc))$(if $(CONFIG_ARCH_X86_64),ld-linux-x86-64.so.2,ld-linux-aarch64.so.1)
shell-files-y := init=$(shell-src)/init $(shell-tools-y)
shell-serves-$(CONFIG_DOMAIN_IO) := y
shell-serves-$(CONFIG_DOMAIN_NET_DOM) := y
shell-modules-$(CONFIG_RTOS_SHARE) += xen-evtchn
shell-modules-$(CONFIG_LINUX_A_OWN_DISK) += virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk
shell-modules-$(shell-serves-y) += crc16 mbcache jbd2 crc32c_generic libcrc32c ext4 xen-blkfront xen-netfront

# A driver domain: the same tools, Linux's back ends, and the script that serves them.
net-dom-src := rootfs/guests/net-dom
net-dom-lists-y := $(shell-lists-y) $(net-dom-src)/files.txt
net-dom-needs-y := $(shell-src)/poweroff $(shell-src)/transfer $(net-dom-src)/init $(net-dom-src)/hotplug
net-dom-files-y := init=$(net-dom-src)/init hotplug=$(net-dom-src)/hotplug $(shell-tools-y)
net-dom-modules-y := llc stp bridge brd loop xen-blkback xen-netback
net-dom-modules-$(CONFIG_NET_DOM_DEVICES) += virtio_mmio virtio_blk

# linux-a alone has what rtos tells it.
shell-lists-$(CONFIG_RTOS_SHARE) += $(shell-src)/rtos-files.txt
shell-files-$(CONFIG_RTOS_SHARE) += rtos-watch=$(rule-dir)/rtos-watch.elf
shell-needs-$(CONFIG_RTOS_SHARE) += $(rule-dir)/rtos-watch.elf

# And what says that a slot may stay.
shell-lists-$(CONFIG_LINUX_A_CONFIRMS) += $(shell-src)/confirm-files.txt
shell-files-$(CONFIG_LINUX_A_CONFIRMS) += confirm-slot=$(shell-src)/confirm-slot
shell-needs-$(CONFIG_LINUX_A_CONFIRMS) += $(shell-src)/confirm-slot

# And its read-only disk.
shell-lists-$(CONFIG_LINUX_A_SYSTEM) += $(shell-src)/verity-files.txt
shell-files-$(CONFIG_LINUX_A_SYSTEM) += verity=$(rule-dir)/verity.elf
shell-needs-$(CONFIG_LINUX_A_SYSTEM) += $(rule-dir)/verity.elf
shell-modules-$(CONFIG_LINUX_A_SYSTEM) += dm-mod dm-bufio reed_solomon dm-verity squashfs

$(foreach name,shell net-dom,$(eval $(call ramdisk-rule,$(name))))

# What GRUB finds on linux-a's disk, partition data-a: scripts/image/disk.py makes its file system of them.
quiet_grub_cfg = GRUB
cmd_grub_cfg = printf 'linux /boot/vmlinuz %s\ninitrd /boot/initrd\nboot\n' $(call quoted,$(CONFIG_LINUX_A_BOOTARGS)) > $@
ifneq ($(CONFIG_LINUX_A_KERNEL_GRUB),)
$(rule-dir)/grub.cfg: FORCE
	$(call if_changed,grub_cfg)
targets += $(rule-dir)/grub.cfg
disk-fill := boot/grub/grub.cfg=$(rule-dir)/grub.cfg boot/vmlinuz=$(PAYLOAD_linux-6.12-amd64_FILE) boot/initrd=$(rule-dir)/shell-initramfs
disk-fill-needs := $(rule-dir)/grub.cfg $(rule-dir)/shell-initramfs $(PAYLOAD_linux-6.12-amd64_FILE)
endif

# The read-only disk of linux-a: what is in the folder, and busybox.
ifneq ($(CONFIG_LINUX_A_SYSTEM),)
system-files := $(shell find $(CONFIG_LINUX_A_SYSTEM_FOLDER) -type f 2>/dev/null)
quiet_system = VERITY
cmd_system = $(clock) $(PYTHON) scripts/image/system_disk.py --folder $(call quoted,$(CONFIG_LINUX_A_SYSTEM_FOLDER)) --output $@ --header $@.h $(busybox-file)
$(system-disk): $(system-files) $(busybox-file) scripts/image/system_disk.py FORCE
	$(call if_changed,system)
$(system-header): $(system-disk) ;
targets += $(system-disk)

$(rule-dir)/verity.elf: $(B)/obj/$(shell-src)/verity.o FORCE
	$(call if_changed,ld_linux)
object-flags-$(B)/obj/$(shell-src)/verity.o = $(linux-flags)
targets += $(B)/obj/$(shell-src)/verity.o $(rule-dir)/verity.elf
endif

# A program of the shell domains' ramdisk: Linux and nothing else below it.
linux-flags := -fno-stack-protector $(if $(CONFIG_ARCH_X86_64),-mcmodel=small) -Irootfs/guests/linux/$(ARCH)
quiet_ld_linux = LD
cmd_ld_linux = $(LD) -nostdlib -static --build-id=none -z noexecstack -e _start -o $@ $(filter %.o,$^)
$(rule-dir)/rtos-watch.elf: $(B)/obj/$(shell-src)/rtos-watch.o FORCE
	$(call if_changed,ld_linux)

object-flags-$(B)/obj/$(shell-src)/rtos-watch.o := $(linux-flags)
targets += $(B)/obj/$(shell-src)/rtos-watch.o $(rule-dir)/rtos-watch.elf

# rule:bench-initramfs, for the Linux domains that are measured.
bench-init := rootfs/guests/bench-init
MARK_ADDRESS := 0x5a5a000000

quiet_ld_mark = LD
cmd_ld_mark = $(LD) -nostdlib -static --build-id=none -z noexecstack -e _start -Ttext=$(MARK_ADDRESS) -o $@ $(filter %.o,$^)
$(rule-dir)/mark.elf: $(B)/obj/$(bench-init)/mark.o FORCE
	$(call if_changed,ld_mark)

object-flags-$(B)/obj/$(bench-init)/mark.o := $(linux-flags)

quiet_cpio_bench = CPIO
cmd_cpio_bench = $(clock) $(PYTHON) scripts/image/cpio.py --list $(bench-init)/files.txt --output $@ \
	busybox=$(busybox-file) init=$(bench-init)/init mark=$(rule-dir)/mark.elf
$(rule-dir)/bench-initramfs: $(bench-init)/files.txt $(bench-init)/init $(rule-dir)/mark.elf $(busybox-file) scripts/image/cpio.py FORCE
	$(call if_changed,cpio_bench)

targets += $(B)/obj/$(bench-init)/mark.o $(rule-dir)/mark.elf $(rule-dir)/bench-initramfs

# rule:bench-io-initramfs, for those whose disk and network are measured.
bench-io-src := rootfs/guests/bench-io
bench-io-objs := $(addprefix $(B)/obj/$(bench-io-src)/,start.o main.o)
BENCH_IO_ADDRESS := 0x5a5b000000

$(foreach o,$(bench-io-objs),$(eval object-flags-$(o) := $(linux-flags)))

quiet_ld_bench_io = LD
cmd_ld_bench_io = $(LD) -nostdlib -static --build-id=none -z noexecstack -e _start -Ttext=$(BENCH_IO_ADDRESS) -o $@ $(filter %.o,$^)
$(rule-dir)/bench-io.elf: $(bench-io-objs) FORCE
	$(call if_changed,ld_bench_io)

bench-io-lists-y := $(bench-io-src)/files.txt
bench-io-needs-y := $(bench-io-src)/init $(rule-dir)/bench-io.elf
bench-io-files-y := busybox=$(busybox-file) init=$(bench-io-src)/init bench-io=$(rule-dir)/bench-io.elf
bench-io-modules-y := xen-blkfront xen-netfront

$(eval $(call ramdisk-rule,bench-io))

targets += $(bench-io-objs) $(rule-dir)/bench-io.elf
