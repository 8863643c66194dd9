# SPDX-License-Identifier: Apache-2.0
# Event channels.
obj-y += evtchn.o fifo.o
small-y += link.o fifo_setup.o interdomain.o ports.o
