# SPDX-License-Identifier: Apache-2.0
# The saved commands and dependencies of everything that is made by if_changed.

-include $(wildcard $(foreach target,$(sort $(targets)),$(call cmd-file,$(target))))
