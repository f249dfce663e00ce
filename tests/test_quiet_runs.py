"""A run in which every feed says 304: it keeps all that a run promises, and loads nothing that only a page needs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from web_site import Site, feeds_toml

from technews import PROJECT_ROOT

# What reads documents and pages, and what judges, cleans and validates them.
FOR_PAGES = {
    "ahocorasick_rs", "charset_normalizer", "dateparser", "feedparser", "great_expectations", "htmldate", "lxml",
    "opencc", "pandas", "pebble", "py3langid", "trafilatura", "warcio",
    "technews.dates", "technews.entities", "technews.extraction", "technews.feeds", "technews.matching",
    "technews.relevance", "technews.topics", "technews.validation", "technews.workers",
}  # fmt: skip
SCRIPT = """
import json, sys
from pathlib import Path
from flows.ingest import ingest
report = ingest.fn(Path(sys.argv[1]), None, force=True)
print(json.dumps({"modules": list(sys.modules), "row": report.row}, default=str))
"""


@pytest.fixture
def site():
    """A web site."""
    with Site() as site:
        yield site


def run(tmp_path: Path, site: Site, **feeds: str) -> dict:
    """An ingest in a process of its own: what it has loaded by its end, and its row of `runs`."""
    (tmp_path / "feeds.toml").write_text(feeds_toml(**feeds))
    mine = {"TECHNEWS_HOME": str(tmp_path / "home"), "TECHNEWS_ALLOW_HOSTS": site.host, "TECHNEWS_HOST_PAUSE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, tmp_path / "feeds.toml"],
        env={**os.environ, **mine, "PREFECT_HOME": str(tmp_path)}, cwd=PROJECT_ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_a_quiet_run_loads_nothing_that_only_pages_need(tmp_path, site):
    """Most runs find nothing new: their cost is what the system costs. What a run promises is there all the same."""
    feeds = {"a": site.feed("/a", site.off_topic("one"), etag='"1"'), "b": site.feed("/b", etag='"2"')}
    assert FOR_PAGES & set(run(tmp_path, site, **feeds)["modules"])  # the first run does read a page
    quiet = run(tmp_path, site, **feeds)
    assert not FOR_PAGES & set(quiet["modules"])
    assert (quiet["row"]["feeds_polled"], quiet["row"]["feeds_not_modified"], quiet["row"]["reconciled"]) == (
        2,
        2,
        True,
    )
    with duckdb.connect(str(tmp_path / "home" / "warehouse.duckdb"), read_only=True) as reader:
        for promised in (
            "(SELECT count(*) FROM runs WHERE status = 'completed' AND reconciled) = 2",
            "(SELECT count(*) FROM fetches WHERE status = 304) = 2",
            "(SELECT last_success_at FROM freshness) = (SELECT max(ended_at) FROM runs)",
            "(SELECT min(last_success_at) FROM feed_health) > (SELECT max(started_at) FROM runs)",
        ):
            assert reader.execute(f"SELECT {promised}").fetchone() == (True,), promised
