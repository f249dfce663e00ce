"""compact: the state file is written anew without holes."""

import logging

from tasks.step import step
from technews import compaction
from technews.compaction import Compacted
from technews.ledger import Ledger

_log = logging.getLogger("technews")


@step(lambda _: "compact", tags=("compact",))
def compact(ledger: Ledger) -> Compacted:
    """Replaces the state file by a compacted one; what it holds stays the same."""
    _log.info("compact: writing the state file anew", extra={"done": 0, "total": 3})
    with ledger.file_closed():
        sizes = compaction.compact(ledger.settings)
    _log.info("compact: %s", sizes, extra={"done": 1, "total": 3})
    return sizes
