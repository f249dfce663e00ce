"""`technews retry`: what ended without an article waits again; what has an answer is refused with what to do instead."""

import pytest
from conftest import assert_refused

from technews.ledger import opened
from technews.settings import read_settings
from technews.warehouse import Warehouse


def ask(home, query: str):
    """Rows of the published warehouse."""
    with Warehouse(home / "warehouse.duckdb", read_only=True) as published:
        return published.query(query)[1]


@pytest.fixture
def home(home_copy, environment):
    """A filled home of one's own, as the command's default."""
    environment.setenv("TECHNEWS_HOME", str(home_copy))
    assert read_settings().home == home_copy
    return home_copy


def test_an_entry_waits_again_by_its_address(technews, home):
    """Pending, due at once, all attempts before it; the reason says who asked, and the books agree."""
    ((entry_id, url),) = ask(home, "SELECT entry_id, url FROM entries WHERE outcome = 'gone' LIMIT 1")
    answer = technews("retry", url)
    assert answer.code == 0
    assert f"{entry_id} was gone" in answer.out
    assert ask(home, f"SELECT outcome, reason, attempts FROM entries WHERE entry_id = '{entry_id}'") == [
        ("pending", "retry_asked", 0)
    ]
    assert ask(home, "SELECT flow, reconciled, reopened FROM runs ORDER BY started_at DESC LIMIT 1") == [
        ("retry", True, 1)
    ]
    again = technews("retry", entry_id)
    assert (again.code, f"{entry_id} was pending" in again.out) == (0, True)


def test_an_address_is_known_however_it_is_spelt(technews, home):
    """As everywhere in the ledger: scheme, closing slash, fragment and what only tracks make no other page."""
    ((entry_id, url),) = ask(home, "SELECT entry_id, url FROM entries WHERE outcome = 'gone' LIMIT 1")
    address = url.removeprefix("http://")
    for spelling in (
        f"https://{address}", f"http://{address}/", f"HTTP://{address}#top", f"http://{address}?utm_source=rss&utm_medium=x"
    ):  # fmt: skip
        assert f"{entry_id} was" in technews("retry", spelling).out
        assert entry_id in technews("explain", spelling).out
    for other in (f"http://{address}?page=2", f"http://{address}x", "http://["):
        assert_refused(technews("retry", other), 2, "no entry has this id or address")
        assert_refused(technews("explain", other), 2, "no entry has this id or address")


def test_all_of_an_outcome_and_of_a_feed(technews, home):
    """--outcome takes all, --feed those of one feed; where there is none, nothing is done and that is said."""
    rows = ask(home, "SELECT feed_id, count(*) FROM entries WHERE outcome = 'blocked' GROUP BY ALL ORDER BY 1")
    feed_id, entries = rows[0]
    assert f"pending again: {entries};" in technews("retry", "--outcome", "blocked", "--feed", feed_id).out
    assert_refused(technews("retry", "--outcome", "blocked", "--feed", feed_id), 2, "nothing was done")
    assert_refused(technews("retry", "--outcome", "blocked", "--feed", "nobody"), 2, "no such feed")


def test_what_has_no_address_is_left_out(technews, home):
    """It cannot be asked for: it stays as it is, which is said; where nothing else was meant, nothing is done."""
    with opened(read_settings(), "ingest") as ledger:
        ledger.store.query("UPDATE ledger.entries SET url = NULL WHERE outcome = 'gone'")
        ledger.store.query(
            "UPDATE ledger.entries SET url = 'http://' WHERE entry_id = "
            "(SELECT min(entry_id) FROM ledger.entries WHERE outcome = 'blocked')"
        )
        ledger.finish("completed")
        ledger.publish()
    query = "SELECT entry_id FROM entries WHERE outcome = 'blocked' AND url "
    usable, without = ask(home, query + "LIKE 'http://_%'"), ask(home, query + "= 'http://'")
    said = technews("retry", "--outcome", "blocked").out
    assert f"no address that could be asked for: {len(without)}\npending again: {len(usable)};" in said
    assert usable
    assert ask(home, "SELECT entry_id FROM entries WHERE outcome = 'blocked'") == without
    gone = ask(home, "SELECT entry_id FROM entries WHERE outcome = 'gone'")
    assert_refused(technews("retry", gone[0][0]), 2, "no address that could be asked for: nothing was done")
    assert_refused(technews("retry", "--outcome", "gone"), 2, "no address that could be asked for: nothing was done")


def test_what_was_done_meanwhile_is_not_done_again(technews, home):
    """What counts is how the entries stand once it is this run's turn, whatever readers have; then no run is opened."""
    with opened(read_settings(), "ingest") as ledger:
        ledger.store.query("UPDATE ledger.entries SET outcome = 'loaded' WHERE outcome = 'gone'")
        ledger.finish("completed")
    assert ask(home, "SELECT count(*) FROM entries WHERE outcome = 'gone'") != [(0,)]
    assert_refused(technews("retry", "--outcome", "gone"), 2, "no entry is gone: nothing was done")
    with Warehouse(home / "state" / "technews.duckdb") as state:
        assert state.query("SELECT count(*) FROM ledger.runs WHERE flow = 'retry'")[1] == [(0,)]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("loaded", "is loaded"), ("quarantined", "technews quarantine"), ("off_topic", "technews explain"), ("duplicate", "repeats entry")],
)  # fmt: skip
def test_what_has_an_answer_is_refused(technews, home, outcome, words):
    """With what to do instead; nothing is written, and no run is opened."""
    before = ask(home, "SELECT count(*) FROM runs")
    ((entry_id,),) = ask(home, f"SELECT entry_id FROM entries WHERE outcome = '{outcome}' LIMIT 1")
    assert_refused(technews("retry", entry_id), 2, words)
    assert_refused(technews("retry", "--outcome", outcome), 2, "can be retried: pending, empty")
    assert ask(home, "SELECT count(*) FROM runs") == before


@pytest.mark.parametrize(
    "arguments",
    [(), ("x", "--outcome", "gone"), ("x", "--feed", "y"), ("--outcome", "lost"), ("https://nowhere.example/",)],
)
def test_bad_usage_is_refused(technews, home, arguments):
    """One way to name entries, and only entries that there are."""
    assert_refused(technews("retry", *arguments), 2)
