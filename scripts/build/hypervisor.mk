# SPDX-License-Identifier: Apache-2.0
#
# The hypervisor: collects the rooms' module.mk, links ashlar.elf (with symbols), strips it to images/ashlar.bin.

# Public headers and libraries, as the payload cache has them; their warnings are not ours to mend.
payload-include = $(addprefix -isystem ,$(addsuffix /$2,$(PAYLOAD_$1_DIR)))
CPPFLAGS += -Ihypervisor/lib/include
CPPFLAGS += $(call payload-include,xen-headers,usr/include) $(call payload-include,libfdt-src,libfdt)
PREFIX_MAP += $(if $(fetch-cache),-ffile-prefix-map=$(fetch-cache)/=payloads/)

module-dirs := $(patsubst %/module.mk,%,$(sort $(wildcard hypervisor/*/module.mk arch/common/*/module.mk arch/$(ARCH)/module.mk arch/$(ARCH)/*/module.mk)))

objs :=

# Each module.mk is read on its own; `here` is its folder. What runs once, or seldom, is in small-y: compiled for size.
define read-module
here := $1
obj-y :=
small-y :=
cflags-y :=
include $1/module.mk
$$(foreach o,$$(small-y),$$(eval cflags-$$o += -Os))
obj-y += $$(small-y)
objs += $$(addprefix $$(B)/obj/$1/,$$(obj-y))
$$(foreach o,$$(obj-y),$$(eval object-flags-$$(B)/obj/$1/$$o := $$(cflags-y) $$(cflags-$$o))$$(eval cflags-$$o :=))
endef
$(foreach dir,$(module-dirs),$(eval $(call read-module,$(dir))))

lds := $(B)/obj/arch/$(ARCH)/hyp.lds

quiet_ld = LD
cmd_ld = $(LD) $(LDFLAGS) -T $(lds) -Map=$@.map -o $@ $(objs)

$(B)/ashlar.elf: $(objs) $(lds) FORCE
	$(call if_changed,ld)

$(B)/images/ashlar.bin: $(B)/ashlar.elf FORCE
	$(call if_changed,objcopy)

targets += $(objs) $(lds) $(B)/ashlar.elf $(B)/images/ashlar.bin

# Debian's Xen in its place.
ifneq ($(CONFIG_HYPERVISOR_XEN),)
hyp-image := $(B)/images/xen.bin
quiet_xen = XEN
cmd_xen = mkdir -p $(@D) && cp $< $@
$(hyp-image): $(PAYLOAD_xen-hypervisor_FILE) FORCE
	$(call if_changed,xen)
targets += $(hyp-image)
else
hyp-image := $(B)/images/ashlar.bin
endif
images-y += $(hyp-image)

# Compiled, not linked.
PHONY += objects
objects: $(objs)

# For editors: what was compiled, and how.
compile_commands.json: objects
	@$(PYTHON) scripts/build/compile_commands.py $(B) $@

# For lint: the flags that a header is compiled with.
PHONY += print-flags
print-flags:
	@printf '%s\n' $(call quoted,$(strip $(CC) $(CFLAGS) $(CPPFLAGS)))
