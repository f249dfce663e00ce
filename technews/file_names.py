"""Names of files as text that every store, message and JSON can hold, and the files that such names are of.

A name on Linux is bytes, UTF-8 or not. One that is UTF-8 stays as it is; another is written as the file's address
(RFC 8089), whose escapes give its bytes back. No absolute path looks like one.
"""

import os
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

_SCHEME: Final = "file://"


def as_text(path: Path) -> str:
    """The name of an absolute path, without lone surrogates."""
    return str(path) if _is_text(str(path)) else path.as_uri()


def as_path(text: str) -> Path:
    """The path that `as_text` was given."""
    if text.startswith(_SCHEME):
        return Path(os.fsdecode(unquote_to_bytes(text.removeprefix(_SCHEME))))
    return Path(text)


def shown(name: str) -> str:
    """A path or a part of one for a message: bytes that are no UTF-8 as hexadecimal escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
