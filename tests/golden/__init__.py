# SPDX-License-Identifier: Apache-2.0
"""The host tool held to its words: refused and accepted plans."""
