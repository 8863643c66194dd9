# SPDX-License-Identifier: Apache-2.0
obj-y += psci.o vpsci.o vsmccc.o
