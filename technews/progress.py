"""The run's story while it runs: a bar on a terminal, plain lines elsewhere. All of it goes to stderr.

What the web wrote into a line does nothing on a terminal.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from technews.tables import cell

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class _Bar(logging.Handler):
    """Shows the latest line beside a bar of entries done; warnings stay above it."""

    def __init__(self, progress: "Progress", task: "TaskID") -> None:
        super().__init__()
        self.progress, self.task = progress, task

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            self.progress.console.print(cell(record.getMessage()), markup=False, highlight=False)
            return
        total = getattr(record, "total", None)
        self.progress.update(
            self.task,
            description=cell(record.getMessage()),
            completed=getattr(record, "done", None),
            total=total or None,
        )


class _OneLine(logging.Formatter):
    """A time of day and the message, in one line."""

    def format(self, record: logging.LogRecord) -> str:
        return cell(super().format(record))


@contextmanager
def shown() -> Iterator[None]:
    """Shows what the pipeline logs while the block runs."""
    log = logging.getLogger("technews")
    log.setLevel(logging.INFO)
    if not sys.stderr.isatty():
        handler: logging.Handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_OneLine("%(asctime)s %(message)s", "%H:%M:%S"))
        with _attached(log, handler):
            yield
        return
    from rich.console import Console  # noqa: PLC0415 -- only a terminal needs it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    with progress, _attached(log, _Bar(progress, progress.add_task("starting", total=None))):
        yield


@contextmanager
def _attached(log: logging.Logger, handler: logging.Handler) -> Iterator[None]:
    """This handler alone shows lines on the console: the engine's, behind the root logger, would repeat warnings."""
    before, log.propagate = log.propagate, False
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate = before
