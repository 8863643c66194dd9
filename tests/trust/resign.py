# SPDX-License-Identifier: Apache-2.0
"""Signs again with somebody else's key: a good signature, by the wrong one."""
from tests.fdt import Fit
from tests.runner.context import expect


def other_key(ctx, name):
    """A key pair that nobody trusts: NAME.key and a certificate."""
    folder = ctx.work / "other-key"
    folder.mkdir(exist_ok=True)
    ctx.run("openssl", "req", "-batch", "-x509", "-newkey", "rsa:3072", "-nodes", "-days", "3650",
            "-subj", "/CN=somebody else", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt")
    return folder


def _hint(fit):
    signatures = [n for p, n in fit.nodes.items() if "/signature" in p and "key-name-hint" in n.props]
    expect(len(signatures) == 1, "one signature was expected")
    return signatures[0].strings("key-name-hint")[0]


def resign_outer(ctx, data):
    """The card's FIT signed with another key of the same name."""
    keys = other_key(ctx, _hint(Fit(data)))
    path = ctx.work / "resigned.itb"
    path.write_bytes(data)
    ctx.run("mkimage", "-F", "-E", "-B", "0x1000", "-k", keys, "-r", path)
    return path.read_bytes()


def resign_bundle(ctx, unsigned):
    """A bundle signed by the project's own tool, with another key."""
    out = ctx.work / "resigned.bundle"
    ctx.run(ctx.out / "demo/host/ashlar", "sign", "--key", other_key(ctx, "other") / "other.key",
            "--output", out, unsigned)
    return out.read_bytes()
