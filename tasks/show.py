"""show: how far a long run is, as a progress bar among the engine's artifacts; what a replay changes, as a table."""

from types import TracebackType
from typing import Any, Self

from tasks.step import in_flow_run
from technews.replay_words import in_markdown
from technews.replaying import Findings


class Gauge:
    """The artifact `progress`, made with the first batch; outside of a flow run there is nobody to look at it."""

    def __init__(self) -> None:
        """Shows nothing yet."""
        self._artifact: Any = None

    def __enter__(self) -> Self:
        """The gauge."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Stands at the end where the run came to its end."""
        if self._artifact and error is None:
            self.show(1.0, "done")

    def show(self, share: float, words: str) -> None:
        """`share` is from 0 to 1; `words` say the same for people."""
        if not in_flow_run():
            return
        from prefect.artifacts import create_progress_artifact, update_progress_artifact  # noqa: PLC0415 -- the engine runs already

        percent = round(100 * share, 1)
        if self._artifact is None:
            self._artifact = create_progress_artifact(percent, key="progress", description=words)
        else:
            update_progress_artifact(self._artifact, percent, description=words)


def show_differences(findings: Findings) -> None:
    """Leaves the artifact `differences`; outside of a flow run there is nobody to look at it."""
    if not in_flow_run():
        return
    from prefect.artifacts import create_markdown_artifact  # noqa: PLC0415 -- the engine runs already

    create_markdown_artifact(
        in_markdown(findings), key="differences", description="what today's rules decide otherwise"
    )
