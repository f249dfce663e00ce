"""validate: on-topic articles are held against the suite; a row that breaks a rule is set aside whole."""

from collections.abc import Sequence

from tasks.step import step
from technews.quarantine import checked
from technews.records import Judged, Rejection, on_topic
from technews.run_parts import RunParts
from technews.tables import counted


@step(
    lambda _, judged: f"validate: {counted(n, 'row')}" if (n := sum(map(on_topic, judged))) else None,
    tags=("validate",),
    timeout=600,
)
def validate(run: RunParts, judged: Sequence[Judged | Rejection]) -> list[Judged | Rejection]:
    """The same items, with each row that is not valid as a rejection to quarantine; the others are not held up."""
    relevant = [item for item in judged if on_topic(item)]
    if not relevant:
        return list(judged)  # a quiet run does not even import the suite
    suite = run.suite  # made once, here: a suite that cannot be made fails the run, not row after row
    verdicts = iter(checked(suite.check, relevant))
    held = [next(verdicts) if on_topic(item) else item for item in judged]
    run.validated += len(relevant)
    kept = sum(map(on_topic, held))
    run.say(f"validate: {kept} of {counted(len(relevant), 'row')} kept the rules")
    return held
