# SPDX-License-Identifier: Apache-2.0
# Grant tables.
obj-y += pin.o copy.o
small-y += map.o cache.o gnttab.o death.o
