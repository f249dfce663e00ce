"""publish: analysts get the new state, as a read-only copy behind one link."""

import logging
from pathlib import Path

from tasks.step import step
from technews.ledger import Ledger

_log = logging.getLogger("technews")


@step(lambda _: "publish", tags=("publish",), retries=2, timeout=600)
def publish(ledger: Ledger) -> Path | None:
    """Publishes what was committed, if readers do not have it yet; returns the new copy."""
    made = ledger.publish()
    _log.info("publish: %s", f"readers get {made.name}" if made else "readers have everything")
    return made
