# SPDX-License-Identifier: Apache-2.0
"""What `ashlar map` says of every accepted plan: that text, JSON and page agree, and agree with the plan itself."""
import html.parser
import json
import re

from tests.fdt import Tree
from tests.golden.plans import HERE, pack, ranges, runner
from tests.runner.context import expect

TABLES = ("memory", "cpus", "time", "devices", "interrupts", "links")


class Page(html.parser.HTMLParser):
    """The tables of a page, by name: rows of texts; the texts of its drawings; whether it needs another file."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.drawn, self.outside = {}, [], []
        self._rows = self._cell = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.outside += [v for k, v in attrs.items() if k in ("src", "href")]
        if tag == "table":
            self._rows = self.tables[attrs["data-table"]] = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th", "text"):
            self._cell = ""

    def handle_data(self, data):
        if self._cell is not None:
            self._cell += data

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._rows[-1].append(self._cell)
            self._cell = None
        elif tag == "text":
            self.drawn.append(self._cell)
            self._cell = None


def _shown(value, key):
    """A value of the JSON as people see it."""
    if isinstance(value, int) and key in ("from", "to", "affinity", "seen_at"):
        return f"0x{value:010x}"
    return str(value)


def _same_tables(said, page, text):
    """Every figure of the JSON stands in the page's table and on a line of the text, and no other."""
    for name in TABLES:
        rows = [[_shown(v, k) for k, v in row.items()] for row in said[name]]
        expect(page.tables.get(name, [[]])[1:] == rows, f"the page's {name} are others")
        for row in rows:
            words = r" +".join(re.escape(cell) for cell in row if cell)
            expect(re.search(rf"^ +{words} *$", text, re.M), f"the text has no line {row}")
    lines = [line for line in text.splitlines() if line.startswith("  ")]
    heads = sum(1 for name in TABLES if said[name])
    expect(len(lines) == heads + sum(len(said[name]) for name in TABLES), "the text has other lines")


def _memory_is_whole(said, tree):
    """No byte of the board's memory twice, none missing; and each domain has what the packed plan gives it."""
    ram = [r for path in tree.nodes if path.startswith("/memory@") for r in ranges(tree, path, "reg")]
    at = None
    for row in said["memory"]:
        expect(row["to"] - row["from"] == row["kib"] * 1024, f"{row}: another size")
        expect(at is None or row["from"] >= at, f"{row}: overlaps what is before it")
        at = row["to"]
    expect(sum(r["kib"] for r in said["memory"]) * 1024 == sum(e - b for b, e in ram), "other memory than the board's")
    for path, node in tree.nodes.items():
        if "xen,static-mem" in node.props:
            name = path.rsplit("/", 1)[1]
            mine = [(r["from"], r["to"]) for r in said["memory"] if r["owner"] == name and r["use"] == "memory"]
            expect(mine == sorted(ranges(tree, path, "xen,static-mem")), f"{name}: other memory")


def _cpus_are_whole(said):
    """A CPU is nobody's, or all of it is somebody's."""
    shares = {}
    for row in said["cpus"]:
        shares[row["cpu"]] = shares.get(row["cpu"], 0) + row["permille"]
    expect(all(s == 0 or 990 <= s <= 1000 for s in shares.values()), f"shares {shares}")


def _time_is_whole(said):
    """A CPU's major frame from end to end, and of it as much each domain's as its CPU's share says."""
    frames, used = {}, {}
    for row in said["time"]:
        expect(row["from_us"] == frames.get(row["cpu"], 0) < row["to_us"], f"{row}: not behind the one before it")
        frames[row["cpu"]] = row["to_us"]
        key = (row["cpu"], row["domain"])
        used[key] = used.get(key, 0) + row["to_us"] - row["from_us"]
    expect(len(set(frames.values())) <= 1, f"the frames end at {frames}")
    shares = {(r["cpu"], r["domain"]): r["permille"] for r in said["cpus"]}
    for (cpu, domain), us in used.items():
        expect(abs(shares[(cpu, domain)] - 1000 * us // frames[cpu]) <= 2, f"CPU {cpu}, {domain}: {us} us")


def accepted(ctx):
    """Every accepted plan's map."""
    run, tool = runner(ctx), ctx.out / "demo/host/ashlar"
    for source in sorted((HERE / "accepted").glob("*.dts")):
        folder = ctx.work / source.stem
        _, status, outputs = pack(run, tool, source, folder)
        expect(status == 0, f"{source}: not packed")
        said = json.loads(run(tool, "map", "--json", outputs[0])[0])
        page_file = folder / "plan.html"
        run(tool, "map", "--html", "--output", page_file, outputs[0])
        page = Page(page_file.read_text(encoding="utf-8"))
        _same_tables(said, page, run(tool, "map", outputs[0])[0])
        _memory_is_whole(said, Tree(outputs[0].read_bytes()))
        _cpus_are_whole(said)
        _time_is_whole(said)
        expect(not page.outside, f"the page needs {page.outside}")
        expect(all(f", {r['kib']} KiB" in "\n".join(page.drawn) for r in said["memory"]), "not all memory is drawn")


def refused(ctx):
    """What is no packed plan."""
    run, tool = runner(ctx), ctx.out / "demo/host/ashlar"
    for file, words in (("demo/plan.src.dtb", "is not packed: nothing has its place yet; name images/plan.dtb"),
                        ("demo/images/ashlar.bin", "is not a plan"), ("demo/none", "No such file or directory")):
        text, status = run(tool, "map", ctx.out / file, status=None)
        expect(status == 2 and words in text, f"{file}: {text}")
    text, status = run(tool, "map", "--json", "--html", ctx.out / "demo/images/plan.dtb", status=None)
    expect(status == 2 and "a choice: --json or --html" in text, text)
