"""The whole of a row that failed validation, as JSON: what quarantine keeps and a release reads back."""

from functools import cache
from typing import TYPE_CHECKING

from technews.records import Judged

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def to_payload(judged: Judged) -> str:
    """The row as JSON; a text that is no sound Unicode loses only the unsound characters."""
    return _adapter().dump_json(judged).decode("utf-8", "replace")


def from_payload(payload: str) -> Judged:
    """The row that `to_payload` wrote. Raises ValueError where the payload is no such row."""
    return _adapter().validate_json(payload)


@cache
def _adapter() -> "TypeAdapter[Judged]":
    from pydantic import TypeAdapter  # noqa: PLC0415 -- only quarantine needs it, and it costs start-up time

    return TypeAdapter(Judged)
