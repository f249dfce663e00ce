"""Why an entry was kept or dropped: outcome, history and decisions as stored, and today's rules over the piece itself.

The piece is the stored text (or that in quarantine), else what its page or feed says, cleaned again; where nothing of
it is left, the stored evidence speaks alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from technews.judged_pieces import JudgedPiece, judged_piece
from technews.ledger import Ledger
from technews.links import named
from technews.measures import Sign
from technews.nearest import Turn
from technews.records import Outcome
from technews.relevance import Explained, score_of
from technews.rules import read_rules
from technews.settings import Settings, UsageError
from technews.tables import cell
from technews.warehouse import Warehouse

# What the parts of a score say, for a person (`measures.Measures` defines them).
MEANINGS: Final = {
    "base": "where every piece starts",
    "title": "all facets in the title",
    "titled": "how many of them in the title",
    "opening": "all in title or first sentence",
    "lead": "all in title or lead",
    "meeting": "all close together in title and lead",
    "sentence": "all in one sentence of the lead",
    "together": "all in one passage, throughout the body, where the title does not say it",
    "several": "several headlines in the title",
}
_AROUND: Final = 60
_GAP: Final = 160
_MOST_SHOWN: Final = 4_000
_MOST_WORDS: Final = 5


def explanation(settings: Settings, name: str, *, whole: bool) -> dict[str, Any]:
    """All that is known of the entry with this id or address; `whole`: with all of its text (see `marked`).

    An article's id stands for the entry that speaks for it. Raises UsageError where there is none.
    """
    with Warehouse(settings.warehouse, read_only=True) as published:
        entries = published.rows("reports/find_entries", **named(published, name))
        if not entries:
            raise UsageError(f"{name}: no entry has this id or address; `technews sql` can search titles in `entries`")
        entry = entries[0]
        speaker = entry["duplicate_of"] or entry["entry_id"]
        decisions = published.rows("reports/entry_decisions", entry_id=speaker)
        piece = None
        if decisions or entry["outcome"] == Outcome.QUARANTINED:
            ledger = Ledger(settings, published, "explain", datetime.now(UTC), check_all=False)
            piece = judged_piece(ledger, speaker)
        return {
            "entry": entry,
            "others": [other["entry_id"] for other in entries[1:]],
            "history": published.rows("reports/entry_history", entry_id=entry["entry_id"]),
            "revisions": published.rows("reports/entry_revisions", entry_id=entry["entry_id"]),
            "quarantine": published.rows("reports/entry_quarantine", entry_id=speaker),
            "metadata": next(iter(published.rows("reports/entry_metadata", entry_id=entry["entry_id"])), None),
            "decisions": decisions or [asdict(verdict) for verdict in (piece.verdicts if piece else ())],
            "today": _todays(settings, piece, whole=whole) if piece else [],
        }


def _todays(settings: Settings, piece: JudgedPiece, *, whole: bool) -> list[dict[str, Any]]:
    """What the configured rules say today; nothing where they cannot be read (what is stored still can)."""
    try:
        judge = read_rules(settings.topics_dir, settings.entities_file).judge()
    except UsageError:
        return []
    return [today(each, piece, whole=whole) for each in judge.explain(piece.title, piece.text, piece.language)]


def today(decided: Explained, piece: JudgedPiece, *, whole: bool = False) -> dict[str, Any]:
    """What today's rules say of a piece, as plain values: the sum, the marked text, what was nearest to change it."""
    verdict, turn = decided.verdict, decided.turn
    return {
        "topic_id": verdict.topic_id,
        "rule_version": verdict.rule_version,
        "relevant": verdict.relevant,
        "score": verdict.score,
        "threshold": verdict.threshold,
        "matches": verdict.matches,
        "parts": [
            {
                "name": p.name,
                "value": p.value,
                "weight": p.weight,
                "points": round(p.points, 2),
                "meaning": _meaning(p.name, decided, piece),
            }
            for p in decided.parts
        ],
        "nearest": _plain(turn) if turn else None,
        "title": marked(piece.title, decided.signs[: decided.titled], whole=True),
        "text": marked(piece.text, decided.signs[decided.titled :], whole=whole),
    }


def _plain(turn: Turn) -> dict[str, Any]:
    changes = [{"name": c.name, "struck": c.struck, "everywhere": c.everywhere, "words": c.words} for c in turn.changes]
    return {"changes": changes, "score": score_of(turn.points)}


def _meaning(name: str, decided: Explained, piece: JudgedPiece) -> str:
    """What a part of the sum means; of a cue, the words that gave it."""
    if name in MEANINGS:
        return MEANINGS[name]
    said = decided.cues[name]
    words = (piece.title if said.titled else piece.text)[said.match.start : said.match.end]
    return f"the title says “{words}”" if said.titled else f"the text says “{words}”"


def marked(text: str, signs: Sequence[Sign], *, whole: bool = False) -> str:
    """The text with each sign in brackets and its facets behind: `[Apple:apple]`, hints with a `?`.

    Unless the whole is asked for, stretches without signs are left out, and what is longer than a screen or two.
    """
    places: dict[tuple[int, int], list[str]] = {}
    for sign in signs:
        shown = sign.facet if sign.strong else f"{sign.facet}?"
        places.setdefault((sign.match.start, sign.match.end), []).append(shown)
    pieces, end = [], 0
    for (start, stop), facets in sorted(places.items()):
        if start < end:
            continue  # within a longer one
        pieces += [_between(text[end:start], first=not end, whole=whole), f"[{text[start:stop]}:{'+'.join(facets)}]"]
        end = stop
    rest = text[end:]
    pieces.append(rest if whole or len(rest) <= _AROUND else f"{rest[:_AROUND]} …")
    shown = "".join(pieces)
    return shown if whole or len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]} … ({len(signs)} signs in all)"


def _between(text: str, *, first: bool, whole: bool) -> str:
    if whole or len(text) <= _GAP:
        return text
    return f"… {text[-_AROUND:]}" if first else f"{text[:_AROUND]} … {text[-_AROUND:]}"


def in_words(found: Mapping[str, Any]) -> str:
    """The explanation for a person."""
    entry = found["entry"]
    lines = [
        cell(entry["title"] or "(its feed gave no title)"),
        f"  {cell(entry['url'])}",
        f"  entry {entry['entry_id']} of feed {entry['feed_id']}, first seen {cell(entry['first_seen_at'])}",
        f"  outcome: {entry['outcome']} ({entry['reason']}{': ' + cell(entry['detail']) if entry['detail'] else ''})",
    ]
    lines += [f"  its address is that of another entry, too: {other}" for other in found["others"]]
    if entry["duplicate_of"]:
        lines.append(f"  the same page as entry {entry['duplicate_of']}, whose decision is shown")
    lines += [
        f"  in quarantine, {row['status']}: `technews quarantine show {row['quarantine_id']}` says what is wrong"
        for row in found["quarantine"]
    ]
    if found["metadata"]:
        lines += _metadata(found["metadata"])
    for decision in found["decisions"]:
        lines += _decision(decision)
    for judged in found["today"]:
        lines += _judged(judged, [d["rule_version"] for d in found["decisions"]])
    lines.append("history:")
    lines += [
        f"  {cell(h['changed_at'])}  {h['outcome']} ({h['reason']}{': ' + cell(h['detail']) if h['detail'] else ''})"
        for h in found["history"]
    ]
    if found["revisions"]:
        lines.append("revisions that the publisher served:")
    lines += [
        f"  {cell(r['seen_from'])}  {r['revision']} ({r['change']}, {r['word_count']} words): {cell(r['title'])}"
        for r in found["revisions"]
    ]
    return "\n".join(lines)


def _metadata(said: Mapping[str, Any]) -> Iterator[str]:
    """What the article's metadata are, where each was found, and in what the entry's feed says something else."""
    yield "metadata, and where it was found:"
    for name in ("title", "author", "published_at", "modified_at"):
        if said[name]:
            yield f"  {name}: {cell(said[name])} ({said[f'{name}_from'] or 'not recorded'})"
    yield f"  language: {said['language']}; the page claims {said['page_language'] or 'none'}"
    if said["is_paywalled"]:
        yield "  only a part of it can be read without paying"
    for name in said["conflicts"] or ():
        of_feed, of_page = (cell(said[f"{origin}_{name}"]) for origin in ("feed", "page"))
        yield f"  {name} differs: the feed says {of_feed}, the page {of_page}"


def _decision(decision: Mapping[str, Any]) -> Iterator[str]:
    verdict = "kept" if decision["relevant"] else "dropped"
    score, threshold = decision["score"], decision["threshold"]
    yield f"topic {decision['topic_id']}: {verdict}, score {score:.3f}, threshold {threshold:.3f}"
    yield f"  rules {decision['rule_version']}; matches: " + (
        ", ".join(f"{facet} {count}" for facet, count in decision["matches"].items()) or "none"
    )
    for e in decision["evidence"]:
        yield f"  {e['facet']:<10} {e['field']:<5} at {e['start']:>5}  {cell(e['term'])}: … {cell(e['snippet'])} …"
    if (kept := len(decision["evidence"])) < (count := sum(decision["matches"].values())):
        yield f"  {kept} of {count} matches are stored: the best of each facet in title, lead and body"


def _judged(judged: Mapping[str, Any], versions: Sequence[str]) -> Iterator[str]:
    """The sum, what would have changed it, and the marked text."""
    same = "the rules that decided" if judged["rule_version"] in versions else "today's rules, which are others"
    yield f"the score as a sum ({same}):"
    if missing := [facet for facet, count in judged["matches"].items() if not count]:
        yield f"  0: nothing shows {' or '.join(missing)}, and a piece must show every facet"
    for part in judged["parts"]:
        product = "" if part["value"] == 1 else f" ({part['value']:.2f} × {part['weight']:+.2f})"
        yield f"  {part['points']:>+6.2f}  {part['name']}: {cell(part['meaning'])}{product}"
    if judged["parts"]:
        points = sum(part["points"] for part in judged["parts"])
        yield f"  {points:>+6.2f}  in all: a score of {judged['score']:.3f}; kept from {judged['threshold']:.3f} on"
        yield f"  {_in_words(judged['nearest'], relevant=judged['relevant'])}"
    yield "the piece, with what shows a facet ([word:facet], ? = a hint only):"
    for line in (judged["title"], *judged["text"].split("\n")):
        if line.strip():
            yield f"  {cell(line)}"


def _in_words(nearest: Mapping[str, Any] | None, *, relevant: bool) -> str:
    turned = "dropped" if relevant else "kept"
    if nearest is None:
        return f"no change of a few words was found that would have made it {turned}"
    changes = " and ".join(map(_change_in_words, nearest["changes"]))
    return f"nearest to being {turned}: {changes} (tried: a score of {nearest['score']:.3f})"


def _change_in_words(change: Mapping[str, Any]) -> str:
    words = ", ".join(f"“{cell(word)}”" for word in change["words"][:_MOST_WORDS])
    more = f" and {len(change['words']) - _MOST_WORDS} more" if len(change["words"]) > _MOST_WORDS else ""
    where = "" if change["everywhere"] else " in the title"
    return f"{'without' if change['struck'] else 'with'} {words}{more}{where} ({change['name']})"
