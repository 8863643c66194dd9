# SPDX-License-Identifier: Apache-2.0
#
# Which compilers, with which flags. CC=clang compiles the target with clang (the linker stays binutils'),
# HOSTCC=clang the host tool; an environment's CC is not looked at, for it is meant for the host.

CROSS_COMPILE ?= $(CONFIG_CROSS_COMPILE)
ifneq ($(origin CC),command line)
CC := $(CROSS_COMPILE)gcc
endif
LD := $(CROSS_COMPILE)ld
OBJCOPY := $(CROSS_COMPILE)objcopy
NM := $(CROSS_COMPILE)nm
ifneq ($(origin HOSTCC),command line)
HOSTCC := gcc
endif
DTC ?= dtc

ARCH := $(CONFIG_ARCH)
include arch/$(ARCH)/arch.mk

WARNINGS := -Wall -Wextra -Wconversion -Werror -Wmissing-prototypes -Wstrict-prototypes -Wundef -Wvla

# No path of this machine enters an object.
# GCC takes the last that fits.
PREFIX_MAP := -ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(CURDIR)/= -ffile-prefix-map=$(B)/=build/
CC_TARGET := $(if $(findstring clang,$(notdir $(firstword $(CC)))),--target=$(ARCH_CLANG_TARGET) -Qunused-arguments)

cc-include := $(shell $(CC) $(CC_TARGET) -print-file-name=include 2>/dev/null)
ifeq ($(cc-include),)
$(error There is no compiler "$(CC)": run scripts/setup, or correct CC, CROSS_COMPILE or CONFIG_CROSS_COMPILE)
endif
CPPFLAGS := -nostdinc -isystem $(cc-include)
CPPFLAGS += -Ihypervisor/include -Iarch/$(ARCH)/include -I$(B)/include/generated -include $(B)/include/generated/autoconf.h

CFLAGS = $(CC_TARGET) -std=gnu11 -O2 -g $(WARNINGS)
CFLAGS += -ffreestanding -fno-common -ffunction-sections -fdata-sections -fstack-protector-strong -fno-pic
CFLAGS += -fno-asynchronous-unwind-tables -fno-strict-aliasing -fno-delete-null-pointer-checks
# Functions follow each other closely: what lies between them is fetched, cached and kept in memory for nothing.
CFLAGS += -falign-functions=4
CFLAGS += $(ARCH_CFLAGS) $(PREFIX_MAP)
AFLAGS = $(CC_TARGET) -g -D__ASSEMBLY__ $(ARCH_AFLAGS) $(PREFIX_MAP)

LDFLAGS := -static -nostdlib --gc-sections --build-id=sha1 --fatal-warnings -z noexecstack $(ARCH_LDFLAGS)

HOST_CPPFLAGS := -I$(B)/include/generated -include $(B)/include/generated/autoconf.h
HOST_CFLAGS = -std=gnu11 -O2 -g $(WARNINGS) $(PREFIX_MAP)
HOST_LDFLAGS :=
