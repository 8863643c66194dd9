/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Register offsets and fields of GICv3 and GICv2, for the physical drivers and the virtual models.
 * Spec: Arm IHI 0069H, chapters 12.9-12.11; IHI 0048B (GICv2), chapters 4 and 5.
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
#define GICD_ITARGETSR	0x0800 /* GICv2 */
#define GICD_ICFGR	0x0c00
#define GICD_SGIR	0x0f00 /* these three: GICv2 */
#define GICD_CPENDSGIR	0x0f10
#define GICD_SPENDSGIR	0x0f20
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

/* The CPU interface and the hypervisor's control of the virtual one, GICv2. */
#define GICC_CTLR 0x0000
#define GICC_PMR  0x0004
#define GICC_BPR  0x0008
#define GICC_IAR  0x000c
#define GICC_EOIR 0x0010
#define GICC_DIR  0x1000

#define GICC_CTLR_ENABLE   (1U << 0)
#define GICC_CTLR_EOI_DROP (1U << 9) /* EOIR drops the priority only, DIR deactivates */

#define GICH_HCR   0x0000
#define GICH_VTR   0x0004
#define GICH_VMCR  0x0008
#define GICH_ELRSR 0x0030
#define GICH_APR   0x00f0
#define GICH_LR	   0x0100

#define GICV2_IAR_INTID 0x3ffU
#define GICV2_IAR_CPU	0x1c00U /* of an SGI: who sent it */
#define GICV2_PIDR2	0x0fe8
#define GICV2_MAX_CPUS	8

#define GIC_NR_SGIS   16
#define GIC_FIRST_SPI 32

#endif
