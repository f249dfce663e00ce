"""The report page: what is kept and why, where the last entries went, how feeds do. Web text in it is escaped."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from technews.funnel import funnel
from technews.settings import Settings, UsageError
from technews.warehouse import Warehouse

_SHOWN: Final = 200  # articles, and rows in quarantine: what a person may still look through


def write_report(settings: Settings, run_id: str | None = None) -> Path:
    """Writes `report.html` into the home folder, from the published warehouse; returns its path.

    Raises UsageError where no run was published yet.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 -- only this page needs it

    with Warehouse(settings.warehouse, read_only=True) as published:
        runs = published.rows("reports/run", run_id=run_id)
        if not runs:
            raise UsageError("no ingest has run yet: start with `technews run`")
        run = runs[0]
        # Most runs of a day find nothing new: where entries went is told of the latest that took up any.
        busy = next(iter(published.rows("reports/run_with_entries", run_id=run["run_id"])), run)
        outcomes = published.rows("reports/run_outcomes", run_id=busy["run_id"])
        facts = {
            "shown": _SHOWN,
            "run": run,
            "busy": busy,
            "steps": funnel(busy, [(o["outcome"], o["reason"], o["entries"]) for o in outcomes]),
            "kept": published.rows("reports/run_kept", run_id=None),
            "near_misses": published.rows("reports/near_misses"),
            "feeds": published.rows("reports/feed_table"),
            "gaps": published.rows("reports/open_gaps"),
            "quarantine": published.rows("reports/quarantine_rows", quarantine_id=None),
            "freshness": published.rows("reports/freshness")[0],
        }
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["link"] = web_link
    page = environment.get_template("report.html").render(facts)
    target = settings.home / "report.html"
    temporary = target.with_suffix(".writing")
    temporary.write_text(page, encoding="utf-8", errors="replace")
    temporary.replace(target)
    return target


def web_link(url: str | None) -> str:
    """The address if it is one that a page may link to (http, https), else nothing."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:  # brackets without an address between them
        return ""
