/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model of xenstore's tree that is right because it is simple: two domains' data, a and b below it, three levels deep,
 * every possible node in an array. It says what the store must answer, as sw_say() gives it.
 */
#ifndef XENSTORE_MODEL_H
#define XENSTORE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#define MODEL_DOMAINS 2u
#define MODEL_NODES   15u /* of each domain: node n has the children 2n + 1, "a", and 2n + 2, "b" */
#define MODEL_VALUE   4u
#define MODEL_ANSWER  64u

/** struct model_perm - access is one of n, r, w, b. */
struct model_perm {
	uint8_t domid;
	char access;
};

struct model_node {
	bool is_there;
	uint8_t nr_perms;
	struct model_perm perms[2];
	char value[MODEL_VALUE + 1];
};

struct model {
	struct model_node node[MODEL_DOMAINS][MODEL_NODES];
};

/** enum model_op - what is asked. */
enum model_op {
	MODEL_READ,
	MODEL_WRITE,
	MODEL_MKDIR,
	MODEL_RM,
	MODEL_DIRECTORY,
	MODEL_GET_PERMS,
	MODEL_SET_PERMS,
	MODEL_OPS
};

/** struct model_request - of client 0 or 1, about a node. */
struct model_request {
	enum model_op op;
	unsigned int client;
	unsigned int domain;
	unsigned int node;
	char value[MODEL_VALUE + 1];
	struct model_perm perms[2];
	uint8_t nr_perms;
};

/** model_init() - as the store has it after its start. */
void model_init(struct model *m);

/** model_do() - the answer to @r, at most MODEL_ANSWER bytes; @m changes if it is "OK|". */
void model_do(struct model *m, const struct model_request *r, char *answer);

/** model_text() - @r as sw_say() takes it. Return: its type on the wire. */
uint32_t model_text(const struct model_request *r, char *text);

/** model_path() - absolute. */
void model_path(unsigned int domain, unsigned int node, char *path);

/** model_may_hear() - whether a client may read the node or its parent. */
bool model_may_hear(const struct model *m, unsigned int client, unsigned int domain,
		    unsigned int node);

/** model_is_under() - @node is @top or below it. */
bool model_is_under(unsigned int node, unsigned int top);

#endif
