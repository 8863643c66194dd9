# SPDX-License-Identifier: Apache-2.0
"""Tests with images somebody tampered with: each must be refused, saying why."""
