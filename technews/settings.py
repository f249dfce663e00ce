"""Settings by environment variable: where things live and how patient a run is.

A setting that cannot be read is refused with the variable's name and what would be right; a variable of ours that is
none is told, and passed over.

Exceptions:

    UsageError          bad usage or configuration: one line that says what to do; exit code 2
"""

import ipaddress
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from technews import PROJECT_ROOT

_PREFIX: Final = "TECHNEWS_"
# All there are: README's table explains them, and a test holds both to what is read. The last one is the demo's alone.
VARIABLES: Final = tuple(
    _PREFIX + name
    for name in (
        "HOME", "CONFIG", "CONTACT", "HOST_PAUSE", "RUN_MINUTES", "ALLOW_HOSTS", "ARCHIVE_DAYS", "LOOK_AHEAD",
        "SERVER_PORT", "ALERT_WEBHOOK", "STALE_HOURS", "BACKUPS", "DEMO_PORT",
    )
)  # fmt: skip
_SAID: Final = 10  # variables that are none of ours
_ALIKE: Final = 0.65  # of 1, without the prefix: WEBHOOK is meant for ALERT_WEBHOOK, but PORT may be either port
_HOST_AND_PORT: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?):([0-9]{1,5})")


class UsageError(Exception):
    """Bad usage or configuration; the message is one line that says what would be right.

    `lines` are for where there is room: of several mistakes a heading and a line for each, else the message alone.
    """

    def __init__(self, message: str, lines: Sequence[str] = ()) -> None:
        """`lines`, if they are more than the message."""
        super().__init__(message)
        self.lines = tuple(lines) or (message,)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, resolved. Paths are absolute; `host_pause` is in seconds."""

    home: Path
    config: Path
    allow_hosts: frozenset[str]
    host_pause: float
    run_limit: timedelta
    contact: str | None
    server_port: int
    archive_days: int
    alert_webhook: str | None
    stale_after: timedelta
    backups: Path
    look_ahead: bool

    @property
    def state_file(self) -> Path:
        """The writer's own database."""
        return self.home / "state" / "technews.duckdb"

    @property
    def lock_file(self) -> Path:
        """The lock that whoever writes holds."""
        return self.home / "state" / "run.lock"

    @property
    def long_lock_file(self) -> Path:
        """The lock of a run that lets go of the other one between its batches: while it is held, that run lives."""
        return self.home / "state" / "long.lock"

    @property
    def signs_of_life(self) -> Path:
        """The folder in which runs that the engine knows hold a locked file while their process lives."""
        return self.home / "state" / "alive"

    @property
    def rules_note(self) -> Path:
        """What the last run that read the rules noted about them."""
        return self.home / "state" / "rules.json"

    @property
    def pool_is_ready(self) -> Path:
        """The file that says that the worker of `technews up` may start."""
        return self.home / "state" / "pool.ready"

    @property
    def up_lock_file(self) -> Path:
        """The lock of `technews up`; in it the process and the port of its server, until a clean end."""
        return self.home / "state" / "up.lock"

    @property
    def published(self) -> Path:
        """The folder of numbered, read-only copies."""
        return self.home / "published"

    @property
    def warehouse(self) -> Path:
        """The symlink that readers open."""
        return self.home / "warehouse.duckdb"

    @property
    def archive(self) -> Path:
        """The folder of WARC files."""
        return self.home / "archive"

    @property
    def feeds_file(self) -> Path:
        """The feeds, unless a command names another file."""
        return self.config / "feeds.toml"

    @property
    def topics_dir(self) -> Path:
        """The topics, unless a command names another folder."""
        return self.config / "topics"

    @property
    def entities_file(self) -> Path:
        """The entities, for topics that have none beside them too."""
        return self.config / "entities.toml"


def read_settings(environ: Mapping[str, str] = os.environ, home: Path | None = None) -> Settings:
    """The settings of this process; `home` (a command's --home) wins over `TECHNEWS_HOME`.

    Raises UsageError where a variable holds something else than its kind.
    """
    named_home = home or Path(environ.get("TECHNEWS_HOME") or "data")
    # A home named on the command line is meant from where the user stands; the setting from the project's root.
    resolved_home = named_home.resolve() if home else (PROJECT_ROOT / named_home).resolve()
    return Settings(
        home=resolved_home,
        config=(PROJECT_ROOT / (environ.get("TECHNEWS_CONFIG") or "config")).resolve(),
        allow_hosts=_hosts(environ, "TECHNEWS_ALLOW_HOSTS"),
        host_pause=_number(environ, "TECHNEWS_HOST_PAUSE", 1.0, 0, 3600),
        run_limit=timedelta(minutes=_number(environ, "TECHNEWS_RUN_MINUTES", 15.0, 0.01, 24 * 60)),
        contact=environ.get("TECHNEWS_CONTACT") or None,
        server_port=_port(environ, "TECHNEWS_SERVER_PORT", 4200),
        archive_days=int(_number(environ, "TECHNEWS_ARCHIVE_DAYS", 90.0, 1, 36_500)),
        alert_webhook=_web_address(environ, "TECHNEWS_ALERT_WEBHOOK"),
        stale_after=timedelta(hours=_number(environ, "TECHNEWS_STALE_HOURS", 2.0, 0.01, 24 * 365)),
        backups=resolved_home / (environ.get("TECHNEWS_BACKUPS") or "backups"),
        look_ahead=bool(_number(environ, "TECHNEWS_LOOK_AHEAD", 1, 0, 1)),
    )


def no_settings(environ: Mapping[str, str]) -> list[str]:
    """What to say of each variable that begins as ours do and is none: misspelt, it would be without effect."""
    names = sorted(name for name in environ if name.startswith(_PREFIX) and name not in VARIABLES)
    more = [f"{len(names) - _SAID} more variables {_PREFIX}… are no settings"] if len(names) > _SAID else []
    return [f"{name[:80]} is no setting{_meant(name)}" for name in names[:_SAID]] + more


def _meant(name: str) -> str:
    names = [known.removeprefix(_PREFIX) for known in VARIABLES]
    for alike in get_close_matches(name.removeprefix(_PREFIX).upper()[:80], names, 1, cutoff=_ALIKE):
        return f": did you mean {_PREFIX}{alike}?"
    return ' (see README, "Change it")'


def _number(environ: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    raw = environ.get(name, "").strip()
    if not raw:
        return default
    try:
        value = float(raw)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:  # false for NaN too
        raise UsageError(f"{name}={raw!r} is not a number from {low:g} to {high:g}: correct or unset it")
    return value


def _hosts(environ: Mapping[str, str], name: str) -> frozenset[str]:
    """The `host:port` pairs of a list, spelt as addresses spell them; one without a port would open nothing."""
    return frozenset(_host(name, item.strip()) for item in environ.get(name, "").split(",") if item.strip())


def _host(name: str, item: str) -> str:
    match = _HOST_AND_PORT.fullmatch(item.lower())
    if match and 1 <= int(match[2]) <= 65535 and (host := _spelt(match[1])):
        return f"{host}:{int(match[2])}"
    raise UsageError(f'{name}: {item[:80]!r} is not host:port, such as "127.0.0.1:8000": correct or unset it')


def _spelt(host: str) -> str | None:
    if not host.startswith("["):
        return host
    try:
        return f"[{ipaddress.IPv6Address(host[1:-1])}]"
    except ValueError:
        return None


def _web_address(environ: Mapping[str, str], name: str) -> str | None:
    raw = environ.get(name, "").strip()
    if raw and not raw.startswith(("http://", "https://")):
        raise UsageError(f"{name} is not an address that begins with https:// or http://: correct or unset it")
    return raw or None


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    port = _number(environ, name, default, 1, 65535)
    if port != int(port):
        raise UsageError(f"{name}={environ[name]!r} is not a whole number from 1 to 65535: correct or unset it")
    return int(port)
