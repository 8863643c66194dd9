# SPDX-License-Identifier: Apache-2.0
#
# The stub of ashlar.efi: a small program of its own, which the hypervisor knows nothing of. `ashlar sign` puts both,
# and the bundle, into one file. And, for a board with two slots, the selector, another such program.

ifneq ($(CONFIG_IMAGE_EFI),)

efi-dirs := arch/efi arch/$(ARCH)/efi
# A PC's watchdog is driven by the hypervisor's own code.
efi-watchdog := $(addprefix $(B)/obj/arch/,$(if $(filter-out 0,$(CONFIG_EFI_WATCHDOG_S)),x86_64/efi/watchdog/tco.o efi/lib/tco.o,efi/watchdog/none.o))
efi-objs := $(patsubst %,$(B)/obj/%.o,$(basename $(foreach d,$(efi-dirs),$(wildcard $d/*.c $(if $(filter $d,arch/efi),,$d/*.S))))) $(efi-watchdog)
efi-lds := $(B)/obj/arch/efi/stub.lds
efi-lib := $(addprefix $(B)/obj/arch/efi/lib/,string.o)
efi-fdt := $(if $(CONFIG_ARCH_AARCH64),$(addprefix $(B)/obj/arch/efi/lib/,fdt.o fdt_sw.o))

# Wherever the firmware puts it. There is no seed for a stack protector.
efi-flags := -Os -fpie -fvisibility=hidden -fno-stack-protector $(if $(CONFIG_ARCH_X86_64),-mcmodel=small) -Iarch/efi
$(foreach o,$(efi-objs) $(efi-lib) $(efi-fdt),$(eval object-flags-$o := $(efi-flags)))
$(foreach o,$(efi-fdt),$(eval object-flags-$o += -w))

# The selector's record lies where image.cfg says, which is in the form of, and read by io as, U-Boot's environment.
selector-objs := $(if $(CONFIG_BOARD_SLOTS),$(patsubst %.c,$(B)/obj/%.o,$(wildcard arch/efi/selector/*.c)) $(B)/obj/arch/efi/lib/crc32.o)
selector-record = $(call image-cfg,environment)
$(foreach o,$(selector-objs),$(eval object-flags-$o = $(efi-flags) -DRECORD_FIRST=$$(word 1,$$(selector-record)) \
	-DRECORD_SECOND=$$(word 2,$$(selector-record)) -DRECORD_BYTES=$$(word 3,$$(selector-record))))
selector-link := $(selector-objs) $(B)/obj/arch/efi/say.o $(efi-watchdog) $(efi-lib)

$(B)/obj/arch/efi/lib/crc32.o: rootfs/backends/io/crc32.c FORCE | $(prepare-y)
	$(call if_changed_dep,cc)
$(B)/obj/arch/efi/lib/tco.o: arch/x86_64/watchdog/tco.c FORCE | $(prepare-y)
	$(call if_changed_dep,cc)
$(efi-lib): hypervisor/lib/string.c FORCE | $(prepare-y)
	$(call if_changed_dep,cc)
$(efi-fdt): $(B)/obj/arch/efi/lib/%.o: $(PAYLOAD_libfdt-src_DIR)/libfdt/%.c FORCE | $(prepare-y)
	$(call if_changed_dep,cc)

quiet_ld_efi = LD
cmd_ld_efi = $(LD) -nostdlib -pie --no-dynamic-linker --gc-sections --build-id=none --fatal-warnings -z noexecstack -z norelro \
	$(ARCH_LDFLAGS) -T $(efi-lds) -o $@ $(efi-objs) $(efi-lib) $(efi-fdt)
$(B)/efi-stub.elf: $(efi-objs) $(efi-lib) $(efi-fdt) $(efi-lds) FORCE
	$(call if_changed,ld_efi)

quiet_ld_selector = LD
cmd_ld_selector = $(LD) -nostdlib -pie --no-dynamic-linker --gc-sections --build-id=none --fatal-warnings -z noexecstack -z norelro \
	$(ARCH_LDFLAGS) -T $(efi-lds) -o $@ $(selector-link)
$(B)/efi-selector.elf: $(selector-link) $(efi-lds) FORCE
	$(call if_changed,ld_selector)

quiet_selector = EFI
cmd_selector = $(ashlar-sign) $(EFI_KEY_FILE) --output $@ --stub $<
$(B)/images/selector.efi: $(B)/efi-selector.elf $(EFI_KEY_FILE) $(ASHLAR) FORCE
	$(call if_changed,selector)

targets += $(selector-objs) $(B)/efi-selector.elf $(B)/images/selector.efi
images-y += $(if $(CONFIG_BOARD_SLOTS),$(B)/images/selector.efi)

targets += $(efi-objs) $(efi-lib) $(efi-fdt) $(efi-lds) $(B)/efi-stub.elf
objects: $(efi-objs) $(selector-objs)

endif
