"""publish: analysts get the new state, as a read-only copy behind one link."""

from pathlib import Path

from tasks.step import step
from technews.ledger import Ledger


@step(lambda _: "publish", tags=("publish",), retries=2, timeout=600)
def publish(ledger: Ledger) -> Path | None:
    """Publishes what was committed, if readers do not have it yet; returns the new copy."""
    return ledger.publish()
