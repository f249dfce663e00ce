"""Fences: imports point one way, heavy libraries stay where they belong, quick commands load nothing heavy."""

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from technews import PROJECT_ROOT
from technews.extraction import Extraction, NotAnArticle, extract
from technews.records import Reason

HEAVY = {"prefect", "great_expectations", "duckdb", "pandas", "httpx", "httpcore", "rich"}
# Which modules of technews/ alone may name a library.
HOMES = {
    "prefect": set(),
    "duckdb": {"warehouse"},
    "great_expectations": {"validation"},
    "pandas": {"validation"},
    "httpx": {"web"},
    "httpcore": {"web"},
    "feedparser": {"feed_xml"},
}
PAGE = b"<html lang=en><title>A title</title><article>" + b"<p>A paragraph that is long enough to count.</p>" * 9


def imports(path: Path) -> Iterator[str]:
    """The modules that a file names in imports, those inside functions and for type checkers too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where they point"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules(folder: str) -> list[Path]:
    """The Python files of a folder of the project."""
    return sorted((PROJECT_ROOT / folder).glob("**/*.py"))


@pytest.mark.parametrize(
    ("place", "line", "refused"),
    [
        ("technews/ledger.py", "import prefect", True),
        ("technews/ledger.py", "from prefect.states import Completed", True),
        ("technews/ledger.py", "import duckdb", True),
        ("technews/ledger.py", "import httpx", True),
        ("technews/ledger.py", "from httpcore import Request", True),
        ("technews/ledger.py", "import great_expectations as gx", True),
        ("technews/new_module.py", "def f():\n    import prefect", True),
        ("technews/warehouse.py", "import duckdb", False),
        ("technews/web.py", "import httpx", False),
        ("technews/validation.py", "import great_expectations as gx", False),
        ("tasks/new_task.py", "import prefect", False),
        ("flows/new_flow.py", "import prefect", False),
    ],
)
def test_the_linter_holds_the_fence(place: str, line: str, refused: bool) -> None:
    """`make lint` refuses an engine, a database, a client or a suite outside of its module (TID251)."""
    ruff = Path(sys.executable).with_name("ruff")
    options = ["--no-cache", "--select", "TID251", "--output-format", "json", "--stdin-filename", place]
    done = subprocess.run(
        [ruff, "check", *options, "-"], input=line.encode(), cwd=PROJECT_ROOT, capture_output=True, check=False
    )
    assert [found["code"] for found in json.loads(done.stdout)] == ["TID251"] * refused


@pytest.mark.parametrize("library", HOMES)
def test_each_library_is_named_in_its_modules_alone(library: str) -> None:
    """So that one module has to change when a library does; the linter's fence has a gate for each whole module."""
    named = {p.stem for p in modules("technews") if library in {name.split(".")[0] for name in imports(p)}}
    assert named <= HOMES[library]


def test_imports_point_one_way() -> None:
    """flows → tasks → technews; the command line alone starts a flow; no step knows another."""
    ours = {"flows", "tasks", "technews", "demo", "tests"}
    allowed = {"technews": {"technews"}, "tasks": {"tasks", "technews"}, "flows": {"tasks", "technews"}}
    for folder, may in allowed.items():
        for path in modules(folder):
            named = {name.split(".")[0] for name in imports(path)} & ours
            gate = {"flows"} if path == PROJECT_ROOT / "technews" / "cli.py" else set()
            assert named <= may | gate, path
    shared = {"step", "engine"}  # what steps are made of
    for path in modules("tasks"):
        others = {name.split(".")[1] for name in imports(path) if name.startswith("tasks.")}
        assert others <= shared, path


def test_steps_and_flows_stay_thin() -> None:
    """No parsing, SQL or HTTP in flows and tasks: what a step knows is a module of technews."""
    outside = {"duckdb", "httpx", "httpcore", "feedparser", "trafilatura", "lxml", "pandas", "great_expectations"}
    for path in modules("flows") + modules("tasks"):
        assert not outside & {name.split(".")[0] for name in imports(path)}, path


def loaded_by(*arguments: str, stdin: bytes = b"") -> set[str]:
    """The modules that a process has loaded when this command ends."""
    script = (
        "import sys\n"
        "from technews import cli\n"
        "try:\n    cli.main()\n"
        "finally:\n    sys.stderr.write('\\nloaded: ' + ' '.join(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        input=stdin,
        cwd=PROJECT_ROOT,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return set(done.stderr.decode().rpartition("loaded: ")[2].split())


def heavy(names: set[str]) -> set[str]:
    """The heavy libraries among these modules."""
    return {name.split(".")[0] for name in names} & HEAVY


def test_help_loads_nothing_heavy() -> None:
    """Help and bad usage answer at once: neither engine, database, suite, client nor extraction is loaded."""
    names = loaded_by("--help")
    assert not heavy(names)
    assert not {name.split(".")[0] for name in names} & {"trafilatura", "lxml", "pebble", "pydantic", "ahocorasick_rs"}


def test_clean_loads_nothing_heavy(tmp_path: Path) -> None:
    """`clean` needs neither engine, database nor suite, and leaves extraction to its workers."""
    (tmp_path / "page.html").write_bytes(PAGE)
    assert not heavy(loaded_by("clean", str(tmp_path / "page.html")))


def test_classify_loads_nothing_heavy() -> None:
    """`classify` needs the rules and nothing else."""
    names = loaded_by("classify", stdin=b'{"id": 1, "title": "Apple takes Qwen for AI in China"}\n')
    assert not heavy(names)
    assert not {name.split(".")[0] for name in names} & {"trafilatura", "lxml", "pebble"}


def test_a_dry_run_loads_no_suite(environment: pytest.MonkeyPatch, home_copy: Path, tmp_path: Path) -> None:
    """`replay --dry-run` judges, and validates nothing: the suite, which takes longest to load, stays out."""
    config = shutil.copytree(PROJECT_ROOT / "config", tmp_path / "config")
    with (config / "topics" / "apple-china-ai.toml").open("a") as topic:
        topic.write("# Other bytes are other rules: all is judged again, and what was kept is kept again.\n")
    environment.setenv("TECHNEWS_CONFIG", str(config))
    names = loaded_by("replay", "--dry-run", "--home", str(home_copy))
    assert {"duckdb", "ahocorasick_rs"} <= names  # articles were judged
    assert heavy(names) & {"great_expectations", "pandas"} == set()


def test_the_database_does_not_load_pandas(tmp_path: Path) -> None:
    """DuckDB would, at its first parameter; a quiet run stays light, and pandas works where it is asked for later."""
    script = (
        "import sys\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
        "from technews.warehouse import Warehouse\n"
        "with Warehouse(Path(sys.argv[1])) as store:\n"
        "    store.migrate(datetime.now(UTC))\n"
        "    given = {'a': None, 'b': datetime.now(UTC), 'c': [{'x': None}]}\n"
        "    store.query('SELECT $a, $b, $c', given)\n"
        "    assert 'pandas' not in sys.modules\n"
        "    import pandas\n"
        "    assert pandas.isna(pandas.NaT) and len(pandas.DataFrame([1, 2])) == 2\n"
        "    store.query('SELECT $a, $b, $c', given)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "a.duckdb"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def modules_after_cleaning(body: bytes, content_type: str | None, url: str | None) -> Extraction | NotAnArticle:
    """Cleans a page as a worker does, and answers what the worker has loaded by then."""
    extract(body, content_type, url)
    return NotAnArticle(Reason.NO_ARTICLE, " ".join(sys.modules))


def test_a_worker_loads_nothing_heavy() -> None:
    """A worker of the pool starts within a moment, even when its parent has the engine loaded."""
    from technews.workers import Cleaners

    with Cleaners(clean=modules_after_cleaning, workers=1) as cleaners:
        (answer,) = cleaners.clean_all([(PAGE, "text/html", None)])
    assert isinstance(answer, NotAnArticle)
    names = set(answer.detail.split())
    assert "trafilatura" in names  # it did clean
    assert not heavy(names)


@pytest.fixture(scope="module")
def deployments() -> list[dict]:
    """The deployments of prefect.yaml."""
    return yaml.safe_load((PROJECT_ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]


def test_every_flow_has_a_deployment(deployments: list[dict]) -> None:
    """One file is one flow is one deployment of the same name, so that none is forgotten and none doubled."""
    flows = {path.stem for path in modules("flows")} - {"__init__"}
    assert sorted(deployment["name"] for deployment in deployments) == sorted(flows)
    for deployment in deployments:
        assert deployment["entrypoint"] == f"flows.{deployment['name']}:{deployment['name']}"


def test_schedules_survive_a_redeploy(deployments: list[dict]) -> None:
    """Each schedule has a slug, else a redeploy doubles it, and no `active`, else it wakes what an operator paused."""
    slugs = [schedule["slug"] for deployment in deployments for schedule in deployment["schedules"]]
    assert slugs
    assert all(slugs)
    assert not any("active" in schedule for deployment in deployments for schedule in deployment["schedules"])
    intervals = [schedule.get("interval", 3600) for deployment in deployments for schedule in deployment["schedules"]]
    assert all(60 <= seconds <= 86_400 for seconds in intervals)


def test_deployments_send_nothing_home_and_stream_nothing(deployments: list[dict]) -> None:
    """Telemetry is off, and no flow dies with its worker at its next line of output."""
    for deployment in deployments:
        variables = deployment["work_pool"]["job_variables"]
        assert variables["stream_output"] is False
        assert variables["command"] == "python -m prefect.engine"  # else another process comes first
        assert variables["env"]["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
        assert variables["env"]["DO_NOT_TRACK"] == "1"
        assert variables["env"]["GX_ANALYTICS_ENABLED"] == "false"


def test_every_entrypoint_loads(deployments: list[dict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`prefect deploy` silently puts a placeholder for a flow that it cannot import; here it is really imported."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    from prefect.flows import load_flow_from_entrypoint

    for deployment in deployments:
        flow = load_flow_from_entrypoint(deployment["entrypoint"], use_placeholder_flow=False)
        assert flow.name == deployment["name"]
        assert set(deployment.get("parameters", {})) <= set(flow.parameters.properties)
