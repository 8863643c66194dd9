# SPDX-License-Identifier: Apache-2.0
"""Ashlar's configuration: Kconfiglib's Kconfig with safe writing and a strict reader.

.config holds what a user may choose, and nothing that is computed from it: so a value that another one
forces can never stand there out of date. The build reads auto.conf and autoconf.h, which hold everything.
"""

import os
import sys
import tempfile

try:
    import kconfiglib
except ImportError:
    sys.exit(f"make: {sys.executable} has no module kconfiglib (package python3-kconfiglib).\n"
             "make: Run scripts/setup; if PYTHON is set, let it be Debian's /usr/bin/python3.")

import lost
from files import replace_file

SPDX = "# SPDX-License-Identifier: Apache-2.0\n"

# Every environment variable that a Kconfig file may use, and what it is when the caller did not set it.
ENVIRONMENT = {"ASHLAR_VERSION": "", "ASHLAR_EXTERNAL": "", "srctree": "."}


class Refused(OSError):
    """A file that loses values; an OSError, for so the library's front ends show it."""


def _require_text(path):
    """Say by its line what the library would say of the whole file."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                raise Refused(f"{path}:{number}: {line.decode('utf-8', 'backslashreplace').rstrip()}: not UTF-8 text; "
                              "delete the line") from None


class Config(kconfiglib.Kconfig):
    """The project's Kconfig tree. Reading refuses lost values; writing is whole or not at all."""

    def __init__(self, config):
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        # Where there is none, a path that names nothing: an empty one would be the root of this machine.
        os.environ["EXTERNAL_TREE"] = os.environ["ASHLAR_EXTERNAL"] or "no-external-tree"
        os.environ["KCONFIG_CONFIG"] = config
        os.environ["KCONFIG_WARN_UNDEF"] = "y"
        self.path = config
        super().__init__("Kconfig", warn_to_stderr=False)
        unset = self.env_vars - set(ENVIRONMENT) - {"EXTERNAL_TREE"}
        problems = list(self.warnings)
        problems += [f"Kconfig: $({name}) is used, and scripts/kconfig/config.py does not set it"
                     for name in sorted(unset)]
        if problems:
            raise Refused("\n".join(problems))

    def load_config(self, filename=None, replace=True, verbose=None):
        """Load; raise Refused with one line for every value that would get lost."""
        path = filename or self.path
        if not os.path.exists(path) and filename is None:
            return f"No {path} yet: these are the default values"
        self.warnings.clear()
        _require_text(path)
        message = super().load_config(path, replace)
        problems = lost.find(self, path)
        if problems:
            raise Refused("\n".join(problems))
        return message

    def load_minimal(self):
        """Forget which values were written down though they are the defaults, so that they follow others again."""
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".config") as file:
            file.write(self.minimal_text())
            file.flush()
            super().load_config(file.name)

    def pin_computed(self):
        """Give what .config leaves out its present value, so that a menu sees nothing left to save."""
        for sym in self.unique_defined_syms:
            if sym.user_value is None and sym.visibility == 0 and sym.config_string:
                sym.set_value(sym.str_value)

    def write_config(self, filename=None, header=None, save_old=True, verbose=None):
        path = filename or self.path
        if not replace_file(path, self.config_text(), keep_old=save_old):
            return f"No change to {path}"
        return f"Configuration saved to {path}"

    def write_min_config(self, filename, header=None):
        if not replace_file(filename, self.minimal_text()):
            return f"No change to {filename}"
        return f"Minimal configuration saved to {filename}"

    def config_text(self):
        """What .config holds: each visible symbol, below the title of its menu."""
        lines = [SPDX, f"# {self.mainmenu_text}\n"]
        title = None
        for node in self.node_iter(unique_syms=True):
            if node.item == kconfiglib.MENU and kconfiglib.expr_value(node.dep):
                title = f"\n# {node.prompt[0]}\n"
            elif isinstance(node.item, kconfiglib.Symbol) and node.item.visibility:
                text = node.item.config_string
                if text and title:
                    lines.append(title)
                    title = None
                lines.append(text)
        return "".join(lines)

    def minimal_text(self):
        """What a defconfig holds: the board, and each value that differs from its default."""
        board = self.named_choices["BOARD_CHOICE"].selection.config_string
        text = self._min_config_contents(SPDX)
        return text if board in text else text.replace(SPDX, SPDX + board, 1)
