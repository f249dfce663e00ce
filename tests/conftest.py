"""What several tests share: a home filled by one ingest, and the command line run as a user runs it."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

import pytest
from web_site import Site

from technews import PROJECT_ROOT, cli
from technews.relevance import Judge
from technews.rules import Rules
from technews.workers import Cleaners

COMMAND = Path(sys.executable).with_name("technews")
GOOD_FEED = """[[feed]]
id = "octet"
url = "https://octet.example/flux"
title = "Octet"
language = "fr"
country = "FR"
timezone = "Europe/Paris"
"""


# Begun last, such a file would run alone at the end; the engine's waits most, so it goes first.
LONGEST = (
    "engine", "ingest", "stopping", "backfill", "crashes", "backfill_crashes", "replay", "guides", "cli", "feed_lies",
    "poison", "quarantine_commands", "moving_links", "look_ahead_runs", "download_runs", "look_ahead", "details", "run_command",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; the others as they come."""
    at = {f"test_{name}": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: at.get(item.path.stem, len(at)))


@dataclass(frozen=True)
class Answer:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


def assert_refused(answer: Answer, code: int, *words: str) -> None:
    """One line on stderr with these words, nothing on stdout, no traceback."""
    assert answer.code == code, answer.err
    assert answer.err.startswith("technews: "), answer.err
    assert answer.err.count("\n") == 1, answer.err
    assert answer.out == ""
    for word in words:
        assert word in answer.err


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file, link and folder below a folder, by what it holds."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else "folder"
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after one ingest, without the engine, over the first edition of the demo newsroom. Read it only.

    Beside the warehouse lies `feeds.toml`, the feeds that were read. `home_copy` is for whoever changes something.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # the processes of one test run share the home
        folder = folder.parent
    home, done = folder / "filled" / "home", folder / "filled" / "done"
    with (folder / "filled.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _fill(home)
            done.touch()
    return home


def _fill(home: Path) -> None:
    from demo.newsroom import Newsroom

    engine = home.with_name("prefect")
    engine.mkdir(parents=True)
    with Newsroom(0, slow=0.1) as newsroom, pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "TECHNEWS_HOME": str(home),
            "TECHNEWS_CONFIG": str(PROJECT_ROOT / "config"),
            "TECHNEWS_ALLOW_HOSTS": newsroom.allow_hosts,
            "TECHNEWS_HOST_PAUSE": "0",
            "PREFECT_HOME": str(engine),
        }.items():
            patch.setenv(name, value)
        newsroom.write_feeds(home / "feeds.toml")
        from flows.ingest import ingest

        report = ingest.fn(home / "feeds.toml", None, force=True)
    assert report.ok


@pytest.fixture
def home_copy(filled_home: Path, tmp_path: Path) -> Path:
    """A filled home of one's own."""
    return Path(shutil.copytree(filled_home, tmp_path / "home", symlinks=True))


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """No setting of ours or of the engine from outside, the project's configuration, and a home that is not there yet.

    The present folder is another one than the project's.
    """
    for name in os.environ:
        if name.startswith(("TECHNEWS_", "PREFECT_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TECHNEWS_HOME", str(tmp_path / "home"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    yield monkeypatch
    monkeypatch.undo()


@pytest.fixture
def technews(environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """The command in this process: quick, since what it imports stays."""

    def run(*arguments: object) -> Answer:
        environment.setattr(sys, "argv", ["technews", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        written = capsys.readouterr()
        return Answer(int(end.value.code or 0), written.out, written.err)

    return run


@pytest.fixture
def command(environment: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """The command as a process of its own, as a shell starts it."""

    def run(*arguments: object, stdin: bytes = b"") -> Answer:
        done = subprocess.run(
            [COMMAND, *map(str, arguments)], input=stdin, capture_output=True, timeout=120, check=False
        )
        return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture(scope="module")
def worker_pool() -> Iterator[Cleaners]:
    """One pool of workers for all runs of a file's tests."""
    with Cleaners(workers=1) as cleaners:
        yield cleaners


@pytest.fixture(scope="session")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state that is migrated and holds nothing yet: migrating takes as long as a small run."""
    from technews.warehouse import Warehouse

    path = tmp_path_factory.mktemp("state") / "technews.duckdb"
    with Warehouse(path) as state:
        state.migrate(datetime.now(UTC))
    return path


class _Kept(Rules):
    """Rules that build their judge once."""

    @cached_property
    def _judge(self) -> Judge:
        return super().judge()

    def judge(self) -> Judge:
        """The judge, as it was built before."""
        return self._judge


@pytest.fixture(scope="session")
def rules_by_content() -> Callable[[Path, Path], Rules]:
    """`Rules`, which reads files that say the same only once."""
    known: dict[tuple[tuple[str, bytes], ...], Rules] = {}

    def read(topics_dir: Path, entities: Path) -> Rules:
        files = [topics_dir.parent / entities.name, entities, *sorted(topics_dir.glob("*.toml"))]
        content = tuple((file.name, file.read_bytes()) for file in files if file.is_file())
        if content not in known:
            known[content] = _Kept(topics_dir, entities)
            _ = known[content].topics  # now: another test may change the files
        return known[content]

    return read


@pytest.fixture
def home(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    worker_pool: Cleaners,
    empty_state: Path,
    rules_by_content: Callable[[Path, Path], Rules],
) -> Path:
    """A home of its own, with a configuration of its own, for runs without the engine.

    What every run would make anew is shared: the pool of workers, the empty state, and what is read of the same rules.
    Rows are validated by the rules on title and length alone, since each rule takes its time whatever it checks.
    """
    from technews import releases, validation

    _ = releases  # which imports the suite by name: before it is replaced
    shutil.copytree(PROJECT_ROOT / "config", tmp_path / "config")
    (tmp_path / "home" / "state").mkdir(parents=True)
    shutil.copy(empty_state, tmp_path / "home" / "state")
    monkeypatch.setenv("TECHNEWS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TECHNEWS_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("TECHNEWS_HOST_PAUSE", "0")
    monkeypatch.setattr("technews.rules.Rules", rules_by_content)
    some = [rule for rule in validation.RULES if rule.column in ("title", "text")]
    monkeypatch.setattr(validation, "ArticleSuite", partial(validation.ArticleSuite, some))
    monkeypatch.setattr("technews.workers.Cleaners", lambda **_: nullcontext(worker_pool))
    return tmp_path / "home"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A web site that runs may read."""
    with Site() as site:
        monkeypatch.setenv("TECHNEWS_ALLOW_HOSTS", site.host)
        yield site
