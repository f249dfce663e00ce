"""The flow in the real engine: one server and one worker for all of these tests, in homes of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from web_site import OFF_TOPIC, ON_TOPIC, Site, feeds_toml

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Engine:
    """A running server: what a command needs in its environment, and questions to its API."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.port = free_port()
        self.api = f"http://127.0.0.1:{self.port}/api"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "TECHNEWS_"))},
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "TECHNEWS_SERVER_PORT": str(self.port),
            "TECHNEWS_HOME": str(folder / "home"),
            "TECHNEWS_ALLOW_HOSTS": site.host,
            "TECHNEWS_HOST_PAUSE": "0",
        }
        (folder / "prefect").mkdir()
        self.folder, self.site = folder, site
        self.server = subprocess.Popen(
            [BIN / "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(self.port)],
            env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                if self.ask("health", method="GET") is True:
                    return
            except OSError:
                time.sleep(0.3)
        raise TimeoutError("the server does not answer")

    def ask(self, path: str, body: dict | None = None, method: str = "POST"):
        """One question to the server's API."""
        data = json.dumps(body or {}).encode() if method != "GET" else None
        request = urllib.request.Request(
            f"{self.api}/{path}", data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else None

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
        return self.ask("flow_runs/filter", {"sort": "START_TIME_DESC", "limit": 1})[0]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """A server, a site, and a home."""
    with Site() as site:
        engine = Engine(tmp_path_factory.mktemp("engine"), site)
        yield engine
        os.killpg(engine.server.pid, signal.SIGTERM)
        engine.server.wait(20)


def test_a_run_from_the_command_line_shows_in_the_ui(engine):
    """With names, tags and the two artifacts, in which text from the web does nothing."""
    hostile = "Apple, Alibaba, AI [in](javascript:alert(1)) China <img src=x onerror=alert(1)> | x"
    pages = [engine.site.article("/kept", hostile, *ON_TOPIC), engine.site.article("/dropped", "Ferries", *OFF_TOPIC)]
    done = engine.command("technews", "run", "--json", "--feeds", engine.feeds(a=engine.site.feed("/a", *pages)))
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["outcomes"]["loaded"], report["reconciled"]) == (1, True)

    run = engine.last_run()
    assert (run["state_type"], run["state_name"]) == ("COMPLETED", "Completed")
    tasks = engine.ask("task_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
    assert {task["name"].split(":")[0] for task in tasks} == {
        "poll", "download", "clean", "filter", "annotate", "validate", "load", "reconcile", "publish", "tell",
    }  # fmt: skip
    assert all(task["tags"] and task["state_type"] == "COMPLETED" for task in tasks)
    artifacts = {
        a["key"]: a["data"]
        for a in engine.ask("artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
    }
    assert artifacts.keys() == {"funnel", "kept"}
    assert "1 off\\_topic" in artifacts["funnel"]
    assert "javascript\\:alert" in artifacts["kept"]
    assert "<img" not in artifacts["kept"].replace("\\<", "")


def test_a_run_with_all_feeds_down_is_completed_as_degraded(engine):
    """It can be told from a good one at a glance; the command still ends with 0."""
    done = engine.command("technews", "run", "--feeds", engine.feeds(a=f"http://127.0.0.1:{free_port()}/feed"))
    assert done.returncode == 0, done.stderr
    assert "degraded" in done.stdout
    run = engine.last_run()
    assert (run["state_type"], run["state_name"]) == ("COMPLETED", "Degraded")


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
    victim.kill()
    victim.wait()
    done = engine.command("technews", "run", "--feeds", engine.feeds(a=engine.site.feed("/empty")))
    assert done.returncode == 0, done.stderr
    assert engine.ask(f"flow_runs/{killed['id']}", method="GET")["state_type"] == "CRASHED"
    rows = json.loads(
        engine.command("technews", "sql", "--json", "SELECT status FROM runs ORDER BY started_at DESC LIMIT 2").stdout
    )
    assert [row["status"] for row in rows] == ["completed", "crashed"]


def test_the_deployment_runs_from_the_worker(engine):
    """Deployed without questions, twice without doubling or waking anything; the worker runs it by its module."""
    more = {"PREFECT_API_URL": engine.api}
    assert engine.command("prefect", "work-pool", "create", "technews", "--type", "process", **more).returncode == 0
    for _ in range(2):
        deployed = engine.command("prefect", "--no-prompt", "deploy", "--all", **more)
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        (deployment,) = engine.ask("deployments/filter")
        (schedule,) = deployment["schedules"]
        assert schedule["schedule"]["interval"] == 600
        if _ == 0:
            assert schedule["active"]
            engine.ask(f"deployments/{deployment['id']}/schedules/{schedule['id']}", {"active": False}, "PATCH")
    assert not schedule["active"], "a redeploy wakes nothing that an operator paused"
    feeds = engine.feeds(a=engine.site.feed("/worker", engine.site.on_topic("by-the-worker")))
    run = engine.ask(
        f"deployments/{deployment['id']}/create_flow_run", {"parameters": {"feeds": str(feeds), "force": True}}
    )
    worker = engine.command("prefect", "worker", "start", "--pool", "technews", "--limit", "1", "--run-once", **more)
    assert worker.returncode == 0, worker.stderr
    deadline = time.monotonic() + 120
    while (state := engine.ask(f"flow_runs/{run['id']}", method="GET"))["state_type"] not in (
        "COMPLETED",
        "FAILED",
        "CRASHED",
    ):
        assert time.monotonic() < deadline, state["state_type"]
        time.sleep(0.5)
    assert state["state_type"] == "COMPLETED", state["state"]
    found = json.loads(engine.command("technews", "sql", "--json", "SELECT count(*) AS n FROM articles").stdout)
    assert found == [{"n": 2}]
