"""What a robots.txt allows, malformed and hostile ones too."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from protego import Protego

from technews.robots import MAX_BODY, read_rules

SHARED = Path(__file__).parents[2] / "shared" / "data"
SITE = "https://a.example"


@pytest.mark.parametrize(
    ("body", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /closed/", "/closed/a", False),
        ("User-agent: *\nDisallow: /closed/", "/open", True),
        ("User-agent: *\nAllow: /*/filter/page=*/$\nDisallow: /", "/1/filter/page=5/", True),
        ("User-agent: *\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: *\nDisallow: /b", "/b", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: TechNews\nAllow: /", "/a", True),
        ("User-agent: technews/1.0 # ours\nDisallow: /a\n\nUser-agent: *\nAllow: /", "/a", False),
        ("User-agent: x\nUser-agent: technews\nDisallow: /a", "/a", False),
        ("User-agent: tech\nDisallow: /", "/a", True),
        ("User-agent: technewsbot\nDisallow: /", "/a", True),
        ("User-agent: *bot*\nDisallow: /", "/a", True),
        ("User-agent: *\r\rDisallow: /a", "/a", False),
        ("\ufeffUser-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: *\nDisallow: /caf\u00e9", "/caf%C3%A9", False),
        ("User-agent: *\nDisallow: /a%2Fb", "/a%2fb", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("<!doctype html><p>User-agent: *\nDisallow: /", "/a", True),
        ("", "/a", True),
        ("\0\0User-agent: *\nDisallow: /a", "/a", False),
    ],
    ids=[
        "disallowed",
        "not-mentioned",
        "longest-wins",
        "groups-of-one-agent-combine",
        "our-group-in-any-case",
        "our-group-with-version",
        "shared-group",
        "a-part-of-our-name",
        "a-longer-name",
        "wildcard-name",
        "old-line-ends",
        "byte-order-mark",
        "utf-8-path",
        "escapes-in-any-case",
        "empty-disallow",
        "html",
        "empty",
        "nul",
    ],
)
def test_rules(body: str, path: str, allowed: bool) -> None:
    """RFC 9309: the group of our whole token, else that of `*`; the longest matching rule."""
    assert read_rules(body.encode()).allow(SITE + path) is allowed


def test_an_html_type_allows() -> None:
    """A page served as HTML is no robots.txt, whatever it says."""
    assert read_rules(b"User-agent: *\nDisallow: /", "Text/HTML; charset=utf-8").allow(SITE + "/a")


@pytest.mark.parametrize(
    ("value", "delay"),
    [("7", 7), ("0.5", 0.5), ("300", 300), ("86400", 300), ("inf", None), ("nan", None), ("-1", None), ("soon", None)],
)
def test_crawl_delay(value: str, delay: float | None) -> None:
    """No finite number is ignored; more than five minutes count as five."""
    assert read_rules(f"User-agent: *\nCrawl-delay: {value}\n".encode()).delay == delay


def test_a_long_file_counts_up_to_its_limit() -> None:
    """Of more than 500 KiB the whole lines of the first 500 count, and no rule is cut in half."""
    head = b"User-agent: *\nDisallow: /first\n"
    filler = b"# filler\n" * (MAX_BODY // 9 - 10)
    cut = b"#" * (MAX_BODY - len(head + filler) - 13) + b"\nDisallow: /half-a-path\n"
    rules = read_rules(head + filler + cut + b"Disallow: /last\n")
    assert not rules.allow(SITE + "/first")
    assert rules.allow(SITE + "/half-a-path")
    assert rules.allow(SITE + "/h")
    assert rules.allow(SITE + "/last")


@pytest.mark.parametrize(
    "body",
    [
        b"".join(b"User-agent: a%d\n" % n for n in range(15_000)) + b"Disallow: /b\n" * 20_000,
        b"".join(b"x\x0bUser-agent: a%d\x0b" % n for n in range(14_000)) + b"\nDisallow: /b\n" * 20_000,
        b"User-agent: *\n" + b"Disallow: /*a*b*c$\n" * 25_000,
        b"User-agent: *\nDisallow: /" + b"*a" * 240_000,
        b"user " * 100_000,
        b"user agent" + b" " * 500_000,
    ],
    ids=["many-agents", "odd-line-ends", "many-wildcards", "one-long-wildcard", "half-directives", "spaces"],
)
def test_hostile_files_cost_little(body: bytes) -> None:
    """500 KiB of malice are read in bounded time and memory."""
    begin = time.process_time()
    rules = read_rules(body)
    rules.allow(SITE + "/" + "a" * 1900)
    assert time.process_time() - begin < 2


def real_files() -> list[dict[str, Any]]:
    """The index of the collection of real files."""
    index = SHARED / "robots" / "index.jsonl"
    if not index.exists():
        pytest.skip("the collection of real robots.txt files is not here")
    cases = [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines()]
    assert len(cases) > 100
    return cases


def test_real_files() -> None:
    """Real files give what Protego gives for a robot that none of them names."""
    for case in real_files():
        rules = read_rules((SHARED / case["path"]).read_bytes())
        got = (rules.allow(f"https://{case['host']}/"), rules.delay)
        assert got == (case["protego"]["root_allowed_star"], case["protego"]["crawl_delay_star"]), case["host"]


def test_every_rule_of_real_files() -> None:
    """Folding the other robots' groups changes no answer: each path that a real file names, and one below it."""
    compared = 0
    for case in real_files():
        body = (SHARED / case["path"]).read_bytes()
        text = body.decode("utf-8-sig", errors="replace")
        if "html_instead_of_robots" in case["features"] or len(body) > MAX_BODY:
            continue
        rules, reference = read_rules(body), Protego.parse(text)
        named = re.findall(r"^\s*(?:dis)?allow\s*:\s*([/*][^#\s]*)", text, re.IGNORECASE | re.MULTILINE)
        for path in list(dict.fromkeys(named))[:100]:
            for url in (
                SITE + path.replace("*", "x").rstrip("$"),
                SITE + path.replace("*", "").rstrip("$") + "a/b.html",
            ):
                assert rules.allow(url) is reference.can_fetch(url, "a-robot-that-nobody-names"), (case["host"], url)
                compared += 1
    assert compared > 5_000
