"""The real feeds that lie beside the project: their index files, and the documents as they were served."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[2] / "shared" / "data"


def stored(path: str) -> bytes:
    """The bytes of a stored document."""
    body = (SHARED / path).read_bytes()
    return gzip.decompress(body) if path.endswith(".gz") else body


def lines(name: str) -> Iterator[dict[str, Any]]:
    """The lines of an index; skips the test where the folder is missing."""
    file = SHARED / "feeds" / name
    if not file.exists():
        pytest.skip("real feeds are not stored beside this checkout")
    with file.open(encoding="utf-8") as source:
        yield from map(json.loads, source)
