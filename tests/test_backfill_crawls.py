"""Backfill of what crawls of others keep, and beside ingests of another process."""

import gzip
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from kept_pages import OLD, off_topic, on_topic, warc
from test_backfill import ask, fill, poll
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

ELSEWHERE = """
import sys
from technews import backfill_run
backfill_run.BATCH = 4
from flows.backfill import backfill
print("begun", flush=True)
assert backfill.fn(sys.argv[1:]).ok
"""


def test_a_file_as_news_crawls_write_them(home, tmp_path):
    """Requests, metadata, repeats, redirects and errors are counted; codings are undone; a cut costs the last record.

    As CC-NEWS has them: each response beside its request, bodies chunked and compressed as they were sent.
    """
    path, at = tmp_path / "news.warc.gz", {"WARC-Date": f"{OLD:%Y-%m-%dT%H:%M:%SZ}"}
    packed = gzip.compress(on_topic("1"))
    sent = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (packed[:300], packed[300:])) + b"0\r\n\r\n"
    coded = [("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")]
    page = [("Content-Type", "text/html; charset=utf-8")]
    answers = [
        ("/1", "200 OK", coded, sent),
        ("/moved", "301 Moved Permanently", [*page, ("Location", "/1")], b"<html>Moved</html>"),
        ("/gone", "404 Not Found", page, off_topic("gone")),
        ("/paper", "200 OK", [("Content-Type", "application/pdf")], b"%PDF-1.7 of some length"),
        ("/2", "200 OK", page, off_topic("2")),
        ("/cut", "200 OK", page, off_topic("cut")),
    ]
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "a crawler"}))
        for place, status, headers, body in answers:
            url, last = "https://a.example" + place, stream.tell()
            asked = StatusAndHeaders(f"GET {place} HTTP/1.1", [("Host", "a.example")], is_http_request=True)
            answer = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
            for kind, http, payload in (
                ("request", asked, b""),
                ("metadata", None, b"fetchTimeMs: 12\r\n"),
                ("response", answer, body),
            ):
                writer.write_record(
                    writer.create_warc_record(
                        url,
                        kind,
                        payload=BytesIO(payload),
                        length=len(payload),
                        http_headers=http,
                        warc_headers_dict=at,
                    )
                )
            if place == "/2":
                headed = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
                writer.write_record(writer.create_revisit_record(url, "sha1:2", url, at["WARC-Date"], headed))
    os.truncate(path, (last + path.stat().st_size) // 2 + 250)
    row = fill(path)
    assert ask(home, "SELECT url, outcome, reason FROM entries ORDER BY url") == [
        ("https://a.example/1", "loaded", "on_topic"),
        ("https://a.example/2", "off_topic", "facet_missing"),
        ("https://a.example/paper", "empty", "not_html"),
    ]
    assert row["status"] == "degraded"
    for words in (
        "1 passed over: records of type warcinfo",
        "passed over: records of type request",
        "passed over: records of type metadata",
        "1 passed over: records of type revisit",
        "1 passed over: answers with status 301",
        "1 passed over: answers with status 404",
        "news.warc.gz is cut off or damaged at byte",
    ):
        assert words in row["message"]


def test_ingests_go_on_while_a_backfill_runs_in_another_process(home, site, tmp_path):
    """They do not wait for its end nor take it for dead; what both wrote is there, and the books agree."""
    source = warc(tmp_path / "c.warc.gz", [(f"https://a.example/{n}", off_topic(str(n)), OLD) for n in range(24)])
    feed = site.feed("/a", site.on_topic("before"))
    poll(home, a=feed)
    with subprocess.Popen(
        [sys.executable, "-c", ELSEWHERE, source], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "begun\n"
        for number in range(3):
            poll(home, a=site.feed("/a", site.on_topic(f"beside-{number}")))
    assert other.returncode == 0
    assert ask(home, "SELECT count(*) FROM entries WHERE outcome = 'off_topic'") == [(24,)]
    assert ask(home, "SELECT count(*) FROM articles") == [(4,)]
    assert ask(home, "SELECT DISTINCT status, reconciled FROM runs") == [("completed", True)]
    beside = "SELECT count(*) FROM runs AS i, runs AS b WHERE i.flow = 'ingest' AND b.flow = 'backfill' "
    assert ask(home, beside + "AND i.started_at > b.started_at AND i.ended_at < b.ended_at")[0][0] >= 1
