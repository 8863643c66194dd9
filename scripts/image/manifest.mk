# SPDX-License-Identifier: Apache-2.0
#
# images/manifest.json and images/SHA256SUMS, over everything else in images/. Read last.

manifest-files := $(filter $(B)/images/%,$(images-y))
manifest-py := $(wildcard scripts/image/manifest.py scripts/fetch/*.py)
manifest-tools := cc=$(firstword $(CC)) ld=$(LD) hostcc=$(HOSTCC) dtc=$(DTC) mkimage=mkimage \
	genimage=genimage mtools=mcopy dosfstools=fatlabel bmaptool=bmaptool python=$(PYTHON)

quiet_manifest = SUMS
cmd_manifest = $(clock) $(PYTHON) scripts/image/manifest.py \
	--out $(B)/images/manifest.json --sums $@ --version $(ASHLAR_VERSION) --board $(CONFIG_BOARD) --root-of-trust $(root-of-trust) \
	--key-id $$($(ASHLAR) keyinfo --id $(SIGN_KEY_FILE)) \
	--plan-source $(B)/plan.src.dtb --plan $(B)/images/plan.dtb \
	$(foreach name,$(PAYLOADS),--payload $(name)=$(PAYLOAD_$(name)_DIR)) \
	$(foreach ref,$(plan-images),--image $(ref)=$(call image-file,$(ref))) \
	--bundle $(B)/bundle.itb --part "board device tree=$(B)/board.dtb" $(foreach tool,$(manifest-tools),--tool $(tool)) \
	$(manifest-files) && touch $(B)/images/manifest.json $@

$(B)/images/SHA256SUMS: $(manifest-files) $(B)/bundle.itb $(B)/board.dtb $(manifest-py) FORCE
	$(call if_changed,manifest)
$(B)/images/manifest.json: $(B)/images/SHA256SUMS ;

targets += $(B)/images/SHA256SUMS
images-y += $(B)/images/manifest.json $(B)/images/SHA256SUMS
