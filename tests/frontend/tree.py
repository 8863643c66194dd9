# SPDX-License-Identifier: Apache-2.0
"""A copy of the sources for tests that edit them, and snapshots of what a build wrote."""
import hashlib
import shutil
import subprocess

from tests.runner.context import expect

NOT_SOURCE = {".git", "build", "out", ".config", ".config.old", "__pycache__", "defconfig",
              "compile_commands.json"}


def _files(root):
    """Every file a clone would have, edited ones as they are now."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-coz", "--exclude-standard"],
                            capture_output=True, check=False)
    if listed.returncode == 0 and (root / ".git").exists():
        names = [n.decode() for n in listed.stdout.split(b"\0") if n]
        return [n for n in names if (root / n).is_file() or (root / n).is_symlink()]
    return [str(p.relative_to(root)) for p in root.rglob("*")
            if p.is_file() and not NOT_SOURCE & set(p.relative_to(root).parts)]


def copy_sources(root, target):
    """A fresh copy of the sources, times kept."""
    shutil.rmtree(target, ignore_errors=True)
    for name in _files(root):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, target / name, follow_symlinks=False)
    return target


def times(folder):
    """When each file below was last written, in nanoseconds, and its inode."""
    return {str(p.relative_to(folder)): (p.stat().st_mtime_ns, p.stat().st_ino)
            for p in folder.rglob("*") if p.is_file()}


def digests(folder):
    """SHA-256 of each file below."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        with open(path, "rb") as file:
            found[str(path.relative_to(folder))] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def written(before, after):
    """Names of the files that are new or were written again."""
    return {name for name, when in after.items() if before.get(name) != when}


def edit(path, old, new):
    """Replace a text that must be there."""
    text = path.read_text(encoding="utf-8")
    expect(old in text, f'{path} has no "{old}"')
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
