"""show: what a replay changes, as an artifact of the engine."""

from tasks.step import in_flow_run
from technews.replay_words import in_markdown
from technews.replaying import Findings


def show_differences(findings: Findings) -> None:
    """Leaves the artifact `differences`; outside of a flow run there is nobody to look at it."""
    if not in_flow_run():
        return
    from prefect.artifacts import create_markdown_artifact  # noqa: PLC0415 -- the engine runs already

    create_markdown_artifact(
        in_markdown(findings), key="differences", description="what today's rules decide otherwise"
    )
