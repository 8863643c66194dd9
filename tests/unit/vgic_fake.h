/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual GIC on a fake machine: list registers are an array, a kick is counted, and the guest's side of the CPU
 * interface (acknowledge, end) is played by guest_ack() and guest_eoi().
 */
#ifndef TESTS_VGIC_FAKE_H
#define TESTS_VGIC_FAKE_H

#include <asm/gic.h>
#include <asm/vgic.h>
#include <unit.h>

#define NR_CPUS 4
#define NR_LRS	4
#define SPI	32
#define TIMER	VGIC_PPI_VTIMER
#define UPCALL	VGIC_PPI_UPCALL
#define NOTHING 1023U

extern struct vgic gic;
extern struct vgic_cpu cpu[NR_CPUS];
extern unsigned int here; /* the CPU that runs */
extern unsigned int kicks[NR_CPUS];
extern unsigned int deactivated;
extern struct vgic_hw_state hw_state[NR_CPUS];
extern unsigned int wakes[NR_CPUS];
extern bool upcall_is_seen[NR_CPUS]; /* the guest has cleared evtchn_upcall_pending */
extern uint32_t ppi_active[NR_CPUS];
extern uint32_t ppi_enabled[NR_CPUS], ppi_pending[NR_CPUS];

/** enter() - CPU @c goes from the hypervisor into its guest. */
void enter(unsigned int c);

/** guest_ack() - the guest reads its IAR. Return: the INTID (GICv2: with the sender), or NOTHING. */
uint32_t guest_ack(unsigned int c);

/** guest_eoi() - the guest writes its EOIR; the maintenance interrupt comes when it was asked for. */
void guest_eoi(unsigned int c, uint32_t intid);

/** gicr_write() and its like - a register of the second frame of @c's redistributor, or of the distributor. */
void gicr_write(unsigned int c, uint32_t at, uint32_t value);
uint32_t gicr_read(unsigned int c, uint32_t at);
void gicd_write(uint32_t at, uint32_t value);
uint32_t gicd_read(uint32_t at);

/** gicv2_write(), gicv2_read() - a word of the distributor of a GICv2, by CPU @c. */
void gicv2_write(unsigned int c, uint32_t at, uint32_t value);
uint32_t gicv2_read(unsigned int c, uint32_t at);

/** set_up() - a GICv3; all CPUs online, everything enabled at one priority, as Linux leaves it. set_up_v2() - a GICv2. */
int set_up(void **state);
int set_up_v2(void **state);

#endif
