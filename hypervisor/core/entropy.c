// SPDX-License-Identifier: Apache-2.0
/*
 * The pool behind guests' seeds (hyp/entropy.h): a secret of 32 bytes and what was added since. Each use is an
 * HMAC_DRBG of its own, seeded with secret, fresh words of the CPU and the time; its first output replaces the
 * secret, so that what was handed out cannot be found again later.
 *
 * Nothing of mbedtls lives longer than a call, for the arena under it belongs to whoever uses it at the moment.
 *
 * Lock: lock, over everything here and over the arena while a call lasts.
 */
#include <hyp/arch/cpu.h>
#include <hyp/arch/time.h>
#include <hyp/arena.h>
#include <hyp/entropy.h>
#include <hyp/lock.h>
#include <hyp/log.h>
#include <mbedtls/hmac_drbg.h>
#include <string.h>

#define SECRET_BYTES 32
#define ADDED_BYTES  128 /* the firmware's seeds have 8 to 64 */
#define CPU_WORDS    8
#define CPU_TRIES    16 /* a generator may have nothing for a moment: Arm ARM, RNDR */

static struct {
	uint8_t secret[SECRET_BYTES];
	uint8_t added[ADDED_BYTES];
	uint64_t cpu[CPU_WORDS];
	uint64_t now_ns; /* no entropy: it makes two uses differ */
} pool;
static size_t nr_added;
static bool has_source, was_said;
static spinlock_t lock;

void entropy_add(const void *data, size_t len)
{
	const uint8_t *from = data;
	unsigned long irq = spin_lock_irqsave(&lock);
	size_t i;

	for (i = 0; i < len; i++) {
		pool.added[nr_added++ % ADDED_BYTES] ^= from[i];
	}
	has_source = has_source || len > 0;
	spin_unlock_irqrestore(&lock, irq);
}

static void ask_cpu(void)
{
	unsigned int words = 0, tries = 0;

	while (words < CPU_WORDS && tries < CPU_WORDS + CPU_TRIES) {
		if (arch_random(&pool.cpu[words])) {
			words++;
		}
		tries++;
	}
	has_source = has_source || words == CPU_WORDS;
}

static int generate(void *out, size_t len)
{
	mbedtls_hmac_drbg_context drbg;
	int err;

	arena_reset();
	mbedtls_hmac_drbg_init(&drbg);
	err = mbedtls_hmac_drbg_seed_buf(&drbg, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256),
					 (const uint8_t *)&pool, sizeof(pool));
	if (err == 0) {
		err = mbedtls_hmac_drbg_random(&drbg, pool.secret, sizeof(pool.secret));
	}
	if (err == 0) {
		err = mbedtls_hmac_drbg_random(&drbg, out, len);
	}
	mbedtls_hmac_drbg_free(&drbg);
	arena_reset();
	return err;
}

bool entropy_fill(void *out, size_t len)
{
	unsigned long irq = spin_lock_irqsave(&lock);
	bool is_good, is_news;

	ask_cpu();
	pool.now_ns = arch_now_ns();
	is_good = has_source && generate(out, len) == 0;
	is_news = !is_good && !was_said;
	was_said = was_said || is_news;
	spin_unlock_irqrestore(&lock, irq);
	if (is_news) {
		hyp_printf("no source of randomness on this board: guests get no seed");
	}
	return is_good;
}
