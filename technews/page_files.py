"""Pages in files, as `technews clean` describes them: one description a file, in order.

A file that hangs or kills its reader, is missing or is no page costs only its own description.
"""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from technews.extraction import MAX_BODY, NotAnArticle, description
from technews.records import Reason
from technews.responses import is_html
from technews.workers import Cleaners

_AT_ONCE: Final = 16  # many files neither fill the memory nor hold up the first answers


def described(files: Sequence[Path], url: str | None) -> Iterator[dict[str, str | None]]:
    """What each file says, cleaned in worker processes, and its name as `file`; `url` is where the pages came from."""
    with Cleaners(workers=min(len(files), os.cpu_count() or 1)) as cleaners:
        for first in range(0, len(files), _AT_ONCE):
            yield from _described(cleaners, files[first : first + _AT_ONCE], url)


def _described(cleaners: Cleaners, files: Sequence[Path], url: str | None) -> Iterator[dict[str, str | None]]:
    bodies = [_body(file) for file in files]
    found = iter(cleaners.clean_all([(body, None, url) for body in bodies if isinstance(body, bytes)]))
    for file, body in zip(files, bodies, strict=True):
        if isinstance(body, bytes):
            said = description(next(found), url, now=datetime.now(UTC))
        else:
            said = description(NotAnArticle(Reason.NO_ARTICLE), url, now=datetime.now(UTC)) | {"error": body}
        yield said | {"file": str(file)}


def _body(file: Path) -> bytes | str:
    """The file's bytes, though no more than it takes to see that they are too many; or why there is no page in it."""
    try:
        with file.open("rb") as opened:
            body = opened.read(MAX_BODY + 1)
        return body if is_html("", body) else f"{Reason.NOT_HTML}: a page begins with `<`"
    except OSError as error:
        return error.strerror or str(error)
    except ValueError as error:  # a name that no file can have
        return str(error)
