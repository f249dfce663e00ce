"""Looking ahead through whole runs: the warehouse is the same without it, but for how off-topic entries are explained."""

import gzip
import json
from datetime import timedelta

import duckdb
import pytest
from kept_pages import OLD, warc
from test_backfill import fill, poll
from web_site import ON_TOPIC

from technews import PROJECT_ROOT
from technews.workers import Cleaners

REAL = PROJECT_ROOT.parent / "shared" / "data" / "pages"
FILLER = ["The foundry at the harbour opens a second hall, its chairman told the meeting on Monday."] * 45
LOADED = "outcome = 'loaded'"
QUESTIONS = (
    "SELECT * EXCLUDE (loaded_at, first_seen_at, fetched_at) FROM articles ORDER BY article_id",
    "SELECT article_id, revision, change, title, text, details FROM article_revisions ORDER BY ALL",
    "SELECT * FROM mentions ORDER BY ALL",
    f"SELECT d.* EXCLUDE (decided_at, run_id) FROM decisions AS d JOIN entries USING (entry_id) WHERE {LOADED} ORDER BY ALL",
    "SELECT outcome, count(*) FROM entries GROUP BY ALL ORDER BY ALL",  # which of two equal pages came first is chance
)


def answers(home):
    """What analysts see, but for times and runs."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as reader:
        return [reader.execute(question).fetchall() for question in QUESTIONS]


def seen(home):
    """How many pages were not extracted: their evidence stands in the page, no text was sought."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as reader:
        sql = "SELECT count(DISTINCT entry_id) FROM decisions WHERE list_has_any([e.field FOR e IN evidence], ['page', 'data'])"
        return reader.execute(sql).fetchone()[0]


@pytest.fixture
def both(tmp_path, monkeypatch, home):
    """Runs the same in two homes, with and without looking ahead, in pools of their own."""
    monkeypatch.setattr("technews.workers.Cleaners", Cleaners)

    def run(action):
        homes = []
        for wish in ("1", "0"):
            homes.append(tmp_path / f"look-{wish}" / "home")
            monkeypatch.setenv("TECHNEWS_LOOK_AHEAD", wish)
            monkeypatch.setenv("TECHNEWS_HOME", str(homes[-1]))
            homes[-1].parent.mkdir()
            action(homes[-1])
        return homes

    return run


def test_an_ingest_loads_the_same(both, site):
    """Pages on topic, off topic, and those that miss it by one facet, are told of by the feed alone, or hide it in data."""
    stated = json.dumps({"@type": "NewsArticle", "articleBody": " ".join(ON_TOPIC)})
    hidden = f'<script type="application/ld+json">{stated}</script>'
    links = [
        *(
            site.article(f"/on-{n}", f"Apple, Alibaba and AI in China: {n}", *ON_TOPIC, f"{n}.", *FILLER)
            for n in range(4)
        ),
        *(site.article(f"/off-{n}", f"A day at the harbour: {n}", f"{n} ships from China.", *FILLER) for n in range(8)),
        site.article("/near", "Apple and AI", "Apple shows its artificial intelligence on iPhones.", *FILLER),
        site.article("/side", "A quiet day", *FILLER, "Read next: Apple in China: Alibaba's AI."),
        site.article("/data", "A quiet day in data", *FILLER, head=hidden),
        site.article("/twin", "A day at the harbour: 1", "1 ships from China.", *FILLER),
    ]
    with_it, without = both(lambda home: poll(home, a=site.feed("/a", *links)))
    assert answers(with_it) == answers(without)
    assert len(answers(with_it)[0]) >= 4
    assert (seen(with_it) >= 8, seen(without)) == (True, 0)


@pytest.mark.skipif(not REAL.is_dir(), reason="the shared real pages are not beside the project")
def test_a_backfill_of_real_pages_loads_the_same(both, tmp_path):
    """30 real pages in English, French, Chinese and other languages."""
    rows = [json.loads(line) for line in (REAL / "index.jsonl").read_text(encoding="utf-8").splitlines()][::8]
    records = [
        (row["url"], gzip.decompress((REAL.parent / row["path"]).read_bytes()), OLD + timedelta(hours=n))
        for n, row in enumerate(rows)
    ]
    source = warc(tmp_path / "real.warc.gz", records)
    with_it, without = both(lambda _: fill(source))
    assert answers(with_it) == answers(without)
    assert (seen(with_it) > 10, seen(without)) == (True, 0)
