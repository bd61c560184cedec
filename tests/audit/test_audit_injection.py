"""Ten kinds of error put into a small, sound project: each makes exactly the right checks report."""

import json
import random

import pytest

from corpus.auditing import audit, view

TODAY = "2026-01-01"
TOPICS = [
    ("码头", "货柜的查验期限从三天改成了五天，理由是单证常常不齐。"),
    ("渔市", "今年的鲳鱼少了三成，摊主们把价钱提到了去年的两倍。"),
    ("灯塔", "塔顶的旧灯在台风里碎了，工匠用半个月才磨好新的镜片。"),
    ("渡轮", "夜班船因为乘客太少停开了，住在对岸的护士只好搬家。"),
    ("盐田", "晒盐的人说，连着下雨的春天让收成拖到了夏末。"),
    ("船厂", "最后一艘木船下水那天，老师傅把刨子送给了学徒。"),
    ("海堤", "新修的海堤比旧的高出一米，散步的人看不见海了。"),
    ("学校", "船员的孩子在岸上读书，放假才能见到父亲一面。"),
    ("气象站", "站里的雷达停了两天，渔船都留在港里没有出海。"),
    ("邮局", "信件比包裹少得多了，绿色的邮筒还是每天开一次。"),
    ("仓库", "看仓库的猫生了四只小猫，工人们轮流带饭来喂。"),
    ("税关", "申报单换成了电子的，老货代们排队请年轻人帮忙。"),
]
STANCES = ("favor", "against", "neutral", "none")


def _page(number, topic, body, more=""):
    months = f"{'两三四五六七八九'[number % 8]}个月前"
    side = "来得太迟，早该这样办" if number % 2 else "只会添乱，不如不要"
    return f"""<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><title>{topic}纪事 - 东堤日报</title></head><body>
<article><h1>{topic}纪事</h1><div class="info">2025-03-{number + 1:02} 09:30 东堤日报</div>
<p>本报讯，东堤港务处就{topic}的事发布通告：{body}</p>
<p>记者在{topic}见到经理葛青禾，他说东堤港务处{months}就知道这件事，只是没有人肯先开口。</p>
<p>在{topic}住了多年的人认为，港务新规{side}，大家还要再看一阵。</p>
{more}</article></body></html>
"""


@pytest.fixture
def sound(project):
    """Twelve pages, judged by two annotators and adjudicated, with nothing to report."""
    from corpus.annotating import standing_of

    (project.root / "raw/my-source/page.html").unlink()
    declared = (project.root / "schema/corpus.yaml").read_text("utf-8")
    ratios = "seed: 1\n  ratios: {train: 0.4, validation: 0.3, test: 0.3}"
    old = "seed: 1\n  ratios: {train: 0.8, validation: 0.1, test: 0.1}"
    assert old in declared
    project.write("schema/corpus.yaml", declared.replace(old, ratios))
    for number, (topic, body) in enumerate(TOPICS):
        project.write(f"raw/my-source/page-{number:02}.html", _page(number, topic, body))
    project.lines = []
    for number, document in enumerate(standing_of(project.root).documents):
        for annotator in ("a1", "a2", "gold"):
            for paragraph in document.paragraphs:
                label = ("favor" if number % 2 else "against") if "新规" in paragraph.text else "none"
                note = (
                    f"proposed by Dawid-Skene: 2 of 2; votes a1={label}, a2={label}"
                    if annotator == "gold"
                    else None
                )
                stance = {
                    "layer": "stance",
                    "label": label,
                    "target": "my-target",
                    "annotator": annotator,
                    "note": note,
                }
                project.lines.append(_line(document, paragraph, paragraph.text, **stance))
                for name, entity in (("东堤港务处", "ORG"), ("葛青禾", "PER")):
                    if name in paragraph.text:
                        project.lines.append(
                            _line(document, paragraph, name, label=entity, annotator=annotator)
                        )
    assert len(project.lines) == len(TOPICS) * 3 * 6
    assert _reported(project) == set()
    return project


def _line(document, paragraph, quote, **said):
    from corpus.places import raw_range

    start = paragraph.text.index(quote)
    end = start + len(quote)
    raw_start, raw_end = raw_range(paragraph, start, end)
    line = {
        "id": f"{paragraph.paragraph_id}-{said['annotator']}-{said.get('target')}-{start}",
        "document_id": document.document_id,
        "layer": "entity",
        "target": None,
        "quote": {
            "exact": quote,
            "prefix": paragraph.text[max(0, start - 32) : start],
            "suffix": paragraph.text[end : end + 32],
        },
        "raw": {"sha256": document.raw_sha256, "start": raw_start, "end": raw_end},
        "guideline": "1.0",
        "created_at": "2025-06-05T08:00:00Z",
        "note": None,
    }
    return {**line, **said}


def _reported(project):
    project.annotate(*project.lines)
    return {each.check for each in audit(project.root, TODAY)}


def _the(project, **wanted):
    return next(line for line in project.lines if all(line[name] == value for name, value in wanted.items()))


def _gold_mention(project, page=2):
    return _the(
        project, annotator="gold", layer="entity", label="ORG", document_id=f"my-source/page-{page:02}"
    )


def _offsets_off_by_two(project):
    line = _gold_mention(project)
    line["raw"] = {**line["raw"], "start": line["raw"]["start"] + 2, "end": line["raw"]["end"] + 2}


def _shifted_span(project):
    """Quote and offsets agree with each other: only other places of the name tell."""
    line = _gold_mention(project)
    quote = line["quote"]
    line["quote"] = {
        "exact": quote["exact"][1:] + quote["suffix"][0],
        "prefix": quote["prefix"] + quote["exact"][0],
        "suffix": quote["suffix"][1:],
    }
    line["raw"] = {**line["raw"], "start": line["raw"]["start"] + 1, "end": line["raw"]["end"] + 1}


def _swapped_label(project):
    _gold_mention(project)["label"] = "LOC"


def _swapped_stance(project):
    _the(project, annotator="gold", layer="stance", label="favor")["label"] = "against"


def _dropped_vote(project):
    project.lines.remove(_the(project, annotator="a2", layer="stance", label="favor"))


def _dropped_gold(project):
    project.lines.remove(_the(project, annotator="gold", layer="stance", label="favor"))


def _missed_mention(project):
    for annotator in ("a1", "a2", "gold"):
        project.lines.remove(
            _the(project, annotator=annotator, layer="entity", label="PER", document_id="my-source/page-05")
        )


def _second_vote(project):
    line = _the(project, annotator="a1", layer="stance", label="against")
    project.lines.append({**line, "id": "again", "label": "neutral"})


def _taken_id(project):
    line = _the(project, annotator="a1", layer="entity", label="ORG", document_id="my-source/page-01")
    project.lines.append({**line})


def _unknown_label(project):
    for annotator in ("a1",):
        _the(project, annotator=annotator, layer="entity", label="PER", document_id="my-source/page-06")[
            "label"
        ] = "PRE"


def _ragged_mention(project):
    line = _the(project, annotator="a1", layer="entity", label="PER", document_id="my-source/page-06")
    quote = line["quote"]
    line["quote"] = {**quote, "exact": quote["exact"] + quote["suffix"][0], "suffix": quote["suffix"][1:]}
    line["raw"] = {**line["raw"], "end": line["raw"]["end"] + 1}


def _old_guideline(project):
    for line in project.lines:
        if line["annotator"] == "a1" and line["layer"] == "entity":
            line["guideline"] = "0.9"


def _personal_data(project):
    more = "<p>有货主在来信里说，要查明单证为何丢失，可以打电话给他，号码是13907715522，晚上也可以。</p>"
    project.write(
        "raw/my-source/page-12.html", _page(12, "码头夜班", "夜班从八点改到九点，来接班的人少走一趟。", more)
    )


def _leaked_paragraph(project):
    """A long statement on two pages of different splits that are no reposts."""
    statement = (
        "<p>东堤商会的声明全文如下：会员各家愿与港务部门一道，把单证的格式统一起来，"
        "并在秋天以前交出第一份草案，供各方讨论。</p>"
    )
    for number, topic in enumerate(("茶馆", "戏台"), 12):
        every = "".join(body for _, body in TOPICS)
        body = "".join(random.Random(number).sample(every, len(every)))
        project.write(f"raw/my-source/extra-{number}.html", _page(number, topic, body, statement))
    found_in = {split for name, split in view(project.root, TODAY).splits().items() if "/extra-" in name}
    assert len(found_in) > 1


INJECTIONS = {
    _offsets_off_by_two: {"quote_mismatch"},
    _shifted_span: {"boundary_disagreement"},
    _swapped_label: {"gold_against_votes", "ambiguous_surface"},
    _swapped_stance: {"gold_against_votes"},
    _dropped_vote: {"votes_changed"},
    _dropped_gold: {"votes_without_gold"},
    _missed_mention: {"unlabelled_surface"},
    _second_vote: {"double_vote"},
    _taken_id: {"duplicate_id"},
    _unknown_label: {"unknown_label"},
    _ragged_mention: {"ragged_edge"},
    _old_guideline: {"older_guideline"},
    _personal_data: {"personal_data"},
    _leaked_paragraph: {"leaked_paragraph"},
}


def test_each_injected_error_is_reported_by_its_checks_and_no_other(sound):
    original = json.dumps(sound.lines)
    pages = sorted((sound.root / "raw").rglob("*.html"))
    reported = {}
    for inject in INJECTIONS:
        sound.lines = json.loads(original)
        inject(sound)
        reported[inject.__name__] = _reported(sound)
        for page in set((sound.root / "raw").rglob("*.html")) - set(pages):
            page.unlink()
    assert reported == {inject.__name__: expected for inject, expected in INJECTIONS.items()}
