# SPDX-License-Identifier: Apache-2.0
small-y += stack.o
