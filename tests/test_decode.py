"""Decoding: evidence in its order, claims against bytes, nothing lost silently, never an exception."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.decode import Decoded, decode, name
from corpus.records import Encoding

HOSTILE = Path(__file__).resolve().parents[2] / "shared" / "hostile"

HANS = (
    "港口海关昨天公布了上半年的检查结果，共有十七批货物因为申报不实被退回。负责人表示，今后还会加强对转运企业的审核，"
    "并且和邻近地区的部门交换信息。几家物流公司回应说，他们已经按照新的要求重新登记，希望流程能够尽快稳定下来。\n"
)
HANT = (
    "港口海關昨天公布了上半年的檢查結果，共有十七批貨物因為申報不實被退回。負責人表示，今後還會加強對轉運企業的審核，"
    "並且和鄰近地區的部門交換資訊。幾家物流公司回應說，他們已經按照新的要求重新登記，希望流程能夠儘快穩定下來。\n"
)
JAPANESE = (
    "港の税関はきのう、上半期の検査の結果を発表しました。申告に誤りがあった貨物は十七件で、すべて返送されたということです。"
    "担当者は、これからも中継業者の審査を強めていくと話しています。\n"
)
KOREAN = (
    "항만 세관은 어제 상반기 검사 결과를 발표했다. 신고가 사실과 다른 화물 열일곱 건이 반송되었다고 한다. "
    "담당자는 앞으로도 환적 업체에 대한 심사를 강화하겠다고 말했다.\n"
)
RUSSIAN = (
    "Портовая таможня вчера сообщила о результатах проверок за первое полугодие: семнадцать партий были "
    "возвращены из-за неверных деклараций. Представитель ведомства добавил, что контроль будет усилен.\n"
)
GERMAN = (
    "Die Zollbehörde im Hafen veröffentlichte gestern die Ergebnisse der Prüfungen: siebzehn Lieferungen "
    "gingen zurück, weil die Erklärungen nicht stimmten. Künftig würden Händler schärfer geprüft, heißt es.\n"
)
POLISH = (
    "Urząd celny w porcie ogłosił wczoraj wyniki kontroli z pierwszego półrocza: siedemnaście ładunków "
    "zwrócono, ponieważ zgłoszenia były błędne. Rzeczniczka dodała, że nadzór będzie jeszcze ściślejszy.\n"
)
IN_LEGACY = [
    (HANS, "gbk", "gbk"),
    (HANT, "big5", "big5"),
    (JAPANESE, "shift_jis", "shift_jis"),
    (JAPANESE, "euc_jp", "euc-jp"),
    (JAPANESE, "iso2022_jp", "iso-2022-jp"),
    (KOREAN, "euc_kr", "euc-kr"),
    (RUSSIAN, "cp1251", "windows-1251"),
    (RUSSIAN, "koi8_r", "koi8-r"),
    (GERMAN * 3, "cp1252", "windows-1252"),
    (POLISH * 3, "iso8859_2", "iso-8859-2"),
]
PAGE = "<!DOCTYPE html><html><head><meta charset={}><title>x</title></head><body><p>{}</p></body></html>"


@pytest.mark.parametrize(("text", "codec", "expected"), IN_LEGACY)
def test_a_right_claim_is_believed(text, codec, expected):
    decoded = decode(text.encode(codec), f"text/html; charset={expected}")
    assert decoded == Decoded(text, Encoding(expected, "http"))


@pytest.mark.parametrize(("text", "codec", "expected"), IN_LEGACY)
def test_an_undeclared_encoding_is_detected(text, codec, expected):
    decoded = decode(text.encode(codec))
    assert decoded.text == text
    assert decoded.encoding.evidence == "detector"


@pytest.mark.parametrize("claim", ["gb2312", "big5", "shift_jis", "euc-kr", "iso-8859-1", "windows-1251"])
@pytest.mark.parametrize(
    ("text", "codec"), [(HANS, "utf-8"), (HANS, "gbk"), (HANT, "big5"), (JAPANESE, "shift_jis")]
)
def test_a_wrong_claim_is_overruled_and_kept(claim, text, codec):
    decoded = decode(PAGE.format(claim, text).encode(codec))
    assert text in decoded.text
    assert decoded.encoding.declared == (None if name(claim) == name(codec) else claim)


def test_gb18030_under_a_utf8_claim_is_found():
    decoded = decode(PAGE.format("utf-8", HANS).encode("gb18030"))
    assert HANS in decoded.text
    assert decoded.encoding == Encoding("gbk", "detector", "utf-8")


def test_of_two_claims_the_one_the_bytes_bear_out_wins():
    decoded = decode(PAGE.format("gb2312", HANS).encode("gbk"), "text/html; charset=ISO-8859-1")
    assert decoded.encoding == Encoding("gbk", "meta", "iso-8859-1")


def test_http_goes_before_meta_where_both_would_do():
    assert decode(PAGE.format("gbk", "plain").encode(), "text/html;charset='big5'").encoding == Encoding(
        "big5", "http", "gbk"
    )


def test_gb2312_and_gb18030_are_one_decoder_and_no_contradiction():
    body = PAGE.format("gb2312", HANS + "𠀀").encode("gb18030")
    assert decode(body, "text/html; charset=gb18030").encoding == Encoding("gb18030", "http")
    assert "𠀀" in decode(body).text


@pytest.mark.parametrize(
    ("codec", "mark", "expected"),
    [
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("utf-16-le", b"\xff\xfe", "utf-16le"),
        ("utf-16-be", b"\xfe\xff", "utf-16be"),
    ],
)
def test_a_byte_order_mark_decides_and_is_no_part_of_the_text(codec, mark, expected):
    decoded = decode(mark + HANS.encode(codec), "text/html; charset=big5")
    assert decoded == Decoded(HANS, Encoding(expected, "bom", "big5"))


def test_only_the_first_byte_order_mark_is_a_mark():
    assert decode(b"\xef\xbb\xbf\xef\xbb\xbfa").text == "\ufeffa"


def test_a_utf8_mark_before_gbk_text_is_a_wrong_claim():
    assert decode(b"\xef\xbb\xbf" + HANS.encode("gbk")).encoding.name == "gbk"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["<p>Harbour news</p>", f"<p>{HANS}</p>", HANS * 2, f"<p>{RUSSIAN}</p>", "ab"]
)
def test_utf16_without_a_mark_is_found_by_its_nul_bytes(codec, text):
    assert decode(text.encode(codec)).text == text


def test_nul_bytes_strewn_into_text_do_not_make_it_utf16():
    assert decode(b"a\0harbour news, a\0 second line\n" * 9).encoding.name == "utf-8"
    assert decode((HANS + "\0").encode()).text == HANS + "\0"


def test_utf16_declared_in_ascii_bytes_means_utf8():
    decoded = decode(PAGE.format("utf-16", HANS).encode())
    assert decoded.encoding == Encoding("utf-8", "meta", "utf-16")


def test_an_xml_declaration_counts_where_no_meta_does():
    xml = f"<?xml version='1.0' encoding='GB2312'?><html><p>{HANS}</p></html>"
    assert decode(xml.encode("gbk")).encoding == Encoding("gbk", "xml")


@pytest.mark.parametrize(
    "markup",
    [
        "<!-- <meta charset=big5> -->",
        '<p title="<meta charset=big5>">',
        "<metacharset=big5>",
        "<meta name=x content='text/html; charset=big5'>",
        '<meta charset="big5',
        "<!meta charset=big5>",
    ],
)
def test_what_only_looks_like_a_declaration_declares_nothing(markup):
    assert decode(f"<html>{markup}<p>plain</p>".encode()).encoding == Encoding("utf-8", "default")


@pytest.mark.parametrize(
    "markup",
    [
        "<META CharSet = 'Big5' >",
        '<meta http-equiv=Content-Type content="text/html; charset=big5">',
        "<meta content='text/html;charset=\"big5\"' http-equiv=content-type />",
        "<!--> <meta charset=big5>",
        "<meta charset=nonsense><meta charset=big5>",
        "<!-- " + "x" * 3000 + " --><meta charset=big5>",
    ],
)
def test_what_declares_is_read_as_the_standard_reads_it(markup):
    assert decode(f"<html>{markup}<p>plain</p>".encode()).encoding == Encoding("big5", "meta")


def test_a_meta_quoted_in_plain_text_declares_nothing():
    assert decode(b"Write <meta charset=big5> there.", format="text").encoding == Encoding("utf-8", "default")


def test_an_unknown_label_is_kept_as_a_wrong_claim():
    assert decode(b"plain", "text/html; charset=klingon").encoding == Encoding("utf-8", "default", "klingon")


def test_encodings_that_browsers_refuse_are_not_used():
    assert decode(b"plain ~{VPND~}", "text/html; charset=hz-gb-2312").text == "plain ~{VPND~}"


def test_utf8_with_a_few_broken_bytes_stays_utf8_and_counts_them():
    body = bytearray((HANS * 3).encode())
    body[30:31] = body[200:201] = b"\xff"
    decoded = decode(bytes(body), "text/html; charset=gbk")
    assert decoded.encoding.name == "utf-8"
    assert decoded.encoding.replacements == decoded.text.count("\ufffd") > 0


def test_gbk_with_broken_bytes_stays_gbk():
    body = HANS.encode("gbk") * 8
    cut = body[:300] + b"\xff" + body[301:901] + b"\x80\xff" + body[903:-1]
    for content_type in (None, "text/html; charset=gb2312"):
        encoding = decode(cut, content_type).encoding
        assert encoding.name == "gbk"
        assert 0 < encoding.replacements < 8


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
def test_replacement_characters_that_the_text_already_had_are_not_counted(codec):
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(codec, b"")
    whole = mark + f"<p>{HANS}\ufffd\ufffd</p>".encode(codec)
    claim = f"text/html; charset={codec}"
    assert decode(whole, claim).text.count("\ufffd") == 2
    assert decode(whole, claim).encoding.replacements == 0
    assert decode(whole + b"\x81", claim).encoding.replacements == 1


def test_ascii_without_a_claim_is_utf8_by_default():
    assert decode(b"plain") == Decoded("plain", Encoding("utf-8", "default"))
    assert decode(b"") == Decoded("", Encoding("utf-8", "default"))


@pytest.mark.parametrize("codec", ["utf-8", "gbk", "cp1252"])
def test_a_page_that_is_ascii_for_its_first_megabyte_is_decoded_to_its_end(codec):
    text = (
        "<p>plain</p>\n" * 90_000
        + "<p>caf\u00e9 \u00fcber</p>" * (codec != "gbk")
        + HANS * (codec != "cp1252")
    )
    decoded = decode(text.encode(codec), f"text/html; charset={codec}")
    assert (decoded.text == text, decoded.encoding.replacements) == (True, 0)


def test_newlines_stay_as_they_are():
    assert decode(b"a\r\nb\rc\n\x0bd\xc2\x85").text == "a\r\nb\rc\n\x0bd\x85"


def test_text_encoded_twice_is_not_mended():
    mojibake = "café".encode().decode("cp1252")
    assert decode(mojibake.encode()).text == mojibake


@pytest.mark.parametrize("char", ["联通", "路·", "中"])
def test_very_short_chinese_pages_are_read_as_declared(char):
    assert decode(PAGE.format("gbk", char).encode("gbk")).text == PAGE.format("gbk", char)


@given(
    st.binary(max_size=400),
    st.sampled_from([None, "text/html; charset=gbk", "x; charset=utf-16", ";charset="]),
)
@settings(max_examples=300)
def test_decoding_never_raises_and_counts_what_it_replaces(body, content_type):
    for form in ("html", "text"):
        decoded = decode(body, content_type, form)
        assert decoded == decode(body, content_type, form)
        assert 0 <= decoded.encoding.replacements <= decoded.text.count("\ufffd")
        decoded.text.encode("utf-8")


@given(
    st.binary(max_size=120),
    st.sampled_from(["<meta ", "<!--", "charset", "=", '"', "<p ", "'>", "http-equiv"]),
)
def test_the_prescan_survives_any_markup(noise, piece):
    decode(b"<meta charset" + noise + piece.encode() + noise)


@given(st.text(st.characters(codec="gb18030", exclude_characters="\0\x1b\ufeff"), min_size=1, max_size=60))
def test_gb18030_round_trips_under_its_claim_behind_enough_chinese(text):
    whole = HANS * 3 + text
    assert decode(whole.encode("gb18030"), "text/html; charset=gb18030").text.startswith(HANS * 3)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\x1b\ufeff"), max_size=80))
def test_utf8_round_trips(text):
    decoded = decode(text.encode())
    assert decoded == Decoded(text, decoded.encoding)
    assert decoded.encoding.name == "utf-8"


@pytest.mark.parametrize(
    ("label", "file"),
    [
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("big5", "big5"),
        ("euc-kr", "euc_kr"),
        ("shift_jis", "shift_jis"),
        ("euc-jp", "jis0208"),
        ("euc-jp", "jis0212"),
        ("iso-2022-jp", "iso_2022_jp"),
    ],
)
def test_decoders_agree_with_the_reference_of_encoding_rs(label, file):
    folder = HOSTILE / "encoding_rs" / "tests" / "test_data"
    if not folder.exists():
        pytest.skip("the encoding_rs test data is not beside the checkout")
    expected = (folder / f"{file}_in_ref.txt").read_bytes().decode()
    assert (folder / f"{file}_in.txt").read_bytes().decode(f"whatwg-{label}") == expected


def test_labels_are_those_of_the_encoding_standard():
    import json

    listed = HOSTILE / "whatwg-encoding" / "encodings.json"
    if not listed.exists():
        pytest.skip("the list of the encoding standard is not beside the checkout")
    for group in json.loads(listed.read_text()):
        for encoding in group["encodings"]:
            assert {name(label) for label in encoding["labels"]} == {encoding["name"].lower()}


@pytest.mark.parametrize("file", ["tests1.dat", "tests2.dat"])
def test_declarations_are_found_where_html5lib_finds_them(file):
    listed = HOSTILE / "html5lib-tests" / "encoding" / file
    if not listed.exists():
        pytest.skip("the html5lib tests are not beside the checkout")
    for case in listed.read_bytes().split(b"#data\n")[1:]:
        body, _, expected = case.partition(b"\n#encoding\n")
        label = expected.split(b"\n")[0].decode()
        scripted = b"document.write" in body or b"alert(" in body  # declared by a script, which is not run
        if not scripted and body.isascii():
            wanted = (
                name(label) if label.lower() != "windows-1252" or b'charset="ISO-8859-1' in body else None
            )
            found = decode(body).encoding
            assert found.name == wanted or (wanted is None and found.name in {"utf-8", "windows-1252"}), body
