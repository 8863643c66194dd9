// SPDX-License-Identifier: Apache-2.0
/* What our JSON outputs share. Spec: RFC 8259. */
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
