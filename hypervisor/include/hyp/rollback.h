/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lowest version that may start, which the board keeps (CONFIG_ROLLBACK_STORE): the last firmware stage compares with
 * it, hands it over in /chosen/ashlar,lowest, and the hypervisor compares again, with the version in the bundle.
 *
 * Of the loader's tree it is believed for it only restricts. Linked in where the board has a store.
 */
#ifndef HYP_ROLLBACK_H
#define HYP_ROLLBACK_H

#include <hyp/types.h>

/** rollback_read() - remember what the loader's tree says; @fdt is sound. Context: boot. */
void rollback_read(const void *fdt);

/** rollback_check() - halt unless the verified configuration @conf of @tree may start; says what was compared. Context: boot. */
void rollback_check(const void *tree, int conf);

#endif
