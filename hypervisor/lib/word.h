/* SPDX-License-Identifier: Apache-2.0 */
/*
 * word_t: what memory is copied by. It lies on 8 bytes, or anywhere where the build says WORDS_ANYWHERE: packets and the
 * pieces that are copied of them hardly ever lie on words, and all machines here take words at any address of normal
 * memory once their MMU is on.
 */
#ifndef LIB_WORD_H
#define LIB_WORD_H

#include <stdint.h>

#ifdef WORDS_ANYWHERE
typedef uint64_t __attribute__((may_alias, aligned(1))) word_t;
#else
typedef uint64_t __attribute__((may_alias)) word_t;
#endif

#endif
