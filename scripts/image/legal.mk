# SPDX-License-Identifier: Apache-2.0
#
# What goes with an image or a copy of the project: `make legal-info`, `make dist`, `make repro-check`.

PHONY += dist legal-info repro-check
dist-name := ashlar-$(ASHLAR_VERSION)
dist-file := $(B)/$(dist-name).tar

# What git has of the work tree, with what is changed in it; the same bytes for the same files. A tree that came without
# git is taken whole but for what was built in it.
dist-list = if git -c safe.directory='$(CURDIR)' rev-parse --git-dir >/dev/null 2>&1; then \
	git -c safe.directory='$(CURDIR)' ls-files -z --cached --others --exclude-standard --deduplicate; else \
	find . -path ./build -prune -o -path ./out -prune -o -name __pycache__ -prune -o -type f ! -name '.config*' -printf '%P\0'; fi
cmd_dist = mkdir -p $(dir $(dist-file)) && { $(dist-list); } | LC_ALL=C sort -z | \
	tar --create --file=$(dist-file).part --no-recursion --null --files-from=- --transform='s,^,$(dist-name)/,' --owner=0 --group=0 \
	--numeric-owner --mode=u+rw,go+r-w --mtime=@$(SOURCE_DATE_EPOCH) --format=ustar && mv $(dist-file).part $(dist-file)

dist:
	@$(cmd_dist) && xz --threads=1 --force --keep $(dist-file) && rm $(dist-file) && printf '  %-8s%s\n' DIST $(dist-file).xz

legal-info: all
	@$(cmd_dist)
	@$(PYTHON) scripts/fetch/legal.py --out $(B)/legal-info --project $(dist-file) --config $(KCONFIG_CONFIG) \
		$(if $(CONFIG_RELEASE),--release) $(foreach name,$(PAYLOADS),--payload $(name)=$(PAYLOAD_$(name)_DIR))
	@rm -f $(dist-file)

repro-check:
	@sh scripts/build/repro-check $(KCONFIG_CONFIG) $(abspath $(B))/repro-check $(if $(filter 1,$(STANDING)),$(abspath $(B)))
