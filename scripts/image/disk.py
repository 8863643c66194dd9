# SPDX-License-Identifier: Apache-2.0
"""Make sdcard.img or disk.img and its block map: GPT, a FAT partition with what starts the board, and empty ones for domains.

`system = efi` in [disk] makes it an EFI system partition. With a section [selector] that is the first partition, filled by --fill
selector:PATH=FILE, and behind it lie the slots, as EFI system partitions too, which the firmware reads for it. A file given as raw:NAME=path is no file of the partition: it is written
where `offset-kib` of [blob NAME] or [raw NAME] says, before the first partition, which begins at `first-mib` of [disk].

Each section [partition NAME] of image.cfg makes one of those, with NAME as its name in the GPT; --list writes the names
and UUIDs of all partitions instead, a line each. --fill NAME:PATH=FILE makes a FAT file system in one, with the files.

genimage does the work, as any user. Everything that could differ between two builds is fixed here: UUIDs, the FAT's
serial number, times (SOURCE_DATE_EPOCH), time zone, and the holes of the file, which the block map shows.
"""

import argparse
import configparser
import itertools
import os
import shutil
import subprocess
import sys
import tempfile

import slots

MIB = 1 << 20
FAT_OVERHEAD = 64 * 1024  # boot sector, two tables and the root folder, for a card of some 100 MiB

VOLUME_CONFIG = """\
image {name}.vfat {{
	vfat {{
{files}		label = "{label}"
		extraargs = "--invariant -i {serial}"
	}}
	size = {mib}M
}}
"""

CARD_CONFIG = """\
{volumes}image sdcard.img {{
	hdimage {{
		partition-table-type = "gpt"
		disk-uuid = "{disk_uuid}"
{align}	}}
{card_size}{raw}{boot}{partitions}}}
"""

BOOT_CONFIG = """\
	partition {name} {{
		image = "{name}.vfat"
		partition-type-uuid = "{kind}"
		partition-uuid = "{uuid}"
{bootable}{offset}	}}
"""

RAW = "raw:"
RAW_CONFIG = """\
	partition {name} {{
		image = "{name}"
		in-partition-table = false
		offset = {offset}K
	}}
"""

# What kind of partition the firmware looks for: any, marked as bootable; or an EFI system partition.
SYSTEMS = {"any": ("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", "\t\tbootable = true\n"),
           "efi": ("c12a7328-f81f-11d2-ba4b-00c04fc93ec9", "")}

SYSTEM = "system.img"  # in genimage's input

PARTITION_CONFIG = """\
	partition {name} {{
{image}		size = {mib}M
		partition-type-uuid = "0fc63daf-8483-4772-8e79-3d69d8477de4"
		partition-uuid = "{uuid}"
	}}
"""


def environment():
    """What the tools see: no time zone, and mkdosfs, which Debian keeps off a user's path."""
    env = dict(os.environ, TZ="UTC", LC_ALL="C")
    env["PATH"] += ":/usr/sbin:/sbin"
    return env


def run(argv, **kwargs):
    """Run a tool; its words are shown only if it fails."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          env=environment(), **kwargs)
    if done.returncode:
        raise SystemExit(f"{argv[0]} failed:\n{done.stdout}{done.stderr}")


def data_partitions(config):
    """(name, section) of each partition for domains, in their order."""
    return [(name.split(None, 1)[1], config[name]) for name in config.sections() if name.startswith("partition ")]


def system_partitions(config):
    """(name, UUID) of each partition for a read-only disk: one for each slot."""
    if "system" not in config:
        raise SystemExit("disk: the board has no room for a read-only disk; give its image.cfg a section [system] with uuid and size-mib")
    section, names = config["system"], [name.replace("boot", "system") for name, _, _ in boot_partitions(config["disk"])]
    return list(zip(names, [section["uuid"], section.get("slot-b-uuid")]))


def selector_partition(config):
    """[(name, section)] of the partition with what chooses between the slots, where the board has one."""
    return [("selector", config["selector"])] if "selector" in config else []


def boot_partitions(disk):
    """(name, UUID, serial number) of each partition with the files: a slot each, or one where the board has no slots."""
    found = [("boot", disk["partition-uuid"], disk["fat-serial"])]
    if "slot-b-uuid" in disk:
        found.append(("boot-b", disk["slot-b-uuid"], disk["slot-b-serial"]))
    return found


def listing(config, system=None):
    """Name and UUID of all partitions."""
    rows = [(name, section["uuid"]) for name, section in selector_partition(config)]
    rows += [(name, uuid) for name, uuid, _ in boot_partitions(config["disk"])]
    rows += system_partitions(config) if system else []
    rows += [(name, section["uuid"]) for name, section in data_partitions(config)]
    return "".join(f"{name} {uuid}\n" for name, uuid in rows)


def partition_size(disk, files):
    """How large the partition for the files is, in MiB."""
    used = sum(os.path.getsize(path) for path in files.values()) + FAT_OVERHEAD
    return -(-used // MIB) + disk.getint("spare-mib")


def system_config(config, system):
    """genimage's lines for the read-only disk, once for each slot."""
    if not system:
        return ""
    mib, used = config["system"].getint("size-mib"), os.path.getsize(system)
    if used > mib * MIB:
        raise SystemExit(f"disk: the read-only disk has {used / MIB:.1f} MiB, and [system] of image.cfg has room for {mib}; raise size-mib")
    return "".join(PARTITION_CONFIG.format(name=name, mib=mib, uuid=uuid, image=f'\t\timage = "{SYSTEM}"\n')
                   for name, uuid in system_partitions(config))


def card_size(config, files, system):
    """genimage's line for a card whose size is a power of two, where the board wants one."""
    if not config["disk"].getboolean("power-of-two", fallback=False):
        return ""
    disk = config["disk"]
    used = len(boot_partitions(disk)) * partition_size(disk, files)
    used += 1 + disk.getint("first-mib", fallback=1)  # the tables, and U-Boot's environment
    used += sum(section.getint("size-mib") for _, section in data_partitions(config))
    used += len(system_partitions(config)) * config["system"].getint("size-mib") if system else 0
    return f"\tsize = {1 << (used - 1).bit_length()}M\n"


def raw_places(config, files):
    """(name, offset in KiB, path) of each file that is written raw; those that would overlap, or reach what else lies there, are refused."""
    found = []
    for name in (name[len(RAW):] for name in files if name.startswith(RAW)):
        section = config[f"blob {name}" if f"blob {name}" in config else f"raw {name}"]
        found.append((section.getint("offset-kib"), name, files[RAW + name]))
    taken = [(offset, name, -(-os.path.getsize(path) // 1024)) for offset, name, path in found]
    if found and "environment" in config["disk"]:
        *places, size = (int(word, 0) // 1024 for word in config["disk"]["environment"].split())
        taken += [(place, "U-Boot's environment", size) for place in places]
    end, before = 17, "the partition table"
    for offset, name, size in sorted(taken):
        if offset < end:
            raise SystemExit(f"disk: {name} is to lie at {offset} KiB, where {before} is up to {end} KiB; give it another offset-kib")
        end, before = offset + size, name
    first = config["disk"].getint("first-mib", fallback=1) * 1024
    if found and end > first:
        raise SystemExit(f"disk: {before} ends at {end} KiB, and the first partition begins at {first} KiB; let first-mib of [disk] say a later place")
    return [(name, offset, path) for offset, name, path in sorted(found)]


def in_partition(files):
    """The files that are not written raw."""
    return {name: path for name, path in files.items() if not name.startswith(RAW)}


def input_name(name):
    """What a file of the partition is called in genimage's input, which has no folders."""
    return name.replace("/", ".")


def file_list(names):
    """genimage's lines for the files of a volume."""
    return "".join(f'\t\tfile "{name}" {{ image = "{input_name(name)}" }}\n' for name in names)


def data_volumes(config, filled):
    """genimage's volumes for the partitions of domains that are not empty."""
    return "".join(VOLUME_CONFIG.format(name=name, files=file_list(filled[name]), label=name.upper()[:11],
                                        serial=section["uuid"].replace("-", "")[-8:], mib=section.getint("size-mib"))
                   for name, section in data_partitions(config) if name in filled)


def selector_volume(config, filled):
    """genimage's volume for that partition."""
    return "".join(VOLUME_CONFIG.format(name=name, files=file_list(filled[name]), label=name.upper(), serial=section["serial"],
                                        mib=section.getint("size-mib")) for name, section in selector_partition(config))


def genimage_config(config, files, filled, system=None):
    """genimage's configuration: the boot partition has the files, those in @filled theirs."""
    disk, raws = config["disk"], raw_places(config, files)
    files = in_partition(files)
    kind, bootable = SYSTEMS[disk.get("system", "any")]
    names = file_list(files)
    mib, slots, selector = partition_size(disk, files), boot_partitions(disk), selector_partition(config)
    first = f"\t\toffset = {disk['first-mib']}M\n" if "first-mib" in disk else ""
    return CARD_CONFIG.format(
        volumes=selector_volume(config, filled) + "".join(VOLUME_CONFIG.format(name=name, files=names, label=disk["label"], serial=serial, mib=mib)
                        for name, _, serial in slots) + data_volumes(config, filled),
        disk_uuid=disk["disk-uuid"], align="\t\talign = 1M\n" if "environment" in disk else "", 
        card_size=card_size(config, files, system),
        raw="".join(RAW_CONFIG.format(name=name, offset=offset) for name, offset, _ in raws),
        boot="".join(BOOT_CONFIG.format(name=name, uuid=uuid, kind=kind, bootable=bootable, offset=first if not at else "")
                     for at, (name, uuid) in enumerate([*((name, section["uuid"]) for name, section in selector),
                                                        *((name, uuid) for name, uuid, _ in slots)])),
        partitions=system_config(config, system) + "".join(PARTITION_CONFIG.format(name=name, mib=section.getint("size-mib"), uuid=section["uuid"],
                                                   image=f'\t\timage = "{name}.vfat"\n' if name in filled else "")
                           for name, section in data_partitions(config)))


def require_room(disk, files, folder):
    """A full disk is said here, in one line: genimage and its tools say it in many, none of which names it."""
    # the partitions, then the card that holds them; the others are holes
    need = 2 * len(boot_partitions(disk)) * partition_size(disk, files) + 2
    left = shutil.disk_usage(folder).free // MIB
    if left < need:
        raise SystemExit(f"disk: making the card's image needs {need} MiB in {folder} for a while, and its disk has "
                         f"{left} MiB left; make room")


def say_room(disk, files):
    """How much a larger ashlar.itb may have."""
    used, mib = sum(os.path.getsize(path) for path in files.values()), partition_size(disk, files)
    left = mib - (used + FAT_OVERHEAD) / MIB
    each = "each slot" if len(boot_partitions(disk)) > 1 else "the boot partition"
    print(f"  ROOM    {each} has {mib} MiB: {used / MIB:.1f} MiB used, {left:.1f} MiB left", flush=True)


def slots_text(disk, files):
    """Each slot, or the boot partition: its name, the bytes that its files have, those that they may have."""
    used, room = sum(os.path.getsize(path) for path in files.values()), partition_size(disk, files) * MIB - FAT_OVERHEAD
    return "".join(f"{name} {used} {room}\n" for name, _, _ in boot_partitions(disk))


def new_environment(config, image):
    """U-Boot's environment as a new card has it, twice: any version starts."""
    places = (int(word, 0) for word in config["disk"]["environment"].split())
    environment = slots.Environment(slots.Card(image), *places)
    for _ in environment.places:
        environment.write({"ashlar_min": "0"})


def make(config, files, output, filled=None, system=None, environment=False):
    """The image, by genimage in a folder of its own."""
    require_room(config["disk"], in_partition(files), os.path.dirname(output))
    with tempfile.TemporaryDirectory(dir=os.path.dirname(output), prefix=".disk-") as work:
        for folder in ("input", "output", "root"):
            os.mkdir(os.path.join(work, folder))
        filled = filled or {}
        for name, path in itertools.chain(files.items(), *(group.items() for group in filled.values())):
            os.symlink(os.path.abspath(path), os.path.join(work, "input", input_name(name.removeprefix(RAW))))
        if system:
            os.symlink(os.path.abspath(system), os.path.join(work, "input", SYSTEM))
        with open(os.path.join(work, "genimage.cfg"), "w", encoding="utf-8") as f:
            f.write(genimage_config(config, files, filled, system))
        run(["genimage", "--config", "genimage.cfg", "--inputpath", "input", "--outputpath", "output",
             "--rootpath", "root", "--tmppath", "tmp"], cwd=work)
        image = os.path.join(work, "output", "sdcard.img")
        if environment:
            new_environment(config, image)
        run(["fallocate", "--dig-holes", image])
        run(["bmaptool", "create", "-o", image + ".bmap", image])
        shutil.move(image + ".bmap", output + ".bmap")
        shutil.move(image, output)
    say_room(config["disk"], in_partition(files))


def main():
    """Entry."""
    p = argparse.ArgumentParser(description="make the board's disk image")
    p.add_argument("--board-dir", required=True)
    p.add_argument("--output", required=True)
    p.add_argument("--list", action="store_true", help="names and UUIDs of the partitions, no image")
    p.add_argument("--slots", help="file to write: what the files take of each slot")
    p.add_argument("--fill", action="append", default=[], metavar="partition:name=file", help="a file in a partition of a domain's")
    p.add_argument("--environment", action="store_true", help="U-Boot's environment too, with the lowest version")
    p.add_argument("--system", help="a read-only disk (system_disk.py), for its partition in each slot")
    p.add_argument("files", nargs="*", metavar="name=file")
    args = p.parse_args()
    config = configparser.ConfigParser()
    with open(os.path.join(args.board_dir, "image.cfg"), encoding="utf-8") as f:
        config.read_file(f)
    if args.list:
        with open(args.output, "w", encoding="utf-8") as f:
            f.write(listing(config, args.system))
        return 0
    files = dict(f.split("=", 1) for f in args.files)
    filled = {}
    for partition, file in (fill.split(":", 1) for fill in args.fill):
        filled.setdefault(partition, {}).update([file.split("=", 1)])
    make(config, files, os.path.abspath(args.output), filled, args.system, args.environment)
    if args.slots:
        with open(args.slots, "w", encoding="utf-8") as f:
            f.write(slots_text(config["disk"], in_partition(files)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
