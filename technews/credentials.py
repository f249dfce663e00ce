"""Credentials in a feed's address: `${NAME}` is resolved from the environment, and never handed on.

The value is meant raw: it is percent-encoded where it is put in. Whatever comes back from the server passes through
`redact`, which puts the placeholder in its place again.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlsplit

_PLACEHOLDER: Final = re.compile(r"\$\{(\w+)\}")
_SHORTEST_IN_BODY: Final = 6  # characters; a shorter secret would be found where it is none


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was resolved: spellings of each secret with its placeholder, and an Authorization field (RFC 7617)."""

    secrets: tuple[tuple[str, str], ...] = ()
    authorization: str | None = None

    def redact(self, text: str) -> str:
        """The text with placeholders for secrets."""
        for secret, placeholder in self.secrets:
            text = text.replace(secret, placeholder)
        return text

    def redact_body(self, body: bytes) -> bytes:
        """A body likewise, for documents name their own address."""
        for secret, placeholder in self.secrets:
            if len(secret) >= _SHORTEST_IN_BODY:
                body = body.replace(secret.encode(), placeholder.encode())
        return body


def resolve(url: str, environ: Mapping[str, str]) -> tuple[str, Credentials]:
    """The address with its placeholders resolved and without user name, and the credentials that it held.

    Raises KeyError with the name of a variable that is not set, ValueError where the address cannot be read.
    """
    names = sorted(set(_PLACEHOLDER.findall(url)))
    if missing := [name for name in names if not environ.get(name)]:
        raise KeyError(missing[0])
    resolved = _PLACEHOLDER.sub(lambda match: quote(environ[match[1]], safe=""), url)
    spellings = {(spelt, f"${{{n}}}") for n in names for spelt in (environ[n], quote(environ[n], safe=""))}
    # The longest first, for one secret may be a part of another.
    secrets = tuple(sorted(spellings, key=lambda pair: (-len(pair[0]), pair)))
    parts = urlsplit(resolved)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return resolved, Credentials(secrets)
    name, _, password = user.partition(":")
    token = base64.b64encode(f"{unquote(name)}:{unquote(password)}".encode()).decode()
    return parts._replace(netloc=host).geturl(), Credentials(secrets, f"Basic {token}")
