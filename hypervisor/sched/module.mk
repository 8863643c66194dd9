# SPDX-License-Identifier: Apache-2.0
obj-y += sched.o wait.o pinned.o
small-y += add.o vtimer.o
obj-y += $(if $(CONFIG_SCHED_FAIR_SHARE),fair.o,no_fair.o)
obj-y += $(if $(CONFIG_SCHED_TIME_TABLE),time_table.o,no_time_table.o)
