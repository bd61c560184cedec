"""Dates as pages write them: what is read, how complete it stays, and what is no date."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.metadata.dates import completed, epoch, find, read


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        # machines
        ("2025-03-04T06:47:31+08:00", "2025-03-04T06:47:31+08:00"),
        ("2025-03-04T06:47:31.123Z", "2025-03-04T06:47:31Z"),
        ("2025-03-04T06:47:31+0800", "2025-03-04T06:47:31+08:00"),
        ("2025-03-04 06:47", "2025-03-04T06:47"),
        ("2025-03-04", "2025-03-04"),
        ("20250304", "2025-03-04"),
        ("20250304064731", "2025-03-04T06:47:31"),
        ("Tue, 04 Mar 2025 06:47:31 GMT", "2025-03-04T06:47:31Z"),
        ("Tue, 04 Mar 2025 06:47:31 -0500", "2025-03-04T06:47:31-05:00"),
        ("Tue Mar  4 06:47:31 2025", "2025-03-04T06:47:31"),
        ("1741070851", "2025-03-04T06:47:31Z"),
        ("1741070851000", "2025-03-04T06:47:31Z"),
        # Chinese, Japanese, Korean
        ("2025年3月4日 06:47", "2025-03-04T06:47"),
        ("发布时间:2025年03月04日06时47分", "2025-03-04T06:47"),
        ("2025年3月4日 星期二 下午6:47", "2025-03-04T18:47"),
        ("民國114年3月4日", "2025-03-04"),
        ("2025. 3. 4. 오후 6:47", "2025-03-04T18:47"),
        ("2025년 3월 4일", "2025-03-04"),
        ("2025/3/4 6:47", "2025-03-04T06:47"),
        ("2025.03.04", "2025-03-04"),
        # others
        ("March 4, 2025 at 6:47 p.m. EDT", "2025-03-04T18:47-04:00"),
        ("4th March 2025, 12:05 am", "2025-03-04T00:05"),
        ("06:47, 4 March 2025", "2025-03-04T06:47"),
        ("4. März 2025, 06.47 Uhr", "2025-03-04T06:47"),
        ("04.03.25", "2025-03-04"),
        ("4 mars 2025 à 6h47", "2025-03-04T06:47"),
        ("4 de marzo de 2025", "2025-03-04"),
        ("4 марта 2025, 06:47", "2025-03-04T06:47"),
        ("4 tháng 3, 2025", "2025-03-04"),
        # no more than is written
        ("2025年3月", "2025-03"),
        ("March 2025", "2025-03"),
        ("2025", "2025"),
        ("03-04 06:47", "--03-04T06:47"),
        ("3月4日", "--03-04"),
        # a zone that may be two is left out, the time stays
        ("2025-03-04 06:47 CST", "2025-03-04T06:47"),
        ("March 4, 2025 6:47 AM ET", "2025-03-04T06:47"),
        # of two dates the first
        ("2025-03-04 (updated 2025-03-05)", "2025-03-04"),
    ],
)
def test_a_date_is_read_as_complete_as_it_is_written(text: str, iso: str) -> None:
    assert read(text) == iso


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2小时前",
        "3 days ago",
        "0001-01-01T00:00:00",
        "1970-01-01T00:00:00Z",
        "2025-02-30",
        "31.02.2025",
        "2025-13-04",
        "99999999",
        "v2.10.11",
        "192.168.10.12",
        "010-2025-0304",
        "12345678901234567890",
        "10:30",
        "4/3",
    ],
)
def test_what_is_no_date_of_the_calendar_is_none(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(("day_first", "iso"), [(True, "2025-04-03"), (False, "2025-03-04"), (None, "2025")])
def test_slashes_are_read_by_the_order_given_and_stay_a_year_without(
    day_first: bool | None, iso: str
) -> None:
    assert read("03/04/2025 06:47", day_first=day_first) in {iso, iso + "T06:47"}


@pytest.mark.parametrize("text", ["25/03/2025", "03/25/2025", "03-25-2025"])
def test_a_number_above_twelve_tells_the_day(text: str) -> None:
    assert read(text) == "2025-03-25"


def test_the_place_of_a_date_covers_its_time() -> None:
    text = "港口 2025-03-04 06:47 来源"
    found = find(text)
    assert found is not None
    assert text[found.start : found.end] == "2025-03-04 06:47"


def test_only_a_date_of_the_same_day_gives_a_year() -> None:
    assert completed("--03-04T06:47", "2025-03-04T10:00Z") == "2025-03-04T06:47"
    assert completed("--03-04", "2025-03-05") is None
    assert completed("2024-03-04", "2025-03-04") is None


def test_an_epoch_is_ten_or_thirteen_digits_and_nothing_else() -> None:
    assert epoch("1741070851") == "2025-03-04T06:47:31Z"
    assert epoch("17410708510") is None
    assert epoch("2741070851") is None


ISO = re.compile(
    r"(?:\d{4}|\d{4}-\d\d|\d{4}-\d\d-\d\d|--\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?"
)


@settings(max_examples=200)
@given(st.text(alphabet="0123456789 -/.:年月日T+Zapm,MarchGMT上午", max_size=40), st.none() | st.booleans())
def test_whatever_is_read_is_iso_8601_and_reads_as_itself(text: str, day_first: bool | None) -> None:
    iso = read(text, day_first=day_first)
    if iso is not None:
        assert ISO.fullmatch(iso), iso
        assert read(iso) == iso


@settings(max_examples=200)
@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001  (dates without a zone)
def test_a_written_moment_is_read_back(moment: datetime) -> None:
    minute = moment.strftime("%Y-%m-%dT%H:%M")
    assert read(moment.strftime("%Y年%m月%d日 %H:%M")) == minute
    assert read(moment.strftime("%d.%m.%Y, %H:%M Uhr")) == minute
    assert read(moment.strftime("%B %d, %Y at %I:%M %p")) == minute
    assert read(moment.strftime("%a, %d %b %Y %H:%M:%S GMT")) == moment.strftime("%Y-%m-%dT%H:%M:%SZ")
