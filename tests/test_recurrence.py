"""Which known entry an entry of a document is: GUIDs that are recycled, links that change, and everything in between."""

import time

import pytest
from builders import NOW, feed_entry, reading
from hypothesis import given
from hypothesis import strategies as st

from technews.feed_drafts import fingerprint
from technews.records import DateReading, Outcome
from technews.recurrence import KnownEntries, KnownEntry, is_same_page, recognize, with_what_is_known

SITE = "https://wire.example"
DATE = reading().raw


def there(name: str, url: str | None, title: str = "Pears ripen late this year", **changes) -> KnownEntry:
    """An entry of the ledger with GUID g."""
    base = {"key": "g", "guid": "g", "published": reading(), "fingerprint": "f", "outcome": Outcome.LOADED}
    return KnownEntry(name, url=url, title=title, **{**base, **changes})


def here(url: str | None, title: str = "Pears ripen late this year", *, date: str | None = DATE, key: str = "g"):
    """An entry of a document with GUID g."""
    return feed_entry(key, guid="g", url=url, title=title, published=DateReading(raw=date))


def known(*entries: KnownEntry) -> KnownEntries:
    """What the ledger has."""
    found = KnownEntries()
    for entry in entries:
        found.put(entry)
    return found


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        pytest.param(f"{SITE}/a", here("http://wire.example/a/?utm_source=x", "Other"), True, id="another-spelling"),
        pytest.param(None, here(f"{SITE}/a", "Other"), True, id="the-link-was-missing"),
        pytest.param(f"{SITE}/pears-ripen-leat-this-year", here(f"{SITE}/pears-ripen-late-this-year", "Pears!", date="later"), True, id="mended-slug"),
        pytest.param(f"{SITE}/2026/03/pears-ripen-late", here("https://new.example/2026/03/pears-ripen-late", "X", date="later"), True, id="site-moved"),
        pytest.param(f"{SITE}/pears_6543210_32.html", here(f"{SITE}/apples-after-all_6543210_32.html", "Apples", date="later"), True, id="article-number"),
        pytest.param("https://proxy.example/~r/wire/~3/AbCd/", here(f"{SITE}/pears"), True, id="redirector-dropped"),
        pytest.param(f"{SITE}/pears", here(f"{SITE}/apples", "Apples fall early"), False, id="another-piece"),
        pytest.param(f"{SITE}/daily/1", here(f"{SITE}/daily/2", date="later"), False, id="daily-digest"),
        pytest.param(f"{SITE}/briefing-2026-03-01", here(f"{SITE}/briefing-2026-03-02", date="later"), False, id="dated-slugs"),
        pytest.param(f"{SITE}/20260301/one", here(f"{SITE}/20260301/two", "Other"), False, id="a-date-is-no-number"),
        pytest.param(f"{SITE}/show-article-page.php?id=17", here(f"{SITE}/show-article-page.php?id=18", "Other"), False, id="query-numbers"),
        pytest.param(f"{SITE}/c/12345/one", here(f"{SITE}/c/12345/two", "Other"), False, id="a-section-is-no-number"),
        pytest.param(f"{SITE}/a/index.html", here(f"{SITE}/b/index.html", "Other"), False, id="index-is-no-slug"),
        pytest.param(f"{SITE}/one", here(f"{SITE}/two", date=None), False, id="no-date-no-proof"),
    ],
)  # fmt: skip
def test_a_new_link_under_an_old_guid(old, new, same):
    """A spelling, a slug or the site may change; another page is an entry of its own, and the old one stays."""
    ((entry, found),) = recognize([new], known(there("e1", old)))
    assert bool(found) is same
    assert entry.key == ("g" if same else f"g {new.url}")


@pytest.mark.parametrize(
    ("outcome", "same"),
    [(Outcome.GONE, True), (Outcome.PENDING, True), (Outcome.DUPLICATE, True), (Outcome.LOADED, False)],
)
def test_a_link_that_never_worked_is_mended(outcome, same):
    """Where the old link gave no article, the same title under a new link is the same piece; it overwrites nothing."""
    old = there("e1", f"{SITE}/one", outcome=outcome)
    assert is_same_page(old, here(f"{SITE}/two", date=None)) is same
    assert not is_same_page(old, here(f"{SITE}/two", "Plums", date=None))


def test_an_entry_of_its_own_is_found_again():
    """The recycled GUID's second page is known under GUID and link, also when its slug changes later."""
    both = known(
        there("e2", f"{SITE}/apples-fall-early", "Apples", key=f"g {SITE}/apples-fall-early"),
        there("e1", f"{SITE}/pears"),
    )
    assert recognize([here(f"{SITE}/apples-fall-early", "Apples")], both)[0][1].entry_id == "e2"
    assert recognize([here(f"{SITE}/apples-fall-early-", "Apples", date="later")], both)[0][1].entry_id == "e2"
    assert recognize([here(f"{SITE}/pears")], both)[0][1].entry_id == "e1"
    assert recognize([here(f"{SITE}/plums", "Plums")], both)[0][0].key == f"g {SITE}/plums"


def test_two_items_with_one_guid_find_their_own():
    """A document that begins to use a GUID twice doubles nothing: the exact link decides first."""
    pair = [here(f"{SITE}/{name}", key=f"g {SITE}/{name}") for name in ("two", "one")]
    found = recognize(pair, known(there("e1", f"{SITE}/one")))
    assert [known and known.entry_id for _, known in found] == [None, "e1"]
    assert found[0][0].key == f"g {SITE}/two"


def test_an_entry_that_was_read_had_a_link():
    """A GUID without a known link takes any, but not where a page was read under it; a duplicate was not read itself."""
    read = there("e1", None, read_at=NOW)
    assert recognize([here(f"{SITE}/apples", "Apples fall early", date="later")], known(read))[0][1] is None
    repeats = there("e1", None, read_at=NOW, outcome=Outcome.DUPLICATE, duplicate_of="e0")
    assert recognize([here(f"{SITE}/apples", "Apples", date="later")], known(repeats))[0][1] is repeats


def test_a_missing_link_finds_the_page_of_its_title():
    """Of several pages under one GUID, an item without link means that of its title, and keeps its link."""
    second = there("e2", f"{SITE}/apples", "Apples fall early", key=f"g {SITE}/apples")
    both = known(second, there("e1", f"{SITE}/pears"))
    assert recognize([here(None, "Apples fall early")], both)[0][1] is second
    assert recognize([here(None, "Plums")], both)[0][1].entry_id == "e1"
    assert with_what_is_known(second, here(None)).url == second.url
    assert with_what_is_known(second, here(f"{SITE}/plums")).url == f"{SITE}/plums"


@pytest.mark.parametrize("spelling", ["?utm_content=s2", "/", "#top"])
def test_a_link_that_is_only_spelt_otherwise_is_no_change(spelling):
    """The known spelling stays, alone or beside a change of the title; another page's link is a change."""
    print_of = fingerprint("Pears", f"{SITE}/a", DATE, "", "")
    old = there("e1", f"{SITE}/a", "Pears", fingerprint=print_of)
    same = with_what_is_known(old, here(f"http://wire.example/a{spelling}", "Pears"))
    assert (same.url, same.fingerprint) == (old.url, print_of)
    other = with_what_is_known(old, here(f"{SITE}/a{spelling}", "Plums"))
    assert (other.url, other.fingerprint) == (old.url, fingerprint("Plums", old.url, DATE, "", ""))
    moved = here(f"{SITE}/b{spelling}", "Pears")
    assert with_what_is_known(old, moved) is moved


def test_without_guid_the_key_alone_decides():
    """Link or content identify the entry; nothing is guessed."""
    old = there("e1", f"{SITE}/a", key=f"{SITE}/a", guid=None)
    same = feed_entry(f"{SITE}/a", guid=None, url=f"{SITE}/a")
    other = feed_entry(f"{SITE}/b", guid=None, url=f"{SITE}/b")
    assert [found for _, found in recognize([same, other], known(old))] == [old, None]


LINKS = st.sampled_from(
    [None, *(f"{SITE}/{name}" for name in ("a", "b", "story-of-the-pears-12345", "story-of-pears-12345"))]
)


def keyed(items: list[tuple[str, str | None]]) -> dict[str, tuple[str, str | None]]:
    """Items (GUID, link) by key, as a document has them: a GUID with several links is joined by the link."""
    links = {guid: {url for g, url in items if g == guid and url} for guid, _ in items}
    return {f"{guid} {url}" if url and len(links[guid]) > 1 else guid: (guid, url) for guid, url in items}


ITEMS = st.lists(st.tuples(st.sampled_from(["g", "h", f"g {SITE}/a", f"g {SITE}/a {SITE}/a"]), LINKS), max_size=6)


@given(ITEMS, ITEMS, st.sampled_from(["Pears", "Apples"]))
def test_every_entry_gets_a_key_of_its_own(items, before, title):
    """Whatever the GUIDs and links: no key twice, no known entry twice, and no new entry under a key that is held."""
    ledger = known(*(there(f"e {key}", url, "Pears", key=key, guid=guid) for key, (guid, url) in keyed(before).items()))
    entries = [
        feed_entry(key, guid=g, url=u, title=title, published=reading(NOW)) for key, (g, u) in keyed(items).items()
    ]
    found = recognize(entries, ledger)
    assert [(entry.guid, entry.url) for entry, _ in found] == [(entry.guid, entry.url) for entry in entries]
    ids = [match.entry_id for _, match in found if match]
    fresh = [entry.key for entry, match in found if match is None]
    assert len(set(ids)) == len(ids)
    assert len(set(fresh)) == len(fresh)
    assert not set(fresh) & set(ledger.by_key)


def test_likeness_costs_little():
    """Links and titles of any length and kind are compared in no time, and never raise."""
    for one, other in (
        ("https://[", "https://["),
        (f"{SITE}/{'a' * 9000}", f"{SITE}/{'b' * 9000}"),
        (f"{SITE}/{'9' * 9000}", f"{SITE}/%zz%ff"),
    ):
        is_same_page(there("e1", one, "t" * 9000), here(other, "u" * 9000))


@pytest.mark.parametrize(
    "link", [f"{SITE}/s/{{0}}/story-{{0}}", f"{SITE}/story?utm_source={{0}}"], ids=["pages", "one page"]
)
def test_a_guid_that_all_items_share_costs_little(link):
    """Each finds its own in time linear in their number, the new ones none; looser likeness is sought in a few."""
    half = 1_000
    ledger = known(*(there(f"e{n}", link.format(n), f"Story {n}", key=f"g {link.format(n)}") for n in range(2 * half)))
    items = [here(link.format(n), f"Story {n}", key=f"g {link.format(n)}", date=None) for n in range(half, 3 * half)]
    begun = time.process_time()
    found = [match and match.entry_id for _, match in recognize(items, ledger)]
    assert time.process_time() - begun < 5
    assert found[:half] == [f"e{n}" for n in range(half, 2 * half)]
    if "utm" not in link:
        assert found[half:] == [None] * half
