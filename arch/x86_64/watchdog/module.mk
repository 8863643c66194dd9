# SPDX-License-Identifier: Apache-2.0
small-y += hwdog.o tco.o
