# SPDX-License-Identifier: Apache-2.0
"""Licences of payloads as SPDX expressions, out of Debian's copyright files.

A machine-readable copyright file (DEP-5) gives for each set of files a licence under a short name of
Debian's. Names with an SPDX identifier become it; any other becomes LicenseRef-Debian-<package>-<name>,
whose text is the file's own. What concerns the packaging alone (debian/*) is left out. The expression is
of the whole source package: which of its files are in a binary, no copyright file says.
"""

import re

PLAIN = {name.lower(): name for name in (
    "Apache-2.0", "BSD-2-Clause", "BSD-2-Clause-Patent", "BSD-3-Clause", "BSD-4-Clause", "BSL-1.0", "CC-BY-4.0",
    "CC-BY-SA-4.0", "CC0-1.0", "FSFAP", "ISC", "MIT", "MIT-0", "Unicode-DFS-2016", "Unlicense", "X11", "Zlib",
    "bzip2-1.0.6", "eCos-2.0", "IBM-pibs", "OFL-1.1", "OpenSSL", "Python-2.0", "W3C")}
PLAIN |= {"expat": "MIT", "bsd-3-clause-berkeley": "BSD-3-Clause"}
GNU = re.compile(r"(AGPL|LGPL|GPL)-([123])(?:\.([01]))?(\+)?", re.IGNORECASE)
EXCEPTIONS = {"linux-syscall-note": "Linux-syscall-note"}
NO_ASSERTION = "NOASSERTION"


def spdx_name(name):
    """Return the SPDX identifier of one of Debian's short names, or None."""
    match = GNU.fullmatch(name)
    if match:
        family, major, minor, later = match.groups()
        return f"{family.upper()}-{major}.{minor or 0}-{'or-later' if later else 'only'}"
    base, _, exception = name.partition(" ")
    match = re.fullmatch(r"with (\S+)( exception)?", exception, re.IGNORECASE)
    if match and spdx_name(base) and match[1].lower() in EXCEPTIONS:
        return f"{spdx_name(base)} WITH {EXCEPTIONS[match[1].lower()]}"
    return PLAIN.get(name.lower())


def paragraphs(text):
    """Yield {field: value} of each paragraph; a value's further lines stay with their line ends."""
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")):
        fields, last = {}, None
        for line in block.split("\n"):
            match = re.match(r"([A-Za-z][A-Za-z0-9-]*):(.*)", line)
            if match:
                last = match[1].lower()
                fields[last] = match[2].strip()
            elif last and line.startswith((" ", "\t")):
                fields[last] += "\n" + line.strip()
        if fields:
            yield fields


def licence_text(value):
    """Return the text below a licence's name; a line with a dot alone is an empty one."""
    lines = value.split("\n")[1:]
    return "\n".join("" if line == "." else line for line in lines).strip()


def together(expressions):
    """Return one expression that demands them all, each once."""
    items = set()
    for expression in expressions:
        items |= {expression} if " OR " in expression else set(expression.split(" AND "))
    several = len(items) > 1
    return " AND ".join(f"({item})" if several and " OR " in item else item for item in sorted(items))


class Copyright:
    """What a copyright file says: an expression, and the texts of the names that SPDX does not know."""

    def __init__(self, package, text):
        self.package = package
        self.texts = {}
        parts = list(paragraphs(text))
        self.known = {}
        for part in parts:
            name, body = part.get("license", "").split("\n")[0].strip(), licence_text(part.get("license", ""))
            if name and body:
                self.known.setdefault(name.lower(), body)
        found = {self.expression(part["license"].split("\n")[0]) for part in parts
                 if part.get("files") and part.get("license") and not self._is_packaging(part)}
        self.licence = together(found) or None

    @staticmethod
    def _is_packaging(part):
        return all(pattern.startswith("debian/") for pattern in part["files"].split())

    def expression(self, text):
        """Return the SPDX expression of a `License:` line; `and` binds closer than `or`, a comma less than both."""
        text = " ".join(text.split())
        for separator, joint in ((r",\s*and\s+", " AND "), (r",\s*or\s+", " OR "), (r"\s+or\s+", " OR "),
                                 (r"\s+and\s+", " AND ")):
            parts = re.split(separator, text, flags=re.IGNORECASE)
            if len(parts) > 1:
                items = [self.expression(part) for part in parts]
                return joint.join(dict.fromkeys(f"({item})" if re.search(" AND | OR ", item) else item for item in items))
        return spdx_name(text) or self.reference(text)

    def reference(self, name):
        """Return a LicenseRef for a name, and keep its text."""
        package, word = (re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-") for text in (self.package, name))
        ref = f"LicenseRef-Debian-{package}-{word}"
        parts = [self.known[part] for part in re.split(r"\s+with\s+", name.lower()) if part in self.known]
        self.texts[ref] = self.known.get(name.lower()) or "\n\n".join(parts) or f"Debian's name of it: {name}"
        return ref


def of_entry(definition, entry):
    """Return (expression, {reference: text}) of a payload's entry: what its definition says, else its copyright file."""
    if definition and definition.licence:
        return definition.licence, {}
    for name in sorted(entry.facts["files"]):
        if name.endswith("/copyright"):
            with open(f"{entry.folder}/{name}", encoding="utf-8", errors="replace") as stream:
                said = Copyright(entry.facts["package"], stream.read())
            return said.licence or NO_ASSERTION, said.texts
    return NO_ASSERTION, {}
