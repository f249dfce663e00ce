"""What is remembered of robots.txt, and for how long, with the clock as an argument."""

from datetime import UTC, datetime, timedelta

import pytest

from technews.attempts import Failure
from technews.chains import Answer, Chain
from technews.robots import Rules
from technews.robots_cache import MAX_COPY, Bar, RobotsCopies, RobotsCopy, judge_robots, lifetime

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ORIGIN = "https://a.example:443"
URL = "https://a.example/robots.txt"
CLOSED = b"User-agent: *\nDisallow: /closed\n"
PAGE = "https://a.example/closed"
DAY = timedelta(days=1)


def answer(status: int | None = 200, body: bytes = b"", at: datetime = NOON, **changes: object) -> Answer:
    """What came for robots.txt."""
    return Answer(URL, at, status, body=body, **changes)  # type: ignore[arg-type]


def asked(redirects: int = 0) -> Chain:
    """The request for robots.txt."""
    return Chain("robots", URL, URL, redirects=redirects)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, DAY),
        ({"Cache-Control": "max-age=600"}, timedelta(minutes=10)),
        ({"Cache-Control": 'public, Max-Age="600"'}, timedelta(minutes=10)),
        ({"Cache-Control": "max-age=99999999999999999999"}, DAY),
        ({"Cache-Control": "max-age=600, no-cache"}, timedelta(0)),
        ({"Cache-Control": "NO-STORE"}, timedelta(0)),
        ({"Cache-Control": "max-age=0"}, timedelta(0)),
        ({"Cache-Control": "s-maxage=600"}, DAY),
        ({"Cache-Control": "max-age=soon"}, DAY),
        ({"Expires": "Mon, 02 Mar 2026 13:00:00 GMT"}, timedelta(hours=1)),
        ({"Expires": "Mon, 02 Mar 2020 13:00:00 GMT"}, timedelta(0)),
        ({"Expires": "Mon, 02 Mar 2099 13:00:00 GMT"}, DAY),
        ({"Expires": "0"}, timedelta(0)),
        ({"Expires": "Mon, 02 Mar 2026 13:00:00 GMT", "Cache-Control": "max-age=60"}, timedelta(minutes=1)),
    ],
)
def test_how_long_a_copy_is_good(headers: dict[str, str], expected: timedelta) -> None:
    """RFC 9111: max-age before Expires; RFC 9309: never more than a day."""
    assert lifetime(answer(headers=tuple(headers.items()))) == expected


@pytest.mark.parametrize(
    ("given", "redirects", "failure", "dead"),
    [
        (answer(200, CLOSED), 0, None, False),
        (answer(404), 0, None, False),
        (answer(401), 0, None, False),
        (answer(418), 0, None, False),
        (answer(200, CLOSED, failure=Failure.TOO_LARGE), 0, None, False),
        (answer(302, failure=Failure.REDIRECT_LOOP), 5, None, False),
        (answer(302, failure=Failure.ADDRESS_REFUSED), 1, None, False),
        (answer(429), 0, Failure.ROBOTS_UNREACHABLE, False),
        (answer(500), 0, Failure.ROBOTS_UNREACHABLE, False),
        (answer(503), 0, Failure.ROBOTS_UNREACHABLE, False),
        (answer(None, failure=Failure.TIMEOUT), 0, Failure.ROBOTS_UNREACHABLE, False),
        (answer(200, failure=Failure.BAD_ANSWER), 0, Failure.ROBOTS_UNREACHABLE, False),
        (answer(None, failure=Failure.CONNECTION, connected=False), 0, Failure.CONNECTION, True),
        (answer(None, failure=Failure.TIMEOUT, connected=False), 0, Failure.TIMEOUT, True),
        (answer(None, failure=Failure.CONNECTION, connected=False), 1, Failure.ROBOTS_UNREACHABLE, False),
        (answer(None, failure=Failure.ADDRESS_REFUSED, connected=False), 0, Failure.ADDRESS_REFUSED, False),
    ],
)
def test_what_an_answer_means(given: Answer, redirects: int, failure: Failure | None, dead: bool) -> None:
    """RFC 9309 section 2.3.1: the client's fault forbids nothing, the server's all; 429 is a server that is busy."""
    found = judge_robots(asked(redirects), given)
    if failure is None:
        assert isinstance(found, Rules)
    else:
        assert isinstance(found, Bar)
        assert (found.failure, found.dead) == (failure, dead)


def test_a_copy_holds_until_it_expires() -> None:
    """Within its time a copy answers for the site, after it the site is asked."""
    copies = RobotsCopies()
    assert copies.rules(ORIGIN, NOON) is None
    copies.judge(asked(), answer(200, CLOSED))
    rules = copies.rules(ORIGIN, NOON + timedelta(hours=23))
    assert rules
    assert not rules.allow(PAGE)
    assert copies.rules(ORIGIN, NOON + DAY) is None


def test_a_copy_from_the_future_is_not_believed() -> None:
    """A clock that was put back must not keep old rules, or a closed site, for years."""
    late = NOON + 700 * DAY
    copies = RobotsCopies([RobotsCopy(ORIGIN, late, CLOSED, "", late, late + DAY, late)])
    assert copies.rules(ORIGIN, NOON) is None
    assert isinstance(copies.judge(asked(), answer(500)), Bar)
    assert isinstance(copies.judge(asked(), answer(500, at=NOON + DAY)), Rules)


def test_failures_leave_the_copy_and_count_from_the_first() -> None:
    """While robots.txt cannot be had all is forbidden for a day; then the copy holds; a good answer ends that."""
    copies = RobotsCopies([RobotsCopy(ORIGIN, NOON, CLOSED, "", NOON, NOON)])
    assert isinstance(copies.judge(asked(), answer(500, at=NOON)), Bar)
    assert isinstance(copies.judge(asked(), answer(500, at=NOON + timedelta(hours=23))), Bar)
    rules = copies.judge(asked(), answer(None, at=NOON + DAY, failure=Failure.CONNECTION, connected=False))
    assert isinstance(rules, Rules)
    assert not rules.allow(PAGE)
    (copy,) = copies.drain()
    assert (copy.unreachable_since, copy.body, copy.asked_at) == (NOON, CLOSED, NOON + DAY)
    copies.judge(asked(), answer(404, at=NOON + 2 * DAY))
    (copy,) = copies.drain()
    assert (copy.unreachable_since, copy.body, copy.expires_at) == (None, b"", NOON + 3 * DAY)


def test_without_a_copy_a_site_is_closed_for_thirty_days() -> None:
    """RFC 9309 section 2.3.1.4: what cannot be had for a month counts as not there."""
    copies = RobotsCopies()
    assert isinstance(copies.judge(asked(), answer(500)), Bar)
    assert isinstance(copies.judge(asked(), answer(500, at=NOON + 29 * DAY)), Bar)
    rules = copies.judge(asked(), answer(500, at=NOON + 30 * DAY))
    assert isinstance(rules, Rules)
    assert rules.allow(PAGE)


def test_a_long_file_is_not_kept() -> None:
    """A copy of more than 64 KiB is not kept, nor an older one in its place: it would be untrue."""
    copies = RobotsCopies([RobotsCopy(ORIGIN, NOON, CLOSED, "", NOON, NOON)])
    rules = copies.judge(asked(), answer(200, CLOSED + b"#" * MAX_COPY))
    assert isinstance(rules, Rules)
    assert not rules.allow(PAGE)
    assert copies.drain() == [RobotsCopy(ORIGIN, NOON)]


def test_a_refused_address_leaves_no_copy() -> None:
    """What was not asked says nothing about the site."""
    copies = RobotsCopies()
    copies.judge(asked(), answer(None, failure=Failure.ADDRESS_REFUSED, connected=False))
    assert copies.drain() == []
