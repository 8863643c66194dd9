# SPDX-License-Identifier: Apache-2.0
"""Two Linux domains that share a xenstore: Debian's own kernel and tools, a store of ours."""
import re

from tests.boot.linux import BOOT_SECONDS
from tests.boot.machine import BOARD, Machine
from tests.runner.context import expect

ONE, TWO = "/local/domain/1", "/local/domain/2"
CLIENTS = ("linux-a", "linux-b")


def _run(console, domain, command, lines):
    """A command prints these lines and no other; what is typed comes back too, broken at the terminal's edge."""
    mark = console.type(domain, f"echo begin-$((6*7)); {command}; echo end-$((6*7))")
    console.wait(rf"^{domain}: end-42$", 60, mark)
    said = re.findall(rf"^{domain}: (.*)$", console.text[mark:], re.M)
    said = said[said.index("begin-42") + 1:said.index("end-42")]
    expect(said == lines, f"{domain}: {command}\n  printed {said}\n  not     {lines}")


def _introduced(console, mark=0):
    for name in CLIENTS:
        console.wait(rf"^store: {name} is introduced$", BOOT_SECONDS, mark)


def _one_client(console, has_tree):
    """What a domain finds and does in its own part."""
    def does(command, *lines):
        _run(console, "linux-a", command, list(lines))

    does("xenstore-read name domid", "linux-a", "1")
    # The kernel found room for others' pages: a region beside the grant table's place.
    if has_tree:
        does("wc -c < /proc/device-tree/hypervisor/reg; dmesg | grep -ci 'extended region'", "32", "0")
    does("xenstore-list device control", "suspend", "platform-feature-multiprocessor-suspend",
         "platform-feature-xs_reset_watches", "shutdown", "feature-poweroff", "feature-reboot", "feature-suspend",
         "sysrq")
    does("xenstore-read control/feature-poweroff control/feature-reboot", "1", "1")     # the kernel wrote these
    does("xenstore-write data/x hello data/y/z deep && xenstore-read data/x data/y/z", "hello", "deep")
    does("xenstore-ls data", 'x = "hello"', 'y = ""', ' z = "deep"')
    does("xenstore-ls -f " + ONE + "/data", f'{ONE}/data/x = "hello"', f'{ONE}/data/y = ""', f'{ONE}/data/y/z = "deep"')
    does("xenstore-exists data/x && echo there", "there")
    does("xenstore-exists data/none || echo not there", "not there")
    does("xenstore-rm data/y && xenstore-list data", "x")
    does("xenstore-read data/y 2>/dev/null || echo refused", "refused")
    does("xenstore-write device/x 1 2>/dev/null || echo refused", "refused")
    does("xenstore-list / 2>/dev/null || echo refused", "refused")


def _two_clients(console):
    """What one lets the other see."""
    _run(console, "linux-b", f"xenstore-read {ONE}/data/x 2>/dev/null || echo refused", ["refused"])
    _run(console, "linux-a", "xenstore-chmod data/x n1 r2 && xenstore-ls -p data", ['x = "hello"   (n1,r2)'])
    _run(console, "linux-b", f"xenstore-read {ONE}/data/x", ["hello"])
    _run(console, "linux-b", f"xenstore-write {ONE}/data/x mine 2>/dev/null || echo refused", ["refused"])
    mark = console.type("linux-b", f"xenstore-watch -n 3 {ONE}/data/x && echo watch-$((40+2))")
    console.wait(rf"^linux-b: {ONE}/data/x$", 60, mark)         # at once, as every watch
    mark = console.mark()
    _run(console, "linux-a", "xenstore-write data/x new", [])
    console.wait(rf"^linux-b: {ONE}/data/x$", 60, mark)
    mark = console.mark()
    _run(console, "linux-a", "xenstore-rm data/x", [])
    console.wait(rf"^linux-b: {ONE}/data/x$", 60, mark)
    console.wait(r"^linux-b: watch-42$", 60, mark)


def _one_comes_back(console):
    """A restarted client finds its part as new; what it let the other see is gone, and the other hears of that."""
    _run(console, "linux-b", "xenstore-write data/old 1 && xenstore-chmod data r2", [])
    _run(console, "linux-a", f"xenstore-list {TWO}/data", ["old"])
    mark = console.type("linux-a", f"xenstore-watch -n 2 {TWO}/data && echo watch-$((40+2))")
    console.wait(rf"^linux-a: {TWO}/data$", 60, mark)
    console.type("linux-b", "reboot -f")
    console.wait(r"^store: linux-b is gone$", 120, mark)
    console.wait(r"^linux-a: watch-42$", 60, mark)
    console.wait(r"^store: linux-b is introduced$", 120, mark)
    console.wait(r"^linux-b: shell ready", BOOT_SECONDS, mark)
    console.wait_shell("linux-b", BOOT_SECONDS)
    _run(console, "linux-b", "xenstore-read name && xenstore-ls data", ["linux-b"])
    _run(console, "linux-b", "xenstore-write data/new 2 && xenstore-read data/new", ["2"])
    _run(console, "linux-a", "xenstore-write data/still 1 && xenstore-read data/still", ["1"])


def _machine(ctx):
    return Machine(ctx, ctx.args.get("build", "store"), ctx.args.get("board", BOARD))


def tools(ctx):
    """Debian's xenstore-utils against the store."""
    with _machine(ctx).start(direct=True, timeout=840) as console:
        console.wait(r"^store: ready: a store for 2 domains$", 120)
        _introduced(console)
        for name in CLIENTS:
            console.wait_shell(name, BOOT_SECONDS)
        _one_client(console, ctx.args.get("board", BOARD) == BOARD)
        _two_clients(console)
        _one_comes_back(console)
        console.never(r"^ashlar: .*(panic|refused|crash)")
        console.never(r"^store: .*(exception|cut off)")


LOOP = """work() {
    i=0
    while [ ! -e /stop ]; do
        i=$((i+1))
        xenstore-write data/n $i && [ "$(xenstore-read data/n)" = $i ] || echo wrong-$i
        echo $i > /count
    done
    echo did-$i
}"""


def _end_store(console, key="x"):
    """The store ends, whatever it is doing; a mark from before."""
    mark = console.type("store", key)
    console.wait(r"^ashlar: store: shut down \(crash\)$", 60, mark)
    console.wait(r"^ashlar: store: restarted", 60, mark)
    return mark


def _goes_on(console, mark):
    console.wait(r"^store: going on with the state of the life before$", 60, mark)
    for name in CLIENTS:
        console.wait(rf"^store: {name} goes on$", 60, mark)


def _idle_end(console):
    """What was written is there, a watch that was set is heard."""
    _run(console, "linux-a", "xenstore-write data/x before && xenstore-chmod data/x n1 r2", [])
    mark = console.type("linux-b", f"xenstore-watch -n 2 {ONE}/data/x && echo watch-$((40+2))")
    console.wait(rf"^linux-b: {ONE}/data/x$", 60, mark)
    _goes_on(console, _end_store(console))
    _run(console, "linux-a", "xenstore-read data/x name", ["before", "linux-a"])
    _run(console, "linux-a", "xenstore-ls -p data", ['x = "before"   (n1,r2)'])
    _run(console, "linux-a", "xenstore-write data/x after", [])
    console.wait(r"^linux-b: watch-42$", 60, mark)
    _run(console, "linux-b", f"xenstore-read {ONE}/data/x", ["after"])


def _suspends(console):
    """As a tool stack asks: the guest suspends itself, and goes on with its store at once, any number of times."""
    for name in CLIENTS:
        for count in range(1, 4):
            console.type(name, "xenstore-write control/shutdown suspend")
            mark = console.type(name, "")
            console.wait_shell(name, 60)
            console.ask(name, "dmesg | grep -c 'suspending xenstore'", rf"(?:~ # )?{count}", 60)
            _run(console, name, "xenstore-read name", [name])
            console.never(rf"^{name}: .*(WARNING|BUG|Oops)", mark)


def _busy_ends(console, rounds):
    """Both write and read back without a pause: nothing is lost, done twice or waited for in vain."""
    for name in CLIENTS:
        for line in LOOP.splitlines():
            console.type(name, line)
        console.type(name, "work &")
    for _ in range(rounds):
        console.quiet(2)            # a life that does not last is not trusted
        _goes_on(console, _end_store(console))
    for name in CLIENTS:            # none stands still
        console.ask(name, "a=$(cat /count); until [ \"$(cat /count)\" -gt \"${a:-0}\" ]; do sleep 1; done; echo on-$((6*7))", "on-42", 120)
        mark = console.type(name, "touch /stop")
        console.wait(rf"^{name}: (?:~ # )?did-\d+$", 60, mark)
    console.never(r"wrong-\d")


def _lost(console):
    """There is nothing to go on with: clients whose connection is lost are restarted, as their plan says."""
    mark = _end_store(console, "f")
    for name in CLIENTS:
        console.wait(rf"^store: {name} is connected to a store whose state is lost: restarted$", 60, mark)
        console.wait(rf"^ashlar: {name}: shut down \(backend lost\)$", 60, mark)
    for name in CLIENTS:
        console.wait(rf"^store: {name} is introduced$", BOOT_SECONDS, mark)
        console.wait(rf"^{name}: shell ready", BOOT_SECONDS, mark)
        console.wait_shell(name, BOOT_SECONDS)
        _run(console, name, "xenstore-read name && xenstore-ls data", [name])


def ends(ctx):
    """The store crashes, idle and at work, and goes on where it was; at last it loses what it knows."""
    with _machine(ctx).start(direct=True, timeout=840) as console:
        _introduced(console)
        for name in CLIENTS:
            console.wait_shell(name, BOOT_SECONDS)
        _idle_end(console)
        _suspends(console)
        _busy_ends(console, ctx.args["rounds"])
        _lost(console)
        console.never(r"^ashlar: .*(panic|refused)")
        console.never(r"^store: .*(exception|cut off)")
