# SPDX-License-Identifier: Apache-2.0
"""Patches of a user's tree to what is built of sources: in order, named in the manifest, refused where they do not apply."""
import json

from tests.runner.context import expect


def _patch(path, old, new):
    path.write_text(f"--- a/code.c\n+++ b/code.c\n@@ -1,3 +1,3 @@\n one\n-{old}\n+{new}\n three\n", encoding="utf-8")
    return path


def _entry(ctx):
    files = ctx.work / "cache/objects/abc/files"
    files.mkdir(parents=True)
    (files / "code.c").write_text("one\ntwo\nthree\n", encoding="utf-8")
    (files / "link.c").symlink_to("code.c")
    (files.parent / "entry.json").write_text(json.dumps({"package": "stone", "version": "1", "files": {}}), encoding="utf-8")
    return files


def _apply(ctx, files, *patches, status=0):
    return ctx.run(ctx.python, "scripts/fetch/patched.py", "--cache", ctx.work / "cache", "--files", files, *patches, status=status).strip()


def order(ctx):
    """The second builds on the first; the payload stays as it was; the same again is the same folder; its entry names both."""
    files = _entry(ctx)
    one, two = _patch(ctx.work / "0001-a.patch", "two", "2"), _patch(ctx.work / "0002-b.patch", "2", "II")
    folder = _apply(ctx, files, one, two)
    said = ctx.run("cat", f"{folder}/link.c")
    expect(said == "one\nII\nthree\n", f"made was: {said}")
    expect((files / "code.c").read_text(encoding="utf-8") == "one\ntwo\nthree\n", "the payload was written to")
    expect(_apply(ctx, files, one, two) == folder and _apply(ctx, files, one) != folder, "what it is made of does not name it")
    entry = json.loads(ctx.run("cat", f"{folder}/../entry.json"))
    expect([patch["name"] for patch in entry["patches"]] == ["0001-a.patch", "0002-b.patch"], f"{entry}")
    expect(entry["files"]["code.c"][0] == len("one\nII\nthree\n") and entry["version"] == "1", f"{entry}")


def refused(ctx):
    """One that does not apply is named, and nothing is left of it."""
    files = _entry(ctx)
    one, two = _patch(ctx.work / "0001-a.patch", "two", "2"), _patch(ctx.work / "0002-b.patch", "two", "II")
    said = _apply(ctx, files, one, two, status=1)
    expect("0002-b.patch: does not apply" in said and "0001" not in said, f"said was: {said}")
    expect(not list((ctx.work / "cache/patched/objects").iterdir()), "something is left")


def build(ctx):
    """By make: a tree's mbedtls is what is compiled, U-Boot's what is built; an unknown component is named."""
    tree, out = ctx.work / "mine", ctx.work / "o"
    folder = tree / "patches/mbedtls"
    folder.mkdir(parents=True)
    ctx.make("qemu_arm64_defconfig", f"ASHLAR_EXTERNAL={tree}", o=out)
    plain = ctx.make("print-patched", f"ASHLAR_EXTERNAL={tree}", o=out).strip()
    expect(plain.splitlines()[-1].startswith("mbedtls-src: none"), f"said was: {plain}")
    text = ctx.run("head", "-1", plain.splitlines()[-1].split()[-1] + "/LICENSE").rstrip("\n")
    (folder / "0001-mine.patch").write_text(
        f"--- a/LICENSE\n+++ b/LICENSE\n@@ -1,1 +1,2 @@\n+mine\n {text}\n", encoding="utf-8")
    said = ctx.make("print-patched", f"ASHLAR_EXTERNAL={tree}", o=out).strip().splitlines()[-1]
    expect(said.startswith("mbedtls-src: 0001-mine.patch"), f"said was: {said}")
    expect(ctx.run("head", "-1", said.split()[-1] + "/LICENSE") == "mine\n", "not the patched one")
    (tree / "patches/linux").mkdir()
    (tree / "patches/linux/0001-x.patch").write_text("x", encoding="utf-8")
    said = ctx.make("print-patched", f"ASHLAR_EXTERNAL={tree}", o=out, status="error")
    expect("patches/linux" in said and "u-boot tf-a mbedtls" in said, f"said was: {said}")
