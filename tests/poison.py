"""Pages that are meant to do harm, each by name: made here, from nothing but markup."""

import json
import random
from collections.abc import Callable, Mapping
from typing import Final

_P: Final = "<p>The foundry at the harbour opens a second hall for packaging before the summer, its chairman said.</p>"


def _page(inner: str, head: str = "") -> bytes:
    return f"<html><head><title>Foundry</title>{head}</head><body>{inner}</body></html>".encode(
        "utf-8", "surrogatepass"
    )


def _nested(tag: str, depth: int) -> bytes:
    return _page(f"<{tag}>" * depth + _P + f"</{tag}>" * depth)


POISON: Final[Mapping[str, Callable[[], bytes]]] = {
    "nested 100,000 deep": lambda: _nested("div", 100_000),
    "inline nested 200,000 deep": lambda: _nested("b", 200_000),
    "tables in tables": lambda: _page("<table><tr><td>" * 20_000 + _P),
    "boxes of offers in each other": lambda: _page('<div class="subscribe-offer">' * 190 + _P * 20_000),
    "articles in each other": lambda: _page("<article>" * 190 + _P * 20_000),
    "200,000 attributes": lambda: _page("<p " + " ".join(f"a{i}=1" for i in range(200_000)) + ">" + _P),
    "50 MB of attributes": lambda: _page('<p title="' + "x" * 50_000_000 + '">' + _P),
    "9 MB of attributes": lambda: _page('<p title="' + "x" * 9_000_000 + '">' + _P),
    "an endless table": lambda: _page("<table>" + "<tr><td>1<td>2<td>3" * 300_000),
    "an endless list of links": lambda: _page(
        "<ul>" + '<li><a href="/a">A headline that leads elsewhere today</a>' * 90_000
    ),
    "one endless word": lambda: _page("<p>" + "a" * 9_000_000),
    "one endless line of brackets": lambda: _page("<" * 9_000_000),
    "tags that never end": lambda: _page("<a b=" * 1_000_000),
    "broken surrogates": lambda: _page("<p>" + "\ud800\udc00 and \udfff" * 20_000 + _P * 20),
    "references to surrogates": lambda: _page("<p>" + "&#xD800;&#xDFFF;&#0;" * 100_000 + _P * 20),
    "half a character at every place": lambda: b"<html><body><p>" + b"\xe8\x8b\xf0\x9f" * 500_000,
    "no bytes but zero": lambda: b"<html>" + b"\0" * 5_000_000,
    "noise": lambda: b"<html><body>" + random.Random(7).randbytes(3_000_000),
    "JSON nested 100,000 deep": lambda: _page(_P * 9, f'<script type="application/ld+json">{"[" * 100_000}</script>'),
    "JSON with 100,000 objects": lambda: _page(
        _P * 9,
        f'<script type="application/ld+json">{json.dumps([{"@type": "NewsArticle", "headline": "x"}] * 100_000)}</script>',
    ),
    "an article stated a thousand times": lambda: _page(
        _P * 9, f'<script type="application/ld+json">{json.dumps({"articleBody": _P * 15_000})}</script>' * 6
    ),
    "100,000 headings": lambda: _page("<h1>Foundry</h1>" * 100_000 + _P * 9),
    "100,000 meta elements": lambda: _page(_P * 9, '<meta name="date" content="2026-13-45">' * 100_000),
    "100,000 times": lambda: _page("<article>" + '<time datetime="1">x</time>' * 100_000 + _P * 9),
    "a title of 5 MB": lambda: _page(_P * 9, f"<title>{'a - ' * 1_200_000}</title>"),
    "entities without end": lambda: _page("<p>" + "&amp;" * 1_500_000),
    "comments without end": lambda: b"<html><body>" + b"<!-- " * 1_000_000,
    "frames in frames": lambda: _page("<iframe>" * 50_000 + _P),
    "dates all over": lambda: _page("<p>" + "2026-11-25 10:00 " * 300_000),
    "a PDF": lambda: b"%PDF-1.7" + bytes(range(256)) * 10_000,
}
