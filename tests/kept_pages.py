"""Kept pages for tests: WARC files as a crawl of others writes them, folders of HTML with their index."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from technews.file_names import shown

OLD = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
LEAD = (
    "Apple has settled on Alibaba's Qwen for the artificial intelligence of iPhones that it sells in China, two people said.",
    "The companies filed their features with the Chinese regulator, which has to approve every generative AI service.",
    "Apple Intelligence is still missing in mainland China, where iPhone sales fell while Huawei gained ground.",
)
QUIET = (
    "The harbour of the small town was quiet on Tuesday, and the ferries left on time for the islands in the bay.",
    "A baker on the square sold bread with walnuts, and the children waited for the tram that never comes early.",
)


def html(title: str, *paragraphs: str, head: str = "") -> bytes:
    """A page of an invented outlet."""
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}'
        f'<meta property="og:site_name" content="Test Wire"></head><body><main><article><h1>{escape(title)}</h1>{text}'
        "</article></main></body></html>"
    ).encode()


def on_topic(key: str, *more: str, head: str = "") -> bytes:
    """A page on the topic, like no other."""
    return html(f"Apple, Alibaba and AI in China: {key}", *(f"{p} ({key})" for p in LEAD), *more, head=head)


def off_topic(key: str) -> bytes:
    """A page on something else."""
    return html(f"A quiet day: {key}", *(f"{p} ({key})" for p in QUIET))


def warc(path: Path, records: Iterable[tuple], *, compress: bool = True) -> Path:
    """A WARC file; a record is (url, body, time) and perhaps status and headers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=compress)
        writer.write_record(writer.create_warcinfo_record(shown(path.name), {"software": "a crawler"}))
        for url, body, at, *rest in records:
            status, headers = rest or (200, [("Content-Type", "text/html; charset=utf-8")])
            http = StatusAndHeaders(f"{status} X", [*headers, ("Content-Length", str(len(body)))], protocol="HTTP/1.1")
            named = {"WARC-Date": at.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(at, datetime) else at}
            writer.write_record(
                writer.create_warc_record(
                    url, "response", payload=BytesIO(body), length=len(body), http_headers=http, warc_headers_dict=named
                )
            )
    return path


def folder(path: Path, pages: dict[str, bytes], index: Iterable[dict | str] = ()) -> Path:
    """A folder of HTML files with its index."""
    for name, body in pages.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(body)
    lines = [line if isinstance(line, str) else json.dumps(line) for line in index]
    if lines:
        (path / "index.jsonl").write_text("\n".join(lines))
    return path
