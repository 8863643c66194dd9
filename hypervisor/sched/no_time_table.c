/* SPDX-License-Identifier: Apache-2.0 */
/* A hypervisor without time tables. */
#include <hyp/sched.h>

const struct sched_ops *const sched_time_table = NULL;
