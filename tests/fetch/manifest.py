# SPDX-License-Identifier: Apache-2.0
"""manifest.json over a small image folder."""
import json
from pathlib import Path

from tests.fetch.archive import Archive, digest
from tests.fetch.cases import refused
from tests.runner.context import expect

# %s: what a module node says; as compiled it names its image, as packed its place.
PLAN = """\
/dts-v1/;
/ {
	#address-cells = <2>;
	#size-cells = <2>;
	reserved-memory {
		#address-cells = <2>;
		#size-cells = <2>;
		hypervisor { compatible = "ashlar,hypervisor-memory"; reg = <0 0x40200000 0 0x1000>; };
		bundle { compatible = "ashlar,bundle"; reg = <1 0x41000000 0 0x3000>; };
	};
	chosen {
		one { kernel { %s }; };
		two { kernel { %s }; ramdisk { %s }; };
	};
};
"""
BUNDLE = "/dts-v1/;\n/ { images { plan { data-position = <0x2000>; }; }; };\n"


def compile_tree(ctx, path, text):
    """Compile a device tree."""
    ctx.run("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", path, "-", stdin=text)


class Small:
    """A payload from a small archive, a file of the user's, and a plan that uses both."""

    def __init__(self, ctx):
        self.ctx = ctx
        self.archive = Archive(ctx)
        self.archive.add("stone", "1.0", b"kernel\n")
        self.archive.publish()
        self.archive.fetch()
        self.images = ctx.work / "images"
        self.images.mkdir()
        self.own = ctx.work / "secret-name"
        self.own.write_bytes(b"ramdisk\n")
        (self.images / "ashlar.bin").write_bytes(b"hypervisor\n")
        refs = [f'ashlar,image = "{name}";'
                for name in ("debian:stone", "debian:stone", f"file:{self.own}")]
        compile_tree(ctx, ctx.work / "plan.src.dtb", PLAN % tuple(refs))
        places = [f"reg = <1 {where} 0 0x100>;"
                  for where in ("0x41001000", "0x41001000", "0x41001800")]
        compile_tree(ctx, self.images / "plan.dtb", PLAN % tuple(places))
        compile_tree(ctx, ctx.work / "bundle.itb", BUNDLE)

    def describe(self, status=0):
        """Run manifest.py; returns its output."""
        ctx, work = self.ctx, self.ctx.work
        kernel = Path(self.archive.file_of("stone"))
        return ctx.run(
            ctx.python, ctx.root / "scripts/image/manifest.py", "--out", self.images / "manifest.json",
            "--licences", work / "licences.json", "--version", "1.2", "--board", "none", "--figures", ctx.work / "figures.toml", "--root-of-trust", "rom", "--rollback-store", "env",
            "--key-id", "cafe", "--plan-source", work / "plan.src.dtb", "--plan", self.images / "plan.dtb",
            "--bundle", work / "bundle.itb", "--payload", f"stone={kernel.parents[3]}",
            "--image", f"debian:stone={kernel}", "--image", f"file:{self.own}={self.own}",
            "--tool", f"dtc={self._dtc()}", self.images / "ashlar.bin", self.images / "plan.dtb",
            status=status, env=ctx.env(SOURCE_DATE_EPOCH=7))

    def _dtc(self):
        """A tool named by its path, which must not show."""
        return self.ctx.run("sh", "-c", "command -v dtc").strip()

    def parts(self):
        """The components by name."""
        data = json.loads((self.images / "manifest.json").read_text())
        expect(data["source_date_epoch"] == 7 and data["key_id"] == "cafe", "wrong heading")
        expect(data["root_of_trust"] == "rom", "another root of trust")
        expect(data["rollback_store"]["kind"] == "env" and "accidents only" in data["rollback_store"]["protects"], "another store")
        figures = {"verification": 5, "first-domain": 7} if (self.ctx.work / "figures.toml").exists() else "not counted on this board"
        expect(data["figures"]["instructions"] == figures, f"other figures: {data['figures']}")
        sizes = {part["name"]: part["size"] for part in data["components"]}
        expect(data["figures"]["bytes"]["hypervisor"] == sizes["hypervisor"] and "plan" in data["figures"]["bytes"], "other sizes")
        return {part["name"]: part for part in data["components"]}


def describes(ctx):
    """Each part has its place and digests, a shared image stands there once, no path is named."""
    small = Small(ctx)
    small.describe()
    small.parts()
    (ctx.work / "figures.toml").write_text("[instructions]\nverification = 5\nfirst-domain = 7\n", encoding="utf-8")
    small.describe()
    parts = small.parts()
    expected = {"hypervisor": 0x40200000, "bundle": 0x141000000, "plan": 0x141002000,
                "stone": 0x141001000, "two: ramdisk": 0x141001800}
    places = {name: int(part["load_address"], 16) for name, part in parts.items()}
    expect(places == expected, f"wrong places: {places}")
    expect(parts["stone"]["used_by"] == ["one: kernel", "two: kernel"], "wrong users")
    expect(parts["stone"]["sha256"] == digest(b"kernel\n"), "wrong digest")
    expect(parts["stone"]["origin"]["package"] == "stone", "wrong origin")
    text = (small.images / "manifest.json").read_text()
    for trace in (str(ctx.work), "secret-name", "/usr/"):
        expect(trace not in text, f"the manifest names {trace}")
    expect({part["licence"] for part in parts.values()} == {"Apache-2.0", "NOASSERTION"}, "wrong licences")
    expect(parts["stone"]["supplier"] == "Debian" and parts["plan"]["supplier"] == "Ashlar", "wrong suppliers")
    small.describe()
    expect((small.images / "manifest.json").read_text() == text, "another text the second time")


def damaged(ctx):
    """A payload that changed in the cache after it was chosen stops the build here."""
    small = Small(ctx)
    Path(small.archive.file_of("stone")).write_bytes(b"kernle\n")
    text = small.describe(status=1)
    refused(text.replace("manifest: error", "fetch: error"), "damaged")
    expect(not (small.images / "manifest.json").exists(), "a manifest was written")
