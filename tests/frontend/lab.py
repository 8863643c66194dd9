# SPDX-License-Identifier: Apache-2.0
"""The files for test labs, of every board: LAVA's jobs by LAVA's own schemas, labgrid's environments by its own driver."""
import ast
import os
import re
import shlex
import sys

from tests.runner.context import expect, skip

try:
    import yaml
except ImportError:
    yaml = None

PAYLOADS = ("lava-schemas", "voluptuous", "labgrid")
CHECK = """
import sys, yaml
sys.path[:0] = sys.argv[1:3]
from lava_common.schemas import validate
with open(sys.argv[3], encoding="utf-8") as stream:
    validate(yaml.safe_load(stream), strict=True)
"""


def _payloads(ctx):
    """Where the three packages lie."""
    (ctx.work / "config").write_text("".join(f'CONFIG_X{n}="debian:{name}"\n' for n, name in enumerate(PAYLOADS)), encoding="utf-8")
    ctx.run(ctx.python, ctx.root / "scripts/fetch/fetch.py", "--config", ctx.work / "config", "--out", ctx.work / "payloads.mk")
    text = (ctx.work / "payloads.mk").read_text(encoding="utf-8")
    return [re.search(rf"^PAYLOAD_{name}_DIR := (.*)$", text, re.MULTILINE)[1] + "/usr/lib/python3/dist-packages" for name in PAYLOADS]


def _fields(source):
    """The fields of labgrid's driver of QEMU, and those that have to be given."""
    tree = ast.parse(source)
    driver = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "QEMUDriver")
    fields = {node.targets[0].id: any(word.arg == "default" for word in node.value.keywords)
              for node in driver.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)}
    return set(fields), {name for name, has_default in fields.items() if not has_default}


def _check_labgrid(path, known, needed, board):
    """All that the driver needs, nothing that it does not know; the files are named, the emulator is the board's."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    expect(set(document) == {"targets", "tools", "images"}, f"{path}: {set(document)}")
    driver = document["targets"]["main"]["drivers"]["QEMUDriver"]
    expect(needed <= set(driver) <= known, f"{path}: {set(driver)} are not what the driver has")
    expect(all(isinstance(value, str) for value in driver.values()), f"{path}: a value that is no text")
    expect("-append" not in driver["extra_args"] and "{" not in driver["extra_args"], f"{path}: {driver['extra_args']}")
    expect(document["tools"][driver["qemu_bin"]].endswith(os.path.basename(board.program)), f"{path}: another emulator")
    expect(all(file in driver["extra_args"] for file in document["images"].values()), f"{path}: a file is not used")


def every_board(ctx):
    """Each board's two files, and the same words as `make run` has; a job that is none is refused."""
    if yaml is None:
        skip("python3-yaml is not installed")
    sys.path[:0] = [str(ctx.root / "scripts/ci"), str(ctx.root / "scripts/run")]
    import lab                                          # pylint: disable=import-outside-toplevel
    lava, voluptuous, labgrid = _payloads(ctx)
    with open(labgrid + "/labgrid/driver/qemudriver.py", encoding="utf-8") as stream:
        known, needed = _fields(stream.read())
    expect("extra_args" in needed and "kernel" in known - needed, "the driver was not understood")
    boards = sorted(path.parent for path in (ctx.root / "boards").glob("*/image.cfg"))
    boards = [folder for folder in boards if lab.Board(str(folder)).config.has_section("emulator")]
    expect(len(boards) >= 8, f"{boards}")
    for folder in [folder for folder in boards if lab.Board(str(folder)).tpm()]:
        boards.remove(folder)
        said = ctx.run(ctx.python, ctx.root / "scripts/ci/lab.py", "--board-dir", folder, "--out", ctx.work / folder.name, status=1)
        expect("has a TPM" in said, f"not why: {said}")
    for folder in boards:
        out = ctx.work / folder.name
        ctx.run(ctx.python, ctx.root / "scripts/ci/lab.py", "--board-dir", folder, "--out", out)
        ctx.run(ctx.python, "-c", CHECK, lava, voluptuous, out / "lava-job.yaml")
        board = lab.Board(str(folder))
        _check_labgrid(out / "labgrid.yaml", known, needed, board)
        job = yaml.safe_load((out / "lava-job.yaml").read_text(encoding="utf-8"))
        words = [word for image in job["actions"][0]["deploy"]["images"].values() for word in shlex.split(image["image_arg"])]
        said = [*words, *job["context"]["extra_options"], *(str(item) for item in job["context"].values())]
        missing = set(lab.command(board)[1:]) - set(said) - {"-machine", "-cpu", "-m", "-display", "none"}
        expect(not missing, f"{folder.name}: {missing} of make run are missing")
    bad = ctx.work / "bad.yaml"
    text = (ctx.work / "qemu_arm64/lava-job.yaml").read_text(encoding="utf-8")
    bad.write_text(text.replace('to: "tmpfs"', 'to: "nowhere"'), encoding="utf-8")
    ctx.run(ctx.python, "-c", CHECK, lava, voluptuous, bad, status=1)
    print(f"{len(boards)} boards")
