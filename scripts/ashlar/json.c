// SPDX-License-Identifier: Apache-2.0
/* What our JSON outputs share. Spec: RFC 8259. */
#include "json.h"

#include "ashlar.h"

void put_json(const char *s, FILE *out)
{
	fputc('"', out);
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\') {
			fprintf(out, "\\%c", c);
		} else if (c < ' ') {
			fprintf(out, "\\u%04x", c);
		} else {
			fputc(c, out);
		}
	}
	fputc('"', out);
}

/* What stands before a value: the comma, its line, its name. */
static void begin(struct json_out *o, const char *name)
{
	if (o->depth > 0) {
		fprintf(o->stream, "%s\n%*s", o->is_first ? "" : ",", (int)(2 * o->depth), "");
	}
	if (name != NULL) {
		put_json(name, o->stream);
		fputs(": ", o->stream);
	}
	o->is_first = false;
}

void json_open(struct json_out *o, const char *name, char bracket)
{
	begin(o, name);
	fputc(bracket, o->stream);
	o->depth++;
	o->is_first = true;
}

void json_close(struct json_out *o, char bracket)
{
	o->depth--;
	if (!o->is_first) {
		fprintf(o->stream, "\n%*s", (int)(2 * o->depth), "");
	}
	fputc(bracket, o->stream);
	if (o->depth == 0) {
		fputc('\n', o->stream);
	}
	o->is_first = false;
}

void json_string(struct json_out *o, const char *name, const char *value)
{
	if (value != NULL) {
		begin(o, name);
		put_json(value, o->stream);
	}
}

void json_literal(struct json_out *o, const char *name, const char *value)
{
	begin(o, name);
	fputs(value, o->stream);
}

void json_copy(struct json_out *o, const char *name, const struct json *value)
{
	const struct json *j;

	if (value->kind == JSON_STRING) {
		json_string(o, name, value->text);
	} else if (value->kind == JSON_ARRAY || value->kind == JSON_OBJECT) {
		json_open(o, name, value->kind == JSON_ARRAY ? '[' : '{');
		for (j = value->first; j != NULL; j = j->next) {
			json_copy(o, j->name, j);
		}
		json_close(o, value->kind == JSON_ARRAY ? ']' : '}');
	} else {
		json_literal(o, name, value->text);
	}
}
