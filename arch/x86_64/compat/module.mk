# SPDX-License-Identifier: Apache-2.0
small-y += compat.o memory.o grant.o small.o
