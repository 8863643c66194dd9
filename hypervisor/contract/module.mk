# SPDX-License-Identifier: Apache-2.0
# The arch contract as a list of assertions.
small-y += $(if $(CONFIG_ARCH_CONTRACT),contract.o memory.o space.o time.o cpu.o,none.o)
