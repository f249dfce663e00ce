"""Pages in WARC files (ISO 28500): archives of ours, crawls of others such as CC-NEWS. One record at a time in memory.

A file that is cut or damaged is read up to there, and that is said. Nothing in a record raises.
"""

import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from technews.extraction import MAX_BODY
from technews.file_names import as_text, shown
from technews.records import Document

_PAGE_STATUSES: Final = frozenset({200, 203})
_PAGE_KINDS: Final = frozenset({"", "page"})  # of a record of ours; records of others have no kind
_HEAD_LIMIT: Final = 256 * 1024  # bytes of HTTP headers
_STATUS: Final = re.compile(rb"HTTP/\d[.\d]* (\d{3})")
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)  # before the web nothing was fetched from it
_CODINGS: Final = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}


@dataclass(frozen=True, slots=True)
class Passed:
    """What was passed over in a source, and why; reading goes on at `after`.

    `damage` says that something is not there that should be, `details` what would be right, a line each.
    """

    why: str
    after: int
    damage: bool = False
    details: tuple[str, ...] = ()


def is_warc(path: Path) -> bool:
    """Whether this is a WARC file by its name."""
    return path.name.lower().endswith((".warc", ".warc.gz"))


def read_warc(path: Path, start: int, now: datetime) -> Iterator[Document | Passed]:
    """The pages of a file from an offset on, and what was passed over. Raises OSError where it cannot be read."""
    from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # noqa: PLC0415  0.2 s that commands without archive save
    from warcio.exceptions import ArchiveLoadFailed  # type: ignore[import-untyped]  # noqa: PLC0415  as above

    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        modified = datetime.fromtimestamp(os.fstat(stream.fileno()).st_mtime, UTC)
        stream.seek(start)
        if start >= size:
            return
        records, at = ArchiveIterator(stream, no_record_parse=True), start
        try:
            while (record := next(records, None)) is not None:
                found = _read_record(record, path, at, min(modified, now), now)
                records.read_to_end()
                if getattr(record.raw_stream, "limit", 1):  # less came than the record announces
                    break
                at = records.offset
                yield replace(found, after=at)
        except (ArchiveLoadFailed, OSError, EOFError, ValueError, OverflowError, zlib.error) as error:
            yield _cut(path, at, size, str(error))
            return
        if at < size and not _only_blank(stream, at):
            yield _cut(path, at, size, "the last record is not whole")


def _cut(path: Path, at: int, size: int, why: str) -> Passed:
    words = " ".join(why.split())[:120]
    return Passed(f"{shown(path.name)} is cut off or damaged at byte {at:,} of {size:,}: {words}", size, damage=True)


def _only_blank(stream: BinaryIO, at: int) -> bool:
    stream.seek(at)
    return not stream.read(1024).strip(b"\r\n")


def _read_record(record: Any, path: Path, at: int, otherwise: datetime, now: datetime) -> Document | Passed:  # noqa: ANN401  warcio has no types
    fields = record.rec_headers
    if record.rec_type not in ("response", "resource"):
        return Passed(f"records of type {record.rec_type}", at)
    if (fields.get_header("Technews-Kind") or "") not in _PAGE_KINDS:
        return Passed("records that are no pages", at)
    status, headers = (0, ()) if record.rec_type == "resource" else _read_head(record.raw_stream)
    if record.rec_type == "response" and status not in _PAGE_STATUSES:
        return Passed(f"answers with status {status}" if status else "records without an HTTP answer", at)
    lower = {name.lower(): value for name, value in headers}
    return Document(
        source=as_text(path),
        offset=at,
        after=at,
        url=(fields.get_header("WARC-Target-URI") or "").strip("<> ") or None,
        fetched_at=read_time(fields.get_header("WARC-Date"), otherwise, now),
        body=_read_body(record.raw_stream, lower),
        status=status,
        headers=headers,
        content_type=lower.get("content-type", fields.get_header("Content-Type") or "" if not status else ""),
        entry_id=fields.get_header("Technews-Entry"),
    )


def read_time(stated: object, otherwise: datetime, now: datetime) -> datetime:
    """A stated time of fetching, if it is one between 1990 and now; else what the file system says."""
    at = _time(stated)
    return at if at and _EARLIEST <= at <= now else otherwise


def is_time(stated: object) -> bool:
    """Whether this is a time as ISO 8601 writes it; without a zone it is UTC."""
    return _time(stated) is not None


def _time(stated: object) -> datetime | None:
    try:
        read = datetime.fromisoformat(str(stated))
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _read_head(stream: Any) -> tuple[int, tuple[tuple[str, str], ...]]:  # noqa: ANN401  warcio has no types
    """Status (0: no HTTP answer) and headers; the stream stands at the body afterwards."""
    status = _STATUS.match(stream.readline(_HEAD_LIMIT))
    headers: list[tuple[str, str]] = []
    left = _HEAD_LIMIT
    while left > 0 and (line := stream.readline(left)) and line.strip():
        left -= len(line)
        name, _, value = line.decode("latin-1").partition(":")
        headers.append((name.strip(), value.strip()))
    return (int(status[1]) if status else 0), tuple(headers)


def _read_body(stream: Any, headers: dict[str, str]) -> bytes:  # noqa: ANN401  warcio has no types
    """The body without its transfer and content codings, at most a byte more than is ever read of a page."""
    from warcio.bufferedreaders import BufferedReader, ChunkedDataReader  # type: ignore[import-untyped]  # noqa: PLC0415  as above

    coding = _CODINGS.get(headers.get("content-encoding", "").lower())
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    reader = ChunkedDataReader if chunked else BufferedReader
    decoded = reader(stream, decomp_type=coding) if chunked or coding else stream
    parts, size = [], 0
    while size <= MAX_BODY and (part := decoded.read(MAX_BODY + 1 - size)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)
