"""tell: the run's story for whoever looks at the engine: its name, and artifacts. Web text is inert in them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from tasks.engine import engine_run_id
from tasks.step import in_flow_run
from technews import backups
from technews.funnel import FunnelStep, funnel
from technews.ledger import RunReport
from technews.settings import Settings
from technews.tables import cell, counted
from technews.warehouse import checks

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>&~$^:@/])")
_SHOWN: Final = 50
_BARS: Final = "▁▂▃▄▅▆▇█"
_LONGEST_NAME: Final = 120
_IN_THE_FUNNEL: Final = ("entries_seen", "due", "entries_new", "reopened", "rechecked")
BLIND: Final = "no feed answers"  # how the name of such a run ends; automations.toml tells it from a good one by that
_MARKS: Final = {"completed": "", "degraded": "⚠ degraded · ", "failed": "✗ failed · "}


def tell(report: RunReport) -> None:
    """Names the run by what it did, and leaves its artifacts; outside a flow run there is nobody to tell.

    No step: it does nothing to the data, and a task run costs as much as telling does.
    """
    if in_flow_run():
        _leave(run_name(report), artifacts(report))


def artifacts(report: RunReport) -> dict[str, tuple[str, str]]:
    """The run's artifacts by key, each with a description; only those that say something, so that the newest do."""
    row, pages = report.row, {}
    if row["status"] != "completed" or any(row[name] for name in _IN_THE_FUNNEL):
        pages["funnel"] = ("where the entries of this run went", funnel_markdown(report))
    if row["feeds_polled"]:
        pages["feeds"] = ("how each feed does", feeds_markdown(report.feeds))
    if report.kept:
        pages["kept"] = ("what this run kept, and why", kept_markdown(report.kept))
    if report.validated:
        pages["validation"] = ("what validation refused in this run", validation_markdown(report))
    if report.checked:
        pages["checks"] = ("rules that the tables keep", checks_markdown(report))
    return pages


def tell_maintenance(report: RunReport, settings: Settings) -> None:
    """The same for a night's maintenance."""
    if not in_flow_run():
        return
    page = maintenance_markdown(report, [(path.name, path.stat().st_size) for path in backups.backups(settings)])
    pages = {
        "maintenance": ("what was compacted, and which backups there are", page),
        "checks": ("rules that the tables keep", checks_markdown(report)),
    }
    _leave(f"{_MARKS.get(report.row['status'], '')}maintain: {len(report.findings)} rules broken", pages)


def _leave(name: str, pages: Mapping[str, tuple[str, str]]) -> None:
    from prefect.client.orchestration import get_client  # noqa: PLC0415 -- the engine runs already
    from prefect.client.schemas.actions import ArtifactCreate  # noqa: PLC0415 -- the same

    flow_run_id = UUID(engine_run_id())
    with get_client(sync_client=True) as client:  # one client for all: each of its own costs more than the request
        client.update_flow_run(flow_run_id, name=name)
        for key, (description, page) in pages.items():
            made = ArtifactCreate(key=key, type="markdown", description=description, data=page)
            client.create_artifact(made.model_copy(update={"flow_run_id": flow_run_id}))


def run_name(report: RunReport) -> str:
    """What the run did and how much, as the list of runs shows it: `41 new, 3 kept, 1 feed down`."""
    row = report.row
    mark = _MARKS.get(row["status"], "")
    if row["flow"] in {"backfill", "replay"}:  # no feed was due there either, but that says nothing
        return mark + report.summary[:_LONGEST_NAME]
    words = [f"{row['entries_new']} new, {row['loaded']} kept"] if row["entries_new"] or row["loaded"] else []
    words += [f"{row['rechecked']} looked at again"] if row["rechecked"] else []
    words += [f"{row['quarantined']} quarantined"] if row["quarantined"] else []
    down = row["feeds_failed"] or 0
    words += [f"{counted(down, 'feed')} down"] if down else []
    if not words and (polled := row["feeds_polled"]):
        words = [f"nothing new in {counted(polled, 'feed')}"]
    elif not words:
        words = [f"{row['due']} tried again, none kept" if row["due"] else "no feed was due"]
    return mark + ", ".join(words) + (f": {BLIND}" if report.no_feed_answers else "")


def funnel_markdown(report: RunReport, steps: Sequence[FunnelStep] | None = None) -> str:
    """The funnel as a table, with every drop and its reason."""
    row = report.row
    agree = "agree" if row["reconciled"] else "do NOT agree"
    head = [f"Run {inert(row['run_id'])}: **{row['status']}**, the counts {agree}. {inert(row['message'] or '')}", ""]
    lines = ["| step | entries | dropped here |", "|---|---:|---|"]
    for each in steps if steps is not None else funnel(row, report.outcomes):
        dropped = ", ".join(f"{entries} {inert(outcome)}: {inert(reason)}" for outcome, reason, entries in each.dropped)
        lines.append(f"| {each.name} | {each.passed} | {dropped} |")
    lines += ["", f"{row['rechecked']} loaded articles were looked at again."] if row["rechecked"] else []
    if report.older_decisions:
        lines += ["", f"{report.older_decisions} present decisions were made by older rules."]
    return "\n".join(head + lines)


def kept_markdown(kept: Sequence[Mapping[str, Any]]) -> str:
    """What was kept as a table, with the best evidence of each facet beside the article: wide pages are cut off."""
    lines = ["| article | because | score | where | entry |", "|---|---|---:|---|---|"]
    for row in kept[:_SHOWN]:
        because = ", ".join(f"{inert(e['facet'])}: {inert(e['term'])}" for e in row["because"] or [])
        score = f"{row['score']:.2f}, threshold {row['threshold']:.2f}"
        lines.append(
            f"| {inert(row['title'])} | {because} | {score} | {inert(row['publisher'])}, {inert(row['language'])} "
            f"| `{row['entry_id']}` |"
        )
    more = f"... and {len(kept) - _SHOWN} more; all are in the view `articles`. " if len(kept) > _SHOWN else ""
    return "\n".join([*lines, "", f"{more}`technews explain ENTRY` tells the whole story of one."])


def feeds_markdown(feeds: Sequence[Mapping[str, Any]]) -> str:
    """How each feed does, those with trouble first, with a bar for the new entries of each of the last 14 days.

    The page shows about 100 characters of a line, and scrolls to the rest: what an operator needs stands first.
    """
    if not feeds:
        return "No feed is configured."
    lines = ["| feed | state | 14 days | 7 days | in words | last read |", "|---|---|---|---:|---|---|"]
    for row in feeds:
        read = f"{row['last_success_at']:%Y-%m-%d %H:%M}" if row["last_success_at"] else "never"
        state = inert(row["state"]) if row["state"] == "ok" else f"**{inert(row['state'])}**"
        lines.append(
            f"| {inert(row['feed_id'])} | {state} | {bars(row['trend'])} | {row['entries_7d']} "
            f"| {inert(row['explanation'] or '')} | {read} |"
        )
    return "\n".join(lines)


def bars(numbers: Iterable[int]) -> str:
    """Numbers as a row of bars, the largest as the highest; a point is none."""
    values = list(numbers)
    top = max(values, default=0)
    return "".join(_BARS[(value * (len(_BARS) - 1)) // top] if value else "·" for value in values)


def validation_markdown(report: RunReport) -> str:
    """How many rows were set aside, by rule, each with an example that `technews quarantine show` opens."""
    if not report.set_aside:
        return f"{counted(report.validated, 'row')} held against the rules; none was set aside."
    lines = [f"Set aside, whole: {sum(r['rows'] for r in report.set_aside)} of {counted(report.validated, 'row')}.", ""]
    lines += ["| rule | column | rows | for example | value |", "|---|---|---:|---|---|"]
    for each in report.set_aside:
        example = f"`{each['example']}` {inert(each['title'])}"
        value = inert((each["value"] or "")[:80])
        lines.append(f"| {inert(each['rule'])} | {inert(each['column_name'])} | {each['rows']} | {example} | {value} |")
    return "\n".join(
        [*lines, "", "`technews quarantine show ID` shows one whole; `release ID` or `discard ID` decides."]
    )


def checks_markdown(report: RunReport, rules: Callable[[], list[tuple[str, str, str]]] = checks) -> str:
    """Every check with what it found."""
    found = {name: rows for name, _, _, rows in report.findings}
    lines = ["| check | result | a row that it finds means |", "|---|---|---|"]
    for name, severity, meaning in rules():
        result = f"**{severity}: {found[name]} rows**" if name in found else "ok"
        lines.append(f"| {inert(name)} | {result} | {inert(meaning)} |")
    return "\n".join(lines)


def maintenance_markdown(report: RunReport, kept: Sequence[tuple[str, int]]) -> str:
    """What a night's maintenance did, and the backups that there are, newest first."""
    row = report.row
    lines = [f"Run {inert(row['run_id'])}: **{row['status']}**. {inert(row['message'] or '')}", ""]
    lines += ["| backup | size |", "|---|---:|"]
    lines += [f"| {inert(name)} | {size / (1 << 20):.1f} MiB |" for name, size in reversed(kept)]
    return "\n".join([*lines, "", "`technews restore FILE` puts one back; the present state is kept beside it."])


def inert(text: str) -> str:
    """Text from the web as Markdown that shows it and does nothing: no link, no image, no markup, one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(cell(text).split()))
