# SPDX-License-Identifier: Apache-2.0
# Grant tables.
obj-y += gnttab.o pin.o map.o copy.o death.o
