"""Languages: tags as codes, and detection that neither invents languages nor believes a template blindly."""

import pytest

from technews.languages import ISO_639_1, code_of, counts_characters, detect, language_of

EN = "The foundry at the harbour opens a second hall for packaging before the summer, and hundreds of people find work."
FR = "La fonderie du port ouvre une deuxième salle avant l'été, et des centaines de personnes y trouveront du travail."
ZH = "港湾市的芯片工厂将在夏季之前启用第二座厂房，董事长在年会上宣布，首批设备上周运抵。"
DE = (
    "Die Gießerei am Hafen eröffnet vor dem Sommer eine zweite Halle, und sechshundert Menschen finden dort Arbeit. "
    * 2
)
CONFIGURED = ("en", "fr", "zh")


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"), ("en-US", "en"), ("en_GB", "en"), ("ZH-Hant-HK", "zh"), ("zh-yue-Hant", "zh"), ("cmn-Hans", "zh"),
        ("zho", "zh"), ("fra", "fr"), ("French", "fr"), ("iw", "he"), ("jp", "ja"), ("en, fr", "en"), (" fr ", "fr"),
        ("xx", None), ("", None), (None, None), ("x-klingon", None), ("123", None),
    ],
)  # fmt: skip
def test_tags(tag: str | None, code: str | None) -> None:
    """BCP 47 tags, and the other spellings that pages use, as ISO 639-1."""
    assert code_of(tag) == code


def test_the_list_of_codes() -> None:
    """ISO 639-1 has 183 codes, all of two letters."""
    assert len(ISO_639_1) == 183
    assert all(len(code) == 2 and code.islower() for code in ISO_639_1)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (EN, "en"), (FR, "fr"), (ZH, "zh"), ("苹果公司在华推出人工智能功能", "zh"), ("蘋果在港推出人工智能功能", "zh"),
        ("Apple prépare une IA pour la Chine", "fr"), ("Apple prepares AI for China", "en"), ("", None),
        ("12 345 !", None),
    ],
)  # fmt: skip
def test_detection_among_the_configured_languages(text: str, language: str | None) -> None:
    """Short titles too, and Chinese in both scripts; a text without letters has none."""
    assert detect(text, CONFIGURED) == language


@pytest.mark.parametrize(
    ("stated", "text", "expected"),
    [
        pytest.param("en", EN, "en", id="agree"),
        pytest.param("en", FR, "fr", id="template-says-english"),
        pytest.param("en", ZH, "zh", id="template-says-english-over-chinese"),
        pytest.param("de", DE, "de", id="stated-but-not-configured"),
        pytest.param(None, DE, "de", id="neither-stated-nor-configured"),
        pytest.param(None, FR, "fr", id="silent"),
        pytest.param("fr", "2026", "fr", id="nothing-to-detect"),
        pytest.param(None, "2026", "en", id="nothing-at-all"),
    ],
)
def test_stated_or_detected(stated: str | None, text: str, expected: str) -> None:
    """The page's word counts unless its text contradicts it."""
    assert language_of(stated, text, CONFIGURED, "en") == expected


def test_scripts_without_spaces() -> None:
    """Chinese and Japanese are counted by characters."""
    assert [code for code in ("zh", "ja", "ko", "en", None) if counts_characters(code)] == ["zh", "ja"]
