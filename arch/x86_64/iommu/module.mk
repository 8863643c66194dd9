# SPDX-License-Identifier: Apache-2.0
small-y += iommu.o table.o vtd.o amdvi.o
