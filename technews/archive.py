"""Raw responses kept as WARC 1.1 (ISO 28500), so that a better cleaner can read them again without the network.

One file per run, one gzip member per record, only ever appended to: what a crash cuts off is the last record at most.
Bodies are stored decoded, and the headers say so; everything else is as the server sent it. Each record also names
what was asked for, which attempt it was and how long it took, and carries a digest of its payload.

Exceptions:

    ArchiveError        there is no whole record at that place
"""

import gzip
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

from technews.records import Fetch

_UNSAFE: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f]+")
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NAME: Final = re.compile(r"[^A-Za-z0-9_-]+")
# These describe the bytes on the wire, not the decoded body that is stored.
_WIRE_FIELDS: Final = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_ORIGINAL: Final = "X-Archive-Orig-"
_COMPRESSION: Final = 4  # of zlib's 9: a page takes under half the time, and a twentieth more space

Headers = tuple[tuple[str, str], ...]


class ArchiveError(Exception):
    """There is no whole record at that place."""


@dataclass(frozen=True, slots=True)
class Archived:
    """One response as it was stored. `kind` is that of its fetch; header values are decoded as Latin-1."""

    kind: str
    url: str
    at: datetime
    status: int
    headers: Headers
    body: bytes = field(repr=False)
    feed_id: str | None = None
    entry_id: str | None = None

    @property
    def content_type(self) -> str:
        """As the server said it; of a record without HTTP headers, that of a page."""
        return next((value for name, value in self.headers if name.lower() == "content-type"), "")


class Archive:
    """Writes the responses of one run into a file of their own, made when the first one comes.

    A context manager, which closes the file. One thread at a time may use it.
    """

    def __init__(self, folder: Path, run_id: str, started_at: datetime) -> None:
        """Writes nothing yet; the file is named by the run's start and id."""
        self._folder = folder
        self._run_id = run_id
        self.file = f"{started_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{_NAME.sub('-', run_id)[:80]}.warc.gz"
        self._stream: BinaryIO | None = None
        self._folder_synced = False

    def __enter__(self) -> Self:
        """Writes nothing yet."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Closes the file."""
        self.close()

    def store(  # noqa: PLR0913, PLR0917  a response has as many parts
        self,
        kind: str,
        url: str,
        status: int,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        at: datetime,
        *,
        feed_id: str | None = None,
        entry_id: str | None = None,
        fetch: Fetch | None = None,
        source: str | None = None,
    ) -> tuple[str, int]:
        """Appends a response; gives the file (relative to the archive's folder) and the record's offset in bytes.

        `fetch` is the request that it answers; `source` where a backfill read it. A `status` of 0 says that no server
        sent it: it becomes a record of type `resource`. Nothing is safe on disk before `sync`.
        """
        stream = self._open()
        fields = {
            "WARC-Date": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "Technews-Kind": _clean(kind),
            **({"Technews-Feed": _clean(feed_id)} if feed_id else {}),
            **({"Technews-Entry": _clean(entry_id)} if entry_id else {}),
            **({"Technews-Source": _clean(source)} if source else {}),
            **(_request_fields(fetch) if fetch else {}),
        }
        offset = stream.tell()
        with _member(stream) as writer:
            record = writer.create_warc_record(
                _clean(url),
                "response" if status else "resource",
                payload=BytesIO(body),
                length=len(body),
                warc_content_type="" if status else "text/html",
                warc_headers_dict=fields,
                http_headers=_http_headers(status, headers, len(body)) if status else None,
            )
            writer.write_record(record)
        return self.file, offset

    def sync(self) -> None:
        """Makes what was stored so far outlive a power cut: the file and, once, its place in the folder."""
        if self._stream is None:
            return
        self._stream.flush()
        os.fsync(self._stream.fileno())
        if not self._folder_synced:
            for folder in (self._folder, self._folder.parent):
                _sync_folder(folder)
            self._folder_synced = True

    def close(self) -> None:
        """Syncs and closes the file; a later `store` would open it again and append."""
        if self._stream is not None:
            self.sync()
            self._stream.close()
            self._stream = None

    def _open(self) -> BinaryIO:
        if self._stream is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._stream = (self._folder / self.file).open("ab")
            if self._stream.tell() == 0:
                info = {"software": "technews", "format": "WARC File Format 1.1", "technews-run": _clean(self._run_id)}
                with _member(self._stream) as writer:
                    writer.write_record(writer.create_warcinfo_record(self.file, info))
        return self._stream


def read(folder: Path, file: str, offset: int) -> Archived:
    """The response at an offset of a file of the archive. Raises ArchiveError where there is no whole one."""
    from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # noqa: PLC0415  0.2 s that commands without archive save
    from warcio.exceptions import ArchiveLoadFailed  # type: ignore[import-untyped]  # noqa: PLC0415  as above

    place = f"{file} at {offset}"
    if Path(file).name != file:
        raise ArchiveError(f"{place}: not a file of the archive")
    try:
        with (folder / file).open("rb") as stream:
            stream.seek(offset)
            record = next(ArchiveIterator(stream, no_record_parse=True), None)
            if record is None or record.rec_type not in ("response", "resource"):
                raise ArchiveError(f"{place}: no response there")
            length = int(record.rec_headers.get_header("Content-Length", ""))
            block = record.raw_stream.read()
    except OSError as error:
        raise ArchiveError(f"{place}: {error.strerror or error}") from None
    except (ArchiveLoadFailed, EOFError, ValueError) as error:
        raise ArchiveError(f"{place}: no whole record there: {error}") from None
    if len(block) != length:
        raise ArchiveError(f"{place}: the record is cut off after {len(block)} of {length} bytes")
    return _archived(record.rec_type, record.rec_headers, block, place)


@contextmanager
def _member(stream: BinaryIO) -> Iterator[Any]:
    """A WARC writer whose record goes to the stream as one gzip member, once it is whole."""
    from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]  # noqa: PLC0415  0.2 s that commands without archive save

    plain = BytesIO()
    yield WARCWriter(plain, gzip=False, warc_version="1.1")
    stream.write(gzip.compress(plain.getbuffer(), _COMPRESSION, mtime=0))


def _archived(kind: str, fields: Any, block: bytes, place: str) -> Archived:  # noqa: ANN401  warcio has no types
    try:
        status, headers, body = _http_parts(block) if kind == "response" else (0, (), block)
        at = datetime.fromisoformat(fields.get_header("WARC-Date"))
    except (IndexError, ValueError, TypeError):
        raise ArchiveError(f"{place}: not a record of this archive") from None
    return Archived(
        fields.get_header("Technews-Kind") or "",
        fields.get_header("WARC-Target-URI") or "",
        at,
        status,
        headers,
        body,
        fields.get_header("Technews-Feed"),
        fields.get_header("Technews-Entry"),
    )


def _http_parts(block: bytes) -> tuple[int, Headers, bytes]:
    head, _, body = block.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(": ") for line in lines]
    return int(first.split(" ")[1]), tuple((name, value) for name, _, value in pairs), body


def _request_fields(fetch: Fetch) -> dict[str, str]:
    """What was asked, as fields of our own: the standard leaves names of other makers' fields free (section 5.1)."""
    return {
        "Technews-Asked": _clean(fetch.url),
        "Technews-Attempt": str(fetch.attempt),
        "Technews-Duration-Ms": str(fetch.duration_ms),
    }


def _http_headers(status: int, headers: Iterable[tuple[str, str]], length: int) -> Any:  # noqa: ANN401  no types
    from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]  # noqa: PLC0415  0.2 s that commands without archive save

    kept = []
    for name, value in headers:
        if not _TOKEN.fullmatch(name):
            continue  # no field that HTTP knows (RFC 9110 section 5.1), and it could pass for the end of the head
        prefix = _ORIGINAL if name.lower() in _WIRE_FIELDS else ""
        kept.append((prefix + name, _clean(value)))
    kept.append(("Content-Length", str(length)))
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    built = StatusAndHeaders(f"{status} {phrase}".strip(), kept, protocol="HTTP/1.1")
    # Set here, since warcio would percent-encode what is not ASCII, and the server sent bytes.
    built.compute_headers_buffer = lambda _filter=None: None
    built.headers_buff = _as_bytes(built.to_str()) + b"\r\n"
    return built


def _as_bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", errors="replace")


def _clean(text: str) -> str:
    """A header's value on one line, in characters that can be written."""
    return _UNSAFE.sub(" ", text).encode("utf-8", errors="replace").decode().strip()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
