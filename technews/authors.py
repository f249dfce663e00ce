"""The author of a page as it names them: JSON-LD, meta elements, then the visible byline."""

import html
import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, Final

from trafilatura.metadata import extract_author

from technews.documents import Element, is_huge, strings
from technews.records import sound_text

_LONGEST: Final = 200
_METAS: Final = (
    "author", "article:author", "og:author", "byl", "dc.creator", "dc:creator", "dcterms.creator", "parsely-author",
    "sailthru.author", "citation_author", "cxenseparse:author",
)  # fmt: skip
_BY: Final = re.compile(
    r"^(?:by|par|written by|propos recueillis par|文|作者|记者|編輯|编辑|撰文)\s*[:：｜|/]?\s+|^(?:作者|文)[:：｜|]\s*",
    re.IGNORECASE,
)


def author_of(tree: Element, metas: Mapping[str, str], article: Mapping[str, Any]) -> str | None:
    """The authors' names, joined by commas, None where the page names none. Addresses and handles are no names."""
    stated = _names(strings(article.get("author")))
    named = stated or _names(metas[name] for name in _METAS if name in metas)
    return named or (None if is_huge(tree) else _names([extract_author(deepcopy(tree)) or ""]))


def _names(candidates: Iterable[str]) -> str | None:
    names: list[str] = []
    for candidate in candidates:
        for part in re.split(r"\s*;\s*", html.unescape(candidate)):
            name = _BY.sub("", " ".join(sound_text(part).split())).strip(" ,|·-")
            if (
                any(char.isalpha() for char in name)
                and "://" not in name
                and "@" not in name
                and len(name) <= _LONGEST
                and name not in names
            ):
                names.append(name)
    return ", ".join(names)[:_LONGEST] or None
