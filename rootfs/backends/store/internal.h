/* SPDX-License-Identifier: Apache-2.0 */
/* What the store's files share with each other. */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include "errors.h"
#include "store.h"

#define PERM_READ  1u
#define PERM_WRITE 2u
#define PERM_OWNER 4u

#define NODE_HEAD  16u
#define WATCH_HEAD 36u
#define EVENT_HEAD 36u

#define ALL_CLIENTS (~UINT64_C(0))

_Static_assert(STORE_MAX_CLIENTS < 64, "a set of clients is a word, bit 63 is nobody's");

/** struct xs_perm - one entry of a node's permissions; the first names the owner and what all others may. */
struct xs_perm {
	uint16_t domid;
	uint8_t access;
	uint8_t zero;
};

/** enum node_state - of a node in a transaction's tree; nodes of the real tree are STATE_PATH. */
enum node_state {
	STATE_PATH,    /* only on the way to others */
	STATE_SEEN,    /* read: its generation must not change */
	STATE_WRITTEN, /* here is what it will contain */
	STATE_GONE     /* removed */
};

/** struct node - in a cell. Its text is permissions, name, value. */
struct node {
	uint32_t parent;
	uint32_t child;
	uint32_t next;
	uint32_t prev; /* of the first child: the last */
	uint64_t
		generation; /* in a transaction: that of the real node when first seen, 0: there was none */
	uint32_t hash; /* of the name */
	uint32_t
		fire; /* in a transaction: the next changed node; else who changed it: conflict_note() */
	uint32_t link; /* in a commit: the real node */
	uint16_t name_len;
	uint8_t nr_perms;
	uint8_t state : 4;
	uint8_t is_fired : 1; /* it is in the list of changed nodes */
	uint8_t is_part : 1;  /* it went because something above it was removed */
	uint8_t is_heir : 1; /* made in a transaction, with the permissions that its parent had then */
	struct rope text;
	uint8_t head[NODE_HEAD];
};

/** struct watch - in a cell. Its text is path, token. */
struct watch {
	uint32_t next;
	uint32_t prev;
	uint32_t hash; /* of the path */
	uint16_t path_len;
	uint16_t skip;	/* bytes of an event's path that a relative watch does not see */
	uint8_t is_due; /* an event on its own path is owed */
	struct rope text;
	uint8_t head[WATCH_HEAD];
};

/** struct event - in a cell: one watch, one path as the client will see it. */
struct event {
	uint32_t next;
	uint32_t prev;
	uint32_t in_bucket;
	uint32_t watch;
	uint32_t hash;
	struct rope text;
	uint8_t head[EVENT_HEAD];
};

/** struct tx - in a cell: a transaction. */
struct tx {
	uint32_t next;
	uint32_t id;
	uint32_t root; /* a sparse tree of nodes, over the real one */
	uint32_t first_fire;
	uint32_t last_fire;
	uint32_t nr_requests;
	uint32_t nr_created;
	uint32_t nr_cells; /* all that it keeps, this one included */
	uint64_t start;	   /* store.generation then */
	uint64_t last;	   /* generation of its own last change */
};

_Static_assert(sizeof(struct node) <= CELL_BYTES && sizeof(struct watch) <= CELL_BYTES &&
		       sizeof(struct event) <= CELL_BYTES && sizeof(struct tx) <= CELL_BYTES,
	       "each fits into a cell");

/** struct view - who looks at the tree, and through which transaction. */
struct view {
	struct store *s;
	struct store_client *c; /* NULL: the store itself, which may do everything */
	struct tx *tx;		/* NULL: none */
};

/** struct place - where a path leads, in the real tree and in the transaction's; 0: nowhere. */
struct place {
	uint32_t real;
	uint32_t shadow;
};

/* path.c */

/**
 * path_canonical() - check a path as a client gave it and make it absolute.
 * @out: XENSTORE_ABS_PATH_MAX + 1 bytes
 *
 * Return: its length; 0: not a path.
 */
size_t path_canonical(const struct store *s, const struct store_client *c, const char *path,
		      bool may_be_special, char *out);

/** path_home() - "/local/domain/<domid>" into @out, at least 32 bytes. Return: its length. */
size_t path_home(uint32_t domid, char *out);

/** path_next() - the name that begins at *@path, a path behind its first slash. Return: its length; 0: no more. */
size_t path_next(const char **path, const char **name);

/** number_put() - decimal, with a zero byte. Return: digits. */
size_t number_put(char *out, uint64_t value);

/** number_get() - a decimal number of at most @max, all of @text. */
bool number_get(const char *text, uint64_t max, uint64_t *value);

/** hash_bytes() - go on hashing from @hash; HASH_START first. */
uint32_t hash_bytes(uint32_t hash, const void *data, size_t len);
#define HASH_START 2166136261u

/* perms.c */

/** perms_parse() - strings up to @len. Return: entries, 0: malformed or more than @max. */
uint32_t perms_parse(const char *text, size_t len, struct xs_perm *perms, uint32_t max);

/** perms_print() - strings into @out, 8 bytes an entry. Return: bytes. */
size_t perms_print(const struct xs_perm *perms, uint32_t n, char *out);

/** perms_access() - what @c (NULL: the store) may do: PERM_* bits. */
unsigned int perms_access(const struct store *s, const struct store_client *c,
			  const struct xs_perm *perms, uint32_t n);

/** node_access() - the same, of a node. */
unsigned int node_access(const struct store *s, const struct store_client *c, uint32_t node);

/** node_perms() - copy a node's entries. Return: how many. */
uint32_t node_perms(const struct store *s, uint32_t node, struct xs_perm *perms);

/** node_readers() - the set of clients that may read a node of the real tree. */
uint64_t node_readers(const struct store *s, uint32_t node);

/* tree.c */

static inline const struct node *node_at(const struct store *s, uint32_t index)
{
	return pool_at(&s->pool, index);
}

static inline struct node *node_edit(struct store *s, uint32_t index)
{
	return pool_edit(&s->pool, index);
}

/** struct content - what a node is to contain; a NULL value is taken as an empty one. */
struct content {
	const struct xs_perm *perms;
	uint32_t nr_perms;
	const char *name;
	size_t name_len;
	const void *value;
	size_t value_len;
};

uint32_t node_value_len(const struct store *s, uint32_t node);
void node_value(const struct store *s, uint32_t node, void *to);
void node_name(const struct store *s, uint32_t node, char *to);
uint16_t node_owner(const struct store *s, uint32_t node);

/** owner_account() - who pays for a real node of @domid. */
struct account *owner_account(struct store *s, uint16_t domid);

/** tree_child() - by name; 0: none. */
uint32_t tree_child(const struct store *s, uint32_t parent, const char *name, size_t len);

/** tree_add() - a child paid by @a. Return: 0: @a cannot pay. */
uint32_t tree_add(struct store *s, struct account *a, uint32_t parent, const struct content *what);

/** tree_put() - another content, same name. Return: false: @a cannot pay; nothing changed. */
bool tree_put(struct store *s, struct account *a, uint32_t node, const struct content *what);

/** tree_drop() - a node without children. */
void tree_drop(struct store *s, struct account *a, uint32_t node);

/** tree_walk() - the node after @node in a walk over the tree under @top, parents first; 0: it was the last. */
uint32_t tree_walk(const struct store *s, uint32_t top, uint32_t node);

/** tree_skip() - the same, without what is below @node. */
uint32_t tree_skip(const struct store *s, uint32_t top, uint32_t node);

/** tree_deepest() - a node under @node without children: the first that a walk with the children first visits. */
uint32_t tree_deepest(const struct store *s, uint32_t node);

/** tree_path() - the absolute path into @out, XENSTORE_ABS_PATH_MAX + 1 bytes. Return: its length. */
size_t tree_path(const struct store *s, uint32_t node, char *out);

/** tree_changed() - a real node has a new content or other children. */
void tree_changed(struct store *s, uint32_t node);

/** real_add() - a child in the real tree, counted to its owner. Return: 0: the owner cannot pay. */
uint32_t real_add(struct store *s, uint32_t parent, const struct content *what);

/** real_put() - another content, perhaps another owner. Return: false: the owner cannot pay; nothing changed. */
bool real_put(struct store *s, uint32_t node, const struct content *what);

/** real_remove() - a node of the real tree and all below; watches fire, the node itself last. */
void real_remove(struct store *s, uint32_t top);

/** real_drop() - a node without children from the real tree; its parent has changed. */
void real_drop(struct store *s, uint32_t node);

/* view.c: the operations, as they appear from within a transaction or without one */

/**
 * view_get() - find a node that must be there, for @need (PERM_* bits).
 * @node: 0 when ENOENT
 *
 * Return: 0, EACCES, ENOENT, ENOSPC.
 */
int view_get(struct view *v, const char *path, unsigned int need, uint32_t *node);

int view_write(struct view *v, const char *path, const void *value, size_t len, bool is_mkdir);

/** view_remove() - with all below; @path is as before when it returns. */
int view_remove(struct view *v, char *path);
int view_set_perms(struct view *v, const char *path, const struct xs_perm *perms, uint32_t n);

/** struct listing - the children of a node, one after the other. */
struct listing {
	struct view *v;
	struct place at;
	uint32_t next;
	bool is_shadow;
};

/** view_list() - begin with the children of @path, which view_get() has found. */
struct listing view_list(struct view *v, const char *path);

/** listing_next() - 0: no more. */
uint32_t listing_next(struct listing *l);

/** view_generation() - of a node that view_get() has found; another one after each change of its children. */
uint64_t view_generation(struct view *v, uint32_t node);

/** place_of() - where a path leads. @above: the nearest node that is there, itself included. */
struct place place_of(struct view *v, const char *path, uint32_t *node, uint32_t *above);

/* shadow.c: a transaction's own tree */

/** shadow_make() - nodes of the transaction's tree along @path. Return: the last; 0: cannot pay. */
uint32_t shadow_make(struct view *v, const char *path);

/** shadow_see() - @shadow depends on the real node, or on there being none. */
void shadow_see(struct view *v, uint32_t shadow, uint32_t real);

/** shadow_put() - what the node will contain. Return: false: cannot pay. */
bool shadow_put(struct view *v, uint32_t shadow, const struct content *what);

/** shadow_fire() - its watches fire when the transaction commits. */
void shadow_fire(struct view *v, uint32_t shadow, bool is_part);

/** shadow_remove() - everything at and under @path. Return: false: cannot pay; nothing changed. */
bool shadow_remove(struct view *v, const char *path, uint32_t real);

/* tx.c */

/** tx_find() - 0: there is none. */
struct tx *tx_find(struct store *s, struct store_client *c, uint32_t id);

int tx_start(struct store *s, struct store_client *c, uint32_t *id);

/** tx_end() - commit or discard; the transaction is gone then, whatever the result. */
int tx_end(struct store *s, struct store_client *c, struct tx *tx, bool is_commit);

/** tx_end_all() - discard all of a client's. */
void tx_end_all(struct store *s, struct store_client *c);

/* commit.c */

/** commit_apply() - do what the transaction did. Return: 0, EAGAIN, ENOSPC; nothing has changed unless 0. */
int commit_apply(struct store *s, struct store_client *c, struct tx *tx);

/* watch.c */

static inline const struct watch *watch_at(const struct store *s, uint32_t index)
{
	return pool_at(&s->pool, index);
}

static inline struct watch *watch_edit(struct store *s, uint32_t index)
{
	return pool_edit(&s->pool, index);
}

/** watch_add() - @path as the client gave it, relative or not. */
int watch_add(struct store *s, struct store_client *c, const char *path, const char *token);
int watch_remove(struct store *s, struct store_client *c, const char *path, const char *token);
void watch_remove_all(struct store *s, struct store_client *c);

/**
 * watch_fire() - something at @path changed.
 * @who: those that may hear of it
 * @is_part: it went with something above it, whose watchers hear of that
 */
void watch_fire(struct store *s, const char *path, size_t len, uint64_t who, bool is_part);

/** watch_fire_node() - of a real node that is there: its readers, its parent's, and @more may hear of it. */
void watch_fire_node(struct store *s, uint32_t node, uint64_t more, bool is_part);

/** watch_fire_special() - @introduceDomain, @releaseDomain. */
void watch_fire_special(struct store *s, const char *name);

/* event.c */

/** event_add() - to be sent; nothing if the same waits already; one on the watch's own path if there is no room. */
void event_add(struct store *s, struct store_client *c, uint32_t watch, const char *path,
	       size_t len);

/** event_next() - the next message into c->out. Return: false: none waits. */
bool event_next(struct store *s, struct store_client *c);

/** event_forget() - those of a watch that goes; 0: all. */
void event_forget(struct store *s, struct store_client *c, uint32_t watch);

/* ops.c */

/** store_request() - answer the whole message in c->in by one in c->out. */
void store_request(struct store *s, struct store_client *c);

/** out_put() - a message into c->out, whose payload may be there already. */
void out_put(struct store_client *c, uint32_t type, uint32_t req_id, uint32_t tx_id, size_t len);

static inline uint8_t *out_payload(struct store_client *c)
{
	return c->out + sizeof(struct xsd_sockmsg);
}

/* ring.c */

/** ring_reset() - both ways empty, connected; @is_new: what its domain, which has just started, has asked already stays. */
void ring_reset(struct store_client *c, bool is_new);

/** ring_cut_off() - drop everything of a client; it is not listened to until it asks to reconnect. */
void ring_cut_off(struct store *s, struct store_client *c, uint32_t error);

/** ring_publish() - after a commit: show the client what was done. */
void ring_publish(struct store *s, struct store_client *c);

/** ring_was_published() - the page is as a ring_reset() of our last life wanted it, or not any more. */
bool ring_was_published(const struct store_client *c);

/** ring_is_new() - nobody ever spoke to the client behind it. */
bool ring_is_new(const struct xenstore_domain_interface *ring);

/** ring_serve() - one client's turn. Return: whether anything was done. */
bool ring_serve(struct store *s, struct store_client *c);

/* topology.c */

/** enum device_loss - the worst of a client's devices. */
enum device_loss {
	LOST_NONE,
	LOST_BACK_END,	/* it is connected to a domain that is not there */
	LOST_CONNECTION /* to one that is there, and not connected to it */
};

/* conflict.c */

/** conflict_begin() - everybody has all credit; conflict_forget() - @c has. */
void conflict_begin(struct store *s);
void conflict_forget(struct store *s, const struct store_client *c);

/** conflict_is_held() - must @c's requests wait? */
bool conflict_is_held(const struct store *s, const struct store_client *c);

/** conflict_enter() - what changes now, @c does; NULL: the store itself. conflict_note() - @n, of the real tree, has changed. */
void conflict_enter(struct store *s, const struct store_client *c);
void conflict_note(struct store *s, struct node *n);

/** conflict_with() - who is to blame that what @c's transaction saw of @shadow holds no more: a bit of a client, or none. */
uint64_t conflict_with(const struct store *s, const struct store_client *c, uint32_t shadow);

/** conflict_with_last() - the same, where any change is one too many. */
uint64_t conflict_with_last(const struct store *s, const struct store_client *c);

/** conflict_charge() - a transaction has failed because of @whom. */
void conflict_charge(struct store *s, uint64_t whom);

/** devices_are_awaited() - whether a back end that is there has not offered one of @c's devices yet. */
bool devices_are_awaited(struct store *s, const struct store_client *c);

/** devices_lost() - of those that @c is the front end of. */
enum device_loss devices_lost(struct store *s, const struct store_client *c);

/**
 * devices_ask() - set the front ends of @c that are without their back end back to Initialising, as a tool stack's new
 * nodes are: a back end that comes to them later does not take what stands there of the old connection for a new one.
 */
void devices_ask(struct store *s, struct store_client *c);

/** node_text() - a node's value as a string. Return: false: it is not there, or has more than @size - 1 bytes. */
bool node_text(const struct store *s, const char *path, char *out, size_t size);

/* layout.c */

/* Cells for what the store itself makes: the upper levels, and the home of each client. */
#define STORE_OWN_CELLS		 64u
#define STORE_OWN_CELLS_A_CLIENT 128u

/** store_cells() - all that are needed, for clients at their quotas. */
uint32_t store_cells(const struct store_limits *l, uint32_t nr_clients);

/** store_lay_out() - find the places of all things in @memory, @nr_cells cells among them. Return: bytes. */
size_t store_lay_out(struct store *s, uintptr_t memory, uint32_t nr_cells, uint32_t nr_clients);

/* keep.c */

/** keep_begin(), keep_end_of_beginning() - around the making of an empty store. */
void keep_begin(struct store *s);
void keep_end_of_beginning(struct store *s);

/** keep_go_on() - with what lies in the memory. Return: false: it cannot be believed. */
bool keep_go_on(struct store *s);

/* client.c */

/** client_reset() - no watch, event, transaction or message of it is left. */
void client_reset(struct store *s, struct store_client *c);

static inline uint32_t client_index(const struct store *s, const struct store_client *c)
{
	return (uint32_t)(c - s->clients);
}

#endif
