# SPDX-License-Identifier: Apache-2.0
"""The ways in which somebody may change a FIT after it was signed.

Each takes the file's bytes and gives others; none needs a key. The wrong-key cases
are in resign.py.
"""
import hashlib
import struct
import subprocess

from tests.fdt import Fit
from tests.runner.context import Failure, expect


def _config(fit):
    name = fit.nodes["/configurations"].strings("default")[0]
    return fit.nodes[f"/configurations/{name}"]


def _flipped(data, at):
    out = bytearray(data)
    out[at] ^= 0x01
    return bytes(out)


def _replaced(data, at, old, new):
    expect(len(old) == len(new) and data[at:at + len(old)] == old, f"no {old!r} at {at}")
    return data[:at] + new + data[at + len(old):]


def images(data):
    """Names of the images that the default configuration starts with, in its order."""
    fit = Fit(data)
    config = _config(fit)
    names = [n for prop in ("kernel", "fdt", "ramdisk", "loadables") if prop in config.props
             for n in config.strings(prop)]
    return list(dict.fromkeys(names))


def image_of(data, prop):
    """Name of the image that the default configuration has as its kernel, fdt or ramdisk."""
    return _config(Fit(data)).strings(prop)[0]


def flip_image(data, name):
    """One bit in the middle of an image."""
    offset, size = Fit(data).image_span(name)
    return _flipped(data, offset + size // 2)


def flip_last(data, name):
    """One bit of an image's last byte."""
    offset, size = Fit(data).image_span(name)
    return _flipped(data, offset + size - 1)


def rehash(data, name):
    """One bit of an image, and the digest in the tree made right again."""
    fit = Fit(data)
    offset, size = fit.image_span(name)
    data = _flipped(data, offset + size // 2)
    hashes = [n for n in fit.children(f"/images/{name}") if "value" in n.props]
    expect(len(hashes) == 1 and hashes[0].strings("algo") == ["sha256"], f"{name}: digests")
    at, old = hashes[0].props["value"]
    return _replaced(data, at, old, hashlib.sha256(data[offset:offset + size]).digest())


def _signature(fit):
    config = _config(fit)
    found = [n for n in fit.children(config.path) if n.path.split("/")[-1].startswith("signature")]
    expect(len(found) == 1, "exactly one signature was expected")
    return found[0]


def flip_signature(data):
    """One bit of the signature."""
    return _flipped(data, _signature(Fit(data)).props["value"][0] + 17)


def no_signature(data):
    """The signature's node renamed: the file is unsigned."""
    return _replaced(data, _signature(Fit(data)).name_at, b"signature", b"xignature")


def edit_config(data):
    """A value of the configuration node itself."""
    config = _config(Fit(data))
    for name in ("ashlar,rollback", "description"):
        if name in config.props:
            at, value = config.props[name]
            return _flipped(data, at + len(value) - (1 if name.startswith("ashlar") else 2))
    raise Failure("the configuration has neither of the values to edit")


def rename_property(data, name):
    """A property's name in the strings block, as long as before."""
    head = Fit(data).strings_span
    word = b"\0" + name + b"\0"
    where = data.index(word, *head)
    return _replaced(data, where, word, word[:-2] + b"z\0")


def swap_images(data):
    """Two images change places: what is not signed directly, the place, is edited."""
    fit = Fit(data)
    first, second = (fit.nodes[f"/images/{n}"] for n in images(data)[:2])
    for prop in ("data-offset", "data-position", "data-size"):
        if prop in first.props:
            (at_a, a), (at_b, b) = first.props[prop], second.props[prop]
            data = _replaced(_replaced(data, at_a, a, b), at_b, b, a)
    return data


def far_image(data):
    """An image's place moved far behind the file's end."""
    node = Fit(data).nodes[f"/images/{images(data)[0]}"]
    prop = "data-offset" if "data-offset" in node.props else "data-position"
    at, value = node.props[prop]
    return _replaced(data, at, value, struct.pack(">I", 0x7FFFF000))


def truncate(data):
    """The second half is missing."""
    return data[:len(data) // 2]


def other_config(data, folder):
    """A second, unsigned configuration with the same images, made the default."""
    tree = Fit(data)
    config = _config(tree)
    path = folder / "tree.dtb"
    path.write_bytes(data[:tree.size])
    new = "/configurations/conf-2"
    run = ["fdtput", "-c", str(path), new]
    subprocess.run(run, check=True)
    for name, (_, value) in config.props.items():
        as_bytes = [f"{byte:x}" for byte in value]
        subprocess.run(["fdtput", "-t", "bx", str(path), new, name, *as_bytes], check=True)
    subprocess.run(["fdtput", "-t", "s", str(path), "/configurations", "default", "conf-2"], check=True)
    edited = path.read_bytes()
    expect(len(edited) <= tree.size, "the tree has no room for a second configuration")
    edited = edited.ljust(tree.size, b"\0")
    return edited[:4] + struct.pack(">I", tree.size) + edited[8:] + data[tree.size:]
