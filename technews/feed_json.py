"""JSON Feed 1.0 and 1.1: from a document to drafts of its entries, as leniently as the format asks of readers.

Values of the wrong kind count as missing, numbers as text; one bad item never spoils the others.
"""

import html
import json
from typing import Any, Final

from technews.feed_drafts import (
    MARKUP_LIMIT,
    Draft,
    DraftFeed,
    NotAFeed,
    absolute_url,
    distinct,
    one_line,
    permalink,
    plain_title,
)
from technews.records import sound_text

_VERSION: Final = "jsonfeed.org/version/"


def read_json(text: str, url: str) -> DraftFeed:
    """Title and entries of a JSON Feed (jsonfeed.org, versions 1 and 1.1); `url` is where it was served.

    Raises NotAFeed where the text is no JSON, or other JSON than a feed.
    """
    try:
        # Numbers stay as they are written: an id may be one, of any length.
        document = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except RecursionError:
        raise NotAFeed("JSON nested too deeply") from None
    except ValueError as error:
        raise NotAFeed(f"not valid JSON: {error}"[:200]) from None
    if not isinstance(document, dict) or _VERSION not in _text(document, "version"):
        raise NotAFeed("JSON, but no JSON Feed")
    items = document.get("items")
    if not isinstance(items, list):
        raise NotAFeed("a JSON Feed without a list of items")
    drafts = [_draft(item, url) for item in items if isinstance(item, dict)]
    return DraftFeed("json", plain_title(_text(document, "title"), markup=False), drafts)


def _draft(item: dict[str, Any], url: str) -> Draft:
    reference = _text(item, "url").strip() or _text(item, "external_url")
    guid = _text(item, "id").strip()
    return Draft(
        guid=guid,
        url=absolute_url(reference, url, url) or permalink(guid),
        title=plain_title(_text(item, "title"), markup=False),
        author=_authors(item),
        summary=html.escape(_text(item, "summary"), quote=False)[:MARKUP_LIMIT],
        content=(_text(item, "content_html") or html.escape(_text(item, "content_text"), quote=False))[:MARKUP_LIMIT],
        date=_text(item, "date_published").strip() or _text(item, "date_modified").strip() or None,
        categories=distinct(one_line(tag) for tag in _list(item, "tags") if isinstance(tag, str)),
        enclosures=distinct(
            absolute_url(_text(attachment, "url"), url, url) or ""
            for attachment in _list(item, "attachments")
            if isinstance(attachment, dict)
        ),
    )


def _text(values: dict[str, Any], key: str) -> str:
    value = values.get(key)
    return sound_text(value) if isinstance(value, str) else ""


def _list(values: dict[str, Any], key: str) -> list[Any]:
    value = values.get(key)
    return value if isinstance(value, list) else []


def _authors(item: dict[str, Any]) -> str:
    """The authors' names; version 1.0 has one `author`, 1.1 a list."""
    authors = _list(item, "authors") or [item.get("author")]
    names = (one_line(_text(author, "name")) for author in authors if isinstance(author, dict))
    return ", ".join(dict.fromkeys(name for name in names if name))
