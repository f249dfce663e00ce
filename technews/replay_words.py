"""What a replay found, for the command line and for the engine's artifact; what the web wrote does nothing there."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, Final

from technews.replaying import Difference, Findings
from technews.tables import cell, counted

_KINDS: Final = ("newly in", "newly out", "changed text")


def as_object(findings: Findings) -> dict[str, Any]:
    """What `technews replay --dry-run --json` prints."""
    return {
        "articles": findings.articles,
        "counts": dict(findings.counts),
        **{
            kind.replace(" ", "_"): [asdict(found) for found in findings.differences if found.what == kind]
            for kind in _KINDS
        },
    }


def in_words(findings: Findings) -> str:
    """The same for a person."""
    lines = [f"{findings.articles:,} articles that other rules or another cleaner made; nothing was changed"]
    lines += [f"  {number:,} {what}" for what, number in findings.counts.items()]
    for found in findings.differences:
        lines += _lines(found, cell)
    return "\n".join(lines)


def in_markdown(findings: Findings) -> str:
    """The same as Markdown: what stands in backticks is shown and does nothing."""
    lines = [f"{findings.articles:,} articles looked at."]
    lines += [f"- {number:,} {what}" for what, number in findings.counts.items()]
    for found in findings.differences[:100]:
        lines += ["", *("- " + line.strip() for line in _lines(found, _inert))]
    return "\n".join(lines)


def run_name(findings: Findings) -> str:
    """What a dry run found, as the list of runs shows it."""
    changes = ", ".join(f"{findings.counts[kind]:,} {kind}" for kind in _KINDS if findings.counts.get(kind))
    return f"dry run: {counted(findings.articles, 'article')}, {changes or 'nothing would change'}"


def _lines(found: Difference, shown: Callable[[object], str]) -> Iterator[str]:
    yield f"{found.what}: {shown(found.title)}"
    yield f"  {shown(found.url)} ({found.entry_id})"
    if found.topic_id:
        before = "not decided" if found.before is None else f"{found.before:.3f}"
        yield f"  topic {found.topic_id}: score {before} → {found.after or 0:.3f}; rules {found.rules}"
        if found.by_threshold:
            yield f"  turned by the threshold: {found.threshold_before:.3f} → {found.threshold_after:.3f}"
        if found.missing:
            yield f"  no longer found: {', '.join(found.missing)}"
    for e in found.evidence:
        yield f"  {e.facet} in {e.field} at {e.start}: {shown(e.term)}: … {shown(e.snippet)} …"
    if found.text:
        yield f"  {shown(found.text)}"


def _inert(text: object) -> str:
    return "`" + " ".join(cell(text).split()).replace("`", "'") + "`"
