"""Any cut of a large file gives what the file gives: the same pages, the same reasons, in the same order."""

import gzip
import io
import json
import random
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import pages, raw
from corpus.raw import _ranges, jsonl, parquet, warc
from corpus.records import Page, Quarantined

CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    """Cut everything, behind every second page."""
    monkeypatch.setattr(raw, "LARGE_BYTES", 0)
    monkeypatch.setattr(_ranges, "RANGE_PAGES", 2)
    monkeypatch.setattr(parquet, "RANGE_PAGES", 2)
    monkeypatch.setattr(parquet, "_BATCH_ROWS", 2)


def _whole(path):
    return list(raw.read(path, path.parent))


def _apart(path):
    parts = [source.part for source in pages.sources(path.parent, [path])]
    return [page for part in parts for page in raw.read(path, path.parent, part)]


def record(number, body=b"<p>tide table</p>", kind="response", **changes):
    block = body
    if kind == "response":
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
    headers = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:berth-{number}>",
        "Content-Type": "text/html",
        "Content-Length": str(len(block)),
    } | {name.replace("_", "-"): value for name, value in changes.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value is not None)
    return b"WARC/1.0\r\n" + lines.encode() + b"\r\n" + block + b"\r\n\r\n"


def stored(body):
    """A gzip member whose packed bytes hold the body as it is."""
    packer = zlib.compressobj(0, wbits=31)
    return packer.compress(body) + packer.flush()


INSIDE = record("inside", b"<p>a record within a page</p>")
RECORDS = st.one_of(
    st.integers(0, 30).map(record),
    st.integers(0, 30).map(lambda n: record(n, b"<p>fog</p>" * (n * 40))),
    st.integers(0, 30).map(lambda n: record(n, kind="request")),
    st.integers(0, 30).map(lambda n: record(n, kind="metadata", Content_Length="x")),
    st.integers(0, 30).map(lambda n: record(n, kind="revisit")),
    st.integers(0, 30).map(lambda n: record(n, INSIDE)),
    st.integers(0, 30).map(lambda n: record(n, gzip.compress(INSIDE) + stored(INSIDE))),
    st.just(record(0, WARC_Record_ID=None)),
    st.integers(0, 99).map(lambda n: record(n, Content_Length=str(n))),
    st.just(record(1, Content_Length=None)),
    st.just(b"\r\n\r\n"),
)
PACKINGS = st.sampled_from(["plain", "members", "stored", "pairs", "one", "members and one", "split"])


def archived(records, packing):
    match packing:
        case "plain":
            return b"".join(records)
        case "members":
            return b"".join(map(gzip.compress, records))
        case "stored":
            return b"".join(map(stored, records))
        case "pairs":
            return b"".join(gzip.compress(b"".join(records[at : at + 2])) for at in range(0, len(records), 2))
        case "one":
            return stored(b"".join(records))
        case "members and one":
            return b"".join(map(gzip.compress, records[:5])) + gzip.compress(b"".join(records[5:]))
    whole = b"".join(records)
    return b"".join(gzip.compress(whole[at : at + 300]) for at in range(0, len(whole), 300))


@CALM
@given(st.lists(RECORDS, max_size=14), PACKINGS, st.integers(0, 20))
def test_ranges_of_an_archive_give_what_the_archive_gives(tmp_path, records, packing, cut):
    path = tmp_path / "a.warc"
    body = archived(records, packing)
    path.write_bytes(body[: len(body) - cut])
    assert _apart(path) == _whole(path)


@pytest.mark.parametrize("packing", ["plain", "members", "stored"])
def test_ranges_of_a_damaged_archive_give_what_the_archive_gives(tmp_path, packing):
    path, draw = tmp_path / "a.warc.gz", random.Random(7)
    body = archived([record(number, b"<p>low water</p>" * number) for number in range(12)], packing)
    for _ in range(120):
        damaged = bytearray(body)
        for _ in range(draw.randint(1, 3)):
            at = draw.randrange(len(damaged))
            damaged[at : at + draw.randint(0, 3)] = draw.randbytes(draw.randint(0, 3))
        path.write_bytes(damaged)
        assert _apart(path) == _whole(path)


@pytest.mark.parametrize("packing", ["plain", "members"])
def test_a_large_archive_is_cut_behind_whole_records(tmp_path, packing):
    path = tmp_path / "a.warc"
    records = [record(number) for number in range(7)]
    path.write_bytes(archived(records, packing))
    lengths = [len(one if packing == "plain" else gzip.compress(one)) for one in records]
    parts = raw.ranges(path)
    assert [part.start for part in parts] == [sum(lengths[:number]) for number in (0, 2, 4, 6)]
    assert [(part.before, part.records) for part in parts] == [(0, 2), (2, 2), (4, 2), (6, None)]
    assert [part.stop for part in parts] == [part.start for part in parts[1:]] + [None]


def test_an_archive_in_one_stream_is_one_range(tmp_path):
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(b"".join(map(record, range(9)))))
    assert raw.ranges(path) == []


def test_records_of_one_name_are_not_put_in_different_ranges(tmp_path):
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(map(record, [0, 1, 2, 3, 1, 5, 6, 7, 8])))
    assert [part.before for part in raw.ranges(path)] == [0, 6, 8]


def test_a_cut_that_an_archive_was_made_to_suggest_is_named(tmp_path):
    """A member that ends as if it were another one, with a whole member stored inside."""
    path = tmp_path / "a.warc.gz"
    path.write_bytes(archived(list(map(record, range(4))), "members"))
    first, second = raw.ranges(path)
    for stop in (second.start - 1, second.start + 7):
        wrong = first._replace(stop=stop)
        *_, left = raw.read(path, tmp_path, wrong)
        assert isinstance(left, Quarantined)
        assert str(stop) in left.reason.replace(",", "") or "no WARC record" in left.reason


def test_a_file_that_changed_since_it_was_cut_is_named(tmp_path):
    for name, body in (
        ("a.warc", b"".join(map(record, range(6)))),
        ("a.jsonl", b'{"text": "ebb"}\n' * 6),
        ("a.parquet", packed([{"text": "ebb"}] * 6)),
    ):
        path = tmp_path / name
        path.write_bytes(body)
        part = raw.ranges(path)[1]
        path.write_bytes(body + b"\n")
        [left] = raw.read(path, tmp_path, part)
        assert "was changed while" in left.reason


TEXTS = st.sampled_from(["the ferry is late", "潮水退了", "", " ", "%PDF-1.7"])
IDS = st.one_of(st.none(), st.just(""), st.integers(0, 9), st.sampled_from(["a", "b", "2", " c", "d\n", "7"]))
OBJECTS = st.fixed_dictionaries({}, optional={"id": IDS, "text": TEXTS, "n": st.just({"id": "a"})})
LINES = st.one_of(
    OBJECTS.map(lambda one: json.dumps(one).encode()),
    OBJECTS.map(lambda one: json.dumps(one).replace('"id"', '"\\u0069d"').encode()),
    st.sampled_from(
        [b"", b"[]", b'"id"', b"\xff", b"{", b'{"id": "a", "id": "b", "text": "ebb"}', b"[" * 9999]
    ),
)


@CALM
@given(st.lists(LINES, max_size=16), st.booleans(), st.booleans())
def test_ranges_of_lines_give_what_the_file_gives(tmp_path, lines, bom, ended):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" * bom + b"\n".join(lines) + b"\n" * ended)
    assert _apart(path) == _whole(path)


def test_lines_that_are_too_long_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(jsonl, "_LINE_BYTES", 40)
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(b'{"text": "%b"}\n' % (b"x" * (number * 11 % 70)) for number in range(20)))
    assert _apart(path) == _whole(path)
    assert len(raw.ranges(path)) == 10


def test_packed_lines_are_one_range(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "ebb"}\n' * 9))
    assert raw.ranges(path) == []


def packed(rows, group=1 << 20):
    schema = pa.schema([("id", pa.string()), ("text", pa.string())])
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), sink, row_group_size=group, compression="none")
    return sink.getvalue()


ROWS = st.fixed_dictionaries(
    {"text": TEXTS}, optional={"id": IDS.map(lambda one: None if one is None else str(one))}
)


@CALM
@given(st.lists(ROWS, max_size=20), st.sampled_from([1, 3, 7, 100]), st.integers(0, 3), st.randoms())
def test_ranges_of_rows_give_what_the_file_gives(tmp_path, rows, group, damage, draw):
    path = tmp_path / "a.parquet"
    body = bytearray(packed(rows, group))
    for _ in range(damage):
        body[draw.randrange(len(body))] = draw.randrange(256)
    path.write_bytes(body)
    assert _apart(path) == _whole(path)


def test_a_large_row_group_is_cut_into_few_pieces(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(packed([{"text": f"berth {number}"} for number in range(320)]))
    assert [part.start for part in raw.ranges(path)] == [0, 80, 160, 240]


def test_a_row_group_that_cannot_be_read_costs_no_other(tmp_path):
    path = tmp_path / "a.parquet"
    body = bytearray(packed([{"text": f"berth number {number}"} for number in range(6)], 2))
    at = body.index(b"berth number 2") - 40
    body[at : at + 36] = bytes(36)
    path.write_bytes(body)
    found = _whole(path)
    assert [page.body for page in found if isinstance(page, Page)] == [
        b"berth number 0",
        b"berth number 1",
        b"berth number 4",
        b"berth number 5",
    ]
    [left] = [page for page in found if isinstance(page, Quarantined)]
    assert "after row 2" in left.reason


def test_what_is_small_or_has_one_page_is_read_whole(tmp_path, monkeypatch):
    (tmp_path / "a.html").write_text("<p>ebb</p>" * 999)
    (tmp_path / "b.jsonl").write_text('{"text": "ebb"}\n' * 9)
    monkeypatch.setattr(raw, "LARGE_BYTES", 1000)
    listed = pages.sources(tmp_path, sorted(tmp_path.iterdir()))
    assert [(source.path.name, source.part) for source in listed] == [("a.html", None), ("b.jsonl", None)]


def test_units_get_smaller_toward_the_end_and_hold_every_file_once(tmp_path):
    files = [pages.RawFile(tmp_path, tmp_path / f"{number}.html") for number in range(1000)]
    made = pages.units(files)
    sizes = [len(unit) for unit in made]
    assert [source for unit in made for source in unit] == files
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-pages.UNITS_LEFT :]) == (pages.UNIT_FILES, [1] * pages.UNITS_LEFT)


def test_a_range_is_a_unit_and_small_files_go_together(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "UNIT_FILES", 2)
    monkeypatch.setattr(pages, "UNITS_LEFT", 1)
    for name in ("a.html", "b.html", "c.html", "e.html"):
        (tmp_path / name).write_text("<p>ebb</p>")
    (tmp_path / "d.warc").write_bytes(b"".join(map(record, range(4))))
    made = pages.units(pages.sources(tmp_path, sorted(tmp_path.iterdir())))
    assert [[source.path.name for source in unit] for unit in made] == [
        ["a.html", "b.html"],
        ["c.html"],
        ["d.warc"],
        ["d.warc"],
        ["e.html"],
    ]


def test_the_walk_over_an_archive_ends_where_reading_ends(tmp_path):
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(map(record, range(4))) + b"WARC/1.0 and then nothing of the kind")
    assert len(list(warc._marks(path, packed=False))) == 4
    assert [type(one) for one in _apart(path)] == [Page] * 4 + [Quarantined]
