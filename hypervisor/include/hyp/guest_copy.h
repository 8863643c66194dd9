/* SPDX-License-Identifier: Apache-2.0 */
/* Copies between hypervisor and guest memory: the only way in and out. A range may cross pages. */
#ifndef HYP_GUEST_COPY_H
#define HYP_GUEST_COPY_H

#include <hyp/types.h>

struct domain;
struct vcpu;

/** guest_read() / guest_write() - by guest virtual address of the running @v. Return: 0; -EFAULT (bytes before the fault may be done). */
int __must_check guest_read(struct vcpu *v, void *dst, uint64_t src_va, size_t len);
int __must_check guest_write(struct vcpu *v, uint64_t dst_va, const void *src, size_t len);

/** domain_read_phys() / domain_write_phys() - by guest physical address, RAM only. Return: 0; -EFAULT. */
int __must_check domain_read_phys(struct domain *d, void *dst, gpa_t src, size_t len);
int __must_check domain_write_phys(struct domain *d, gpa_t dst, const void *src, size_t len);

#endif
