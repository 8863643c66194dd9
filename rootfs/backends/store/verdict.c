// SPDX-License-Identifier: Apache-2.0
/*
 * When to say that a client broke the rules.
 *
 * The page of a domain that ends shows nothing of it any more, a moment before its port is unbound: what is read there
 * then looks like broken rules. Its end is known within that second, and it was never a liar.
 */
#include "store.h"

bool verdict_is_due(struct store_verdict *v, bool is_broken, uint64_t now_ms)
{
	if (!is_broken) {
		*v = (struct store_verdict){ .is_waiting = false };
		return false;
	}
	if (!v->is_waiting && !v->is_said) {
		v->is_waiting = true;
		v->since_ms = now_ms;
	}
	if (!v->is_waiting || now_ms - v->since_ms < STORE_VERDICT_MS) {
		return false;
	}
	v->is_waiting = false;
	v->is_said = true;
	return true;
}
