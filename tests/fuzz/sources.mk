# SPDX-License-Identifier: Apache-2.0
#
# The fuzzers: one row each, as in tests/unit/sources.mk, compiled by clang with its
# fuzzer and the sanitizers. NAME's first input is tests/fuzz/seeds/NAME.dts, if there is one.

fuzz-plan := tests/fuzz/plan_fuzz.c hypervisor/core/printf.c hypervisor/lib/fdt.c libfdt \
	$(wildcard hypervisor/domain/plan*.c) hypervisor/domain/board_gic.c

fuzz-fit := tests/fuzz/fit_fuzz.c hypervisor/lib/fdt.c libfdt \
	$(addprefix hypervisor/verify/,fit_regions.c fit_tree.c verify.c)

# core-on-host: tests/unit/sources.mk
fuzz-hypercall := tests/fuzz/hypercall_fuzz.c $(x86-compat) $(core-on-host)

fuzz-psci := tests/fuzz/psci_fuzz.c $(vpsci) $(core-on-host)
fuzz-vpl011 := tests/fuzz/vpl011_fuzz.c $(core-on-host)
fuzz-pv_console := tests/fuzz/pv_console_fuzz.c $(core-on-host)

# vgic-model: tests/unit/sources.mk
fuzz-vgic := tests/fuzz/vgic_fuzz.c tests/unit/vgic_stress.c $(vgic-model)

# The xenstore's core beside a model of it.
fuzz-xenstore := tests/fuzz/xenstore_fuzz.c tests/fuzz/xenstore_model.c $(store-core)
libs-fuzz-xenstore = $(store-ends)

# The networks' rings, one of them a liar's.
fuzz-net := tests/fuzz/net_fuzz.c $(net-core)

# io-core: tests/unit/sources.mk
fuzz-blkif := tests/fuzz/blkif_fuzz.c $(io-core)
libs-fuzz-blkif = $(store-ends)

# The parts of x86_64 that need no machine: tests/unit/sources.mk
fuzz-pvh := tests/fuzz/pvh_fuzz.c $(x86-pvh)
fuzz-vlapic := tests/fuzz/vlapic_fuzz.c $(x86-vlapic)
fuzz-vcpuid := tests/fuzz/vcpuid_fuzz.c $(x86-policy)
fuzz-insn := tests/fuzz/insn_fuzz.c tests/unit/insn_oracle.c $(x86-emul)
libs-fuzz-insn = -lcapstone
fuzz-acpi := tests/fuzz/acpi_fuzz.c $(x86-acpi)
fuzz-multiboot2 := tests/fuzz/multiboot2_fuzz.c $(x86-multiboot2)
fuzz-v16550 := tests/fuzz/v16550_fuzz.c $(x86-devices) $(x86-vlapic)

# What `ashlar import` reads, up to the two files' text.
ashlar-import := $(filter-out %/folders.c,$(wildcard scripts/ashlar/import/*.c)) scripts/ashlar/util.c scripts/ashlar/output.c \
	scripts/ashlar/options.c
fuzz-import := tests/fuzz/import_fuzz.c $(ashlar-import) $(filter-out tests/%,$(fuzz-plan))
$(foreach f,tests/fuzz/import_fuzz.c $(ashlar-import),$(eval cflags-$f = -D_GNU_SOURCE))

# What `ashlar sbom`, `provenance` and `size` read.
ashlar-json := scripts/ashlar/json.c scripts/ashlar/json_read.c
fuzz-json := tests/fuzz/json_fuzz.c $(ashlar-json) scripts/ashlar/util.c scripts/ashlar/output.c
$(foreach f,tests/fuzz/json_fuzz.c $(ashlar-json),$(eval cflags-$f = -D_GNU_SOURCE))

# What `ashlar` reads of a kernel's file.
ashlar-image := scripts/ashlar/arm64_image.c scripts/ashlar/inflate.c
fuzz-image := tests/fuzz/image_fuzz.c $(ashlar-image) scripts/ashlar/util.c scripts/ashlar/output.c
$(foreach f,tests/fuzz/image_fuzz.c $(ashlar-image),$(eval cflags-$f = -D_GNU_SOURCE))
libs-fuzz-image = -lz

# The partition table of io's disk.
fuzz-gpt := tests/fuzz/gpt_fuzz.c rootfs/backends/io/gpt.c rootfs/backends/io/crc32.c

# A disk's image, as `ashlar inspect` reads it.
ashlar-disk := scripts/ashlar/fat.c scripts/ashlar/disk_show.c
fuzz-disk := tests/fuzz/disk_fuzz.c $(ashlar-disk) scripts/ashlar/util.c scripts/ashlar/output.c
$(foreach f,tests/fuzz/disk_fuzz.c $(ashlar-disk),$(eval cflags-$f = -D_GNU_SOURCE))
