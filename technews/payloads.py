"""The whole of a row that failed validation, as JSON: what quarantine keeps and a release reads back."""

from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

from technews.records import Judged, sound_text

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def to_payload(judged: Judged) -> str:
    """The row as JSON; a text that is no sound Unicode loses only its unsound characters."""
    adapter = _adapter()
    try:
        return adapter.dump_json(judged).decode()
    except ValueError:  # a lone surrogate: perhaps the very reason why the row is set aside
        return adapter.dump_json(adapter.validate_python(_sound(adapter.dump_python(judged)))).decode()


def from_payload(payload: str) -> Judged:
    """The row that `to_payload` wrote. Raises ValueError where the payload is no such row."""
    return _adapter().validate_json(payload)


def _sound(value: Any) -> Any:  # noqa: ANN401 -- whatever a record is made of
    if isinstance(value, str) and not isinstance(value, Enum):
        return sound_text(value)
    if isinstance(value, Mapping):
        return {_sound(key): _sound(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_sound(item) for item in value]
    return value


@cache
def _adapter() -> "TypeAdapter[Judged]":
    from pydantic import TypeAdapter  # noqa: PLC0415 -- only quarantine needs it, and it costs start-up time

    return TypeAdapter(Judged)
