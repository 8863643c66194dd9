# SPDX-License-Identifier: Apache-2.0
"""Write a ramdisk (cpio, "newc") from a list: no root, and the same bytes from the same input.

Owner is root, times are SOURCE_DATE_EPOCH, inode numbers count up, order is the list's. An entry a line:

    dir  <path> <mode>                          file <path> <mode> <source>
    node <path> <mode> <b|c> <major> <minor>    link <path> <target>

<source> is a name given on the command line as name=file.
Spec: Linux Documentation/driver-api/early-userspace/buffer-format.rst.
"""

import argparse
import os
import stat
import sys


class ListError(Exception):
    """A line that cannot be understood."""


def header(ino, mode, mtime, size, name, device=(0, 0)):
    """One entry's header and name, padded to 4 bytes."""
    raw_name = name.encode() + b"\0"
    fields = (ino, mode, 0, 0, 1, mtime, size, 0, 0, device[0], device[1], len(raw_name), 0)
    return pad(b"070701" + "".join(f"{f:08X}" for f in fields).encode() + raw_name)


def pad(data, boundary=4):
    """@data with zeros up to @boundary."""
    return data + bytes(-len(data) % boundary)


def parse(line, sources):
    """(path, mode, content, device) of one line of the list."""
    kind, path, *rest = line.split()
    name = path.lstrip("/")
    if kind == "dir" and len(rest) == 1:
        return name, stat.S_IFDIR | int(rest[0], 8), b"", (0, 0)
    if kind == "link" and len(rest) == 1:
        return name, stat.S_IFLNK | 0o777, rest[0].encode(), (0, 0)
    if kind == "node" and len(rest) == 4:
        file_type = stat.S_IFBLK if rest[1] == "b" else stat.S_IFCHR
        return name, file_type | int(rest[0], 8), b"", (int(rest[2]), int(rest[3]))
    if kind == "file" and len(rest) == 2:
        with open(sources[rest[1]], "rb") as f:
            return name, stat.S_IFREG | int(rest[0], 8), f.read(), (0, 0)
    raise ListError(f"neither dir, file, link nor node: {line}")


def archive(lines, sources, mtime):
    """The whole archive."""
    out = []
    for number, line in enumerate(lines, 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        try:
            name, mode, content, device = parse(line, sources)
        except (ListError, ValueError) as err:
            raise ListError(f"{number}: {err}") from err
        except KeyError as err:
            raise ListError(f"{number}: no source named {err} was given") from err
        out.append(header(len(out) + 1, mode, mtime, len(content), name, device))
        out.append(pad(content))
    out.append(header(0, 0, 0, 0, "TRAILER!!!"))
    return pad(b"".join(out), 512)


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="write a reproducible cpio archive")
    p.add_argument("--list", required=True)
    p.add_argument("--output", required=True)
    p.add_argument("sources", nargs="*", metavar="name=file")
    args = p.parse_args()
    sources = dict(s.split("=", 1) for s in args.sources)
    mtime = int(os.environ["SOURCE_DATE_EPOCH"])
    try:
        with open(args.list, encoding="utf-8") as f:
            data = archive(f, sources, mtime)
    except ListError as err:
        return f"{args.list}:{err}"
    except OSError as err:
        return f"{args.list}: {err.filename}: {err.strerror}"
    with open(args.output + ".tmp", "wb") as f:
        f.write(data)
    os.replace(args.output + ".tmp", args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
