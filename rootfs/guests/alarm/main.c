// SPDX-License-Identifier: Apache-2.0
/*
 * The alarm guest: a domain with devices of the board, a PL031 clock and a PL061 port.
 *
 * It sets an alarm a second ahead, sleeps, and takes the clock's interrupt. Then it waits for a key: 'a' another
 * alarm; 'd' and 't' die inside the handler of the clock and of the virtual timer, by reading what is not there;
 * 'q' the end. Interrupts only record; what is printed is printed by guest_main().
 */
#include "guest.h"

#include <libfdt.h>

#define PRIORITY  0xa0u
#define FIRST_SPI 32u
#define NOWHERE	  0x30000000u /* guests have nothing there */

/* Arm DDI 0224 (PL031) and DDI 0190 (PL061). */
#define RTC_DATA    0x00u
#define RTC_MATCH   0x04u
#define RTC_MASK    0x10u
#define RTC_CLEAR   0x1cu
#define GPIO_ID	    0xfe0u
#define GPIO_ID_IS  0x61u
#define GPIO_ENABLE 0x410u

static struct machine machine;
static uint64_t rtc, gpio;
static uint32_t rtc_intid;
static volatile unsigned int alarms;
static volatile int key = -1;
static volatile int deadly; /* the handler in which to die */

static void die(void)
{
	(void)*reg32(NOWHERE, 0);
}

static void take_alarm(void)
{
	if (deadly == 'd') {
		die();
	}
	*reg32(rtc, RTC_MASK) = 0;
	*reg32(rtc, RTC_CLEAR) = 1;
	alarms = alarms + 1;
}

static void take_keys(void)
{
	int c;

	while ((c = uart_get()) >= 0) {
		if (c > ' ') {
			key = c;
		}
	}
}

void guest_irq(uint64_t counter)
{
	uint32_t intid = gic_ack();

	(void)counter;
	if (intid >= 1020) {
		return;
	}
	if (intid == rtc_intid) {
		take_alarm();
	} else if (intid == machine.uart_intid) {
		take_keys();
	} else if (intid == machine.timer_intid) {
		die();
	}
	gic_eoi(intid);
}

void guest_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
	print("unexpected exception: ESR 0x%x ELR 0x%x FAR 0x%x\n", esr, elr, far);
	machine_power_off(&machine, true);
}

/* Its bus has addresses and sizes of two cells each. */
static int find(const void *fdt, const char *compatible, uint64_t *base)
{
	int node = fdt_node_offset_by_compatible(fdt, -1, compatible);
	int len;
	const fdt32_t *reg = node < 0 ? NULL : fdt_getprop(fdt, node, "reg", &len);

	if (reg == NULL || len != 16) {
		return -1;
	}
	*base = (uint64_t)fdt32_to_cpu(reg[0]) << 32 | fdt32_to_cpu(reg[1]);
	return node;
}

static bool find_devices(const void *fdt)
{
	int clock = find(fdt, "arm,pl031", &rtc);
	const fdt32_t *irq = clock < 0 ? NULL : fdt_getprop(fdt, clock, "interrupts", NULL);

	if (irq == NULL || find(fdt, "arm,pl061", &gpio) < 0) {
		return false;
	}
	rtc_intid = fdt32_to_cpu(irq[1]) + FIRST_SPI;
	return true;
}

static void boot(const void *fdt)
{
	const char *missing = machine_read(fdt, &machine);

	if (missing != NULL || !find_devices(fdt)) {
		machine_power_off(&machine, true);
	}
	mmu_device(rtc);
	mmu_device(gpio);
	mmu_device(NOWHERE);
	mmu_init(&machine);
	uart_init(&machine);
	if (!gic_init(&machine)) {
		print("this CPU has no redistributor\n");
		machine_power_off(&machine, true);
	}
	gic_enable(&machine, machine.uart_intid, PRIORITY);
}

/* What a former life left is gone: it would ring at once. */
static void say_what_is_there(void)
{
	print("clock at 0x%x, interrupt %u, mask %u\n", rtc, (uint64_t)rtc_intid,
	      (uint64_t)*reg32(rtc, RTC_MASK));
	print("port at 0x%x, id 0x%x, enabled 0x%x\n", gpio, (uint64_t)*reg32(gpio, GPIO_ID),
	      (uint64_t)*reg32(gpio, GPIO_ENABLE));
}

static void set_alarm(void)
{
	*reg32(rtc, RTC_CLEAR) = 1;
	*reg32(rtc, RTC_MATCH) = *reg32(rtc, RTC_DATA) + 1;
	*reg32(rtc, RTC_MASK) = 1;
}

static void set_timer(void)
{
	gic_enable(&machine, machine.timer_intid, PRIORITY);
	write_sysreg(cntv_tval_el0, 1000);
	write_sysreg(cntv_ctl_el0, 1);
	isb();
}

/* Asleep until an interrupt has come; it wakes for one that is masked too, so none is missed. */
static int sleep_for(unsigned int alarms_before)
{
	int c;

	irq_mask(true);
	while (key < 0 && alarms == alarms_before) {
		__asm__ volatile("wfi" : : : "memory");
		irq_mask(false);
		isb();
		irq_mask(true);
	}
	c = key;
	key = -1;
	irq_mask(false);
	return c;
}

static void obey(int c)
{
	if (c == 'a') {
		set_alarm();
	} else if (c == 'd') {
		deadly = c;
		set_alarm();
	} else if (c == 't') {
		set_timer();
	} else if (c == 'q') {
		machine_power_off(&machine, false);
	}
}

void guest_main(const void *fdt)
{
	unsigned int seen = 0;

	boot(fdt);
	say_what_is_there();
	gic_enable(&machine, rtc_intid, PRIORITY);
	set_alarm();
	for (;;) {
		obey(sleep_for(seen));
		if (alarms != seen) {
			seen = alarms;
			print("alarm %u\n", (uint64_t)seen);
		}
	}
}
