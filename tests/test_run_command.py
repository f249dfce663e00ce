"""`technews run`: who may run, how it ends, and what it says. One test here starts the engine."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from conftest import GOOD_FEED, Answer, assert_refused, fingerprint

from technews.runlock import run_lock

Technews = Callable[..., Answer]


def test_a_second_ingest_ends_at_once(command: Technews, home_copy: Path) -> None:
    """While an ingest holds the lock another ends with 3, says who holds it, and changes nothing: no engine starts."""
    with run_lock(home_copy / "state" / "run.lock", "ingest", "20260302T100000Z-abc123"):
        before = fingerprint(home_copy)
        begun = time.monotonic()
        answer = command("run", "--feeds", home_copy / "feeds.toml", "--home", home_copy)
        seconds = time.monotonic() - begun
        assert fingerprint(home_copy) == before
    assert_refused(answer, 3, "ingest run 20260302T100000Z-abc123", f"process {os.getpid()}", "nothing was done")
    assert not (home_copy / "prefect").exists()
    assert seconds < 5  # on a busy machine; the engine alone takes longer


def test_a_run_whose_feeds_are_all_down_is_told_and_written_down(
    command: Technews, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The web being away is no failure: exit 0, run degraded and reconciled, coverage gaps, one object with --json."""
    environment.setenv("TECHNEWS_ALLOW_HOSTS", "127.0.0.1:9")  # the port `discard`, where nothing listens
    feeds = tmp_path / "feeds.toml"
    feeds.write_text(GOOD_FEED.replace("https://octet.example", "http://127.0.0.1:9"), encoding="utf-8")
    answer = command("run", "--feeds", feeds, "--json")  # the one test here that starts the engine
    assert answer.code == 0, answer.err
    run = json.loads(answer.out)
    assert run["run_id"]
    assert (run["status"], run["reconciled"]) == ("degraded", True)
    assert run["feeds"] == {"polled": 1, "not_modified": 0, "failed": 1}
    assert set(run["outcomes"]) >= {"pending", "loaded", "off_topic", "quarantined"}
    assert run["seconds"]["total"] > 0
    assert "1 of 1 feeds could not be read" in run["message"]
    assert "Traceback" not in answer.err
    assert "Error logging" not in answer.err  # the engine's log lines are sent before its own server ends
    gaps = command("sql", "SELECT feed_id, cause FROM coverage_gaps WHERE gap_until IS NULL")
    assert gaps.out == "feed_id\tcause\noctet\tunreachable\n"


def test_an_end_signal_stops_a_run_as_ctrl_c_does(
    technews: Technews, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Asked to end, a run cleans up behind itself (else the engine's server would live on) and says what is left."""
    flow = ModuleType("flows.ingest")
    flow.ingest = lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM)  # type: ignore[attr-defined]
    environment.setitem(sys.modules, "flows.ingest", flow)
    environment.setattr("technews.engine_settings.prepare_engine", lambda *_: None)
    (tmp_path / "feeds.toml").write_text(GOOD_FEED, encoding="utf-8")
    before = signal.getsignal(signal.SIGTERM)
    try:
        answer = technews("run", "--feeds", tmp_path / "feeds.toml")
    finally:
        signal.signal(signal.SIGTERM, before)
    story, _, last = answer.err.rstrip("\n").rpartition("\n")
    assert "starting the workflow engine" in story
    assert_refused(replace(answer, err=last + "\n"), 130, "stopped; what was not done stays pending")
