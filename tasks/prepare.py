"""What `technews up` does between server and worker: pool, deployments, automations, dead runs, a first ingest.

Doing it again changes nothing: what an operator paused or switched off stays so, and no schedule is doubled.
"""

import json
import os
import subprocess
import tomllib
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from tempfile import NamedTemporaryFile
from typing import Any, Final, cast

import yaml  # type: ignore[import-untyped]  # Prefect, whose file it reads, brings it; it has no types
from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType, WorkPool
from prefect.events.schemas.automations import AutomationCore
from prefect.exceptions import ObjectNotFound
from prefect.types import SecretDict
from prefect.workers.process import ProcessWorker
from pydantic import SecretStr

from tasks.engine import write_off
from technews import PROJECT_ROOT
from technews.engine_settings import POOL, PREFECT
from technews.settings import Settings, read_settings

_SOON: Final = timedelta(seconds=60)
AUTOMATIONS: Final = PROJECT_ROOT / "automations.toml"
WEBHOOK: Final = "technews-alerts"  # the name of the block that holds the webhook's address


def prepare(settings: Settings) -> None:
    """All of it, in an order in which nothing starts before the dead are written off.

    The worker may start from then on; where the deployments are there already, it has its first ingest sooner.
    """
    with get_client(sync_client=True) as client:
        make_pool(client)
        write_off(set(), settings)
        asked = ask_for_ingest(client)
        settings.pool_is_ready.touch()
        if asked:
            os.nice(10)  # all that follows is there already; worker and ingest, which start beside it, matter more
        deploy({deployment.name for deployment in client.read_deployments() if deployment.paused})
        apply_automations(client, settings)
        if not asked:
            ask_for_ingest(client)


def make_pool(client: SyncPrefectClient) -> WorkPool:
    """The work pool, made where it is missing; one that an operator paused stays paused."""
    try:
        return client.read_work_pool(POOL)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        return client.create_work_pool(WorkPoolCreate(name=POOL, type=ProcessWorker.type, base_job_template=template))


def deploy(paused: Collection[str]) -> None:
    """Applies `prefect.yaml`, without questions; the deployments of these names stay paused.

    That is told with the rest, since deploying wakes what is not called paused: to pause it again afterwards would
    leave a moment in which it is awake, and wake it for good where the preparation is killed in that moment.
    """
    declared = yaml.safe_load((PROJECT_ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    for deployment in declared["deployments"]:
        deployment["paused"] = deployment["name"] in paused
    with NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        yaml.safe_dump(declared, file)
        file.flush()
        command = [PREFECT, "--no-prompt", "deploy", "--all", "--prefect-file", file.name]
        subprocess.run(command, cwd=PROJECT_ROOT, check=True)  # noqa: S603 -- our own


def apply_automations(client: SyncPrefectClient, settings: Settings) -> None:
    """Applies `automations.toml` by name. Without a webhook, those that need one are removed."""
    values = {
        "$INGEST": str(client.read_deployment_by_name("ingest/ingest").id),
        '"$STALE_SECONDS"': str(settings.stale_after.total_seconds()),  # with its quotes: in JSON this is a number
    }
    if settings.alert_webhook:
        block = Webhook(url=SecretStr(settings.alert_webhook), headers=SecretDict({"Content-Type": "application/json"}))
        values["$WEBHOOK"] = str(block.save(WEBHOOK, overwrite=True))
    for declared in tomllib.loads(AUTOMATIONS.read_text(encoding="utf-8"))["automation"]:
        apply_automation(client, filled_in(declared, values))


def filled_in(declared: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    """A declared automation with its placeholders filled in; one whose value is missing stays as it is."""
    text = json.dumps(declared)
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    filled: dict[str, Any] = json.loads(text)
    return filled


def apply_automation(client: SyncPrefectClient, declared: dict[str, Any]) -> None:
    """Creates it or brings it up to date; removes it where its webhook is not set."""
    there = client.read_automations_by_name(declared["name"])
    if "$WEBHOOK" in json.dumps(declared):
        for old in there:
            client.delete_automation(old.id)
        return
    wanted = AutomationCore.model_validate({**declared, "enabled": there[0].enabled if there else True})
    if there:
        client.update_automation(there[0].id, wanted)
    else:
        client.create_automation(wanted)


def ask_for_ingest(client: SyncPrefectClient) -> bool:
    """Asks for an ingest now, so that nobody waits for the schedule after a start; not where an operator paused it.

    Returns whether there is a deployment to ask.
    """
    try:
        deployment = client.read_deployment_by_name("ingest/ingest")
    except ObjectNotFound:
        return False
    if not deployment.paused and any(schedule.active for schedule in deployment.schedules):
        waiting = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id])),
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
                expected_start_time=FlowRunFilterExpectedStartTime(before_=cast("Any", datetime.now(UTC) + _SOON)),
            ),
        )
        if not waiting:
            client.create_flow_run_from_deployment(deployment.id)
    return True


if __name__ == "__main__":
    prepare(read_settings())
