# SPDX-License-Identifier: Apache-2.0
obj-y += timer.o
small-y += $(if $(CONFIG_ROLLBACK_CHECK),rollback.o,no_rollback.o)
small-y += percpu.o main.o bundle.o loader.o printf.o log.o panic.o crash.o hwdog.o $(if $(CONFIG_HWDOG_DOMAINS),vouch.o,no_vouch.o) $(if $(CONFIG_ARCH_X86_64),,hwdog_place.o $(if $(CONFIG_HWDOG_IMX2),hwdog_imx.o imx2_wdt.o,hwdog_arm.o sp805.o sbsa_gwdt.o)) entropy.o
cflags-main.o += -DASHLAR_VERSION='"$(ASHLAR_VERSION)"'
cflags-panic.o += -DASHLAR_VERSION='"$(ASHLAR_VERSION)"'
