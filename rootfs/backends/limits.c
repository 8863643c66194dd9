// SPDX-License-Identifier: Apache-2.0
/* The store's quotas, from Kconfig: rootfs/domains/store/Kconfig says what each means. */
#include "limits.h"

#ifdef CONFIG_STORE_QUOTA
#define HAS_QUOTA true
#else
#define HAS_QUOTA false
#endif
#ifdef CONFIG_STORE_PERMS
#define HAS_PERMS true
#else
#define HAS_PERMS false
#endif
#ifdef CONFIG_STORE_PERMS_WATCH
#define HAS_WATCH_PERMS true
#else
#define HAS_WATCH_PERMS false
#endif
#ifdef CONFIG_STORE_MERGE
#define HAS_MERGE true
#else
#define HAS_MERGE false
#endif
#ifdef CONFIG_STORE_CONFLICT_AGGREGATE
#define IS_AGGREGATE true
#else
#define IS_AGGREGATE false
#endif
#ifdef CONFIG_STORE_TEST_EAGAIN
#define REFUSE_COMMITS 3
#else
#define REFUSE_COMMITS 0
#endif
_Static_assert(CONFIG_STORE_QUOTA_SIZE <= STORE_MAX_VALUE &&
		       CONFIG_STORE_QUOTA_PERMS <= STORE_MAX_PERMS,
	       "the ranges in Kconfig are the store's");
_Static_assert(CONFIG_STORE_QUOTA_WATCH_EVENTS >= CONFIG_STORE_QUOTA_OUTSTANDING,
	       "as many events can wait as requests");

struct store_limits store_limits_configured(void)
{
	return (struct store_limits){
		.nodes = CONFIG_STORE_QUOTA_ENTITY,
		.value_bytes = CONFIG_STORE_QUOTA_SIZE,
		.watches = CONFIG_STORE_QUOTA_WATCH,
		.transactions = CONFIG_STORE_QUOTA_TRANSACTION,
		.requests = CONFIG_STORE_QUOTA_REQUESTS,
		.path_bytes = CONFIG_STORE_QUOTA_PATH,
		.perms = CONFIG_STORE_QUOTA_PERMS,
		.events = CONFIG_STORE_QUOTA_WATCH_EVENTS,
		.cells = CONFIG_STORE_QUOTA_KIB * 1024 / CELL_BYTES,
		.event_cells = CONFIG_STORE_QUOTA_EVENT_KIB * 1024 / CELL_BYTES,
		.conflict_burst = CONFIG_STORE_CONFLICT_BURST,
		.conflict_history_ms = CONFIG_STORE_CONFLICT_HISTORY_MS,
		.conflict_is_aggregate = IS_AGGREGATE,
		.loss_wait_ms = CONFIG_STORE_LOSS_WAIT * 1000,
		.loss_answer_ms = CONFIG_STORE_LOSS_ANSWER * 1000,
		.has_quota = HAS_QUOTA,
		.has_perms = HAS_PERMS,
		.has_watch_perms = HAS_WATCH_PERMS,
		.has_merge = HAS_MERGE,
		.refuse_commits = REFUSE_COMMITS,
	};
}
