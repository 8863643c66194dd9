# SPDX-License-Identifier: Apache-2.0
obj-y += plan.o plan_board.o plan_check.o plan_domain.o plan_evtchn.o plan_life.o plan_names.o plan_order.o plan_watchdog.o plan_pv.o plan_sched.o
obj-y += build.o ram.o image.o guest_fdt.o lifecycle.o order.o restart.o telling.o watchdog.o runstate.o wallclock.o
obj-y += plan_device.o plan_shm.o plan_space.o device.o device_reset.o guest_fdt_device.o shm.o
obj-y += pv.o guest_fdt_pv.o
# Small rather than fast: nearly all of it runs once in a domain's life.
$(foreach o,$(filter-out runstate.o,$(obj-y)),$(eval cflags-$o += -Os))
