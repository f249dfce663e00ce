"""Whose page it is: by its registrable domain among the configured publishers, else by what page or feed call it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from technews.addresses import normalize, site_of


@dataclass(frozen=True, slots=True)
class Publisher:
    """A publisher. `family` names the group that it shares texts with, `domains` are hosts without scheme and path."""

    id: str
    name: str
    domains: tuple[str, ...] = ()
    family: str | None = None
    country: str | None = None
    language: str | None = None


class Publishers:
    """The configured publishers, found by the host of a page."""

    def __init__(self, known: Iterable[Publisher] = ()) -> None:
        """Of two publishers with one domain the later wins."""
        self._known = {
            domain.lower().removeprefix("www."): publisher for publisher in known for domain in publisher.domains
        }

    def of(self, url: str, site_name: str | None, language: str | None) -> Publisher:
        """The publisher of a page: of the longest configured domain that its host ends with, else one made up.

        That one has the slug of the registrable domain as its id. Its name is `site_name` (what the page, else its feed
        calls the site), else the domain.
        """
        host = (urlsplit(normalize(url) or "").hostname or "").removeprefix("www.")
        labels = host.split(".")
        for start in range(len(labels)):
            if (found := self._known.get(".".join(labels[start:]))) is not None:
                return found
        domain = site_of(url)
        return Publisher(
            slug(domain) or "unknown",
            site_name or domain or "unknown",
            (domain,) if domain else (),
            None,
            None,
            language,
        )


def slug(domain: str) -> str:
    """A domain as an id: lower case, hyphens for all that is neither letter nor digit, its own hyphens doubled.

    So no two domains have the same id (`people.com.cn` and `people-com.cn`).
    """
    return re.sub(r"[^a-z0-9-]", "-", domain.lower().replace("-", "--")).strip("-")
