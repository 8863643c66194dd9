// SPDX-License-Identifier: Apache-2.0
/* The fake machine's part of 32-bit code's hypercalls: compat_fake.h. */
#include <compat_fake.h>

#include <hyp/guest_copy.h>

static unsigned int seen;

void compat_fake_begin(struct vcpu *v)
{
	seen = v->arch.agains;
}

uint8_t *compat_area(struct vcpu *v, uint64_t *at)
{
	*at = COMPAT_FAKE_AREA;
	return world_ram(v->domain, COMPAT_FAKE_AREA);
}

int compat_read(struct vcpu *v, void *to, uint64_t from, size_t len)
{
	return guest_read(v, to, from, len);
}

int compat_write(struct vcpu *v, uint64_t to, const void *from, size_t len)
{
	return guest_write(v, to, from, len);
}

bool compat_took_again(struct vcpu *v, uint64_t args[5])
{
	bool again = v->arch.agains != seen;

	seen = v->arch.agains;
	memcpy(args, v->arch.again, sizeof(v->arch.again));
	return again;
}
