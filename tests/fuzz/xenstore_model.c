// SPDX-License-Identifier: Apache-2.0
/* The rules of docs/misc/xenstore.txt, once more and independently. */
#include "xenstore_model.h"

#include <stdio.h>
#include <string.h>

#include <xen/io/xs_wire.h>

enum access {
	READ = 1,
	WRITE = 2,
	OWNER = 4
};

static unsigned int bits(char access)
{
	return access == 'b' ? READ | WRITE : access == 'r' ? READ : access == 'w' ? WRITE : 0;
}

void model_init(struct model *m)
{
	memset(m, 0, sizeof(*m));
	for (unsigned int d = 0; d < MODEL_DOMAINS; d++) {
		m->node[d][0] = (struct model_node){ .is_there = true, .nr_perms = 1 };
		m->node[d][0].perms[0] = (struct model_perm){ (uint8_t)(d + 1), 'n' };
	}
}

bool model_is_under(unsigned int node, unsigned int top)
{
	while (node > top) {
		node = (node - 1) / 2;
	}
	return node == top;
}

void model_path(unsigned int domain, unsigned int node, char *path)
{
	char names[8] = "";
	size_t at = sizeof(names) - 1;

	for (; node > 0; node = (node - 1) / 2) {
		names[--at] = node % 2 == 1 ? 'a' : 'b';
		names[--at] = '/';
	}
	(void)sprintf(path, "/local/domain/%u/data%s", domain + 1, names + at);
}

static unsigned int access_to(const struct model_node *n, unsigned int client)
{
	uint8_t domid = (uint8_t)(client + 1);

	if (n->perms[0].domid == domid) {
		return READ | WRITE | OWNER;
	}
	if (n->nr_perms > 1 && n->perms[1].domid == domid) {
		return bits(n->perms[1].access);
	}
	return bits(n->perms[0].access);
}

/* What a client may do at the nearest node that is there; above all of ours is its home, which it may read. */
static unsigned int access_near(const struct model *m, const struct model_request *r)
{
	unsigned int node = r->node;

	while (!m->node[r->domain][node].is_there) {
		if (node == 0) {
			return r->client == r->domain ? READ : 0;
		}
		node = (node - 1) / 2;
	}
	return access_to(&m->node[r->domain][node], r->client);
}

bool model_may_hear(const struct model *m, unsigned int client, unsigned int domain,
		    unsigned int node)
{
	const struct model_node *n = &m->node[domain][node];

	if (n->is_there && (access_to(n, client) & READ) != 0) {
		return true;
	}
	if (node == 0) {
		return client == domain;
	}
	n = &m->node[domain][(node - 1) / 2];
	return n->is_there && (access_to(n, client) & READ) != 0;
}

static void create(struct model *m, const struct model_request *r, unsigned int node)
{
	struct model_node *n = &m->node[r->domain][node];

	if (n->is_there) {
		return;
	}
	/* Node 0 is there, or access_near() had refused. */
	create(m, r, (node - 1) / 2);
	*n = m->node[r->domain][(node - 1) / 2];
	n->value[0] = '\0';
	n->perms[0].domid = (uint8_t)(r->client + 1);
}

static void change(struct model *m, const struct model_request *r)
{
	struct model_node *n = &m->node[r->domain][r->node];

	switch (r->op) {
	case MODEL_WRITE:
		create(m, r, r->node);
		strcpy(n->value, r->value);
		break;
	case MODEL_MKDIR:
		create(m, r, r->node);
		break;
	case MODEL_SET_PERMS:
		memcpy(n->perms, r->perms, sizeof(n->perms));
		n->nr_perms = r->nr_perms;
		break;
	default:
		for (unsigned int i = r->node; i < MODEL_NODES; i++) {
			m->node[r->domain][i].is_there &= !model_is_under(i, r->node);
		}
		break;
	}
}

static unsigned int needs(enum model_op op)
{
	switch (op) {
	case MODEL_READ:
	case MODEL_DIRECTORY:
	case MODEL_GET_PERMS:
		return READ;
	case MODEL_SET_PERMS:
		return WRITE | OWNER;
	default:
		return WRITE;
	}
}

/* NULL: not refused. */
static const char *refusal(const struct model *m, const struct model_request *r)
{
	const struct model_node *n = &m->node[r->domain][r->node];
	unsigned int need = needs(r->op);
	bool parent_is_there = r->node == 0 || m->node[r->domain][(r->node - 1) / 2].is_there;

	if ((access_near(m, r) & need) != need) {
		return "!EACCES|";
	}
	if (r->op == MODEL_RM) {
		return n->is_there || parent_is_there ? NULL : "!ENOENT|";
	}
	if (!n->is_there && r->op != MODEL_WRITE && r->op != MODEL_MKDIR) {
		return "!ENOENT|";
	}
	return r->op == MODEL_SET_PERMS && r->perms[0].domid != n->perms[0].domid ? "!EPERM|"
										  : NULL;
}

static void show(const struct model *m, const struct model_request *r, char *answer)
{
	const struct model_node *n = &m->node[r->domain][r->node];
	unsigned int a = 2 * r->node + 1;

	answer[0] = '\0';
	if (r->op == MODEL_READ) {
		strcpy(answer, n->value);
	} else if (r->op == MODEL_GET_PERMS) {
		for (unsigned int i = 0; i < n->nr_perms; i++) {
			(void)sprintf(answer + strlen(answer), "%c%u|", n->perms[i].access,
				      n->perms[i].domid);
		}
	} else if (a < MODEL_NODES) {
		strcat(answer, m->node[r->domain][a].is_there ? "a|" : "");
		strcat(answer, m->node[r->domain][a + 1].is_there ? "b|" : "");
	}
}

void model_do(struct model *m, const struct model_request *r, char *answer)
{
	const char *refused = refusal(m, r);

	if (refused != NULL) {
		strcpy(answer, refused);
	} else if (needs(r->op) == READ) {
		show(m, r, answer);
	} else {
		change(m, r);
		strcpy(answer, "OK|");
	}
}

uint32_t model_text(const struct model_request *r, char *text)
{
	static const uint32_t types[MODEL_OPS] = { XS_READ,	 XS_WRITE,     XS_MKDIR,    XS_RM,
						   XS_DIRECTORY, XS_GET_PERMS, XS_SET_PERMS };

	model_path(r->domain, r->node, text);
	strcat(text, "|");
	if (r->op == MODEL_WRITE) {
		strcat(text, r->value);
	}
	for (unsigned int i = 0; r->op == MODEL_SET_PERMS && i < r->nr_perms; i++) {
		(void)sprintf(text + strlen(text), "%c%u|", r->perms[i].access, r->perms[i].domid);
	}
	return types[r->op];
}
