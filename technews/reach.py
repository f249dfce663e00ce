"""Whether a run reached any host: until then what could not be reached is held back, for it may be no host's fault.

The network here is taken to be down where no host was reached, and hosts of two sites or more that had been well were
asked for feeds since one was. Then no failure says anything of the feed or the page that was asked for.
"""

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from technews.addresses import site_of, without_user
from technews.attempts import judge_offline
from technews.chains import FeedAnswer
from technews.records import Rejection

SITES: Final = 2  # asked in vain; one alone may be down itself
# How long a failure is held at most. A connection is tried for ten seconds, and each host's first at once, 80 of them:
# whoever is there has answered by then, while a host with a Crawl-delay, or hundreds of them, would take the whole run.
HOLD_SECONDS: Final = 20.0


class Reach:
    """Whom one run reached. `offline`: as far as is known, the network here is down."""

    def __init__(self, in_vain: Iterable[str] = ()) -> None:
        """`in_vain` are the addresses of feeds that have failed before, but only since a host last answered."""
        self.reached = self.offline = False
        self.held_until = math.inf  # monotonic seconds: when to conclude, at the latest
        self._sites = {_site(url) for url in in_vain} - {""}
        self._held: list[FeedAnswer | Rejection] = []

    def hold(self, item: FeedAnswer | Rejection, seconds: float) -> None:
        """Keeps the failure of a host that could not be reached. They are small: no body, three pages of a host.

        `seconds` is the monotonic clock.
        """
        self._held.append(item)
        self.held_until = min(self.held_until, seconds + HOLD_SECONDS)
        if isinstance(item, FeedAnswer) and not item.failing:
            self._sites |= {_site(item.feed.url)} - {""}

    def note_reached(self) -> list[FeedAnswer | Rejection]:
        """Notes that a host was reached, so that the network is up; what was held has failed by itself."""
        self.reached, self.offline = True, False
        return self._release()

    def conclude(self, now: datetime) -> list[FeedAnswer | Rejection]:
        """What was held, as it is to be taken, where nothing more is under way, or it was held for long enough."""
        held = self._release()
        if held:
            self.offline = len(self._sites) >= SITES
        return [_excused(item, now) for item in held] if self.offline else held

    def _release(self) -> list[FeedAnswer | Rejection]:
        held, self._held = self._held, []
        self.held_until = math.inf
        return held


def _site(url: str) -> str:
    return site_of(without_user(url))


def _excused(item: FeedAnswer | Rejection, now: datetime) -> FeedAnswer | Rejection:
    return replace(item, offline=True) if isinstance(item, FeedAnswer) else judge_offline(item, now)
