# SPDX-License-Identifier: Apache-2.0
obj-y += vcpuid.o vcpuid_masks.o xsave.o vmsr.o tsc.o mitigate.o
