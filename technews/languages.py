"""Languages: the codes of ISO 639-1, what a page's language tag means in them, and detection where a page has none.

A page's own word counts where the text does not contradict it: templates often declare a language that is not theirs.
"""

from collections.abc import Collection, Iterable
from typing import Final

# ISO 639-1:2002 with the codes that its registration authority added since.
_CODES: Final = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo "
    "es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka "
    "kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng "
    "nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su "
    "sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
ISO_639_1: Final = frozenset(_CODES.split())
# Chinese under its macrolanguage (ISO 639-3), withdrawn codes, and three-letter codes and names that pages carry.
_OTHER_NAMES: Final = {
    "cmn": "zh", "zho": "zh", "chi": "zh", "yue": "zh", "wuu": "zh", "hak": "zh", "nan": "zh", "cn": "zh",
    "chinese": "zh", "eng": "en", "english": "en", "fra": "fr", "fre": "fr", "french": "fr", "français": "fr",
    "deu": "de", "ger": "de", "german": "de", "spa": "es", "spanish": "es", "ita": "it", "italian": "it", "por": "pt",
    "portuguese": "pt", "rus": "ru", "jpn": "ja", "jp": "ja", "japanese": "ja", "kor": "ko", "kr": "ko", "korean": "ko",
    "nld": "nl", "dut": "nl", "ara": "ar", "iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro",
}  # fmt: skip
# What a text may turn out to be though neither page nor configuration names it: languages that are hard to confuse.
_OFTEN_MET: Final = ("ar", "de", "es", "it", "ja", "ko", "nl", "pt", "ru")
COMMON: Final = ("en", "fr", "zh", *_OFTEN_MET)
_LONG_ENOUGH: Final = 200
_ENOUGH: Final = 1_000

_COUNTED_BY_CHARACTER: Final = frozenset({"zh", "ja"})


def counts_characters(language: str | None) -> bool:
    """Whether length in this language is counted in characters, since it writes no spaces between words."""
    return language in _COUNTED_BY_CHARACTER


def code_of(tag: str | None) -> str | None:
    """The ISO 639-1 code of a language tag (BCP 47, such as `zh-Hant-HK`; also `en_US`), None for none or nonsense.

    Three-letter codes and English names that real pages carry are understood.
    """
    primary = (tag or "").strip().lower().replace("_", "-").split("-")[0].split(",")[0].strip()
    # `kr` is Kanuri and `cn` is nothing: pages that say so mean Korean and Chinese.
    code = _OTHER_NAMES.get(primary, primary)
    return code if code in ISO_639_1 else None


def ranked(text: str) -> tuple[str, ...]:
    """All languages that are known (ISO 639-1), the likeliest for the text first; none for a text without letters."""
    sample = text[:_ENOUGH]
    if not any(char.isalpha() for char in sample):
        return ()
    import py3langid  # type: ignore[import-untyped]  # noqa: PLC0415 - the model takes a second and 90 MB, which a run without new pages need not spend

    return tuple(code for code, _ in py3langid.rank(sample))


def detect(text: str, among: Iterable[str], ranking: Iterable[str] = ()) -> str | None:
    """The likeliest of these languages (ISO 639-1) for the text, None for a text without letters or no candidate.

    Restricting matters: over all languages of its model, short Chinese comes out as Cantonese. `ranking` is what
    `ranked` said of the text, where it was asked before.
    """
    candidates = frozenset(among)
    return next((code for code in ranking or ranked(text) if code in candidates), None)


def language_of(
    stated: str | None, text: str, languages: Collection[str], fallback: str, ranking: Iterable[str] = ()
) -> str:
    """A text's language: as its page states it if the text agrees, else as detected, else `fallback`.

    Candidates are the configured languages, the stated one, and for a text of 200 characters and more some languages
    that are hard to confuse (a German piece is German, whatever is configured). `ranking` is as for `detect`.
    """
    own = (stated,) if stated else ()
    wide = _OFTEN_MET if len(text) >= _LONG_ENOUGH else ()
    return detect(text, (*languages, *own, *wide), ranking) or stated or fallback
