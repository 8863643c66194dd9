# SPDX-License-Identifier: Apache-2.0
"""Two Linux domains on one switch: Debian's own kernel and driver, a back end of ours."""
import re

from tests.boot.linux import BOOT_SECONDS
from tests.boot.machine import Machine
from tests.runner.context import expect

BUILD = "disks"
NAMES = ("linux-a", "linux-b")
MIB = 8


def _run(console, domain, command, seconds=120):
    """What a command prints, line by line; the kernel's own words are left out."""
    mark = console.type(domain, f"echo begin-$((6*7)); {command}; echo end-$((6*7))")
    console.wait(rf"^{domain}: end-42$", seconds, mark)
    said = re.findall(rf"^{domain}: (.*)$", console.text[mark:], re.M)
    said = said[said.index("begin-42") + 1:said.index("end-42")]
    return [line for line in said if not re.match(r"\[ *\d+\.\d+\]", line)]


def _domids(console):
    return {name: int(number) for name, number in re.findall(r"^ashlar: ([\w-]+): domain (\d+),", console.text, re.M)}


def _address(domids, name):
    return f"10.0.0.{domids[name]}"


def _up(console, domids, name, mark=0):
    """The two ends have found each other; the domain takes an address."""
    console.wait(rf"^io: vif{domids[name]}\.0: connected$", BOOT_SECONDS, mark)
    console.wait(rf"^{name}: shell ready", BOOT_SECONDS, mark)
    console.wait_shell(name, BOOT_SECONDS)
    _run(console, name, f"ip addr add {_address(domids, name)}/24 dev eth0; ip link set eth0 up")


def _pings(console, name, to, count=3, size=56):
    """How many answers came."""
    said = _run(console, name, f"ping -c {count} -W 10 -s {size} {to}")
    found = re.search(r"(\d+) packets received", "\n".join(said))
    expect(found, f"{name}: ping printed {said}")
    return int(found[1])


def _transfer(console, domids, sender, receiver):
    """Some MiB over TCP arrive as they were sent: segments are large there, and checksums blank."""
    _run(console, sender, f"dd if=/dev/urandom of=/tmp/sent bs=64k count={MIB * 16} 2>/dev/null")
    wanted = _run(console, sender, "md5sum </tmp/sent")
    # Each nc ends when the other has closed its half; the receiver's stays open.
    _run(console, receiver, "tail -f /dev/null | nc -l -p 5001 >/tmp/got & sleep 1")
    _run(console, sender, f"nc {_address(domids, receiver)} 5001 </tmp/sent", 300)
    _run(console, receiver, "while pidof nc >/dev/null; do sleep 1; done; killall tail", 120)
    got = _run(console, receiver, "md5sum </tmp/got; rm /tmp/got", 120)
    expect(got == wanted, f"{receiver}: got {got}, not {wanted}")
    _run(console, sender, "rm /tmp/sent")


def _counters(console, domids, name):
    """What the back end says of a port when it is asked: numbers by name."""
    console.give_focus("io")
    mark = console.mark()
    console.emulator.send("s")
    port = rf"vif{domids[name]}\.0"
    sent = console.wait(rf"^io: {port}: sent (\d+) packets, (\d+) bytes; received (\d+), (\d+)$", 60, mark)
    lost = console.wait(rf"^io: {port}: refused (\d+) spoofed, (\d+) malformed, (\d+) of other VLANs; "
                        r"lost (\d+) not fetched, (\d+) not granted$", 60, mark)
    names = ("sent", "sent_bytes", "received", "received_bytes",
             "spoofed", "malformed", "vlan", "not_fetched", "not_granted")
    return dict(zip(names, map(int, sent.groups() + lost.groups())))


def _take_mac(console, name, mac):
    said = _run(console, name, f"ip link set eth0 down; ip link set eth0 address {mac}; ip link set eth0 up; "
                "cat /sys/class/net/eth0/address")
    expect(said == [mac], f"{name}: {said}")


def _spoof(console, domids):
    """With another's address nobody hears it; with its own again, they do."""
    own = _run(console, "linux-a", "cat /sys/class/net/eth0/address")[0]
    expect(re.fullmatch(r"00:16:3e(:[0-9a-f]{2}){3}", own), f"the address is {own}")
    before = _counters(console, domids, "linux-a")
    _take_mac(console, "linux-a", "00:16:3e:ba:d0:01")
    expect(_pings(console, "linux-a", _address(domids, "linux-b"), 2) == 0, "a spoofed address was heard")
    after = _counters(console, domids, "linux-a")
    expect(after["spoofed"] > before["spoofed"], f"nothing was refused: {before}, {after}")
    _take_mac(console, "linux-a", own)
    expect(_pings(console, "linux-a", _address(domids, "linux-b")) > 0, "its own address is not heard")


def _outside(console, domids):
    """What the emulator's own network has: an address by DHCP, and a host that answers."""
    said = _run(console, "linux-a", "udhcpc -i eth0 -n -q -t 10 -s /bin/true 2>&1")
    expect(any("10.0.2." in line for line in said), f"udhcpc printed {said}")
    _run(console, "linux-a", "ip addr add 10.0.2.77/24 dev eth0")
    expect(_pings(console, "linux-a", "10.0.2.2") > 0, "the emulator's host does not answer")
    console.wait(r"^io: br0: the board's network$", 10)
    _run(console, "linux-a", "ip addr del 10.0.2.77/24 dev eth0")


NETWORK = ("-netdev", "user,id=n0", "-device", "virtio-net-device,netdev=n0")


def switch(ctx):
    """They ping each other, exchange data over TCP, reach what is outside, cannot spoof; one restarts and is back."""
    machine = Machine(ctx, BUILD)
    machine.data = machine.disk
    with machine.start(direct=True, timeout=1500, extra=[*NETWORK, *ctx.args.get("extra", ())]) as console:
        console.wait(r"^io: ready: ", 180)
        domids = _domids(console)
        for name in NAMES:
            _up(console, domids, name)
        for name, other in (NAMES, NAMES[::-1]):
            expect(_pings(console, name, _address(domids, other)) == 3, f"{name} does not reach {other}")
            expect(_pings(console, name, _address(domids, other), 2, 5000) == 2, f"{name}: fragments are lost")
            _transfer(console, domids, name, other)
        counters = _counters(console, domids, "linux-a")
        print(counters)
        expect(counters["sent_bytes"] > MIB << 20, f"only {counters['sent_bytes']} bytes were counted")
        expect(counters["sent_bytes"] > counters["sent"] * 3000, f"segments were not large: {counters}")
        expect(counters["malformed"] == counters["not_granted"] == counters["spoofed"] == 0, f"{counters}")
        _outside(console, domids)
        _spoof(console, domids)
        mark = console.type("linux-b", "reboot -f")
        _up(console, domids, "linux-b", mark)
        expect(_pings(console, "linux-a", _address(domids, "linux-b")) > 0, "after its restart it is not reached")
        console.never(r"^ashlar: .*(panic|refused|crash)")
        console.never(r"^io: .*(exception|cut off|vif.*: it )")
