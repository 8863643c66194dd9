# SPDX-License-Identifier: Apache-2.0
"""A board started by a UEFI firmware from its disk: with Secure Boot, without, and with load options that say nothing to us."""
import re

from tests.boot.machine import Machine
from tests.fdt import Fit
from tests.runner.context import expect
from tests.trust.card import Card
from tests.trust.resign import other_key

SLOT_A = 1          # the disk's partition; slot b is the next
FILE = "ashlar.efi"
OPTIONS = "console=none domains=none init=/bin/sh"


class UefiMachine(Machine):
    """Where the firmware and its variables lie."""

    def __init__(self, ctx):
        super().__init__(ctx, ctx.args["build"], ctx.args["board"])
        self.ctx = ctx
        self.disk = self.folder / "images/disk.img"
        self.image = self.folder / "images/ashlar.efi"
        self.vars = self.folder / "uefi-vars.fd"
        payloads = (self.folder / "payloads.mk").read_text(encoding="utf-8")
        cfg = self.board.config["uefi"]
        where = re.search(rf"^PAYLOAD_{cfg['firmware-payload']}_DIR := (.*)$", payloads, re.M)[1]
        self.code = f"{where}/{cfg['firmware-code']}"
        self.template = f"{where}/{cfg['firmware-vars']}"

    def other_vars(self, *args):
        """Variables of a test's own."""
        self.vars = self.ctx.work / "vars.fd"
        self.ctx.run(self.ctx.python, "scripts/image/efi_vars.py", "--template", self.template, "--output", self.vars, *args)

    def with_options(self):
        """A boot entry of somebody's, who can write variables and thereby load options; Secure Boot stays on."""
        path = "\\" + self.board.config["disk"]["boot-file"].replace("/", "\\")
        self.other_vars("--certificate", self.folder / "images/db.cer", "--boot", path, OPTIONS)

    def separate_keys(self, *args):
        """PK and KEK of others than db, as on a machine of somebody's; and what else."""
        made = []
        for name in ("pk", "kek"):
            pem = other_key(self.ctx, name) / f"{name}.crt"
            self.ctx.run("openssl", "x509", "-in", pem, "-outform", "DER", "-out", pem.with_suffix(".cer"))
            made += [f"--{name}", pem.with_suffix(".cer")]
        self.other_vars("--certificate", self.folder / "images/db.cer", *made, *args)

    def command(self, direct=False, **machine):
        """See Machine."""
        return self.board.uefi_boot(self.code, str(self.vars), str(self.disk), keep=self.keeps, **machine)


def _runs(console, domain):
    console.wait(r"^ashlar.efi: starting the hypervisor$", 200)
    console.wait(r"^ashlar: bundle verified: ", 100)
    console.wait(rf"^ashlar: {domain}: started$", 100)
    console.never(r"refused|panic")


def starts(ctx):
    """The firmware starts ashlar.efi, the hypervisor its domains; one of them does its work."""
    machine = UefiMachine(ctx)
    case = ctx.args["case"]
    if case == "no-secure-boot":
        machine.other_vars()
    elif case == "load-options":
        machine.with_options()
    elif case == "separate-keys":
        machine.separate_keys()
    with machine.start(timeout=ctx.args.get("seconds", 300), extra=ctx.args.get("extra", []), **ctx.args.get("machine", {})) as console:
        if case == "load-options":
            console.wait(r'starting Boot0000 "entry"', 200)
        _runs(console, ctx.args["domain"])
        console.wait(ctx.args["work"], 100)
        if ctx.args.get("seeded"):      # the firmware's random numbers are an input to the guests' seeds
            console.never(r"^ashlar: no source of randomness")
        expect(OPTIONS not in console.text, "the load options came to the hypervisor")


class LowestMachine(UefiMachine):
    """Keeps what is written to its firmware's variables and its disk, as a real one does."""

    def __init__(self, ctx):
        super().__init__(ctx)
        kept = ctx.work / "kept.fd"
        ctx.run("cp", "--sparse=always", self.vars, kept)
        self.vars = kept
        self.card = Card(ctx, self.disk, slots=2, first=SLOT_A)
        self.disk, self.keeps = self.card.path, True
        ctx.run("mmd", "-i", self.card.volume, "::EFI", "::EFI/ASHLAR")

    def command(self, direct=False, **machine):
        """See Machine."""
        return [word.replace("unit=1,snapshot=on", "unit=1") for word in super().command(**machine)]

    def order(self, number, key=None):
        """A file that orders this lowest version, signed by the key."""
        path = self.ctx.work / "LOWEST.AUT"
        self.ctx.run(self.ctx.python, "scripts/image/efi_lowest.py", "--key", key or self.key(), "--lowest", number, "--output", path)
        self.ctx.run("mcopy", "-o", "-i", self.card.volume, path, "::EFI/ASHLAR/LOWEST.AUT")

    def key(self):
        """The key that signs everything here."""
        return self.ctx.out / "data/ashlar/dev.key"

    def version(self, version):
        """The same image, of this version, signed by the same key; where it lies."""
        ctx, tool = self.ctx, self.folder / "host/ashlar"
        data = bytearray((self.folder / "bundle.unsigned").read_bytes())
        fit = Fit(bytes(data))
        default = fit.nodes["/configurations"].strings("default")[0]
        at, value = fit.nodes[f"/configurations/{default}"].props["ashlar,rollback"]
        data[at:at + len(value)] = version.to_bytes(len(value), "big")
        unsigned, bundle, out = (ctx.work / name for name in ("unsigned", "bundle", "version.efi"))
        unsigned.write_bytes(data)
        ctx.run(tool, "sign", "--key", self.key(), "--output", bundle, unsigned)
        ctx.run(tool, "sign", "--key", self.key(), "--output", out, "--plan", self.plan, "--hypervisor", self.kernel, "--stub",
                self.folder / "efi-stub.elf", "--bundle", bundle)
        return out

    def put(self, version):
        """That image into slot a."""
        self.card.write(FILE, self.version(version).read_bytes(), only=0)

    def says(self, *lines, starts=True):
        """One start: these lines, in this order; then the hypervisor, or never."""
        with self.start(timeout=400) as console:
            mark = 0
            for line in lines:
                mark = console.wait(line, 250, mark).end()
            if not starts:
                console.never("^ashlar: ")


def _told(version, lowest):
    return rf"^ashlar: version {version}, the lowest that may start is {lowest} \(kept by uefi\)"


def lowest(ctx):
    """The lowest version in an authenticated variable: raised by a signed order alone, by nobody else, never lowered; an older image
    that is signed as well as the newer one does not start, whoever put it there, and slot b does instead."""
    machine = LowestMachine(ctx)
    machine.order(3)
    machine.says("^ashlar.efi: the lowest version is to be 3: not done, this is an older one", _told(2, 0))
    machine.order(2)
    machine.says("^ashlar.efi: the lowest version is to be 2: done", _told(2, 2))
    keys = other_key(ctx, "other")
    machine.put(9)
    machine.order(9, keys / "other.key")
    machine.says("^ashlar.efi: the lowest version is to be 9: not done, the firmware does not accept who signed it", _told(9, 2))
    machine.put(1)
    machine.order(1)
    too_old = ("^launcher: slot a: loading", "^ashlar.efi: version 1, the lowest that may start is 2", "^ashlar.efi: refused: it is too old",
               "^launcher: slot a: ashlar.efi refused to start")
    machine.says(*too_old, "^launcher: slot b: loading", _told(2, 2))
    machine.card.write(FILE, b"nothing", only=1)
    machine.says(*too_old, "^launcher: slot b: the firmware refused ashlar.efi", "^launcher: stopped: ", starts=False)


def by_make(ctx):
    """`make run FIRMWARE=ovmf`, as a user types it, on a board that is started otherwise by default."""
    said = ctx.make("run", "FIRMWARE=ovmf", o=ctx.out / ctx.args["build"],
                    env=ctx.env(RUN_UNTIL="^ticker: done", RUN_TIMEOUT=300))
    expect("BdsDxe: starting" in said and "ashlar.efi: starting" in said, "no UEFI firmware started it")
    said = ctx.make("run", "FIRMWARE=aavmff", o=ctx.out / ctx.args["build"], status="error")
    expect("FIRMWARE=aavmff: " in said and "it can by: direct uefi grub" in said, "another refusal")
