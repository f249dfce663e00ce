"""The run's story on stderr: plain lines for a file, a bar for a terminal, nothing left behind."""

import logging
import os
import pty
import re
import subprocess
import sys

import pytest

from technews import PROJECT_ROOT
from technews.progress import shown

SCRIPT = """
import logging, sys
from technews.progress import shown
log = logging.getLogger("technews")
with shown():
    log.info("poll: \\x1b]0;x\\x07 [bold]5[/bold] feeds", extra={"done": 3, "total": 8})
    log.warning("a feed has \\x1b[31mno [bold]name[/bold]")
    log.info("load: done", extra={"done": 8, "total": 8})
log.info("not shown any more")
"""


def test_plain_lines_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a message, with its time, inert whatever the web wrote into it; stdout stays for the answer."""
    log = logging.getLogger("technews")
    with shown():
        log.info("poll: %s", "a\nb\x1b[31mc")
        log.debug("too fine to be shown")
    log.info("after the block")
    written = capsys.readouterr()
    assert written.out == ""
    assert re.fullmatch(r"\d\d:\d\d:\d\d poll: a b \[31mc\n", written.err)


def test_the_handler_goes_even_when_the_run_fails() -> None:
    """A run that raises leaves no handler that would show the next run twice."""
    log = logging.getLogger("technews")
    before = list(log.handlers)
    with pytest.raises(ZeroDivisionError), shown():
        raise ZeroDivisionError
    assert log.handlers == before


def test_a_warning_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    """The engine shows warnings of every logger through the root logger; what is shown here is not shown there, too."""
    log, root, engines = logging.getLogger("technews"), logging.getLogger(), logging.StreamHandler(sys.stderr)
    root.addHandler(engines)
    try:
        with shown():
            log.warning("no variable NAME")
        assert capsys.readouterr().err.count("no variable NAME") == 1
        log.warning("outside")
        assert "outside" in capsys.readouterr().err
    finally:
        root.removeHandler(engines)


def test_a_bar_on_a_terminal() -> None:
    """The latest line stands beside a bar of entries done, a warning above it; text from the web is no markup there."""
    reader, terminal = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stderr=terminal,
        stdout=subprocess.PIPE,
        cwd=PROJECT_ROOT,
        env=environment,
    ) as process:
        os.close(terminal)
        seen = b""
        while chunk := _read(reader):
            seen += chunk
        out = process.stdout.read() if process.stdout else b""
    os.close(reader)
    assert (process.returncode, out) == (0, b"")
    assert b"8/8" in seen
    assert b"load: done" in seen
    assert b"a feed has  [31mno [bold]name[/bold]\r\n" in seen
    assert b"\x1b]0;" not in seen
    assert b"not shown" not in seen


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end was closed
        return b""
