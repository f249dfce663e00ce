"""What is finished and waits to be collected; whoever starts more asks `has_room` first, by number and by bytes."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

MAX_WAITING: Final = 100
MAX_WAITING_BYTES: Final = 64 * 1024 * 1024

_Item = TypeVar("_Item")


@dataclass(slots=True)
class Outbox(Generic[_Item]):
    """Finished items in their order. `open` counts what was asked for and not yet handed out, `size` waiting bytes.

    `wanted` is for how many items, or for how many bytes, somebody waits.
    """

    items: deque[tuple[_Item, int]] = field(default_factory=deque)
    size: int = 0
    open: int = 0
    wanted: tuple[int, int] = (1, 1)

    def put(self, item: _Item, size: int) -> None:
        """Adds an item of `size` bytes."""
        self.items.append((item, size))
        self.size += size

    def take(self) -> tuple[_Item, int]:
        """Hands out the oldest item and its size."""
        item, size = self.items.popleft()
        self.size -= size
        self.open -= 1
        return item, size

    @property
    def has_wanted(self) -> bool:
        """Whether as much is there as somebody waits for, or all that there will be."""
        items, size = self.wanted
        return len(self.items) >= min(items, self.open) or self.size >= size

    def has_room(self, coming: int) -> bool:
        """Whether another item may be started while `coming` are on their way."""
        return len(self.items) + coming < MAX_WAITING and self.size < MAX_WAITING_BYTES
