"""How a run ended, for the command line: as one JSON object, or in a few lines for a person."""

from pathlib import Path
from typing import Any, Final

from technews.ledger import RunReport
from technews.records import Outcome
from technews.tables import cell

_SHOWN: Final = 10


def run_object(report: RunReport, seconds: float) -> dict[str, Any]:
    """What `technews run --json` prints; `seconds` is how long the run took."""
    row = report.row
    return {
        "run_id": row["run_id"],
        "status": row["status"],
        "reconciled": row["reconciled"],
        "outcomes": {str(outcome): row[outcome] for outcome in Outcome},
        "entries": {"seen": row["entries_seen"], "new": row["entries_new"], "rechecked": row["rechecked"]},
        "feeds": {
            "polled": row["feeds_polled"],
            "not_modified": row["feeds_not_modified"],
            "failed": row["feeds_failed"],
        },
        "seconds": {"total": round(seconds, 2)},
        "message": row["message"],
    }


def _when_next(report: RunReport) -> str:
    times = [feed["next_poll_at"] for feed in report.feeds if feed["next_poll_at"]]
    at = f"; the next is at {min(times):%Y-%m-%d %H:%M} UTC" if times else ""
    return f"  no feed was due{at}; `technews run --force` asks all of them now"


def run_in_words(report: RunReport, seconds: float, warehouse: Path) -> str:
    """The same for a person, with what the checks found and where the warehouse is.

    Of a backfill or replay, which polls nothing and leaves what was pending to ingests, only what it did; of
    maintenance, which has nothing to do with entries, how it ended.
    """
    row = report.row
    polls = row["flow"] == "ingest"
    feeds = {"polled": "feeds_polled", "not modified": "feeds_not_modified", "failed": "feeds_failed"}
    seen = f"{row['entries_seen']} seen, " if polls else ""
    all_down = 0 < row["feeds_polled"] == row["feeds_failed"]
    agree = "the counts agree" if row["reconciled"] else "THE COUNTS DO NOT AGREE"
    ends = Outcome if polls else [outcome for outcome in Outcome if outcome != Outcome.PENDING]
    given = ", ".join(f"{row[outcome]} {outcome}" for outcome in ends if row[outcome])
    of_entries = [
        f"  entries: {seen}{row['entries_new']} new, {row['rechecked']} looked at again",
        f"  outcomes: {given or 'none'}",
    ]
    lines = [
        f"run {row['run_id']}: {row['status']} in {seconds:.0f} s, {agree}",
        *([f"  {cell(row['message'])}"] if row["message"] else []),
        *([f"  feeds: {', '.join(f'{row[column]} {words}' for words, column in feeds.items())}"] if polls else []),
        *(f"    {feed}: {cell(error)[:200]}" for feed, error in report.failed_feeds[:_SHOWN]),
        *([f"    ... and {len(report.failed_feeds) - _SHOWN} more"] if len(report.failed_feeds) > _SHOWN else []),
        *([_when_next(report)] if polls and not row["feeds_polled"] and report.feeds else []),
        *(["  not one feed could be read: `technews doctor` looks for the cause"] if all_down else []),
        *(of_entries if row["flow"] != "maintain" else []),
        *(f"  {severity}: {meaning} ({rows} rows)" for _, severity, meaning, rows in report.findings),
        f"  warehouse: {warehouse}",
    ]
    return "\n".join(lines)
