/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of this room. */
#ifndef SCHED_INTERNAL_H
#define SCHED_INTERNAL_H

#include <hyp/sched.h>

/** sched_cpu_of() - what @v belongs to. */
struct sched_cpu *sched_cpu_of(const struct vcpu *v);

#endif
