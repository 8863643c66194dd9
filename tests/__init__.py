# SPDX-License-Identifier: Apache-2.0
"""The project's tests; run by tests/run.py."""
