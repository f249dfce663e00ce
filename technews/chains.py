"""One request with its redirects, from its first address to what it gives: a feed's answer, a page, or robots.txt.

Pure decisions over answers: where to go on, and what the last answer means. Whatever is handed on has placeholders in
place of credentials.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urljoin

from technews.addresses import is_home, origin_of, refusal_of, spell, without_user
from technews.attempts import Failure, judge_failure, read_retry_after
from technews.credentials import Credentials, ShortSecretError, resolve
from technews.records import Entry, Feed, Fetch, Page, Rejection, sound_text
from technews.responses import is_html, refresh_target

MAX_REDIRECTS: Final = 5
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
PERMANENT: Final = frozenset({301, 308})
PAGE_STATUSES: Final = frozenset({200, 203})

_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_ERROR_LENGTH: Final = 300
NO_CREDENTIALS: Final = Credentials()

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """A feed to ask for, with what its server said about the last answer (RFC 9110 section 13).

    `failing`: the last poll failed.
    """

    feed: Feed
    etag: str | None = None
    last_modified: str | None = None
    failing: bool = False


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """What a feed's server said.

    `permanent_redirect` is the address that 301 and 308 answers (RFC 9110 section 15.4) say to use from now on;
    `retry_after` is in seconds. `failing`: the poll before failed, too; `offline`: this one failed while the network
    here was down. Texts hold placeholders where the address holds credentials.
    """

    feed: Feed
    fetch: Fetch
    status: Literal["changed", "not_modified", "failed"]
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""
    final_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    headers: Headers = ()
    permanent_redirect: str | None = None
    retry_after: float | None = None
    failing: bool = False
    offline: bool = False

    @property
    def error(self) -> str | None:
        """Why the feed could not be read; None where it could."""
        if self.status != "failed":
            return None
        if self.fetch.error is None and self.fetch.status == 304:
            return "HTTP 304, though the whole document was asked for"
        return self.fetch.error or f"HTTP {self.fetch.status}"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one request, or how there was none.

    `failure` may stand beside a status (a body that is too large). `connected` is False where the host could not be
    reached at all. Header values are decoded as Latin-1, which loses no byte.
    """

    url: str
    received_at: datetime
    status: int | None = None
    headers: Headers = ()
    body: bytes = field(default=b"", repr=False)
    failure: Failure | None = None
    error: str = ""
    connected: bool = True

    def header(self, name: str) -> str:
        """The first value of a header (name in lower case), or an empty text."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(slots=True)
class Chain:
    """One request on its way: `url` is what is asked for next, `shown` what it is called outside.

    `spent` counts the seconds of its requests, not those in a queue. `credentials` are only for `home`, the origin
    that they were written for; `secrets` are those of all feeds. `fetch` records it up to the last redirect; `cookies`
    live as long as the chain.
    """

    kind: Literal["feed", "page", "robots"]
    url: str = field(repr=False)
    shown: str
    entry: Entry | None = None
    request: FeedRequest | None = None
    credentials: Credentials = NO_CREDENTIALS
    home: str = ""
    redirects: int = 0
    moved_to: str | None = field(default=None, repr=False)
    permanent: bool = True
    spent: float = 0.0
    started_at: datetime | None = None
    fetch: Fetch | None = None
    cookies: Any = None
    secrets: Credentials = NO_CREDENTIALS

    def redact(self, text: str) -> str:
        """The text without the secrets of this feed's address, and of all others."""
        return self.secrets.redact(self.credentials.redact(text))


def page_chain(entry: Entry, allow_hosts: Collection[str], now: datetime) -> Chain | Rejection:
    """The chain that asks for an entry's page, or why there can be none."""
    if not entry.url:
        return judge_failure(entry, Failure.NO_LINK, now=now)
    found = check(entry.url, allow_hosts)
    if isinstance(found, str):
        return Chain("page", found, without_user(entry.url), entry=entry)
    return judge_failure(entry, found[0], now=now, detail=found[1])


def feed_chain(
    request: FeedRequest, environ: Mapping[str, str], allow_hosts: Collection[str], now: datetime
) -> Chain | FeedAnswer:
    """The chain that asks for a feed, with the credentials of its address from `environ`, or why there can be none."""
    shown, credentials = request.feed.url, NO_CREDENTIALS
    try:
        url, credentials = resolve(shown, environ)
        found = check(url, allow_hosts)
    except KeyError as missing:
        found = Failure.NO_LINK, f"the environment variable {missing.args[0]} is not set"
    except ShortSecretError as error:
        found = Failure.NO_LINK, str(error)
    except ValueError:  # its text may hold what was resolved
        found = Failure.NO_LINK, "not a usable address"
    if isinstance(found, str):
        home = origin_of(found)
        return Chain("feed", found, shown, request=request, credentials=credentials, home=home)
    fetch = Fetch("feed", shown, now, 0, error=credentials.redact(found[1]), feed_id=request.feed.id)
    return FeedAnswer(request.feed, fetch, "failed")


def check(url: str, allow_hosts: Collection[str]) -> str | tuple[Failure, str]:
    """The URL as it may be asked for, without user name, or why it must not be: scheme, or an address spelt out."""
    scheme = url.strip().partition(":")[0].lower()
    if scheme not in ("http", "https"):
        return Failure.SCHEME_REFUSED, f"{scheme[:20]!r} is neither http nor https"
    spelt = spell(without_user(url))
    if spelt is None:
        return Failure.NO_LINK, "not a usable address"
    refused = refusal_of(spelt, allow_hosts)
    return (Failure.ADDRESS_REFUSED, refused) if refused else spelt


def redirect_of(chain: Chain, answer: Answer) -> str | None:
    """The absolute address that an answer sends us on to, by status or (pages) by `<meta http-equiv=refresh>`."""
    if answer.failure:
        return None
    if answer.status in REDIRECTS and (location := answer.header("location").strip()):
        try:
            return urljoin(answer.url, _as_utf8(location))
        except ValueError:
            return location  # which cannot be read: `check` says so
    if chain.kind == "page" and answer.status in PAGE_STATUSES and is_html(answer.header("content-type"), answer.body):
        charset = _CHARSET.search(answer.header("content-type"))
        return refresh_target(answer.body, answer.url, charset[1] if charset else None)
    return None


def move(chain: Chain, answer: Answer, target: str, allow_hosts: Collection[str]) -> tuple[Failure, str] | None:
    """Points the chain to where an answer sent it, or says why it must not go there."""
    if chain.redirects >= MAX_REDIRECTS:
        return Failure.REDIRECT_LOOP, f"more than {MAX_REDIRECTS} redirects"
    found = check(target, allow_hosts)
    if not isinstance(found, str):
        failure = Failure.ADDRESS_REFUSED if found[0] is Failure.NO_LINK else found[0]
        return failure, f"redirected to {chain.redact(without_user(target))[:100]}: {found[1]}"
    chain.fetch = fetch_of(chain, answer)
    chain.url = found
    chain.redirects += 1
    chain.permanent = chain.permanent and answer.status in PERMANENT
    if chain.permanent:
        chain.moved_to = found
    return None


def covered(chain: Chain, answer: Answer) -> Answer:
    """The answer as it may leave the web: with placeholders wherever it repeats a secret, in whatever feed's address.

    A server that knows its token hands it on to pages, by redirects and canonical links.
    """
    if chain.credentials.pattern is None and chain.secrets.pattern is None:
        return answer
    content_type = answer.header("content-type")
    xml = chain.kind == "feed"
    body = chain.credentials.redact_body(answer.body, content_type, xml=xml)
    return replace(
        answer,
        url=chain.redact(answer.url),
        headers=tuple((chain.redact(name), chain.redact(value)) for name, value in answer.headers),
        body=chain.secrets.redact_body(body, content_type, xml=xml),
        error=chain.redact(answer.error),
    )


def judge_page(chain: Chain, answer: Answer) -> Page | Rejection:
    """What the last answer to an entry's request, covered, means for the entry."""
    entry = chain.entry
    if entry is None:
        raise ValueError("a page's chain has an entry")
    failure: Failure | int | None = answer.failure
    if failure is None and answer.status not in PAGE_STATUSES:
        failure = answer.status or Failure.BAD_ANSWER
    if failure is None and not is_html(answer.header("content-type"), answer.body):
        failure = Failure.NOT_HTML
    if failure is None and chain.redirects and is_home(answer.url) and not is_home(entry.url or ""):
        failure = Failure.REDIRECTED_HOME
    fetch = fetch_of(chain, answer)
    if failure is None:
        content_type = answer.header("content-type")
        return Page(entry, answer.url, answer.body, content_type, answer.received_at, answer.headers, fetch)
    return judge_failure(
        entry,
        failure,
        now=answer.received_at,
        retry_after=read_retry_after(answer.header("retry-after"), answer.received_at),
        detail=_detail(failure, answer),
        fetch=fetch,
    )


def judge_feed(chain: Chain, answer: Answer) -> FeedAnswer:
    """What the last answer to a feed's request, covered, means."""
    request = chain.request
    if request is None:
        raise ValueError("a feed's chain has a request")
    asked = bool(request.etag or request.last_modified)
    status: Literal["changed", "not_modified", "failed"] = "failed"
    if answer.failure is None and answer.status in PAGE_STATUSES:
        status = "changed"
    elif answer.status == 304 and asked:
        status = "not_modified"
    well = status != "failed"
    before = request if status == "not_modified" else FeedRequest(request.feed)
    wait = read_retry_after(answer.header("retry-after"), answer.received_at)
    return FeedAnswer(
        request.feed,
        fetch_of(chain, answer),
        status,
        body=answer.body if status == "changed" else b"",
        content_type=answer.header("content-type"),
        final_url=answer.url,
        etag=answer.header("etag") or before.etag,
        last_modified=answer.header("last-modified") or before.last_modified,
        headers=answer.headers,
        permanent_redirect=chain.redact(chain.moved_to) if well and chain.moved_to else None,
        retry_after=wait.total_seconds() if wait is not None else None,
        failing=request.failing,
    )


def judge_undone(chain: Chain, why: str, now: datetime) -> FeedAnswer:
    """The answer for a feed whose host is not asked any more: it could not be read, and that is no silence."""
    if chain.request is None:
        raise ValueError("a feed's chain has a request")
    feed = chain.request.feed
    fetch = chain.fetch or Fetch("feed", chain.shown, now, 0, feed_id=feed.id)
    fetch = replace(fetch, status=None, error=f"not asked: the host {why}")
    return FeedAnswer(feed, fetch, "failed", failing=chain.request.failing)


def fetch_of(chain: Chain, answer: Answer) -> Fetch:
    """The record of a request, its redirects included."""
    return Fetch(
        kind=chain.kind,
        url=chain.shown,
        requested_at=chain.started_at or answer.received_at,
        duration_ms=round(chain.spent * 1000),
        final_url=chain.redact(answer.url),
        status=answer.status,
        error=" ".join(sound_text(chain.redact(answer.error)).split())[:_ERROR_LENGTH] or None,
        size=len(answer.body),
        attempt=chain.entry.attempts + 1 if chain.entry else 1,
        feed_id=chain.request.feed.id if chain.request else chain.entry.feed.id if chain.entry else None,
        entry_id=chain.entry.entry_id if chain.entry else None,
    )


def _detail(failure: Failure | int, answer: Answer) -> str:
    if failure is Failure.NOT_HTML:
        return f"content type {answer.header('content-type')[:80] or 'unknown'}"
    return f"redirected to {answer.url}" if failure is Failure.REDIRECTED_HOME else answer.error


def _as_utf8(text: str) -> str:
    """A header's value that holds UTF-8, as Location fields do against the rules, read as such."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
