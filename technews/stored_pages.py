"""A page that was kept, as it would come from the web: from the archive, or from where a backfill read it.

The text of an entry whose feed carries whole articles lies in the feed's own document. What is not there any more, or
cannot be read, is None.
"""

import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from technews import archive
from technews.extraction import carries_full_text, feed_text_page
from technews.feeds import NotAFeed, read_feed
from technews.file_names import as_path
from technews.html_folders import read_file
from technews.records import Entry, Feed, FeedEntry, Fetch, Page
from technews.warc_files import read_warc


def kept_page(folder: Path, entry: Entry, row: Mapping[str, Any]) -> Page | None:
    """The entry's page: from the archive or where a backfill read it, else what its feed carries of it."""
    if page := stored_page(folder, entry, row):
        return page
    if row["source"]:
        return _source_page(entry, row)
    return feed_text_page(entry, row["fetched_at"]) if carries_full_text(entry) else None


def stored_page(folder: Path, entry: Entry, row: Mapping[str, Any]) -> Page | None:
    """The page at `archive_file`, `archive_offset` of the archive, for its entry; `entry_key` finds it in a feed."""
    file, offset = row["archive_file"], row["archive_offset"]
    if file is None or offset is None:
        return None
    try:
        found = archive.read(folder, file, offset)
    except archive.ArchiveError:
        return None
    if found.kind == "feed":
        return _from_feed(folder, replace(entry, feed_record=(file, offset)), row)
    fetch = Fetch("page", found.url, row["fetched_at"], 0, archive_file=file, archive_offset=offset)
    return Page(entry, row["url"], found.body, found.content_type, row["fetched_at"], fetch=fetch)


def _source_page(entry: Entry, row: Mapping[str, Any]) -> Page | None:
    """The page at `source`, `source_offset` of a file outside of the archive, where a backfill read it."""
    path, offset = as_path(row["source"]), row["source_offset"]
    try:
        if offset is None:
            body, content_type = read_file(path), ""
        else:
            found = next(read_warc(path, offset, datetime.now(UTC)), None)
            body, content_type = getattr(found, "body", b""), getattr(found, "content_type", "")
    except (OSError, EOFError, zlib.error):
        return None
    fetch = Fetch("page", row["url"] or "", row["fetched_at"], 0)
    return Page(entry, row["url"] or "", body, content_type, row["fetched_at"], fetch=fetch) if body else None


def _from_feed(folder: Path, entry: Entry, row: Mapping[str, Any]) -> Page | None:
    record = entry.feed_record or ("", 0)
    found = _feed_entries(folder, *record, entry.feed).get(row["entry_key"])
    if found is None:
        return None
    served = replace(entry, title=found.title, url=found.url or entry.url, content=found.content, summary=found.summary)
    return feed_text_page(served, row["fetched_at"])


@lru_cache(maxsize=4)  # the entries of one document are asked for one after the other
def _feed_entries(folder: Path, file: str, offset: int, feed: Feed) -> dict[str, FeedEntry]:
    try:
        found = archive.read(folder, file, offset)
        document = read_feed(found.body, content_type=found.content_type, url=found.url, feed=feed, now=found.at)
    except (archive.ArchiveError, NotAFeed):
        return {}
    return {entry.key: entry for entry in document.entries}
