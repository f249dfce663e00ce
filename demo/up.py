"""`make demo-up`: what `make up` runs, with the demo's newsroom as the web: server, UI, deployments and worker.

Its home is that of `make demo`. A fresh home begins with the newsroom's first edition; the second follows by itself,
after three minutes. A home that was filled before reads the second once more, after a minute.
"""

import json
import os
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from demo.__main__ import HOME, PORT, SLOW_SECONDS
from demo.newsroom import Newsroom, PortTaken
from technews import PROJECT_ROOT
from technews.engine_settings import api_url
from technews.settings import UsageError, read_settings
from technews.up import stay_up

SECOND_EDITION_AFTER: Final = 180.0  # seconds: when the first has been read
READ_AGAIN_AFTER: Final = 60.0  # seconds: when everything is up


def main() -> int:
    """Stays up until Ctrl-C; returns the exit code."""
    try:
        with Newsroom(int(os.environ.get("TECHNEWS_DEMO_PORT", PORT)), slow=SLOW_SECONDS) as newsroom:
            newsroom.demand_own_home(HOME)
            environment = demo_environment(newsroom, HOME, os.environ)
            settings = read_settings(environment)
            filled = settings.warehouse.exists()
            newsroom.edition = 2 if filled else 1
            wait = READ_AGAIN_AFTER if filled else SECOND_EDITION_AFTER
            later = threading.Timer(wait, publish_second_edition, (newsroom, api_url(settings)))
            later.daemon = True
            later.start()
            return stay_up(settings, _say, environment)
    except ValueError:
        _say("TECHNEWS_DEMO_PORT is not a port number such as 9970")
    except (PortTaken, UsageError) as refused:
        _say(str(refused))
    return 2


def publish_second_edition(newsroom: Newsroom, api: str) -> None:
    """Moves the newsroom on, and asks for an ingest of all feeds: by their own rhythm they would be due tomorrow."""
    newsroom.edition = 2
    try:
        deployment = _ask(f"{api}/deployments/name/ingest/ingest")
        _ask(f"{api}/deployments/{deployment['id']}/create_flow_run", b'{"parameters": {"force": true}}')
    except OSError as error:
        _say(f"the second edition is out, but nobody could be asked to read it: {error}")


def demo_environment(newsroom: Newsroom, home: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a home that reads the newsroom; its configuration is written into the home."""
    config = home / "config"
    newsroom.write_feeds(config / "feeds.toml")
    for name in ("topics", "entities.toml"):
        link = config / name
        link.unlink(missing_ok=True)
        link.symlink_to(PROJECT_ROOT / "config" / name)
    return {
        **environ,
        "TECHNEWS_HOME": str(home),
        "TECHNEWS_CONFIG": str(config),
        "TECHNEWS_ALLOW_HOSTS": newsroom.allow_hosts,
        "TECHNEWS_HOST_PAUSE": "0",
    }


def _ask(address: str, body: bytes | None = None) -> dict[str, Any]:
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})  # noqa: S310 -- our own server
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 -- the same
        answered: dict[str, Any] = json.load(answer)
    return answered


def _say(line: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")


if __name__ == "__main__":
    sys.exit(main())
