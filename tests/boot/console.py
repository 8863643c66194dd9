# SPDX-License-Identifier: Apache-2.0
"""A board in the emulator, and the one console of all its domains.

Lines of a domain begin with its name, lines of the hypervisor with "ashlar: ".
Domains run side by side, so a wait() looks at everything since a mark, not since
the last match.
"""
import re
import sys
import time

from tests.runner.context import Failure

FOCUS_KEY = "\x01\x01\x01"
FOCUS_LINE = r"^ashlar: .*input.*?\b([\w-]+)$"


class Console:
    """What a test does with a running Emulator of scripts/run."""

    def __init__(self, emulator):
        self.emulator = emulator

    @property
    def text(self):
        """Everything printed so far."""
        return self.emulator.text

    def mark(self):
        """A place in the output, for wait()."""
        return len(self.text)

    def wait(self, pattern, seconds, since=0):
        """Wait until the pattern (multi-line: ^ and $ are a line's) is seen after `since`.

        A $ at the end waits for the line's end: half a line may have come so far.
        """
        regex = re.compile(pattern[:-1] + r"(?=\n)" if pattern.endswith("$") else pattern, re.M)
        end = time.monotonic() + seconds
        while True:
            found = regex.search(self.text, since)
            if found:
                return found
            left = end - time.monotonic()
            if left <= 0 or self.emulator.out_of_time():
                raise Failure(f"not seen in {seconds} s: {pattern}{self._last_words(pattern)}")
            if not self.emulator.pump(min(left, 1)):
                found = regex.search(self.text, since)
                if found:
                    return found
                raise Failure(f"the machine ended before it printed: {pattern}")

    def _last_words(self, pattern):
        """The last lines of the domain that a pattern asks for: others' may have pushed them far up."""
        name = re.match(r"\^([\w-]+): ", pattern)
        lines = re.findall(rf"^{name[1]}: .*", self.text, re.M)[-5:] if name else []
        return "".join(f"\n     last: {line[:200]}" for line in lines)

    def never(self, pattern, since=0):
        """Fail if the pattern is anywhere in the output since the mark."""
        found = re.compile(pattern, re.M).search(self.text, since)
        if found:
            raise Failure(f'"{found[0]}" was printed; it must not be')

    def quiet(self, seconds):
        """Let the machine go on for a while; what it prints stays to be searched."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.emulator.pump(end - time.monotonic()):
            pass

    def focus(self):
        """The domain that has the keyboard, as the console said last."""
        said = re.findall(FOCUS_LINE, self.text[:self.text.rfind("\n") + 1], re.M)
        return said[-1] if said else None

    def give_focus(self, domain):
        """Press the key until the domain has the keyboard; the console says who has it."""
        self.wait(rf"^ashlar: {domain}: started$", 120)     # until then the console speaks of it unasked
        for _ in range(8):
            if self.focus() == domain:
                return
            mark = self.mark()
            self.emulator.send(FOCUS_KEY)
            self.wait(FOCUS_LINE, 60, mark)
        raise Failure(f"{domain} never got the keyboard")

    def focus_moves_on(self, since):
        """The domain with the keyboard has ended: the console gives it to the next one and says so."""
        self.wait(FOCUS_LINE, 60, since)

    def type(self, domain, line):
        """Type a line to a domain; a mark from before it."""
        self.give_focus(domain)
        mark = self.mark()
        self.emulator.send(line + "\n")
        return mark

    def ask(self, domain, command, answer, seconds=90):
        """Type a command; wait for a line of that domain that matches the whole of answer."""
        return self.wait(rf"^{domain}: {answer}$", seconds, self.type(domain, command))

    def wait_shell(self, domain, seconds):
        """Until the domain's shell answers; what is typed too early may be lost."""
        end = time.monotonic() + seconds
        while True:
            try:
                return self.ask(domain, "echo awake-$((40+2))", "awake-42", 5)
            except Failure:
                if time.monotonic() > end or self.emulator.status is not None:
                    raise

    def wait_power_off(self, seconds):
        """Until the machine has switched itself off."""
        end = time.monotonic() + seconds
        while self.emulator.pump(max(0, end - time.monotonic())):
            if time.monotonic() >= end:
                raise Failure(f"the machine is still on after {seconds} s")
        if self.emulator.status != 0:
            raise Failure(f"the emulator ended with {self.emulator.status}")


def echo(chunk):
    """Output of the emulator goes to the test's log as it comes."""
    sys.stdout.write(chunk.decode("utf-8", "replace").replace("\r", ""))
    sys.stdout.flush()
