"""What `technews doctor` looks at around the data: installed packages, home, disk, the engine's server and worker."""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from technews import PROJECT_ROOT
from technews.diagnosis import Finding
from technews.engine_api import ask
from technews.engine_settings import POOL, port_of_up, server_answers
from technews.settings import Settings

LOCK: Final = PROJECT_ROOT / "lock" / "requirements.txt"
_LOCKED: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)\s*(;)?", re.MULTILINE)
_LITTLE_SPACE: Final = 1 << 30
_SILENT: Final = timedelta(seconds=120)  # a worker says every 30 seconds that it is there


def look_around(settings: Settings, held: Mapping[str, str]) -> Iterator[Finding]:
    """Environment, home, disk, server and worker, and what an operator stopped there (`technews.on_hold`)."""
    yield _environment(LOCK)
    yield from _home(settings)
    yield from _engine(settings)
    if held:
        words = f"{'; '.join(held.values())}: nothing of that starts by itself until it is resumed in the UI"
        yield Finding("deployments", ok=True, says=words, note=True)


def _environment(lock: Path) -> Finding:
    """The installed packages against the lock file; one that is for other systems only may be missing."""
    wanted: dict[str, set[str]] = {}
    for name, number, condition in _LOCKED.findall(lock.read_text(encoding="utf-8")):
        wanted.setdefault(name, {""} if condition else set()).add(number)
    differ = []
    for name, numbers in wanted.items():
        try:
            there = version(name)
        except PackageNotFoundError:
            there = ""
        if there not in numbers:
            differ.append(f"{name} {there or 'is missing'}")
    if not differ:
        return Finding("environment", ok=True, says=f"the {len(wanted)} packages of the lock file")
    words = f"{len(differ)} packages differ from the lock file: {', '.join(differ[:5])}"
    return Finding("environment", ok=False, says=f"{words}; `make --always-make setup` installs what it names")


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    if not home.exists():
        yield Finding("home", ok=False, says=f"{home} is not there: `technews run` makes it")
        return
    closed = next((folder for folder in (home, home / "state") if folder.exists() and not _writable(folder)), None)
    words = f"{closed} cannot be written by this user: mend its owner or mode" if closed else str(home)
    yield Finding("home", ok=closed is None, says=words)
    free = shutil.disk_usage(home).free
    size = settings.state_file.stat().st_size if settings.state_file.exists() else 0
    enough = free > max(_LITTLE_SPACE, 2 * size)
    words = f"{free / (1 << 30):.1f} GiB free, the state file has {size / (1 << 30):.2f}"
    yield Finding("disk", ok=enough, says=words if enough else f"{words}: make room, runs and compaction need it")


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)


def _engine(settings: Settings) -> Iterator[Finding]:
    """Server and worker; none is expected where `technews up` was never used, or was ended by somebody."""
    expected = port_of_up(settings)
    if expected is not None:
        settings = replace(settings, server_port=expected)
    if not server_answers(settings.server_port):
        words = f"no Prefect server answers on port {settings.server_port}: `technews up` starts it"
        yield Finding("server", ok=expected is None, says=words)
        return
    yield Finding("server", ok=True, says=f"answers on port {settings.server_port}")
    seen = _worker_seen(settings)
    if seen is None:
        yield Finding("worker", ok=False, says="no worker has ever run there: `technews up` starts one")
        return
    age = datetime.now(UTC) - seen
    words = f"last heard of {age.total_seconds():.0f} s ago"
    yield Finding("worker", ok=age < _SILENT, says=words if age < _SILENT else f"{words}: start `technews up` again")


def _worker_seen(settings: Settings) -> datetime | None:
    try:
        workers = ask(settings.server_port, f"work_pools/{POOL}/workers/filter", {}, os.environ)
        return max(datetime.fromisoformat(worker["last_heartbeat_time"]) for worker in workers)
    except (OSError, HTTPException, ValueError, RecursionError, KeyError, TypeError):
        return None
