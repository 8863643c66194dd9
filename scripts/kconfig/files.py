# SPDX-License-Identifier: Apache-2.0
"""Writing files whole: beside the target first, then renamed over it; untouched when nothing changed."""

import os
import tempfile


def read_file(path):
    """The file's text; None when there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def replace_file(path, text, keep_old=False):
    """Make @path hold @text. Return whether it had to change."""
    old = read_file(path)
    if old == text:
        return False
    if keep_old and old is not None:
        _write(path + ".old", old)
    _write(path, text)
    return True


def _write(path, text):
    path = os.path.realpath(path)
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    handle, temp = tempfile.mkstemp(prefix=".tmp-", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temp, 0o666 & ~mask)
        os.replace(temp, path)
    except BaseException:
        os.unlink(temp)
        raise


def touch(path):
    """Give @path the time of now."""
    with open(path, "a", encoding="utf-8"):
        os.utime(path)
