"""What was aimed at and what was measured, one row a goal, for the table that stands first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MEMORY = 350
"""MiB that driver and two workers may take together, besides twice the largest page."""

MANY = 100_000
"""Pages at which a build upon a build is to be small beside one from nothing."""

NOISE = 0.05
"""By how much the CPU time of a command was seen to differ from run to run on a busy machine."""


class Goal(NamedTuple):
    """What is aimed at, in words; what was measured, in words; and whether that is enough."""

    what: str
    goal: str
    measured: str
    met: bool


def goals(found: Mapping[str, Any]) -> list[Goal]:
    """Every goal of which the part was measured, in the order of `MEASURES`."""
    return [goal for part, measure in MEASURES.items() if part in found for goal in measure(found[part])]


def more(run: Mapping[str, Any], pages: int) -> float:
    """The milliseconds of CPU for each page more than one, so that starts play no part."""
    return (run["run"]["cpu"] - run["start"]["cpu"]) / (pages - 1) * 1000


def _peers(part: Mapping[str, Any]) -> Iterator[Goal]:
    done = {(run["job"], run["workers"]): run for run in part["runs"] if "missing" not in run}
    build, ours = done["build", 1], done["ours", 1]
    if theirs := done.get(("datatrove", 1)):
        for name, mine in (("whole job", build), ("whole job, no more than the peers do", ours)):
            ratio = more(theirs, part["pages"]) / more(mine, part["pages"])
            yield Goal(
                f"{name}: CPU of datatrove with trafilatura", "at least 5 ×", f"{ratio:.1f} ×", ratio >= 5
            )
    start = build["start"]
    words = f"{start['wall']:.1f} s wall, {start['cpu']:.1f} s CPU"
    yield Goal("start-up: a build of one page", "at most .6 s", words, start["wall"] <= 0.6)


def slope(part: Mapping[str, Any], run: Mapping[str, Any]) -> tuple[float, float]:
    """The CPU seconds of a page more, and of the start, by a run of few pages and one of all."""
    each = (run["cpu"] - run["few"]["cpu"]) / (part["pages"] - part["few"])
    return each, run["cpu"] - each * part["pages"]


def _overhead(part: Mapping[str, Any]) -> Iterator[Goal]:
    by_name = {run["how"]: run for run in part["runs"]}
    plain = slope(part, by_name["plain loop"])[0]
    for name in ("local, 1 process", "local, 2 processes"):
        over = slope(part, by_name[name])[0] / plain - 1
        yield Goal(f"CPU over a plain loop: {name}", "at most 5 %", f"{over:+.1%}", over <= 0.05)
    one, two = (
        by_name[name]["wall"] - by_name[name]["few"]["wall"]
        for name in ("local, 1 process", "local, 2 processes")
    )
    yield Goal(
        "wall time on two cores, of the ideal", "at least 92 %", f"{one / 2 / two:.0%}", one / 2 / two >= 0.92
    )


def alike(run: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the pages of two runs were drawn from the same sizes."""
    one, two = (each["megabytes"] / each["pages"] for each in (run, other))
    return 0.8 < one / two < 1.25


def _growth(part: Mapping[str, Any]) -> Iterator[Goal]:
    largest = max(part["runs"], key=lambda run: run["pages"])
    most = MEMORY + 2 * part["largest"] / 2**20
    peak = max(run["peak"] for run in part["runs"])
    words = f"{peak:.0f} MiB up to {largest['pages']:,} pages"
    yield Goal(
        "memory, two workers and the driver", f"at most {MEMORY} MB and two pages", words, peak <= most
    )
    fewer = [run for run in part["runs"] if run["pages"] < largest["pages"] and alike(run, largest)]
    if fewer:
        second = max(fewer, key=lambda run: run["pages"])
        words = ", ".join(f"{run['pages']:,} pages {run['peak']:.0f} MiB" for run in (second, largest))
        yield Goal("memory as pages grow", "the same", words, largest["peak"] <= 1.05 * second["peak"])
    if upon(part):
        yield from _again(part)


def _archives(part: Mapping[str, Any]) -> Iterator[Goal]:
    one, many = part["runs"]
    slower = one["wall"] / many["wall"]
    size = f"one WARC of {one['packed'] / 1e6:.0f} MB against many small: wall time"
    yield Goal(size, "no more", f"{slower:.2f} ×", slower <= 1.05)


def carried(part: Mapping[str, Any], how: str, pages: int = MANY) -> tuple[float, float]:
    """A build's share of one from nothing at so many pages, reckoned by its start and what a page adds.

    The two runs of most pages tell that. The second value is what the share may be as well, where the CPU
    time of a run is off by NOISE.
    """
    few, all_ = sorted(upon(part), key=lambda run: run["pages"])[-2:]
    between = all_["pages"] - few["pages"]
    full = _reckoned(few["pages"], few["cpu"], all_["pages"], all_["cpu"], pages)
    one, two = (run["again"][how]["cpu"] for run in (few, all_))
    again = _reckoned(few["pages"], one, all_["pages"], two, pages)
    off = NOISE * two / between * max(0, pages - all_["pages"])
    return again / full, (again + off) / full


def upon(part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The runs that others followed, fewest pages first."""
    return sorted((run for run in part["runs"] if "again" in run), key=lambda run: run["pages"])


def _reckoned(few: int, low: float, all_: int, high: float, pages: int) -> float:
    each = max(0.0, (high - low) / (all_ - few))
    return max(high, high + each * (pages - all_))


def _again(part: Mapping[str, Any]) -> Iterator[Goal]:
    runs = upon(part)
    for name, most in (
        ("nothing changed", 0.001),
        ("one changed page", 0.01),
        ("one changed annotation", 0.01),
    ):
        last = runs[-1]
        share = at_most = last["again"][name]["cpu"] / last["cpu"]
        words = f"{share:.2%} of one of {last['pages']:,}"
        if last["pages"] < MANY and len(runs) > 1:
            share, at_most = carried(part, name)
            words = f"{words}; reckoned {share:.2%}, at most {at_most:.2%}"
        goal = f"at most {most:.1%} of one of {MANY:,} pages"
        yield Goal(f"CPU of a build: {name}", goal, words, at_most <= most)


def _language(part: Mapping[str, Any]) -> Iterator[Goal]:
    share = part["langdetect"] / (part["clean"] + part["language"])
    yield Goal("langdetect's share of cleaning", "does not dominate", f"{share:.1%}", share < 0.25)


def _duplicates(part: Mapping[str, Any]) -> Iterator[Goal]:
    found = part["found"] / part["near"]
    words = f"{found:.4f} of {part['near']:,} pairs"
    yield Goal("near-duplicate pages found, Jaccard ≥ .8", "at least .999", words, found >= 0.999)
    each = part["documents_ms"]
    yield Goal("near-duplicates: CPU a document", "at most .5 ms", f"{each:.2f} ms", each <= 0.5)


MEASURES = {
    "peers": _peers,
    "overhead": _overhead,
    "growth": _growth,
    "archives": _archives,
    "language": _language,
    "duplicates": _duplicates,
}
