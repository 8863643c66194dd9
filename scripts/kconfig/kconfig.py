# SPDX-License-Identifier: Apache-2.0
"""Front end over Kconfiglib: one command for each configuration goal of the Makefile.

Each command that reads a configuration refuses one that loses a value (lost.py), and writes nothing then.
"""

import argparse
import difflib
import os
import random
import sys

import config
import files
import outputs
import questions
import randomly


def config_folders():
    """Where defconfigs are: those of an external tree go before ours of the same name."""
    external = os.environ.get("ASHLAR_EXTERNAL")
    folders = [os.path.join(external, "configs")] if external else []
    return [folder for folder in folders if os.path.isdir(folder)] + ["configs"]


def defconfigs():
    """The names of all of them."""
    return sorted({name for folder in config_folders() for name in os.listdir(folder) if name.endswith("_defconfig")})


def defconfig_path(name):
    """Where the defconfig of a name is, or None."""
    paths = [os.path.join(folder, name) for folder in config_folders()]
    return next((path for path in paths if os.path.exists(path)), None)


def cmd_defconfig(kconf, args):
    """Start from configs/<name>."""
    path = defconfig_path(args.name)
    if not path:
        nearest = difflib.get_close_matches(args.name, defconfigs(), 1, 0.0)
        raise OSError(f"there is no configs/{args.name}; did you mean {nearest[0]}? "
                      "`make list-defconfigs` shows all")
    kconf.load_config(path)
    print(kconf.write_config())


def cmd_merge(kconf, args):
    """.config, and on top of it what a fragment says; what stood at its default there is at its default again."""
    if not os.path.exists(args.name):
        raise OSError(f"there is no file {args.name}; a goal that ends in .config is a fragment of a configuration")
    kconf.load_config()
    kconf.load_minimal()
    kconf.load_config(args.name, replace=False)
    print(kconf.write_config())


def cmd_defconfig_diff(kconf, _args):
    """What .config says other than its board's defconfig."""
    kconf.load_config()
    name = kconf.syms["BOARD"].str_value + "_defconfig"
    path = defconfig_path(name)
    old = (files.read_file(path) if path else "").splitlines()
    lines = difflib.unified_diff(old, kconf.minimal_text().splitlines(), path or "no defconfig", kconf.path, lineterm="", n=0)
    print("\n".join(line for line in lines if not line.startswith("@@")) or f"No difference from {path}")


def cmd_randconfig(kconf, _args):
    """Values by chance, the same for the same SEED; the board and the key stay."""
    seed = os.environ.get("SEED") or str(random.randrange(1 << 32))
    kconf.load_config()
    randomly.choose(kconf, random.Random(seed))
    print(f"SEED={seed}: {kconf.write_config()}")


def cmd_alldefconfig(kconf, _args):
    """Every value its default."""
    print(kconf.write_config())


def cmd_olddefconfig(kconf, _args):
    """.config as it is, new symbols at their defaults."""
    kconf.load_config()
    print(kconf.write_config())


def cmd_oldconfig(kconf, _args):
    """.config as it is, asking for each new symbol."""
    kconf.load_config()
    questions.ask_new(kconf)
    print(kconf.write_config())


def cmd_listnewconfig(kconf, _args):
    """Symbols that .config does not set, with their defaults."""
    kconf.load_config()
    for sym in questions.new_symbols(kconf):
        print(sym.config_string, end="")


def cmd_savedefconfig(kconf, args):
    """.config in minimal form."""
    kconf.load_config()
    print(kconf.write_min_config(args.name or "defconfig"))


def cmd_menuconfig(kconf, _args):
    """The library's menu in the terminal, reading and writing through Config."""
    import menuconfig
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise OSError("menuconfig needs a terminal; edit .config, or use `make oldconfig`")
    kconf.load_config()
    _with_pinned(kconf)
    menuconfig.menuconfig(kconf)


def cmd_guiconfig(kconf, _args):
    """The same in a window."""
    import guiconfig
    if not os.environ.get("DISPLAY"):
        raise OSError("guiconfig needs a display (DISPLAY is not set); use `make menuconfig`")
    kconf.load_config()
    _with_pinned(kconf)
    guiconfig.menuconfig(kconf)


def _with_pinned(kconf):
    load = kconf.load_config

    def load_and_pin(*args, **kwargs):
        message = load(*args, **kwargs)
        kconf.pin_computed()
        return message
    kconf.load_config = load_and_pin


def cmd_sync(kconf, args):
    """What the build reads, from .config."""
    kconf.load_config(args.config)
    outputs.write(kconf, args.output)


def cmd_lint(kconf, _args):
    """Every symbol explained; every defconfig minimal and whole."""
    found = [f"{item.nodes[0].filename}:{item.nodes[0].linenr}: {item.name or 'choice'}: has no help text"
             for item in [*kconf.unique_defined_syms, *kconf.unique_choices]
             if not any(node.help for node in item.nodes)]
    for name in defconfigs():
        path = defconfig_path(name)
        kconf.load_config(path)
        if files.read_file(path) != kconf.minimal_text():
            found.append(f"{path}:1: not in minimal form: make {name} savedefconfig && mv defconfig {path}")
    if found:
        print("\n".join(found))
        sys.exit(1)


COMMANDS = {name.removeprefix("cmd_").replace("_", "-"): function for name, function in list(globals().items())
            if name.startswith("cmd_")}


def _reason(error):
    """What an error says; of a file that the system refuses also the way out."""
    if getattr(error, "filename", None):
        return f"{error.filename}: {error.strerror}; let O= name a folder that you may write in"
    return error


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default=".config", help="the configuration (default: %(default)s)")
    parser.add_argument("--output", help="the folder that O= names")
    parser.add_argument("command", choices=[*COMMANDS, "list-defconfigs"])
    parser.add_argument("name", nargs="?", help="defconfig to start from or to save as, or fragment to merge")
    args = parser.parse_args()
    if args.command == "list-defconfigs":
        print("\n".join(defconfigs()))
        return 0
    try:
        if args.output:
            outputs.claim(args.output)
        COMMANDS[args.command](config.Config(args.config), args)
    except (OSError, UnicodeDecodeError, config.kconfiglib.KconfigError) as error:
        print(f"{_reason(error)}\nmake: the configuration was not taken; nothing was written.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


sys.exit(main())
