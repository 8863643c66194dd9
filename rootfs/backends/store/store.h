/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xenstore: a tree of values that domains share, for what a program around it needs. ../README.md has the rules.
 *
 * Portable and single-threaded; memory is given once. The program gives each client a ring and a function that
 * rings its bell, then calls store_turn() until nothing is left to do, and sleeps.
 */
#ifndef STORE_H
#define STORE_H

#include "pool.h"

#include <xen/io/xs_wire.h>

#define STORE_MAX_CLIENTS    32u
#define STORE_MAX_PERMS	     32u
#define STORE_NAME_LEN	     64u
#define STORE_MESSAGE	     (sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX)
#define STORE_EVENT_BUCKETS  64u
#define STORE_PRIVILEGED     0u /* the domid that owns what the store itself makes; no domain has it */
#define STORE_MAX_VALUE	     4096u
#define STORE_ERROR_NO_CELLS (-1)

#define STORE_VERDICT_MS 1000u

#define STORE_MAX_DEVICES 32u
#define STORE_PAIRS_BYTES 448u

/** struct store_limits - quotas of each client, in the units that their names say. */
struct store_limits {
	uint32_t nodes;
	uint32_t value_bytes;
	uint32_t watches;
	uint32_t transactions;
	uint32_t requests;   /* in one transaction */
	uint32_t path_bytes; /* behind /local/domain/<id>/ */
	uint32_t perms;	     /* entries of a node */
	uint32_t events;     /* waiting for one client */
	uint32_t cells;	     /* nodes, watches and transactions of a client */
	uint32_t event_cells;
	bool has_quota;		 /* false: only cells and value_bytes count */
	bool has_perms;		 /* false: everybody may do everything */
	bool has_watch_perms;	 /* false: events go to those who cannot read the node, too */
	bool has_merge;		 /* false: any write by others refuses a commit */
	uint32_t conflict_burst; /* failed transactions of others that a client may cause; 0: any */
	uint32_t
		conflict_history_ms; /* changes older than this are not to blame; one more is allowed in it */
	bool conflict_is_aggregate; /* in all, not to each client */
	uint32_t loss_wait_ms;	 /* for a back end that started again to go on with a front end */
	uint32_t loss_answer_ms; /* then for the front end to suspend itself and be back */
	uint32_t
		refuse_commits; /* one commit in so many is refused, for tests of clients; 0: none */
};

/** enum store_loss - what was done for a client that lost a back end: recover.c. */
enum store_loss {
	LOSS_NONE,
	LOSS_SEEN,
	LOSS_ASKED, /* to suspend itself */
	LOSS_TOLD   /* the program, that nothing helps */
};

/** struct store_client - a domain that the plan lets speak to the store. */
struct store_client {
	uint16_t domid;
	char name[STORE_NAME_LEN];
	bool is_introduced;
	bool is_broken; /* it broke the ring's rules: silent until it asks to reconnect */

	enum store_loss loss;
	uint64_t loss_since; /* store_recover()'s milliseconds */
	uint32_t
		left; /* a bit for each of the store's devices: its back end started again under it */
	uint32_t asked; /* set back by devices_ask() */

	bool is_held; /* it has just started: its requests wait until the back ends that are there offer */
	uint64_t held_since;

	/* the ring; the indices here are ours and never read back from the page */
	struct xenstore_domain_interface *ring;
	uint32_t req_cons;
	uint32_t rsp_prod;
	uint32_t error;	  /* why it is cut off */
	bool is_new;	  /* it has just started, and may have asked before we were there */
	bool must_reset;  /* the page is to be emptied, and says then that we are connected */
	bool must_notify; /* what the page shows of us is old */

	/* one message each way, in and out */
	uint32_t in_used;
	uint32_t out_len;
	uint32_t out_done;

	struct account account;
	struct account event_account;
	uint32_t nr_nodes; /* owned */
	uint32_t nr_watches;
	uint32_t first_watch;
	uint32_t last_watch;
	uint32_t nr_due; /* watches that owe an event on their own path */
	uint32_t nr_events;
	uint32_t first_event;
	uint32_t last_event;
	uint32_t event_bucket[STORE_EVENT_BUCKETS];
	uint32_t nr_txs;
	uint32_t first_tx;
	uint32_t next_tx_id;

	/* for the log */
	uint64_t nr_requests;
	uint64_t nr_refused;

	uint8_t in[STORE_MESSAGE + 1]; /* and an end for its last string */
	uint8_t out[STORE_MESSAGE];
};

/** struct store_verdict - what is to be said of a client that is cut off; the program's, all zero at first. */
struct store_verdict {
	bool is_waiting;
	bool is_said;
	uint64_t since_ms;
};

/**
 * verdict_is_due() - is it time to say that a client broke the rules of its ring?
 * @is_broken: it is up and cut off. @now_ms: of any clock; ask again STORE_VERDICT_MS later while @v is waiting.
 * Return: true once for each time that it is cut off, if it is still up then.
 */
bool verdict_is_due(struct store_verdict *v, bool is_broken, uint64_t now_ms);

/** struct store_pairs - names and values, a zero byte behind each. */
struct store_pairs {
	size_t len;
	char text[STORE_PAIRS_BYTES];
};

/** struct store_device - a PV device of the plan: whose it is, who serves it, what stands in its nodes beside the usual. */
struct store_device {
	char kind[8]; /* "vbd": part of its paths */
	uint16_t front;
	uint16_t back;
	uint32_t number;
	struct store_pairs front_values;
	struct store_pairs back_values;
};

/** struct store_ops - what the store calls. */
struct store_ops {
	/* the ring of @c changed */
	void (*notify)(struct store_client *c);
	/* @c is without a back end that runs, and does not find it: only its restart helps */
	void (*lost)(struct store_client *c);
	/* a request was answered with @error (0: done); may be NULL */
	void (*access)(const struct store_client *c, uint32_t type, const char *path, int error);
};

/** struct store_conflict - who caused others' transactions to fail: conflict.c. */
struct store_conflict {
	uint64_t now_ms;    /* store_clock()'s */
	uint64_t filled_ms; /* credit was given up to here */
	uint32_t next;	    /* who got some last */
	uint32_t changer;   /* whose request is under way, from 1; 0: the store's own */
	uint32_t last_changer;
	int32_t credit[STORE_MAX_CLIENTS]; /* in thousandths */
	uint64_t changed_ms[STORE_MAX_CLIENTS];
};

struct kept;
struct slot;

/** struct store - all of it; what stands before `limits` is kept at each commit (keep.c). */
struct store {
	struct pool pool;
	struct store_client *clients;
	uint32_t nr_clients;
	struct account own; /* what no client owns */
	uint32_t root;
	uint32_t special; /* the parent of @introduceDomain and @releaseDomain */
	uint64_t generation;
	uint64_t last_change; /* generation of the last change of the tree */
	uint32_t nr_commits;
	uint32_t turn; /* who is served first */

	struct store_limits limits;
	struct store_ops ops;
	struct store_conflict conflict;
	struct journal journal;
	struct kept *kept;
	struct slot *slots[2]; /* the last two commits */
	struct store_device devices[STORE_MAX_DEVICES];
	uint32_t nr_devices;
};

/** store_memory() - bytes that store_init() needs for @nr_clients. */
size_t store_memory(const struct store_limits *limits, uint32_t nr_clients);

/** store_init() - an empty tree in @memory, which is aligned to 8 and has store_memory() bytes. */
void store_init(struct store *s, const struct store_limits *limits, const struct store_ops *ops,
		void *memory, uint32_t nr_clients);

/** store_client_set() - name client @index, before anything else is done with it. */
void store_client_set(struct store *s, uint32_t index, uint16_t domid, const char *name);

/** store_find_client() - the client of a domain, or NULL. */
struct store_client *store_find_client(struct store *s, uint32_t domid);

/**
 * store_introduce() - a client's domain has started: its ring is emptied, its part of the tree made, others told.
 * @ring: stays mapped until store_release()
 */
void store_introduce(struct store *s, struct store_client *c,
		     struct xenstore_domain_interface *ring);

/** store_release() - a client's domain is gone: its watches, transactions and nodes go, others are told. */
void store_release(struct store *s, struct store_client *c);

/** store_turn() - serve each client once. Return: whether anything was done; if so there may be more. */
bool store_turn(struct store *s);

/**
 * store_clock() - say what time it is, before each turn.
 * @now_ms: of any clock
 *
 * Return: after how many milliseconds a client that is held back may go on; 0: none is.
 */
uint32_t store_clock(struct store *s, uint64_t now_ms);

/** store_write() - the store's own write at an absolute path; parents are made. Return: 0 or an error of the wire. */
int store_write(struct store *s, const char *path, const char *value);

/** store_set_perms() - the owner and access of a node, and read access for @reader; STORE_PRIVILEGED: none. */
int store_set_perms(struct store *s, const char *path, uint16_t owner, uint16_t reader);

/** store_populate() - make the part of the tree that stands for the domain of @c. */
void store_populate(struct store *s, struct store_client *c);

/** store_ask_to_stop() - have the domain of @c shut down, in Xen's way: its control/shutdown becomes "poweroff". */
void store_ask_to_stop(struct store *s, struct store_client *c);

/**
 * store_device_add() - one more device of the plan, in each life before anybody is introduced or met.
 * Return: false: too many, or no pairs.
 */
bool store_device_add(struct store *s, const struct store_device *d);

/**
 * store_recover() - see to front ends whose back end has started again without them.
 * @now_ms: of a clock that our restart does not stop
 *
 * Return: whether somebody is without a back end: then call again in a second, else when a domain comes or goes.
 */
bool store_recover(struct store *s, uint64_t now_ms);

/** store_topology() - the nodes of all devices that the domain of @c, which starts, is an end of. */
void store_topology(struct store *s, struct store_client *c);

/**
 * store_commit() - what was done until now will be found by the next life. Each turn, introduction and release does this
 * by itself; for what store_write() and store_set_perms() did.
 */
void store_commit(struct store *s);

/**
 * store_restore() - go on where the program's last life ended: instead of store_init(), with the same arguments and the
 * memory as it was left. What that life had begun and shown to nobody is undone; clients' messages and transactions
 * under way are there. store_meet() gives the clients their rings.
 *
 * Return: false: nothing is there that can be believed, or the lives that went on with it did not last.
 */
bool store_restore(struct store *s, const struct store_limits *limits, const struct store_ops *ops,
		   void *memory, uint32_t nr_clients);

/** store_is_well() - this life lasts, so what it went on with was good. */
void store_is_well(struct store *s);

/** enum store_meeting - who is behind a ring. */
enum store_meeting {
	STORE_MET_NEW,	 /* a domain that has just started: it was introduced */
	STORE_MET_AGAIN, /* one that was a client in our last life: it goes on, and noticed nothing */
	STORE_MET_STRANGER /* one that speaks to somebody we know nothing of: cut off until it asks to reconnect */
};

/**
 * store_meet() - a client's link is up.
 * @ring: stays mapped until store_release()
 */
enum store_meeting store_meet(struct store *s, struct store_client *c,
			      struct xenstore_domain_interface *ring);

#endif
