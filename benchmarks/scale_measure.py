"""What a command costs with all that it starts: CPU seconds, wall seconds, and memory as it grows and falls.

CPU time is what the kernel tells of processes that have ended (`getrusage`), so that none is missed: orphans
become this process's (prctl(2), Linux alone) and are waited for. Memory is the proportional set size of all
processes together, in which pages that several share count once, read from /proc ten times a second; a
process that grows and falls between two looks is missed.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

SECONDS = 0.1
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds of a command; MiB (PSS) of all its processes at their peak and of the first alone.

    `driver` is the CPU time of the first process alone, as it was last seen, `processes` the most at a time.
    `out` is what the command printed.
    """

    cpu: float
    wall: float
    driver: float
    peak: float
    driver_peak: float
    processes: int
    status: int
    out: str = ""

    def figures(self) -> dict[str, float]:
        """All but what was printed, rounded."""
        return {name: round(value, 3) for name, value in asdict(self).items() if name != "out"}


class _Watch(threading.Thread):
    """Looks at a process and its descendants until told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.stop = pid, threading.Event()
        self.driver = self.peak = self.driver_peak = 0.0
        self.processes = 0

    def run(self) -> None:
        wait = 0.0
        while not self.stop.wait(wait):
            began = time.monotonic()
            pids = _below(os.getpid())
            sizes = {pid: _pss(pid) for pid in pids}
            self.peak = max(self.peak, sum(sizes.values()))
            self.driver_peak = max(self.driver_peak, sizes.get(self.pid, 0.0))
            self.processes = max(self.processes, len(pids))
            with suppress(OSError, IndexError):
                fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
                self.driver = max(self.driver, (int(fields[11]) + int(fields[12])) / _TICKS)
            # Looking costs the watched processes time too; never more than a tenth of it.
            wait = max(SECONDS, 9 * (time.monotonic() - began))


def adopt() -> None:
    """Become the parent of orphans that descend from this process."""
    ctypes.CDLL(None).prctl(36, 1)


def cost(*command: object, python: str = sys.executable) -> Cost:
    """Run a command of a Python to its end, and that of everything it started.

    Waits for every child of this process, so nothing else may have been started.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    # Not in a checkout, which `python -m corpus` would take before the package that is installed.
    with subprocess.Popen([python, *map(str, command)], stdout=subprocess.PIPE, text=True, cwd="/") as run:
        watch = _Watch(run.pid)
        watch.start()
        assert run.stdout
        out = run.stdout.read()
        status = run.wait()
    wall = time.monotonic() - began
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    watch.stop.set()
    watch.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(
        cpu, wall, min(watch.driver, cpu), watch.peak, watch.driver_peak, watch.processes, status, out
    )


def build(*more: object, project: Path) -> Cost:
    """Run `corpus build`; what it reports is printed as JSON."""
    found = cost("-m", "corpus", "build", project, "--json", *more)
    if found.status not in {0, 1}:
        raise SystemExit(f"corpus build {project} {more}: exit status {found.status}\n{found.out[-2000:]}")
    return found


def machine() -> dict[str, str | int]:
    """Where the figures come from."""
    cpu = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        if line.startswith("model name")
    ]
    return {
        "cores": os.cpu_count() or 1,
        "cpu": cpu[0] if cpu else platform.machine(),
        "python": platform.python_version(),
    }


def _below(pid: int) -> list[int]:
    """The descendants of a process."""
    parents: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            with suppress(OSError, IndexError, ValueError):
                fields = Path(entry.path, "stat").read_text("ascii", "replace").rpartition(")")[2].split()
                if fields[0] != "Z":
                    parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, left = [], [pid]
    while left:
        children = parents.get(left.pop(), [])
        found += children
        left += children
    return found


def _pss(pid: int) -> float:
    """MiB of a process, what it shares divided by those that share it; 0 where it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
