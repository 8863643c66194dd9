# SPDX-License-Identifier: Apache-2.0
#
# make <part>-rebuild: what belongs to a part is removed and made again, with all that is made of it.

rebuild-hypervisor = $(B)/obj $(B)/ashlar.elf $(B)/images/ashlar.bin
rebuild-tool = $(B)/host
rebuild-plan = $(addprefix $(B)/,plan.dts plan.pp.dts board.dts plan.src.dtb board.dtb plan.map.dts images.mk)
rebuild-guests = $(B)/rule $(B)/guest
rebuild-bundle = $(B)/bundle.unsigned $(B)/bundle.itb
rebuild-image = $(filter $(B)/images/%,$(images-y))
rebuild-loader = $(wildcard $(B)/u-boot* $(B)/control*.dtb $(B)/boot.scr*)

rebuild-parts := hypervisor tool plan guests bundle image loader
rebuild-goals := $(addsuffix -rebuild,$(rebuild-parts))

PHONY += $(rebuild-goals)
$(rebuild-goals): %-rebuild:
	@rm -rf $(rebuild-$*)
	@$(MAKE) -f Makefile all

ifneq ($(filter %-rebuild,$(filter-out $(rebuild-goals),$(MAKECMDGOALS))),)
$(error There is no part $(patsubst %-rebuild,%,$(filter %-rebuild,$(filter-out $(rebuild-goals),$(MAKECMDGOALS)))); there are $(rebuild-parts))
endif
