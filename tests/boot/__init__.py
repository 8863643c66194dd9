# SPDX-License-Identifier: Apache-2.0
"""Tests that boot what `make` built in the emulator that `make run` uses."""
