"""kill -9 in the middle of a backfill or a replay: the next one goes on, and all is what it would have been."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from backfill_harness import BACKFILL, REPLAY

TESTS = Path(__file__).parent
POINTS = [
    (kind, f"{when} {what}")
    for kind, points in (("backfill", BACKFILL), ("replay", REPLAY))
    for what in points
    for when in ("before", "after")
]


@pytest.fixture(scope="module")
def endings(tmp_path_factory):
    """What every point of death led to, from one harness."""
    folder = tmp_path_factory.mktemp("crashes")
    done = subprocess.run(
        [sys.executable, TESTS / "backfill_harness.py", folder],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": f"{TESTS.parent}:{TESTS}"}, timeout=400, check=False,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(lines) == len(POINTS) + 2, done.stderr[-2000:]
    return {(line["kind"], line["point"]): line for line in lines}


@pytest.mark.parametrize(("kind", "point"), POINTS)
def test_a_killed_run_is_mended_by_the_next(endings, kind, point):
    """Every document once, every decision as it would be, the dead run closed as crashed, the counts agree."""
    whole, ending = endings[kind, "undisturbed"], endings[kind, point]
    assert ending["ended"] == -9
    assert ending["mended"] == 0
    for table, rows in whole["state"].items():
        assert ending["state"][table] == rows, table
    assert ending["documents"] == whole["documents"] == [13, 13]
    statuses = [status for status, _ in ending["runs"]]
    assert statuses == ["crashed", "completed"]
    assert all(reconciled for _, reconciled in ending["runs"])
