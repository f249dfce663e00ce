"""What somebody types finds the entries that lead there, however their link and the typed address are spelt."""

from collections.abc import Iterator

import pytest
from builders import NOW, feed, feed_entry

from technews.links import named
from technews.polls import Poll, plan_polls
from technews.records import FeedDocument, FeedState
from technews.warehouse import Warehouse

STORED = (
    "http://wire.example/x",
    "https://Wire.Example/other",
    "http://ex%37.example/pct",
    "http://0x7f.1/hex",
    "http://2130706433:8080/number",
    "http://[2001:0db8:0::1]/six",
    "http://苹果.example/新闻",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A ledger with an entry for each stored link."""
    document = FeedDocument("rss", "Wire", tuple(feed_entry(link, url=link) for link in STORED))
    rows = plan_polls([(Poll(feed(), "changed", NOW, document=document), FeedState(), False)], {}, NOW)
    with Warehouse(tmp_path_factory.mktemp("links") / "a.duckdb") as store:
        store.migrate(NOW)
        with store.transaction():
            store.run("load/add_entries", rows=rows.added, run_id="r")
        yield store


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("https://wire.example/x/", STORED[0]),
        ("http://somebody:secret@wire.example/x", STORED[0]),
        ("https://somebody@WIRE.example:443/other#top", STORED[1]),
        ("http://ex7.example/pct", STORED[2]),
        ("http://127.0.0.1/hex", STORED[3]),
        ("http://127.0.0.1:8080/number", STORED[4]),
        ("http://0177.1:8080/number", STORED[4]),
        ("https://[2001:db8::1]/six", STORED[5]),
        ("http://xn--gtvz22d.example/%E6%96%B0%E9%97%BB", STORED[6]),
        ("http://wire.example/y", None),
        ("http://127.0.0.2/hex", None),
        ("http://wire.example@other.example/x", None),
        ("http://[bad", None),
        ("e0123456789abcdef", None),
    ],
)
def test_an_address_is_found_by_what_it_means(store: Warehouse, typed: str, found: str | None) -> None:
    """Hosts are compared as they are connected to; user names are not stored, and count for nothing."""
    assert set(named(store, typed)["links"]) & set(STORED) == ({found} if found else set())
