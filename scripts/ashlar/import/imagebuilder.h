/* SPDX-License-Identifier: Apache-2.0 */
/* An ImageBuilder `config` as settings, before anything is made of them. */
#ifndef ASHLAR_IMPORT_IMAGEBUILDER_H
#define ASHLAR_IMPORT_IMAGEBUILDER_H

#include "import.h"

#define IB_MAX_SETTINGS 1024
#define IB_NO_INDEX	UINT32_MAX

/** struct ib_setting - NAME=VALUE, or NAME[INDEX]=VALUE. */
struct ib_setting {
	char *name;
	char *value;
	uint32_t index; /* IB_NO_INDEX: none */
	unsigned int line;
};

struct ib_config {
	struct ib_setting *settings;
	size_t count;
};

/** ib_read() - @text to its NUL; what is no plain setting is reported: the shell could do anything there. */
void ib_read(struct import *im, const char *text, struct ib_config *c);
void ib_free(struct ib_config *c);

/** ib_find() - NULL: it is not set, or to nothing, which is the same for ImageBuilder. */
const struct ib_setting *ib_find(const struct ib_config *c, const char *name, uint32_t index);

#endif
