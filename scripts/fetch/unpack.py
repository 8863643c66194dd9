# SPDX-License-Identifier: Apache-2.0
"""Take the wanted files out of Debian archives.

Only regular files and symbolic links inside the tree are ever created, whatever the archive
holds; modes are reduced to 0644 and 0755.
"""

import os
import posixpath
import shutil
import subprocess
import tarfile

from common import FetchError


def safe_name(name, strip):
    """Return a member's path below the tree's top, or None if it has none."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise FetchError(f"an archive holds a path that leads out of it: {name}")
    return "/".join(parts[strip:]) or None


def put_member(tar, member, path, top):
    """Create one member of an archive below top."""
    target = os.path.join(top, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if member.issym():
        inside = posixpath.normpath(posixpath.join(posixpath.dirname(path), member.linkname))
        if member.linkname.startswith("/") or inside.startswith(".."):
            return
        os.symlink(member.linkname, target)
    elif member.isfile():
        with open(target, "wb") as stream:
            shutil.copyfileobj(tar.extractfile(member), stream, 1 << 20)
        os.chmod(target, 0o755 if member.mode & 0o100 else 0o644)


def unpack_tar(tar, top, strip, wants):
    """Create the wanted members of an open archive below top."""
    for member in tar:
        path = safe_name(member.name, strip)
        if path and wants(path) and not member.isdir():
            put_member(tar, member, path, top)


def unpack_deb(path, top, wants):
    """Take the wanted files out of a binary package."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        try:
            with tarfile.open(fileobj=process.stdout, mode="r|") as tar:
                unpack_tar(tar, top, 0, wants)
            process.stdout.read()
        except tarfile.TarError:
            pass                                # dpkg-deb's status and words say it better
        finally:
            process.stdout.close()
        reason = process.stderr.read().decode(errors="replace").strip()
    if process.returncode:
        raise FetchError(f"dpkg-deb cannot read {os.path.basename(path)}: {reason}")


def unpack_source(paths, top, wants, scratch):
    """Take the wanted files out of a source package, Debian's patches applied."""
    upstream = [path for path in paths if ".orig" in path]
    packaging = [path for path in paths if ".debian.tar" in path]
    tree = os.path.join(scratch, "tree")
    os.makedirs(tree)
    everything = bool(packaging)
    for path in upstream:
        with tarfile.open(path) as tar:
            unpack_tar(tar, tree, 1, lambda name: everything or wants(name))
    for path in packaging:
        with tarfile.open(path) as tar:
            unpack_tar(tar, scratch, 0, lambda name: name.startswith("debian/patches/"))
    apply_patches(tree, os.path.join(scratch, "debian/patches"))
    keep_wanted(tree, top, wants)


def apply_patches(tree, folder):
    """Apply a quilt series; git is the one patch tool every build host has."""
    series = os.path.join(folder, "series")
    if not os.path.exists(series):
        return
    env = dict(os.environ, GIT_CEILING_DIRECTORIES=os.path.dirname(tree))
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        env.pop(name, None)
    with open(series, encoding="utf-8") as stream:
        names = [line.split("#")[0].split() for line in stream]
    for name in [words[0] for words in names if words]:
        done = subprocess.run(["git", "apply", "-p1", os.path.join(folder, name)], cwd=tree,
                              env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise FetchError(f"Debian's patch {name} does not apply: {done.stderr.strip()}")


def keep_wanted(tree, top, wants):
    """Move the wanted files of a patched tree to their place."""
    for folder, _, names in os.walk(tree):
        for name in names:
            source = os.path.join(folder, name)
            path = os.path.relpath(source, tree)
            if wants(path):
                os.makedirs(os.path.dirname(os.path.join(top, path)), exist_ok=True)
                os.rename(source, os.path.join(top, path))
