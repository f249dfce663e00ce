"""Rules on a batch: what share of it is out of the ordinary, against the feed's own past."""

from datetime import timedelta

import pytest
from builders import NOW

from technews.batch_rules import RULES, is_unusual, unusual
from technews.warehouse import Warehouse


@pytest.mark.parametrize(
    ("bad", "of", "past_bad", "past_of", "expected"),
    [
        pytest.param(10, 10, 0, 200, True, id="all bad, never before"),
        pytest.param(4, 10, 0, 200, True, id="four of ten, never before"),
        pytest.param(2, 10, 0, 200, False, id="two of ten may happen"),
        pytest.param(9, 9, 0, 200, False, id="too few to say"),
        pytest.param(10, 10, 190, 200, False, id="always so"),
        pytest.param(6, 10, 100, 200, False, id="as usual"),
        pytest.param(80, 100, 100, 200, True, id="more than usual, and many"),
        pytest.param(60, 100, 100, 200, False, id="a little more than usual"),
        pytest.param(9, 10, 0, 0, False, id="new feed, nearly all bad"),
        pytest.param(10, 10, 0, 0, True, id="new feed, all bad"),
        pytest.param(0, 0, 0, 0, False, id="nothing at all"),
    ],
)
def test_a_share_is_unusual_against_the_feeds_own_past(bad, of, past_bad, past_of, expected):
    """A share warns where it is a quarter and three deviations above the past; small batches never do."""
    assert is_unusual(bad, of, past_bad, past_of, 0.9) is expected


def test_words_name_feed_share_and_past():
    """What a person reads says who, how much, and how it was before; all feeds together are named so."""
    row = {"feed_id": "wire", "entries": 20, "articles": 20, "past_entries": 100, "past_articles": 100} | {
        name: 0 for rule in RULES for name in (rule.fault, f"past_{rule.fault}")
    }
    assert unusual([row | {"empty": 15, "past_empty": 2}]) == [
        "feed wire: of 20 pages, 75% held no article, before 2%",
    ]
    assert unusual([row | {"feed_id": None, "failed": 20, "past_entries": 0}]) == [
        "all feeds together: of 20 pages, 100% could not be read",
    ]
    assert unusual([row]) == []
    assert unusual([row | {"dateless": 20, "past_articles": 0}]) == [], "some feeds never state a date"
    assert len(unusual([row | {"dateless": 20}])) == 1


def test_shares_are_counted_from_the_history(tmp_path):
    """Each entry counts once a run, by its last outcome there; what a run only found in a feed does not count."""
    with Warehouse(tmp_path / "a.duckdb") as store:
        store.migrate(NOW)
        store.query(
            """INSERT INTO ledger.entries BY NAME SELECT 'e' || i AS entry_id, 'f' AS feed_id, 'k' || i AS entry_key,
               't' AS title, '' AS summary, '' AS content, 'unknown' AS published_precision, 'p' AS fingerprint,
               'empty' AS outcome, 'too_short' AS reason, 0 AS attempts, now() AS first_seen_at, 'old' AS first_run_id,
               'now' AS run_id FROM range(6) AS t(i)"""
        )
        history = [(n, f"e{n}", "pending", "new", "now") for n in range(6)]
        history += [(10, "e0", "empty", "too_short", "now"), (11, "e1", "pending", "timeout", "now")]
        history += [(12, "e2", "off_topic", "facet_missing", "now"), (13, "e3", "gone", "http_404", "old")]
        for number, entry, outcome, reason, run in history:
            store.query(
                "INSERT INTO ledger.entry_history BY NAME SELECT $n AS history_number, $e AS entry_id, $o AS outcome, "
                "$r AS reason, $run AS run_id, $at::TIMESTAMPTZ AS changed_at",
                {"n": number, "e": entry, "o": outcome, "r": reason, "run": run, "at": NOW},
            )
        rows = store.rows("reports/batch_shares", run_id="now", since=NOW - timedelta(days=1))
    assert [row["feed_id"] for row in rows] == [None, "f"]
    for row in rows:
        counts = {name: row[name] for name in ("entries", "failed", "empty", "articles", "dateless")}
        assert counts == {"entries": 3, "failed": 1, "empty": 1, "articles": 1, "dateless": 1}
        assert (row["past_entries"], row["past_failed"]) == (1, 1)
