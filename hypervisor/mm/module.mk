# SPDX-License-Identifier: Apache-2.0
obj-y += guest_copy.o mmio.o
small-y += pool.o
