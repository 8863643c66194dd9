# SPDX-License-Identifier: Apache-2.0
"""What the hypervisor costs, in instructions, beside others' figures."""
