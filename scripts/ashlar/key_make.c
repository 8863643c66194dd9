// SPDX-License-Identifier: Apache-2.0
/* A new key with its certificate, made by openssl. */
#include <stdlib.h>

#include "ashlar.h"

void key_make(const char *key, const char *crt, bool is_ec, const char *name)
{
	char *subject = xasprintf("/CN=%s", name);
	char *argv[] = { (char *)"openssl",
			 (char *)"req",
			 (char *)"-batch",
			 (char *)"-x509",
			 (char *)"-newkey",
			 (char *)(is_ec ? "ec" : "rsa:3072"),
			 (char *)"-pkeyopt",
			 (char *)(is_ec ? "ec_paramgen_curve:P-256" : "rsa_keygen_bits:3072"),
			 (char *)"-nodes",
			 (char *)"-sha256",
			 (char *)"-days",
			 (char *)"36500",
			 (char *)"-subj",
			 subject,
			 (char *)"-keyout",
			 (char *)key,
			 (char *)"-out",
			 (char *)crt,
			 NULL };
	char *log;

	if (run(argv, &log) != 0) {
		fail("openssl cannot make the key %s:\n%s", name, log);
	}
	free(subject);
	free(log);
}
