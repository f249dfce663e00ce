"""What `technews up` says of the runs that end: a line each, once, and nothing where nobody answers."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle

import pytest

from technews.engine_settings import FLOWS
from technews.replay_words import run_name
from technews.replaying import Findings
from technews.run_ends import RunEnds, line_of, plain_words

URL = "http://127.0.0.1:4200"
AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def run(state: str, message: str | None) -> dict:
    """A run as the engine's server describes it."""
    return {"id": "r1", "name": "41 new, 3 kept", "state": {"name": state, "message": message}}


@pytest.mark.parametrize(
    ("state", "message", "words", "cure"),
    [
        ("Failed", "Flow run encountered an exception: UsageError: /x/feeds.toml:3: id: bad", "/x/feeds.toml:3: id: bad", "technews doctor"),
        ("Degraded", "2 of 3 feeds could not be read", "2 of 3 feeds could not be read", "artifact `feeds`"),
        ("Crashed", "its process died", "its process died", "another run starts by itself"),
        ("TimedOut", None, "no message", "technews doctor"),
    ],
)  # fmt: skip
def test_a_bad_end_is_a_line(state, message, words, cure):
    """Which flow, how, why, what to do, and where to look."""
    line = line_of("ingest", run(state, message), URL)
    assert line.startswith(f"ingest {state.lower()}: {words} → ")
    assert cure in line
    assert line.endswith(f"({URL}/runs/flow-run/r1)")


@pytest.mark.parametrize(
    ("flow", "artifact"), [("ingest", "feeds"), ("backfill", "funnel"), ("replay", "funnel"), ("maintain", "checks")]
)
def test_a_degraded_run_is_sent_to_what_it_has_left(flow, artifact):
    """Only an ingest asks feeds."""
    assert f"its artifact `{artifact}`" in line_of(flow, run("Degraded", "why"), URL)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, "dry run: 55 articles, nothing would change"),
        (
            {"quarantined": 2, "changed text": 1, "newly in": 1200},
            "dry run: 55 articles, 1,200 newly in, 1 changed text",
        ),
    ],
)
def test_a_dry_run_says_what_it_found(counts, words):
    """It is no run of the ledger; without a name of its own its line would be the flow's name alone."""
    name = run_name(Findings((), counts, 55))
    assert name == words
    assert line_of("replay", run("Completed", None) | {"name": name}, URL) == f"replay completed: {words}"


def test_an_end_that_asks_for_nothing_is_a_line_too():
    """What the run did, as the list of runs names it, or who cancelled it; there is nothing to do, and so no link."""
    assert line_of("ingest", run("Completed", "words"), URL) == "ingest completed: 41 new, 3 kept"
    assert line_of("ingest", run("Cancelled", "nothing was done"), URL) == "ingest cancelled: nothing was done"
    named = run("Completed", None) | {"name": "maintain: 0 rules\x1b[2J broken"}
    assert line_of("maintain", named, URL) == "maintain completed: 0 rules[2J broken"


@pytest.mark.parametrize("message", ["a\nb\x1b[2Jc", "x" * 10_000])
def test_whatever_a_message_holds_it_is_one_line(message):
    """Error texts may quote what servers sent: no line break, no control sequence for the terminal, no flood."""
    line = line_of("ingest", run("Failed", message), URL)
    assert line.isprintable()
    assert len(line) < 500


def test_plain_words_leave_out_the_engines():
    """What remains is what the pipeline itself said."""
    assert plain_words("Flow run encountered an exception: RuntimeError: no room") == "no room"


def test_each_is_told_once():
    """However often the server names it; and nothing is told, nor raised, where it does not answer, or not to us."""

    class Server(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known = self.headers["Authorization"] == "Basic YW5uOnNlY3JldA=="
            body = json.dumps([run("Failed", "why")] if asked["flows"]["name"]["any_"] == ["ingest"] else []).encode()
            self.send_response(200 if known else 401)
            body = body if known else b'{"exception_message": "Unauthorized"}'
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    for name in ("PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING"):
        ends = RunEnds(server.server_port, AT, {name: "ann:secret"})
        assert [len(list(ends.news())) for _ in range(3)] == [1, 0, 0]
    assert list(RunEnds(server.server_port, AT, {}).news()) == []
    server.shutdown()
    server.server_close()
    assert list(RunEnds(server.server_port, AT, {}).news()) == []


@contextmanager
def answering(*answers: bytes, drip: bool = False, after: float = 0) -> Iterator[int]:
    """A server that answers requests with these bytes in turn, each after so many seconds, and closes.

    One that drips sends a blank every 0.1 s instead.
    """
    ended, turns = threading.Event(), cycle(answers)

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                ended.wait(after)
                try:
                    connection.sendall(next(turns))
                    while drip and not ended.wait(0.1):
                        connection.sendall(b" ")
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=serve, daemon=True)
        server.start()
        yield listening.getsockname()[1]
        ended.set()
        listening.shutdown(socket.SHUT_RDWR)
        server.join(5)


def ok(body: bytes, length: int | None = None) -> bytes:
    """An answer of the server, which promises this length."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body) if length is None else length, body)


UNUSABLE = {
    "nothing": b"",
    "no HTTP": b"garbage\r\n\r\n",
    "cut off": ok(b'[{"id"', 1000),
    "cut off in a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n[{",
    "endless header": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000,
    "no JSON": ok(b"<html>"),
    "no UTF-8": ok(b'["\xff"]'),
    "deep": ok(b"[" * 100_000),
    "an object": ok(b'{"detail": "x"}'),
    "a number": ok(b"1"),
    "texts": ok(b'["a"]'),
    "no state": ok(b'[{"id": "1", "state": null}]'),
    "no name": ok(b'[{"id": "1", "state": {"name": "Failed", "message": null}}]'),
    "no id": ok(b'[{"name": "n", "state": {"name": "Failed", "message": null}}]'),
    "an id that is a number": ok(b'[{"id": 1, "name": "n", "state": {"name": "Failed", "message": null}}]'),
    "an id for the terminal": ok(b'[{"id": "\\u001b[2J", "name": "n", "state": {"name": "Failed", "message": null}}]'),
    "a message that is a list": ok(b'[{"id": "1", "name": "n", "state": {"name": "Failed", "message": []}}]'),
}


@pytest.mark.parametrize("answer", UNUSABLE.values(), ids=UNUSABLE)
def test_an_answer_that_cannot_be_used_is_none(answer):
    """A server that is killed in mid-answer, or is another program: the supervisor goes on in silence."""
    with answering(answer) as port:
        assert list(RunEnds(port, AT, {}).news()) == []


def test_what_can_be_used_of_an_answer_is_told():
    """One run of another shape hides no other."""
    with answering(ok(json.dumps([{"id": 1}, run("Failed", "why")]).encode())) as port:
        (line,) = RunEnds(port, AT, {}).news()
    assert "failed: why" in line


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nX: ", ok(b"[", 10**6)])
def test_a_server_that_never_ends_its_answer_is_waited_for_but_shortly(answer):
    """2 s over all questions; and no second question is put beside one that still waits."""
    with answering(answer, drip=True) as port:
        ends = RunEnds(port, AT, {})
        begun = time.monotonic()
        assert list(ends.news()) == []
        assert time.monotonic() - begun < 3
        asking = [thread.name for thread in threading.enumerate()].count("run-ends")
        assert list(ends.news()) == []
        assert [thread.name for thread in threading.enumerate()].count("run-ends") <= asking


def test_what_a_slow_server_says_is_told_the_next_time():
    """A busy machine's server may need longer for all flows: none of them stays untold for good."""
    answers = [ok(json.dumps([run("Failed", "why") | {"id": flow}]).encode()) for flow in FLOWS]
    with answering(*answers, after=0.7) as port:
        ends = RunEnds(port, AT, {})
        begun = time.monotonic()
        lines = list(ends.news())
        assert time.monotonic() - begun < 3
        assert len(lines) < len(FLOWS)
        ends._asking.join(10)
        assert {line.split()[0] for line in [*lines, *ends.news()]} == set(FLOWS)


def test_a_mute_server_is_waited_for_but_shortly():
    """It takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        begun = time.monotonic()
        assert list(RunEnds(mute.getsockname()[1], AT, {}).news()) == []
        assert time.monotonic() - begun < 3


def test_no_proxy_is_asked(monkeypatch):
    """Our own server is on this machine, whatever proxy the environment names."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with answering(ok(json.dumps([run("Failed", "why")]).encode())) as port:
        assert len(list(RunEnds(port, AT, {}).news())) == 1
