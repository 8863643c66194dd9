# SPDX-License-Identifier: Apache-2.0
"""What the build reads of a configuration, all under the build folder B:

    include/config/auto.conf         every value, in make's syntax, strings without quotes
    include/generated/autoconf.h     every value, for C
    include/config/<SYMBOL>          empty; its time is when that value last changed
and, where make looks first, config.mk, which names B. A file whose text did not change keeps its time, but
for config.mk, whose time says when .config was last read.
"""

import os

from kconfiglib import BOOL, HEX, STRING, escape

from files import read_file, replace_file, touch

MARK = ".ashlar-build"


def values(kconf):
    """Name -> value of each symbol that is set; a bool that is n is not."""
    found = {}
    for sym in kconf.unique_defined_syms:
        if not sym.config_string or (sym.type == BOOL and sym.str_value == "n"):
            continue
        value = sym.str_value
        if sym.type == HEX and not value.lower().startswith("0x"):
            value = "0x" + value
        found[sym.name] = value
    return found


def _make_text(found):
    def quote(text):
        return text.replace("$", "$$").replace("#", "\\#")
    return "".join(f"CONFIG_{name}={quote(value)}\n" for name, value in found.items())


def _c_text(kconf, found):
    lines = ["/* Made by Kconfig; do not edit. */\n"]
    for name, value in found.items():
        kind = kconf.syms[name].type
        if kind == BOOL:
            value = "1"
        elif kind == STRING:
            value = f'"{escape(value)}"'
        lines.append(f"#define CONFIG_{name} {value}\n")
    return "".join(lines)


def _touch_changed(folder, new_text):
    """Give each symbol whose value differs from the one in the last auto.conf the time of now."""
    old = set((read_file(os.path.join(folder, "auto.conf")) or "").splitlines())
    for line in old ^ set(new_text.splitlines()):
        touch(os.path.join(folder, line.split("=", 1)[0].removeprefix("CONFIG_")))


def claim(folder):
    """Mark a build folder as ours. One that holds other things is refused, for `make clean` empties it."""
    if os.path.exists(os.path.join(folder, MARK)):
        return
    os.makedirs(folder, exist_ok=True)
    others = sorted(set(os.listdir(folder)) - {".config", ".config.old"})
    if others:
        raise OSError(f"{folder} holds other things ({', '.join(others[:3])}, ...): let O= name a new or empty folder")
    touch(os.path.join(folder, MARK))


def write(kconf, output):
    """Write all of it. @output is the folder of O=, or None. Return B."""
    found = values(kconf)
    root = output or "build"
    build = output or os.path.join("build", found["BOARD"])
    claim(root)
    config = os.path.join(build, "include", "config")
    os.makedirs(config, exist_ok=True)
    text = _make_text(found)
    _touch_changed(config, text)
    replace_file(os.path.join(build, "include", "generated", "autoconf.h"), _c_text(kconf, found))
    replace_file(os.path.join(config, "auto.conf"), text)
    mk = os.path.join(root, "config.mk")
    replace_file(mk, f"# Made by Kconfig; do not edit.\nB := {build}\n"
                 f"external-read := {os.environ['ASHLAR_EXTERNAL']}\n"
                 f"kconfig-read := {' '.join(kconf.kconfig_filenames)}\n")
    touch(mk)
    return build
