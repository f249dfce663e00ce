"""Sources of a backfill: WARC files and folders, whole, cut, damaged and hostile."""

import gzip
import os
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from kept_pages import OLD, folder, html, on_topic, warc

from technews.extraction import MAX_BODY
from technews.html_folders import look_at
from technews.records import Document
from technews.settings import UsageError
from technews.sources import find_sources, stated_address
from technews.warc_files import Passed, read_warc

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PAGE = html("A page", "A sentence that stands here.")
TYPE = ("Content-Type", "text/html; charset=utf-8")


def read(path, start=0):
    """All that a WARC file holds."""
    return list(read_warc(path, start, NOW))


def documents(path, start=0):
    """The documents among it."""
    return [item for item in read(path, start) if isinstance(item, Document)]


@pytest.mark.parametrize("compress", [True, False], ids=["gzip", "plain"])
def test_every_page_comes_once_and_reading_goes_on_anywhere(tmp_path, compress):
    """In order, with address, time and body; from the end of any document the rest follows, as after a kill."""
    path = warc(
        tmp_path / "crawl.warc",
        [(f"https://a.example/{n}", PAGE + bytes([n]), OLD) for n in range(6)],
        compress=compress,
    )
    found = documents(path)
    assert [(d.url, d.body, d.fetched_at) for d in found] == [
        (f"https://a.example/{n}", PAGE + bytes([n]), OLD) for n in range(6)
    ]
    for place, document in enumerate(found):
        assert [d.url for d in documents(path, document.after)] == [d.url for d in found[place + 1 :]]
        assert next(read_warc(path, document.offset, NOW)).url == document.url
    assert found[-1].after == path.stat().st_size


@pytest.mark.parametrize("compress", [True, False], ids=["gzip", "plain"])
def test_a_cut_file_is_read_up_to_the_cut_and_said_to_be(tmp_path, compress):
    """At whatever byte it was cut: every whole record before it comes, none after, and the cut is said."""
    path = warc(tmp_path / "crawl.warc", [(f"https://a.example/{n}", PAGE, OLD) for n in range(3)], compress=compress)
    whole, ends = path.read_bytes(), [document.after for document in documents(path)]
    starts = [document.offset for document in documents(path)]
    for cut in range(starts[1] + 1, len(whole), 3):
        path.write_bytes(whole[:cut])
        found = read(path)
        came = [item for item in found if isinstance(item, Document)]
        said = [item for item in found if isinstance(item, Passed) and item.damage]
        # Of a record all but its last bytes may be there: what is missing then is no part of the page.
        assert len(came) in ({sum(end <= cut for end in ends), sum(end <= cut + 12 for end in ends)}), cut
        assert bool(said) or cut in starts or len(came) == sum(end <= cut + 12 for end in ends), cut
        assert all(item.after == cut for item in said)


@pytest.mark.parametrize(
    ("headers", "sent", "body"),
    [
        ([TYPE, ("Content-Encoding", "gzip")], gzip.compress(PAGE), PAGE),
        ([TYPE, ("Content-Encoding", "gzip")], PAGE, PAGE),
        ([TYPE, ("Content-Encoding", "deflate")], zlib.compress(PAGE), PAGE),
        ([TYPE, ("X-Crawler-Content-Encoding", "gzip")], PAGE, PAGE),
        ([TYPE, ("Transfer-Encoding", "chunked")], b"5\r\n<html\r\n0\r\n\r\n", b"<html"),
        ([TYPE, ("Transfer-Encoding", "chunked")], PAGE, PAGE),
        ([TYPE, ("Content-Encoding", "gzip")], gzip.compress(b" " * 3 * MAX_BODY), b" " * (MAX_BODY + 1)),
        ([TYPE], b"", b""),
    ],
    ids=["gzip", "gzip named, not done", "deflate", "crawler's name", "chunked", "chunked, not done", "bomb", "empty"],
)
def test_bodies_come_without_their_codings(tmp_path, headers, sent, body):
    """Whatever a crawl stored; never more than a byte over what is read of a page."""
    path = warc(tmp_path / "c.warc.gz", [("https://a.example/", sent, OLD, 200, headers)])
    (found,) = documents(path)
    assert found.body == body


@pytest.mark.parametrize(
    ("stated", "read_as"),
    [
        ("2026-01-05T08:00:00Z", OLD),
        ("2026-01-05T08:00:00.5Z", OLD + timedelta(milliseconds=500)),
        ("2026-01-05T16:00:00+08:00", OLD),
        ("2026-01-05T08:00:00", OLD),
        ("9999-12-31T23:59:59Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_time_that_cannot_be_is_that_of_the_file(tmp_path, stated, read_as):
    """A time of fetching lies between 1990 and now; a later one would shut out every revision to come."""
    path = warc(tmp_path / "c.warc.gz", [("https://a.example/", PAGE, stated)])
    os.utime(path, (1_700_000_000, 1_700_000_000))
    (found,) = documents(path)
    assert found.fetched_at == (read_as or datetime.fromtimestamp(1_700_000_000, UTC))


def test_what_is_no_page_is_passed_over_and_counted(tmp_path):
    """Failed answers, requests, other data; each with its reason, and the pages between them come."""
    path = warc(
        tmp_path / "c.warc.gz",
        [("https://a.example/1", b"gone", OLD, 404, [TYPE]), ("https://a.example/2", PAGE, OLD)],
    )
    found = read(path)
    assert [item.why for item in found if isinstance(item, Passed)] == [
        "records of type warcinfo",
        "answers with status 404",
    ]
    assert [item.url for item in found if isinstance(item, Document)] == ["https://a.example/2"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no warc at all",
        b"WARC/1.0\r\nContent-Length: -5\r\n\r\n",
        b"WARC/1.0\r\nWARC-Type: response\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<html>",
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999999999999999\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<html>",
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 7\r\n\r\nno http\r\n\r\n",
        b"\x1f\x8b\x08\x00garbage",
        gzip.compress(b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n" * 3),
        b"\r\n" * 5000,
    ],
    ids=["empty", "text", "negative", "no length", "huge length", "no HTTP", "gzip garbage", "one member", "blank"],
)
def test_hostile_files_end_reading_and_raise_nothing(tmp_path, content):
    """Whatever lies in a file with a name of ours."""
    path = tmp_path / "x.warc"
    path.write_bytes(content)
    assert not [item for item in read(path) if isinstance(item, Document)]


def test_a_folder_is_read_with_its_index(tmp_path):
    """Address and time from `index.jsonl`, else the page's canonical address and the file's time; packed files too."""
    place = folder(
        tmp_path / "saved",
        {
            "b.html": PAGE,
            "sub/a.htm": html("T", "x", head='<link href="https://a.example/canon?a=1&amp;b=2" rel="canonical">'),
            "c.html.gz": gzip.compress(PAGE),
            "notes.txt": b"no page",
        },
        [
            {"path": "b.html", "url": "https://a.example/b", "fetched_at": "2026-01-05T08:00:00Z"},
            "no json",
            {"path": "../../etc/passwd", "url": "https://a.example/p"},
            {"path": 7, "url": "https://a.example/7"},
            {"path": "c.html.gz", "fetched_at": "soon"},
            {"path": "./b.html", "url": "https://a.example/b", "fetched_at": "2026-01-05T08:00:00Z"},
            {"path": "sub/a.htm", "url": "notaurl"},
        ],
    )
    os.utime(place / "c.html.gz", (1_700_000_000, 1_700_000_000))
    (source,) = find_sources([place])
    found = list(source.read(0, NOW))
    assert source.feed_id == "archive:saved"
    assert [(d.url, d.body == PAGE) for d in found[2:]] == [
        ("https://a.example/b", True),
        (None, True),
        ("https://a.example/canon?a=1&b=2", False),
    ]
    assert (found[2].fetched_at, found[3].fetched_at) == (OLD, datetime.fromtimestamp(1_700_000_000, UTC))
    assert [passed.why for passed in found[:2]] == [
        "5 lines of index.jsonl with faults (lines 2, 4, 5, 6, 7)",
        "1 page named in index.jsonl and not in the folder (line 3)",
    ]
    assert [d.url for d in source.read(2, NOW)] == ["https://a.example/canon?a=1&b=2"]


def test_each_fault_of_an_index_is_named(tmp_path):
    """With file and line, what stands there and what would be right; the first five of a kind, the others counted."""
    page = {"path": "a.html", "url": "https://a.example/1", "fetched_at": "2026-01-05T08:00:00Z"}
    lines = [
        page,
        {"path": "b.html", "url": 5, "fetched_at": "yesterday"},
        page | {"url": "nope\x1b[31m", "fetched_at": 20260105},
        {"path": "none\n.html" + "x" * 200},
        *["no json", ["a.html"], {}, {"path": None}, 5, "[" * 5_000, "{}"],
        {"path": "b.html", "url": None, "fetched_at": ""},
    ]
    (source,) = find_sources([folder(tmp_path / "saved", {"a.html": PAGE, "b.html": PAGE}, lines)])
    faults, missing, *pages = source.read(0, NOW)
    assert [(page.url, page.fetched_at > OLD) for page in pages] == [(None, True), (None, True)]
    assert (faults.why, missing.why) == (
        "10 lines of index.jsonl with faults (lines 2, 3, 5, 6, 7 ...)",
        "1 page named in index.jsonl and not in the folder (line 4)",
    )
    example = '{"path": "a.html", "url": "https://site.example/article", "fetched_at": "2026-03-02T08:00:00Z"}'
    assert sorted(faults.details) == sorted(
        [
            "index.jsonl:2: url 5 is no address such as https://site.example/article",
            "index.jsonl:2: fetched_at 'yesterday' is no time such as 2026-03-02T08:00:00Z",
            "index.jsonl:3: url 'nope\\x1b[31m' is no address such as https://site.example/article",
            "index.jsonl:3: fetched_at 20260105 is no time such as 2026-03-02T08:00:00Z",
            "index.jsonl:3: path 'a.html' is that of line 1 again: this line counts",
            *(f"index.jsonl:{line}: no JSON object with a path, such as {example}" for line in range(5, 10)),
            "index.jsonl: 2 more lines without a path (10, 11)",
            "index.jsonl:12: path 'b.html' is that of line 2 again: this line counts",
        ]
    )
    (words,) = missing.details
    assert words.startswith("index.jsonl:4: path 'none\\n.htmlxxx")
    assert len(words) < 200


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    """A folder from elsewhere reads nothing else on this machine."""
    (tmp_path / "secret.html").write_bytes(PAGE)
    place = folder(tmp_path / "saved", {"a.html": PAGE})
    (place / "b.html").symlink_to(tmp_path / "secret.html")
    (place / "loop").symlink_to(place)
    assert [path.name for path in look_at(place).files] == ["a.html"]


@pytest.mark.parametrize(
    ("head", "address"),
    [
        ('<link rel="canonical" href="https://a.example/x">', "https://a.example/x"),
        ("<LINK HREF=https://a.example/x REL='alternate canonical'>", "https://a.example/x"),
        ('<meta property="og:url" content="https://a.example/og">', "https://a.example/og"),
        ('<meta content="https://a.example/og" property="og:url"><link rel=canonical href=/x>', "https://a.example/og"),
        ('<link rel="canonical" href="https://a.example/">', None),
        ('<link rel="canonical" href="javascript:alert(1)">', None),
        ('<link rel="canonical" href="//a.example/x">', None),
        ('<link rel="canonical" href="https://user@a.example/x">', None),
        ("<link " * 50_000, None),
        ("", None),
    ],
)
def test_a_page_may_name_its_address(head, address):
    """Canonical before og:url; only an absolute one that is not a home page."""
    assert stated_address(html("T", "x", head=head)) == address


def test_paths_are_found_in_order_and_once(tmp_path):
    """A folder of WARC files is one pseudo-feed with a source for each file; a path named twice is read once."""
    place = tmp_path / "CC News 2026"
    for name in ("b.warc.gz", "a.warc.gz"):
        warc(place / name, [])
    found = find_sources([place, place / "a.warc.gz"])
    assert [(s.path.name, s.feed_id) for s in found] == [
        ("a.warc.gz", "archive:cc-news-2026"),
        ("b.warc.gz", "archive:cc-news-2026"),
    ]


@pytest.mark.parametrize("name", ["missing", "empty", "text.txt", "bad\0name"])
def test_what_is_no_source_is_refused(tmp_path, name):
    """Before anything is started, with the path and what would be right."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.txt").write_text("x")
    with pytest.raises(UsageError, match=name.partition("\0")[0]):
        find_sources([tmp_path / name])


def test_fastwarc_reads_what_is_archived(tmp_path):
    """Another reader than the one that goes with our writer: headers, digests, bodies, request metadata."""
    from fastwarc.warc import ArchiveIterator

    from technews.archive import Archive
    from technews.records import Fetch

    fetch = Fetch("page", "https://a.example/asked", OLD, 120, attempt=2)
    with Archive(tmp_path, "run-1", OLD) as writer:
        writer.store("page", "https://a.example/final", 200, [TYPE], on_topic("x"), OLD, entry_id="e1", fetch=fetch)
        writer.store("page", "https://a.example/kept", 0, [], PAGE, OLD, source="saved/a.html")
    with (tmp_path / writer.file).open("rb") as stream:
        found = [
            (dict(r.headers), r.verify_block_digest(), r.reader.read(), r.http_headers)
            for r in ArchiveIterator(stream, parse_http=True)
        ]
    info, page, kept = found
    assert info[0]["WARC-Type"] == "warcinfo"
    assert (page[0]["Technews-Asked"], page[0]["Technews-Attempt"]) == ("https://a.example/asked", "2")
    assert (page[0]["Technews-Duration-Ms"], page[0]["Technews-Entry"]) == ("120", "e1")
    assert page[0]["WARC-Payload-Digest"].startswith("sha1:")
    assert page[2] == on_topic("x")
    assert (kept[0]["WARC-Type"], kept[0]["Technews-Source"], kept[2]) == ("resource", "saved/a.html", PAGE)
