# SPDX-License-Identifier: Apache-2.0
"""Build U-Boot of Debian's source package for a board that Debian has none for; kept beside the payloads.

What it is built from names the result: source, the board's settings and boot command, compiler, this script. So it is built
once for all build folders, and again when one of them changes. Settings that U-Boot's own Kconfig does not take over are
refused: a hole that should be closed would stay open. The configuration that it made is kept beside the result.
"""

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

RESULT = "u-boot-nodtb.bin"
SYMBOL = re.compile(r"(?:# )?(CONFIG_\w+)(?:=| is not set)")


def run(argv, log, **kwargs):
    """Run a tool; what it said last is shown if it fails."""
    with open(log, "a", encoding="utf-8") as out:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False, **kwargs)
    if done.returncode:
        with open(log, encoding="utf-8", errors="replace") as said:
            raise SystemExit("u-boot: not built; its last words:\n" + "".join(said.readlines()[-20:]))


def identity(args):
    """A digest of all that the result depends on. The name of a payload's folder is one of its content."""
    compiler = subprocess.run([args.cross + "gcc", "--version"], capture_output=True, text=True, check=True).stdout
    digest = hashlib.sha256()
    for part in (os.path.abspath(args.source), args.defconfig, args.writable, args.board_file, compiler.splitlines()[0]):
        digest.update(part.split("/objects/")[-1].encode() + b"\0")
    for path in filter(None, (args.config, args.command, args.board_source, __file__)):
        with open(path, "rb") as stream:
            digest.update(stream.read() + b"\0")
    return digest.hexdigest()


def boot_command(path):
    """The setting of a boot command that is written on several lines, with comments."""
    with open(path, encoding="utf-8") as stream:
        lines = [line.strip() for line in stream if line.strip() and not line.startswith("#")]
    command = " ".join(lines).replace("\\", "\\\\").replace('"', '\\"')
    return f'CONFIG_BOOTCOMMAND="{command}"\n'


def lost(wanted, got):
    """The settings of the board that U-Boot's configuration does not have."""
    has = {SYMBOL.match(line)[1]: line for line in got.splitlines() if SYMBOL.match(line)}
    missing = []
    for line in wanted.splitlines():
        match = SYMBOL.match(line)
        off = match and line.startswith("#")
        if match and not (has.get(match[1], line if off else None) == line):
            missing.append(line)
    return missing


def build(args, work):
    """Configure and compile in a folder of its own."""
    log = os.path.join(work, "log")
    with open(os.path.join(args.source, "configs", args.defconfig), encoding="utf-8") as stream:
        base = stream.read()
    with open(args.config, encoding="utf-8") as stream:
        wanted = stream.read() + (boot_command(args.command) if args.command else "")
    config = os.path.join(work, ".config")
    with open(config, "w", encoding="utf-8") as stream:
        stream.write(base + wanted)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "CONFIG_", "KCONFIG_"))}
    env.update(SOURCE_DATE_EPOCH="0", TZ="UTC", LC_ALL="C")
    for name in ("O", "V", "B", "CC", "LD", "CROSS_COMPILE"):
        env.pop(name, None)
    if args.writable:       # of a stored environment only these variables are read
        env["KCPPFLAGS"] = "-DCFG_ENV_FLAGS_LIST_STATIC='\"" + args.writable + "\"'"
    if args.board_source:   # make looks in the folder that it builds in before it looks in the source's
        place = os.path.join(work, args.board_file)
        os.makedirs(os.path.dirname(place))
        shutil.copyfile(args.board_source, place)
    # (no tool in Python is needed for that one file, though some boards' own images want it)
    make = ["make", "-s", "-C", args.source, f"O={work}", f"CROSS_COMPILE={args.cross}", "CONFIG_PYLIBFDT="]
    run([*make, "olddefconfig"], log, env=env)
    with open(config, encoding="utf-8") as stream:
        missing = lost(wanted, stream.read())
    if missing:
        raise SystemExit(f"{args.config}: U-Boot does not take over: " + "; ".join(missing) + "; correct these lines")
    run([*make, f"-j{os.cpu_count()}", RESULT], log, env=env)


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="build U-Boot for a board")
    p.add_argument("--source", required=True, help="folder of its source")
    p.add_argument("--defconfig", required=True, help="U-Boot's own configuration to begin with")
    p.add_argument("--config", required=True, help="the board's settings on top")
    p.add_argument("--command", help="its boot command, if that is not among the settings")
    p.add_argument("--writable", default="", help="variables of a stored environment that count, with their flags")
    p.add_argument("--board-source", help="a C file that takes the place of one of U-Boot's")
    p.add_argument("--board-file", default="", help="of which one")
    p.add_argument("--cross", required=True, help="prefix of the compiler's programs")
    p.add_argument("--cache", required=True, help="folder that keeps what was built")
    p.add_argument("--output", required=True)
    p.add_argument("--made-config", help="where to write the configuration that it was built of")
    args = p.parse_args()
    os.makedirs(args.cache, exist_ok=True)
    kept = os.path.join(args.cache, f"u-boot-{identity(args)}")
    with open(os.path.join(args.cache, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(kept + ".bin"):
            print("  (U-Boot is built once: some minutes)", flush=True)
            with tempfile.TemporaryDirectory(prefix=".u-boot-", dir=args.cache) as work:
                build(args, work)
                os.replace(os.path.join(work, ".config"), kept + ".config")
                os.replace(os.path.join(work, RESULT), kept + ".bin")
    shutil.copyfile(kept + ".bin", args.output)
    if args.made_config:
        shutil.copyfile(kept + ".config", args.made_config)
    return 0


if __name__ == "__main__":
    sys.exit(main())
