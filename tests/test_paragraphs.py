from hypothesis import given
from hypothesis import strategies as st

from corpus.paragraphs import paragraphs
from corpus.records import KEPT_ROLES, ROLES, Block, Segment


def _block(text: str, role: str = "paragraph", start: int = 0) -> Block:
    return Block(
        start, start + len(text), text, role, "test", (Segment(0, len(text), start, start + len(text)),)
    )


def test_an_id_does_not_move_when_a_paragraph_is_added_above():
    alone = paragraphs("d", [_block("出口管制")])
    below = paragraphs("d", [_block("新的一段"), _block("出口管制")])
    assert below[1].paragraph_id == alone[0].paragraph_id


def test_a_repeated_text_in_one_document_gets_a_number():
    ids = [p.paragraph_id for p in paragraphs("d", [_block("同"), _block("异"), _block("同"), _block("同")])]
    assert [i.split("#p-")[1].partition("-")[2] for i in ids] == ["", "", "2", "3"]


def test_the_raw_place_runs_from_the_first_segment_to_the_last():
    block = Block(10, 30, "甲乙", "heading", "test", (Segment(0, 1, 12, 13), Segment(1, 2, 20, 21)))
    (paragraph,) = paragraphs("d", [block])
    assert (paragraph.raw_start, paragraph.raw_end) == (12, 21)


@given(st.lists(st.tuples(st.sampled_from(ROLES), st.text("甲乙", max_size=3)), max_size=12))
def test_exactly_the_kept_blocks_with_text_become_paragraphs_with_distinct_ids(pairs):
    made = paragraphs("d", [_block(text, role) for role, text in pairs])
    assert [(p.role, p.text) for p in made] == [(r, t) for r, t in pairs if r in KEPT_ROLES and t]
    assert len({p.paragraph_id for p in made}) == len(made)
    assert [p.position for p in made] == list(range(len(made)))
