"""Language and script: what the scripts decide, what langdetect decides, and when to abstain."""

from __future__ import annotations

import random
import runpy
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import language
from corpus.language import Language, detect, walks
from corpus.language.variants import VARIANTS


@pytest.mark.parametrize(
    ("text", "expected", "script"),
    [
        ("港口昨天重新开放,三艘货轮已经靠岸。", "zh", "Hans"),
        ("港口昨天重新開放,三艘貨輪已經靠岸。", "zh", "Hant"),
        ("佢哋話聽日嘅船期已經取消咗", "zh", "Hant"),
        ("港は昨日ふたたび開かれ、三隻の貨物船が着いた。", "ja", "Jpan"),
        ("항구는 어제 다시 열렸고 화물선 세 척이 들어왔다.", "ko", "Kore"),
        ("Το λιμάνι άνοιξε ξανά χθες το πρωί.", "el", "Grek"),
        ("הנמל נפתח מחדש אתמול בבוקר", "he", "Hebr"),
        ("ท่าเรือเปิดอีกครั้งเมื่อวานนี้", "th", "Thai"),
        ("Порт вчера снова открылся, и три судна подошли к причалу.", "ru", "Cyrl"),
        ("Порт учора знову відкрився, і три судна підійшли до причалу.", "uk", "Cyrl"),
        ("Порт учора зноў адкрыўся, і тры судны падышлі да прычала.", "be", "Cyrl"),
        ("أعيد فتح الميناء أمس ووصلت ثلاث سفن شحن إلى الرصيف.", "ar", "Arab"),
        ("بندر دیروز دوباره باز شد و سه کشتی باری پهلو گرفتند.", "fa", "Arab"),
        ("बंदरगाह कल फिर से खुल गया और तीन मालवाहक जहाज पहुँचे।", "hi", "Deva"),
        ("The harbour opened again yesterday and three freighters came in.", "en", "Latn"),
        ("Der Hafen wurde gestern wieder geöffnet, drei Frachter haben angelegt.", "de", "Latn"),
        ("Le port a rouvert hier et trois cargos sont arrivés à quai.", "fr", "Latn"),
        ("El puerto volvió a abrir ayer y llegaron tres cargueros al muelle.", "es", "Latn"),
        ("Cảng đã mở cửa trở lại vào hôm qua và ba tàu hàng đã cập bến.", "vi", "Latn"),
        ("THE HARBOUR OPENED AGAIN YESTERDAY AND THREE FREIGHTERS CAME IN", "en", "Latn"),
    ],
)
def test_a_sentence_has_its_language_and_script(text: str, expected: str, script: str) -> None:
    assert detect(text)[:2] == (expected, script)


@pytest.mark.parametrize(
    "text",
    [
        "他们用 PyTorch 和 CUDA 在 Blackwell GPU 上 fine-tune 了一个 open-source 模型",
        "会议将于 11 月在 Harbour Convention Centre, Lion City 举行",
        "这个 bug 昨天已经 fix 了,请 review 一下 pull request",
        "據 Harbour Daily 報道,Northwind Components 否認出售 accelerators",
        "优の选旗舰店今天正式开业,欢迎光临",
    ],
)
def test_chinese_with_borrowed_words_stays_chinese(text: str) -> None:
    assert detect(text).language == "zh"


@pytest.mark.parametrize(
    "text",
    [
        "The ministry (贸易部) said on Friday that it would look into the sale of the servers.",
        "He wrote the characters 港口 on the wall and said that they are the oldest in the city.",
    ],
)
def test_english_that_names_chinese_things_stays_english(text: str) -> None:
    assert detect(text).language == "en"


@pytest.mark.parametrize("text", ["東京都庁発表", "5歳の兄", "関係者が図で説明"])
def test_japanese_is_known_by_its_own_characters_where_kana_are_few(text: str) -> None:
    assert detect(text).language == "ja"


def test_characters_common_to_both_scripts_leave_the_script_open() -> None:
    assert detect("明天在海上有大雨和大浪") == Language("zh", "Hani", "script")


def test_traditional_spellings_of_other_standards_are_not_japanese() -> None:
    assert detect("港口爲衆人啓用,羣山峯頂的雲霧裏")[:2] == ("zh", "Hant")


@pytest.mark.parametrize("text", ["乾隆著名", "皇后在台北里巷"])
def test_characters_at_home_in_both_standards_are_no_evidence(text: str) -> None:
    assert detect(text).script == "Hani"


@pytest.mark.parametrize("text", ["", " \n\t", "12:30", "2025-03-04", "…!?", "👍👍", "\ud800", "\x00", "١٢٣"])
def test_text_without_letters_has_no_language_and_no_script(text: str) -> None:
    assert detect(text) == Language(None, None, "no letters")


@pytest.mark.parametrize(
    "text", ["OK", "GPU H100", "收藏", "Мир", "https://port.example/the-harbour-is-open"]
)
def test_what_is_too_short_is_left_open(text: str) -> None:
    assert detect(text).language is None


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("收藏", "zh-CN", "zh"),
        ("Home", "en_GB", "en"),
        ("Startseite", "de", "de"),
        ("日本経済新聞社", "ja", "ja"),
        ("Höfnin var opnuð aftur í gær og þrjú flutningaskip lögðust að.", "is", "is"),
        ("Лука је јуче поново отворена и три брода су пристала.", "sr", "sr"),
    ],
)
def test_a_declaration_decides_what_cannot_be_told_otherwise(text: str, declared: str, expected: str) -> None:
    assert detect(text).language != expected or expected == "ja"
    assert detect(text, declared).language == expected


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("The harbour opened again yesterday and three freighters came in.", "zh-CN", "en"),
        ("The harbour opened again yesterday and three freighters came in.", "is", "en"),
        ("Der Hafen wurde gestern wieder geöffnet, drei Frachter haben angelegt.", "en", "de"),
        ("港口昨天重新开放,三艘货轮已经靠岸。", "en", "zh"),
        ("港口昨天重新开放,三艘货轮已经靠岸。", "ja", "zh"),
        ("收藏", "en", None),
        ("Home", "zh", None),
        ("Home", "not a language", None),
        ("Home", "und", None),
    ],
)
def test_a_declaration_that_the_text_contradicts_is_not_believed(
    text: str, declared: str, expected: str | None
) -> None:
    assert detect(text, declared).language == expected


def test_a_script_without_a_rule_is_named_and_nothing_claimed() -> None:
    assert detect("ሰላም ለዓለም") == Language(None, "Ethi", "script unknown")
    assert detect("ሰላም ለዓለም", "am").language == "am"


def test_a_long_text_costs_no_more_than_its_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(language, "_detect", lambda sample, _: seen.append(sample))
    detect("港口" * 5_000_000)
    assert len(seen[0]) <= language.SAMPLE + 2


def test_the_same_text_is_decided_once() -> None:
    language._detect.cache_clear()
    for _ in range(5):
        detect("The harbour opened again yesterday and three freighters came in.")
    assert language._detect.cache_info().misses == 1


def test_answers_do_not_depend_on_the_order_of_calls_or_on_threads() -> None:
    texts = [
        f"{first} {second}"
        for first in ("The harbour opened", "Der Hafen ist offen", "Le port a rouvert", "Il porto riapre")
        for second in ("after three weeks", "nach drei Wochen", "après trois semaines", "dopo tre settimane")
    ]
    alone = {text: detect(text) for text in texts}
    shuffled = texts * 3
    random.Random(7).shuffle(shuffled)
    language._detect.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        assert all(
            alone[text] == found for text, found in zip(shuffled, pool.map(detect, shuffled), strict=True)
        )


def test_other_users_of_langdetect_keep_their_own_seed() -> None:
    from langdetect import DetectorFactory

    before = DetectorFactory.seed
    detect("Der Hafen wurde gestern wieder geöffnet, drei Frachter haben angelegt.")
    assert DetectorFactory.seed == before


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text("aeinrstßÉéŁžđ’' EINRSẞẠ\uff21", max_size=9), max_size=60).map(" ".join),
    st.sampled_from((1, 2, 3)),
)
def test_walks_end_where_those_of_langdetect_end(text: str, trials: int) -> None:
    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
    from langdetect.lang_detect_exception import LangDetectException

    priors = {"cs": 1.0, "de": 3.0, "en": 3.0, "fr": 0.1, "vi": 0.1}
    factory = DetectorFactory()
    profiles = [Path(PROFILES_DIRECTORY, name).read_text(encoding="utf-8") for name in priors]
    factory.load_json_profile(profiles)
    factory.set_seed(walks.SEED)
    detector = factory.create()
    detector.n_trial = trials
    detector.set_prior_map(priors)
    detector.append(text)
    found, probability = walks.ask(text, priors, trials)
    try:
        expected = detector.get_probabilities()[0]
    except LangDetectException:
        assert found is None
    else:
        assert probability == pytest.approx(expected.prob, abs=1e-12)
        assert found == expected.lang


def test_the_table_of_variants_is_what_opencc_and_the_national_character_sets_tell() -> None:
    path = Path(__file__).resolve().parents[1] / "benchmarks/language_variants.py"
    made = runpy.run_path(str(path))["variants"]()
    assert set(made.values()) == {"Hans", "Hant", "Jpan"}
    assert made == VARIANTS


def test_neither_langdetect_nor_opencc_is_loaded_before_it_is_needed() -> None:
    code = (
        "import sys; from corpus.language import detect; detect('12'); detect('ท่าเรือเปิด');"
        "detect('船已靠岸');"
        "assert not {'langdetect', 'opencc'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@settings(max_examples=200)
@given(st.text(), st.none() | st.text(max_size=12))
def test_any_text_gets_an_answer_that_is_the_same_again(text: str, declared: str | None) -> None:
    first = detect(text, declared)
    language._detect.cache_clear()
    assert detect(text, declared) == first
    assert first.evidence
    assert first.language is None or (first.language.isalpha() and first.language.islower())
