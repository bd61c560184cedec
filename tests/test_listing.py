"""The list of raw files and their pages."""

import pytest

from corpus.listing import Listed, ListedFile, Listing


def _page(path, number, document_id, **more):
    told = {"raw_sha256": "0" * 64, "format": "html", "about": b"a" * 32, "raw_chars": 3} | more
    return Listed(path, number, None, None, document_id, **told)


@pytest.fixture
def listing(tmp_path):
    made = Listing(tmp_path / "pages.sqlite")
    made.add(
        [_page("b.html", 0, "b"), _page("a.jsonl", 0, "a#1", lines=b"x" * 12), _page("a.jsonl", 1, "a#0")],
        [ListedFile("a.jsonl", "facts", "1", "sha"), ListedFile("b.html", None, "1", "sha")],
    )
    made.add([Listed("c.html", 0, None, "it is empty")], [ListedFile("c.html", "facts", "1", "sha")])
    yield made
    made.close()


def test_pages_come_in_the_order_of_their_ids(listing):
    assert [page.document_id for page in listing.pages()] == ["a#0", "a#1", "b"]
    assert [page.document_id for page in listing.between("a#1", "b")] == ["a#1", "b"]
    assert list(listing.lines()) == [("a#0", b""), ("a#1", b"x" * 12), ("b", b"")]


def test_pages_asked_for_come_in_the_order_of_their_files_and_places(listing):
    assert [page.document_id for page in listing.of(["a#0", "b", "a#1", "none"])] == ["a#1", "a#0", "b"]


def test_what_was_set_aside_is_told_with_its_reason(listing):
    assert listing.set_aside() == [("c.html", "it is empty", None)]


@pytest.mark.parametrize(
    ("facts", "version", "known"),
    [
        ({"a.jsonl": "facts", "c.html": "facts"}, "1", {"a.jsonl", "c.html"}),
        ({"a.jsonl": "others", "c.html": "facts"}, "1", {"c.html"}),
        ({"b.html": "None"}, "1", set()),  # read again though nothing changed
        ({"a.jsonl": "facts"}, "2", set()),
    ],
)
def test_a_file_is_known_by_its_facts_and_the_version_of_the_code(listing, facts, version, known):
    assert listing.known(facts, version) == known


def test_files_whose_pages_are_listed_twice_are_read_again(listing):
    listing.add([_page("a.jsonl", 2, "a#1")])
    assert listing.known({"a.jsonl": "facts", "c.html": "facts"}, "1") == {"c.html"}


def test_files_that_are_not_kept_go_with_their_pages(listing):
    listing.keep(["b.html"])
    assert [page.document_id for page in listing.pages()] == ["b"]
    assert listing.set_aside() == []
    assert list(listing.files()) == [("b.html", "sha")]


def test_ids_of_more_than_one_page_are_named(listing):
    assert listing.twice() == []
    listing.add([_page("d.html", 0, "b")])
    assert listing.twice() == ["b"]


def test_a_list_that_is_damaged_is_begun_anew(tmp_path):
    (tmp_path / "pages.sqlite").write_bytes(b"SQLite format 3\0" + bytes(4000))
    made = Listing(tmp_path / "pages.sqlite")
    assert list(made.pages()) == []
    made.close()


def test_a_link_in_the_place_of_the_list_is_not_followed(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "pages.sqlite").symlink_to(tmp_path / "mine")
    Listing(tmp_path / "pages.sqlite").close()
    assert (tmp_path / "mine").read_text() == "mine"
