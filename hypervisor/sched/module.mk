# SPDX-License-Identifier: Apache-2.0
obj-y += sched.o wait.o pinned.o
small-y += vtimer.o
obj-y += $(if $(CONFIG_SCHED_FAIR_SHARE),fair.o,no_fair.o)
