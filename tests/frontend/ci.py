# SPDX-License-Identifier: Apache-2.0
"""The templates for CI services are whole, and ask for goals and scripts that there are."""
import re

from tests.runner.context import expect, skip

try:
    import yaml
except ImportError:
    yaml = None


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
        skip("python3-yaml is not installed")
    folder = ctx.root / "scripts/ci"
    gitlab = yaml.safe_load((folder / "gitlab-ci.yml").read_text(encoding="utf-8"))
    github = yaml.safe_load((folder / "github-workflow.yml").read_text(encoding="utf-8"))
    for name in ("build", "check", "lint"):
        expect("script" in gitlab[name], f"GitLab: the job {name} does nothing")
    expect(gitlab["build"]["artifacts"]["reports"]["cyclonedx"].endswith("images/sbom.cdx.json"), "GitLab: no SBOM")
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
