# SPDX-License-Identifier: Apache-2.0
# Grant tables.
small-y += pin.o copy.o map.o cache.o gnttab.o death.o $(if $(CONFIG_GNTTAB_V2),v2.o,no_v2.o)
