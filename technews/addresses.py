"""Web addresses: one spelling for each, what they stand for, and which must not be connected to.

Nothing here uses the network. Whatever is no usable http(s) address is answered with None, never with an exception.
"""

import ipaddress
import re
import socket
from collections.abc import Collection
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

import idna
from tld import get_fld

from technews.tracking import is_tracking

MAX_LENGTH: Final = 2000

# A page's few addresses are asked about twenty times on its way. None is longer than MAX_LENGTH.
_REMEMBERED: Final = lru_cache(maxsize=4_096)

_PORTS: Final = {"http": 80, "https": 443}
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_USER: Final = re.compile(r"(\s*[a-z][a-z0-9+.-]*:[/\\]{2})[^/?#\\]*@", re.IGNORECASE)
_ESCAPE: Final = re.compile("%([0-9A-Fa-f]{2})?")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_LABEL: Final = re.compile("[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
# What RFC 3986 allows in a path and in a query, beside the unreserved characters.
_PATH_SAFE: Final = "/:@!$&'()*+,;=%"
_QUERY_SAFE: Final = _PATH_SAFE + "?"

_HOME_FILE: Final = re.compile(r"/(?:index|default|home)\.(?:html?|php|aspx?|jsp)", re.IGNORECASE)
_LANGUAGES: Final = (
    "ar|bg|cn|cs|da|de|el|en|es|et|fa|fi|fr|he|hi|hr|hu|id|it|ja|jp|ko|kr|lt|lv|ms|nb|nl|no|pl|pt|ro|ru|sk|sl|sr|sv|"
    "th|tr|tw|uk|ur|us|vi|zh|english|francais|chinese"
)
_LANGUAGE_FOLDER: Final = re.compile(rf"/(?:{_LANGUAGES})(?:[-_](?:[a-z]{{2}}|hans|hant))?/?", re.IGNORECASE)
_LANGUAGE_QUERY: Final = re.compile(r"(?:lang|language|locale|hl)=[\w-]*", re.IGNORECASE)

_GATE_HOST: Final = re.compile(r"(?:consent|guce|login|signin|sso|auth|accounts?|passport|cmp)\.", re.IGNORECASE)
_GATE_WORDS: Final = frozenset(
    "abonnement abonnements abonner abonnez account-login authentification authorize barrier collectconsent connexion "  # noqa: SIM905  a word a line would be 40 lines
    "consent consentement cookiewall cookie-consent cookie-wall cookies-consent identification inscription log-in "
    "log_in login logon oauth oauth2 passport paywall register s-abonner sabonner se-connecter sign-in sign-up sign_in "
    "signin signup sso subscribe subscription subscriptions user-login wp-login".split()
)
_SUFFIX: Final = re.compile(r"\.(?:html?|php|aspx?|jsp|do|action)$")
_SLUG_HYPHENS: Final = 3

# IANA's special-purpose registries (RFC 6890 and its updates), written out because what the standard library counts
# as private differs between its versions. 168.63.129.16 is a cloud's metadata service on a public address.
_RESERVED: Final = (  # of IPv6, only 2000::/3 is given out as global unicast
    "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 "
    "::/3 2001::/23 2001:db8::/32 3fff::/20 4000::/2 8000::/1"
)
_REFUSED: Final = tuple(
    (ipaddress.ip_network(network), why)
    for why, networks in (
        ("an unspecified address", "0.0.0.0/8 ::/128"),
        ("a loopback address", "127.0.0.0/8 ::1/128"),
        ("a link-local address", "169.254.0.0/16 fe80::/10"),
        ("a private address", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10 64:ff9b:1::/48"),
        ("an address shared behind a carrier's NAT", "100.64.0.0/10"),
        ("a metadata service", "168.63.129.16/32"),
        ("a multicast address", "224.0.0.0/4 ff00::/8"),
        ("a reserved address", _RESERVED),
    )
    for network in networks.split()
)
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


def normalize(url: str) -> str | None:
    """The one spelling of an absolute http(s) URL (RFC 3986 section 6), or None where it is no usable one.

    As `spell` has it, and the query parameters in the order of their names, without tracking parameters.
    """
    spelt = spell(url)
    if spelt is None:
        return None
    front, _, query = spelt.partition("?")
    kept = [p for p in query.split("&") if p and not is_tracking(*_name_and_value(p))]
    # Only by name: the order of the values of one name may mean something.
    kept.sort(key=lambda parameter: parameter.partition("=")[0])
    return f"{front}?{'&'.join(kept)}" if kept else front


def spell(url: str) -> str | None:
    """An absolute http(s) URL as it is asked for, or None where it is no usable one.

    Scheme and host in lower case, the host in its ASCII form (IDNA), no default port, no fragment, dot segments
    resolved, percent-encoding unified. Refused are URLs without host, with a user name, with control characters, or
    of more than 2,000 characters.
    """
    url = url.strip(" \t\r\n\f")
    return None if len(url) > MAX_LENGTH else _spell(url)


@_REMEMBERED
def _spell(url: str) -> str | None:
    if _CONTROL.search(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or "@" in parts.netloc or port == 0:
        return None
    host = _host(parts.hostname or "")
    if host is None or ("[" in parts.netloc) != ("[" in host):
        return None
    netloc = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    query = _encode(parts.query, _QUERY_SAFE)
    spelt = f"{parts.scheme}://{netloc}{_path(parts.path)}{'?' + query if query else ''}"
    return spelt if len(spelt) <= MAX_LENGTH else None  # encoding makes an address longer


def without_user(url: str) -> str:
    """The address without user name and password (RFC 3986 section 3.2.1); whatever has none stays as it is."""
    match = _USER.match(url)
    return match[1] + url[match.end() :] if match else url


def identity(url: str) -> str | None:
    """The key under which a page is known: its normalized URL, as https, without trailing slashes.

    A site that serves two pages under http and https, or under /a and /a/, would be unreadable for people: servers
    answer both spellings with one page or send one to the other. The root keeps its slash.
    """
    spelt = normalize(url)
    if spelt is None:
        return None
    scheme, _, rest = spelt.partition("://")
    if scheme == "http" and rest.partition("/")[0].endswith(":443"):
        return spelt  # http on the port of https: as https it would lose its port, and become another address
    front, mark, query = rest.partition("?")
    netloc, _, path = front.partition("/")
    return f"https://{netloc}/{path.rstrip('/')}{mark}{query}"


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL as `spell` wrote it, the default port written out."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{_bare_host(parts)}:{parts.port or _PORTS[parts.scheme]}"


def site_of(url: str) -> str:
    """The registrable domain (public suffix list, private suffixes too: each blog of a blog host is a site).

    For IP addresses and names of one label it is host and port (no port where it is the default one). Empty for what
    is no usable URL.
    """
    spelt = normalize(url)
    return "" if spelt is None else _site_at(urlsplit(spelt).netloc)


@_REMEMBERED
def _site_at(netloc: str) -> str:
    host = urlsplit(f"//{netloc}").hostname or ""
    if "." not in host or _is_ip(host):
        return netloc
    domain = get_fld(f"https://{host}", fail_silently=True, search_private=True)
    # A name under no known suffix follows the list's default rule: the last label is the suffix.
    return str(domain) if domain else ".".join(host.split(".")[-2:])


def is_home(url: str) -> bool:
    """Whether this is a site's home page: the root, its index file, or a bare language folder such as /fr/.

    A query makes it another page (`/?p=12` is an article in many systems) unless it only names a language.
    """
    spelt = normalize(url)
    if spelt is None:
        return False
    parts = urlsplit(spelt)
    if parts.query and not _LANGUAGE_QUERY.fullmatch(parts.query):
        return False
    path = parts.path
    return path == "/" or bool(_HOME_FILE.fullmatch(path) or _LANGUAGE_FOLDER.fullmatch(path))


def is_gate(url: str) -> bool:
    """Whether the address is that of a consent, cookie-wall, login or subscription page.

    A whole path segment (or the first label of the host) must say so, and no article's slug may follow: a word inside
    a slug, or a section that is called `subscription`, is no gate.
    """
    spelt = normalize(url)
    if spelt is None:
        return False
    parts = urlsplit(spelt)
    if _GATE_HOST.match(parts.netloc):
        return True
    segments = [_SUFFIX.sub("", segment) for segment in parts.path.lower().split("/") if segment]
    places = [place for place, segment in enumerate(segments) if segment in _GATE_WORDS]
    return bool(places) and not any(_is_slug(segment) for segment in segments[places[0] + 1 :])


def refusal(ip: str, port: int, host: str, allow_hosts: Collection[str]) -> str | None:
    """Why an address must not be connected to, or None where it may be.

    `host` is the name under which the address was found; `allow_hosts` exempts `host:port` pairs. The name must be
    listed, not the address, or any name that someone points there would be exempt with it. IPv4 addresses inside of
    IPv6 ones (mapped, 6to4 of RFC 3056, NAT64 of RFC 6052) are judged by the IPv4 address.
    """
    named = f"{host}:{port}"
    if named in allow_hosts:
        return None
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return f"{ip} is no IP address"
    inner = _embedded(address) or address
    why = next((why for network, why in _REFUSED if inner in network), None)
    return why and f"{ip} is {why}, and TECHNEWS_ALLOW_HOSTS does not name {named}"


def refusal_of(url: str, allow_hosts: Collection[str]) -> str | None:
    """Why a URL that spells an IP address out must not be asked for (as `spell` wrote it); no name is looked up."""
    parts = urlsplit(url)
    host = _bare_host(parts)
    if not _is_ip(host):
        return None
    return refusal(host.strip("[]"), parts.port or _PORTS[parts.scheme], host, allow_hosts)


def _bare_host(parts: SplitResult) -> str:
    """The host with the brackets of an IPv6 address, without the port."""
    return parts.netloc if parts.port is None else parts.netloc.removesuffix(f":{parts.port}")


def _embedded(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _host(host: str) -> str | None:
    """The host in lower-case ASCII, or None. IPv4 in any of its spellings becomes four numbers, as browsers do it."""
    if ":" in host:
        try:
            return f"[{ipaddress.IPv6Address(host).compressed}]" if "%" not in host else None
        except ValueError:
            return None
    host = unquote(host, errors="replace").lower() if "%" in host else host
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            return None
    host = host.removesuffix(".")
    if _NUMERIC.fullmatch(host):
        try:
            return socket.inet_ntoa(socket.inet_aton(host))  # reads a text, asks no network
        except OSError:
            return None
    fits = len(host) <= 253 and all(_LABEL.fullmatch(label) for label in host.split("."))
    return host if fits else None


def _path(path: str) -> str:
    kept: list[str] = []
    segments = _encode(path.replace("\\", "/"), _PATH_SAFE).split("/")[1:]
    for place, segment in enumerate(segments):
        last = place == len(segments) - 1
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
        if last and segment in (".", ".."):
            kept.append("")
    return "/" + "/".join(kept)


def _name_and_value(parameter: str) -> tuple[str, str]:
    name, _, value = parameter.partition("=")
    return unquote(name), unquote(value)


def _encode(text: str, safe: str) -> str:
    """The text with percent-encoding as RFC 3986 section 6.2.2 has it: upper case, and only where it is needed."""
    return quote(_ESCAPE.sub(_escape, text), safe=safe)


def _escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return "%25"
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _is_slug(segment: str) -> bool:
    return segment.count("-") >= _SLUG_HYPHENS
