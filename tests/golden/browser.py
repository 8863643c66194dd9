# SPDX-License-Identifier: Apache-2.0
"""The page of `ashlar map` in a real browser, light and dark: what its reader can and cannot make out."""
import json
import re

from tests.golden.plans import HERE, pack, runner
from tests.runner.context import expect

# Run in the page. Texts of a drawing: each within it, none over another. Every text: contrast by WCAG 2.1, 1.4.3.
LOOK = """
<script>
const found = [];
const channel = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4); };
const luminance = rgb => { const [r, g, b] = rgb.match(/[0-9.]+/g).map(Number).map(channel);
	return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
	return (x + 0.05) / (y + 0.05); };
const ground = getComputedStyle(document.body).backgroundColor;
const inside = (a, b) => a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
let texts = 0;
for (const svg of document.querySelectorAll('svg')) {
	const all = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
	const bars = [...svg.querySelectorAll('rect')].map(r => r.getBoundingClientRect());
	all.forEach(([t, a], i) => {
		if (!inside(a, svg.getBoundingClientRect())) found.push(`outside: ${t}`);
		if (bars.some(b => meet(a, b))) found.push(`over a bar: ${t}`);
		for (const [u, b] of all.slice(i + 1)) if (meet(a, b)) found.push(`${t} over ${u}`);
	});
	for (const t of svg.querySelectorAll('text')) {
		texts++;
		if (contrast(getComputedStyle(t).fill, ground) < 4.5) found.push(`pale: ${t.textContent}`);
	}
}
for (const t of document.querySelectorAll('td, th, h1, h2, figcaption')) {
	texts++;
	if (contrast(getComputedStyle(t).color, ground) < 4.5) found.push(`pale: ${t.textContent}`);
}
document.title = 'looked';
const answer = document.createElement('pre');
answer.id = 'answer';
answer.textContent = JSON.stringify({ found, texts, ground });
document.body.append(answer);
</script>
"""
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")
SCHEMES = {"light": "1", "dark": "0"}


def _look(ctx, page, scheme):
    text = ctx.run("chromium", *FLAGS, f"--user-data-dir={ctx.work / 'profile'}", "--virtual-time-budget=2000",
                   f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}", "--dump-dom", f"file://{page}")
    found = re.search(r'<pre id="answer">(.*?)</pre>', text, re.S)
    expect(found, f"{page}: the browser did not look at it")
    return json.loads(found[1].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"))


def looks(ctx):
    """Every accepted plan's page."""
    run, tool = runner(ctx), ctx.out / "demo/host/ashlar"
    grounds = set()
    for source in sorted((HERE / "accepted").glob("*.dts")):
        folder = ctx.work / source.stem
        _, _, outputs = pack(run, tool, source, folder)
        page = folder / "plan.html"
        run(tool, "map", "--html", "--output", page, outputs[0])
        page.write_text(page.read_text(encoding="utf-8").replace("</body>", LOOK + "</body>"), encoding="utf-8")
        for scheme in SCHEMES:
            answer = _look(ctx, page, scheme)
            expect(not answer["found"], f"{source.stem}, {scheme}: {answer['found']}")
            expect(answer["texts"] > 20, f"{source.stem}: hardly anything to look at")
            grounds.add((scheme, answer["ground"]))
    expect(len(grounds) == len(SCHEMES), f"the grounds are {grounds}")
