# SPDX-License-Identifier: Apache-2.0
"""The templates for CI services, done line by line as a service does them: in a bare Debian 12, on a clean clone.

What a service does itself (bring the clone, keep files) is done or looked at here; what takes an hour is done in its short form.
"""
import re
import shutil
import sys

from tests.newcomer.trial import HOME, Machine
from tests.runner.context import expect, skip

try:
    import yaml
except ImportError:
    yaml = None

PLACE = f"/{HOME}/ashlar"
SHORT = {"make check": "make check T='docs/folders'", "make lint": "make lint-spdx"}


def _do(machine, user, lines, **env):
    """Lines of a script, in one shell that ends at the first mistake."""
    script = "\n".join(SHORT.get(line.strip(), line) for line in lines)
    home = "/root" if user == "root" else f"/{HOME}"
    machine.enter(user, home, "bash", "-c", f"set -eo pipefail\ncd {PLACE}\n{script}", **env)


def _kept(machine, patterns):
    """What the service would keep is there."""
    for pattern in patterns:
        expect(list((machine.top / PLACE.lstrip("/")).glob(pattern.rstrip("/"))), f"nothing to keep: {pattern}")


def gitlab(machine):
    """Every job of its template."""
    with open(machine.ctx.root / "scripts/ci/gitlab-ci.yml", encoding="utf-8") as stream:
        template = yaml.safe_load(stream)
    expect(template["image"] == "debian:12", "another image")
    env = {name: value.replace("$CI_PROJECT_DIR", PLACE) for name, value in template["variables"].items()}
    for name in ("build", "check", "lint"):
        job = template[name]
        script = job["script"] if isinstance(job["script"], list) else [job["script"]]
        _do(machine, "root", [*template["before_script"], *script], **env)
        kept = job.get("artifacts", {})
        _kept(machine, [*kept.get("paths", []), *kept.get("reports", {}).values()])


def github(machine):
    """Every step of its template's job."""
    with open(machine.ctx.root / "scripts/ci/github-workflow.yml", encoding="utf-8") as stream:
        job = yaml.safe_load(stream)["jobs"]["build-and-check"]
    expect(job["container"] == "debian:12", "another image")
    env = {name: value.replace("${{ github.workspace }}", PLACE) for name, value in job["env"].items()}
    for step in job["steps"]:
        if "run" in step:
            _do(machine, "root", step["run"].splitlines(), GITHUB_WORKSPACE=PLACE, **env)
        if step.get("uses", "").startswith("actions/upload-artifact"):
            _kept(machine, step["with"]["path"].splitlines())


def jenkins(machine):
    """Every step of its file's stages, by a user of no right, in the container."""
    text = (machine.ctx.root / "scripts/ci/Jenkinsfile").read_text(encoding="utf-8")
    env = {name: value.replace("${WORKSPACE}", PLACE) for name, value in re.findall(r'^ +([A-Z_]+) = "(.*)"$', text, re.MULTILINE)}
    steps = re.findall(r"sh '(.*)'", text)
    expect(len(steps) == 4 and "ASHLAR_CACHE" in env, f"{steps}")
    _do(machine, "newcomer", steps, **env)
    _kept(machine, [*re.findall(r"testResults: '(.*?)'", text), *re.search(r"artifacts: '(.*?)'", text)[1].split(", ")])


def run(ctx):
    """The service of the matrix."""
    if yaml is None:
        skip("python3-yaml is not installed")
    case = ctx.args["case"]
    machine = Machine(ctx, "container" if case == "jenkins" else "image")
    if case != "jenkins":
        machine.as_root("chown", "-R", "root:root", PLACE)
    try:
        getattr(sys.modules[__name__], case)(machine)
    finally:
        shutil.rmtree(machine.top, ignore_errors=True)
