# SPDX-License-Identifier: Apache-2.0
obj-y += gicv3.o time.o
obj-y += vgic_lr.o vgic_hw.o vgic_switch.o
# Hardly ever run, not by most boards, or no slower for it.
small-y += vgic_dist.o vgic_redist.o vgic.o vgic_spi.o assign.o gic.o gicv2.o vgic_v2.o
