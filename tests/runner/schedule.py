# SPDX-License-Identifier: Apache-2.0
"""Runs tests, two at a time, each in a process group of its own.

A test never outlives its time: at the timeout, or when the run is interrupted,
its whole process group is killed. Exit status 0 is a pass, 77 a skip whose reason
is the log's last line, anything else a failure.
"""
import os
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

SKIP = 77


@dataclass
class Result:
    """What came of one test."""
    name: str
    verdict: str          # passed, failed, skipped
    seconds: float = 0.0
    reason: str = ""
    log: str = ""


class Running:
    """One started test."""

    def __init__(self, test, argv, env, log):
        self.test, self.log = test, log
        self.start = time.monotonic()
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "wb") as out:
            self.process = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=subprocess.STDOUT, start_new_session=True)
        self.pidfd = os.pidfd_open(self.process.pid)

    def left(self):
        """Seconds until the timeout."""
        return self.start + self.test.timeout - time.monotonic()

    def kill(self):
        """End the test and all it started."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def result(self, timed_out):
        """Collect the ended process."""
        self.kill()                     # whatever it left behind
        status = self.process.wait()
        os.close(self.pidfd)
        seconds = time.monotonic() - self.start
        lines = self.log.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()
        last = lines[-1] if lines else ""
        if timed_out:
            verdict, reason = "failed", f"no end after {self.test.timeout} s"
        elif status == 0:
            verdict, reason = "passed", ""
        elif status == SKIP:
            verdict, reason = "skipped", last or "no reason given"
        else:
            verdict, reason = "failed", last or f"exit status {status}"
        return Result(self.test.name, verdict, seconds, reason, str(self.log))


class Scheduler:
    """Runs the tests of an ordered list; `report` is called with each Result."""

    def __init__(self, tests, order, start, missing, report, slots=2):
        self.tests, self.start, self.missing, self.report = tests, start, missing, report
        self.waiting = list(order)
        self.running, self.results = [], {}
        self.slots = slots
        self.selector = selectors.DefaultSelector()

    def _done(self, result):
        self.results[result.name] = result
        self.report(result)

    def _weight(self, name):
        """Longest path that begins with this test: it decides who goes first."""
        above = [self._weight(n) for n in self.waiting if name in self.tests[n].after]
        return self.tests[name].cost + max(above, default=0)

    def _settle(self):
        """Give a verdict to every waiting test whose ground has gone."""
        for name in list(self.waiting):
            test = self.tests[name]
            below = [self.results[n] for n in test.after if n in self.results]
            bad = next((r for r in below if r.verdict != "passed"), None)
            reason = self.missing(test)
            if bad:
                self.waiting.remove(name)
                verdict = "skipped" if bad.verdict == "skipped" else "failed"
                self._done(Result(name, verdict, reason=f"not run: {bad.name} {bad.verdict}"))
            elif reason:
                self.waiting.remove(name)
                self._done(Result(name, "skipped", reason=reason))

    def _start_some(self):
        self._settle()
        free = self.slots - sum(r.test.slots for r in self.running)
        ready = [n for n in self.waiting if all(b in self.results for b in self.tests[n].after)]
        for name in sorted(ready, key=self._weight, reverse=True):
            test = self.tests[name]
            if min(test.slots, self.slots) <= free:
                free -= test.slots
                self.waiting.remove(name)
                run = self.start(test)
                self.running.append(run)
                self.selector.register(run.pidfd, selectors.EVENT_READ, run)
            elif test.slots > 1:
                return          # let the machine run empty for it, or it would starve

    def _end(self, run, timed_out):
        self.selector.unregister(run.pidfd)
        self.running.remove(run)
        self._done(run.result(timed_out))

    def run(self):
        """Run all; the results by name."""
        try:
            while self.waiting or self.running:
                self._start_some()
                wait = max(0.0, min((r.left() for r in self.running), default=0))
                for key, _ in self.selector.select(wait):
                    self._end(key.data, False)
                for run in [r for r in self.running if r.left() <= 0]:
                    self._end(run, True)
        finally:
            for run in self.running:
                run.kill()
        return self.results


def raise_on_signals():
    """A polite kill unwinds like Ctrl-C does, so that no emulator is left behind."""
    def stop(number, _frame):
        sys.exit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
