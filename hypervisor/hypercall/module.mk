# SPDX-License-Identifier: Apache-2.0
# The hypercalls: a table and a file each.
obj-y += table.o
small-y += memory_op.o
small-y += reservation.o $(if $(CONFIG_GUEST_BLOCK),lines_block.o,lines_ram.o)
small-y += xen_version.o
small-y += console_io.o
small-y += grant_table_op.o
small-y += vm_assist.o
small-y += vcpu_op.o
small-y += sched_op.o
obj-y += event_channel_op.o
small-y += domctl.o hvm_op.o $(if $(CONFIG_UPCALL_VECTOR),upcall_vector.o narrow_runstate.o,upcall_ppi.o)
