"""Tables of the scale benchmark in Markdown, and a page's places for them.

A place is what stands between `<!-- table: NAME -->` and `<!-- /table -->`. A place whose part was not
measured says so; a place of an unknown name is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from scale_goals import MANY, carried, goals, more, slope, upon
from scale_plan import A_UNIT, LIMITS, a_page, fits, mean_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

PLACE = re.compile(r"(?s)(<!-- table: ([\w-]+) -->\n).*?(<!-- /table -->)")

GOALS = "goals"

NAMES = {
    "build": "`corpus build`",
    "same-steps": "the same steps in a plain loop, all in memory",
    "ours": "our steps to the same end as the peers, plain loop",
    "datatrove": "datatrove, trafilatura, py3langid",
    "fastwarc": "FastWARC, trafilatura, py3langid, rensa, plain loop",
}


def filled(page: str, found: Mapping[str, Any]) -> str:
    """Return a page of the docs with all its tables made anew."""
    made = tables(found)

    def fill(place: re.Match[str]) -> str:
        if place[2] not in {GOALS, *TABLES}:
            raise SystemExit(
                f"found a place for a table `{place[2]}`; there are {GOALS}, {', '.join(TABLES)}"
            )
        return f"{place[1]}{made.get(place[2], 'Not measured.')}\n{place[3]}"

    return PLACE.sub(fill, page)


def tables(found: Mapping[str, Any]) -> dict[str, str]:
    """Return all tables of which the parts were measured."""
    made = {}
    for name, (part, make) in TABLES.items():
        if part in found:
            rows, note = make(found[part])
            made[name] = f"{rows}\n\n{note}{_sealed(found[part], part)}".lstrip()
    rows = [[goal.what, goal.goal, goal.measured, "met" if goal.met else "missed"] for goal in goals(found)]
    return {GOALS: _table(("what", "goal", "measured", ""), rows), **made}


def _sealed(part: Mapping[str, Any], name: str) -> str:
    """When and how a table came about."""
    told = next((each for each in ("sizes", "archive") if each in part), "pages")
    many = f"--{told} {part[told]}"
    return (
        f"`python benchmarks/scale.py --parts {name} {many}` at `{part['revision']}`, "
        f"{part['when']}, "
        f"{part['cores']} cores ({part['cpu']}), load {part['load']} at its start."
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _peers(part: Mapping[str, Any]) -> tuple[str, str]:
    pages, rows = part["pages"], []
    whole = more(next(run for run in part["runs"] if run["job"] == "build"), pages)
    for run in part["runs"]:
        name = f"{NAMES[run['job']]}{f', {count} processes' if (count := run['workers']) > 1 else ''}"
        if "missing" in run:
            rows.append([name, f"not run: {run['missing']}", *[""] * 8])
            continue
        took, start = run["run"], run["start"]
        rows.append(
            [
                name,
                f"{took['cpu']:.1f}",
                f"{start['cpu']:.1f}",
                f"{more(run, pages):.1f}",
                f"{more(run, pages) / whole:.2f}",
                f"{took['wall']:.0f}, {start['wall']:.1f}",
                f"{took['peak']:.0f}",
                f"{pages - run['read']}",
                f"{run['read'] - run['with_text']}",
                f"{run['with_text'] - run['kept']}",
            ]
        )
    head = (
        *("job", "CPU s", "of these on one page", "ms for each page more", "of `corpus build`"),
        *("wall s, on one page", "peak MiB", "not read", "no text", "removed as near-duplicates"),
    )
    reader = part["reader"]
    lost = (
        f"datatrove's reader was not run: {reader['missing']}."
        if "missing" in reader
        else "Where records do not say what they hold, datatrove's reader asks libmagic and passes over "
        f"{pages - reader['read']} of the {pages} pages."
    )
    made = (
        f"{part['megabytes']:.0f} MB in {pages} pages, {part['made_again']} of them made of an earlier one. "
    )
    return _table(head, rows), f"{made}{lost} "


def _overhead(part: Mapping[str, Any]) -> tuple[str, str]:
    plain, rows = slope(part, part["runs"][0])[0], []
    for run in part["runs"]:
        each, start = slope(part, run)
        rows.append(
            [
                run["how"],
                f"{run['cpu']:.1f}",
                f"{start:.1f}",
                f"{each * 1000:.2f}",
                f"{each / plain:.1%}",
                f"{run['wall']:.1f}",
            ]
        )
    head = ("cleaning", "CPU s", "of these to start", "ms for each page more", "of the loop", "wall s")
    return _table(head, rows), f"What a page more costs is told by runs of {part['few']} pages and of all. "


def _growth(part: Mapping[str, Any]) -> tuple[str, str]:
    rows = [
        [
            f"{run['pages']:,}",
            f"{run['megabytes'] / run['pages'] * 1000:.0f}",
            f"{run['cpu']:.1f}",
            f"{run['cpu'] / run['pages'] * 1000:.1f}",
            f"{run['driver'] / run['pages'] * 1000:.1f}",
            f"{run['peak']:.0f}",
            f"{run['driver_peak']:.0f}",
            f"{run['wall']:.0f}",
            f"{run['cache'] / run['pages'] / 1000:.1f}",
        ]
        for run in sorted(part["runs"], key=lambda run: (run["pages"], run["megabytes"]))
    ]
    head = (
        *(
            "pages",
            "KB a page",
            "CPU s",
            "ms a page",
            "of these the driver",
            "peak MiB, all",
            "the driver",
            "wall s",
        ),
        "KB a page in `.corpus`",
    )
    share = max(part["shares"], key=lambda share: share["pages"])
    fill, behind = share["fill"], share["behind"]
    note = (
        f"Two processes. The largest page has {part['largest'] / 1e6:.2f} MB. Filling the cache with "
        f"`--units 1/1` took {fill['cpu']:.1f} s CPU for {share['pages']:,} pages, {fill['driver']:.1f} of "
        f"them the driver's; the build from that cache {behind['cpu']:.1f}; one with `--no-cache` "
        f"{share['without']['cpu']:.1f}. "
    )
    return _table(head, rows), note


def _archives(part: Mapping[str, Any]) -> tuple[str, str]:
    rows = [
        [
            run["how"],
            f"{run['packed'] / 1e6:.0f}",
            f"{run['cpu']:.1f}",
            f"{run['wall']:.0f}",
            f"{run['peak']:.0f}",
        ]
        for run in part["runs"]
    ]
    return _table(("pages lie in", "MB, packed", "CPU s", "wall s", "peak MiB"), rows), "Two processes. "


def _again(part: Mapping[str, Any]) -> tuple[str, str]:
    runs = upon(part)
    if not runs:
        return "", "Not measured. "
    names = list(runs[0]["again"])
    rows = []
    for run in runs:
        row = [f"{run['pages']:,}", f"{run['cpu']:.1f}", f"{run['wall']:.0f}"]
        for name in names:
            again = run["again"][name]
            row += [f"{again['cpu']:.2f}, {again['cpu'] / run['cpu']:.2%}", f"{again['wall']:.1f}"]
        row.append(f"{max(again['peak'] for again in run['again'].values()):.0f}")
        rows.append(row)
    if len(runs) > 1 and runs[-1]["pages"] < MANY:
        shares = ("{:.2%} to {:.2%}".format(*carried(part, name)) for name in names)
        rows.append([f"reckoned: {MANY:,}", "", "", *(cell for share in shares for cell in (share, "")), ""])
    head = (
        *("pages", "from nothing: CPU s", "wall s"),
        *(cell for name in names for cell in (f"{name}: CPU s, share", "wall s")),
        "peak MiB of these",
    )
    return _table(head, rows), "Two processes, whole commands, start included. "


def _language(part: Mapping[str, Any]) -> tuple[str, str]:
    whole = part["clean"] + part["language"]
    names = {"clean": "cleaning", "language": "language", "langdetect": "langdetect, within that"}
    rows = [[name, f"{part[key]:.2f}", f"{part[key] / whole:.1%}"] for key, name in names.items()]
    return _table(("step", "ms a page", "share"), rows), ""


def _duplicates(part: Mapping[str, Any]) -> tuple[str, str]:
    rows = [
        [
            "documents",
            f"{part['pages']:,}",
            f"{part['documents_ms']:.3f}",
            f"{part['found']} of {part['near']}",
        ],
        ["paragraphs", f"{part['paragraphs']:,}", f"{part['paragraphs_ms']:.3f}", ""],
    ]
    head = (
        "near-duplicates among",
        "texts",
        "ms CPU a document",
        "found of the pairs at Jaccard ≥ .8 that were made",
    )
    return _table(head, rows), "More in [benchmarks-duplicates.md](benchmarks-duplicates.md). "


FIGURES = {
    "workers": ("CPU s of the workers", 1e3, "ms"),
    "driver": ("CPU s of the driver", 1e3, "ms"),
    "peak": ("MiB at the peak, all processes", 1024, "KiB"),
    "driver_peak": ("MiB at the peak, the driver", 1024, "KiB"),
    "cache": ("bytes below `.corpus`", 1, ""),
    "files": ("files below `.corpus`", 1, ""),
    "published": ("bytes published", 1, ""),
}


def _model(part: Mapping[str, Any]) -> tuple[str, str]:
    found = fits(part)
    rows = []
    for name, (title, factor, unit) in FIGURES.items():
        each = found[name]
        values = (
            f"{each.fixed:,.4g}",
            *(f"{value * factor:,.4g} {unit}" for value in (each.page, each.megabyte)),
        )
        off = ", ".join(f"{value:+.0%}" for value in each.residuals)
        rows.append([title, *values, off])
    head = ("figure", "fixed", "a page", "a MB of raw", "measured over fitted, run by run")
    order = ", ".join(
        f"{run['pages']:,} of {run['megabytes'] / run['pages'] * 1000:.0f} KB" for run in part["runs"]
    )
    return _table(head, rows), f"The runs, in this order: {order}; for memory, the two of most pages. "


def _limits(part: Mapping[str, Any]) -> tuple[str, str]:
    found, size, rows = fits(part), mean_size(part), []
    for figure, title, most in LIMITS:
        each = a_page(found[figure], size)
        reached = (most - found[figure].fixed) / each if each > 0 else float("inf")
        rows.append((reached, [title, f"{each * FIGURES[figure][1]:,.4g} {FIGURES[figure][2]}".strip()]))
    rows.sort()
    lines = [[*row, _power(reached)] for reached, row in rows]
    return _table(
        ("limit", "a page adds", "reached at pages"), lines
    ), f"Reckoned, at {size * 1000:.0f} KB a page. "


def _power(count: float) -> str:
    """A number of pages, to two figures.

    >>> _power(31_400_000), _power(float("inf"))
    ('3.1 · 10⁷', 'no number')
    """
    if count == float("inf"):
        return "no number"
    figures, power = f"{count:.1e}".split("e")
    return f"{figures} · 10{''.join('⁰¹²³⁴⁵⁶⁷⁸⁹'[int(digit)] for digit in str(int(power)))}"


def _simulation(part: Mapping[str, Any]) -> tuple[str, str]:
    work, there = part["job"], part["cluster"]
    rows = [
        [
            each["case"],
            _time(each["units_seconds"]),
            f"{each['busy']:.0%}",
            f"{each['driver']:.0%}",
            f"{each['storage']:.0%}",
            f"{each['failed']:,}, {each['lost']:,}",
        ]
        for each in part["outcomes"]
    ]
    head = (
        "in the way",
        "cleaned after",
        "cores at work",
        "driver at work",
        "storage at work",
        "units tried again, given up",
    )
    note = (
        f"{_power(part['planned'])} pages in units of {A_UNIT} on {there['nodes']} nodes of {there['cores']} "
        f"cores: {work['seconds']:.2f} s CPU, {work['read'] / 1e6:.1f} MB in, {work['written'] / 1e6:.1f} MB "
        f"out and {work['driver'] * 1000:.0f} ms of the driver a unit. "
        f"Behind that the driver works alone for {_time(work['alone'])}. Simulated, not measured. "
    )
    return _table(head, rows), note


def _time(seconds: float) -> str:
    """A length of time in the unit that suits it.

    >>> _time(90), _time(7200), _time(1e6)
    ('90 s', '2.0 h', '11.6 days')
    """
    if seconds < 600:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 2 * 86_400 else f"{seconds / 86_400:.1f} days"


TABLES: dict[str, tuple[str, Callable[[Mapping[str, Any]], tuple[str, str]]]] = {
    "peers": ("peers", _peers),
    "overhead": ("overhead", _overhead),
    "growth": ("growth", _growth),
    "archives": ("archives", _archives),
    "again": ("growth", _again),
    "language": ("language", _language),
    "duplicates": ("duplicates", _duplicates),
    "model": ("growth", _model),
    "limits": ("growth", _limits),
    "simulation": ("simulation", _simulation),
}
"""Each table by its name: the part that measures it, and what makes its rows and its note."""
