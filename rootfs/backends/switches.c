// SPDX-License-Identifier: Apache-2.0
/* What Kconfig switches on in both, for finding faults. */
#include "backend.h"

#ifdef CONFIG_STORE_ACCESS_LOG
const bool store_logs_access = true;
#else
const bool store_logs_access = false;
#endif

#ifdef CONFIG_STORE_TEST_END
const bool ends_on_key = true;
#else
const bool ends_on_key = false;
#endif

/* Of the board's image.cfg: rootfs.mk. */
const uint32_t environment_of_board[3] = { BOARD_ENVIRONMENT };
