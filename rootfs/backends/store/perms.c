// SPDX-License-Identifier: Apache-2.0
/*
 * Permissions. The first entry names the owner, who may do everything, and what domains without an entry may.
 *
 * What the store makes is owned by domid 0, as guests expect of a tool stack's nodes; no domain has that domid.
 * Spec: Xen docs/misc/xenstore.txt.
 */
#include "internal.h"

#include <string.h>

static bool parse_one(const char *text, struct xs_perm *perm)
{
	uint64_t domid;

	switch (text[0]) {
	case 'n':
		perm->access = 0;
		break;
	case 'r':
		perm->access = PERM_READ;
		break;
	case 'w':
		perm->access = PERM_WRITE;
		break;
	case 'b':
		perm->access = PERM_READ | PERM_WRITE;
		break;
	default:
		return false;
	}
	if (!number_get(text + 1, UINT16_MAX, &domid)) {
		return false;
	}
	perm->domid = (uint16_t)domid;
	perm->zero = 0;
	return true;
}

uint32_t perms_parse(const char *text, size_t len, struct xs_perm *perms, uint32_t max)
{
	uint32_t n = 0;
	size_t at = 0;

	if (len == 0 || text[len - 1] != '\0') {
		return 0;
	}
	for (; at < len; at += strlen(text + at) + 1) {
		if (n == max || !parse_one(text + at, &perms[n])) {
			return 0;
		}
		n++;
	}
	return n;
}

size_t perms_print(const struct xs_perm *perms, uint32_t n, char *out)
{
	size_t at = 0;

	for (uint32_t i = 0; i < n; i++) {
		out[at++] = "nrwb"[perms[i].access & (PERM_READ | PERM_WRITE)];
		at += number_put(out + at, perms[i].domid) + 1;
	}
	return at;
}

unsigned int perms_access(const struct store *s, const struct store_client *c,
			  const struct xs_perm *perms, uint32_t n)
{
	if (c == NULL || !s->limits.has_perms || c->domid == perms[0].domid) {
		return PERM_READ | PERM_WRITE | PERM_OWNER;
	}
	for (uint32_t i = 1; i < n; i++) {
		if (perms[i].domid == c->domid) {
			return perms[i].access;
		}
	}
	return perms[0].access;
}

uint32_t node_perms(const struct store *s, uint32_t node, struct xs_perm *perms)
{
	const struct node *n = node_at(s, node);

	rope_get(&s->pool, &n->text, n->head, NODE_HEAD, 0, perms, n->nr_perms * sizeof(*perms));
	return n->nr_perms;
}

unsigned int node_access(const struct store *s, const struct store_client *c, uint32_t node)
{
	struct xs_perm perms[STORE_MAX_PERMS];
	uint32_t n = node_perms(s, node, perms);

	return perms_access(s, c, perms, n);
}

uint64_t node_readers(const struct store *s, uint32_t node)
{
	struct xs_perm perms[STORE_MAX_PERMS];
	uint64_t set = 0;
	uint32_t n;

	if (node == 0) {
		return 0;
	}
	n = node_perms(s, node, perms);
	for (uint32_t i = 0; i < s->nr_clients; i++) {
		if ((perms_access(s, &s->clients[i], perms, n) & PERM_READ) != 0) {
			set |= UINT64_C(1) << i;
		}
	}
	return set;
}
