# SPDX-License-Identifier: Apache-2.0
obj-y += vpsci.o
small-y += vsmccc.o
small-y += $(if $(CONFIG_CPU_SPIN_TABLE),spin_table.o spin_entry.o bcm_pm.o,psci.o)
