"""Fields of HTTP answers that several readers share: dates, and what Cache-Control says of keeping an answer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_MAX_AGE: Final = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?([0-9]{1,10})", re.IGNORECASE)
_UNCACHED: Final = re.compile(r"(?:^|[,\s])no-(?:cache|store)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CacheControl:
    """What Cache-Control says (RFC 9111 section 5.2.2): `uncached` by no-cache or no-store, `max_age` in seconds."""

    uncached: bool
    max_age: int | None


def cache_control(headers: Iterable[tuple[str, str]]) -> CacheControl:
    """The directives of all Cache-Control fields: several of one name are one list (RFC 9110 section 5.2)."""
    value = ", ".join(value for name, value in headers if name.lower() == "cache-control")
    age = _MAX_AGE.search(value)
    return CacheControl(bool(_UNCACHED.search(value)), int(age[1]) if age else None)


def sent_at(headers: Iterable[tuple[str, str]]) -> datetime | None:
    """When an answer was made, by its server's clock (Date, RFC 9110 section 6.6.1); None where it does not say."""
    return http_date(next((value for name, value in headers if name.lower() == "date"), None))


def http_date(value: str | None) -> datetime | None:
    """The instant that a field states (RFC 9110 section 5.6.7), in UTC where it names no zone; None for none."""
    try:
        at = parsedate_to_datetime(value or "")
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
