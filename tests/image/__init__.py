# SPDX-License-Identifier: Apache-2.0
"""Tests of what makes the disk and the ramdisk, and of the launcher, without building anything."""
