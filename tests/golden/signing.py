# SPDX-License-Identifier: Apache-2.0
"""Signing by the host tool, checked without it: signed bytes, signature and U-Boot's numbers are computed here."""
import hashlib
import os
import re
import stat
import struct

from tests.fdt import Fit, Tree
from tests.golden import plans
from tests.runner import small_disk
from tests.runner.context import expect

BATCH = 200
PLACES = ("data", "data-size", "data-position", "data-offset")
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")  # RFC 8017 section 9.2, note 1


class Bench:
    """A packed bundle, keys, and the tool."""

    def __init__(self, ctx):
        self.ctx, self.tool, self.work = ctx, ctx.out / "demo/host/ashlar", ctx.work
        run = plans.runner(ctx)
        source = plans.HERE / "accepted/two-domains.dts"
        _, status, (self.plan, self.bundle) = plans.pack(run, self.tool, source, ctx.work / "pack")
        expect(status == 0, "the plan was not packed")
        self.key = self.rsa("key", 2048)

    def rsa(self, name, bits):
        path = self.work / f"{name}.pem"
        self.ctx.run("openssl", "genrsa", "-out", path, bits)
        return path

    def ashlar(self, *argv, status=0):
        return self.ctx.run(self.tool, *argv, status=status)

    def sign(self, name, key=None, status=0, source=None):
        out = self.work / name
        text = self.ashlar("sign", "--key", key or self.key, "--output", out, source or self.bundle, status=status)
        return out if status == 0 else text

    def modulus(self, key=None):
        text = self.ctx.run("openssl", "rsa", "-in", key or self.key, "-modulus", "-noout")
        return int(text.split("=")[1], 16)


def _tokens(data):
    """(token, begin, end, name) of the structure block; a property's name is in the strings block."""
    at, strings = struct.unpack_from(">2I", data, 8)
    while True:
        begin, (token,) = at, struct.unpack_from(">I", data, at)
        at, name = at + 4, ""
        if token == 1:
            name = data[at:data.index(b"\0", at)].decode()
            at = (at + len(name) + 4) & ~3
        elif token == 3:
            size, where = struct.unpack_from(">2I", data, at)
            name = data[strings + where:data.index(b"\0", strings + where)].decode()
            at = (at + 8 + size + 3) & ~3
        yield token, begin, at, name
        if token == 9:
            return


def _signed_bytes(data, nodes):
    """U-Boot's signed regions: listed nodes whole but for the places, their children's tags, the end, the names."""
    out, path = b"", []
    for token, begin, end, name in _tokens(data):
        if token == 1:
            path.append(name)
        here = "/".join(path) or "/"
        tags = here in nodes or ("/".join(path[:-1]) or "/") in nodes and len(path) > 1
        if token == 9 or token in (1, 2) and tags or token == 3 and here in nodes and name not in PLACES:
            out += data[begin:end]
        if token == 2:
            path.pop()
    fit = Fit(data)
    count = fit.nodes["/configurations/conf-1/signature-1"].cells("hashed-strings")[1]
    strings = struct.unpack_from(">I", data, 12)[0]
    return out + data[strings:strings + count]


def _opened(value, modulus):
    """The digest inside a PKCS#1 v1.5 signature."""
    block = pow(int.from_bytes(value, "big"), 65537, modulus).to_bytes(len(value), "big")
    head = b"\0\1" + b"\xff" * (len(value) - 3 - len(SHA256_INFO) - 32) + b"\0" + SHA256_INFO
    expect(block[:-32] == head, "not a PKCS#1 v1.5 signature over SHA-256")
    return block[-32:]


def _check_signature(data, modulus):
    fit = Fit(data)
    conf = fit.nodes["/configurations/conf-1"]
    named = {"/", conf.path}
    for prop in ("fdt", "loadables"):
        for image in conf.strings(prop):
            named |= {f"/images/{image}", f"/images/{image}/hash-1"}
    value = fit.nodes["/configurations/conf-1/signature-1"].props["value"][1]
    digest = hashlib.sha256(_signed_bytes(data, named)).digest()
    expect(_opened(value, modulus) == digest, "the signature is over other bytes")


def bundle(ctx):
    """A signed bundle: right by other means, the same twice, moved by no byte; what is not right is refused."""
    bench = Bench(ctx)
    one, two = bench.sign("one"), bench.sign("two")
    data = one.read_bytes()
    expect(data == two.read_bytes(), "two signatures differ")
    _check_signature(data, bench.modulus())
    tree = Fit(data).size
    expect(data[tree:] == bench.bundle.read_bytes()[tree:], "signing moved an image")
    expect("signed already" in bench.sign("thrice", status=2, source=one), "signed twice")

    public, other = ctx.work / "public.pem", bench.rsa("other", 2048)
    ctx.run("openssl", "rsa", "-in", bench.key, "-pubout", "-out", public)
    expect("digests match" in bench.ashlar("verify", "--key", public, one), "the public key does not verify")
    expect("does not verify" in bench.ashlar("verify", "--key", other, one, status=1), "another key verifies")
    expect("not signed" in bench.ashlar("verify", "--key", public, bench.bundle, status=1), "unsigned verifies")
    changed = bytearray(data)
    changed[Fit(data).image_span("rule-ramdisk")[0] + 5] ^= 1
    (ctx.work / "changed").write_bytes(changed)
    said = bench.ashlar("verify", "--key", public, ctx.work / "changed", status=1)
    expect('image "rule-ramdisk" does not match its digest' in said, "a changed image verifies")


def keys(ctx):
    """What is no key for us is refused, and nothing is left behind."""
    bench = Bench(ctx)
    elliptic, public, junk = (ctx.work / f"{n}.pem" for n in ("elliptic", "public", "junk"))
    ctx.run("openssl", "ecparam", "-genkey", "-name", "secp521r1", "-out", elliptic)
    ctx.run("openssl", "rsa", "-in", bench.key, "-pubout", "-out", public)
    junk.write_text("no key\n", encoding="utf-8")
    none = "not a private key of RSA, P-256 or P-384 in PEM form without password; one is made by: openssl genrsa"
    for key, words in ((elliptic, none), (public, none), (junk, none), (ctx.work / "absent.pem", "No such file"),
                       (bench.rsa("short", 1024), "1024 bits")):
        expect(words in bench.sign("refused", key=key, status=2), f"{key.name}: other words")
    bench.ashlar("sign", "--key", bench.key, "--output", "/nonexistent/out", bench.bundle, status=2)
    left = [p.name for p in ctx.work.iterdir() if p.name.startswith("refused")]
    expect(not left, f"{left} left behind")
    shown = bench.ashlar("keyinfo", bench.key)
    modulus = bench.modulus().to_bytes(256, "big")
    known = hashlib.sha256(modulus + b"\1\0\1").hexdigest()[:16]
    expect(known in shown and bench.ashlar("keyinfo", "--id", public) == known + "\n", "another id")
    expect(f'.id = "{known}"' in bench.ashlar("keyinfo", "--c", public), "another id in C")


def outputs(ctx):
    """What is printed arrives, or it is said; a device is never replaced; a key half made leaves nothing."""
    bench = Bench(ctx)
    for words in (("keyinfo", bench.key), ("images", ctx.work / "pack/plan.src.dtb"), ("inspect", bench.bundle), ("--help",)):
        said = ctx.run("sh", "-c", '"$@" > /dev/full', "sh", bench.tool, *words, status=2)
        expect("standard output cannot be written: No space left" in said, f"{words[0]} on a full disk")
    pipe = ctx.work / "pipe"
    os.mkfifo(pipe)
    expect("it is no file" in bench.sign("pipe", status=2), "a pipe was taken for a file")
    expect(stat.S_ISFIFO(pipe.lstat().st_mode), "the pipe was replaced")
    _broken_openssl(ctx, bench)
    _full_disk(ctx, bench)


def _broken_openssl(ctx, bench):
    (ctx.work / "bin").mkdir()
    script = ctx.work / "bin/openssl"
    script.write_text('#!/bin/sh\nwhile [ "$1" != -keyout ]; do shift; done; echo half > "$2"; exit 1\n', encoding="utf-8")
    script.chmod(0o755)
    env = ctx.env(XDG_DATA_HOME=ctx.work / "data", PATH=f"{ctx.work}/bin:/usr/bin:/bin")
    expect("openssl cannot make" in ctx.run(bench.tool, "devkey", env=env, status=2), "another reason")
    expect(not list((ctx.work / "data/ashlar").iterdir()), "half a key was left")
    said = ctx.run(bench.tool, "devkey", env=dict(env, XDG_DATA_HOME="/dev/null/data"), status=2)
    expect("XDG_DATA_HOME" in said and "CONFIG_SIGN_KEY" in said, "no way out")


def _full_disk(ctx, bench):
    """mkimage's room runs out: the reason, not how mkimage is called."""
    large = ctx.work / "large"
    large.write_bytes(bench.bundle.read_bytes().ljust(6 << 20, b"\0"))
    text = small_disk.run(ctx, "4m", ctx.work / "small", bench.tool, "sign", "--key", bench.key,
                          "--output", ctx.work / "small/outer.itb", "--plan", bench.plan, "--hypervisor",
                          ctx.work / "pack/hypervisor", "--fdt", ctx.work / "pack/plan.src.dtb", "--bundle", large,
                          status=2)
    expect(text.count("\n") == 1 and "mkimage needs 13 MiB" in text, "another refusal")


def devkey(ctx):
    """One key for each user, made once even by two at a time, for nobody else to read."""
    bench = Bench(ctx)
    env = dict(ctx.env(), XDG_DATA_HOME=str(ctx.work / "data"))
    text = ctx.run("sh", "-c", f"{bench.tool} devkey 2>/dev/null & {bench.tool} devkey 2>/dev/null; wait", env=env)
    path = ctx.work / "data/ashlar/dev.key"
    expect(text == f"{path}\n{path}\n", "another place")
    before = path.read_bytes()
    expect(path.stat().st_mode & 0o777 == 0o600, "others can read it")
    expect([p.name for p in path.parent.iterdir()] == ["dev.key"], "something else is there")
    ctx.run(bench.tool, "devkey", env=env)
    expect(path.read_bytes() == before, "made again")
    expect("RSA-3072, INSECURE DEV KEY" in bench.ashlar("keyinfo", path), "it does not say what it is")
    said = bench.ashlar("sign", "--release", "--key", path, "--output", ctx.work / "released", bench.bundle, status=2)
    expect("an INSECURE DEV KEY cannot sign a release; let CONFIG_SIGN_KEY" in said, "a release by the dev key")
    bench.ashlar("sign", "--release", "--key", bench.key, "--output", ctx.work / "released", bench.bundle)
    signed = bench.sign("signed", key=path)
    expect("INSECURE DEV KEY" in bench.ashlar("inspect", signed), "inspect does not say it")
    expect(str(ctx.work).encode() not in signed.read_bytes(), "its path is in the image")


def control(ctx):
    """What U-Boot needs of a key, computed here again."""
    bench = Bench(ctx)
    out = ctx.work / "control.dtb"
    bench.ashlar("sign", "--key", bench.key, "--output", out, "--control", ctx.work / "pack/plan.src.dtb")
    tree, modulus = Tree(out.read_bytes()), bench.modulus()
    found = tree.children("/signature")
    expect(len(found) == 1, "not one key")
    key = found[0]
    expect(key.strings("required") == ["conf"] and key.strings("algo") == ["sha256,rsa2048"], "not required")
    expect(key.number("rsa,num-bits") == 2048 and key.number("rsa,exponent") == 65537, "another size")
    expect(key.number("rsa,modulus") == modulus, "another modulus")
    expect(key.number("rsa,r-squared") == pow(2, 4096, modulus), "another R^2")
    expect(key.number("rsa,n0-inverse") == -pow(modulus, -1, 1 << 32) % (1 << 32), "another inverse")
    text = bench.ashlar("sign", "--key", bench.key, "--output", ctx.work / "again", "--control", out, status=2)
    expect("has keys already" in text, "a second key")


def outer(ctx):
    """The outer FIT by mkimage: as its parts say, the same from other places, without their paths."""
    bench = Bench(ctx)
    inner = bench.sign("bundle.itb")
    outputs = []
    for folder in ("here", "there"):
        board, out = ctx.work / folder / "board.dtb", ctx.work / folder / "outer.itb"
        board.parent.mkdir()
        board.write_bytes((ctx.work / "pack/plan.src.dtb").read_bytes())
        bench.ashlar("sign", "--key", bench.key, "--output", out, "--plan", bench.plan, "--hypervisor",
                     ctx.work / "pack/hypervisor", "--fdt", board, "--bundle", inner)
        expect([p.name for p in sorted(board.parent.iterdir())] == ["board.dtb", "outer.itb"], "something is left")
        outputs.append(out)
    data = outputs[0].read_bytes()
    expect(data == outputs[1].read_bytes(), "the folder shows")
    expect(str(ctx.work).encode() not in data, "a path is in the image")
    said = bench.ashlar("verify", "--key", bench.key, outputs[0])
    expect("outer.itb: good" in said and "outer.itb: bundle: good" in said, "not both were verified")
    load = plans.ranges(Tree(bench.plan.read_bytes()), "/reserved-memory/hypervisor", "reg")[0][0]
    fit = Fit(data)
    expect(fit.nodes["/images/hypervisor"].number("load") == load, "another load address")
    expect(fit.nodes["/configurations/conf-1"].number("ashlar,rollback") == 7, "not the bundle's version counter")
    dumped = ctx.run("dumpimage", "-l", outputs[0])
    expect("sha256,rsa2048" in dumped and "RAMDisk Image" in dumped, "dumpimage reads something else")


def _uncovered(said):
    """The bytes that inspect --coverage lists."""
    spans = [(int(m[1], 16), int(m[2], 16)) for m in re.finditer(r"not covered: 0x(\w+)-0x(\w+) ", said)]
    return {at for begin, end in spans for at in range(begin, end)}


def _contents(data):
    """What would run: the images that the default configuration names, by name; None if an independent reader finds none."""
    try:
        fit = Fit(data)
        default = fit.nodes["/configurations"].strings("default")[0]
        conf, base, found = fit.nodes[f"/configurations/{default}"], (fit.size + 3) & ~3, {}
        for prop in ("kernel", "fdt", "ramdisk"):
            image = fit.nodes["/images/" + conf.strings(prop)[0]]
            at = base + image.number("data-offset")
            found[prop] = hashlib.sha256(data[at:at + image.number("data-size")]).digest()
        return found, conf.number("ashlar,rollback")
    except (KeyError, ValueError, IndexError, struct.error):
        return None


def _flipped_each(bench, data, places, *options):
    """(place, changed bytes, was it refused?) for a flipped bit at each place."""
    for first in range(0, len(places), BATCH):
        paths = []
        for n, at in enumerate(places[first:first + BATCH]):
            path = bench.work / f"flip-{n}.itb"
            path.write_bytes(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1:])
            paths.append((at, path))
        said = bench.ctx.run(bench.tool, "verify", *options, "--key", bench.key, *(path for _, path in paths), status=None)
        for at, path in paths:
            yield at, path.read_bytes(), f"{path}: refused: " in said or f"{path}: bundle: refused: " in said


def coverage(ctx):
    """Every byte of the tree, and some of what is behind it, flipped. On the target a covered one is refused, and one that is listed as
    not covered changes nothing that runs; `ashlar verify` refuses them all, and files that end sooner or later."""
    bench = Bench(ctx)
    data = _small_outer(bench).read_bytes()
    listed = _uncovered(bench.ashlar("inspect", "--coverage", ctx.work / "outer.itb"))
    tree = Fit(data).size
    places = [*range(tree), *(at for at in sorted(listed) if at >= tree and at % 97 == 0), *range(tree, len(data), len(data) // 60)]
    expect(500 < len(listed) < tree and len(set(places) - listed) > 1000, "the list is no list")
    for at, changed, refused in _flipped_each(bench, data, places, "--target"):
        expect(refused or at in listed, f"byte {at:#x} is covered, and was not refused")
        expect(refused or _contents(changed) == _contents(data), f"byte {at:#x} is not covered, and changes what runs")
    for at, _, refused in _flipped_each(bench, data, places):
        expect(refused, f"ashlar verify accepts another byte at {at:#x}")
    for name, other in (("more", data + bytes(8)), ("less", data[:-8])):
        (ctx.work / name).write_bytes(other)
        expect("refused: " in bench.ashlar("verify", "--key", bench.key, ctx.work / name, status=1), f"{name} bytes")


def _small_outer(bench):
    """An outer image with little in it, and a signed bundle of one page."""
    work, out, page = bench.work, bench.work / "outer.itb", bytes(range(256)) * 16
    (work / "small.dts").write_text(f"""/dts-v1/;
        / {{ images {{ plan {{ data-position = <8192>; data-size = <{len(page)}>; hash-1 {{ algo = "sha256";
                value = [{hashlib.sha256(page).hexdigest()}]; }}; }}; }};
            configurations {{ default = "conf-1"; conf-1 {{ fdt = "plan"; ashlar,rollback = <7>; }}; }}; }};""", encoding="utf-8")
    bench.ctx.run("dtc", "-q", "-S", "8192", "-O", "dtb", "-o", work / "small.dtb", work / "small.dts")
    (work / "small").write_bytes((work / "small.dtb").read_bytes() + page)
    (work / "little").write_bytes(page)
    bench.ashlar("sign", "--key", bench.key, "--output", out, "--plan", bench.plan, "--hypervisor", work / "little", "--fdt",
                 work / "little", "--bundle", bench.sign("small.itb", source=work / "small"))
    bench.ashlar("verify", "--key", bench.key, out)
    return out


def _curve_key(ctx, name, curve):
    path = ctx.work / f"{name}.pem"
    ctx.run("openssl", "ecparam", "-genkey", "-name", curve, "-noout", "-out", path)
    ctx.run("openssl", "pkey", "-in", path, "-pubout", "-out", ctx.work / f"{name}.pub")
    return path


def _integer(data):
    data = data.lstrip(b"\0") or b"\0"
    data = b"\0" + data if data[0] & 0x80 else data
    return bytes([2, len(data)]) + data


def _opened_by_openssl(ctx, name, data, node):
    """openssl, which knows nothing of us, verifies the pair of numbers over the signed bytes."""
    fit = Fit(data)
    conf = fit.nodes["/configurations/conf-1"]
    named = {"/", conf.path}
    for prop in ("fdt", "loadables"):
        for image in conf.strings(prop):
            named |= {f"/images/{image}", f"/images/{image}/hash-1"}
    value = fit.nodes[f"/configurations/conf-1/{node}"].props["value"][1]
    half = len(value) // 2
    pair = _integer(value[:half]) + _integer(value[half:])
    (ctx.work / "pair").write_bytes(bytes([0x30, len(pair)]) + pair)
    (ctx.work / "signed").write_bytes(_signed_bytes(data, named))
    ctx.run("openssl", "dgst", "-sha256", "-verify", ctx.work / f"{name}.pub", "-signature", ctx.work / "pair",
            ctx.work / "signed")


def ecdsa(ctx):
    """On either curve: by an independent reader, the same twice; U-Boot's parts want RSA still."""
    bench = Bench(ctx)
    for name, curve, algo in (("p256", "prime256v1", "ecdsa256"), ("p384", "secp384r1", "ecdsa384")):
        key = _curve_key(ctx, name, curve)
        one, two = bench.sign(f"{name}-one", key=key), bench.sign(f"{name}-two", key=key)
        data = one.read_bytes()
        expect(data == two.read_bytes(), f"{name}: two signatures differ")
        expect(Fit(data).nodes["/configurations/conf-1/signature-1"].strings("algo") == [f"sha256,{algo}"], "its word")
        _opened_by_openssl(ctx, name, data, "signature-1")
        expect("good" in bench.ashlar("verify", "--key", ctx.work / f"{name}.pub", one), f"{name} does not verify")
        expect("another kind" in bench.ashlar("verify", "--key", bench.key, one, status=1), "RSA verifies ECDSA")
        said = bench.ashlar("sign", "--key", key, "--output", ctx.work / "refused", "--control", bench.bundle, status=2)
        expect("not an RSA key; U-Boot verifies no other kind" in said, "an elliptic key for U-Boot")
        expect(f"ECDSA P-{algo[-3:]}" in bench.ashlar("keyinfo", key), "keyinfo")
        expect("exponent" not in bench.ashlar("keyinfo", "--c", key), "an exponent in C")
    expect("does not verify" in bench.ashlar("verify", "--key", _curve_key(ctx, "other", "secp384r1"), one, status=1), "another key")


def detached(ctx):
    """The digest goes out, a signature made elsewhere comes in, and the result is the one made here; else it is refused."""
    bench = Bench(ctx)
    public, digest, made = ctx.work / "public.pem", ctx.work / "digest", ctx.work / "made"
    ctx.run("openssl", "rsa", "-in", bench.key, "-pubout", "-out", public)
    bench.ashlar("sign", "--key", public, "--digest", "--output", digest, bench.bundle)
    expect(digest.stat().st_size == 32, "not a SHA-256")
    sign = ("openssl", "pkeyutl", "-sign", "-pkeyopt", "digest:sha256", "-in", digest, "-out", made, "-inkey")
    ctx.run(*sign, bench.key)
    bench.ashlar("sign", "--key", public, "--signature", made, "--output", ctx.work / "imported", bench.bundle)
    expect((ctx.work / "imported").read_bytes() == bench.sign("here").read_bytes(), "another result")
    for name in ("p256", "p384"):
        key = _curve_key(ctx, name, {"p256": "prime256v1", "p384": "secp384r1"}[name])
        bench.ashlar("sign", "--key", ctx.work / f"{name}.pub", "--digest", "--output", digest, bench.bundle)
        ctx.run(*sign, key)
        bench.ashlar("sign", "--key", ctx.work / f"{name}.pub", "--signature", made, "--output", ctx.work / name, bench.bundle)
        _opened_by_openssl(ctx, name, (ctx.work / name).read_bytes(), "signature-1")
    ctx.run(*sign, bench.rsa("other", 2048))
    refused = ("sign", "--key", public, "--signature", made, "--output", ctx.work / "bad", bench.bundle)
    expect("signed, but does not verify" in bench.ashlar(*refused, status=2), "a signature by another key")
    made.write_bytes(b"short")
    expect("5 bytes, a signature by this key has 256" in bench.ashlar(*refused, status=2), "a short signature")
    expect(not (ctx.work / "bad").exists(), "a refused image has its name")


def token(ctx):
    """A key in a PKCS#11 token signs bundle and outer image as it would from a file; the PIN is the environment's or a descriptor's."""
    bench = Bench(ctx)
    (ctx.work / "tokens").mkdir()
    (ctx.work / "softhsm2.conf").write_text(f"directories.tokendir = {ctx.work}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n",
                                            encoding="utf-8")
    hsm = {"SOFTHSM2_CONF": ctx.work / "softhsm2.conf"}
    ctx.run("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", bench.key, "-out", ctx.work / "key.p8")
    ctx.run("openssl", "rsa", "-in", bench.key, "-pubout", "-out", ctx.work / "public.pem")
    ctx.run("softhsm2-util", "--init-token", "--free", "--label", "ash lar", "--pin", "1234", "--so-pin", "5678", env=ctx.env(**hsm))
    ctx.run("softhsm2-util", "--import", ctx.work / "key.p8", "--token", "ash lar", "--label", "sign", "--id", "01", "--pin", "1234",
            env=ctx.env(**hsm))
    by = ctx.work / "token.key"
    uri = "pkcs11:token=ash%20lar;object=sign?module-path=/usr/lib/softhsm/libsofthsm2.so\n"
    public = (ctx.work / "public.pem").read_text(encoding="utf-8")
    by.write_text(uri + public, encoding="utf-8")
    expect(", in a token" in bench.ashlar("keyinfo", by), "keyinfo does not say where it is")
    parts = ("--plan", bench.plan, "--hypervisor", ctx.work / "pack/hypervisor", "--fdt", ctx.work / "pack/plan.src.dtb", "--bundle")
    bundle_of = bench.sign("here.itb")
    for what, argv in (("bundle", [bench.bundle]), ("outer", [*parts, bundle_of])):
        made = [ctx.work / f"{what}-{name}" for name in ("file", "token", "descriptor")]
        bench.ashlar("sign", "--key", bench.key, "--output", made[0], *argv)
        ctx.run(bench.tool, "sign", "--key", by, "--output", made[1], *argv, env=ctx.env(ASHLAR_PIN="1234", **hsm))
        ctx.run("sh", "-c", 'exec 7<"$1"; shift; ASHLAR_PIN_FD=7 "$@"', "sh", _pin(ctx), bench.tool, "sign", "--key", by, "--output",
                made[2], *argv, env=ctx.env(**hsm))
        expect(made[0].read_bytes() == made[1].read_bytes() == made[2].read_bytes(), f"{what}: another signature")
    _token_refused(ctx, bench, by, hsm, uri, public)


def _pin(ctx):
    path = ctx.work / "pin"
    path.write_text("1234\n", encoding="utf-8")
    return path


def _token_refused(ctx, bench, by, hsm, uri, public):
    refused = lambda **env: ctx.run("setsid", "-w", bench.tool, "sign", "--key", by, "--output", ctx.work / "bad", bench.bundle,  # noqa: E731
                                    status=2, env=ctx.env(**hsm, **env))
    expect("C_Login with this PIN fails" in refused(ASHLAR_PIN="4321"), "a wrong PIN")
    expect("no terminal to ask at; set ASHLAR_PIN" in refused(), "no PIN")
    for old, new, why in (("object=sign", "object=other", "no private key is called other"), ("ash%20lar", "none", "has no token of that name"),
                          ("softhsm/", "nothing/", "cannot open shared object file"), (";object=sign", "", "must have token=, object=")):
        by.write_text(uri.replace(old, new) + public, encoding="utf-8")
        expect(why in refused(ASHLAR_PIN="1234"), f"another refusal than: {why}")
    ctx.run("openssl", "rsa", "-in", bench.rsa("other", 2048), "-pubout", "-out", ctx.work / "other.pub")
    by.write_text(uri + (ctx.work / "other.pub").read_text(encoding="utf-8"), encoding="utf-8")
    expect("signed, but does not verify" in refused(ASHLAR_PIN="1234"), "the public key of another")


def roles(ctx):
    """A key for each role, by `ashlar keys`: a signature counts for its own role only, whatever else the key may sign."""
    bench, made = Bench(ctx), ctx.work / "keys"
    said = bench.ashlar("keys", "--name", "Acme", "--output", made)
    for role in ("root", "board", "bundle", "efi", "update"):
        expect(re.search(rf"{role}.key: key \w+: RSA-3072, Acme {role}\n", said), f"no key {role}")
        expect((made / f"{role}.key").stat().st_mode & 0o777 == 0o600, f"others can read {role}")
    expect("is there already; no key is replaced" in bench.ashlar("keys", "--output", made, "board", status=2), "it was replaced")
    expect("boss is no role" in bench.ashlar("keys", "--output", made, "boss", status=2), "a role of its own")
    key = {role: made / f"{role}.key" for role in ("board", "bundle")}
    verdict = {}
    for outer_by in key:
        for inner_by in key:
            name = f"{outer_by}-{inner_by}"
            inner = bench.sign(f"{name}.bundle", key=key[inner_by])
            bench.ashlar("sign", "--key", key[outer_by], "--output", ctx.work / name, "--plan", bench.plan, "--hypervisor",
                         ctx.work / "pack/hypervisor", "--fdt", ctx.work / "pack/plan.src.dtb", "--bundle", inner)
            said = bench.ashlar("verify", "--key", key["board"], "--bundle-key", key["bundle"], ctx.work / name, status=None)
            verdict[name] = [line.split(": ")[1:3] for line in said.splitlines() if "refused" in line]
    expect(verdict == {"board-bundle": [], "bundle-bundle": [["refused", "the signature does not verify with the built-in key"]],
                       "board-board": [["bundle", "refused"]],
                       "bundle-board": [["refused", "the signature does not verify with the built-in key"]]}, f"it says: {verdict}")


def several(ctx):
    """Keys of all kinds sign at once, each can verify; a fifth does not fit, and none can be added later."""
    bench = Bench(ctx)
    keys = [bench.key, _curve_key(ctx, "p256", "prime256v1"), _curve_key(ctx, "p384", "secp384r1"), bench.rsa("fourth", 4096)]
    folder = ctx.work / "pack"
    images = [f"--image=rule:{name}={folder / name}" for name in ("kernel", "ramdisk")]
    roomy, out = ctx.work / "roomy", ctx.work / "all"
    bench.ashlar("pack", *images, "--hypervisor", folder / "hypervisor", "--signatures", 4, "--plan", ctx.work / "plan", "--bundle",
                 roomy, folder / "plan.src.dtb")
    by = [word for key in keys for word in ("--key", key)]
    bench.ashlar("sign", *by, "--output", out, roomy)
    data = out.read_bytes()
    for number, key in enumerate(keys, 1):
        expect("good" in bench.ashlar("verify", "--key", key, out), f"{key.name} does not verify")
        if key.stem in ("p256", "p384"):
            _opened_by_openssl(ctx, key.stem, data, f"signature-{number}")
    expect("good" in bench.ashlar("verify", "--key", bench.rsa("stranger", 2048), "--key", keys[2], out), "any one will do")
    said = bench.ashlar("sign", "--key", keys[0], "--output", ctx.work / "more", out, status=2)
    expect("signed already" in said, "a signature was added")
    said = bench.ashlar("sign", *by, "--key", keys[0], "--output", ctx.work / "more", roomy, status=2)
    expect("5 keys, a bundle has at most 4" in said, "a fifth key")


def run(ctx):
    """The case of the matrix."""
    {"bundle": bundle, "keys": keys, "devkey": devkey, "control": control, "outer": outer,
     "outputs": outputs, "coverage": coverage, "ecdsa": ecdsa, "detached": detached, "token": token, "roles": roles, "several": several}[ctx.args["case"]](ctx)
