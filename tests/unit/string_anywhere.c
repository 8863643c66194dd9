// SPDX-License-Identifier: Apache-2.0
/* The hypervisor's string functions as they are on a machine that takes words at any address. */
#define WORDS_ANYWHERE

#include "../../hypervisor/lib/string.c"
