# SPDX-License-Identifier: Apache-2.0
"""`ashlar check --json`, `--sarif` and `--code-quality`: the same findings, in the same order, as the lines that people read."""
import json
import re

from tests.golden.plans import HERE, compile_plan, make_images, runner
from tests.runner.context import expect

LINE = re.compile(r"^(?P<file>[^: ]+)(?::(?P<line>\d+))?(?: (?P<node>/\S*)(?: \S+)?)?: (?P<warning>warning: )?(?P<text>.*)$")


def _lines(text):
    """What the lines say: file, line, severity, message."""
    said = []
    for line in text.splitlines():
        if line.startswith("ashlar: "):
            continue
        found = LINE.match(line)
        expect(found, f"not a finding: {line}")
        said.append((found["file"], int(found["line"] or 0), "warning" if found["warning"] else "error", found["text"]))
    return said


def _json(document):
    return [(f["file"], f.get("line", 0), f["severity"], f["message"]) for f in document["findings"]]


def _sarif(document):
    expect(document["version"] == "2.1.0" and len(document["runs"]) == 1, "not SARIF 2.1.0")
    said = []
    for result in document["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        expect(result["ruleId"] and result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"].startswith("/"),
               "no rule or node")
        said.append((place["artifactLocation"]["uri"], place.get("region", {}).get("startLine", 0), result["level"],
                     result["message"]["text"]))
    return said


def _code_quality(document):
    distinct = {json.dumps(finding, sort_keys=True) for finding in document}
    expect(len({finding["fingerprint"] for finding in document}) == len(distinct), "two findings have one fingerprint")
    expect(all(set(f) == {"description", "check_name", "fingerprint", "severity", "location"} for f in document), "other words than GitLab's")
    severity = {"major": "error", "minor": "warning"}
    return [(f["location"]["path"], f["location"]["lines"]["begin"], severity[f["severity"]], f["description"]) for f in document]


def _lined(said):
    """As GitLab wants it: a finding without a line is of the first one."""
    return [(file, line or 1, severity, text) for file, line, severity, text in said]


def same(ctx):
    """Every stored plan, refused or accepted."""
    run, tool = runner(ctx), ctx.out / "demo/host/ashlar"
    errors = 0
    for source in sorted((ctx.root / HERE).glob("*/*.dts")):
        if source.parent.name == "trees":
            continue
        folder = ctx.work / f"{source.parent.name}-{source.stem}"
        folder.mkdir()
        options = make_images(folder)
        known = [f"--known={o.split('=')[1]}" for o in options] + ["--known=debian:linux-6.12"]
        plan, where = compile_plan(run, source.relative_to(ctx.root), folder)
        check = (tool, "check", "--map", where, "--partitions", folder / "partitions", *known, *options)
        text, status = run(*check, plan, status=None)
        said = _lines(text)
        for form, read in (("--json", _json), ("--sarif", _sarif)):
            document, other = run(*check, form, plan, status=None)
            expect(read(json.loads(document)) == said, f"{source.stem}: {form} says something else")
            expect(other == status, f"{source.stem}: {form}: status {other}, not {status}")
        document, other = run(*check, "--code-quality", plan, status=None)
        expect(_code_quality(json.loads(document)) == _lined(said) and other == status, f"{source.stem}: --code-quality says something else")
        errors += sum(s[2] == "error" for s in said)
        expect(status == any(s[2] == "error" for s in said), f"{source.stem}: status {status}, said {said}")
    expect(errors > 100, f"only {errors} errors were said")
    text, status = run(tool, "check", "--json", "--sarif", ctx.out / "demo/plan.src.dtb", status=None)
    expect(status == 2 and "a choice: --json, --sarif or --code-quality" in text, text)
