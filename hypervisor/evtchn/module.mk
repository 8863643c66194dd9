# SPDX-License-Identifier: Apache-2.0
# Event channels.
obj-y += evtchn.o interdomain.o link.o
