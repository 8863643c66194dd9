# SPDX-License-Identifier: Apache-2.0
obj-y += tables.o cache.o stage2.o
