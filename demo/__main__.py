"""`make demo`: the main job on real HTTP input, with an embedded newsroom as the web.

Both editions of the newsroom are read into a home of the demo's own. A second demo finds that home, starts at the
second edition and shows that reading the same again changes nothing.
"""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from demo.newsroom import Newsroom, PortTaken
from technews import PROJECT_ROOT
from technews.engine_settings import prepare_engine
from technews.funnel import funnel
from technews.own_server import OwnServer, ServerEnded, own_server
from technews.progress import shown
from technews.report import write_report
from technews.settings import Settings, UsageError, read_settings
from technews.tables import cell
from technews.warehouse import SQL, Warehouse

if TYPE_CHECKING:
    from technews.ledger import RunReport

PORT: Final = 8970
HOME: Final = PROJECT_ROOT / "demo" / "out"
SLOW_SECONDS: Final = 3.0
QUERIES: Final = ("who_was_first", "what_changed", "near_misses")

out = Console(width=None if sys.stdout.isatty() else 118)


def main() -> int:
    """Runs the demo; returns the exit code."""
    try:
        port = int(os.environ.get("TECHNEWS_DEMO_PORT", PORT))
        with Newsroom(port, slow=SLOW_SECONDS) as newsroom:
            newsroom.demand_own_home(HOME)
            return _demo(newsroom)
    except PortTaken as taken:
        return _refuse(str(taken))
    except ValueError:
        return _refuse("TECHNEWS_DEMO_PORT is not a port number such as 9970")
    except (UsageError, ServerEnded) as error:
        return _refuse(str(error))


def _demo(newsroom: Newsroom) -> int:
    settings = _settings(newsroom)
    seen_before = settings.warehouse.exists()
    feeds = settings.home / "feeds.toml"
    newsroom.write_feeds(feeds)
    reports = []
    begun = time.monotonic()
    with own_server(settings, os.environ) as server:
        for edition in (2,) if seen_before else (1, 2):
            newsroom.edition = edition
            again = " once more, as it was read before" if seen_before else ""
            outlets = f"{len(newsroom.bases)} outlets on loopback"
            out.print(f"\n[bold]Edition {edition}[/bold] of the demo newsroom{again}: {outlets}")
            reports.append(_ingest(feeds, server))
            out.print(f"  {_in_one_line(reports[-1])}")
    _show(settings, reports, seconds=time.monotonic() - begun)
    if seen_before:
        out.print("\nThis home had been filled before: nothing came twice. `rm -r demo/out` starts afresh.")
        out.print("Its stories are of March 2026, so its feeds are called silent: nothing has followed since.")
    return 0 if all(report.ok for report in reports) else 1


def _settings(newsroom: Newsroom) -> Settings:
    """The settings of the demo, in the environment too, since the flow reads them there."""
    home = HOME
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        TECHNEWS_HOME=str(home),
        TECHNEWS_CONFIG=str(PROJECT_ROOT / "config"),
        TECHNEWS_ALLOW_HOSTS=newsroom.allow_hosts,
        TECHNEWS_HOST_PAUSE="0",
        PREFECT_HOME=str(home / "prefect"),
    )
    os.environ.pop("PREFECT_API_URL", None)  # the demo never shows up among real runs
    settings = read_settings()
    prepare_engine(settings, os.environ, find_server=False)
    return settings


def _ingest(feeds: Path, server: OwnServer) -> "RunReport":
    with shown():
        from flows.ingest import ingest  # noqa: PLC0415 -- the engine reads its environment when it is imported

        server.wait()
        state = ingest(feeds, force=True, return_state=True)
    report: RunReport = state.result()
    return report


def _in_one_line(report: "RunReport") -> str:
    row = report.row
    counts = f"{row['entries_new']} new entries of {row['entries_seen']} seen, {row['loaded']} kept"
    did = f"{counts}, {row['rechecked']} looked at again" if row["entries_seen"] else "no feed had anything new"
    return f"run {row['run_id']}: {row['status']}, {did}; " + (
        "the counts agree" if row["reconciled"] else "THE COUNTS DO NOT AGREE"
    )


def _show(settings: Settings, reports: list["RunReport"], *, seconds: float) -> None:
    with Warehouse(settings.warehouse, read_only=True) as published:
        _show_kept(published)
        for report in reports:
            if report.row["due"] or report.row["entries_new"]:  # else nothing went anywhere
                _show_funnel(published, report)
        page = write_report(settings)
        out.print(f"\n[bold]What you have now[/bold] ({seconds:.0f} s)")
        out.print(f"  warehouse  {settings.warehouse}")
        out.print(f"  report     {page}")
        out.print("\n[bold]Three queries to try[/bold] (more in sql/queries/)")
        for name in QUERIES:
            _show_query(published, name)
    out.print('\nAsk your own:  .venv/bin/technews sql --home demo/out "SELECT title, topics FROM articles LIMIT 5"')


def _show_kept(published: Warehouse) -> None:
    kept = published.rows("reports/run_kept", run_id=None)
    table = Table(title=f"What was kept: {len(kept)} articles, and why", title_justify="left", title_style="bold")
    for column in ("article", "outlet", "", "score", "evidence"):
        table.add_column(column)
    for row in kept:
        because = ", ".join(f"{e['facet']}: {cell(e['term'])}" for e in row["because"])
        again = f" (revision {row['revision']})" if row["revision"] > 1 else ""
        cells = (cell(row["title"]) + again, cell(row["publisher"]), row["language"], f"{row['score']:.2f}", because)
        table.add_row(*(Text(text) for text in cells))
    out.print()
    out.print(table)


def _show_funnel(published: Warehouse, report: "RunReport") -> None:
    outcomes = published.rows("reports/run_outcomes", run_id=report.row["run_id"])
    table = Table(
        title=f"Where the entries of run {report.row['run_id']} went", title_justify="left", title_style="bold"
    )
    table.add_column("step")
    table.add_column("entries", justify="right")
    table.add_column("dropped here, and why")
    for each in funnel(report.row, [(o["outcome"], o["reason"], o["entries"]) for o in outcomes]):
        dropped = ", ".join(f"{entries} {outcome} ({reason})" for outcome, reason, entries in each.dropped)
        table.add_row(each.name, str(each.passed), dropped)
    out.print()
    out.print(table)


def _show_query(published: Warehouse, name: str) -> None:
    sql = (SQL / "queries" / f"{name}.sql").read_text(encoding="utf-8").strip()
    columns, rows = published.query(sql)
    out.print()
    out.print(Text(sql, style="cyan"))
    table = Table(*columns)
    for row in rows[:6]:
        table.add_row(*(Text(cell(value)[:60]) for value in row))
    out.print(table)
    if len(rows) > 6:
        out.print(f"  ... and {len(rows) - 6} more rows")


def _refuse(line: str) -> int:
    sys.stderr.write(f"demo: {line}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
