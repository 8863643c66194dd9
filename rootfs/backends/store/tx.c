// SPDX-License-Identifier: Apache-2.0
/* The transactions of a client, from start to end. */
#include "internal.h"

static const struct tx *tx_at(const struct store *s, uint32_t index)
{
	return pool_at(&s->pool, index);
}

static struct tx *tx_edit(struct store *s, uint32_t index)
{
	return pool_edit(&s->pool, index);
}

struct tx *tx_find(struct store *s, struct store_client *c, uint32_t id)
{
	for (uint32_t i = c->first_tx; i != 0; i = tx_at(s, i)->next) {
		if (tx_at(s, i)->id == id) {
			return tx_edit(s, i);
		}
	}
	return NULL;
}

static struct tx *new_tx(struct store *s, struct store_client *c, uint32_t id)
{
	uint32_t index = pool_take(&s->pool, &c->account), root;
	struct tx *tx;

	if (index == 0) {
		return NULL;
	}
	root = pool_take(&s->pool, &c->account);
	if (root == 0) {
		pool_give(&s->pool, &c->account, index);
		return NULL;
	}
	tx = tx_edit(s, index);
	tx->id = id;
	tx->root = root;
	tx->nr_cells = 2;
	tx->start = s->generation;
	tx->next = c->first_tx;
	c->first_tx = index;
	c->nr_txs++;
	return tx;
}

int tx_start(struct store *s, struct store_client *c, uint32_t *id)
{
	if (s->limits.has_quota && c->nr_txs >= s->limits.transactions) {
		return ENOSPC;
	}
	do {
		c->next_tx_id++;
	} while (c->next_tx_id == 0 || tx_find(s, c, c->next_tx_id) != NULL);
	*id = c->next_tx_id;
	return new_tx(s, c, *id) != NULL ? 0 : ENOSPC;
}

static void drop_tree(struct store *s, struct store_client *c, uint32_t root)
{
	uint32_t node = tree_deepest(s, root);

	while (node != root) {
		uint32_t parent = node_at(s, node)->parent;

		tree_drop(s, &c->account, node);
		node = tree_deepest(s, parent);
	}
	tree_drop(s, &c->account, root);
}

static void drop(struct store *s, struct store_client *c, uint32_t index)
{
	uint32_t i = c->first_tx, next = tx_at(s, index)->next;

	if (i == index) {
		c->first_tx = next;
	} else {
		while (tx_at(s, i)->next != index) {
			i = tx_at(s, i)->next;
		}
		tx_edit(s, i)->next = next;
	}
	c->nr_txs--;
	drop_tree(s, c, tx_at(s, index)->root);
	pool_give(&s->pool, &c->account, index);
}

int tx_end(struct store *s, struct store_client *c, struct tx *tx, bool is_commit)
{
	uint32_t index = (uint32_t)(((uint8_t *)tx - s->pool.cells) / CELL_BYTES);
	int ret = is_commit ? commit_apply(s, c, tx) : 0;

	drop(s, c, index);
	return ret;
}

void tx_end_all(struct store *s, struct store_client *c)
{
	while (c->first_tx != 0) {
		drop(s, c, c->first_tx);
	}
}
