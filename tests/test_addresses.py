"""One spelling for each address, and which must not be connected to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technews.addresses import (
    identity,
    is_gate,
    is_home,
    normalize,
    origin_of,
    refusal,
    refusal_of,
    site_of,
    spell,
    without_user,
)

URL_PIECES = st.lists(
    st.one_of(
        st.sampled_from(["/", "..", ".", "%2e", "%2F", "%", "%zz", "?", "&", "=", "#", "a", "A", "//", ";", "\\", "+"]),
        st.sampled_from(
            ["utm_source=x", "id=1", "é", "苹果", " ", ":", "@", "[", "]", "ref=rss", "~", "%7E", "%E9", "|"]
        ),
        st.characters(),
    ),
    max_size=12,
).map("".join)
URLS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["http://", "HTTPS://", "https:", "http:/", "ftp://", "//", ""]),
    st.sampled_from(
        ["a.example", "A.Example.:80", "b.example:443", "1.2.3.4:8080", "[::1]", "bücher.example", "a", "%61", ""]
    ),
    URL_PIECES,
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://News.Example:80/A/../b/%7euser/?b=2&a=1#top", "http://news.example/b/~user/?a=1&b=2"),
        ("https://news.example", "https://news.example/"),
        ("https://news.example:443/a", "https://news.example/a"),
        ("https://news.example:80/a", "https://news.example:80/a"),
        ("https://news.example./a", "https://news.example/a"),
        ("  https://news.example/a\n", "https://news.example/a"),
        ("https://b\u00fccher.example/\u82f9\u679c", "https://xn--bcher-kva.example/%E8%8B%B9%E6%9E%9C"),
        ("https://news\uff0eexample/a", "https://news.example/a"),
        ("https://n%65ws.example/a", "https://news.example/a"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://[0:0::1]:8080/a", "http://[::1]:8080/a"),
        ("https://a.example/%e8%8b/a%2fb", "https://a.example/%E8%8B/a%2Fb"),
        ("https://a.example/%zz%", "https://a.example/%25zz%25"),
        ("https://a.example/a b|c", "https://a.example/a%20b%7Cc"),
        ("https://a.example/%2e%2e/x/./y/..", "https://a.example/x/"),
        ("https://a.example/a\\b", "https://a.example/a/b"),
        ("https://a.example/?x=2&x=1&a=", "https://a.example/?a=&x=2&x=1"),
        ("https://a.example/?&&", "https://a.example/"),
        ("https://a.example/?q=a+b%2Bc", "https://a.example/?q=a+b%2Bc"),
    ],
)
def test_one_spelling(url: str, expected: str) -> None:
    """RFC 3986 section 6: spellings that mean one address become one."""
    assert normalize(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/a",
        "//a.example/",
        "ftp://a.example/",
        "javascript:alert(1)",
        "mailto:a@a.example",
        "http://",
        "http:///a",
        "http:a",
        "http://user@a.example/",
        "http://a.example\\@b.example/",
        "http://a b.example/",
        "http://a.example:99999/",
        "http://a.example:0/",
        "http://a.example:x/",
        "http://[::1",
        "http://[v1.x]/",
        "http://[fe80::1%25eth0]/",
        "http://a..example/",
        "http://-a.example/",
        "http://999.1.1.1/",
        "http://a.example/\x00",
        "http://a.example/a\nb",
        "http://a.example/\ud800",
        "http://a.example/" + "a" * 2000,
        "http://a.example/" + "\u82f9" * 300,
        "http://" + "a" * 64 + ".example/",
        "http://\u200b/",
    ],
)
def test_unusable_addresses(url: str) -> None:
    """What is no absolute http(s) URL with a host, or is made to mislead, is None for everyone."""
    assert (normalize(url), identity(url), spell(url), site_of(url)) == (None, None, None, "")
    assert not is_home(url)
    assert not is_gate(url)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("utm_source=x&utm_medium=y", ""),
        ("UTM_Source=x", ""),
        ("fbclid=1&gclid=2&xtor=RSS-1&at_medium=rss&mc_cid=3&cmpid=4&spm=5", ""),
        ("%75tm_source=x", ""),
        ("id=1&p=2&page=3&lang=fr&mod=viewthread&cid=4", "cid=4&id=1&lang=fr&mod=viewthread&p=2&page=3"),
        ("ref=rss&source=twitter&from=timeline", ""),
        ("ref=main&source=42&from=2024", "from=2024&ref=main&source=42"),
    ],
)
def test_tracking(query: str, kept: str) -> None:
    """Parameters that only track go; one that may select the page stays, and nothing goes from what is asked for."""
    assert normalize(f"https://a.example/?{query}") == f"https://a.example/{'?' + kept if kept else ''}"
    assert spell(f"https://a.example/?{query}") != "https://a.example/"


@settings(deadline=None)  # a busy machine is no fault
@given(URLS)
def test_spellings_are_stable(url: str) -> None:
    """Spelling again what was spelt changes nothing, and nothing raises."""
    without_user(url)
    for function in (spell, normalize, identity):
        once = function(url)
        assert once is None or (function(once) == once and once.isascii() and len(once) <= 2001)
    is_home(url)
    is_gate(url)
    site_of(url)
    if spelt := spell(url):
        assert origin_of(spelt).count(":") >= 2
        refusal_of(spelt, ())


@pytest.mark.parametrize(
    ("url", "without"),
    [
        ("http://user:word@a.example/b", "http://a.example/b"),
        (" HTTPS://user@a.example", " HTTPS://a.example"),
        ("https://us@er:w@rd@a.example/@b?c=d@e#f@g", "https://a.example/@b?c=d@e#f@g"),
        ("http:\\\\user:word@a.example/", "http:\\\\a.example/"),
        ("ftp://user:word@a.example/", "ftp://a.example/"),
        ("http://@a.example/", "http://a.example/"),
        ("http://a.example/@user", "http://a.example/@user"),
        ("http://a.example?to=b@c.example", "http://a.example?to=b@c.example"),
        ("http://a.example\\@b.example/", "http://a.example\\@b.example/"),
        ("mailto:desk@a.example", "mailto:desk@a.example"),
        ("tag:a.example,2026:1@2", "tag:a.example,2026:1@2"),
        ("", ""),
    ],
)
def test_user_names_go(url: str, without: str) -> None:
    """User name and password are no part of what an address names; an @ behind the host is."""
    assert without_user(url) == without


def test_identity_folds_scheme_and_slash() -> None:
    """Http and https, with and without a last slash, are one page; the root, ports and queries stay what they are."""
    same = ["http://a.example/b/", "https://a.example/b", "HTTP://A.example:80/b//", "https://a.example/b?utm_source=x"]
    assert {identity(url) for url in same} == {"https://a.example/b"}
    assert identity("http://a.example") == "https://a.example/"
    assert identity("http://a.example/b/?id=1") == "https://a.example/b?id=1"
    assert identity("http://a.example:8080/") == "https://a.example:8080/"
    assert identity("http://a.example:443/a") != identity("https://a.example/a")


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://tech.news.example.com.cn/a", "example.com.cn"),
        ("https://www.example.co.uk/", "example.co.uk"),
        ("https://www.example.com.hk/", "example.com.hk"),
        ("https://www.Example.com:8443/", "example.com"),
        ("https://anna.github.io/a", "anna.github.io"),
        ("https://a.b.example/", "b.example"),
        ("http://127.0.0.1:8000/a", "127.0.0.1:8000"),
        ("http://127.0.0.1/a", "127.0.0.1"),
        ("http://[::1]:8000/a", "[::1]:8000"),
        ("http://localhost:8000/a", "localhost:8000"),
    ],
)
def test_site(url: str, site: str) -> None:
    """The registrable domain; addresses and names of one label are told apart by their port."""
    assert site_of(url) == site


@pytest.mark.parametrize(
    ("path", "home"),
    [
        ("", True),
        ("/", True),
        ("/?utm_source=rss", True),
        ("/index.html", True),
        ("/index.php", True),
        ("/fr/", True),
        ("/en", True),
        ("/zh-CN/", True),
        ("/?lang=fr", True),
        ("/?p=12", False),
        ("/ai/", False),
        ("/apple/", False),
        ("/fr/a-report", False),
        ("/index.php?id=3", False),
    ],
)
def test_home(path: str, home: bool) -> None:
    """The root, its index file, a language folder; not a page that a query selects."""
    assert is_home("https://a.example" + path) is home


@pytest.mark.parametrize(
    ("url", "gate"),
    [
        ("https://consent.a.example/v2/collect?session=1", True),
        ("https://guce.a.example/copyConsent", True),
        ("https://a.example/consent?return=/a", True),
        ("https://a.example/user/login.php", True),
        ("https://a.example/connexion/", True),
        ("https://a.example/abonnement/offres", True),
        ("https://a.example/SSO/authorize", True),
        ("https://a.example/sign-in?next=x", True),
        ("https://a.example/2026/01/apple-login-flaw-found-in-china", False),
        ("https://a.example/subscription/2026/apple-changes-its-ai-subscription", False),
        ("https://a.example/consentement-et-donnees-personnelles", False),
        ("https://loginnews.example/a", False),
        ("https://a.example/tech?section=login", False),
    ],
)
def test_gate(url: str, gate: bool) -> None:
    """A whole segment or the host's first label says so, never a word inside an article's slug."""
    assert is_gate(url) is gate


@pytest.mark.parametrize(
    ("ip", "why"),
    [
        ("93.184.216.34", None),
        ("2001:0:5ef5:79fd:0:59a:a2bc:1c1d", "reserved"),  # Teredo
        ("2001:20::1", "reserved"),
        ("::ffff:0:10.0.0.1", "reserved"),
        ("2002:7f00:1::", "loopback"),
        ("2002:c0a8:101::1", "private"),
        ("64:ff9b::a9fe:a9fe", "link-local"),
        ("64:ff9b::", "unspecified"),
        ("172.32.0.1", None),
        ("100.128.0.1", None),
        ("192.88.99.1", "reserved"),
        ("203.0.113.9", "reserved"),
        ("239.255.255.250", "multicast"),
        ("240.0.0.1", "reserved"),
        ("febf::1", "link-local"),
        ("fc00::1", "private"),
        ("4000::1", "reserved"),
        ("2606:2800:220:1::1", None),
        ("::ffff:93.184.216.34", None),
        ("64:ff9b::5db8:d822", None),
        ("2002:5db8:d822::1", None),
        ("127.0.0.1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.31.0.1", "private"),
        ("192.168.1.1", "private"),
        ("169.254.169.254", "link-local"),
        ("100.64.0.1", "NAT"),
        ("100.100.100.200", "NAT"),
        ("168.63.129.16", "metadata"),
        ("0.0.0.0", "unspecified"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("198.18.0.1", "reserved"),
        ("192.0.2.1", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("::7f00:1", "reserved"),
        ("fe80::1%eth0", "link-local"),
        ("fd00:ec2::254", "private"),
        ("fec0::1", "private"),
        ("ff02::1", "multicast"),
        ("2001:db8::1", "reserved"),
        ("2001:0:1::1", "reserved"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:a00:1", "private"),
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b:1::5db8:d822", "private"),
        ("2002:a00:1::", "private"),
        ("nonsense", "no IP address"),
        ("", "no IP address"),
    ],
)
def test_refused_addresses(ip: str, why: str | None) -> None:
    """Only global unicast addresses are connected to, also when they hide inside of others."""
    found = refusal(ip, 80, "a.example", ())
    assert found is None if why is None else why in (found or "")


def test_exemptions_are_by_name_and_port() -> None:
    """Allowed is a host and port as it is written in the address, not whatever leads to the same machine."""
    allowed = frozenset({"127.0.0.1:8000", "[::1]:8000"})
    assert refusal("127.0.0.1", 8000, "127.0.0.1", allowed) is None
    assert refusal("127.0.0.1", 8001, "127.0.0.1", allowed)
    assert refusal("127.0.0.1", 8000, "evil.example", allowed)
    assert refusal_of("http://[::1]:8000/", allowed) is None
    assert refusal_of("http://[::1]/", allowed)
    assert refusal_of("http://a.example/", allowed) is None
