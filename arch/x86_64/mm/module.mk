# SPDX-License-Identifier: Apache-2.0
obj-y += cache.o
small-y += tables.o p2m.o
