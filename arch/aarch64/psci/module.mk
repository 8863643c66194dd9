# SPDX-License-Identifier: Apache-2.0
obj-y += psci.o vpsci.o
small-y += vsmccc.o
