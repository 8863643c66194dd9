// SPDX-License-Identifier: Apache-2.0
/* Paths and numbers as the wire writes them. Spec: Xen docs/misc/xenstore.txt. */
#include "internal.h"

#include <string.h>

#define HOME	 "/local/domain/"
#define HOME_LEN (sizeof(HOME) - 1)

uint32_t hash_bytes(uint32_t hash, const void *data, size_t len)
{
	const uint8_t *at = data;

	for (size_t i = 0; i < len; i++) {
		hash = (hash ^ at[i]) * 16777619u; /* FNV-1a */
	}
	return hash;
}

size_t number_put(char *out, uint64_t value)
{
	char digits[20];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	for (size_t i = 0; i < n; i++) {
		out[i] = digits[n - 1 - i];
	}
	out[n] = '\0';
	return n;
}

bool number_get(const char *text, uint64_t max, uint64_t *value)
{
	*value = 0;
	if (*text == '\0') {
		return false;
	}
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9') {
			return false;
		}
		*value = *value * 10 + (uint64_t)(*text - '0');
		if (*value > max) {
			return false;
		}
	}
	return true;
}

size_t path_home(uint32_t domid, char *out)
{
	memcpy(out, HOME, HOME_LEN);
	return HOME_LEN + number_put(out + HOME_LEN, domid);
}

static bool is_path_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '/' || c == '_' || c == '@';
}

static bool is_well_formed(const char *path, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!is_path_char(path[i]) || (i > 0 && path[i] == '/' && path[i - 1] == '/')) {
			return false;
		}
	}
	return len == 1 || path[len - 1] != '/';
}

/* What of a path the limit does not count: /local/domain/<id>/. */
static size_t home_part(const char *path, size_t len)
{
	size_t at = HOME_LEN;

	if (len <= HOME_LEN || memcmp(path, HOME, HOME_LEN) != 0) {
		return 0;
	}
	while (at < len && at < HOME_LEN + 5 && path[at] >= '0' && path[at] <= '9') {
		at++;
	}
	return at > HOME_LEN && at < len && path[at] == '/' ? at + 1 : 0;
}

size_t path_canonical(const struct store *s, const struct store_client *c, const char *path,
		      bool may_be_special, char *out)
{
	size_t len = strnlen(path, XENSTORE_ABS_PATH_MAX + 1), at = 0;

	if (len == 0 || len > XENSTORE_ABS_PATH_MAX || (path[0] == '@' && !may_be_special) ||
	    !is_well_formed(path, len)) {
		return 0;
	}
	if (path[0] != '/' && path[0] != '@') {
		if (c == NULL || len > XENSTORE_REL_PATH_MAX) {
			return 0;
		}
		at = path_home(c->domid, out);
		out[at++] = '/';
	}
	memcpy(out + at, path, len);
	at += len;
	out[at] = '\0';
	if (at - home_part(out, at) > s->limits.path_bytes) {
		return 0;
	}
	return at;
}

size_t path_next(const char **path, const char **name)
{
	size_t len = 0;

	while (**path == '/') {
		++*path;
	}
	*name = *path;
	while (**path != '\0' && **path != '/') {
		++*path;
		len++;
	}
	return len;
}
