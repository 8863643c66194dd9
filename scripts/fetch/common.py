# SPDX-License-Identifier: Apache-2.0
"""What every part of the fetcher shares: its one error, its messages, sizes and digests.

A refusal is a FetchError whose text says what happened and what to do; fetch.py prints it
once and ends with status 1. Nothing else in this folder prints an error or exits.
"""

import hashlib
import os
import sys


class FetchError(Exception):
    """One clear reason why the fetch cannot go on."""


def say(text):
    """Print one line of progress."""
    print(f"  FETCH   {text}", flush=True)


def warn(text):
    """Print one line about something the user should know, but that stops nothing."""
    print(f"fetch: note: {text}", file=sys.stderr, flush=True)


def human(size):
    """Return a byte count as a reader wants it: 94.3 MB."""
    for unit, divisor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= divisor:
            return f"{size / divisor:.1f} {unit}"
    return f"{size} bytes"


def tilde(path):
    """Return a path with the home folder shortened, for messages only."""
    home = os.path.expanduser("~")
    return "~" + path[len(home):] if path.startswith(home + "/") else path


def digest_file(path, kind="sha256"):
    """Return a digest of a file in hexadecimal."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, kind).hexdigest()


def write_by_rename(path, text):
    """Replace a small text file so that no reader ever sees half of it; leave an equal one."""
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    if os.path.exists(path):
        with open(path, encoding="utf-8") as stream:
            if stream.read() == text:
                return
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.rename(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
