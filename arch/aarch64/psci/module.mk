# SPDX-License-Identifier: Apache-2.0
obj-y += vpsci.o
small-y += psci.o vsmccc.o
