# SPDX-License-Identifier: Apache-2.0
"""Tests of the build as its user meets it."""
