# SPDX-License-Identifier: Apache-2.0
small-y += map.o p2m.o
