# SPDX-License-Identifier: Apache-2.0
obj-y += gicv3.o time.o
obj-y += vgic.o vgic_lr.o vgic_dist.o vgic_redist.o vgic_spi.o vgic_hw.o vgic_switch.o
# Hardly ever run, or not by most boards.
small-y += assign.o gic.o gicv2.o vgic_v2.o
