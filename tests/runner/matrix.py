# SPDX-License-Identifier: Apache-2.0
"""Reads the matrix of tests and selects from it.

A matrix is a TOML file of [[test]] tables: tests/matrix.toml, and a file of the
same name in any folder of tests/. Unit tests are not written there: each row of
tests/unit/sources.mk is one (see unit_tests()). A mistake in a matrix is an error
of the whole run, never a test silently left out.
"""
import fnmatch
import re
import tomllib
from dataclasses import dataclass, field

TIERS = ("fast", "check", "slow")


class MatrixError(Exception):
    """The matrix itself is wrong."""


@dataclass
class Test:
    """One test: how it is started, what it costs and what it stands on."""
    name: str
    tier: str
    cost: int                     # declared seconds on two cores, cache warm
    where: str                    # the file that declares it, for messages
    python: str = ""              # "package.module:function", called with a Context
    command: list = field(default_factory=list)
    timeout: int = 0              # seconds; default: four times the cost, at least 60
    needs: list = field(default_factory=list)   # "tool:X", "machine:X", "qemu:X.Y"
    after: list = field(default_factory=list)   # tests that must have passed first
    slots: int = 1                # cores it keeps busy: 1, or 2 to run alone
    args: dict = field(default_factory=dict)    # handed to the Python function

    def check(self):
        """Refuse a declaration that could not be run as written."""
        if not re.fullmatch(r"[a-z0-9._-]+/[a-z0-9._-]+", self.name):
            raise MatrixError(f'{self.where}: "{self.name}" is not of the form group/name')
        if self.tier not in TIERS:
            raise MatrixError(f'{self.where}: {self.name}: tier "{self.tier}" is none of {TIERS}')
        if not isinstance(self.cost, int) or self.cost < 1:
            raise MatrixError(f"{self.where}: {self.name}: cost must be whole seconds, 1 or more")
        if bool(self.python) == bool(self.command):
            raise MatrixError(f"{self.where}: {self.name}: give either python or command")
        if self.slots not in (1, 2):
            raise MatrixError(f"{self.where}: {self.name}: slots must be 1 or 2")
        if not self.timeout:
            self.timeout = max(60, 4 * self.cost)


def _read(path, root):
    where = str(path.relative_to(root))
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise MatrixError(f"{where}: {error}") from error
    for key in data.keys() - {"test"}:
        raise MatrixError(f'{where}: unknown table "{key}"')
    for row in data.get("test", []):
        cases = row.pop("cases", [])
        try:
            for case in cases:
                yield Test(where=where, **dict(row, name=f'{row["name"]}-{case}',
                                               args=dict(row.get("args", {}), case=case)))
            if not cases:
                yield Test(where=where, **row)
        except TypeError as error:
            raise MatrixError(f'{where}: {row.get("name", "?")}: {error}') from error


def unit_tests(root):
    """One test for each `unit-NAME := sources` row of tests/unit/sources.mk."""
    path = root / "tests/unit/sources.mk"
    where = str(path.relative_to(root))
    rows = re.findall(r"^unit-([a-z0-9_-]+)\s*:=", path.read_text(encoding="utf-8"), re.M)
    for name in rows:
        yield Test(name=f"unit/{name}", tier="fast", cost=1, where=where, timeout=120,
                   python="tests.runner.unit:run", args={"unit": name}, after=["build/unit"])


def load(root):
    """All tests, by name. Every `after` names a test that exists, without a circle."""
    tests = {}
    files = [root / "tests/matrix.toml", *sorted(root.glob("tests/*/matrix.toml"))]
    for test in [t for path in files for t in _read(path, root)] + list(unit_tests(root)):
        test.check()
        if test.name in tests:
            raise MatrixError(f"{test.where}: {test.name} is already in {tests[test.name].where}")
        tests[test.name] = test
    for test in tests.values():
        for name in test.after:
            if name not in tests:
                raise MatrixError(f'{test.where}: {test.name}: after unknown test "{name}"')
            if TIERS.index(tests[name].tier) > TIERS.index(test.tier):
                raise MatrixError(f"{test.where}: {test.name} is {test.tier}, but stands on {name}, which is {tests[name].tier}")
    for test in tests.values():
        closure(tests, [test.name])
    return tests


def closure(tests, names):
    """The names and everything they stand on, each after what it needs."""
    order, open_ = [], []

    def visit(name):
        if name in order:
            return
        if name in open_:
            raise MatrixError(f"{tests[name].where}: {name}: stands on itself")
        open_.append(name)
        for below in tests[name].after:
            visit(below)
        open_.pop()
        order.append(name)

    for name in names:
        visit(name)
    return order


def select(tests, pattern, slow):
    """Names to run: the pattern's words (a test, a group, shell wildcards, else a part of a name), or the tier's."""
    groups = {n.split("/")[0] for n in tests}

    def matches(name, word):
        if word in tests:
            return name == word
        if word in groups:
            return name.startswith(word + "/")
        return fnmatch.fnmatchcase(name, word) or word in name

    if pattern:
        names = [n for n in tests if any(matches(n, word) for word in pattern.split())]
    else:
        names = [n for n, t in tests.items() if t.tier != "slow" or slow]
    return closure(tests, names)
