# SPDX-License-Identifier: Apache-2.0
# What domains may do to each other.
small-y += policy.o
