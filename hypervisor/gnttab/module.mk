# SPDX-License-Identifier: Apache-2.0
# Grant tables.
obj-y += pin.o map.o copy.o
small-y += cache.o gnttab.o death.o
