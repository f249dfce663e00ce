"""What `technews doctor` looks at in configuration, home and tables: one finding each, with the cure."""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from technews import runlock
from technews.backups import backups
from technews.chains import check
from technews.credentials import resolve
from technews.engine_settings import POOL
from technews.publication import demand_state, published_number
from technews.records import Feed
from technews.rules import Rules, read_configuration
from technews.runlock import run_lock
from technews.settings import Settings, UsageError, no_settings
from technews.tables import counted, first_few
from technews.warehouse import Damaged, Warehouse, WarehouseError, checks, failing_rows, in_short, migrations

# What no later poll mends by itself: someone has to correct the address, the credentials or the settings.
_HARD: Final = re.compile(r"HTTP 4(?:0[0134]|10|51)|not a feed|is not set|not a usable address|refused|^\S+ is an? ")
_NOT_ALLOWED: Final = "TECHNEWS_ALLOW_HOSTS"  # in the error of a feed at a private address
_NAME_THEM: Final = f"if that is meant, set {_NOT_ALLOWED} as for the runs that read it"
_FAILURES: Final = 3  # polls in a row before a hard failure is believed
_TOO_LONG: Final = timedelta(days=3)  # after which a failure that comes and goes needs a person too
_FEW: Final = 3  # feeds that may fail at once without one cause
_SHOWN: Final = 5  # failing feeds that get a line of their own
_OLD_BACKUP: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is as it should be, and in words what is or what to do.

    A `note` is no fault, but worth a look.
    """

    what: str
    ok: bool
    says: str
    note: bool = False

    @property
    def level(self) -> str:
        """How its line begins: `ok`, `note`, or `FAIL` where it needs a person."""
        return "FAIL" if not self.ok else "note" if self.note else "ok"


def diagnose(
    settings: Settings, feeds: Path | None, topics: Path | None, environ: Mapping[str, str], held: Mapping[str, str]
) -> Iterator[Finding]:
    """Settings, configuration, run lock, tables and backups, in an order in which a person would look.

    `held` has in words what an operator stopped in the engine (`technews.on_hold`): a cure for what is old names it.
    """
    now = datetime.now(UTC)
    for words in no_settings(environ):
        yield Finding("settings", ok=True, says=words, note=True)
    declared, rules = yield from _configuration(settings, feeds, topics, environ)
    yield _lock(settings)
    if settings.home.exists():
        yield from _published(settings, {feed.id for feed in declared}, rules, now, _resume(held, "ingest"))
        yield from _backups(settings, now, _resume(held, "maintain"))


def _resume(held: Mapping[str, str], flow: str) -> str:
    """What to do before anything else where an operator stopped what starts that flow; nothing where nobody did."""
    words = " and ".join(held[name] for name in (POOL, flow) if name in held)
    return words and f"{words}: resume it in the UI"


def _configuration(
    settings: Settings, feeds_file: Path | None, topics: Path | None, environ: Mapping[str, str]
) -> Generator[Finding, None, tuple[tuple[Feed, ...], Rules | None]]:
    where = feeds_file or settings.feeds_file
    try:
        feeds, rules = read_configuration(settings, feeds_file, topics)
        names = ", ".join(topic.id for topic in rules.topics)
    except UsageError as error:
        yield from (Finding("configuration", ok=False, says=line) for line in error.lines[1:] or error.lines)
        return (), None
    yield Finding("configuration", ok=True, says=f"{counted(len(feeds), 'feed')} in {where}, topics: {names}")
    asked = {facet.name for topic in rules.all_topics for facet in topic.facets}
    for facet in sorted({facet for entity in rules.entities for facet in (*entity.strong, *entity.weak)} - asked):
        if alike := get_close_matches(facet, asked, 1, cutoff=0.75):  # others may be of a topic that lies elsewhere
            words = f"{settings.entities_file.name} has the facet {facet}, no topic has: {alike[0]} is meant?"
            yield Finding("entities", ok=True, says=words, note=True)
    if not settings.contact:
        words = "TECHNEWS_CONTACT is not set: a site that minds our requests cannot reach you"
        yield Finding("contact", ok=True, says=words, note=True)
    for feed in feeds:
        if why := unusable(feed, settings, environ):
            yield Finding(f"feed {feed.id}", ok=False, says=f"can never be read: {why}; see {where}")
    return feeds, rules


def unusable(feed: Feed, settings: Settings, environ: Mapping[str, str]) -> str | None:
    """Why a feed as configured can never be read, or None; nothing is asked for."""
    try:
        found = check(resolve(feed.url, environ)[0], settings.allow_hosts)
    except KeyError as missing:
        return f"the environment variable {missing.args[0]} is not set"
    except ValueError:
        return "its address cannot be read"
    return None if isinstance(found, str) else found[1]


def _lock(settings: Settings) -> Finding:
    held = runlock.holder(settings.lock_file)
    return Finding("run lock", ok=True, says=f"{held}; others wait or are turned away" if held else "free")


def _published(
    settings: Settings, declared: set[str], rules: Rules | None, now: datetime, resume: str
) -> Iterator[Finding]:
    try:
        with Warehouse(settings.warehouse, read_only=True) as published:
            (fresh,) = published.rows("reports/freshness")
            yield _migrated(fresh["schema_version"])
            yield _fresh(fresh["last_success_at"], settings, now, resume)
            if fresh["schema_version"] == max(migrations()):
                yield from _decisions(published, rules)
                yield from _feeds(published, declared, now)
                yield from _checks(published)
    except Exception as error:  # noqa: BLE001 -- a damaged file may fail in any way, and that is the finding
        says = f"cannot be read: {in_short(error)}; see {settings.published} for older copies"
        says += "; the next `technews run` publishes anew"
        if isinstance(error, WarehouseError) and not isinstance(error, Damaged):
            says = str(error)  # it says what to do
        yield Finding("warehouse", ok=False, says=says)
    yield from _state(settings)


def _state(settings: Settings) -> Iterator[Finding]:
    """Whether the writer's file is whole, and has nothing that readers were spared since its run failed."""
    try:
        demand_state(settings)
    except WarehouseError as lost:
        yield Finding("state", ok=False, says=str(lost))
        return
    if not settings.state_file.exists():
        return
    try:
        # Under the run lock: an open session, even one that only reads, would stop the next run.
        with run_lock(settings.lock_file, "doctor", "doctor"), Warehouse(settings.state_file, read_only=True) as state:
            if state.commit_number == published_number(settings):
                yield Finding("state", ok=True, says="whole, and published")
                return
            if runlock.holder(settings.long_lock_file):
                return  # one that lets others in between its batches
            broken = list(_checks(state))
            last = state.rows("reports/last_run")
            words = unpublished(last[0] if last else None, sound=all(finding.ok for finding in broken))
            yield Finding("publishing", ok=False, says=words)
            yield from broken
    except runlock.Held:
        return  # a run is at work, and will publish or say why not
    except Exception as error:  # noqa: BLE001 -- the same
        newest = backups(settings)[-1:]
        cure = f"`technews restore {newest[0]}`" if newest else f"put back a copy from {settings.published}"
        yield Finding("state", ok=False, says=f"{settings.state_file} cannot be read: {in_short(error)}; {cure}")


def unpublished(last: Mapping[str, Any] | None, *, sound: bool) -> str:
    """Why readers lack what was written, as far as the last run tells, and what publishes it."""
    cure = "the next `technews run` publishes them" if sound else "they are published once no check fails"
    words = f"readers do not have the last changes: {cure}"
    if last is None:
        return words
    if last["status"] == "running":  # nobody holds the lock
        return f"{words}; the last {last['flow']} was killed in the midst"
    return f"{words}; the last {last['flow']} {last['status']}{': ' if last['message'] else ''}{last['message'] or ''}"


def _migrated(version: int) -> Finding:
    newest = max(migrations())
    if version == newest:
        return Finding("migrations", ok=True, says=f"all {newest + 1} are applied")
    cure = "the next `technews run` migrates, then look again" if version < newest else "upgrade technews"
    return Finding("migrations", ok=version < newest, says=f"the file is at {version}, the newest is {newest}: {cure}")


def _fresh(last: datetime | None, settings: Settings, now: datetime, resume: str) -> Finding:
    if last is None:
        return Finding("freshness", ok=False, says=f"no ingest has read a feed yet: {resume or '`technews run`'}")
    age, limit = now - last, settings.stale_after
    words = f"the last good ingest ended {_span(age)} ago"
    if age <= limit:
        return Finding("freshness", ok=True, says=words)
    network = "`technews up` runs it on schedule; if it does, no feed answers: is the network there?"
    cure = f"more than TECHNEWS_STALE_HOURS allows ({_span(limit)}): {resume or network}"
    return Finding("freshness", ok=False, says=f"{words}, {cure}")


def _decisions(published: Warehouse, rules: Rules | None) -> Iterator[Finding]:
    """Against the configured rules, which the last run may not have known; where they are refused, against its own."""
    versions = rules and [{"topic_id": topic, "rule_version": version} for topic, version in rules.versions.items()]
    older = published.rows("reports/older_decisions", rows=versions)[0]["decisions"]
    words = f"{older} present decisions were made by older rules"
    cure = ": `technews replay --dry-run` says what today's would make of them" if older else ""
    yield Finding("rules", ok=True, says=words + cure, note=bool(older))
    for new in published.rows("reports/unjudged_topics", rows=versions or []):
        words = f"topic {new['topic_id']} has judged none of {counted(new['articles'], 'article')}: `technews replay`"
        yield Finding("rules", ok=True, says=words, note=True)


def _feeds(published: Warehouse, declared: set[str], now: datetime) -> Iterator[Finding]:
    rows = [row for row in published.rows("reports/feed_table") if row["state"] != "retired"]
    if declared and (differs := compare_feeds(declared, {row["feed_id"] for row in rows})):
        yield differs
    failing = [row for row in rows if row["consecutive_failures"]]
    yield judge_feeds(len(rows), [row["last_error"] or "" for row in failing])
    # What needs a person first; where many fail, one cause is likelier than many.
    found = sorted((judge_feed(row, now) for row in failing), key=lambda finding: finding.ok)
    yield from found[:_SHOWN]
    if len(found) > _SHOWN:
        ok = all(finding.ok for finding in found[_SHOWN:])
        words = f"and {len(found) - _SHOWN} more that fail: `technews feeds list`"
        yield Finding("feeds", ok=ok, says=words, note=True)
    # A publisher may rest, or have moved on without a word: only a person can tell.
    if silent := [row["feed_id"] for row in rows if row["state"] == "silent"]:
        named = f"{counted(len(silent), 'feed')} silent against their own rhythm ({first_few(silent, _SHOWN)})"
        says = f"{named}: see `technews feeds list`"
        yield Finding("feeds", ok=True, says=says, note=True)


def compare_feeds(declared: set[str], read: set[str]) -> Finding | None:
    """How the configured feeds differ from those that this home reads; a note, since the next run takes it over.

    Is none of them read here, it is another home's configuration, and the next run would retire all feeds of this one.
    """
    if not read or declared == read:
        return None
    if declared & read:
        new, gone = len(declared - read), len(read - declared)
        words = f"{counted(new, 'feed')} of it new to this home, {gone} that it reads not in it"
        return Finding("configuration", ok=True, says=f"{words}: the next run takes that over", note=True)
    named = first_few(sorted(read), _FEW)
    words = f"none of these feeds is read in this home, but {len(read)} others ({named}), which a run would retire"
    return Finding("configuration", ok=True, says=f"{words}: TECHNEWS_CONFIG or --feeds names its own", note=True)


def judge_feeds(read: int, errors: Sequence[str]) -> Finding:
    """Whether so many feeds fail at once that one cause must be behind it: a third of them, and more than two.

    `errors` has what each that fails said last.
    """
    failing = len(errors)
    words = f"{read} are read in this home, {failing} of them fail at present"
    if failing < _FEW or 3 * failing < read:
        return Finding("feeds", ok=True, says=words)
    cure = "look at this machine's network and name service, then `technews run --force`"
    if all(_NOT_ALLOWED in error for error in errors):
        cure = f"their hosts are private: {_NAME_THEM}, then `technews run --force`"
    return Finding("feeds", ok=False, says=f"{words}, too many to be their own fault: {cure}")


def judge_feed(row: Mapping[str, Any], now: datetime) -> Finding:
    """Whether a failing feed needs a person: it fails for good, or has failed for three days."""
    times, error = row["consecutive_failures"], row["last_error"] or "no answer"
    read = f"last read {row['last_success_at']:%Y-%m-%d %H:%M} UTC" if row["last_success_at"] else "never read yet"
    words = f"{counted(times, 'poll')} failed{' in a row' * (times > 1)}, {read}: {error}"
    hard = times >= _FAILURES and _HARD.search(error)
    long = row["last_success_at"] is not None and now - row["last_success_at"] > _TOO_LONG
    if hard or long or (row["last_success_at"] is None and times > 2 * _FAILURES):
        cure = _NAME_THEM if _NOT_ALLOWED in error else "correct its address in feeds.toml, or remove it there"
        return Finding(f"feed {row['feed_id']}", ok=False, says=f"{words}; {cure}")
    return Finding(f"feed {row['feed_id']}", ok=True, says=f"{words}; tried again by itself", note=True)


def _checks(published: Warehouse) -> Iterator[Finding]:
    found = {name: (severity, meaning, rows) for name, severity, meaning, rows in failing_rows(published, None)}
    for name, _, _ in checks():
        if name not in found:
            yield Finding(f"check {name}", ok=True, says="no row breaks it")
            continue
        severity, meaning, rows = found[name]
        yield Finding(f"check {name}", ok=severity == "warn", says=f"{meaning} {_rows(rows)}", note=True)


def _backups(settings: Settings, now: datetime, resume: str) -> Iterator[Finding]:
    """Backups are the work of the nightly flow: who runs ingests by hand has none, and that is no fault."""
    there = backups(settings)
    if not there:
        words = f"none in {settings.backups}; the nightly flow `maintain` takes them, `technews maintain` takes one now"
        yield Finding("backups", ok=True, says=words, note=True)
        return
    age = now - datetime.fromtimestamp(there[-1].stat().st_mtime, UTC)
    words = f"{len(there)} in {settings.backups}, the newest {_span(age)} old"
    old = age > _OLD_BACKUP
    cure = resume or "see why the flow `maintain` fails, start `technews up`, or run `technews maintain`"
    yield Finding("backups", ok=not old, says=f"{words}: {cure}" if old else words)


def _rows(rows: Sequence[Mapping[str, Any]]) -> str:
    return f"{counted(len(rows), 'row')}, such as: {', '.join(f'{key} {value}' for key, value in rows[0].items())}"


def _span(length: timedelta) -> str:
    hours = length.total_seconds() / 3600
    return f"{hours * 60:.0f} min" if hours < 1 else f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.0f} days"
