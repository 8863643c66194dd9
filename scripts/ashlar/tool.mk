# SPDX-License-Identifier: Apache-2.0
#
# The host tool, and what it makes of a plan:
#
#   board.dts, domain.dtsi -> plan.dts -> plan.src.dtb, plan.map.dts -> images.mk (the plan is checked first)
#   -> images/plan.dtb (-> images/plan.html), bundle.unsigned -> bundle.itb -> images/ashlar.itb
#
# $(ASHLAR) is the tool, $(SIGN_KEY_FILE) the key in use: CONFIG_SIGN_KEY, or this user's dev key.

ASHLAR := $(B)/host/ashlar

# What the store says of its memory, with the limits that are configured.
ashlar-store := rootfs/backends/store/layout.c rootfs/backends/limits.c

ashlar-kernel := $(if $(CONFIG_ARCH_X86_64),pvh_image.c,arm64_image.c)
ashlar-src := $(filter-out %_image.c,$(wildcard scripts/ashlar/*.c)) $(wildcard scripts/ashlar/map/*.c scripts/ashlar/import/*.c scripts/ashlar/sbom/*.c scripts/ashlar/efi/*.c) scripts/ashlar/$(ashlar-kernel) \
	$(wildcard hypervisor/domain/plan*.c) \
	hypervisor/domain/$(if $(CONFIG_ARCH_X86_64),board_apic.c,board_gic.c) hypervisor/lib/arena.c hypervisor/lib/fdt.c \
	$(if $(CONFIG_ARCH_X86_64),arch/x86_64/pvh/elf.c) $(addprefix hypervisor/verify/,digest.c digest_no_insn.c ecdsa.c fit_regions.c fit_tree.c rsa.c verify.c) $(ashlar-store)
ashlar-own := $(ashlar-src:%.c=$(B)/host/%.o)
ashlar-libfdt := $(addprefix $(B)/host/libfdt/,fdt.o fdt_addresses.o fdt_check.o fdt_empty_tree.o fdt_ro.o \
	fdt_rw.o fdt_strerror.o fdt_sw.o fdt_wip.o)
ashlar-mbedtls := $(addprefix $(B)/host/mbedtls/,asn1parse.o asn1write.o base64.o bignum.o bignum_core.o \
	bignum_mod.o bignum_mod_raw.o constant_time.o ecdsa.o ecp.o ecp_curves.o hmac_drbg.o md.o oid.o pem.o pk.o pk_ecc.o pk_wrap.o pkparse.o platform.o platform_util.o rsa.o \
	rsa_alt_helpers.o sha256.o x509.o x509_crt.o)

ashlar-includes = -Ihypervisor/include -Iarch/$(ARCH)/include -isystem $(PAYLOAD_xen-headers_DIR)/usr/include -Iscripts/ashlar/include -isystem $(PAYLOAD_libfdt-src_DIR)/libfdt \
	-isystem $(PAYLOAD_mbedtls-src_DIR)/include -DMBEDTLS_CONFIG_FILE='"mbedtls_host_config.h"'
$(foreach o,$(ashlar-own),$(eval host-flags-$o = -D_GNU_SOURCE -DASHLAR_VERSION='"$(ASHLAR_VERSION)"' $$(ashlar-includes)))

quiet_hostcc_lib = HOSTCC
cmd_hostcc_lib = $(HOSTCC) -std=gnu11 -O2 -w $(PREFIX_MAP) $(ashlar-includes) -MMD -MF $@.d -c -o $@ $<

$(ashlar-libfdt): $(B)/host/libfdt/%.o: $(PAYLOAD_libfdt-src_DIR)/libfdt/%.c FORCE
	$(call if_changed_dep,hostcc_lib)
$(ashlar-mbedtls): $(B)/host/mbedtls/%.o: $(PAYLOAD_mbedtls-src_DIR)/library/%.c FORCE
	$(call if_changed_dep,hostcc_lib)
# What a system header includes, the compiler does not name.
$(ashlar-mbedtls): scripts/ashlar/include/mbedtls_host_config.h

ashlar-objs := $(ashlar-own) $(ashlar-libfdt) $(ashlar-mbedtls)
quiet_hostld = HOSTLD
cmd_hostld = $(HOSTCC) $(HOST_LDFLAGS) -o $@ $(ashlar-objs) -lz

$(ASHLAR): $(ashlar-objs) FORCE
	$(call if_changed,hostld)

targets += $(ashlar-objs) $(ASHLAR)

# ---- the key ----

dev-key := $(if $(filter /%,$(XDG_DATA_HOME)),$(XDG_DATA_HOME),$(HOME)/.local/share)/ashlar/dev.key
# What was read of an older configuration is about to be made and read again: a key in it that cannot be is no matter.
ifneq ($(shell [ $(KCONFIG_CONFIG) -nt $(CONFIG_MK) ] && echo stale),)
override CONFIG_SIGN_KEY := $(B)/the-key-of-the-configuration-before
override CONFIG_BUNDLE_KEY := $(if $(CONFIG_BUNDLE_KEY),$(B)/the-key-of-the-bundle-before)
$(foreach role,EFI ROOT UPDATE,$(eval override CONFIG_$(role)_KEY := $(if $(CONFIG_$(role)_KEY),$(B)/the-key-of-the-$(role)-before)))
endif
SIGN_KEY_FILE := $(or $(CONFIG_SIGN_KEY),$(dev-key))
$(call usable-path,The signing key,$(SIGN_KEY_FILE),Let CONFIG_SIGN_KEY name one elsewhere)
# Every role may have a key of its own; a bundle that is signed by ECDSA, which U-Boot does not verify, has one.
ec-dev-key := $(dir $(dev-key))dev-ecdsa.key
BUNDLE_KEY_FILE := $(or $(CONFIG_BUNDLE_KEY),$(if $(CONFIG_BUNDLE_ECDSA),$(ec-dev-key),$(SIGN_KEY_FILE)))
EFI_KEY_FILE := $(or $(CONFIG_EFI_KEY),$(SIGN_KEY_FILE))
ROOT_KEY_FILE := $(or $(CONFIG_ROOT_KEY),$(SIGN_KEY_FILE))
UPDATE_KEY_FILE := $(or $(CONFIG_UPDATE_KEY),$(SIGN_KEY_FILE))
key-roles := SIGN BUNDLE EFI ROOT UPDATE
$(foreach role,$(filter-out SIGN,$(key-roles)),$(call usable-path,The key of CONFIG_$(role)_KEY,$($(role)_KEY_FILE),Let CONFIG_$(role)_KEY name one elsewhere))

# Made once, never again, whatever is newer than it.
$(dev-key): | $(ASHLAR)
	@$(ASHLAR) devkey >/dev/null
$(ec-dev-key): | $(ASHLAR)
	@$(ASHLAR) devkey --ecdsa >/dev/null

$(sort $(foreach role,$(key-roles),$(CONFIG_$(role)_KEY))):
	@echo 'CONFIG_$(firstword $(foreach role,$(key-roles),$(if $(filter $@,$(CONFIG_$(role)_KEY)),$(role))))_KEY: there is no file $@; a key is made by: $(if $(CONFIG_BUNDLE_ECDSA),$(if $(filter $@,$(CONFIG_BUNDLE_KEY)),openssl ecparam -genkey -name prime256v1 -noout -out $@,openssl genrsa -out $@ 3072),openssl genrsa -out $@ 3072)' >&2; exit 1

quiet_builtin_key = KEY
cmd_builtin_key = $(ASHLAR) keyinfo --c --output $@ $(BUNDLE_KEY_FILE)
$(B)/obj/generated/builtin_key.c: $(BUNDLE_KEY_FILE) $(ASHLAR) FORCE
	$(call if_changed,builtin_key)

targets += $(B)/obj/generated/builtin_key.c

# ---- the plan ----

board-dir := $(or $(patsubst %/board.dts,%,$(wildcard $(if $(ASHLAR_EXTERNAL),$(ASHLAR_EXTERNAL)/boards/$(CONFIG_BOARD)/board.dts))),boards/$(CONFIG_BOARD))
image-cfg = $(shell sed -n 's/^$1 = //p' $(board-dir)/image.cfg)

board-dts := $(board-dir)/board.dts
# A tree that somebody else keeps, and that board.dts adds to: read before it.
board-base := $(if $(call image-cfg,base),$(B)/base.dts)
domain-symbol = CONFIG_DOMAIN_$(shell printf '%s' '$1' | tr 'a-z-' 'A-Z_')
# Behind the others stand those that serve: the first of the plan has the keyboard when the board starts.
domain-servers := io store
domain-rooms := rootfs/domains $(if $(ASHLAR_EXTERNAL),$(ASHLAR_EXTERNAL)/domains)
domain-files := $(wildcard $(addsuffix /*/domain.dtsi,$(domain-rooms)))
domain-folders := $(sort $(foreach f,$(domain-files),$(notdir $(patsubst %/,%,$(dir $f)))))
$(foreach d,$(domain-folders),$(if $(word 2,$(filter %/$d/domain.dtsi,$(domain-files))),\
	$(error two domains are called $d: $(filter %/$d/domain.dtsi,$(domain-files)); rename yours)))
domain-names := $(filter-out $(domain-servers),$(domain-folders)) $(filter $(domain-servers),$(domain-folders))
plan-parts := $(board-dts) $(foreach d,$(domain-names),$(if $($(call domain-symbol,$d)),$(filter %/$d/domain.dtsi,$(domain-files)))) \
	$(if $(CONFIG_SHARE_CPUS),rootfs/domains/fair-share.dtsi)

quiet_plan_parts = PLAN
cmd_plan_parts = printf '$(pound)include "%s"\n' $(plan-parts) > $@
$(B)/plan.dts: FORCE
	$(call if_changed,plan_parts)

# From standard input, so that the parts are named from the top of the project. Line markers stay: they are how a
# finding knows the user's file and line.
# A read-only disk is made before the plan that has its root hash: rootfs/rootfs.mk.
system-disk := $(if $(CONFIG_LINUX_A_SYSTEM),$(B)/system.img)
system-header := $(addsuffix .h,$(system-disk))

quiet_dtscpp = DTSCPP
cmd_dtscpp = $(HOSTCC) -E -nostdinc -iquote . -undef -x assembler-with-cpp -D__DTS__ -include $(B)/include/generated/autoconf.h \
	$(addprefix -include ,$(board-base) $(system-header)) -MMD -MF $@.d -MT $@ -o $@ - < $<
$(B)/plan.pp.dts: $(B)/plan.dts $(board-base) $(system-header) FORCE | $(prepare-y)
	$(call if_changed_dep,dtscpp)
$(B)/board.dts: $(board-dts) $(board-base) $(system-header) FORCE | $(prepare-y)
	$(call if_changed_dep,dtscpp)

# A new symbol of a Kconfig file is known before the plan that uses it is read.
$(B)/plan.pp.dts $(B)/board.dts: | $(CONFIG_MK)

dtc-flags := -q -Wno-avoid_unnecessary_addr_size
quiet_dtc = DTC
cmd_dtc = $(DTC) $(dtc-flags) -I dts -O dtb -o $@ $<
quiet_dtsmap = DTC
cmd_dtsmap = $(DTC) $(dtc-flags) -I dts -O dts -T -o $@ $<
$(B)/plan.src.dtb: $(B)/plan.pp.dts FORCE
	$(call if_changed,dtc)
$(B)/board.dtb: $(B)/board.dts FORCE
	$(call if_changed,dtc)
$(B)/plan.map.dts: $(B)/plan.pp.dts FORCE
	$(call if_changed,dtsmap)

targets += $(B)/plan.dts $(B)/plan.pp.dts $(B)/board.dts $(B)/plan.src.dtb $(B)/board.dtb $(B)/plan.map.dts

# ---- its images: known before anything that needs them ----

# $(call image-file,REF): the file behind an image reference.
image-file = $(or $(if $(filter debian:%,$1),$(PAYLOAD_$(patsubst debian:%,%,$1)_FILE)),$(if $(filter rule:%,$1),$(B)/rule/$(patsubst rule:%,%,$1)),$(patsubst file:%,%,$(filter file:%,$1)))

# What a packaged kernel was built with, where the package says it.
kernel-config = $(firstword $(if $(filter debian:%,$1),$(wildcard $(PAYLOAD_$(patsubst debian:%,%,$1)_DIR)/boot/config-*)))

ifneq ($(board-base),)
board-base-dtb := $(call image-file,$(call image-cfg,base))

# Of a payload that is still to come nothing is said: it comes first, then make reads all this again.
quiet_base = TREE
cmd_base = $(PYTHON) scripts/image/base_tree.py --board-dir $(board-dir) --base $(board-base-dtb) --output $@
$(board-base): $(board-base-dtb) $(board-dir)/image.cfg $(board-dts) scripts/image/base_tree.py FORCE
	$(call if_changed,base)
targets += $(board-base)
endif

# With upstream Xen the tree that the boot loader hands over is the plan.
board-tree := $(if $(CONFIG_HYPERVISOR_XEN),$(B)/xen.dtb,$(B)/board.dtb)

plan-schedulers := pinned $(if $(CONFIG_SCHED_FAIR_SHARE),fair-share) $(if $(CONFIG_SCHED_TIME_TABLE),time-table)
known-images = $(patsubst scripts/fetch/payloads/%.conf,debian:%,$(wildcard scripts/fetch/payloads/*.conf)) \
	$(patsubst $(B)/rule/%,rule:%,$(filter-out %.elf,$(filter $(B)/rule/%,$(targets))))

# The partitions of the board's image, which `ashlar check` holds the disks of domains against.
quiet_partitions = LIST
cmd_partitions = $(PYTHON) scripts/image/disk.py --board-dir $(dir $(board-dts)) --output $@ --list $(if $(system-disk),--system none)
$(B)/partitions.txt: $(dir $(board-dts))image.cfg scripts/image/disk.py FORCE
	$(call if_changed,partitions)
targets += $(B)/partitions.txt

disk-partitions := $(if $(CONFIG_IMAGE_SDCARD)$(CONFIG_IMAGE_EFI),$(B)/partitions.txt)

quiet_images = CHECK
cmd_images = $(ASHLAR) check --map $(B)/plan.map.dts $(addprefix --known ,$(known-images)) \
	$(addprefix --scheduler ,$(plan-schedulers)) $(addprefix --partitions ,$(disk-partitions)) $(if $(CONFIG_HWDOG_DOMAINS),--vouching) $(if $(CONFIG_HWDOG_IMX2),--imx-watchdog) $(if $(CONFIG_ARCH_X86_64),--tco-watchdog) \
	$(if $(filter-out 0,$(CONFIG_EFI_WATCHDOG_S)),--efi-watchdog) $(if $(CONFIG_HYPERVISOR_XEN),--xen) $< && \
	$(ASHLAR) images --make $< > $@.tmp && mv $@.tmp $@
$(B)/images.mk: $(B)/plan.src.dtb $(B)/plan.map.dts $(disk-partitions) $(ASHLAR) FORCE
	$(call if_changed,images)
targets += $(B)/images.mk

# The tool needs the payloads, so it waits for them; make reads everything again once they are there. It waits for a
# changed configuration too, for which domains there are is known only when make has read that.
# Fetching alone does not need to know.
ifneq ($(and $(wildcard $(PAYLOAD_mbedtls-src_DIR)/include),$(if $(config-changed),,ready),$(filter-out fetch fetch-all,$(asked-build))),)
$(call include-made,$(B)/images.mk)
endif

plan-image-files = $(foreach ref,$(plan-images),$(call image-file,$(ref)))
plan-tree-files := $(patsubst file:%,%,$(plan-trees))
# A partial device tree is read with the plan.
$(B)/images.mk: $(plan-tree-files)

# ---- packed and signed ----

quiet_pack = PACK
cmd_pack = mkdir -p $(B)/images && $(clock) $(ASHLAR) pack --map $(B)/plan.map.dts --hypervisor $(hyp-image) \
	$(foreach ref,$(plan-images),--image $(ref)=$(call image-file,$(ref)) \
		$(addprefix --kernel-config $(ref)=,$(call kernel-config,$(ref)))) \
	$(if $(CONFIG_SWID),--swid $(call quoted,$(CONFIG_SWID))) \
	$(addprefix --rollback ,$(filter-out 0,$(CONFIG_ROLLBACK_COUNTER))) --plan $(B)/images/plan.dtb \
	$(if $(CONFIG_HYPERVISOR_XEN),--xen-tree $(B)/xen.dtb) --bundle $@ $(B)/plan.src.dtb
$(B)/bundle.unsigned: $(B)/plan.src.dtb $(B)/plan.map.dts $(hyp-image) $(plan-image-files) $(plan-tree-files) $(ASHLAR) FORCE
	$(call if_changed,pack)
$(B)/images/plan.dtb $(B)/xen.dtb: $(B)/bundle.unsigned ;
# A user's file that is gone is `ashlar pack`'s to report, with the line that names it.
$(patsubst file:%,%,$(filter file:%,$(plan-images)) $(plan-trees)):

ashlar-sign = $(ASHLAR) sign $(if $(CONFIG_RELEASE),--release )--key

quiet_sign = SIGN
cmd_sign = $(ashlar-sign) $(BUNDLE_KEY_FILE) --output $@ $<
$(B)/bundle.itb: $(B)/bundle.unsigned $(BUNDLE_KEY_FILE) $(ASHLAR) FORCE
	$(call if_changed,sign)

# Signed by mkimage, then read by an independent program: ours.
quiet_outer = FIT
cmd_outer = $(clock) $(ashlar-sign) $(SIGN_KEY_FILE) --output $@ --plan $(B)/images/plan.dtb \
	--hypervisor $(hyp-image) --fdt $(board-tree) --bundle $(B)/bundle.itb $(if $(CONFIG_HYPERVISOR_XEN),--xen) && \
	$(ASHLAR) verify --key $(SIGN_KEY_FILE) --bundle-key $(BUNDLE_KEY_FILE) $@ > /dev/null
$(B)/images/ashlar.itb: $(B)/bundle.itb $(B)/images/plan.dtb $(hyp-image) $(board-tree) $(SIGN_KEY_FILE) FORCE
	$(call if_changed,outer)

quiet_efi = EFI
cmd_efi = $(ashlar-sign) $(EFI_KEY_FILE) --output $@ --plan $(B)/images/plan.dtb --hypervisor $(hyp-image) \
	--stub $(B)/efi-stub.elf --bundle $(B)/bundle.itb
$(B)/images/ashlar.efi: $(B)/bundle.itb $(B)/images/plan.dtb $(hyp-image) $(B)/efi-stub.elf $(EFI_KEY_FILE) $(ASHLAR) FORCE
	$(call if_changed,efi)

# What a firmware's db takes.
quiet_certificate = KEY
cmd_certificate = $(ASHLAR) keyinfo --certificate --output $@ $(EFI_KEY_FILE)
$(B)/images/db.cer: $(EFI_KEY_FILE) $(ASHLAR) FORCE
	$(call if_changed,certificate)

# `make update`: what scripts/image/slots.py installs. It is as large as the image: it is made when asked for.
PHONY += update
update-of := $(if $(CONFIG_IMAGE_EFI),$(B)/images/ashlar.efi,$(B)/images/ashlar.itb)
update: $(update-of) $(system-disk) $(UPDATE_KEY_FILE) $(ASHLAR)
	$(Q)$(ASHLAR) update --key $(UPDATE_KEY_FILE) --board $(CONFIG_BOARD) $(addprefix --system ,$(system-disk)) --output $(B)/update.raucb $(update-of)
	@echo "  UPDATE  $(B)/update.raucb"

quiet_map = MAP
cmd_map = $(ASHLAR) map --html --output $@ $<
$(B)/images/plan.html: $(B)/images/plan.dtb $(ASHLAR) FORCE
	$(call if_changed,map)

targets += $(B)/bundle.unsigned $(B)/bundle.itb $(B)/images/ashlar.efi $(B)/images/db.cer $(B)/images/ashlar.itb $(B)/images/plan.html
images-y += $(B)/images/plan.dtb $(B)/images/plan.html $(if $(CONFIG_IMAGE_SDCARD),$(B)/images/ashlar.itb)
images-y += $(if $(CONFIG_IMAGE_EFI),$(B)/images/ashlar.efi $(B)/images/db.cer)

# ---- the tool for itself, with its pages: `make install DESTDIR= PREFIX=` ----

PHONY += install man
PREFIX ?= /usr/local
install-root = $(DESTDIR)$(PREFIX)

quiet_pages = PAGES
cmd_pages = rm -rf $@ && $(PYTHON) scripts/ashlar/pages.py --tool $(ASHLAR) --version $(ASHLAR_VERSION) --out $@
$(B)/share: $(ASHLAR) scripts/ashlar/pages.py FORCE
	$(call if_changed,pages)
targets += $(B)/share
man: $(B)/share

install: $(ASHLAR) $(B)/share
	@install -d $(install-root)/bin $(install-root)/share/man/man1 $(install-root)/share/bash-completion/completions
	@install -m 755 $(ASHLAR) $(install-root)/bin/ashlar
	@install -m 644 $(B)/share/man1/*.1 $(install-root)/share/man/man1
	@install -m 644 $(B)/share/completions/ashlar $(install-root)/share/bash-completion/completions/ashlar
