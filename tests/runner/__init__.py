# SPDX-License-Identifier: Apache-2.0
"""The test runner: what there is to run, in which order, and what came of it."""
