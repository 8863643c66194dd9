// SPDX-License-Identifier: Apache-2.0
/* Builds without SHA instructions, such as the host tool: the seam falls back to portable code. */
#include "digest.h"

const struct digest_ops *digest_insn_ops(void)
{
	return NULL;
}
