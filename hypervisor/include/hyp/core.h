/* SPDX-License-Identifier: Apache-2.0 */
/* Where the architecture hands over to the core. */
#ifndef HYP_CORE_H
#define HYP_CORE_H

#include <hyp/plan.h>
#include <hyp/types.h>

/** pool_init() - before anything allocates; boot CPU. */
void pool_init(void);

/**
 * hyp_main() - the whole boot.
 * @loader_fdt: machine address of the loader's device tree
 * Context: boot CPU, own stage 1 and caches on, percpu and pool ready, nothing printed yet.
 */
void __noreturn hyp_main(paddr_t loader_fdt);

/** image_range() - machine memory that the running image takes, with bss and pool. */
struct plan_range image_range(void);

/**
 * bundle_bring_up() - verify the bundle, move it to where its plan wants it, verify it there.
 * @loader_fdt: machine address of the loader's device tree
 * @plan:       filled from the verified plan; every range in it has been held against the loader's
 * memory map
 * Context: boot; does not return when anything is wrong: halt() says what.
 */
void bundle_bring_up(paddr_t loader_fdt, struct plan *plan);

#endif
