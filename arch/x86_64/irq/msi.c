/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts of the machine for messages of PCI functions that domains have: a vector each, the same on all CPUs, sent to the
 * CPU of the domain's first vCPU. What arrives goes on as the message that its guest wrote, by its local APICs. The IOMMU that
 * guards a function lets through these alone.
 *
 * A route is one word, so that who takes an interrupt sees the old one or the new one.
 * Spec: AMD APM vol. 2 section 16.11, Intel SDM vol. 3 section 11.11 (messages).
 */
#include <asm/arch.h>
#include <asm/iommu.h>
#include <asm/vlapic.h>
#include <hyp/arch/pci.h>
#include <hyp/domain.h>
#include <hyp/errno.h>

#define NR_MSIS		(VECTOR_LAST_MSI - VECTOR_FIRST_MSI + 1)
#define ADDRESS_MASK	0xfffffffffff00000UL
#define ADDRESS_LOGICAL BIT(2)
#define DEST(address)	((uint32_t)((address) >> 12) & 0xff)
#define XAPIC_IDS	0xffU

/* A route. */
#define ROUTE_VALID    BIT(63)
#define ROUTE_LOGICAL  BIT(16)
#define ROUTE_DEST(r)  ((uint32_t)((r) >> 24) & 0xff)
#define ROUTE_MODE(r)  ((unsigned int)((r) >> 8) & 7)
#define ROUTE_DATA     0x7ffU /* delivery mode and vector */
#define ROUTE_TO(dest) ((uint64_t)(dest) << 24)

static struct {
	struct domain *d;
	uint64_t route;
} messages[NR_MSIS];
static unsigned int nr_messages;
_Static_assert(NR_MSIS <= IOMMU_MESSAGES, "an IOMMU's table has too few");

int arch_msi_alloc(struct domain *d, uint16_t function, struct msi_message *host)
{
	uint64_t cpu = d->board->cpus[d->vcpus[0]->cpu];
	unsigned int nr = nr_messages;
	const struct iommu_interrupt to = { (uint32_t)cpu, (uint8_t)(VECTOR_FIRST_MSI + nr),
					    false };
	int err;

	if (nr == NR_MSIS || (cpu >= XAPIC_IDS)) {
		return -ENOSPC;
	}
	err = iommu_message(function, nr, &to, host);
	if (err == -ENODEV) { /* whether that may be is arch_iommu_attach()'s to say */
		host->address = MSI_ADDRESS | (cpu << 12);
		host->data = to.vector;
	} else if (err != 0) {
		return err;
	}
	messages[nr].d = d;
	nr_messages++;
	return (int)nr;
}

void arch_msi_route(int nr, const struct msi_message *guest)
{
	uint64_t route = 0;

	if (guest != NULL && (guest->address & ADDRESS_MASK) == MSI_ADDRESS) {
		route = ROUTE_VALID | ROUTE_TO(DEST(guest->address)) | (guest->data & ROUTE_DATA) |
			((guest->address & ADDRESS_LOGICAL) != 0 ? ROUTE_LOGICAL : 0);
	}
	__atomic_store_n(&messages[nr].route, route, __ATOMIC_RELEASE);
}

void msi_handle(unsigned int nr)
{
	uint64_t route = __atomic_load_n(&messages[nr].route, __ATOMIC_ACQUIRE);

	if (nr < nr_messages && (route & ROUTE_VALID) != 0 && domain_is_running(messages[nr].d)) {
		(void)vlapic_message(&messages[nr].d->arch.apics, ROUTE_DEST(route),
				     (route & ROUTE_LOGICAL) != 0, ROUTE_MODE(route),
				     (uint8_t)route, false);
	}
}
