"""What `technews doctor` looks at: one finding each, with the cure."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from technews import runlock
from technews.publication import published_number
from technews.rules import read_configuration
from technews.runlock import run_lock
from technews.settings import Settings, UsageError
from technews.warehouse import Warehouse, WarehouseError, checks, failing_rows, migrations

_LITTLE_SPACE = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is as it should be, and in words what is or what to do."""

    what: str
    ok: bool
    says: str


def diagnose(settings: Settings) -> list[Finding]:
    """Everything, in an order in which a person would look."""
    return [*_configuration(settings), *_home(settings), *_lock(settings), *_published(settings)]


def _configuration(settings: Settings) -> Iterator[Finding]:
    try:
        feeds, rules = read_configuration(settings, None, None)
    except UsageError as error:
        yield Finding("configuration", ok=False, says=str(error))
        return
    topics = ", ".join(topic.id for topic in rules.topics)
    yield Finding("configuration", ok=True, says=f"{len(feeds)} feeds, topics: {topics}")


def _home(settings: Settings) -> Iterator[Finding]:
    if not settings.home.exists():
        yield Finding("home", ok=False, says=f"{settings.home} is not there: `technews run` makes it")
        return
    free = shutil.disk_usage(settings.home).free
    says = f"{settings.home}, {free / (1 << 30):.1f} GiB free"
    yield Finding("home", ok=free > _LITTLE_SPACE, says=says if free > _LITTLE_SPACE else f"{says}: make room")


def _lock(settings: Settings) -> Iterator[Finding]:
    held = runlock.holder(settings.lock_file)
    yield Finding("run lock", ok=True, says=f"held by {held}" if held else "free")


def _published(settings: Settings) -> Iterator[Finding]:
    try:
        with Warehouse(settings.warehouse, read_only=True) as published:
            yield from _freshness(published)
            yield from _checks(published)
    except WarehouseError as error:
        yield Finding("warehouse", ok=False, says=str(error))
    yield from _unpublished(settings)


def _unpublished(settings: Settings) -> Iterator[Finding]:
    """What was written but not published, since its run failed: the rows that readers were spared."""
    if not settings.state_file.exists():
        return
    try:
        # Under the run lock: an open session, even one that only reads, would stop the next run.
        with run_lock(settings.lock_file, "doctor", "doctor"), Warehouse(settings.state_file, read_only=True) as state:
            if state.commit_number == published_number(settings):
                return
            last = state.rows("reports/last_run")
            words = (
                f"the last {last[0]['flow']} {last[0]['status']}: {last[0]['message'] or 'no message'}" if last else ""
            )
            yield Finding("publishing", ok=False, says=f"readers do not have the last changes; {words}")
            yield from _checks(state)
    except (runlock.Held, WarehouseError):
        return  # a run is at work, and will publish or say why not
    except Exception as error:  # noqa: BLE001 -- a damaged file may fail in any way, and that is the finding
        cure = (
            f"see {settings.published} for older copies; the next `technews run` publishes anew if the state is whole"
        )
        yield Finding("warehouse", ok=False, says=f"cannot be read: {' '.join(str(error).split())[:200]}; {cure}")


def _freshness(published: Warehouse) -> Iterator[Finding]:
    (fresh,) = published.rows("reports/freshness")
    newest = max(migrations())
    yield Finding(
        "schema",
        ok=fresh["schema_version"] == newest,
        says=f"version {fresh['schema_version']}"
        + ("" if fresh["schema_version"] == newest else f", the newest is {newest}: `technews run` migrates"),
    )
    last = fresh["last_success_at"]
    if last is None:
        yield Finding("freshness", ok=False, says="no ingest has run to its end yet: `technews run`")
        return
    hours = (datetime.now(UTC) - last).total_seconds() / 3600
    yield Finding("freshness", ok=True, says=f"last ingest ended {hours:.1f} h ago")
    older = published.rows("reports/older_decisions")[0]["decisions"]
    yield Finding("rules", ok=True, says=f"{older} present decisions were made by older rules")
    for gap in published.rows("reports/open_gaps"):
        yield Finding(
            f"feed {gap['feed_id']}",
            ok=True,
            says=f"cannot be read since {gap['gap_from']:%Y-%m-%d %H:%M} UTC ({gap['cause']}); tried again by itself",
        )


def _checks(published: Warehouse) -> Iterator[Finding]:
    found = {name: (severity, meaning, rows) for name, severity, meaning, rows in failing_rows(published, None)}
    for name, _, _ in checks():
        if name not in found:
            yield Finding(f"check {name}", ok=True, says="no row breaks it")
            continue
        severity, meaning, rows = found[name]
        first = ", ".join(f"{key} {value}" for key, value in rows[0].items())
        yield Finding(f"check {name}", ok=severity == "warn", says=f"{meaning} {len(rows)} rows, such as: {first}")
