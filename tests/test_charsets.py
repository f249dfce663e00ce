"""Character sets: what is declared counts until the bytes contradict it, and one bad byte harms no other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technews.charsets import decode

CHINESE = "据报道，果园科技将在国内推出智能助手，陶喆与朱镕基两个名字里有少见的字。"
TRADITIONAL = "據報導，果園科技將在國內推出智慧助理，供應商表示訂單已經增加，市場反應熱烈。"
FRENCH = "Réseau : un été chargé pour « l'œuvre » des modèles français, déjà prêts à Noël."
RUSSIAN = "Сегодня компания показала новую модель искусственного интеллекта для телефонов."


def page(text: str, charset: str = "") -> str:
    """A small page; `charset` is what its meta element declares."""
    meta = f'<meta charset="{charset}">' if charset else ""
    return f"<html><head>{meta}<title>{text}</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("text", "codec", "meta", "header"),
    [
        pytest.param(CHINESE, "utf-8", "", None, id="undeclared-utf8"),
        pytest.param(CHINESE, "utf-8", "gbk", None, id="utf8-declared-gbk"),
        pytest.param("苹果", "utf-8", "gb2312", None, id="two-characters-of-utf8-declared-gb2312"),
        pytest.param(FRENCH, "utf-8", "iso-8859-1", "text/html; charset=ISO-8859-1", id="utf8-declared-latin1-twice"),
        pytest.param(CHINESE, "gb18030", "utf-8", "text/html; charset=utf-8", id="gb18030-declared-utf8-twice"),
        pytest.param(CHINESE, "gbk", "gb2312", None, id="gbk-character-in-gb2312"),
        pytest.param("谢谢", "gbk", "gbk", None, id="short-gbk-that-is-also-sound-utf8"),
        pytest.param(CHINESE, "gbk", "gb2312", "text/html; charset=ISO-8859-1", id="server-says-latin1-for-everything"),
        pytest.param(CHINESE, "gbk", "", None, id="undeclared-gbk"),
        pytest.param(TRADITIONAL, "big5", "", None, id="undeclared-big5"),
        pytest.param(TRADITIONAL, "big5", "utf-8", None, id="big5-declared-utf8"),
        pytest.param(FRENCH, "cp1252", "", None, id="undeclared-windows-1252"),
        pytest.param(FRENCH, "cp1252", "utf-8", None, id="windows-1252-declared-utf8"),
        pytest.param("prix : 5 € – « oui »", "cp1252", "iso-8859-1", None, id="latin1-means-windows-1252"),
        pytest.param(RUSSIAN, "cp1251", "windows-1251", None, id="declared-windows-1251"),
        pytest.param(RUSSIAN, "cp1251", "koi8-r", "text/html;charset='windows-1251'", id="header-before-meta"),
        pytest.param("工場の計画", "iso2022_jp", "iso-2022-jp", None, id="escapes-of-ascii-alone"),
        pytest.param(CHINESE, "utf-8", "iso-2022-jp", None, id="utf8-declared-iso-2022-jp"),
        pytest.param(CHINESE, "utf-8-sig", "gbk", "text/html; charset=gbk", id="byte-order-mark-before-all"),
        pytest.param(CHINESE, "utf-16", "utf-8", None, id="utf16-with-mark"),
        pytest.param(CHINESE, "utf-16-le", "", None, id="utf16-without-mark"),
        pytest.param(CHINESE, "utf-8", "utf-16", None, id="meta-utf16-means-utf8"),
        pytest.param(CHINESE, "utf-8", "no-such-set", "text/html; charset=", id="unknown-labels"),
        pytest.param(CHINESE, "utf-8", "hz-gb-2312", None, id="label-that-browsers-refuse"),
    ],
)
def test_document_comes_out_right(text: str, codec: str, meta: str, header: str | None) -> None:
    """The character set that the bytes are in wins, whatever is declared about them."""
    document = page(text, meta)
    assert decode(document.encode(codec), header) == document


def test_http_equiv_and_comments() -> None:
    """An http-equiv meta element declares like any other; one in a comment declares nothing."""
    head = '<!-- <meta charset="koi8-r"> --><meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'
    assert decode(f"{head}{RUSSIAN}".encode("cp1251"), "text/html").endswith(RUSSIAN)


def test_xml_declaration_counts_for_xml_alone() -> None:
    """XML is declared in its first line; a meta element inside an article's text declares nothing."""
    document = f'<?xml version="1.0" encoding="windows-1251"?><rss><a>&lt;meta charset="koi8-r"&gt;{RUSSIAN}</a></rss>'
    assert decode(document.encode("cp1251"), "text/xml", xml=True) == document


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        pytest.param(FRENCH, ("utf-8", "utf-8"), id="declared-twice"),
        pytest.param("plain ASCII", ("utf-8", "utf-8"), id="no-other-character-beyond-ascii"),
        pytest.param(CHINESE, ("gbk", "gbk"), id="declared-otherwise"),
        pytest.param(CHINESE, ("", ""), id="undeclared"),
    ],
)
def test_one_bad_byte_is_replaced_alone(text: str, labels: tuple[str, str]) -> None:
    """A bad byte in UTF-8 becomes U+FFFD and changes no other character."""
    meta, header = labels
    body = page(text, meta).encode() + b"abc\xe9def"
    assert decode(body, f"text/html; charset={header}") == page(text, meta) + "abc\ufffddef"


@settings(deadline=None)  # other work may slow the machine
@given(
    st.binary(max_size=400), st.sampled_from([None, "", "text/html; charset=gbk", "a;charset=utf-16", "x;charset=\x00"])
)
def test_never_raises(body: bytes, header: str | None) -> None:
    """Any bytes give a text, under any declaration."""
    for start in (b"", b"<meta charset=big5>", b'<?xml version="1.0" encoding="shift_jis"?>'):
        assert isinstance(decode(start + body, header, xml=start.startswith(b"<?")), str)


@settings(deadline=None)  # other work may slow the machine
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\ufeff\x00\x1b"), max_size=200))
def test_undeclared_utf8_is_kept(text: str) -> None:
    """Sound UTF-8 without declaration is never taken for anything else."""
    document = page(text.replace("charset", "").replace("<", ""))
    assert decode(document.encode(), "text/html") == document
