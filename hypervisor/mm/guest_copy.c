/* SPDX-License-Identifier: Apache-2.0 */
/* Requirement: hostile-guest */
/*
 * Copies between the hypervisor and guest memory, a page at a time through this CPU's window.
 *
 * Every byte is touched once: callers decide on their own copy. Interrupts are masked per page, not per copy.
 */
#include <hyp/guest_copy.h>

#include <hyp/arch/irq.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/arch/vcpu.h>
#include <hyp/errno.h>

#include <string.h>

/* Bytes from @at to the end of its page, at most @len. */
static size_t page_part(uint64_t at, size_t len)
{
	return MIN(len, PAGE_SIZE - (at & (PAGE_SIZE - 1)));
}

static __forceinline void copy_in_page(paddr_t pa, void *buf, size_t len, bool is_write)
{
	uint64_t offset = pa.v & (PAGE_SIZE - 1);
	unsigned long irq = arch_irq_save();
	char *window = (char *)arch_window(paddr(pa.v - offset)) + offset;

	if (is_write) {
		memcpy(window, buf, len);
	} else if (likely(len == sizeof(uint32_t) && IS_ALIGNED((uintptr_t)buf | offset, 4))) {
		/* a port, most often: one load, no call, which memcpy() is in freestanding code */
		__builtin_memcpy(__builtin_assume_aligned(buf, 4),
				 __builtin_assume_aligned(window, 4), 4);
	} else {
		memcpy(buf, window, len);
	}
	arch_window_close();
	arch_irq_restore(irq);
}

static int copy_virt(struct vcpu *v, uint64_t va, char *buf, size_t len, bool is_write)
{
	if (va + len < va) {
		return -EFAULT;
	}
	while (len > 0) {
		size_t n = page_part(va, len);
		paddr_t pa;
		int rc = arch_vcpu_translate(v, va, is_write, &pa);

		if (rc != 0) {
			return rc;
		}
		copy_in_page(pa, buf, n, is_write);
		va += n;
		buf += n;
		len -= n;
	}
	return 0;
}

static int copy_phys(struct domain *d, uint64_t at, char *buf, size_t len, bool is_write)
{
	if (at + len < at) {
		return -EFAULT;
	}
	while (len > 0) {
		size_t n = page_part(at, len);
		enum p2m_type type;
		paddr_t pa;
		int rc = arch_p2m_lookup(d, gpa(at), &pa, &type);

		if (rc != 0) {
			return rc;
		}
		if (type != P2M_RAM && (is_write || type != P2M_RAM_RO)) {
			return -EFAULT;
		}
		copy_in_page(pa, buf, n, is_write);
		at += n;
		buf += n;
		len -= n;
	}
	return 0;
}

int guest_read(struct vcpu *v, void *dst, uint64_t src_va, size_t len)
{
	return copy_virt(v, src_va, dst, len, false);
}

/* The cast drops a const that copy_in_page() keeps: it only reads from the buffer when it writes to the guest. */
int guest_write(struct vcpu *v, uint64_t dst_va, const void *src, size_t len)
{
	return copy_virt(v, dst_va, (char *)(uintptr_t)src, len, true);
}

int domain_read_phys(struct domain *d, void *dst, gpa_t src, size_t len)
{
	return copy_phys(d, src.v, dst, len, false);
}

int domain_write_phys(struct domain *d, gpa_t dst, const void *src, size_t len)
{
	return copy_phys(d, dst.v, (char *)(uintptr_t)src, len, true);
}
