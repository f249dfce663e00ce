"""expire: raw responses that nothing needs any more leave the archive after their time."""

import logging

from tasks.step import step
from technews.ledger import Ledger
from technews.retention import Expired
from technews.retention import expire as take_away

_log = logging.getLogger("technews")


@step(lambda _: "expire", tags=("expire",), timeout=3600)
def expire(ledger: Ledger) -> Expired:
    """What kept articles need stays; of the rest, what is younger than `TECHNEWS_ARCHIVE_DAYS`."""
    done = take_away(ledger)
    _log.info(done.words)
    return done
