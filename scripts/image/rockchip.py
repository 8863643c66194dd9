# SPDX-License-Identifier: Apache-2.0
"""U-Boot of Debian's package for a Rockchip board, with a control tree of ours.

    rockchip.py control --tree RK.dtb --board-dir D --output OUT     its own tree, with room for a key and the boot command
    rockchip.py itb --itb U-BOOT.itb --control CONTROL.dtb --output OUT

The SPL loads u-boot.itb, a FIT of U-Boot, Trusted Firmware and the control tree, and looks at their digests. So the FIT is made
anew of the same images, with our tree in its tree's place, by mkimage.
"""

import argparse
import configparser
import os
import subprocess
import sys
import tempfile

ROOM = 8192  # bytes left free for the key
COPIED = ("description", "type", "arch", "os", "compression")


def run(argv):
    """A tool's output; its words are shown only if it fails."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{argv[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def get(fit, node, name, kind="s"):
    """A property, or nothing."""
    done = subprocess.run(["fdtget", "-t", kind, fit, node, name], capture_output=True, text=True, check=False)
    return done.stdout.strip() if not done.returncode else None


def control(args):
    """U-Boot's own tree, which starts our image alone, unless somebody with the prompt says otherwise."""
    config = configparser.ConfigParser()
    with open(os.path.join(args.board_dir, "image.cfg"), encoding="utf-8") as stream:
        config.read_file(stream)
    run(["dtc", "-q", "-I", "dtb", "-O", "dtb", "-p", str(ROOM), "-o", args.output, args.tree])
    run(["fdtput", "-p", "-t", "s", args.output, "/config", "bootcmd", config["u-boot"]["boot-command"]])
    run(["fdtput", "-t", "i", "--", args.output, "/config", "bootdelay", config["u-boot"]["boot-delay"]])


def image_source(fit, name, data):
    """An image of the new FIT's source: what the old one says of it, and the bytes."""
    node, lines = f"/images/{name}", []
    for prop in COPIED:
        if value := get(fit, node, prop):
            lines.append(f'{prop} = "{value}";')
    for prop in ("load", "entry"):
        if value := get(fit, node, prop, "x"):
            lines.append(f"{prop} = <{' '.join('0x' + cell for cell in value.split())}>;")
    lines += [f'data = /incbin/("{data}");', 'hash-1 { algo = "sha256"; };']
    return f"{name} {{ {' '.join(lines)} }};\n"


def config_source(fit, name):
    """A configuration as it was."""
    lists = []
    for prop in ("description", "firmware", "loadables", "fdt"):
        if value := get(fit, f"/configurations/{name}", prop):
            words = [value] if prop == "description" else value.split()
            lists.append(f"{prop} = " + ", ".join(f'"{word}"' for word in words) + ";")
    return f"{name} {{ {' '.join(lists)} }};\n"


def itb(args):
    """See the head of this file."""
    names = run(["fdtget", "-l", args.itb, "/images"]).split()
    configs = run(["fdtget", "-l", args.itb, "/configurations"]).split()
    default = get(args.itb, "/configurations", "default")
    with tempfile.TemporaryDirectory() as work:
        images = []
        for position, name in enumerate(names):
            data = os.path.join(work, name)
            if get(args.itb, f"/images/{name}", "type") == "flat_dt":
                data = os.path.abspath(args.control)
            else:
                run(["dumpimage", "-T", "flat_dt", "-p", str(position), "-o", data, args.itb])
            images.append(image_source(args.itb, name, data))
        source = os.path.join(work, "u-boot.its")
        with open(source, "w", encoding="utf-8") as stream:
            stream.write('/dts-v1/;\n/ {\ndescription = "U-Boot, with our control tree";\n#address-cells = <1>;\nimages {\n'
                         + "".join(images) + "};\nconfigurations {\n" + f'default = "{default}";\n'
                         + "".join(config_source(args.itb, name) for name in configs) + "};\n};\n")
        run(["mkimage", "-q", "-f", source, "-E", "-B", "0x200", args.output])


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="put a control tree into a Rockchip's U-Boot")
    p.add_argument("what", choices=["control", "itb"])
    p.add_argument("--tree")
    p.add_argument("--board-dir")
    p.add_argument("--itb")
    p.add_argument("--control")
    p.add_argument("--output", required=True)
    args = p.parse_args()
    (control if args.what == "control" else itb)(args)
    return 0


if __name__ == "__main__":
    sys.exit(main())
