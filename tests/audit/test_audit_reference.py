"""Ten kinds of error put into the reference corpus: each makes exactly the right checks report."""

import copy
import json
import shutil
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TODAY = "2026-11-21"
ENTITY, STANCE, VOTES = (f"annotations/{name}.jsonl" for name in ("entity/gold", "stance/gold", "stance/a1"))


def cache_by_texts(function):
    """No injection changes a text: near-duplicates are looked for once."""
    known = {}

    def cached(texts):
        ids = tuple(texts)
        if ids not in known:
            known[ids] = function(texts)
        return known[ids]

    return cached


def cache_first(function):
    """No injection changes a page: they are cleaned once."""
    made = []

    def cached(*arguments, **named):
        if not made:
            made.append(function(*arguments, **named))
        return made[0]

    return cached


def cache_by_input(function):
    """Most injections leave gold as it is, and models see nothing else."""
    known = {}

    def cached(*arguments):
        if (given := repr(arguments)) not in known:
            known[given] = function(*arguments)
        return known[given]

    return cached


def _touched(before, after):
    """The pages whose lines were changed."""
    return {line["document_id"] for line in (*before, *after) if line not in before or line not in after}


@pytest.fixture
def reported(tmp_path, monkeypatch):
    """A copy of the reference corpus; calling it injects an error and gives the checks that report anew."""
    standing, auditing = (import_module(f"corpus.{name}") for name in ("standing", "auditing"))
    for folder in ("raw", "schema", "annotations"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    clusters = cache_by_texts(standing.clusters)
    monkeypatch.setattr(standing, "_cleaned", cache_first(standing._cleaned))
    monkeypatch.setattr(standing, "clusters", clusters)
    for name, asked in (
        ("likely_label_error", "suspect_labels"),
        ("likely_mention_error", "suspect_mentions"),
        ("target_shortcut", "guess_stances"),
    ):
        module = import_module(f"corpus.audit.{name}")
        monkeypatch.setattr(module, asked, cache_by_input(getattr(module, asked)))
    keys = {each.key for each in auditing.audit(tmp_path, TODAY)}

    def inject(file, change):
        path = tmp_path / file
        written = path.read_text("utf-8")
        lines = [json.loads(line) for line in written.split("\n") if line]
        before = copy.deepcopy(lines)
        change(lines)
        pages = _touched(before, lines)
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
        found = auditing.audit(tmp_path, TODAY)
        path.write_text(written, "utf-8")
        # Estimates of other places shift with the whole: only what models say of the changed page counts.
        return {
            each.check
            for each in found
            if each.key not in keys and (each.probability is None or each.document_id in pages)
        }

    return inject


def _first(lines, **wanted):
    return next(line for line in lines if wanted.items() <= {**line, "exact": line["quote"]["exact"]}.items())


def _shift(lines):
    line = _first(lines, exact="新加坡", label="LOC")
    quote = line["quote"]
    line["quote"] = {
        "exact": quote["exact"][1:] + quote["suffix"][0],
        "prefix": quote["prefix"] + quote["exact"][0],
        "suffix": quote["suffix"][1:],
    }
    line["raw"] = {**line["raw"], "start": line["raw"]["start"] + 1, "end": line["raw"]["end"] + 1}


def _move(by):
    def change(lines):
        raw = _first(lines, exact="新加坡", label="LOC")["raw"]
        raw["start"], raw["end"] = raw["start"] + by[0], raw["end"] + by[1]

    return change


def _set(key, value, **wanted):
    def change(lines):
        _first(lines, **wanted)[key] = value

    return change


def _drop(**wanted):
    return lambda lines: lines.remove(_first(lines, **wanted))


def _repeat(**changes):
    return lambda lines: lines.append({**_first(lines, label="against"), **changes})


INJECTIONS = {
    "a span shifted with its quote": (ENTITY, _shift, {"boundary_disagreement", "votes_changed"}),
    "offsets off by two": (ENTITY, _move((2, 2)), {"quote_mismatch"}),
    "an inclusive end": (ENTITY, _move((0, -1)), {"quote_mismatch"}),
    "a swapped entity label": (
        ENTITY,
        _set("label", "PRODUCT", exact="新加坡"),
        {"gold_against_votes", "ambiguous_surface"},
    ),
    "a swapped stance": (STANCE, _set("label", "favor", label="against"), {"gold_against_votes"}),
    "a dropped vote": (VOTES, _drop(label="against"), {"missing_vote", "votes_changed"}),
    "a dropped gold stance": (STANCE, _drop(label="against"), {"votes_without_gold"}),
    "a dropped gold mention": (ENTITY, _drop(exact="新加坡"), {"votes_without_gold", "unlabelled_surface"}),
    "an unknown label": (
        VOTES,
        _set("label", "againts", label="against"),
        {"unknown_label", "votes_changed", "missing_vote"},
    ),
    "an unknown target": (
        VOTES,
        _set("target", "chips", label="against"),
        {"unknown_target", "votes_changed", "missing_vote"},
    ),
    "an unknown page": (
        VOTES,
        _set("document_id", "nowhere", label="against"),
        {"unknown_document", "votes_changed", "missing_vote"},
    ),
    "an id taken twice": (VOTES, _repeat(), {"duplicate_id"}),
    "a second judgement": (VOTES, _repeat(id="again", label="neutral"), {"double_vote"}),
    "older guidelines": (VOTES, _set("guideline", "0.9", label="against"), {"older_guideline"}),
}


def test_each_error_injected_into_the_reference_corpus_is_reported_by_its_checks_and_no_other(reported):
    found = {name: reported(file, change) for name, (file, change, _) in INJECTIONS.items()}
    assert found == {name: expected for name, (_, _, expected) in INJECTIONS.items()}
