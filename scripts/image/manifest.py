# SPDX-License-Identifier: Apache-2.0
"""Write images/manifest.json: what an image is made of, byte for byte.

Components are the files of images/, the parts packed into them, and the sources compiled into
them. Nothing of the machine that built them is named but the versions of its tools: no path,
no address, no clock but SOURCE_DATE_EPOCH.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tomllib

FETCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fetch")
PAYLOADS = os.path.join(FETCH, "payloads")
sys.path.insert(0, FETCH)
from cache import open_entry                            # noqa: E402
from common import FetchError, write_by_rename          # noqa: E402
from licences import NO_ASSERTION, of_entry             # noqa: E402
from payload import read_all                            # noqa: E402

UPSTREAM_XEN = "xen-hypervisor"  # in our hypervisor's place, if it is there at all
OURS = {"project": "ashlar"}
OUR_LICENCE = "Apache-2.0"
PROTECTS = {"none": "against nothing: any older image starts", "uefi": "by the firmware: only the key that wrote it first can raise it, nobody lower it",
            "tpm": "by a TPM that U-Boot alone writes and locks at each start: who can write the card cannot lower it, who can replace U-Boot or the TPM can",
            "env": "against accidents only: who can write the card can lower it"}
FILES = {"ashlar.bin": "hypervisor", "ashlar.itb": "image", "plan.dtb": "plan", "plan.html": "plan, drawn",
         "sdcard.img": "disk", "sdcard.img.bmap": "disk block map", "disk.img": "disk", "disk.img.bmap": "disk block map",
         "ashlar.efi": "image", "selector.efi": "selector", "db.cer": "signing certificate", "firmware.bin": "firmware"}


def arguments():
    """Read the command line."""
    pair = lambda text: text.split("=", 1)              # noqa: E731
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, help="manifest.json to write")
    parser.add_argument("--licences", required=True, help="JSON to write: texts of licences that SPDX has no name for")
    parser.add_argument("--version", required=True, help="version of the project")
    parser.add_argument("--board", required=True)
    parser.add_argument("--root-of-trust", required=True, help="who verifies what the board starts first")
    parser.add_argument("--swid", help="software identification of the image")
    parser.add_argument("--hardened", choices=["yes", "no"], help="does its U-Boot start nothing unsigned?")
    parser.add_argument("--rollback-store", required=True, help="where the board keeps the lowest version that may start")
    parser.add_argument("--key", default="", help="what `ashlar keyinfo` says of the signing key")
    parser.add_argument("--key-id", required=True, help="id of the signing key")
    parser.add_argument("--plan-source", required=True, help="plan as compiled: names images")
    parser.add_argument("--plan", required=True, help="plan as packed: places them")
    parser.add_argument("--bundle", required=True, help="what the hypervisor verifies and moves")
    parser.add_argument("--payload", action="append", type=pair, default=[], metavar="NAME=DIR")
    parser.add_argument("--image", action="append", type=pair, default=[], metavar="REF=FILE")
    parser.add_argument("--part", action="append", type=pair, default=[], metavar="NAME=FILE")
    parser.add_argument("--tool", action="append", type=pair, default=[], metavar="NAME=COMMAND")
    parser.add_argument("--figures", help="what a start costs, counted in the emulator (boards/<board>/figures.toml)")
    parser.add_argument("files", nargs="*", help="files of the images folder")
    return parser.parse_args()


def fdtget(tree, *words):
    """Return the words fdtget prints about a device tree; none if there is nothing there."""
    done = subprocess.run(["fdtget", *words[:-2], tree, *words[-2:]], capture_output=True,
                          text=True, check=False)
    return done.stdout.split() if not done.returncode else []


def children(tree, node):
    """Return the paths below a node."""
    done = subprocess.run(["fdtget", "-l", tree, node], capture_output=True, text=True, check=False)
    return [f"{node.rstrip('/')}/{name}" for name in done.stdout.split()]


def first_address(tree, node):
    """Return where a node's `reg` begins, or None; two cells make an address."""
    cells = fdtget(tree, "-t", "x", node, "reg")
    return int(cells[0], 16) << 32 | int(cells[1], 16) if len(cells) >= 4 else None


def reserved(tree):
    """Return {compatible: address} of the ranges the plan keeps for the hypervisor."""
    found = {}
    for node in children(tree, "/reserved-memory"):
        for compatible in fdtget(tree, "-t", "s", node, "compatible"):
            found[compatible] = first_address(tree, node)
    return found


def placed_images(source, plan):
    """Return {image reference: (address, [users])} of all domains."""
    found = {}
    for domain in children(source, "/chosen"):
        for node in children(source, domain):
            for reference in fdtget(source, "-t", "s", node, "ashlar,image"):
                user = node.removeprefix("/chosen/").replace("/", ": ")
                address, users = found.setdefault(reference, (first_address(plan, node), []))
                users.append(user)
    return found


def tool_version(command):
    """Return the first line a tool says about its version, without a path."""
    env = dict(os.environ, LC_ALL="C", PATH=os.environ["PATH"] + ":/usr/sbin:/sbin")
    done = subprocess.run([command, "--version"], env=env, text=True, check=False,
                          capture_output=True, stdin=subprocess.DEVNULL)
    line = next((line for line in (done.stdout + done.stderr).splitlines() if line.strip()), "")
    return " ".join(word for word in line.split() if "/" not in word)


def component(name, version, origin, facts, address=None, licence=OUR_LICENCE, **more):
    """Return one component; facts are size and digests."""
    place = None if address is None else f"{address:#x}"
    return {"name": name, "version": version, "supplier": supplier(origin), "licence": licence, "origin": origin,
            **facts, "load_address": place, **more}


def supplier(origin):
    """Return who made what is of an origin."""
    if "package" in origin:
        return "Debian"
    return "Ashlar" if origin == OURS else "the image's builder"


def file_facts(path):
    """Return size and digests of a file."""
    with open(path, "rb") as stream:
        data = stream.read()
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(),
            "sha512": hashlib.sha512(data).hexdigest()}


def package(facts):
    """Return the origin of a payload."""
    return {key: facts[key] for key in ("package", "version", "suite", "architecture")}


def built_files(options, places):
    """Return the components that stand in images/ or beside it."""
    listed = [(FILES[os.path.basename(path)], path) for path in options.files
              if os.path.basename(path) in FILES]
    bundle = places["ashlar,bundle"]
    position = fdtget(options.bundle, "-t", "x", "/images/plan", "data-position")
    addresses = {"hypervisor": places["ashlar,hypervisor-memory"], "bundle": bundle,
                 "plan": bundle + int(position[0], 16)}
    found = []
    for name, path in [*listed, ("bundle", options.bundle), *options.part]:
        more = {"file": os.path.basename(path)} if path in options.files else {}
        found.append(component(name, options.version, OURS, file_facts(path), addresses.get(name),
                               **more))
    return found


def domain_images(options, entries, licences):
    """Return the images of the domains, each once."""
    places = placed_images(options.plan_source, options.plan)
    found = []
    for reference, path in options.image:
        kind, _, name = reference.partition(":")
        address, users = places.get(reference, (None, []))
        version, origin, licence = options.version, OURS, OUR_LICENCE
        if kind == "debian":
            facts = entries[name].facts
            version, origin, licence = facts["version"], package(facts), licences[name]
        elif kind == "file":                            # its path is the user's own affair
            name, version, origin, licence = users[0], "own", {"file": "the user's"}, NO_ASSERTION
        found.append(component(name, version, origin, file_facts(path), address, licence, used_by=users))
    return found


def other_payloads(options, entries, definitions, licences):
    """Return what else was used of Debian's: a payload's main file, or its archives as they are."""
    images = {reference.removeprefix("debian:") for reference, _ in options.image}
    found = []
    for name, entry in entries.items():
        if name in images:
            continue
        facts, origin, version = entry.facts, package(entry.facts), entry.facts["version"]
        if not definitions[name].whole:
            is_xen = name == UPSTREAM_XEN
            found.append(component("hypervisor" if is_xen else name, version, origin, file_facts(entry.main()),
                                   reserved(options.plan)["ashlar,hypervisor-memory"] if is_xen else None, licences[name]))
            continue
        if definitions[name].upstream_only():
            version = version.rpartition("-")[0]
        for archive in facts["archives"]:
            measured = {key: archive[key] for key in ("size", "sha256", "sha512")}
            more = {"patches": facts["patches"]} if "patches" in facts else {}
            found.append(component(name, version, origin, measured, licence=licences[name], archive=archive["name"], **more))
    return found


def licences_of(entries, definitions):
    """Return {payload: expression} and {reference: text}."""
    licences, texts = {}, {}
    for name, entry in entries.items():
        licences[name], more = of_entry(definitions.get(name), entry)
        texts |= more
    return licences, texts


def figures(options, components):
    """What each part takes, and what a start costs where that was counted."""
    counted = None
    if options.figures and os.path.exists(options.figures):
        with open(options.figures, "rb") as f:
            counted = tomllib.load(f)["instructions"]
    return {"bytes": {part["name"]: part["size"] for part in components if part["load_address"]},
            "instructions": counted or "not counted on this board"}


def main():
    """Describe every component."""
    options = arguments()
    entries = {name: open_entry(os.path.dirname(folder)) for name, folder in options.payload}
    for entry in entries.values():
        entry.verify()
    definitions = read_all(PAYLOADS)
    licences, texts = licences_of(entries, definitions)
    components = (built_files(options, reserved(options.plan)) + domain_images(options, entries, licences)
                  + other_payloads(options, entries, definitions, licences))
    manifest = {"format": 1, "name": "ashlar", "version": options.version,
                "board": options.board, "root_of_trust": options.root_of_trust,
                "rollback_store": {"kind": options.rollback_store, "protects": PROTECTS[options.rollback_store]},
                "key_id": options.key_id, "key": options.key,
                "source_date_epoch": int(os.environ["SOURCE_DATE_EPOCH"]),
                "toolchain": {name: tool_version(command) for name, command in options.tool},
                "figures": figures(options, components), "components": components}
    if options.swid:
        manifest["software_identification"] = options.swid
    if options.hardened:
        manifest["u_boot_hardened"] = options.hardened == "yes"
    write_by_rename(options.licences, json.dumps(texts, indent=2, sort_keys=True) + "\n")
    write_by_rename(options.out, json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    try:
        main()
    except FetchError as problem:
        sys.exit(f"manifest: error: {problem}")
