"""What the archive promises: everything comes back, and a crash costs the last record at most."""

import gzip
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from technews.archive import Archive, ArchiveError, read

NOON = datetime(2026, 1, 2, 12, 0, 0, 123456, tzinfo=UTC)
HEADERS = (("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))


def archive(folder: Path) -> Archive:
    """The archive of one run."""
    return Archive(folder / "archive", "run/7", NOON)


def test_round_trip(tmp_path: Path) -> None:
    """Kind, URL, time, status, headers, body and ids come back as they were."""
    with archive(tmp_path) as writer:
        places = [
            writer.store(
                "page", f"https://a.example/{n}", 200, HEADERS, bytes([n]) * n, NOON, feed_id="f", entry_id=str(n)
            )
            for n in range(5)
        ]
    assert {file for file, _ in places} == {"20260102T120000Z-run-7.warc.gz"}
    for n, (file, offset) in enumerate(places):
        found = read(tmp_path / "archive", file, offset)
        assert (found.kind, found.url, found.status, found.at) == ("page", f"https://a.example/{n}", 200, NOON)
        assert found.headers == (*HEADERS, ("Content-Length", str(n)))
        assert (found.body, found.feed_id, found.entry_id) == (bytes([n]) * n, "f", str(n))


def test_other_readers_understand_it(tmp_path: Path) -> None:
    """The file is WARC 1.1 with a warcinfo record, digests that hold, and headers that fit the stored body."""
    sent = (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("Content-Length", "5"))
    with archive(tmp_path) as writer:
        file, _ = writer.store("feed", "https://a.example/feed", 200, sent, b"<rss/>" * 9, NOON, feed_id="wire")
    with (tmp_path / "archive" / file).open("rb") as stream:
        info, record = (
            (r.rec_type, r.rec_headers, r.http_headers, r.content_stream().read(), r.digest_checker.passed)
            for r in ArchiveIterator(stream, check_digests="raise")
        )
    assert (info[0], record[0], record[1].protocol) == ("warcinfo", "response", "WARC/1.1")
    assert record[1].get_header("Technews-Feed") == "wire"
    assert record[1].get_header("WARC-Payload-Digest").startswith("sha1:")
    assert (record[3], record[4]) == (b"<rss/>" * 9, True)
    assert record[2].get_header("Content-Length") == "54"
    assert record[2].get_header("Content-Encoding") is None
    assert record[2].get_header("X-Archive-Orig-Content-Encoding") == "gzip"


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        (("X", "caf\u00e9 \u00ff"), ("X", "caf\u00e9 \u00ff")),
        (("X", "a\r\n\r\n<p>b\0c"), ("X", "a <p>b c")),
        (("X\r\nY", "a"), None),
        (("", "a"), None),
        (("X: Y", "a"), None),
        (("X", ""), ("X", "")),
        (("X", "a: b"), ("X", "a: b")),
    ],
    ids=["latin-1", "newlines", "name-with-newline", "no-name", "name-with-colon", "empty", "colon"],
)
def test_hostile_headers(tmp_path: Path, header: tuple[str, str], kept: tuple[str, str] | None) -> None:
    """No header can end the head early or pass for another one; the body is never touched."""
    with archive(tmp_path) as writer:
        place = writer.store("page", "https://a.example/", 200, [header], b"\r\n\r\nbody", NOON)
    found = read(tmp_path / "archive", *place)
    assert found.headers == ((*([kept] if kept else []), ("Content-Length", "8")))
    assert found.body == b"\r\n\r\nbody"


@settings(max_examples=60, deadline=None)
@given(
    url=st.text(max_size=30),
    headers=st.lists(st.tuples(st.text(max_size=10), st.text(max_size=20)), max_size=4),
    body=st.binary(max_size=200),
    status=st.integers(100, 999),
)
def test_whatever_was_sent_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, url: str, headers: list[tuple[str, str]], body: bytes, status: int
) -> None:
    """Any text in URL and headers (surrogates too) leaves a record whose body and status come back."""
    folder = tmp_path_factory.mktemp("any")
    with Archive(folder, "r", NOON) as writer:
        writer.store("page", "https://a.example/", 200, [], b"first", NOON)
        place = writer.store("page", url, status, headers, body, NOON)
    found = read(folder, *place)
    assert (found.body, found.status) == (body, status)


def test_a_cut_file_is_readable_up_to_the_cut(tmp_path: Path) -> None:
    """Of a file that a crash cut, every record before the cut comes back, and the cut one is an ArchiveError."""
    with archive(tmp_path) as writer:
        places = [writer.store("page", "https://a.example/", 200, HEADERS, os.urandom(9000), NOON) for _ in "123"]
    file = tmp_path / "archive" / places[0][0]
    whole = file.read_bytes()
    for cut in (
        len(whole) - 1,
        len(whole) - 12,
        places[2][1] + 5000,
        places[2][1] + 200,
        places[2][1] + 15,
        places[2][1] + 1,
    ):
        file.write_bytes(whole[:cut])
        assert [read(file.parent, *place).status for place in places[:2]] == [200, 200]
        if cut < len(whole) - 12:
            with pytest.raises(ArchiveError):
                read(file.parent, *places[2])


@pytest.mark.parametrize(
    ("file", "offset"), [("missing.warc.gz", 0), ("../secret", 0), ("plain", 0), ("plain", 99), ("a.gz", 0)]
)
def test_no_record_there(tmp_path: Path, file: str, offset: int) -> None:
    """What is no record of the archive is one clear error."""
    (tmp_path / "plain").write_bytes(b"just text\r\n\r\nno record")
    (tmp_path / "a.gz").write_bytes(
        gzip.compress(b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 2\r\n\r\nab\r\n\r\n")
    )
    with pytest.raises(ArchiveError, match="at "):
        read(tmp_path, file, offset)


def test_nothing_stored_makes_no_file(tmp_path: Path) -> None:
    """A run without responses leaves no empty file."""
    with archive(tmp_path) as writer:
        writer.sync()
    assert list(tmp_path.iterdir()) == []


def test_synced_records_outlive_the_process(tmp_path: Path) -> None:
    """After `sync` the file on disk holds the record, though it is not closed; other zones are stored as UTC."""
    writer = archive(tmp_path)
    place = writer.store("page", "https://a.example/", 200, [], b"x", NOON.astimezone(timezone(timedelta(hours=8))))
    writer.sync()
    assert read(tmp_path / "archive", *place).at == NOON
    assert writer.store("page", "https://a.example/", 200, [], b"y", NOON)[1] > place[1]
    writer.close()


def test_import_is_cheap() -> None:
    """Whoever only imports the archive does not pay for its library."""
    code = "import sys, technews.archive; sys.exit('warcio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
