# SPDX-License-Identifier: Apache-2.0
"""The templates for CI services are whole, as the services' own schemas want them, and ask for goals and scripts that there are."""
import json
import re

from tests.runner.context import expect, skip

try:
    import yaml
    from jsonschema import validators
except ImportError:
    yaml = None

# GitLab's own schema and the one that code editors hold GitHub's workflows against, as npm packages bring them.
GITLAB = ("gitlab-ci-local", "4.55.0", "1FXb4t3nCM2fAqwAqhGOD28upNNsxEM8zVl8XWUs8JWqpTqYPx7O3wvvSEjpize9f4GXjCxRb/tJd3FmTIbXIA==")
GITHUB = ("@action-validator/core", "0.6.0",
          "tPglwCr8Mm8SWzwnVewwFmqRx91F0WvMsM0BRAqH4CLalyGndm53Xvp+UcUSzswpk1wkjIDYI7RyEhWMLyPkig==")
VALIDATE = """
const core = require(process.argv[1] + "/action_validator.js");
const said = core.validateWorkflow(require("fs").readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(said.errors));
"""


def _commands(node):
    """Every string of a document that could be a command."""
    if isinstance(node, str):
        yield from node.splitlines()
    elif isinstance(node, (list, dict)):
        for item in node.values() if isinstance(node, dict) else node:
            yield from _commands(item)


def templates(ctx):
    """Both YAML files are read by an independent reader; each `make X` of all four is a goal."""
    if yaml is None:
        skip("python3-yaml or python3-jsonschema is not installed")
    folder = ctx.root / "scripts/ci"
    gitlab = yaml.safe_load((folder / "gitlab-ci.yml").read_text(encoding="utf-8"))
    github = yaml.safe_load((folder / "github-workflow.yml").read_text(encoding="utf-8"))
    for name in ("build", "check", "lint"):
        expect("script" in gitlab[name], f"GitLab: the job {name} does nothing")
    expect(gitlab["build"]["artifacts"]["reports"]["cyclonedx"].endswith("images/sbom.cdx.json"), "GitLab: no SBOM")
    expect(gitlab["build"]["artifacts"]["reports"]["codequality"] == "build/qemu_arm64/code-quality.json", "GitLab: no code quality")
    expect(gitlab["check"]["artifacts"]["reports"]["junit"] == "out/check/junit.xml", "GitLab: no junit")
    steps = github["jobs"]["build-and-check"]["steps"]
    expect(all(("run" in step) != ("uses" in step) for step in steps), "GitHub: a step that is none")
    jenkins = (folder / "Jenkinsfile").read_text(encoding="utf-8")
    expect(jenkins.count("{") == jenkins.count("}") and re.search(r"filename 'ci/Containerfile'", jenkins), "Jenkins: braces")
    lines = [*_commands(gitlab), *_commands(github), *re.findall(r"sh '(.*)'", jenkins)]
    goals = {word for line in lines for word in re.findall(r"\bmake ([a-z0-9_-]+)", line)} - {"git"}
    expect({"check", "lint", "qemu_arm64_defconfig"} <= goals, f"goals: {goals}")
    known = ctx.make("help")
    for goal in goals:
        expect(f"make {goal}" in known or (ctx.root / "configs" / goal).exists(), f"there is no goal {goal}")


def _package(ctx, package):
    """Where a package lies; skipped where npm cannot bring it."""
    said = ctx.run(ctx.python, ctx.root / "scripts/fetch/npm.py", *package, status=None)
    if ctx.status:
        skip(said.strip().splitlines()[-1])
    return said.strip().splitlines()[-1]


def _gitlab(ctx):
    """What GitLab's schema has against the template, as it is and with mistakes in it."""
    with open(_package(ctx, GITLAB) + "/src/schema/schema.json", encoding="utf-8") as stream:
        schema = json.load(stream)
    validator = validators.validator_for(schema)(schema)
    text = (ctx.root / "scripts/ci/gitlab-ci.yml").read_text(encoding="utf-8")
    errors = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(yaml.safe_load(text))]
    expect(not errors, "\n".join(errors))
    for old, new in (("junit:", "junitt:"), ("stage: test", "stage: [3]"), ("codequality: build/qemu_arm64/code-quality.json", "codequality: {a: 1}"),
                     ("when: always", "when: ever")):
        expect(old in text, f"there is no {old}")
        expect(list(validator.iter_errors(yaml.safe_load(text.replace(old, new)))), f"the schema accepts {new}")


def _github(ctx):
    """The same of GitHub's."""
    package, path = _package(ctx, GITHUB), ctx.work / "workflow.yml"
    text = (ctx.root / "scripts/ci/github-workflow.yml").read_text(encoding="utf-8")
    for old, new in (("", ""), ("runs-on:", "run-on:"), ("timeout-minutes: 120", "timeout-minutes: long"), ("contents: read", "contents: reed"),
                     ("- uses:", "- use:")):
        expect(old in text, f"there is no {old}")
        path.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
        errors = json.loads(ctx.run("node", "-e", VALIDATE, package, path))
        expect(bool(errors) == bool(old), f"{new or 'the template'}: {errors}")


def schemas(ctx):
    """The case of the matrix."""
    if yaml is None:
        skip("python3-yaml or python3-jsonschema is not installed")
    {"gitlab": _gitlab, "github": _github}[ctx.args["case"]](ctx)


def jenkinsfile(ctx):
    """Groovy reads it, each word of it in its place; a mistake is one."""
    reader, path = ctx.root / "tests/frontend/jenkinsfile.groovy", ctx.work / "Jenkinsfile"
    text = (ctx.root / "scripts/ci/Jenkinsfile").read_text(encoding="utf-8")
    said = ctx.run("groovy", reader, ctx.root / "scripts/ci/Jenkinsfile")
    expect(re.findall(r"^sh script=(.*)$", said, re.MULTILINE) == ["make qemu_arm64_defconfig", "make", "make check", "make lint"], said)
    expect("env ASHLAR_CACHE=/workspace/.cache/ashlar\n" in said and "junit testResults=out/check/junit.xml" in said, said)
    for old, new in (("steps {", "step {"), ("sh 'make'\n", "sh 'make')\n"), ("junit testResults", "junit testResult"),
                     ("    stages {", "    stage {"), ("filename 'ci", "file 'ci")):
        expect(old in text, f"there is no {old}")
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        ctx.run("groovy", reader, path, status=None)
        expect(ctx.status != 0, f"{new} was taken")
