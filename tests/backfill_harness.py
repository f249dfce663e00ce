"""Runs backfills and replays in forked children and kills them with SIGKILL at a named point, as `crash_harness` does.

A program of its own; its argument is a folder. Each line printed is one JSON object.
"""

import json
import os
import sys
from functools import partial
from pathlib import Path

import crash_harness
import duckdb
from crash_harness import arm, in_child, share, state_of
from kept_pages import OLD, QUIET, off_topic, on_topic, warc

from flows.backfill import backfill
from flows.replay import replay
from technews import PROJECT_ROOT, backfill_run
from technews.languages import detect

crash_harness.TRANSACTIONS.update(
    place="load/add_documents", position="load/record_backfills", redecide="load/add_decisions"
)
BACKFILL = ["place", "position"]
REPLAY = ["redecide"]


def narrowed(folder: Path) -> Path:
    """The project's configuration with one more facet, which no page shows."""
    (folder / "topics").mkdir(parents=True)
    for name in ("feeds.toml", "entities.toml", "topics/apple-china-ai.toml"):
        text = (PROJECT_ROOT / "config" / name).read_text()
        more = '\n[facet.never]\nstrong.en = ["zebrafish larvae"]\n' if name.startswith("topics") else ""
        (folder / name).write_text(text + more)
    return folder


def try_all(folder: Path, source: Path, kind: str, points: list[str]) -> None:
    """One undisturbed run, then one killed at each point, and mended by the next one."""
    flow = partial(backfill.fn, [source]) if kind == "backfill" else replay.fn
    for number, point in enumerate(
        ["undisturbed", *(f"{when} {what}" for what in points for when in ("before", "after"))]
    ):
        home = folder / f"{kind}-{number}"
        os.environ["TECHNEWS_HOME"] = str(home)
        os.environ["TECHNEWS_CONFIG"] = str(PROJECT_ROOT / "config")
        if kind == "replay":
            in_child(lambda: backfill.fn([source]))
            os.environ["TECHNEWS_CONFIG"] = str(folder / "narrow")

        def armed(at: str = point) -> None:
            arm(at)
            flow()

        ended = in_child(armed) if point != "undisturbed" else None
        mended = in_child(flow)
        with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as reader:
            runs = reader.execute(
                "SELECT status, reconciled FROM runs WHERE flow = ? ORDER BY started_at, run_id", [kind]
            ).fetchall()
            entries = reader.execute("SELECT count(*), count(DISTINCT entry_id) FROM ledger.documents").fetchone()
        print(
            json.dumps(
                {
                    "kind": kind,
                    "point": point,
                    "ended": ended,
                    "mended": mended,
                    "runs": runs,
                    "documents": entries,
                    "state": state_of(home),
                }
            )
        )
        sys.stdout.flush()


def main(folder: Path) -> None:
    """Both flows, over a WARC file of 14 documents in batches of 5."""
    backfill_run.BATCH = 5
    pages = [(f"https://a.example/{n}", on_topic(str(n)) if n % 6 == 0 else off_topic(str(n)), OLD) for n in range(13)]
    pages += [
        ("https://a.example/0", on_topic("0", "One more paragraph was added in the evening."), OLD.replace(day=6))
    ]
    source = warc(folder / "crawl.warc.gz", pages)
    share([PROJECT_ROOT / "config", narrowed(folder / "narrow")])
    detect(QUIET[0], ("en", "fr", "zh"))
    try_all(folder, source, "backfill", BACKFILL)
    try_all(folder, source, "replay", REPLAY)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
