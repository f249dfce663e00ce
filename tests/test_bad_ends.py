"""What `technews up` says of runs that did not end well: a line each, once, and nothing where nobody answers."""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from technews.bad_ends import BadEnds, line_of, plain_words

URL = "http://127.0.0.1:4200"
AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def run(state: str, message: str | None) -> dict:
    """A run as the engine's server describes it."""
    return {"id": "r1", "state": {"name": state, "message": message}}


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
    """However often the server names it; and nothing is told, nor raised, where it does not answer."""

    class Server(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps([run("Failed", "why")] if asked["flows"]["name"]["any_"] == ["ingest"] else []).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    ends = BadEnds(server.server_port, AT)
    assert [len(list(ends.news())) for _ in range(3)] == [1, 0, 0]
    server.shutdown()
    server.server_close()
    assert list(BadEnds(server.server_port, AT).news()) == []
