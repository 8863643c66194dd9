# SPDX-License-Identifier: Apache-2.0
obj-y += vectors.o
small-y += fault.o stack.o
