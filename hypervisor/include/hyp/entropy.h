/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random numbers for guests to start from, never from the image: the CPU's own generator, and what the firmware left
 * in the loader's device tree, mixed by mbedtls's HMAC_DRBG.
 *
 * The loader's tree is not believed: its seed is hashed together with the rest, and can only add to what is unknown.
 */
#ifndef HYP_ENTROPY_H
#define HYP_ENTROPY_H

#include <hyp/types.h>

/** entropy_add() - mix in @len bytes that somebody claims to be random. Context: any. */
void entropy_add(const void *data, size_t len);

/**
 * entropy_fill() - @len random bytes, other ones each time; @len at most 1024.
 * Context: any CPU; a lock inside.
 * Return:  false, and once a line in the log: there is no source on this board.
 * Spec:    NIST SP 800-90A section 10.1.2, HMAC_DRBG with SHA-256.
 */
bool __must_check entropy_fill(void *out, size_t len);

#endif
