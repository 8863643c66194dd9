# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# What lint rules share. A rule is a script in this folder: it prints its findings and exits 1 when there are
# any, 0 when there are none, 77 (after printing why) when it cannot judge here.

# files PATTERN...: the project's files, made ones left out.
files() {
	if [ -e .git ]; then
		git -c safe.directory="$PWD" ls-files -co --exclude-standard -- "$@" | while read -r file; do
			[ ! -f "$file" ] || echo "$file"
		done
	else
		for pattern; do
			find . -path ./build -prune -o -path ./out -prune -o -type f -path "./*${pattern#\*}" -print
		done | sed 's|^\./||'
	fi
}

# debian12 PROGRAM VERSION: is it the version of Debian 12, whose findings decide? Else skip.
debian12() {
	if ! command -v "$1" >/dev/null; then
		echo "$1 is not installed"
		exit 77
	fi
	if ! "$1" --version 2>&1 | grep -qE "(^|[^0-9.])$2([^0-9]|\$)"; then
		echo "$1 is not Debian 12's version $2, which decides: $("$1" --version 2>&1 | grep -m1 -oE '[0-9]+\.[0-9.]+')"
		exit 77
	fi
}

# built [VARIABLE=value...]: make something in the lint folder.
built() {
	"${MAKE:-make}" -s O="$LINT_O" qemu_arm64_defconfig >/dev/null
	"${MAKE:-make}" -s O="$LINT_O" "$@"
}
