# SPDX-License-Identifier: Apache-2.0
obj-y += head.o
small-y += boot.o cpus.o quirks.o errata.o spectre.o
