"""Why an entry was kept or dropped, from the published warehouse: outcome, history, score and evidence."""

from collections.abc import Iterator, Mapping
from typing import Any

from technews import addresses
from technews.settings import Settings, UsageError
from technews.tables import cell
from technews.warehouse import Warehouse


def explanation(settings: Settings, name: str) -> dict[str, Any]:
    """All that is known of the entry with this id or address. Raises UsageError where there is none."""
    with Warehouse(settings.warehouse, read_only=True) as published:
        entries = published.rows("reports/find_entries", name=name, identity=addresses.identity(name))
        if not entries:
            raise UsageError(f"{name}: no entry has this id or address; `technews sql` can search titles in `entries`")
        entry = entries[0]
        speaker = entry["duplicate_of"] or entry["entry_id"]
        return {
            "entry": entry,
            "others": [other["entry_id"] for other in entries[1:]],
            "history": published.rows("reports/entry_history", entry_id=entry["entry_id"]),
            "decisions": published.rows("reports/entry_decisions", entry_id=speaker),
        }


def in_words(found: Mapping[str, Any]) -> str:
    """The explanation for a person."""
    entry = found["entry"]
    lines = [
        cell(entry["title"]),
        f"  {cell(entry['url'])}",
        f"  entry {entry['entry_id']} of feed {entry['feed_id']}, first seen {cell(entry['first_seen_at'])}",
        f"  outcome: {entry['outcome']} ({entry['reason']}{': ' + cell(entry['detail']) if entry['detail'] else ''})",
    ]
    if entry["duplicate_of"]:
        lines.append(f"  the same page as entry {entry['duplicate_of']}, whose decision is shown")
    for decision in found["decisions"]:
        lines += _decision(decision)
    lines.append("history:")
    lines += [
        f"  {cell(h['changed_at'])}  {h['outcome']} ({h['reason']}{': ' + cell(h['detail']) if h['detail'] else ''})"
        for h in found["history"]
    ]
    return "\n".join(lines)


def _decision(decision: Mapping[str, Any]) -> Iterator[str]:
    verdict = "kept" if decision["relevant"] else "dropped"
    yield f"topic {decision['topic_id']}: {verdict}, score {decision['score']:.3f} of {decision['threshold']:.3f}"
    yield f"  rules {decision['rule_version']}; matches: " + (
        ", ".join(f"{facet} {count}" for facet, count in decision["matches"].items()) or "none"
    )
    for e in decision["evidence"]:
        yield f"  {e['facet']:<10} {e['field']:<5} at {e['start']:>5}  {cell(e['term'])}: … {cell(e['snippet'])} …"
