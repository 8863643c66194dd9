# SPDX-License-Identifier: Apache-2.0
"""The ways past a signed FIT that a U-Boot may have: each is looked for in what was built, and an open one is named.

Looked at: the configuration that U-Boot's own Kconfig made, its control tree, and its boot command. image.cfg may say
`hardened = yes` only of a U-Boot in which none is open; the build holds it to that.
"""

import argparse
import re
import subprocess
import sys

# Of each hole: what must be set, and what must not be. A name with a * is every symbol that begins so.
HOLES = {
    "unsigned FITs": (["FIT_SIGNATURE", "RSA_VERIFY"], []),
    "a FIT's other configurations": ([], ["FIT_BEST_MATCH"]),
    "legacy images": ([], ["LEGACY_IMAGE_FORMAT", "CMD_XIMG"]),
    "booti": ([], ["CMD_BOOTI", "CMD_BOOTZ"]),
    "go": ([], ["CMD_GO", "CMD_ELF", "SEMIHOSTING"]),
    "unsigned EFI": ([], ["EFI_LOADER", "CMD_BOOTEFI", "CMD_BOOTEFI_*"]),
    "boot scripts": ([], ["CMD_SOURCE"]),
    "extlinux": ([], ["BOOTSTD", "BOOTMETH_*", "CMD_SYSBOOT", "CMD_PXE", "DISTRO_DEFAULTS"]),
    "USB": ([], ["USB", "CMD_USB*", "DFU", "USB_GADGET"]),
    "network": (["NO_NET"], ["NET", "NET_LWIP", "UPDATE_TFTP", "USB_FUNCTION_FASTBOOT", "UDP_FUNCTION_FASTBOOT"]),
    "serial loads": ([], ["CMD_LOADB", "CMD_LOADS"]),
    "memory commands": ([], ["CMD_MEMORY"]),
    "keys": (["USE_BOOTCOMMAND"], ["AUTOBOOT_KEYED"]),
    "preboot": ([], ["USE_PREBOOT", "BUTTON_CMD"]),
}
STORES = "ENV_IS_IN_*"
DELAY = "-2"            # no key is looked at, and nobody told to press one


def symbols(text):
    """{symbol: value} of a configuration; what is not set is not in it."""
    return dict(re.findall(r"^CONFIG_(\w+)=(.*)$", text, re.M))


def matching(config, name):
    """The symbols that are set and that a name of HOLES stands for."""
    if name.endswith("*"):
        return [symbol for symbol in config if symbol.startswith(name[:-1])]
    return [name] if name in config else []


def of_config(config):
    """(hole, why) of each that the configuration leaves open."""
    for hole, (wanted, unwanted) in HOLES.items():
        for name in wanted:
            if name not in config:
                yield hole, f"CONFIG_{name} is not set"
        for name in unwanted:
            for symbol in matching(config, name):
                yield hole, f"CONFIG_{symbol} is set"
    if config.get("BOOTDELAY") != DELAY:
        yield "keys", f"CONFIG_BOOTDELAY is {config.get('BOOTDELAY')}, not {DELAY}"
    if matching(config, STORES) and "ENV_WRITEABLE_LIST" not in config:
        yield "a stored environment", f"CONFIG_{matching(config, STORES)[0]} is set without CONFIG_ENV_WRITEABLE_LIST"


def of_command(config):
    """The boot command must end by itself: in a power-off or reset, whatever failed before."""
    command = config.get("BOOTCOMMAND", "").strip('"')
    if not re.search(r"(^|[;\s])(poweroff; )?reset$", command):
        yield "the boot command's end", "CONFIG_BOOTCOMMAND does not end in reset"
    if re.search(r"(^|[;\s])(exit|source|(?<!bootm )go|booti|bootefi|setenv bootcmd)\b", command):
        yield "the boot command", "CONFIG_BOOTCOMMAND has a command that ends it or starts what is not signed"


def fdtget(tree, *words):
    """What fdtget says of a tree; nothing if it is not there."""
    done = subprocess.run(["fdtget", *words[:-2], tree, *words[-2:]], capture_output=True, text=True, check=False)
    return done.stdout.strip() if not done.returncode else ""


def of_control(tree):
    """The control tree: a key that every configuration must be signed by, and a boot command that cannot be left."""
    done = subprocess.run(["fdtget", "-l", tree, "/signature"], capture_output=True, text=True, check=False)
    keys = done.stdout.split() if not done.returncode else []
    good = [key for key in keys if fdtget(tree, f"/signature/{key}", "required") == "conf"
            and fdtget(tree, "-t", "bx", f"/signature/{key}", "rsa,modulus")]
    if not keys or good != keys:
        yield "the key", "the control tree has no key, or one that is not required: any FIT would start"
    if fdtget(tree, "/signature", "required-mode") == "any" and len(keys) > 1:
        yield "the key", "the control tree is content with any one of several keys"
    if fdtget(tree, "/config", "bootsecure") != "1" or fdtget(tree, "/config", "bootcmd") != "bootd":
        yield "the prompt", "the control tree's /config does not say bootsecure = <1> and bootcmd = \"bootd\""


def open_holes(config_text, tree):
    """All of them."""
    config = symbols(config_text)
    return [*of_config(config), *of_command(config), *of_control(tree)]


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="look for ways past a signed FIT")
    p.add_argument("--config", required=True, help="what U-Boot's Kconfig made")
    p.add_argument("--control", required=True, help="its control tree")
    p.add_argument("--board", required=True, help="who said that none is open")
    args = p.parse_args()
    with open(args.config, encoding="utf-8") as stream:
        found = open_holes(stream.read(), args.control)
    for hole, why in found:
        print(f"{args.board}: hardened = yes, but {hole}: {why}", file=sys.stderr)
    if found:
        print(f"{args.board}: close these in u-boot.config, u-boot.cmd or u-boot.dts, or say hardened = no", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
