"""back_up: the published file is copied to where backups lie."""

import logging
from datetime import UTC, datetime
from pathlib import Path

from tasks.step import step
from technews import backups
from technews.settings import Settings

_log = logging.getLogger("technews")


@step(lambda _: "back up", tags=("back_up",), retries=1)
def back_up(settings: Settings) -> Path | None:
    """The new backup; the seven newest stay."""
    made = backups.back_up(settings, datetime.now(UTC))
    _log.info("back up: %s", made, extra={"done": 3, "total": 3})
    return made
