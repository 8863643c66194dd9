// SPDX-License-Identifier: Apache-2.0
/* Requirement: watchdog */
/*
 * See asm/tco.h. It is a part of the chipset's LPC bridge, 00:1f.0, which firmware has given its ports and the memory of its
 * other registers; where it has not, there is none. Later chipsets, from the 100 series on, have it elsewhere.
 * Spec: Intel I/O Controller Hub 9 datasheet (316972), 10.1 (GCS), 13.1 (PMBASE, ACPI_CNTL, RCBA), 13.8 (SMI_EN), 13.9 (TCO).
 */
#include <asm/regs.h>
#include <asm/tco.h>

#define LPC_BRIDGE 0x00f8U /* 00:1f.0 */
#define INTEL	   0x8086U

/* Of the bridge's configuration space. */
#define ID	      0x00U
#define PMBASE	      0x40U
#define PMBASE_PORTS  0xff80U
#define ACPI_CNTL     0x44U
#define ACPI_CNTL_EN  BIT(7)
#define RCBA	      0xf0U
#define RCBA_EN	      BIT(0)
#define RCBA_BASE     0xffffc000U
#define GCS	      0x3410U /* from there */
#define GCS_NO_REBOOT BIT(5)
#define TCO	      0x60U /* from PMBASE */
#define SMI_EN	      0x30U
#define SMI_EN_TCO    BIT(13)

#define RLD	     0x00U
#define STS1	     0x04U
#define STS1_TIMEOUT BIT(3)
#define STS2	     0x06U
#define STS2_SECOND  BIT(1)
#define STS2_BOOT    BIT(2)
#define CNT1	     0x08U
#define CNT1_NMI_NOW BIT(8)
#define CNT1_HALT    BIT(11)
#define TMR	     0x12U
#define TMR_MIN	     4U
#define TMR_MAX	     0x3ffU
#define TICK_MS	     600U
#define STAGES	     2U
#define MS_PER_S     1000U

/* LPC bridges that have it so, first and last of each family. */
static const uint16_t families[][2] = {
	{ 0x2912, 0x2919 }, /* ICH9, and QEMU's q35 */
	{ 0x3a14, 0x3a1a }, /* ICH10 */
	{ 0x3b00, 0x3b16 }, /* series 5, 3400 */
	{ 0x1c41, 0x1c5f }, /* series 6, C200 */
	{ 0x1d40, 0x1d41 }, /* C600 */
	{ 0x1e40, 0x1e5f }, /* series 7, C216 */
	{ 0x8c40, 0x8c5f }, /* series 8, C220 */
	{ 0x9c40, 0x9c47 }, /* series 8, low power */
	{ 0x8cc1, 0x8cc6 }, /* series 9 */
	{ 0x9cc1, 0x9cc9 }, /* series 9, low power */
	{ 0x8d40, 0x8d5f }, /* C610 */
};

static bool is_known(uint32_t id)
{
	uint16_t device = (uint16_t)(id >> 16);

	for (unsigned int i = 0; (id & 0xffff) == INTEL && i < ARRAY_SIZE(families); i++) {
		if (device >= families[i][0] && device <= families[i][1]) {
			return true;
		}
	}
	return false;
}

bool tco_find(struct tco *t)
{
	uint32_t base, rcba;

	if (!is_known(config_in32(LPC_BRIDGE, ID))) {
		return false;
	}
	base = config_in32(LPC_BRIDGE, PMBASE) & PMBASE_PORTS;
	rcba = config_in32(LPC_BRIDGE, RCBA);
	*t = (struct tco){ (uint16_t)(base + TCO), (rcba & RCBA_BASE) + GCS };
	return base != 0 && (rcba & RCBA_EN) != 0 &&
	       (config_in32(LPC_BRIDGE, ACPI_CNTL) & ACPI_CNTL_EN) != 0;
}

/* By an SMI the firmware would hear of the first time being over, and might feed it. */
static void keep_from_firmware(uint16_t port)
{
	uint16_t smi_en = (uint16_t)(port - TCO + SMI_EN);

	out32(smi_en, in32(smi_en) & ~(uint32_t)SMI_EN_TCO);
}

void tco_feed(uint16_t port)
{
	out16((uint16_t)(port + STS1), STS1_TIMEOUT);
	out16((uint16_t)(port + RLD), 1);
}

/* A change of its time counts from the next feeding on. Bits of status are taken back by ones. */
uint32_t tco_start(uint16_t port, volatile uint32_t *gcs, uint32_t timeout_s)
{
	uint64_t ticks = (uint64_t)timeout_s * MS_PER_S / (TICK_MS * STAGES);
	uint16_t control = in16((uint16_t)(port + CNT1));

	ticks = MIN(MAX(ticks, (uint64_t)TMR_MIN), (uint64_t)TMR_MAX);
	keep_from_firmware(port);
	*gcs = *gcs & ~(uint32_t)GCS_NO_REBOOT;
	out16((uint16_t)(port + STS2), STS2_SECOND);
	out16((uint16_t)(port + STS2), STS2_BOOT);
	out16((uint16_t)(port + TMR),
	      (uint16_t)((in16((uint16_t)(port + TMR)) & ~TMR_MAX) | ticks));
	tco_feed(port);
	out16((uint16_t)(port + CNT1), control & (uint16_t) ~(CNT1_HALT | CNT1_NMI_NOW));
	tco_feed(port);
	if ((*gcs & GCS_NO_REBOOT) != 0 || (in16((uint16_t)(port + CNT1)) & CNT1_HALT) != 0) {
		return 0;
	}
	return (uint32_t)ticks * TICK_MS * STAGES;
}
