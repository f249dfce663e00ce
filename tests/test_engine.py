"""The flows in the real engine: one `technews up` for all of these tests, in a home of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from web_site import OFF_TOPIC, ON_TOPIC, Site, feeds_toml

from technews.process_tree import MARK, marked

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Engine:
    """`technews up` in a home of its own: what a command needs in its environment, and questions to its API."""

    def __init__(self, folder: Path, site: Site, webhook: str) -> None:
        self.port = free_port()
        self.api = f"http://127.0.0.1:{self.port}/api"
        config = folder / "config"
        config.mkdir()
        (config / "feeds.toml").write_text(feeds_toml(first=site.feed("/first", site.off_topic("first-page"))))
        for name in ("topics", "entities.toml"):
            (config / name).symlink_to(ROOT / "config" / name)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "TECHNEWS_"))},
            "TECHNEWS_SERVER_PORT": str(self.port),
            "TECHNEWS_HOME": str(folder / "home"),
            "TECHNEWS_CONFIG": str(config),
            "TECHNEWS_ALLOW_HOSTS": site.host,
            "TECHNEWS_HOST_PAUSE": "0",
            "TECHNEWS_ALERT_WEBHOOK": webhook,
            "TECHNEWS_STALE_HOURS": "0.01",
        }
        self.folder, self.site, self.home = folder, site, folder / "home"
        self.says = folder / "up.txt"
        with self.says.open("wb") as says:
            self.up = subprocess.Popen(
                [BIN / "technews", "up"], env=self.environment, stderr=says, start_new_session=True
            )

    def wait_for(self, question, seconds: float = 240):
        """The first true answer; no answer at all counts as none."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(OSError):
                if answer := question():
                    return answer
            time.sleep(0.3)
        raise TimeoutError(f"not within {seconds} s")

    def ended(self, run_id: str) -> dict:
        """The run once it has ended."""
        ends = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
        return self.wait_for(
            lambda: (run := self.ask(f"flow_runs/{run_id}", method="GET"))["state_type"] in ends and run
        )

    def idle(self) -> bool:
        """Whether no run is at work or about to start."""
        states = {"flow_runs": {"state": {"type": {"any_": ["PENDING", "RUNNING"]}}}}
        soon = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
        waiting = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}, "expected_start_time": {"before_": soon}}}
        return not self.ask("flow_runs/filter", states) and not self.ask("flow_runs/filter", waiting)

    def deployed(self, name: str) -> dict:
        """A deployment by its name."""
        return self.ask(f"deployments/name/{name}/{name}", method="GET")

    def run(self, name: str, **parameters) -> dict:
        """A run of a deployment by the worker, to its end."""
        made = self.ask(f"deployments/{self.deployed(name)['id']}/create_flow_run", {"parameters": parameters})
        return self.ended(made["id"])

    def tasks(self, run: dict) -> list[dict]:
        """The task runs of a run."""
        return self.ask("task_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})

    def artifacts(self, run: dict) -> dict[str, str]:
        """The artifacts of a run by key."""
        found = self.ask("artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
        return {artifact["key"]: artifact["data"] for artifact in found}

    def logged(self, run: dict) -> list[str]:
        """The lines of a run's log."""
        wanted = {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "sort": "TIMESTAMP_ASC"}
        return [line["message"] for line in self.ask("logs/filter", wanted)]

    def ask(self, path: str, body: dict | None = None, method: str = "POST"):
        """One question to the server's API; asked again, as its own client does, while its database is busy (503)."""
        data = json.dumps(body or {}).encode() if method != "GET" else None
        request = urllib.request.Request(
            f"{self.api}/{path}", data, {"Content-Type": "application/json"}, method=method
        )
        for pause in (1, 2, 4, 8, None):
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    text = answer.read()
                return json.loads(text) if text else None
            except urllib.error.HTTPError as error:
                if error.code != 503 or pause is None:
                    raise
                time.sleep(pause)
        return None

    def command(self, *arguments: object, **more: str) -> subprocess.CompletedProcess:
        """A command in this environment."""
        return subprocess.run(
            [BIN / str(arguments[0]), *map(str, arguments[1:])],
            capture_output=True, text=True, env={**self.environment, **more}, cwd=ROOT, timeout=240, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def feeds(self, **urls: str) -> Path:
        """A feeds file."""
        path = self.folder / "feeds.toml"
        path.write_text(feeds_toml(**urls))
        return path

    def last_run(self) -> dict:
        """The flow run that started last."""
        begun = {"state": {"type": {"not_any_": ["SCHEDULED"]}}}
        return self.ask("flow_runs/filter", {"flow_runs": begun, "sort": "START_TIME_DESC", "limit": 1})[0]


class Webhook(ThreadingHTTPServer):
    """A server that keeps what it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        self.told: list[dict] = []
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_) -> None:
                return

            def do_POST(self) -> None:
                webhook.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def webhook():
    """Somebody who is told."""
    with Webhook() as server:
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def engine(tmp_path_factory, webhook):
    """`technews up` after its first ingest, with the schedule switched off, as an operator may."""
    with Site() as site:
        engine = Engine(tmp_path_factory.mktemp("engine"), site, f"http://127.0.0.1:{webhook.server_port}/alerts")
        try:
            switch_off_schedule(engine)
            over = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
            (engine.first, *_) = engine.wait_for(lambda: engine.idle() and engine.ask("flow_runs/filter", over))
            yield engine
        finally:
            engine.up.terminate()
            engine.up.wait(60)
        assert marked(str(engine.home)) == []


def switch_off_schedule(engine: Engine) -> None:
    """As an operator may in the UI, once everything is deployed."""
    engine.wait_for(lambda: len(engine.ask("automations/filter")) == 3)
    deployment = engine.wait_for(lambda: engine.deployed("ingest"))
    (schedule,) = deployment["schedules"]
    assert schedule["active"]
    engine.ask(f"deployments/{deployment['id']}/schedules/{schedule['id']}", {"active": False}, "PATCH")


def test_a_run_from_the_command_line_shows_in_the_ui(engine):
    """With names, tags and artifacts, in which text from the web does nothing; long runs show a progress bar."""
    hostile = "Apple, Alibaba, AI [in](javascript:alert(1)) China <img src=x onerror=alert(1)> | x"
    pages = [engine.site.article("/kept", hostile, *ON_TOPIC), engine.site.article("/dropped", "Ferries", *OFF_TOPIC)]
    done = engine.command("technews", "run", "--json", "--feeds", engine.feeds(a=engine.site.feed("/a", *pages)))
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["outcomes"]["loaded"], report["reconciled"]) == (1, True)

    run = engine.last_run()
    assert (run["state_type"], run["state_name"]) == ("COMPLETED", "Completed")
    tasks = engine.tasks(run)
    assert {task["name"].split(":")[0] for task in tasks} == {
        "poll", "download", "clean", "filter", "annotate", "validate", "load", "reconcile", "publish",
    }  # fmt: skip
    assert all(task["tags"] and task["state_type"] == "COMPLETED" for task in tasks)
    assert run["name"] == "2 new, 1 kept"
    artifacts = engine.artifacts(run)
    assert artifacts.keys() - {"progress"} == {"funnel", "kept", "feeds", "validation", "checks"}
    assert "1 off\\_topic" in artifacts["funnel"]
    assert "javascript\\:alert" in artifacts["kept"]
    assert "<img" not in artifacts["kept"].replace("\\<", "")


def test_a_run_with_all_feeds_down_is_completed_as_degraded(engine):
    """It can be told from a good one at a glance; the command still ends with 0. Steps without work are no tasks."""
    done = engine.command("technews", "run", "--feeds", engine.feeds(a=f"http://127.0.0.1:{free_port()}/feed"))
    assert done.returncode == 0, done.stderr
    assert "degraded" in done.stdout
    run = engine.last_run()
    assert (run["state_type"], run["state_name"]) == ("COMPLETED", "Degraded")
    assert run["name"] == "⚠ degraded · 1 feed down: no feed answers"
    names = [task["name"].split(":")[0] for task in engine.tasks(run)]
    assert sorted(names) == ["poll", "publish", "reconcile"]
    warned = {"logs": {"flow_run_id": {"any_": [run["id"]]}, "level": {"ge_": 30}}}
    assert {line["message"].split(":")[0] for line in engine.ask("logs/filter", warned)} >= {"poll", "run degraded"}


def test_while_no_feed_answers_no_run_counts_as_a_good_end(engine, webhook):
    """The alarm for silence waits for ingests that end well: it hears neither one with all feeds down nor one between.

    The engine's own trigger is asked about the events that its server recorded of such runs. An alarm that has heard no
    good end at all, as in a new home without a network, comes as any other.
    """
    from prefect.server.events.schemas.automations import EventTrigger
    from prefect.server.events.schemas.events import ReceivedEvent

    (silence,) = [each for each in engine.ask("automations/filter") if each["name"] == "technews: tell of silence"]
    trigger = EventTrigger.model_validate(silence["trigger"])
    deaf = {"trigger": silence["trigger"] | {"within": 10, "match": {"prefect.resource.id": "none"}}}
    actions = [action | {"payload": '{"text": "deaf"}'} for action in silence["actions"]]
    made = engine.ask("automations/", deaf | {"name": "deaf", "actions": actions})

    def heard(run: dict) -> bool:
        wanted = {"event": {"name": [f"prefect.flow-run.{run['state_name']}"]}}
        wanted["any_resource"] = {"id": [f"prefect.flow-run.{run['id']}"]}
        (event,) = engine.wait_for(lambda: engine.ask("events/filter", {"filter": wanted})["events"], 30)
        return trigger.covers(ReceivedEvent.model_validate(event))

    assert heard(engine.first)
    feeds = engine.feeds(a=f"http://127.0.0.1:{free_port()}/feed")
    for options in (["--force"], []):  # the second time no feed is due
        assert engine.command("technews", "run", *options, "--feeds", feeds).returncode == 0
        assert not heard(engine.last_run())
    engine.wait_for(lambda: {"text": "deaf"} in webhook.told, 60)
    engine.ask(f"automations/{made['id']}", method="DELETE")


def test_a_killed_run_is_closed_as_crashed_there_too(engine):
    """The engine leaves a run whose process was killed Running for good; the next ingest tells it."""
    engine.site.pages["/slow"] = lambda _: (time.sleep(120), (200, {}, b""))[1]
    feeds = engine.feeds(a=engine.site.base + "/slow")
    victim = subprocess.Popen([BIN / "technews", "run", "--feeds", feeds], env=engine.environment, cwd=ROOT)
    deadline = time.monotonic() + 90
    while "/slow" not in engine.site.hits and time.monotonic() < deadline:
        time.sleep(0.1)
    killed = engine.last_run()
    assert killed["state_type"] == "RUNNING"
    # While it runs: a flow in the engine that finds it there ends as Cancelled, and says who holds the lock.
    code = "from flows.ingest import ingest; s = ingest(return_state=True); print(s.type.value, s.message)"
    second = engine.command("python", "-c", code, PREFECT_API_URL=engine.api)
    assert second.stdout.startswith("CANCELLED nothing was done: ingest run"), second.stderr
    # So does one that a person stops: it is no crash, of which somebody would have to be told.
    code = (
        "import os, signal, threading; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from flows.maintain import maintain; threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start();"
        "s = maintain(return_state=True); print(s.type.value, s.message)"
    )
    stopped = engine.command("python", "-c", code, PREFECT_API_URL=engine.api)
    assert stopped.stdout.startswith("CANCELLED stopped; what was not done stays pending"), stopped.stderr
    assert engine.last_run()["state_type"] == "CANCELLED"
    victim.kill()
    victim.wait()
    done = engine.command("technews", "run", "--feeds", engine.feeds(a=engine.site.feed("/empty")))
    assert done.returncode == 0, done.stderr
    assert engine.ask(f"flow_runs/{killed['id']}", method="GET")["state_type"] == "CRASHED"
    rows = json.loads(
        engine.command("technews", "sql", "--json", "SELECT status FROM runs ORDER BY started_at DESC LIMIT 2").stdout
    )
    assert [row["status"] for row in rows] == ["completed", "crashed"]


def test_up_runs_an_ingest_by_itself_and_tells_its_story(engine):
    """The worker runs the deployment without being asked; its log is one line a step, with counts."""
    run = engine.first
    assert (run["name"], run["state_type"]) == ("1 new, 0 kept", "COMPLETED")
    lines = [
        line["message"]
        for line in engine.ask("logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "sort": "TIMESTAMP_ASC"})
    ]
    story = [line.split(":")[0] for line in lines]
    for step in ("poll", "download", "clean", "filter", "load", "run completed"):
        assert step in story, lines
    assert not any("Finished in state Completed()" in line for line in lines)
    assert engine.wait_for(lambda: " ingest completed: 1 new, 0 kept\n" in engine.says.read_text(), 30)


def test_preparing_again_changes_nothing_that_an_operator_set(engine):
    """A redeploy doubles no schedule and no automation, and wakes nothing that was paused or switched off."""
    automations = engine.ask("automations/filter")
    assert len(automations) == 3
    engine.ask(f"automations/{automations[0]['id']}", {"enabled": False}, "PATCH")
    ingest, replay = (engine.deployed(name)["id"] for name in ("ingest", "replay"))
    engine.ask(f"deployments/{replay}/pause_deployment")

    def asked_for() -> int:
        return sum(run["deployment_id"] == ingest for run in engine.ask("flow_runs/filter"))

    before = asked_for()
    done = engine.command("python", "-m", "tasks.prepare", PREFECT_API_URL=engine.api)
    assert done.returncode == 0, done.stderr
    assert [engine.deployed(name)["paused"] for name in ("ingest", "replay")] == [False, True]
    engine.ask(f"deployments/{replay}/resume_deployment")
    (schedule,) = engine.deployed("ingest")["schedules"]
    assert (schedule["schedule"]["interval"], schedule["active"]) == (600, False)
    (schedule,) = engine.deployed("maintain")["schedules"]
    assert (schedule["schedule"]["cron"], schedule["active"]) == ("15 3 * * *", True)
    again = {each["id"]: each["enabled"] for each in engine.ask("automations/filter")}
    assert again == {each["id"]: each is not automations[0] for each in automations}
    assert asked_for() <= before, "no ingest is asked for while its schedule is paused"


def test_a_failed_run_says_what_to_do_and_somebody_is_told(engine, webhook):
    """The state's message is the cure alone, and the log holds no traceback; the webhook receives it, as JSON."""
    run = engine.run("ingest", feeds=str(engine.folder / "missing.toml"))
    assert run["state_type"] == "FAILED"
    named = lambda: engine.ask(f"flow_runs/{run['id']}", method="GET")["name"].startswith("✗ failed · ")  # noqa: E731 -- a question
    assert engine.wait_for(named, 30)
    assert run["state"]["message"].startswith(f"{engine.folder / 'missing.toml'}: no such file")
    logged = lambda: engine.logged(run)[-1:] == [f"Finished in state Failed({run['state']['message']!r})"]  # noqa: E731 -- a question
    assert engine.wait_for(logged, 30)
    assert "Traceback" not in "".join(engine.logged(run))
    told = engine.wait_for(lambda: [each for each in webhook.told if "missing.toml" in each["text"]], 60)
    assert told[0]["text"].startswith("technews ingest Failed: ")
    assert run["id"] in told[0]["text"]
    said = engine.wait_for(lambda: [line for line in engine.says.read_text().splitlines() if run["id"] in line], 30)
    assert "ingest failed: " in said[0], "whoever watches the terminal sees it too"
    assert "missing.toml: no such file" in said[0]


def test_maintenance_from_the_worker(engine):
    """Compaction, all checks, and a backup, which the artifact lists."""
    run = engine.run("maintain")
    assert run["state_type"] == "COMPLETED", run["state"]
    assert run["name"] == "maintain: 0 rules broken"
    (backup,) = (engine.home / "backups").iterdir()
    artifacts = engine.artifacts(run)
    assert backup.name.replace("-", "\\-").replace(".", "\\.") in artifacts["maintenance"]
    assert "reconciled | ok" in artifacts["checks"]


def test_doctor_sees_server_and_worker(engine):
    """Both answer, each in a line of its own; where somebody killed `technews up`, doctor says what starts it."""
    lines = engine.command("technews", "doctor").stdout.splitlines()
    assert any(line.startswith("ok   server: answers") for line in lines), lines
    assert any(line.startswith("ok   worker: last heard of") for line in lines), lines


def test_somebody_is_told_of_silence(engine, webhook):
    """Where no ingest comes to a good end for TECHNEWS_STALE_HOURS, here 36 seconds: other tests pass meanwhile."""
    engine.wait_for(lambda: [each for each in webhook.told if "no ingest has come to a good end" in each["text"]], 90)


def test_nothing_is_left_when_up_itself_is_killed(engine):
    """Killed outright, it leaves no server, worker or run behind; the same home can be brought up again."""
    assert len(marked(str(engine.home))) >= 2
    os.killpg(engine.up.pid, signal.SIGKILL)
    engine.up.wait()
    engine.wait_for(lambda: not marked(str(engine.home)), 60)
    assert "FAIL server: " in engine.command("technews", "doctor").stdout


def test_a_command_without_a_server_has_one_of_its_own(engine):
    """The web being away is no failure: exit 0, run degraded and reconciled, coverage gaps, one object with --json."""
    done = engine.command("technews", "run", "--json", "--feeds", engine.feeds(away=f"http://127.0.0.1:{free_port()}/"))
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    assert run["run_id"]
    assert (run["status"], run["reconciled"]) == ("degraded", True)
    assert run["feeds"] == {"polled": 1, "not_modified": 0, "failed": 1}
    assert set(run["outcomes"]) >= {"pending", "loaded", "off_topic", "quarantined"}
    assert run["seconds"]["total"] > 0
    assert "1 of 1 feeds could not be read" in run["message"]
    assert "Traceback" not in done.stderr
    assert "Error logging" not in done.stderr  # the engine's log lines are sent before its own server ends
    gaps = "SELECT feed_id, cause FROM coverage_gaps WHERE gap_until IS NULL"
    assert engine.command("technews", "sql", gaps).stdout == "feed_id\tcause\naway\tunreachable\n"


def test_a_killed_command_leaves_no_server_behind(engine):
    """`technews run` without a server starts one of its own, which ends with it, however it ends."""
    engine.site.pages["/slow"] = lambda _: (time.sleep(120), (200, {}, b""))[1]
    before = engine.site.hits["/slow"]
    feeds = engine.feeds(a=engine.site.base + "/slow")
    victim = subprocess.Popen([BIN / "technews", "run", "--feeds", feeds], env=engine.environment, cwd=ROOT)
    engine.wait_for(lambda: engine.site.hits["/slow"] > before)
    mark = f"run-{victim.pid}-"
    assert all_marked(mark), "its own server carries its mark"
    victim.kill()
    victim.wait()
    engine.wait_for(lambda: not all_marked(mark), 30)


def all_marked(prefix: str) -> list[int]:
    """The processes whose mark begins so."""
    wanted = f"{MARK}={prefix}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if any(line.startswith(wanted) for line in path.read_bytes().split(b"\0")):
                found.append(int(path.parent.name))
    return found
