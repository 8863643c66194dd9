# SPDX-License-Identifier: Apache-2.0
"""A front end writes to its disk and is ended at some moment, again and again: all that was flushed is there in its next life."""
import re

from tests.boot.disks import _start
from tests.runner.context import expect

PAUSE = 50              # lives from one of its questions to the next
SUM = (r"^scribe: (\d+) lives, (\d+) records flushed, (\d+) looked at, (\d+) lost; "
       r"ended (\d+) connecting, (\d+) looking, (\d+) writing$")


def _sum(console):
    mark = console.type("scribe", "s")
    return [int(n) for n in console.wait(SUM, 60, mark).groups()]


def dies(ctx):
    """So many lives; at last a record is spoiled, and that is noticed."""
    lives = ctx.args["lives"]
    with _start(ctx, build="scribe", timeout=ctx.args["timeout"]) as console:
        mark = 0
        for life in range(PAUSE, lives + 1, PAUSE):
            console.wait(rf"^scribe: life {life}: waits$", 600, mark)
            mark = console.type("scribe", "g") if life < lives else console.mark()
        total, flushed, looked, lost, *ended = _sum(console)
        print(f"\n-- {total} lives, {flushed} records flushed, {looked} looked at, {lost} lost; {ended} ended "
              "connecting, looking, writing")
        expect(total == lives and sum(ended) == lives - 1, "lives are not what was counted")
        expect(lost == 0, f"{lost} records were lost")
        expect(ended[2] > lives // 4 and flushed > lives, "it hardly wrote")
        expect(len(re.findall(r"^ashlar: scribe: restarted", console.text, re.M)) == lives - 1, "it was not restarted as often")
        console.never(r"^scribe: (LOST|CUT OFF|REFUSED|NO DISK|GIVEN UP|unexpected)")
        console.never(r"^ashlar: .*(panic|refused)")
        console.never(r"^ashlar: (io|store): ((shut down)|restarted)")
        console.never(r"^(io|store): .*(exception|cut off|names no)")
        mark = console.type("scribe", "d")
        console.wait(r"^scribe: LOST: slot \d+ has to be 0x[0-9a-f]+ or 0x[0-9a-f]+, is 0x0, torn$", 60, mark)
