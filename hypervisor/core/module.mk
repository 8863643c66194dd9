# SPDX-License-Identifier: Apache-2.0
obj-y += main.o bundle.o loader.o printf.o log.o panic.o crash.o hwdog.o sp805.o sbsa_gwdt.o percpu.o timer.o entropy.o
cflags-main.o += -DASHLAR_VERSION='"$(ASHLAR_VERSION)"'
cflags-panic.o += -DASHLAR_VERSION='"$(ASHLAR_VERSION)"'
# Small rather than fast: once in a boot, or when it ends.
$(foreach o,main bundle loader printf log panic crash entropy,$(eval cflags-$o.o += -Os))
