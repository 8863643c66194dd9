# SPDX-License-Identifier: Apache-2.0
# The hypercalls: a table and a file each.
obj-y += table.o
obj-y += memory_op.o
obj-y += xen_version.o
obj-y += console_io.o
obj-y += grant_table_op.o
obj-y += vm_assist.o
obj-y += vcpu_op.o
obj-y += sched_op.o
obj-y += event_channel_op.o
obj-y += hvm_op.o
