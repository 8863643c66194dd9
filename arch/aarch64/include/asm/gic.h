/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GICv3 register offsets and fields, for the physical driver and the virtual model. Spec: Arm IHI
 * 0069H, chapters 12.9-12.11.
 */
#ifndef ASM_GIC_H
#define ASM_GIC_H

#define GICD_CTLR	0x0000
#define GICD_TYPER	0x0004
#define GICD_IIDR	0x0008
#define GICD_TYPER2	0x000c
#define GICD_IGROUPR	0x0080
#define GICD_ISENABLER	0x0100
#define GICD_ICENABLER	0x0180
#define GICD_ISPENDR	0x0200
#define GICD_ICPENDR	0x0280
#define GICD_ISACTIVER	0x0300
#define GICD_ICACTIVER	0x0380
#define GICD_IPRIORITYR 0x0400
#define GICD_ICFGR	0x0c00
#define GICD_IROUTER	0x6000
#define GIC_PIDR2	0xffe8

#define GICD_CTLR_GRP0 (1U << 0)
#define GICD_CTLR_GRP1 (1U << 1)
#define GICD_CTLR_ARE  (1U << 4)
#define GICD_CTLR_DS   (1U << 6)
#define GICD_CTLR_RWP  (1U << 31)

#define GICR_CTLR  0x0000
#define GICR_IIDR  0x0004
#define GICR_TYPER 0x0008
#define GICR_WAKER 0x0014
#define GICR_SGI   0x10000 /* the second frame */

#define GICR_WAKER_SLEEP  (1U << 1)
#define GICR_WAKER_ASLEEP (1U << 2)
#define GICR_CTLR_RWP	  (1U << 3)

#define GIC_NR_SGIS   16
#define GIC_FIRST_SPI 32

#endif
