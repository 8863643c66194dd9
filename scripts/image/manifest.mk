# SPDX-License-Identifier: Apache-2.0
#
# What tells of the image, in images/: manifest.json, of it the two bills of material, a VEX document to fill in and the provenance, and
# SHA256SUMS over everything else in images/. Read last.

manifest-files := $(filter $(B)/images/%,$(images-y))
manifest-py := $(wildcard scripts/image/manifest.py scripts/fetch/*.py scripts/fetch/payloads/*.conf)
manifest-tools := cc=$(firstword $(CC)) ld=$(LD) hostcc=$(HOSTCC) dtc=$(DTC) mkimage=mkimage \
	genimage=genimage mtools=mcopy dosfstools=fatlabel bmaptool=bmaptool python=$(PYTHON)

manifest := $(B)/images/manifest.json
sbom-files := $(B)/images/sbom.cdx.json $(B)/images/sbom.spdx.json $(B)/images/vex.cdx.json
provenance := $(B)/images/provenance.json

quiet_manifest = DESCR
cmd_manifest = $(clock) $(PYTHON) scripts/image/manifest.py \
	--out $@ --licences $(B)/licences.json --version $(ASHLAR_VERSION) --board $(CONFIG_BOARD) --root-of-trust $(root-of-trust) \
	$(if $(CONFIG_SWID),--swid $(call quoted,$(CONFIG_SWID))) \
	--rollback-store $(CONFIG_ROLLBACK_STORE) --figures $(board-dir)/figures.toml \
	$(addprefix --hardened ,$(if $(CONFIG_IMAGE_SDCARD),$(call image-cfg,hardened))) --key "$$($(ASHLAR) keyinfo $(SIGN_KEY_FILE))" \
	--key-id $$($(ASHLAR) keyinfo --id $(SIGN_KEY_FILE)) \
	--plan-source $(B)/plan.src.dtb --plan $(B)/images/plan.dtb \
	$(foreach name,$(PAYLOADS),--payload $(name)=$(PAYLOAD_$(name)_DIR)) \
	$(foreach ref,$(plan-images),--image $(ref)=$(call image-file,$(ref))) \
	--bundle $(B)/bundle.itb --part "board device tree=$(B)/board.dtb" $(foreach tool,$(manifest-tools),--tool $(tool)) \
	$(manifest-files) && touch $@
$(manifest): $(manifest-files) $(B)/bundle.itb $(B)/board.dtb $(wildcard $(board-dir)/figures.toml) $(manifest-py) FORCE
	$(call if_changed,manifest)
$(B)/licences.json: $(manifest) ;

# $(B)/size.txt, or an error where a budget is exceeded; `make size SIZE_BASE=manifest.json` compares with another build.
PHONY += size
size-budgets := --budget hypervisor=$(CONFIG_BUDGET_HYPERVISOR_KIB) --budget bundle=$(CONFIG_BUDGET_BUNDLE_KIB) \
	$(if $(CONFIG_IMAGE_SDCARD)$(CONFIG_IMAGE_EFI),--slots $(B)/slots.txt --slot-budget $(CONFIG_BUDGET_SLOT_KIB))
quiet_size = SIZE
cmd_size = $(ASHLAR) size $(size-budgets) --output $@ $<
$(B)/size.txt: $(manifest) $(ASHLAR) FORCE
	$(call if_changed,size)
size: $(manifest) $(ASHLAR)
	@$(ASHLAR) size $(size-budgets) $(if $(SIZE_BASE),--base $(SIZE_BASE)) $<

quiet_sbom = SBOM
cmd_sbom = $(clock) $(ASHLAR) sbom $(if $(findstring vex,$(notdir $@)),--vex,$(if $(findstring .cdx.,$@),--cyclonedx,--spdx)) --licences $(B)/licences.json --output $@ $<
$(sbom-files): $(manifest) $(B)/licences.json $(ASHLAR) FORCE
	$(call if_changed,sbom)

# Of all that is handed over; the configuration but for where the key lies, which is the builder's own affair.
quiet_provenance = PROV
cmd_provenance = $(clock) $(ASHLAR) provenance --config $(B)/include/config/auto.conf $(addprefix --subject ,$(manifest-files)) --output $@ $<
$(provenance): $(manifest) $(B)/include/config/auto.conf $(ASHLAR) FORCE
	$(call if_changed,provenance)

summed := $(sort $(notdir $(manifest-files) $(manifest) $(sbom-files) $(provenance)))
quiet_sums = SUMS
cmd_sums = cd $(B)/images && sha256sum $(summed) > .SHA256SUMS && mv .SHA256SUMS SHA256SUMS
$(B)/images/SHA256SUMS: $(manifest-files) $(manifest) $(sbom-files) $(provenance) FORCE
	$(call if_changed,sums)

targets += $(B)/size.txt $(manifest) $(sbom-files) $(provenance) $(B)/images/SHA256SUMS
images-y += $(B)/size.txt $(manifest) $(sbom-files) $(provenance) $(B)/images/SHA256SUMS
