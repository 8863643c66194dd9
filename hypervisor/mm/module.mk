# SPDX-License-Identifier: Apache-2.0
obj-y += pool.o guest_copy.o mmio.o
