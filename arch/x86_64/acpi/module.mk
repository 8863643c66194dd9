# SPDX-License-Identifier: Apache-2.0
small-y += root.o tables.o iommus.o
