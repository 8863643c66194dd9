# SPDX-License-Identifier: Apache-2.0
"""For test labs: a LAVA job and a labgrid environment that start a board's image in its emulator.

  lab.py --board-dir DIR --out DIR [--url URL] [--place NAME=FILE]...

Both start what `make run` starts: the command line is that of scripts/run. The job fetches the files from URL; the
environment names them where they lie. `make lab` writes both.
"""

import argparse
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "run"))
from emulator import Board                              # noqa: E402

# What a board's machine has where image.cfg leaves it to the emulator: labgrid wants it said.
CPUS = {"xlnx-zcu102": "cortex-a53", "xlnx-versal-virt": "cortex-a72", "imx8mp-evk": "cortex-a53", "raspi4b": "cortex-a72"}
ARCHITECTURES = {"qemu-system-aarch64": "arm64", "qemu-system-x86_64": "amd64"}
FILES = {"disk": "disk image", "loader": "U-Boot", "control": "U-Boot's control tree", "code": "UEFI firmware",
         "variables": "its variables", "kernel": "hypervisor", "initrd": "bundle", "tree": "board's device tree"}


def command(board):
    """The command line of `make run`, with {name} for each file."""
    config = board.config
    if config.has_section("u-boot"):
        return board.disk_boot("{loader}", "{control}", "{disk}")
    if config.get("uefi", "firmware", fallback="") == "uefi":
        return board.uefi_boot("{code}", "{variables}", "{disk}")
    disk = "{disk}" if config.has_section("disk") else None
    return board.direct_boot("{kernel}", "{initrd}", disk=disk, tree="{tree}")


def split(argv):
    """Return ({file name: the words that name it}, the other words) of a command line."""
    images, others, at = {}, [], 0
    while at < len(argv):
        has_value = at + 1 < len(argv) and not argv[at + 1].startswith("-")
        words = argv[at:at + 1 + has_value]
        named = [name for name in FILES if "{" + name + "}" in words[-1]]
        if named:
            images[named[0]] = words
        else:
            others += words
        at += len(words)
    return images, others


def without(words, *options):
    """The words but for some options, each with a value."""
    left, at = [], 0
    while at < len(words):
        if words[at] in options:
            at += 1
        else:
            left.append(words[at])
        at += 1
    return left


def value(words, option):
    """What an option is given; None: it is not."""
    return words[words.index(option) + 1] if option in words else None


def lava_job(name, board, url, place):
    """The job: fetch the files, start the emulator, see every domain start."""
    images, others = split(command(board)[1:])
    context = {"arch": ARCHITECTURES[os.path.basename(board.program)], "machine": value(others, "-machine"), "memory": value(others, "-m"),
               "no_kvm": True, "extra_options": without(others, "-machine", "-cpu", "-m", "-display")}
    if "-cpu" in others:
        context["cpu"] = value(others, "-cpu")
    return {
        "job_name": f"ashlar {name}", "device_type": "qemu", "visibility": "public", "priority": "medium",
        "timeouts": {"job": {"minutes": 20}, "action": {"minutes": 10}, "connection": {"minutes": 5}},
        "context": context,
        "actions": [
            {"deploy": {"to": "tmpfs", "timeout": {"minutes": 5},
                        "images": {key: {"image_arg": " ".join(words), "url": f"{url}/{os.path.basename(place[key])}"}
                                   for key, words in images.items()}}},
            {"boot": {"method": "qemu", "media": "tmpfs", "timeout": {"minutes": 10}, "prompts": ["ashlar: .*: started"]}},
            {"test": {"timeout": {"minutes": 10}, "monitors": [
                {"name": "domains", "start": "ashlar: ", "end": "shell ready", "fixupdict": {"started": "pass"},
                 "pattern": "ashlar: (?P<test_case_id>[a-z0-9-]+): (?P<result>started)"}]}},
        ],
    }


def labgrid_environment(board, place):
    """The environment: one target, whose console is the emulator's."""
    images, others = split(command(board)[1:])
    machine = value(others, "-machine")
    files = {key: os.path.abspath(place[key]) for key in images}
    driver = {"qemu_bin": "qemu", "machine": machine, "memory": value(others, "-m"),
              "cpu": value(others, "-cpu") or CPUS[machine.partition(",")[0]]}
    words = without(others, "-machine", "-cpu", "-m", "-display")
    for key, option in images.items():
        words += [word.replace("{" + key + "}", files[key]) for word in option]
    driver["extra_args"] = " ".join(words)
    return {"targets": {"main": {"resources": {}, "drivers": {"QEMUDriver": driver}}},
            "tools": {"qemu": os.path.join("/usr/bin", board.program)}, "images": files}


def yaml_lines(value, indent=0):
    """A document in YAML; scalars are written as JSON has them."""
    pad = "  " * indent
    for key, item in value.items() if isinstance(value, dict) else (("-", item) for item in value):
        head = f"{pad}{key} " if key == "-" else f"{pad}{key}: "
        if isinstance(item, (dict, list)) and item and (key == "-" or isinstance(item, dict) or isinstance(item[0], dict)):
            lines = list(yaml_lines(item, indent + 1))
            if key == "-":
                yield head + lines[0].lstrip()
                yield from lines[1:]
            else:
                yield head.rstrip()
                yield from lines
        else:
            yield head + json.dumps(item)


def write(path, document, what):
    """Write one of the two."""
    text = f"# SPDX-License-Identifier: Apache-2.0\n# {what}; made by `make lab`.\n" + "\n".join(yaml_lines(document)) + "\n"
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)


def main():
    """Write both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--board-dir", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--url", default="http://files.invalid/ashlar", help="where a lab finds the files")
    parser.add_argument("--place", action="append", type=lambda text: text.split("=", 1), default=[], metavar="NAME=FILE")
    options = parser.parse_args()
    board, name = Board(options.board_dir), os.path.basename(os.path.normpath(options.board_dir))
    if not board.config.has_section("emulator"):
        sys.exit(f"lab: {name} has no emulator, and these are jobs of one")
    if board.tpm():
        sys.exit(f"lab: {name} has a TPM, for which another program stands in beside the emulator, and neither lab starts one")
    place = {key: key for key in FILES} | dict(options.place)
    os.makedirs(options.out, exist_ok=True)
    write(os.path.join(options.out, "lava-job.yaml"), lava_job(name, board, options.url, place), f"A job of LAVA for {name}")
    write(os.path.join(options.out, "labgrid.yaml"), labgrid_environment(board, place), f"An environment of labgrid for {name}")


if __name__ == "__main__":
    main()
