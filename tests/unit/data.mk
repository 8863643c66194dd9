# SPDX-License-Identifier: Apache-2.0
#
# What the tests of verify and plan read: signed FITs made by mkimage and by the host tool, keys made for the
# occasion, a packed plan. And mbedtls as the target has it, memory from the arena, with the sanitizers.

test-data := $(B)/unit/data
cflags-tests/unit/verify_test.c = -DDATA='"$(test-data)"'
cflags-tests/unit/plan_test.c = -DDATA='"$(test-data)"'
cflags-tests/unit/plan_tree_test.c = -DDATA='"$(test-data)"'
cflags-tests/unit/plan_golden_test.c = -DDATA='"$(test-data)"'
cflags-hypervisor/verify/rsa.c = $(test-mbedtls-flags)
cflags-hypervisor/verify/ecdsa.c = $(subst mbedtls_target_config,mbedtls_target_ecdsa_config,$(test-mbedtls-flags))
cflags-hypervisor/core/entropy.c = $(test-mbedtls-flags)
cflags-hypervisor/verify/digest.c = $(test-mbedtls-flags)
cflags-hypervisor/verify/digest_no_insn.c = $(test-mbedtls-flags)

test-mbedtls-flags = -Ihypervisor/lib/config -DMBEDTLS_CONFIG_FILE='"mbedtls_target_config.h"'
test-mbedtls-src := $(patsubst %,$(PAYLOAD_mbedtls-src_DIR)/library/%.c,asn1parse asn1write bignum bignum_core \
	constant_time hmac_drbg md oid platform platform_util rsa rsa_alt_helpers sha256)
test-ecdsa-src := $(filter-out %/rsa.c %/rsa_alt_helpers.c,$(test-mbedtls-src)) \
	$(patsubst %,$(PAYLOAD_mbedtls-src_DIR)/library/%.c,bignum_mod bignum_mod_raw ecdsa ecp ecp_curves)
$(B)/unit/mbedtls.a: test-config = mbedtls_target_config.h
$(B)/unit/mbedtls-ecdsa.a: test-config = mbedtls_target_ecdsa_config.h
$(B)/unit/mbedtls.a: $(test-mbedtls-src)
$(B)/unit/mbedtls-ecdsa.a: $(test-ecdsa-src)
$(B)/unit/mbedtls.a $(B)/unit/mbedtls-ecdsa.a: $(wildcard hypervisor/lib/config/*.h)
	@$(call msg,AR,$@)
	$(Q)rm -rf $(@:.a=) && mkdir -p $(@:.a=)
	$(Q)cd $(@:.a=) && $(HOSTCC) -g -O1 -w $(test-sanitize-unit) -I$(CURDIR)/hypervisor/include \
		-I$(CURDIR)/hypervisor/lib/config -I$(PAYLOAD_mbedtls-src_DIR)/include \
		-DMBEDTLS_CONFIG_FILE='"$(test-config)"' -c $(filter %.c,$^)
	$(Q)rm -f $@ && ar rcs $@ $(@:.a=)/*.o

$(test-data)/rsa%.pem:
	@$(call msg,KEY,$@)
	$(Q)mkdir -p $(@D)
	$(Q)openssl genrsa -out $@ $* 2> $@.log || { cat $@.log; exit 1; }
$(test-data)/other.pem: $(test-data)/rsa2048.pem
	$(Q)openssl genrsa -out $@ 2048 2> $@.log || { cat $@.log; exit 1; }
$(test-data)/%.modulus: $(test-data)/%.pem
	$(Q)openssl rsa -in $< -modulus -noout > $@

# mkimage signs: two images under one configuration, a third that nobody names.
$(test-data)/mkimage%.itb: $(test-data)/rsa%.pem tests/unit/data/signed.its
	@$(call msg,FIT,$@)
	$(Q)sed 's/@BITS@/$*/' tests/unit/data/signed.its > $(@D)/$*.its
	$(Q)mkimage -f $(@D)/$*.its -E -B 0x1000 -G $< -r $@ > $@.log || { cat $@.log; exit 1; }

# Every plan of the golden tests, as its author wrote it.
golden-trees := $(patsubst tests/golden/%.dts,$(test-data)/golden/%.dtb,$(wildcard tests/golden/*/*.dts))
$(golden-trees): $(test-data)/golden/%.dtb: tests/golden/%.dts $(wildcard tests/golden/*.dtsi)
	$(Q)mkdir -p $(@D)
	$(Q)printf '#include "$<"\n' | $(HOSTCC) -E -nostdinc -undef -x assembler-with-cpp -Itests/golden - | \
		$(DTC) -q -q -I dts -O dtb -o $@ -
$(B)/unit/plan_golden: | $(golden-trees)

# The host tool packs and signs one of the plans that the golden tests accept.
$(test-data)/plan.src.dtb: tests/golden/accepted/two-domains.dts
	$(Q)mkdir -p $(@D)
	$(Q)printf '#include "$<"\n' | $(HOSTCC) -E -nostdinc -undef -x assembler-with-cpp -Itests/golden - | \
		$(DTC) -q -q -I dts -O dtb -o $@ -
$(test-data)/bundle.itb: $(test-data)/plan.src.dtb $(test-data)/rsa2048.pem $(ASHLAR)
	@$(call msg,FIT,$@)
	$(Q)$(PYTHON) -c 'from tests.golden import plans; import pathlib; plans.make_images(pathlib.Path("$(@D)"))'
	$(Q)$(ASHLAR) pack --image rule:kernel=$(@D)/kernel --image rule:ramdisk=$(@D)/ramdisk \
		--hypervisor $(@D)/hypervisor --plan $(@D)/plan.dtb --bundle $@.unsigned $<
	$(Q)$(ASHLAR) sign --key $(@D)/rsa2048.pem --output $@ $@.unsigned

# Another that has partial device trees.
$(test-data)/partial.dtb: $(test-data)/golden/accepted/partial-tree.dtb $(test-data)/bundle.itb \
		$(wildcard tests/golden/trees/accepted/*.dts)
	$(Q)$(ASHLAR) pack --image rule:kernel=$(@D)/kernel --hypervisor $(@D)/hypervisor --plan $@ --bundle $@.unsigned $<

# And one for the fake machine, whole: unit/core boots it.
$(test-data)/core.src.dtb: tests/unit/data/core.dts $(wildcard tests/golden/*.dtsi)
	$(Q)mkdir -p $(@D)
	$(Q)printf '#include "$<"\n' | $(HOSTCC) -E -nostdinc -undef -x assembler-with-cpp -Itests/golden - | \
		$(DTC) -q -q -I dts -O dtb -o $@ -
$(test-data)/core.itb: $(test-data)/core.src.dtb $(test-data)/bundle.itb
	@$(call msg,FIT,$@)
	$(Q)$(ASHLAR) pack --image rule:kernel=$(@D)/kernel --image rule:ramdisk=$(@D)/ramdisk \
		--hypervisor $(@D)/hypervisor --rollback 3 --plan $(@D)/core.plan.dtb --bundle $@.unsigned $<
	$(Q)$(ASHLAR) sign --key $(@D)/rsa2048.pem --output $@ $@.unsigned

$(B)/unit/verify: | $(addprefix $(test-data)/,mkimage2048.itb mkimage3072.itb mkimage4096.itb bundle.itb \
	rsa2048.modulus rsa3072.modulus rsa4096.modulus other.modulus \
	rsa2048.pem rsa3072.pem rsa4096.pem other.pem)
$(B)/unit/plan: | $(test-data)/bundle.itb
$(B)/unit/plan_tree: | $(test-data)/partial.dtb
$(B)/unit/core: | $(test-data)/core.itb $(test-data)/rsa2048.modulus
cflags-tests/unit/core_test.c = -DDATA='"$(test-data)"'
$(B)/unit/verify $(B)/unit/entropy $(B)/unit/core: $(B)/unit/mbedtls.a
$(B)/unit/ecdsa: $(B)/unit/mbedtls-ecdsa.a
