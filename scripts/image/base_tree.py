# SPDX-License-Identifier: Apache-2.0
"""The device tree that a board.dts adds to, as source: image.cfg's [tree] names it, such as one of Debian's kernel.

board.dts names that tree's nodes by their paths, `&{/axi/serial@ff000000} { ... };`. A tree of another board, and a node that
is no longer where board.dts looks for it, are refused with both names: dtc's own words would not say where it went.
"""

import argparse
import configparser
import os
import re
import subprocess
import sys

PATH = re.compile(r"&\{(/[^}]*)\}")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def run(argv):
    """A tool's output; its words are shown only if it fails."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{argv[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def node_paths(source):
    """The path of each node of a tree that dtc wrote as source, one brace a line."""
    paths, names = [], []
    for line in source.splitlines():
        line = line.strip()
        if line.endswith("{"):
            names.append(line[:-1].split(":")[-1].strip().strip("/"))
            paths.append("/" + "/".join(names[1:]))
        elif line == "};":
            names.pop()
    return paths


def named_paths(text):
    """(line, path) of each node that board.dts names by its path, comments left out."""
    text = COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    return [(text.count("\n", 0, m.start()) + 1, m[1]) for m in PATH.finditer(text)]


def lost_paths(board, base, paths):
    """A message for each node that is not where board.dts says."""
    there, messages = set(paths), []
    with open(board, encoding="utf-8") as stream:
        text = stream.read()
    for line, path in named_paths(text):
        if path in there:
            continue
        alike = [p for p in paths if p.rsplit("/", 1)[1] == path.rsplit("/", 1)[1]]
        where = f"it is {alike[0]} there: write that" if alike else "correct the path"
        messages.append(f"{board}:{line}: {path} is not in {base}; {where}")
    return messages


def check_compatible(cfg, base, wanted):
    """Is it this board's tree?"""
    has = run(["fdtget", base, "/", "compatible"]).split()
    if wanted not in has:
        raise SystemExit(f"{cfg}: base: {base} is of \"{has[0] if has else ''}\", not compatible with \"{wanted}\"; "
                         "name this board's tree, or correct compatible")


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="write the tree that a board.dts adds to, as source")
    p.add_argument("--board-dir", required=True)
    p.add_argument("--base", required=True, help="the compiled tree")
    p.add_argument("--output", required=True)
    args = p.parse_args()
    cfg = os.path.join(args.board_dir, "image.cfg")
    config = configparser.ConfigParser()
    with open(cfg, encoding="utf-8") as stream:
        config.read_file(stream)
    check_compatible(cfg, args.base, config["tree"]["compatible"])
    source = run(["dtc", "-q", "-I", "dtb", "-O", "dts", args.base])
    messages = lost_paths(os.path.join(args.board_dir, "board.dts"), args.base, node_paths(source))
    if messages:
        raise SystemExit("\n".join(messages))
    with open(args.output + ".tmp", "w", encoding="utf-8") as stream:
        stream.write(source)
    os.replace(args.output + ".tmp", args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
