"""Every fault of a server, a link or a feed gets its outcome, in one ingest that goes on whatever they do."""

from collections import Counter
from pathlib import Path

import pytest
from faults import FEEDS, PAGE, PAGES, Fault, FeedFault, Results, described, run_all, with_table


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What one ingest over all faults gave."""
    with pytest.MonkeyPatch.context() as patch:
        return run_all(Path(tmp_path_factory.mktemp("faults")), patch)


@pytest.mark.parametrize("fault", PAGES, ids=lambda fault: fault.name)
def test_page(results: Results, fault: Fault) -> None:
    """The entry has the outcome, reason and number of attempts that the fault has to get."""
    assert results.pages[fault.name] == fault.gives


@pytest.mark.parametrize("fault", FEEDS, ids=lambda fault: fault.name)
def test_feed(results: Results, fault: FeedFault) -> None:
    """The poll ends as the fault has to get it, with as many entries."""
    assert results.feeds[fault.name] == fault.gives


def test_a_failed_poll_says_why(results: Results) -> None:
    """In words, whether there was an answer or not: `feed_health` and doctor repeat them."""
    assert results.why_failed.keys() == {fault.name for fault in FEEDS if fault.gives[0] == "failed"}
    assert all(results.why_failed.values()), results.why_failed
    assert results.why_failed["status 500"] == "HTTP 500"
    assert results.why_failed["304 unasked"] == "HTTP 304, though the whole document was asked for"


def test_the_run_goes_on(results: Results) -> None:
    """The run ends in order, with every entry decided or pending, and no name twice in the table."""
    assert results.status in ("completed", "degraded")
    assert Counter(fault.name for fault in PAGES) == Counter(list(results.pages))


def test_only_allowed_addresses_are_connected_to(results: Results) -> None:
    """Beside the listed hosts only public addresses saw a connection, whatever links, names and redirects said."""
    assert results.connected <= results.allowed | {("93.184.216.34", port) for _, port in results.allowed}


def test_every_request_is_a_row(results: Results) -> None:
    """Feeds, pages and robots files that were asked for are in `fetches`, with a status or an error."""
    kinds = Counter(row["kind"] for row in results.fetches)
    assert kinds["feed"] == len(FEEDS) + 1
    assert kinds["page"] >= len(PAGES) // 2
    assert kinds["robots"] >= len(PAGES) // 2
    assert all(row["status"] is not None or row["error"] for row in results.fetches)


def test_the_page_is_up_to_date(results: Results) -> None:
    """docs/faults.md says what the faults get."""
    text = PAGE.read_text(encoding="utf-8")
    assert text == with_table(text, described(results)), "run .venv/bin/python tests/faults.py"
