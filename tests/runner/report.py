# SPDX-License-Identifier: Apache-2.0
"""Says what came of the tests: lines while they run, a summary, JUnit XML."""
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

SLOWEST = 10
TAIL = 25
_WORDS = {"passed": "PASS", "failed": "FAIL", "skipped": "SKIP"}


def _text(log):
    data = Path(log).read_text(encoding="utf-8", errors="replace") if log else ""
    return re.sub(r"[^\t\n\x20-\x7e]", "?", data.replace("\r", ""))


def line(result):
    """One line for a finished test; for a failed one the end of its log too."""
    print(f"{_WORDS[result.verdict]} {result.name} ({result.seconds:.1f} s)"
          + (f": {result.reason}" if result.verdict == "skipped" else ""))
    if result.verdict == "failed":
        print(f"     {result.reason}")
        for text in _text(result.log).splitlines()[-TAIL:]:
            print(f"     | {text}")
        if result.log:
            print(f"     whole log: {result.log}")
    sys.stdout.flush()


def summary(results, tests):
    """The slowest, the skipped with their reasons, then the one line machines read."""
    done = sorted(results, key=lambda r: r.seconds, reverse=True)
    print(f"\nslowest {SLOWEST}:")
    for result in done[:SLOWEST]:
        print(f"  {result.seconds:7.1f} s  (declared {tests[result.name].cost} s)  {result.name}")
    for verdict in ("skipped", "failed"):
        some = [r for r in results if r.verdict == verdict]
        if some:
            print(f"\n{verdict} {len(some)}:")
        for result in some:
            print(f"  {result.name}: {result.reason}")
    count = {v: sum(r.verdict == v for r in results) for v in _WORDS}
    print(f"\n{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped",
          flush=True)
    return count["failed"] == 0 and bool(results)


def junit(results, path):
    """The same as JUnit XML, a test suite for each group of tests."""
    top = ET.Element("testsuites")
    for group in sorted({r.name.split("/")[0] for r in results}):
        some = [r for r in results if r.name.split("/")[0] == group]
        suite = ET.SubElement(top, "testsuite", name=group, tests=str(len(some)),
                              failures=str(sum(r.verdict == "failed" for r in some)),
                              skipped=str(sum(r.verdict == "skipped" for r in some)),
                              time=f"{sum(r.seconds for r in some):.3f}")
        for result in some:
            case = ET.SubElement(suite, "testcase", classname=group,
                                 name=result.name.split("/")[1], time=f"{result.seconds:.3f}")
            if result.verdict == "skipped":
                ET.SubElement(case, "skipped", message=result.reason)
            elif result.verdict == "failed":
                fail = ET.SubElement(case, "failure", message=_text("") or result.reason)
                fail.text = "\n".join(_text(result.log).splitlines()[-200:])
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.indent(top)
    ET.ElementTree(top).write(path, encoding="utf-8", xml_declaration=True)
