// SPDX-License-Identifier: Apache-2.0
/*
 * One request, one answer. Spec: Xen docs/misc/xenstore.txt, io/xs_wire.h.
 *
 * The message is a private copy and ends in a zero byte of ours, so strings in it have an end.
 */
#include "internal.h"

#include <string.h>

/** struct request - a message taken apart. */
struct request {
	struct xsd_sockmsg head;
	const char *payload;
	struct view v;
	size_t reply_len;
	char path[XENSTORE_ABS_PATH_MAX + 1];
};

void out_put(struct store_client *c, uint32_t type, uint32_t req_id, uint32_t tx_id, size_t len)
{
	const struct xsd_sockmsg head = {
		.type = type, .req_id = req_id, .tx_id = tx_id, .len = (uint32_t)len
	};

	memcpy(c->out, &head, sizeof(head));
	c->out_len = (uint32_t)(sizeof(head) + len);
	c->out_done = 0;
}

/* How many strings, each with its zero; bytes behind the last zero do not count. */
static uint32_t count_strings(const struct request *r)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->head.len; i++) {
		n += r->payload[i] == '\0';
	}
	return n;
}

static const char *second(const struct request *r)
{
	return r->payload + strlen(r->payload) + 1;
}

/* The payload is one string, its zero the last byte. */
static bool is_one_string(const struct request *r)
{
	return r->head.len > 0 && strlen(r->payload) + 1 == r->head.len;
}

/* The first string is a path. */
static int read_path(struct request *r, bool may_be_special)
{
	if (r->head.len == 0 || strlen(r->payload) >= r->head.len ||
	    path_canonical(r->v.s, r->v.c, r->payload, may_be_special, r->path) == 0) {
		return EINVAL;
	}
	return 0;
}

/* The whole payload is a path of something that is there and may be read. */
static int get_readable(struct request *r, bool may_be_special, uint32_t *node)
{
	int ret = is_one_string(r) ? read_path(r, may_be_special) : EINVAL;

	return ret != 0 ? ret : view_get(&r->v, r->path, PERM_READ, node);
}

static int do_read(struct request *r)
{
	uint32_t node;
	int ret = get_readable(r, false, &node);

	if (ret == 0) {
		r->reply_len = node_value_len(r->v.s, node);
		node_value(r->v.s, node, out_payload(r->v.c));
	}
	return ret;
}

static int do_directory(struct request *r)
{
	struct store *s = r->v.s;
	struct listing list;
	uint32_t node;
	int ret = get_readable(r, false, &node);

	if (ret != 0) {
		return ret;
	}
	list = view_list(&r->v, r->path);
	while ((node = listing_next(&list)) != 0) {
		size_t len = node_at(s, node)->name_len;

		if (r->reply_len + len + 1 > XENSTORE_PAYLOAD_MAX) {
			return E2BIG;
		}
		node_name(s, node, (char *)out_payload(r->v.c) + r->reply_len);
		r->reply_len += len;
		out_payload(r->v.c)[r->reply_len++] = '\0';
	}
	return 0;
}

/* Names from byte @offset of the whole list on, as many as fit; an empty string behind the last one. */
static void list_part(struct request *r, uint64_t offset)
{
	struct store *s = r->v.s;
	struct listing list = view_list(&r->v, r->path);
	char *out = (char *)out_payload(r->v.c);
	char name[XENSTORE_ABS_PATH_MAX + 1];
	uint64_t at = 0;
	uint32_t node;

	while ((node = listing_next(&list)) != 0) {
		size_t len = node_at(s, node)->name_len + 1u, cut;

		if (at + len > offset) {
			cut = at < offset ? (size_t)(offset - at) : 0;
			/* one byte stays for the end of the list */
			if (r->reply_len + len - cut >= XENSTORE_PAYLOAD_MAX) {
				return;
			}
			node_name(s, node, name);
			name[len - 1] = '\0';
			memcpy(out + r->reply_len, name + cut, len - cut);
			r->reply_len += len - cut;
		}
		at += len;
	}
	out[r->reply_len++] = '\0';
}

static int do_directory_part(struct request *r)
{
	uint64_t offset;
	uint32_t node;
	int ret;

	if (count_strings(r) != 2 || r->payload[r->head.len - 1] != '\0' ||
	    read_path(r, false) != 0 || !number_get(second(r), UINT32_MAX, &offset)) {
		return EINVAL;
	}
	ret = view_get(&r->v, r->path, PERM_READ, &node);
	if (ret == 0) {
		r->reply_len =
			number_put((char *)out_payload(r->v.c), view_generation(&r->v, node)) + 1;
		list_part(r, offset);
	}
	return ret;
}

static int do_write(struct request *r)
{
	int ret = read_path(r, false);
	size_t at;

	if (ret != 0) {
		return ret;
	}
	at = strlen(r->payload) + 1;
	return view_write(&r->v, r->path, r->payload + at, r->head.len - at, false);
}

static int do_mkdir(struct request *r)
{
	int ret = is_one_string(r) ? read_path(r, false) : EINVAL;

	return ret != 0 ? ret : view_write(&r->v, r->path, NULL, 0, true);
}

static int do_rm(struct request *r)
{
	int ret = is_one_string(r) ? read_path(r, false) : EINVAL;

	return ret != 0 ? ret : view_remove(&r->v, r->path);
}

static int do_get_perms(struct request *r)
{
	struct xs_perm perms[STORE_MAX_PERMS];
	uint32_t node, n;
	int ret = get_readable(r, true, &node);

	if (ret == 0) {
		n = node_perms(r->v.s, node, perms);
		r->reply_len = perms_print(perms, n, (char *)out_payload(r->v.c));
	}
	return ret;
}

static int do_set_perms(struct request *r)
{
	struct xs_perm perms[STORE_MAX_PERMS];
	uint32_t n = count_strings(r);
	size_t at;

	if (n < 2 || read_path(r, true) != 0) {
		return EINVAL;
	}
	if (n - 1 > r->v.s->limits.perms || n - 1 > STORE_MAX_PERMS) {
		return ENOSPC;
	}
	at = strlen(r->payload) + 1;
	n = perms_parse(r->payload + at, r->head.len - at, perms, STORE_MAX_PERMS);
	return n == 0 ? EINVAL : view_set_perms(&r->v, r->path, perms, n);
}

static int do_watch(struct request *r)
{
	if (count_strings(r) != 2) {
		return EINVAL;
	}
	return watch_add(r->v.s, r->v.c, r->payload, second(r));
}

static int do_unwatch(struct request *r)
{
	if (count_strings(r) != 2) {
		return EINVAL;
	}
	return watch_remove(r->v.s, r->v.c, r->payload, second(r));
}

static int do_transaction_start(struct request *r)
{
	uint32_t id;
	int ret = r->v.tx != NULL ? EBUSY : tx_start(r->v.s, r->v.c, &id);

	if (ret == 0) {
		r->reply_len = number_put((char *)out_payload(r->v.c), id) + 1;
	}
	return ret;
}

static int do_transaction_end(struct request *r)
{
	bool is_commit = r->payload[0] == 'T';

	if (!is_one_string(r) || r->head.len != 2 || (!is_commit && r->payload[0] != 'F')) {
		return EINVAL;
	}
	return r->v.tx == NULL ? ENOENT : tx_end(r->v.s, r->v.c, r->v.tx, is_commit);
}

static int read_domid(const struct request *r, uint64_t *domid)
{
	return is_one_string(r) && number_get(r->payload, UINT16_MAX, domid) ? 0 : EINVAL;
}

static int do_get_domain_path(struct request *r)
{
	uint64_t domid;
	int ret = read_domid(r, &domid);

	if (ret == 0) {
		r->reply_len = path_home((uint32_t)domid, (char *)out_payload(r->v.c)) + 1;
	}
	return ret;
}

static int do_is_introduced(struct request *r)
{
	const struct store_client *c;
	uint64_t domid;
	int ret = read_domid(r, &domid);

	if (ret == 0) {
		c = store_find_client(r->v.s, (uint32_t)domid);
		out_payload(r->v.c)[0] =
			domid == STORE_PRIVILEGED || (c != NULL && c->is_introduced) ? 'T' : 'F';
		out_payload(r->v.c)[1] = '\0';
		r->reply_len = 2;
	}
	return ret;
}

static int do_reset_watches(struct request *r)
{
	watch_remove_all(r->v.s, r->v.c);
	tx_end_all(r->v.s, r->v.c);
	return 0;
}

static int dispatch(struct request *r)
{
	switch (r->head.type) {
	case XS_DIRECTORY:
		return do_directory(r);
	case XS_DIRECTORY_PART:
		return do_directory_part(r);
	case XS_READ:
		return do_read(r);
	case XS_GET_PERMS:
		return do_get_perms(r);
	case XS_SET_PERMS:
		return do_set_perms(r);
	case XS_WRITE:
		return do_write(r);
	case XS_MKDIR:
		return do_mkdir(r);
	case XS_RM:
		return do_rm(r);
	case XS_WATCH:
		return do_watch(r);
	case XS_UNWATCH:
		return do_unwatch(r);
	case XS_RESET_WATCHES:
		return do_reset_watches(r);
	case XS_TRANSACTION_START:
		return do_transaction_start(r);
	case XS_TRANSACTION_END:
		return do_transaction_end(r);
	case XS_GET_DOMAIN_PATH:
		return do_get_domain_path(r);
	case XS_IS_DOMAIN_INTRODUCED:
		return do_is_introduced(r);
	case XS_CONTROL:
	case XS_INTRODUCE:
	case XS_RELEASE:
	case XS_RESUME:
	case XS_SET_TARGET:
		return EACCES; /* the plan does these */
	default:
		return ENOSYS;
	}
}

/* Those whose transaction number means nothing. */
static bool ignores_tx(uint32_t type)
{
	return type == XS_WATCH || type == XS_UNWATCH;
}

/* Those that are refused whatever they carry. */
static bool is_never_served(uint32_t type)
{
	switch (type) {
	case XS_CONTROL:
	case XS_INTRODUCE:
	case XS_RELEASE:
	case XS_RESUME:
	case XS_SET_TARGET:
	case XS_WATCH_EVENT:
	case XS_ERROR:
		return true;
	default:
		return type > XS_DIRECTORY_PART || type == XS_SET_TARGET + 1;
	}
}

/* One request more in its transaction; 0, or why not. */
static int enter_tx(struct request *r)
{
	const struct store_limits *limits = &r->v.s->limits;

	if (r->head.tx_id == 0 || ignores_tx(r->head.type) || is_never_served(r->head.type)) {
		return 0;
	}
	r->v.tx = tx_find(r->v.s, r->v.c, r->head.tx_id);
	if (r->v.tx == NULL) {
		return ENOENT;
	}
	if (r->head.type != XS_TRANSACTION_END && limits->has_quota &&
	    ++r->v.tx->nr_requests > limits->requests) {
		return ENOSPC;
	}
	return 0;
}

/* Error names as the wire has them; characters, not pointers, for nothing here is relocated. */
#define ERROR_NAME(e) \
	{             \
		e, #e \
	}
static const struct {
	int number;
	char name[12];
} error_names[] = {
	ERROR_NAME(EINVAL), ERROR_NAME(EACCES), ERROR_NAME(EEXIST), ERROR_NAME(ENOENT),
	ERROR_NAME(ENOSPC), ERROR_NAME(EAGAIN), ERROR_NAME(EBUSY),  ERROR_NAME(E2BIG),
	ERROR_NAME(EPERM),  ERROR_NAME(ENOSYS), ERROR_NAME(ENOMEM),
};

static void reply_error(struct request *r, int error)
{
	const char *name = "EIO";

	for (size_t i = 0; i < sizeof(error_names) / sizeof(error_names[0]); i++) {
		if (error_names[i].number == error) {
			name = error_names[i].name;
		}
	}
	r->reply_len = strlen(name) + 1;
	memcpy(out_payload(r->v.c), name, r->reply_len);
	r->v.c->nr_refused++;
	out_put(r->v.c, XS_ERROR, r->head.req_id, r->head.tx_id, r->reply_len);
}

/* Those that say no more than that it is done. */
static bool is_acknowledged(uint32_t type)
{
	switch (type) {
	case XS_WRITE:
	case XS_MKDIR:
	case XS_RM:
	case XS_SET_PERMS:
	case XS_WATCH:
	case XS_UNWATCH:
	case XS_RESET_WATCHES:
	case XS_TRANSACTION_END:
		return true;
	default:
		return false;
	}
}

static void reply(struct request *r)
{
	if (is_acknowledged(r->head.type)) {
		memcpy(out_payload(r->v.c), "OK", 3);
		r->reply_len = 3;
	}
	out_put(r->v.c, r->head.type, r->head.req_id, r->head.tx_id, r->reply_len);
}

void store_request(struct store *s, struct store_client *c)
{
	static struct request r;
	int error;

	memcpy(&r.head, c->in, sizeof(r.head));
	c->in[sizeof(r.head) + r.head.len] = '\0';
	r.payload = (const char *)c->in + sizeof(r.head);
	r.v = (struct view){ .s = s, .c = c };
	r.reply_len = 0;
	c->nr_requests++;
	error = enter_tx(&r);
	if (error == 0) {
		error = dispatch(&r);
	}
	if (error != 0) {
		reply_error(&r, error);
	} else {
		reply(&r);
	}
	if (s->ops.access != NULL) {
		s->ops.access(c, r.head.type, r.payload, error);
	}
}
