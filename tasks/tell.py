"""tell: the run's story as artifacts of the engine: the funnel, what was kept and why. Web text is inert in them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tasks.step import in_flow_run, step
from technews.funnel import FunnelStep, funnel
from technews.ledger import RunReport
from technews.tables import cell

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>&~$^:@/])")
_SHOWN: Final = 50


@step(lambda report: f"tell: {report.row['run_id']}", tags=("tell",), timeout=120)
def tell(report: RunReport) -> None:
    """Leaves the artifacts `funnel` and `kept`; outside a flow run there is nobody to tell."""
    if not in_flow_run():
        return
    from prefect.artifacts import create_markdown_artifact  # noqa: PLC0415 -- the engine runs already

    steps = funnel(report.row, report.outcomes)
    create_markdown_artifact(
        funnel_markdown(report, steps), key="funnel", description="where the entries of this run went"
    )
    create_markdown_artifact(kept_markdown(report.kept), key="kept", description="what this run kept, and why")


def funnel_markdown(report: RunReport, steps: list[FunnelStep]) -> str:
    """The funnel as a table, with every drop and its reason, and what the checks found."""
    lines = ["| step | entries | dropped here |", "|---|---:|---|"]
    for each in steps:
        dropped = ", ".join(f"{entries} {inert(outcome)}: {inert(reason)}" for outcome, reason, entries in each.dropped)
        lines.append(f"| {each.name} | {each.passed} | {dropped} |")
    row = report.row
    agree = "agree" if row["reconciled"] else "do NOT agree"
    lines += ["", f"Run {inert(row['run_id'])}: **{row['status']}**, the counts {agree}. {inert(row['message'] or '')}"]
    if report.older_decisions:
        lines += ["", f"{report.older_decisions} present decisions were made by older rules."]
    lines += [f"- {severity}: {inert(meaning)} ({rows} rows)" for _, severity, meaning, rows in report.findings]
    return "\n".join(lines)


def kept_markdown(kept: Sequence[Mapping[str, Any]]) -> str:
    """What was kept as a table: article, publisher, score, and the best evidence of each facet."""
    if not kept:
        return "Nothing was kept in this run."
    lines = ["| article | publisher | language | score | because |", "|---|---|---|---:|---|"]
    for row in kept[:_SHOWN]:
        because = ", ".join(f"{inert(e['facet'])}: {inert(e['term'])}" for e in row["because"] or [])
        lines.append(
            f"| {inert(row['title'])} | {inert(row['publisher'])} | {inert(row['language'])} "
            f"| {row['score']:.2f} of {row['threshold']:.2f} | {because} |"
        )
    if len(kept) > _SHOWN:
        lines += ["", f"... and {len(kept) - _SHOWN} more; all are in the view `articles`."]
    return "\n".join(lines)


def inert(text: str) -> str:
    """Text from the web as Markdown that shows it and does nothing: no link, no image, no markup, one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(cell(text).split()))
