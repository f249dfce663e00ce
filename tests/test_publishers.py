"""Publishers: by registrable domain, the longest configured one first; strangers get an id that stays."""

import pytest

from technews.publishers import Publisher, Publishers, slug

LEDGER = Publisher("ledger", "Harbour Ledger", ("ledger.example", "harbour-ledger.co.uk"), "Harbour Group", "GB", "en")
MONEY = Publisher("ledger-money", "Ledger Money", ("money.ledger.example",), "Harbour Group", "GB", "en")
BLOG = Publisher("ada", "Ada's notes", ("WWW.ada.example",))
KNOWN = Publishers([LEDGER, MONEY, BLOG])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://ledger.example/a", LEDGER),
        ("https://www.ledger.example/a", LEDGER),
        ("http://m.eu.ledger.example:8080/a", LEDGER),
        ("https://LEDGER.example./a", LEDGER),
        ("https://money.ledger.example/a", MONEY),
        ("https://www.money.ledger.example/a", MONEY),
        ("https://news.harbour-ledger.co.uk/a", LEDGER),
        ("https://ada.example/", BLOG),
    ],
)
def test_configured_publishers(url: str, expected: Publisher) -> None:
    """Subdomains belong to the longest configured domain; case, port and `www.` do not matter."""
    assert KNOWN.of(url, "Whatever the page says", "fr") == expected


@pytest.mark.parametrize(
    ("url", "site_name", "publisher_id", "name"),
    [
        ("https://news.port-times.com.cn/a", "港湾时报", "port--times-com-cn", "港湾时报"),
        ("https://news.port-times.com.cn/a", None, "port--times-com-cn", "port-times.com.cn"),
        ("https://notledger.example/a", None, "notledger-example", "notledger.example"),
        ("http://127.0.0.1:8123/x/a", "Example Wire", "127-0-0-1-8123", "Example Wire"),
        ("", None, "unknown", "unknown"),
        ("no address", "Some Site", "unknown", "Some Site"),
    ],
)
def test_strangers(url: str, site_name: str | None, publisher_id: str, name: str) -> None:
    """Their id comes from the registrable domain alone, the name from the page; a longer name is no subdomain."""
    found = KNOWN.of(url, site_name, "zh")
    assert (found.id, found.name, found.family) == (publisher_id, name, None)


def test_slugs() -> None:
    """Lower case, and hyphens for all else."""
    assert slug("Port_Times.COM.cn:80") == "port-times-com-cn-80"
