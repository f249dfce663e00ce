"""What a quiet run costs: an ingest of 100 feeds that answer 304, against an empty flow, in CPU seconds.

Usage: python -m benchmarks.quiet [FEEDS] [TIMES]      (default: 100 and 5)

Both are runs of deployments, in turns: the empty flow as Prefect deploys one by itself, the ingest as prefect.yaml
says. A real worker executes them, and all processes count that it starts for a run, user and system time. Then the
engine's process alone, `python -m prefect.engine` with the same variables for both: that is what our own code adds. The
best of several counts. Our own code is compiled before, as Python does it by itself where it may. At last it looks
whether heavy libraries were imported.
"""

import compileall
import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import yaml
from prefect.client.orchestration import SyncPrefectClient
from prefect.states import Pending

from tasks.prepare import make_pool
from technews.engine_settings import POOL, PREFECT, server_answers, service_environment
from technews.process_tree import end_marked
from technews.settings import read_settings

HEAVY = ("great_expectations", "trafilatura", "pandas")
EMPTY = "from prefect import flow\n\n\n@flow\ndef empty():\n    return 1\n"
BODY = b"<rss version='2.0'><channel><title>t</title></channel></rss>"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """A feed without entries, or that nothing is new."""
        known = self.headers.get("If-None-Match") == '"1"'
        self.send_response(304 if known else 200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", "0" if known else str(len(BODY)))
        self.end_headers()
        if not known:
            self.wfile.write(BODY)


def deployed(
    client: SyncPrefectClient,
    folder: Path,
    entrypoint: str,
    parameters: dict[str, object],
    job_variables: dict[str, object],
) -> UUID:
    """A deployment of this flow, as `prefect deploy` makes one from a local folder."""
    name = entrypoint.rpartition(":")[2]
    return client.create_deployment(
        client.create_flow_from_name(name),
        f"{name}-measured",
        path=str(folder),
        entrypoint=entrypoint,
        parameters=parameters,
        work_pool_name=POOL,
        job_variables=job_variables,
        pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": str(folder)}}],
    )


def cpu_of(client: SyncPrefectClient, deployment: UUID, environment: dict[str, str], *python: str) -> tuple[float, str]:
    """CPU seconds of the engine's process alone for a run of this deployment, and what it wrote to stderr."""
    run = client.create_flow_run_from_deployment(deployment, state=Pending())  # not the worker's
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, *python, "-m", "prefect.engine"],
        env={**environment, "PREFECT__FLOW_RUN_ID": str(run.id)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    demand_completed(client, run.id, done.stderr)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stderr


def cpu_at_worker(client: SyncPrefectClient, deployment: UUID, worker: int) -> float:
    """CPU seconds of all that the worker starts for a run of this deployment."""
    before = cpu_of_ended_children(worker)
    run = client.create_flow_run_from_deployment(deployment)
    while not ((state := client.read_flow_run(run.id).state) and state.is_final()):
        time.sleep(0.5)
    while Path(f"/proc/{worker}/task/{worker}/children").read_text():
        time.sleep(0.1)
    demand_completed(client, run.id)
    return cpu_of_ended_children(worker) - before


def cpu_of_ended_children(pid: int) -> float:
    """User and system seconds of the process's children that have ended, and of theirs (proc_pid_stat(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def demand_completed(client: SyncPrefectClient, run_id: UUID, said: str = "") -> None:
    """Ends the measurement where the run came to no good end."""
    state = client.read_flow_run(run_id).state
    if state is None or not state.is_completed():
        sys.exit(f"the run ended as {state}\n{said}")


def main() -> None:
    """Prints the figures and the ratio."""
    for package in ("flows", "tasks", "technews"):
        compileall.compile_dir(package, quiet=1)
    feeds, times = (int(n) for n in (sys.argv[1:] or ["100", "5"]))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        config = Path(folder) / "config"
        config.mkdir()
        (config / "feeds.toml").write_text(
            "".join(
                f'[[feed]]\nid = "f{n}"\nurl = "http://{host}/{n}"\ntitle = "F"\nlanguage = "en"\ncountry = "US"\n'
                f'timezone = "UTC"\n'
                for n in range(feeds)
            )
        )
        for name in ("topics", "entities.toml"):
            (config / name).symlink_to(Path.cwd() / "config" / name)
        settings = read_settings({"TECHNEWS_HOME": f"{folder}/home", "TECHNEWS_SERVER_PORT": str(port)})
        mine = {"TECHNEWS_CONFIG": str(config), "TECHNEWS_ALLOW_HOSTS": host, "TECHNEWS_HOST_PAUSE": "0"}
        job = yaml.safe_load(Path("prefect.yaml").read_text())["definitions"]["pool"]["job_variables"]
        environment = service_environment(settings, {**os.environ, **mine})
        engine = subprocess.Popen(
            [PREFECT, "server", "start", "--port", str(port)],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            while not server_answers(port):
                time.sleep(0.5)
            with SyncPrefectClient(environment["PREFECT_API_URL"]) as client:
                make_pool(client)
                (Path(folder) / "empty.py").write_text(EMPTY)
                empty = deployed(client, Path(folder), "empty.py:empty", {}, {})
                quiet = deployed(client, Path.cwd(), "flows.ingest:ingest", {"force": True}, job)
                worker = subprocess.Popen(
                    [PREFECT, "worker", "start", "--pool", POOL],
                    env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
                cpu_at_worker(client, quiet, worker.pid)  # the first answers are 200
                both = (empty, quiet)
                whole = [tuple(cpu_at_worker(client, each, worker.pid) for each in both) for _ in range(times)]
                worker.terminate()
                worker.wait()
                variables = environment | job["env"]
                alone = [tuple(cpu_of(client, each, variables)[0] for each in both) for _ in range(times)]
                imported = cpu_of(client, quiet, variables, "-X", "importtime")[1]
        finally:
            end_marked(str(settings.home), grace=10)
            engine.wait()
    for name, pairs in (("as a worker runs it", whole), ("the engine's process alone", alone)):
        floor, spent = (min(each) for each in zip(*pairs, strict=True))
        words = f"empty flow {floor:.2f} s, quiet ingest of {feeds} feeds {spent:.2f} s"
        print(f"{name}: {words}: ratio {spent / floor:.2f}")
    heavy = [name for name in HEAVY if re.search(rf"\| +{name}$", imported, re.MULTILINE)]
    print(f"imported of {', '.join(HEAVY)}: {', '.join(heavy) or 'none'}")


if __name__ == "__main__":
    main()
