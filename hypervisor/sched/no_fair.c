/* SPDX-License-Identifier: Apache-2.0 */
/* A hypervisor without the fair-share scheduler. */
#include <hyp/sched.h>

const struct sched_ops *const sched_fair = NULL;
