# SPDX-License-Identifier: Apache-2.0
# Event channels.
obj-y += evtchn.o link.o
small-y += interdomain.o
