# SPDX-License-Identifier: Apache-2.0
"""ashlar.efi was tampered with: a UEFI firmware with our key in its db must refuse it, and so must the host's tools."""
import struct

from tests.boot.uefi import FILE, SLOT_A, UefiMachine
from tests.runner.context import expect
from tests.trust.card import Card
from tests.trust.resign import other_key

PE_AT, OPTIONAL_AT = 0x80, 0x98
ENTRY_AT, CERTIFICATE_AT, SECTIONS_AT = OPTIONAL_AT + 16, OPTIONAL_AT + 144, OPTIONAL_AT + 240
SECTIONS = (".text", ".rodata", ".data", ".parts", ".hyp", ".bundle", ".reloc")
SIGNATURE = "the firmware refused ashlar.efi: it is not signed by whom it trusts"
DENIED = r"^BdsDxe: failed to load Boot\d{4} .*: Access Denied"


def section(data, name):
    """First byte of a section."""
    at = SECTIONS_AT + 40 * SECTIONS.index(name)
    expect(data[at:at + 8].rstrip(b"\0").decode() == name, f"no section {name}")
    return struct.unpack_from("<I", data, at + 20)[0]


def _flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def _unsigned(data):
    table = struct.unpack_from("<I", data, CERTIFICATE_AT)[0]
    return data[:CERTIFICATE_AT] + bytes(8) + data[CERTIFICATE_AT + 8:table]


def _tampered(ctx, machine, data, case):
    kind, _, what = case.partition("-")
    if case == "flip-signature":
        return _flipped(data, len(data.rstrip(b"\0")) - 20)
    if case == "flip-entry":
        return _flipped(data, ENTRY_AT)
    if kind == "flip":
        return _flipped(data, section(data, "." + what) + 100)
    if case == "unsigned":
        return _unsigned(data)
    expect(case == "wrong-key", f"no case {case}")
    keys = other_key(ctx, "other")
    out = ctx.work / "resigned.efi"
    ctx.run(machine.folder / "host/ashlar", "sign", "--key", keys / "other.key", "--output", out, "--plan", machine.plan,
            "--hypervisor", machine.kernel, "--stub", machine.folder / "efi-stub.elf", "--bundle", machine.bundle)
    return out.read_bytes()


def _tools_refuse(ctx, machine, path):
    ctx.run(machine.folder / "host/ashlar", "verify", "--key", ctx.out / "data/ashlar/dev.key", path, status=1)
    ctx.run("sbverify", "--cert", _certificate(ctx, machine), path, status=None)
    expect(ctx.status != 0, "sbverify accepts it")


def _certificate(ctx, machine):
    pem = ctx.work / "db.pem"
    ctx.run("openssl", "x509", "-inform", "DER", "-in", machine.folder / "images/db.cer", "-out", pem)
    return pem


def refused(ctx):
    """Refused by the firmware in both slots: nothing of it says a word, and the board is switched off."""
    machine = UefiMachine(ctx)
    data = machine.image.read_bytes()
    changed = _tampered(ctx, machine, data, ctx.args["case"])
    expect(changed != data, "nothing was changed")
    path = ctx.work / "changed.efi"
    path.write_bytes(changed)
    _tools_refuse(ctx, machine, path)
    card = Card(ctx, machine.disk, slots=2, first=SLOT_A)
    card.write(FILE, changed)
    machine.disk = card.path
    with machine.start(timeout=240) as console:
        for slot in "ab":
            console.wait(f"^launcher: slot {slot}: {SIGNATURE}", 200)
        console.wait("^launcher: stopped: ashlar.efi of both slots was refused, nothing was started", 60)
        console.wait_power_off(60)
        console.never(r"^ashlar")


def selector(ctx):
    """What chooses between the slots is verified like them: with one bit changed, or in its place another's, nothing starts."""
    machine = UefiMachine(ctx)
    data = (machine.folder / "images/selector.efi").read_bytes()
    changed = {"flip": _flipped(data, section(data, ".text") + 100), "unsigned": _unsigned(data)}[ctx.args["case"]]
    path = ctx.work / "changed.efi"
    path.write_bytes(changed)
    _tools_refuse(ctx, machine, path)
    card = Card(ctx, machine.disk)
    card.write(machine.board.config["disk"]["boot-file"], changed)
    machine.disk = card.path
    with machine.start(timeout=240) as console:
        console.wait(DENIED, 200)
        console.never(r"^ashlar|^launcher")


def revoked(ctx):
    """What is in db by its certificate is refused once dbx has that too: KEK's owner writes it, and needs no key of ours."""
    machine = UefiMachine(ctx)
    machine.separate_keys("--dbx", machine.folder / "images/db.cer")
    with machine.start(timeout=240) as console:
        console.wait(DENIED, 200)
        console.never(r"^ashlar|^launcher")


def verified(ctx):
    """By an independent program; the disk has that file; made again, it has the same bytes."""
    machine = UefiMachine(ctx)
    said = ctx.run("sbverify", "--cert", _certificate(ctx, machine), machine.image)
    expect("Signature verification OK" in said, "sbverify does not say that it is good")
    ctx.run(machine.folder / "host/ashlar", "verify", "--key", ctx.out / "data/ashlar/dev.key", machine.image)
    for n, (file, name) in enumerate(((machine.folder / "images/selector.efi", machine.board.config["disk"]["boot-file"]),
                                      (machine.image, FILE), (machine.image, FILE))):
        expect(Card(ctx, machine.disk, first=n).read(name) == file.read_bytes(), f"partition {n + 1} of the disk has another {name}")
    part = ctx.work / "plan.dtb"
    ctx.run(machine.folder / "host/ashlar", "extract", "--output", part, "bundle/plan", machine.image)
    expect(part.read_bytes() == machine.plan.read_bytes(), "another plan is in it")
    said = ctx.run(machine.folder / "host/ashlar", "inspect", machine.image)
    expect("PE32+ file for UEFI" in said and "domain 1" in said, "inspect does not show what is in it")
    again = ctx.work / "again.efi"
    ctx.run(machine.folder / "host/ashlar", "sign", "--key", ctx.out / "data/ashlar/dev.key", "--output", again, "--plan", machine.plan,
            "--hypervisor", machine.kernel, "--stub", machine.folder / "efi-stub.elf", "--bundle", machine.bundle)
    expect(again.read_bytes() == machine.image.read_bytes(), "signed twice, two files")
    _selector_verified(ctx, machine)


def _selector_verified(ctx, machine):
    """So is what chooses between the slots."""
    made, again, tool = machine.folder / "images/selector.efi", ctx.work / "selector.efi", machine.folder / "host/ashlar"
    said = ctx.run("sbverify", "--cert", ctx.work / "db.pem", made)
    expect("Signature verification OK" in said, "sbverify does not say that the selector is good")
    ctx.run(tool, "verify", "--key", ctx.out / "data/ashlar/dev.key", made)
    expect(".bundle" not in ctx.run(tool, "inspect", made), "a bundle is in the selector")
    ctx.run(tool, "sign", "--key", ctx.out / "data/ashlar/dev.key", "--output", again, "--stub", machine.folder / "efi-selector.elf")
    expect(again.read_bytes() == made.read_bytes(), "the selector signed twice, two files")


BATCH, STRIDE = 150, 397


def _places(data):
    """All bytes of the headers, the list of parts and the signature; of the rest one in STRIDE."""
    table = struct.unpack_from("<I", data, CERTIFICATE_AT)[0]
    parts = section(data, ".parts")
    heads = range(SECTIONS_AT + 40 * len(SECTIONS))
    return sorted({*heads, *range(parts, parts + 64), *range(table, len(data)), *range(0, table, STRIDE)})


def swept(ctx):
    """`ashlar verify` refuses the file with any one bit changed, one file more of bytes, and one less."""
    machine = UefiMachine(ctx)
    data = machine.image.read_bytes()
    changed = [(f"at {at:x}", _flipped(data, at)) for at in _places(data)] + [("more", data + bytes(8)), ("less", data[:-8])]
    for first in range(0, len(changed), BATCH):
        paths = []
        for n, (name, content) in enumerate(changed[first:first + BATCH]):
            path = ctx.work / f"{n}.efi"
            path.write_bytes(content)
            paths.append((name, path))
        said = ctx.run(machine.folder / "host/ashlar", "verify", "--key", ctx.out / "data/ashlar/dev.key",
                       *(path for _, path in paths), status=1)
        for name, path in paths:
            expect(f"{path}: refused: " in said, f"ashlar verify accepts a change {name}")
