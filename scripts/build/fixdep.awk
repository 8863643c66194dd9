# SPDX-License-Identifier: Apache-2.0
#
# awk -f fixdep.awk TARGET BUILD: read the compiler's TARGET.d and print make's dependencies of TARGET, with autoconf.h replaced by the
# Kconfig symbols that the source and its headers name. One process: it runs once for each object.

function fail(what) {
	print "fixdep: cannot read " what > "/dev/stderr"
	exit 1
}

# The files of a rule, which may go over several lines.
function read_rule(from,    line, words, n, i, got) {
	while ((got = (getline line < from)) > 0) {
		sub(/\\$/, "", line)
		sub(/^[^ ]*: */, "", line)
		n = split(line, words, " ")
		for (i = 1; i <= n; i++) {
			if (words[i] !~ /\/include\/generated\/autoconf\.h$/ && !(words[i] in known)) {
				known[words[i]] = 1
				files[++nr_files] = words[i]
			}
		}
	}
	if (got < 0) {
		fail(from)
	}
}

# Symbols are whole words: MY_CONFIG_X is none.
function read_symbols(from,    line, symbol, before, got) {
	while ((got = (getline line < from)) > 0) {
		before = ""
		while (match(line, /CONFIG_[A-Z0-9_]+/)) {
			symbol = substr(line, RSTART + 7, RLENGTH - 7)
			if (RSTART > 1) {
				before = substr(line, RSTART - 1, 1)
			}
			if (before !~ /[A-Za-z0-9_]/ && !(symbol in named)) {
				named[symbol] = 1
				symbols[++nr_symbols] = symbol
			}
			before = substr(line, RSTART + RLENGTH - 1, 1)
			line = substr(line, RSTART + RLENGTH)
		}
	}
	close(from)
	if (got < 0) {
		fail(from)
	}
}

BEGIN {
	target = ARGV[1]
	read_rule(target ".d")
	printf "deps-%s := \\\n", target
	for (i = 1; i <= nr_files; i++) {
		printf "  %s \\\n", files[i]
		read_symbols(files[i])
	}
	for (i = 1; i <= nr_symbols; i++) {
		printf "  $(wildcard %s/include/config/%s) \\\n", ARGV[2], symbols[i]
	}
	printf "\n%s: $(deps-%s)\n\n$(deps-%s):\n", target, target, target
}
