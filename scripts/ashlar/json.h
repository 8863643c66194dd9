/* SPDX-License-Identifier: Apache-2.0 */
/* JSON documents: read whole into a tree, or written as they go. Spec: RFC 8259. */
#ifndef ASHLAR_JSON_H
#define ASHLAR_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define JSON_MAX_BYTES (16U << 20)
#define JSON_MAX_DEPTH 32

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

/** struct json - a value. @name: as a member; @text: of a string, without escapes, or a number or word as it was written. */
struct json {
	enum json_kind kind;
	char *name;
	char *text;
	struct json *first; /* of an array or object */
	struct json *next;  /* beside it */
};

/** json_read() - @text of @size bytes. Return: the value, json_free() it; NULL with *@why and *@line. */
struct json *json_read(const char *text, size_t size, const char **why, unsigned long *line);
void json_free(struct json *j);

/** json_file() - a document in a file whose outermost value is an object, or fail(). */
struct json *json_file(const char *path, const char *what);

/** json_member() - NULL without one, and where @j is no object. */
const struct json *json_member(const struct json *j, const char *name);

/** json_text() - a member that is a string or a number; NULL without one. */
const char *json_text(const struct json *j, const char *name);

/** struct json_out - a document being written, two blanks a level. */
struct json_out {
	FILE *stream;
	unsigned int depth;
	bool is_first; /* nothing stands in the innermost value yet */
};

/** json_open() / json_close() - @bracket: '{' or '['; @name: NULL in an array and outermost. */
void json_open(struct json_out *o, const char *name, char bracket);
void json_close(struct json_out *o, char bracket);

/** json_string() - a string; nothing at all where @value is NULL. */
void json_string(struct json_out *o, const char *name, const char *value);

/** json_literal() - a number or a word as it is. */
void json_literal(struct json_out *o, const char *name, const char *value);

/** json_copy() - a value that was read. */
void json_copy(struct json_out *o, const char *name, const struct json *value);

#endif
