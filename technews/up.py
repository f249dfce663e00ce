"""`make up`: Prefect's server, the deployments and a worker under one foreground process that restarts what dies.

Starts the server, waits until it answers, prepares it (`tasks.prepare`: pool, deployments, automations, dead runs),
then starts the worker. Ctrl-C or an end signal ends all in the opposite order; if this process is killed outright, a
watcher ends the others.
"""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from technews import PROJECT_ROOT
from technews.engine_settings import POOL, PREFECT, server_answers, server_turn, service_environment
from technews.process_tree import end_marked, nothing_left_behind
from technews.run_ends import RunEnds
from technews.settings import Settings, UsageError

_LOOK: Final = 0.25  # seconds between two looks at the processes
_ASK: Final = 10.0  # seconds between two questions for runs that have ended
_STEADY: Final = 60.0  # seconds after which a process that dies counts as dying for the first time
_LONGEST_PAUSE: Final = 60.0
_LOG_SIZE: Final = 5 << 20
_LAST_GRACE: Final = 20.0  # seconds that a run in progress gets to be written off properly

Say = Callable[[str], None]


@dataclass(slots=True)
class Part:
    """One process that is kept going: how it is started, and what became of it. Times are monotonic seconds."""

    name: str
    command: list[str]
    log: Path
    once: bool = False  # it ends by itself, and is done when it ended well
    process: subprocess.Popen[bytes] | None = None
    done: bool = False
    deaths: int = 0
    started_at: float = 0.0
    not_before: float = 0.0

    @property
    def runs(self) -> bool:
        """Whether it is alive."""
        return self.process is not None and self.process.poll() is None

    def start(self, environment: Mapping[str, str], now: float) -> None:
        """Starts it, its output at the end of its log."""
        _shorten(self.log)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 -- our own commands
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=PROJECT_ROOT, env=environment,
                start_new_session=True,
            )  # fmt: skip
        self.started_at = now

    def note_end(self, now: float) -> str | None:
        """What to say if it has ended since the last look; decides when it may start again."""
        code = self.process.poll() if self.process else None
        if code is None:
            return None
        self.process = None
        if self.once and code == 0:
            self.done, self.deaths = True, 0
            return ""
        self.deaths = 1 if now - self.started_at > _STEADY else self.deaths + 1
        pause = pause_after(self.deaths)
        self.not_before = now + pause
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return f"{self.name} {how}; again in {pause:.0f} s (its log: {self.log})"


def pause_after(deaths: int) -> float:
    """Seconds to wait before a process is started again that died so often in a row: 1, 2, 4 … 60."""
    return min(2.0 ** (deaths - 1), _LONGEST_PAUSE)


@dataclass(slots=True)
class Up:
    """The parts in the order in which each needs the one before."""

    settings: Settings
    environment: dict[str, str]
    say: Say
    server: Part = field(init=False)
    prepare: Part = field(init=False)
    worker: Part = field(init=False)
    run_ends: RunEnds = field(init=False)
    turn: BinaryIO | None = None  # open from before the server starts until it answers
    ask_at: float = 0.0
    server_was_lost: bool = False

    def __post_init__(self) -> None:
        """Names the commands; starts nothing."""
        logs = self.settings.home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        port = str(self.settings.server_port)
        self.server = Part(
            "server",
            [PREFECT, "server", "start", "--host", "127.0.0.1", "--port", port, "--log-level", "WARNING"],
            logs / "server.log",
        )
        self.prepare = Part("preparation", [sys.executable, "-m", "tasks.prepare"], logs / "preparation.log", once=True)
        # Two, so that ingests go on beside a backfill that takes hours; the run lock keeps two writers apart. The limit
        # is in the worker's memory: nothing is left of it when the worker dies.
        worker = [PREFECT, "worker", "start", "--pool", POOL, "--limit", "2", "--name", POOL]
        self.worker = Part("worker", worker, logs / "worker.log")
        self.run_ends = RunEnds(self.settings.server_port, datetime.now(UTC), self.environment)

    def look(self, now: float) -> None:
        """One look: notes who ended, and starts whoever may run and does not."""
        server_died = (said := self.server.note_end(now)) is not None
        if said:
            self.say(said)
            self.server_was_lost = True
            self._pass_turn()
            self.prepare.done = False  # what ended while nobody could be told is written off anew
        for part in (self.prepare, self.worker):
            if said := part.note_end(now):
                self.say(said)
        if not self.server.runs and now >= self.server.not_before and self._has_turn():
            self.server.start(self.environment, now)
        if server_died or not server_answers(self.settings.server_port):
            return
        if self.server_was_lost:
            self.server_was_lost = False
            self.say("the server answers again")
        self._pass_turn()
        self._tell_run_ends(now)
        if not self.prepare.done and not self.prepare.runs and now >= self.prepare.not_before:
            self.settings.pool_is_ready.unlink(missing_ok=True)
            self.prepare.start(self.environment, now)
        if self.settings.pool_is_ready.exists() and not self.worker.runs and now >= self.worker.not_before:
            self.worker.start(self.environment, now)
            self.say(f"up: http://127.0.0.1:{self.settings.server_port} shows the runs; Ctrl-C ends all")

    def _has_turn(self) -> bool:
        """Whether no command with the same engine home starts a server of its own just now; none does from here on."""
        if self.turn is None:
            self.turn = server_turn(self.environment)
        try:
            fcntl.flock(self.turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _pass_turn(self) -> None:
        if self.turn is not None:
            self.turn.close()
            self.turn = None

    def _tell_run_ends(self, now: float) -> None:
        if now >= self.ask_at:
            self.ask_at = now + _ASK
            for line in self.run_ends.news():
                self.say(line)

    def end(self) -> None:
        """Ends the worker, so that a run in progress can still tell the server, then the server."""
        self.say("ending; a run in progress is written off, and its entries stay pending")
        for part, grace in ((self.worker, _LAST_GRACE), (self.prepare, 1), (self.server, 10)):
            if part.process is None:
                continue
            part.process.terminate()
            try:
                part.process.wait(grace)
            except subprocess.TimeoutExpired:
                part.process.kill()
                part.process.wait()


def stay_up(settings: Settings, say: Say, environ: Mapping[str, str] | None = None) -> int:
    """Runs until Ctrl-C or an end signal; returns the exit code.

    Raises UsageError where the port is taken or another `technews up` has this home.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    mark = str(settings.home)
    with _only_one(settings, say) as lock, nothing_left_behind(mark, keep_open=(lock,)):
        if left := end_marked(mark, grace=10):
            say(f"ended {left} processes that an earlier `technews up` left behind")
        _demand_free_port(settings.server_port)
        up = Up(settings, service_environment(settings, environ or os.environ), say)
        say(f"starting the server on port {settings.server_port}; state and logs lie in {settings.home}")
        with _end_signals() as ended:
            while not ended:
                up.look(time.monotonic())
                time.sleep(_LOOK)
            up.end()
        end_marked(mark, grace=5)
    say("ended")
    return 0


@contextmanager
def _end_signals() -> Iterator[list[int]]:
    """The end signals that came, as a list that fills: nobody is interrupted in the middle of a start."""
    came: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda got, _: came.append(got)) for number in numbers}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _only_one(settings: Settings, say: Say) -> Iterator[int]:
    """A lock on the home's services, which the watcher holds on to until it has ended what was left."""
    path = settings.up_lock_file
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, living = (os.open(each, os.O_RDWR | os.O_CREAT, 0o644) for each in (path, path.with_name("up.living")))
    try:
        for attempt in range(60):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                _refuse_living(settings, path, living)
                if attempt == 0:
                    say("another `technews up` of this home has just ended; waiting until nothing is left of it")
                time.sleep(0.5)
        else:
            raise UsageError(f"what an ended `technews up` left in {settings.home} does not end: `technews doctor`")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} {settings.server_port}".encode(), 0)  # the commands ask that port
        fcntl.flock(living, fcntl.LOCK_EX)  # the watcher has no part in this one
        try:
            yield descriptor
        except UsageError:
            os.ftruncate(descriptor, 0)  # nothing runs that `technews doctor` would have to look for
            raise
        os.ftruncate(descriptor, 0)  # what is left there after an end that was not clean tells `technews doctor`
    finally:
        os.close(living)
        os.close(descriptor)


def _refuse_living(settings: Settings, lock: Path, living: int) -> None:
    """Raises UsageError where whoever has this lock is at work, not its watcher that ends what was left."""
    try:
        fcntl.flock(living, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        process, _, port = lock.read_text(encoding="utf-8").partition(" ")
        raise UsageError(
            f"`technews up` runs with {settings.home} already: process {process}, shown at http://127.0.0.1:{port}; "
            "end it, or name another TECHNEWS_HOME"
        ) from None
    fcntl.flock(living, fcntl.LOCK_UN)


def _demand_free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            who = "a Prefect server" if server_answers(port) else "another program"
            raise UsageError(
                f"port {port} is taken by {who} ({error.strerror}): end it, or name another, TECHNEWS_SERVER_PORT=4300"
            ) from None


def _shorten(log: Path) -> None:
    """A log that has grown long becomes `.old`, and the one before it goes."""
    if log.exists() and log.stat().st_size > _LOG_SIZE:
        log.replace(log.with_suffix(".log.old"))
