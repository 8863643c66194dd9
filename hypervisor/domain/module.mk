# SPDX-License-Identifier: Apache-2.0
# Nearly all of it runs once in a domain's life.
obj-y += runstate.o
small-y += plan.o plan_board.o plan_check.o plan_domain.o plan_evtchn.o plan_life.o plan_find.o plan_order.o
small-y += plan_watchdog.o plan_pv.o plan_link.o plan_sched.o plan_device.o plan_tree.o plan_shm.o plan_space.o
small-y += $(if $(CONFIG_ARCH_X86_64),board_apic.o plan_pci.o pci.o pci_config.o pci_msi.o clock_arch.o,board_gic.o no_pci.o clock_pl031.o)
small-y += build.o ram.o packed_link.o guest_fdt_link.o guest_fdt_net.o guest_fdt_pv.o
# What a guest begins with: an arm64 Image and a device tree, or what the architecture makes of an image and a block.
small-$(CONFIG_GUEST_DEVICE_TREE) += image.o guest_fdt.o guest_fdt_device.o guest_fdt_tree.o
small-$(CONFIG_GUEST_BLOCK) += image_pieces.o guest_block.o guest_tree.o
small-y += lifecycle.o order.o restart.o telling.o watchdog.o wallclock.o
small-y += $(if $(CONFIG_SCRUB_AT_BOOT),scrub.o,no_scrub.o)
small-y += teardown.o device.o device_reset.o shm.o pv.o reservation.o
# The build host's alone: plan_names.c, for nothing can be misspelt in a packed plan; plan_tree_words.c, for it gives nobody
# anything; plan_disk.c, plan_io.c, plan_net.c and plan_net_words.c, for it says what came of them.
small-y += $(if $(CONFIG_SCHED_TIME_TABLE),plan_time_table.o,no_time_table.o)
# What a plan may get wrong is said on the build host.
$(foreach o,$(filter plan%.o board_%.o,$(small-y)),$(eval cflags-$o += -DPLAN_IS_BRIEF))
