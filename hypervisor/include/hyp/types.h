/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types and small helpers that every part of the hypervisor shares.
 *
 * Addresses are wrapped so that a machine address and a guest's address cannot be mixed:
 *   paddr_t  machine physical address, bytes
 *   gpa_t    guest physical address (IPA), bytes
 * A plain pointer is always a hypervisor virtual address.
 */
#ifndef HYP_TYPES_H
#define HYP_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint64_t v;
} paddr_t;

typedef struct {
	uint64_t v;
} gpa_t;

static inline paddr_t paddr(uint64_t v)
{
	return (paddr_t){ v };
}

static inline gpa_t gpa(uint64_t v)
{
	return (gpa_t){ v };
}

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1UL << PAGE_SHIFT)
#define KIB	   (1UL << 10)
#define MIB	   (1UL << 20)
#define GIB	   (1UL << 30)

#define BIT(n)			      (1UL << (n))
#define ALIGN_UP(x, a)		      (((x) + ((a)-1)) & ~((__typeof__(x))(a)-1))
#define ALIGN_DOWN(x, a)	      ((x) & ~((__typeof__(x))(a)-1))
#define IS_ALIGNED(x, a)	      (((x) & ((__typeof__(x))(a)-1)) == 0)
#define ARRAY_SIZE(a)		      (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)		      ((a) < (b) ? (a) : (b))
#define MAX(a, b)		      ((a) > (b) ? (a) : (b))
#define container_of(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))

#define __must_check __attribute__((warn_unused_result))
#define __noreturn   __attribute__((noreturn))
#define __forceinline inline __attribute__((always_inline))
#define __noinline     __attribute__((noinline))
#define __no_canary    __attribute__((no_stack_protector))
#define likely(x)      __builtin_expect(!!(x), 1)
#define unlikely(x)    __builtin_expect(!!(x), 0)
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define __aligned(n)   __attribute__((aligned(n)))
#define __section(s)   __attribute__((section(s)))

#endif
