# SPDX-License-Identifier: Apache-2.0
#
# make lint: every rule of scripts/lint; make lint-<rule>: one; make format: lay the C code out (FILES=...).
# Rules that compile do it in LINT_O, never in the user's build folder.

export LINT_O ?= $(CURDIR)/out/lint
export MAKE
PHONY += lint format

lint:
	+@sh scripts/lint/run

lint-%: FORCE
	+@sh scripts/lint/run $*

format:
	@clang-format -i --style=file $(or $(FILES),$(shell . scripts/lint/common.sh; files '*.c' '*.h'))

# The report against MISRA C:2012 and the register of deviations, scripts/lint/misra.toml; which test shows which requirement.
PHONY += misra trace
misra trace:
	@mkdir -p out
	@$(PYTHON) scripts/lint/$@.py --out out/$@.csv
