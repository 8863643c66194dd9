// SPDX-License-Identifier: Apache-2.0
/* What the shared code of hypervisor/ asks of its surroundings, on the host: formatting (hyp/log.h). */
#include <stdio.h>

#include <hyp/log.h>

int hyp_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	return vsnprintf(buf, size, fmt, ap);
}
