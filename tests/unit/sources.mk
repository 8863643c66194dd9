# SPDX-License-Identifier: Apache-2.0
#
# The unit tests: one row each, the test's own file first, then what of the
# hypervisor it links. The rules are in tests/tests.mk; what a test is made of is
# compiled for the build host with arch/host and the sanitizers. The word libfdt
# links the device-tree library:
#
#   unit-pool := tests/unit/pool_test.c hypervisor/mm/pool.c
#   unit-fdt := tests/unit/fdt_test.c hypervisor/domain/fdt.c libfdt
#
# `cflags-FILE.c` adds to one file's command line, `libs-unit-NAME` to one test's link.

unit-arena := tests/unit/arena_test.c hypervisor/lib/arena.c

unit-efi-map := tests/unit/efi_map_test.c arch/efi/map.c
unit-efi-record := tests/unit/efi_record_test.c arch/efi/selector/record.c rootfs/backends/io/crc32.c

unit-string := tests/unit/string_test.c hypervisor/lib/string.c
cflags-hypervisor/lib/string.c = -ffreestanding $(foreach f,memcpy memmove memset memcmp memchr \
	strlen strnlen strcmp strncmp strchr strrchr strstr,-D$f=hyp_$f)

unit-string-anywhere := tests/unit/string_test.c tests/unit/string_anywhere.c
cflags-tests/unit/string_anywhere.c = $(cflags-hypervisor/lib/string.c)

unit-pool := tests/unit/pool_test.c hypervisor/mm/pool.c
libs-unit-pool = -Wl,--defsym=__pool_start=pool_memory+4096 -Wl,--defsym=__pool_end=pool_memory+4096+64*4096

unit-printf := tests/unit/printf_test.c hypervisor/core/printf.c

unit-loader := tests/unit/loader_test.c hypervisor/core/loader.c hypervisor/lib/fdt.c libfdt
# SHA-256 alone, of mbedtls's source; its warnings are not ours to mend.
test-sha256 := $(patsubst %,$(PAYLOAD_mbedtls-src_DIR)/library/%.c,sha256 platform_util)
$(foreach f,$(test-sha256),$(eval cflags-$f = $$(test-mbedtls-flags) -w -Wno-error))

# The core on the fake machine, and a set of domains built there.
core-on-host := tests/unit/world.c $(wildcard arch/host/*.c) hypervisor/core/printf.c hypervisor/core/timer.c hypervisor/core/crash.c \
	$(addprefix hypervisor/sched/,sched.c add.c wait.c pinned.c fair.c time_table.c vtimer.c) \
	hypervisor/verify/digest.c hypervisor/verify/digest_no_insn.c hypervisor/lib/arena.c $(test-sha256) \
	$(filter-out %/pl011.c %/ns16550.c %/cadence.c %/imx.c %/bcm_aux.c %/dw8250.c %/uart_8250.c %/no_vpl011.c %/no_input.c %/arch_uart.c,$(wildcard hypervisor/console/*.c)) $(filter-out %/upcall_vector.c %/lines_block.c,$(wildcard hypervisor/hypercall/*.c)) \
	$(wildcard hypervisor/evtchn/*.c) $(filter-out %/no_v2.c,$(wildcard hypervisor/gnttab/*.c)) $(wildcard hypervisor/policy/*.c) hypervisor/mm/guest_copy.c hypervisor/mm/mmio.c \
	$(filter-out %/plan.c %/packed_link.c %/no_scrub.c %/board_gic.c %/board_apic.c %/image_pieces.c %/guest_block.c %/guest_tree.c %/no_pci.c %/clock_arch.c %/no_time_table.c,$(filter-out hypervisor/domain/plan_%,$(wildcard hypervisor/domain/*.c))) libfdt

# arch/host/copy.c watches what is read of guests.
cflags-hypervisor/mm/guest_copy.c = -Dmemcpy=host_copy -D__builtin_memcpy=host_copy

unit-contract := tests/unit/contract_test.c $(addprefix hypervisor/contract/,contract.c memory.c space.c time.c cpu.c) $(core-on-host)
unit-console := tests/unit/console_test.c $(core-on-host)
unit-evtchn := tests/unit/evtchn_test.c $(core-on-host)
unit-fifo := tests/unit/fifo_test.c $(core-on-host)
libs-unit-fifo = -lpthread
unit-reservation := tests/unit/reservation_test.c $(core-on-host)
unit-vtimer := tests/unit/vtimer_test.c $(core-on-host)
unit-link := tests/unit/link_test.c $(core-on-host)
unit-grant := tests/unit/grant_test.c tests/unit/grant_calls.c $(core-on-host)
unit-grant2 := tests/unit/grant2_test.c tests/unit/grant_calls.c $(core-on-host)
unit-store := tests/unit/store_test.c $(core-on-host)
unit-wallclock := tests/unit/wallclock_test.c $(core-on-host)
unit-pl011 := tests/unit/pl011_test.c hypervisor/console/pl011.c
unit-cadence := tests/unit/cadence_test.c hypervisor/console/cadence.c
unit-dw8250 := tests/unit/dw8250_test.c hypervisor/console/dw8250.c hypervisor/console/uart_8250.c
unit-imx := tests/unit/imx_test.c hypervisor/console/imx.c
unit-bcm-aux := tests/unit/bcm_aux_test.c hypervisor/console/bcm_aux.c
unit-hypercall := tests/unit/hypercall_test.c $(core-on-host)
unit-memory := tests/unit/memory_test.c $(core-on-host)
unit-build := tests/unit/build_test.c $(core-on-host)
unit-lifecycle := tests/unit/lifecycle_test.c $(core-on-host)
unit-crash := tests/unit/crash_test.c $(core-on-host)
# Requirement: watchdog
unit-hwdog := tests/unit/hwdog_test.c $(addprefix hypervisor/core/,hwdog.c hwdog_place.c vouch.c hwdog_arm.c sp805.c sbsa_gwdt.c imx2_wdt.c) $(core-on-host)
unit-order := tests/unit/order_test.c $(core-on-host)
unit-once := tests/unit/once_test.c $(core-on-host)
unit-shortage := tests/unit/shortage_test.c $(core-on-host)
unit-sched := tests/unit/sched_test.c $(core-on-host)
unit-time_table := tests/unit/time_table_test.c $(core-on-host)
unit-vpl011 := tests/unit/vpl011_test.c $(core-on-host)
unit-pv_console := tests/unit/pv_console_test.c $(core-on-host)
unit-restart := tests/unit/restart_test.c $(core-on-host)
unit-scrub := tests/unit/scrub_test.c hypervisor/domain/no_scrub.c $(filter-out hypervisor/domain/scrub.c,$(core-on-host))
unit-device := tests/unit/device_test.c $(core-on-host)
unit-pci := tests/unit/pci_test.c $(wildcard hypervisor/domain/plan*.c) hypervisor/domain/board_gic.c hypervisor/lib/fdt.c $(core-on-host)
unit-device_tree := tests/unit/device_tree_test.c $(core-on-host)
# Requirement: shared-memory
unit-shm := tests/unit/shm_test.c $(core-on-host)

# The virtual GIC apart from its hardware.
vgic-model := $(addprefix arch/aarch64/irq/,vgic.c vgic_lr.c vgic_dist.c vgic_redist.c vgic_spi.c vgic_v2.c vgic_switch.c)
vgic-fake := tests/unit/vgic_fake.c $(vgic-model)
unit-vgic := tests/unit/vgic_test.c $(vgic-fake)
unit-vgic_lr := tests/unit/vgic_lr_test.c $(vgic-fake)
unit-vgic_timer := tests/unit/vgic_timer_test.c $(vgic-fake)
unit-vgic_switch := tests/unit/vgic_switch_test.c $(vgic-fake)
unit-vgic_stress := tests/unit/vgic_stress_test.c tests/unit/vgic_stress.c $(vgic-model)
unit-vgic_v2 := tests/unit/vgic_v2_test.c $(vgic-fake)
unit-vgic_spi := tests/unit/vgic_spi_test.c $(vgic-model)
$(foreach f,$(wildcard tests/unit/vgic*.c) $(vgic-model),$(eval cflags-$f = -Iarch/aarch64/include))

# What guests see of the firmware, on the core.
vpsci := arch/aarch64/psci/vpsci.c arch/aarch64/psci/vsmccc.c
unit-psci := tests/unit/psci_test.c $(vpsci) $(core-on-host)
$(foreach f,tests/unit/psci_test.c tests/fuzz/psci_fuzz.c $(vpsci),$(eval cflags-$f = -Iarch/aarch64/include))

# What CPUs suffer from.
quirks := arch/aarch64/boot/errata.c arch/aarch64/boot/spectre.c
unit-quirks := tests/unit/quirks_test.c $(quirks)
$(foreach f,tests/unit/quirks_test.c $(quirks),$(eval cflags-$f = -Iarch/aarch64/include))

# What guests see of a CPU, and the traps that hide the rest.
idview := arch/aarch64/trap/idview.c arch/aarch64/vcpu/controls.c
unit-idview := tests/unit/idview_test.c $(idview)
$(foreach f,tests/unit/idview_test.c $(idview),$(eval cflags-$f = -Iarch/aarch64/include))

unit-serror := tests/unit/serror_test.c arch/aarch64/trap/serror_name.c
$(foreach f,tests/unit/serror_test.c arch/aarch64/trap/serror_name.c,$(eval cflags-$f = -Iarch/aarch64/include))

# Data, and mbedtls as the target has it: tests/unit/data.mk.
include tests/unit/data.mk
unit-verify := tests/unit/verify_test.c $(addprefix hypervisor/verify/,digest.c digest_no_insn.c fit_regions.c \
	fit_tree.c rsa.c signature_rsa.c verify.c) hypervisor/lib/arena.c hypervisor/lib/fdt.c libfdt
unit-ecdsa := tests/unit/ecdsa_test.c hypervisor/verify/ecdsa.c hypervisor/lib/arena.c
unit-entropy := tests/unit/entropy_test.c hypervisor/core/entropy.c hypervisor/lib/arena.c
plan-reader := $(wildcard hypervisor/domain/plan*.c) hypervisor/domain/board_gic.c hypervisor/core/printf.c hypervisor/lib/fdt.c libfdt
unit-core := tests/unit/core_test.c hypervisor/contract/none.c $(addprefix hypervisor/core/,main.c bundle.c loader.c rollback.c hwdog.c hwdog_place.c no_vouch.c hwdog_arm.c sp805.c sbsa_gwdt.c) \
	$(addprefix hypervisor/verify/,fit_regions.c fit_tree.c rsa.c signature_rsa.c verify.c) $(wildcard hypervisor/domain/plan*.c) hypervisor/domain/board_gic.c \
	hypervisor/lib/fdt.c $(core-on-host)
libs-unit-core = -Wl,--defsym=__image_start=host_ram+0x200000 -Wl,--defsym=__image_end=host_ram+0x600000
unit-plan := tests/unit/plan_test.c $(plan-reader)
unit-plan_tree := tests/unit/plan_tree_test.c $(plan-reader)
unit-plan_golden := tests/unit/plan_golden_test.c $(plan-reader)

# The xenstore server's portable part, with clients whose guests are played by the test.
store-core := tests/unit/xenstore_world.c $(wildcard rootfs/backends/store/*.c)
unit-xenstore := tests/unit/xenstore_test.c $(store-core)
unit-xenstore-ring := tests/unit/xenstore_ring_test.c $(store-core)
unit-xenstore-topology := tests/unit/xenstore_topology_test.c $(store-core)
unit-xenstore-recover := tests/unit/xenstore_recover_test.c $(store-core)
unit-xenstore-conflict := tests/unit/xenstore_conflict_test.c $(store-core)
unit-xenstore-keep := tests/unit/xenstore_keep_test.c rootfs/backends/limits.c $(store-core)

# Where the program may end, the tests' world has a word.
store-ends := -Wl,--wrap=journal_note -Wl,--wrap=kept_sum
$(foreach name,xenstore xenstore-conflict xenstore-ring xenstore-topology xenstore-recover xenstore-keep,$(eval libs-unit-$(name) = $(store-ends)))

# The networks' portable part, with front ends whose guests are played by the test.
net-core := tests/unit/net_world.c $(wildcard rootfs/backends/net/*.c)
unit-net-switch := tests/unit/net_switch_test.c $(net-core)
unit-net-ring := tests/unit/net_ring_test.c $(net-core)
unit-nic := tests/unit/nic_test.c tests/unit/net_device.c \
	$(addprefix rootfs/backends/io/,nic.c xs.c text.c virtio_mmio.c virtio_net.c) $(wildcard rootfs/backends/net/*.c) $(store-core)

# The block back end's portable part, with that store, a front end and a device that are played.
io-world := tests/unit/io_world.c tests/unit/virtio_model.c \
	$(filter-out %/virtio_mmio.c %/virtio_pci.c,$(wildcard rootfs/backends/io/*.c rootfs/backends/net/*.c)) $(store-core)
io-core := $(io-world) tests/unit/io_mmio.c rootfs/backends/io/virtio_mmio.c
unit-io := tests/unit/io_test.c $(io-core)
libs-unit-nic = $(store-ends)
libs-unit-io = $(store-ends)
unit-io_disk := tests/unit/io_disk_test.c $(io-core)
unit-io_slot := tests/unit/io_slot_test.c $(io-core)
unit-io_disk_pci := tests/unit/io_disk_test.c $(io-world) tests/unit/io_pci.c rootfs/backends/io/virtio_pci.c
# An address in a legacy device's register has 44 bits.
libs-unit-io_slot = -no-pie $(store-ends)
libs-unit-io_disk = -no-pie $(store-ends)
libs-unit-io_disk_pci = $(store-ends)

# Memory cards; a controller whose addresses have 32 bits is tried too.
unit-sdcard := tests/unit/sdcard_test.c tests/unit/sdhci_model.c \
	$(addprefix rootfs/backends/io/,block.c nvme.c nvmectl.c sdcard.c sdhci.c virtio_blk.c virtio_mmio.c)
libs-unit-sdcard = -no-pie
unit-nvme := tests/unit/nvme_test.c tests/unit/nvme_model.c \
	$(addprefix rootfs/backends/io/,block.c nvme.c nvmectl.c sdcard.c sdhci.c virtio_blk.c virtio_pci.c)

# The parts of x86_64 that need no machine.
x86-pvh := $(wildcard arch/x86_64/pvh/*.c)
unit-pvh := tests/unit/pvh_test.c $(x86-pvh)
unit-guest_mp := tests/unit/guest_mp_test.c arch/x86_64/pvh/guest_mp.c
unit-guest_acpi := tests/unit/guest_acpi_test.c $(x86-pvh)
x86-vlapic := tests/unit/vlapic_fake.c $(wildcard arch/x86_64/vlapic/*.c)
unit-vlapic := tests/unit/vlapic_test.c $(x86-vlapic)
unit-vlapic_timer := tests/unit/vlapic_timer_test.c $(x86-vlapic)
x86-policy := $(wildcard arch/x86_64/policy/*.c)
unit-vcpuid := tests/unit/vcpuid_test.c $(x86-policy)
unit-vmsr := tests/unit/vmsr_test.c $(x86-policy)
unit-tsc := tests/unit/tsc_test.c arch/x86_64/policy/tsc.c
# The decoder, alone and beside a disassembler.
x86-emul := $(wildcard arch/x86_64/emul/*.c)
unit-insn := tests/unit/insn_test.c $(x86-emul)
unit-insn_oracle := tests/unit/insn_oracle_test.c tests/unit/insn_oracle.c $(x86-emul)
libs-unit-insn_oracle = -lcapstone
x86-acpi := $(wildcard arch/x86_64/acpi/*.c)
unit-acpi := tests/unit/acpi_test.c $(x86-acpi) $(x86-pvh)
unit-iommu_table := tests/unit/iommu_table_test.c arch/x86_64/iommu/table.c
x86-multiboot2 := arch/x86_64/boot/multiboot2.c
unit-multiboot2 := tests/unit/multiboot2_test.c $(x86-multiboot2)
unit-cmos := tests/unit/cmos_test.c arch/x86_64/boot/cmos.c
# Requirement: watchdog
unit-tco := tests/unit/tco_test.c $(addprefix arch/x86_64/watchdog/,hwdog.c tco.c) hypervisor/core/hwdog.c hypervisor/core/no_vouch.c $(core-on-host)
unit-vmx_caps := tests/unit/vmx_caps_test.c arch/x86_64/hvm/vmx/caps.c
x86-devices := $(filter-out %/com1.c,$(wildcard arch/x86_64/devices/*.c))
unit-vioapic := tests/unit/vioapic_test.c arch/x86_64/devices/vioapic.c $(x86-vlapic)
unit-v16550 := tests/unit/v16550_test.c arch/x86_64/devices/v16550.c
unit-mitigate := tests/unit/mitigate_test.c arch/x86_64/policy/mitigate.c
x86-compat := tests/unit/compat_fake.c $(wildcard arch/x86_64/compat/*.c)
unit-compat := tests/unit/compat_test.c $(x86-compat) $(core-on-host)
unit-svm_cut := tests/unit/svm_cut_test.c arch/x86_64/hvm/svm/cut.c
x86-tests := cmos compat iommu_table svm_cut mitigate pvh guest_acpi guest_mp vlapic vcpuid vmsr insn acpi vioapic v16550 multiboot2 vmx_caps tsc
$(foreach f,$(foreach t,$(x86-tests),$(wildcard tests/unit/$t_*.c tests/fuzz/$t_*.c)) $(wildcard arch/x86_64/*/*.c arch/x86_64/*/*/*.c),\
	$(eval cflags-$f = -Iarch/x86_64/include))
# These have the core with the fake machine's headers; of the architecture's own they need one.
$(foreach f,tests/fuzz/hypercall_fuzz.c $(wildcard tests/unit/compat_*.c) $(wildcard arch/x86_64/compat/*.c),$(eval cflags-$f = -idirafter arch/x86_64/include))

# Its ports are the test's own.
$(foreach f,tests/unit/tco_test.c arch/x86_64/watchdog/hwdog.c arch/x86_64/watchdog/tco.c,$(eval cflags-$f = -Itests/unit/tco -idirafter arch/x86_64/include))

# Both architectures' tables of a domain, on a CPU of the test's own.
unit-p2m := tests/unit/p2m_test.c arch/common/mm/p2m.c
$(foreach f,$(unit-p2m),$(eval cflags-$f = -include tests/unit/p2m/asm/p2m_format.h -Itests/unit/p2m))

# A boot partition's files, as `ashlar inspect` reads them.
unit-fat := tests/unit/fat_test.c scripts/ashlar/fat.c scripts/ashlar/util.c scripts/ashlar/output.c
$(foreach f,tests/unit/fat_test.c $(filter scripts/%,$(unit-fat)),$(eval cflags-$f = -D_GNU_SOURCE))
