"""What stays in the archive: all that revisions and open quarantine rows point to; of the rest, what is young enough.

Records that must stay are copied byte for byte into a new file, the pointers move to it in one transaction, and only
then the old file goes: a kill at any point leaves every pointer good, and a file to no pointer for the next time. What
went is said to have: its requests get `archive_expired_at`.
"""

import os
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from technews.ledger import Ledger
from technews.warehouse import Row

_NAMED: Final = re.compile(r"(.*?)(?:-kept(\d+))?(?:\.warc\.gz)?", re.DOTALL)
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Expired:
    """What a run of the retention did: files taken away, records that went, bytes that are free again."""

    files: int = 0
    records: int = 0
    bytes: int = 0

    @property
    def words(self) -> str:
        """The same for people."""
        return f"archive: {self.records:,} records expired in {self.files:,} files, {self.bytes / 1e6:,.1f} MB freed"


def expire(ledger: Ledger) -> Expired:
    """Takes away raw responses that are older than the setting allows and that nothing needs.

    Under the run lock, in a run that `ledger` has open.
    """
    before = ledger.now - timedelta(days=ledger.settings.archive_days)
    shrunk = [_shrink(ledger, row) for row in ledger.store.rows("load/archive_files", before=before)]
    orphans = [_unlinked(path) for path in list(_orphans(ledger, before))]
    records = sum(records for records, _ in shrunk)
    return Expired(len(shrunk) + len(orphans), records, sum(size for _, size in shrunk) + sum(orphans))


def _shrink(ledger: Ledger, row: Row) -> tuple[int, int]:
    """One file without what may go; records that went and bytes that are free."""
    home, name = ledger.settings.archive, row["archive_file"]
    offsets = [place["archive_offset"] for place in ledger.store.rows("load/kept_records", file=name)]
    old = home / name
    size = old.stat().st_size if old.exists() else 0
    new, moved = _copied(home, name, offsets) if offsets and size else (None, [])
    with ledger.store.transaction():
        ledger.store.run("load/move_records", file=name, new=new, rows=moved, now=ledger.now)
    old.unlink(missing_ok=True)
    return row["expired"], size - ((home / new).stat().st_size if new else 0)


def _copied(home: Path, name: str, offsets: Sequence[int]) -> tuple[str, list[Row]]:
    """A file of the records at these offsets; its name, and where each lies in it. What cannot be read is left out."""
    stem, number = _NAMED.fullmatch(name).group(1, 2)  # type: ignore[union-attr]  # it matches any name
    new = f"{stem}-kept{int(number or 0) + 1}.warc.gz"
    moved: list[Row] = []
    with (home / name).open("rb") as source, (home / new).open("wb") as target:
        for offset in [0, *offsets]:  # the first record says what the file is
            record, at = _member(source, offset), target.tell()
            target.write(record)
            if offset and record:
                moved.append({"was": offset, "is": at})
        target.flush()
        os.fsync(target.fileno())
    handle = os.open(home, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return new, moved


def _member(stream: BinaryIO, offset: int) -> bytes:
    """The gzip member (RFC 1952) at an offset, as it lies there; empty where there is no whole one."""
    stream.seek(offset)
    unpack, found = zlib.decompressobj(wbits=31), bytearray()
    while not unpack.eof and (piece := stream.read(_PIECE)):
        found += piece
        try:
            rest = piece
            while rest and not unpack.eof:  # never more than a piece of what it unpacks to is in memory
                unpack.decompress(rest, _PIECE)
                rest = unpack.unconsumed_tail
        except zlib.error:
            return b""
    return bytes(found[: len(found) - len(unpack.unused_data)]) if unpack.eof else b""


def _orphans(ledger: Ledger, before: datetime) -> Iterator[Path]:
    """Files to which nothing points and that nothing wrote to since: of runs that were killed, of a retention too."""
    known = {row["archive_file"] for row in ledger.store.rows("load/pointed_files")}
    for path in sorted(ledger.settings.archive.glob("*.warc.gz")):
        if path.name not in known and datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
            yield path


def _unlinked(path: Path) -> int:
    size = path.stat().st_size
    path.unlink()
    return size
