"""The command line. Every error is one line that says what to do; a traceback comes with --debug alone.

Several mistakes in one file are a line each, under one that says how many.

Heavy parts (the engine, the database, extraction) are imported inside the command that needs them, so that the others
and --help stay quick.

Exit codes: 0 done · 1 failed, or something needs a person · 2 bad usage or configuration · 3 another run holds the lock
"""

import errno
import getpass
import io
import json
import logging
import math
import os
import re
import signal
import sys
import time
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperCommand

from technews import archive_commands, feed_commands
from technews.room import NoRoom, demand_room, lack_of_room_named
from technews.settings import Settings, UsageError, no_settings, read_settings
from technews.tables import LONGEST_CELL, cell, counted, json_text, show, show_csv, unique

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from technews.own_server import OwnServer
    from technews.relevance import Judge
    from technews.runlock import Held
    from technews.topics import Topic

FAILED: Final = 1
BAD_USAGE: Final = 2
HELD: Final = 3
STOPPED: Final = 130  # as a shell says that Ctrl-C ended a command
_SOON: Final = 0.1  # seconds
_SHOWN: Final = 200  # characters of what was given, in a complaint about it
_EMPTY: Final = "the query is empty; README.md lists the views that it can ask"

app = typer.Typer(
    name="technews",
    help="Reads tech-news feeds, keeps what is on topic and says why, and loads DuckDB tables.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
quarantine_app = typer.Typer(
    help="Rows that failed validation.", epilog="Example: technews quarantine list", rich_markup_mode=None
)
app.add_typer(feed_commands.feeds_app, name="feeds")
app.add_typer(quarantine_app, name="quarantine")

Home = Annotated[Path | None, typer.Option("--home", help="The home folder, instead of TECHNEWS_HOME.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Topics = Annotated[Path | None, typer.Option("--topics", help="A folder of topics; entities.toml lies beside it.")]


class Refused(Exception):  # noqa: N818 -- an answer, not a fault
    """The command ends here with this exit code and this line."""

    def __init__(self, line: str, code: int = FAILED, *, at_once: bool = False) -> None:
        """`line` says what to do; `at_once`: what others still want to do as Python ends is not waited for."""
        super().__init__(line)
        self.code, self.at_once = code, at_once


def _say_version(wanted: bool) -> None:  # noqa: FBT001 -- as typer calls it
    from importlib.metadata import version

    if wanted:
        typer.echo(f"technews {version('technews')}")
        raise typer.Exit


@app.callback(epilog='Example: technews sql "SELECT title, publisher FROM articles"')
def _global(
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks (before the command's name).")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """`debug` is read by `main`: what is refused before a command starts must show its traceback too."""


@app.command(epilog="Example: technews run --feeds my-feeds.toml --home /tmp/trial")
def run(
    *,
    feeds: Annotated[
        Path | None, typer.Option("--feeds", help="A file of feeds, instead of config/feeds.toml.")
    ] = None,
    topics: Topics = None,
    home: Home = None,
    force: Annotated[bool, typer.Option("--force", help="Poll every feed, due or not.")] = False,
    as_json: Json = False,
) -> None:
    """One ingest now.

    Polls the feeds that are due, downloads and cleans new articles, keeps what is on topic, validates it, loads and
    publishes the warehouse. Ends with 3 where another ingest is at work.
    """
    from technews.rules import read_configuration
    from technews.runlock import NOTHING_DONE, holder

    settings = _at(home)
    feeds, topics = feeds and feeds.resolve(), topics and topics.resolve()
    read_configuration(settings, feeds, topics)  # refused before anything is started
    held = holder(settings.lock_file)
    if held and held.flow == "ingest":
        raise Refused(f"{NOTHING_DONE}: {held}; it ends by itself", HELD)
    _in_engine(settings, "ingest", feeds, topics, force=force, as_json=as_json)


def _in_engine(settings: Settings, name: str, *arguments: Any, as_json: bool, **options: Any) -> None:
    """Runs a flow in the engine and prints how it ended. Raises Refused where it came to no good end."""
    from technews.own_server import ServerEnded, engine_prepared
    from technews.progress import shown
    from technews.publication import demand_state
    from technews.run_summary import run_in_words, run_object

    demand_room(settings.home)
    demand_state(settings)
    try:
        with lack_of_room_named(settings.home), engine_prepared(settings, os.environ) as own_server, shown():
            if own_server:
                logging.getLogger("technews").info("starting the workflow engine, which takes a while without a server")
            report, seconds = _run_flow(own_server, name, *arguments, **options)
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, signal.SIG_IGN)  # the run is done: a stop could only hide that in the last seconds
    except (NoRoom, ServerEnded) as error:  # for minutes the engine would try to send what it holds back
        raise Refused(str(error), at_once=True) from error
    if as_json:
        typer.echo(json_text(run_object(report, seconds)))
    else:
        typer.echo(run_in_words(report, seconds, settings.warehouse))
    if not report.ok:
        raise Refused(report.row["message"] or "the run failed", FAILED)


def _without_engine(name: str, *arguments: Any, **options: Any) -> Any:
    """Runs a flow as the plain function that it is: nothing of it shows in the engine."""
    from importlib import import_module

    from technews.engine_settings import prepare_engine
    from technews.progress import shown

    prepare_engine(read_settings(), os.environ, find_server=False)
    os.environ["PREFECT_LOGGING_TO_API_ENABLED"] = "false"  # there is no run to which the lines belong
    with shown():
        return getattr(import_module(f"flows.{name}"), name).fn(*arguments, **options)


def _run_flow(own_server: "OwnServer | None", name: str, *arguments: Any, **options: Any) -> tuple[Any, float]:
    from importlib import import_module

    from technews.runlock import NOTHING_DONE

    with _stopped_in_one_line(own_server) as listen:
        flow = getattr(import_module(f"flows.{name}"), name)  # meanwhile the server starts
        listen()
        if own_server:
            own_server.wait()
        flow = flow.with_options(on_running=[lambda *_: listen()])  # the engine has its own handler in a flow
        begun = time.monotonic()
        state = flow(*arguments, **options, return_state=True)
        seconds = time.monotonic() - begun
        if state.is_cancelled():
            listen()  # where it was stopped here
            turned_away = (state.message or "").startswith(NOTHING_DONE)  # else someone cancelled it in the UI
            raise Refused(state.message or "the run was cancelled", HELD if turned_away else FAILED)
        try:
            report = state.result(raise_on_failure=False)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the user gets one line
            report = error
        if isinstance(report, BaseException):
            raise report
    return report, seconds


@contextmanager
def _stopped_in_one_line(own_server: "OwnServer | None" = None) -> "Iterator[Callable[[], None]]":
    """Ctrl-C or an end signal in this block raises KeyboardInterrupt out of it; a second one ends the process at once.

    Gives what makes it so again where someone else has put handlers of his own in place; it raises KeyboardInterrupt
    where one has come already.

    It may come in the midst of the engine's own doing, which then tells of it at length and raises what it likes; or
    where Python must pass over whatever is raised, as in a `__del__`: then it is raised once more.
    """
    from technews.own_server import ServerLost

    stopped = False

    def stop(number: int, frame: "FrameType | None") -> None:  # noqa: ARG001 -- as a handler is called
        nonlocal stopped
        stopped = True
        logging.disable()
        logging.raiseExceptions = False  # nor is it said that a line could not be sent to the server
        if own_server and own_server.lost:  # which stops again whoever waits for it
            raise ServerLost
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
        raise KeyboardInterrupt

    def listen() -> None:
        if stopped:
            raise KeyboardInterrupt
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, stop)

    listen()
    try:
        with _raised_once_more(stop):
            yield listen
    except Exception:
        if stopped:
            raise KeyboardInterrupt from None
        raise


@contextmanager
def _raised_once_more(stop: "Callable[[int, FrameType | None], object]") -> "Iterator[None]":
    """A KeyboardInterrupt that Python had to pass over in this block is raised again by `stop`, which is a handler."""

    def passed_over(unraisable: "sys.UnraisableHookArgs") -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            signal.signal(signal.SIGALRM, stop)
            signal.setitimer(signal.ITIMER_REAL, _SOON)
        else:
            before(unraisable)

    before, sys.unraisablehook = sys.unraisablehook, passed_over
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = before


@app.command(epilog="Example: technews clean article.html --url https://site.example/article")
def clean(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="HTML files.")],
    url: Annotated[str | None, typer.Option("--url", help="Where the page came from; of one file.")] = None,
) -> None:
    """One JSON line for each file.

    In order: url, title, text, author, published_at, modified_at, language, publisher, error, file. Where the file
    holds no article, or too short a text for one, error says so, and the exit code is 1. A page begins with `<`,
    whatever the file's name. A file that hangs or kills its reader costs only its own line.
    """
    from technews.addresses import spell
    from technews.page_files import described

    if url is not None and spell(url) is None:
        raise UsageError(f"--url {url[:_SHOWN]}: not an absolute address, such as https://news.example/article")
    if url is not None and len(files) > 1:
        raise UsageError(
            f"--url is the address of one page, and there are {len(files)} files: clean that one by itself"
        )
    unread = 0
    for line in described(files, url):
        typer.echo(json_text(line))
        unread += line["error"] is not None
    if unread:
        raise Refused(f"{unread} of {counted(len(files), 'file')} gave no article: `error` on the line says why")


@app.command(epilog="""Example: echo '{"id": "1", "title": "Apple takes Qwen for AI in China"}' | technews classify""")
def classify(
    topic: Annotated[
        str | None, typer.Option("--topic", help="The topic's id, enabled or not; needed where several are enabled.")
    ] = None,
    topics: Topics = None,
) -> None:
    """Judges JSON lines from stdin.

    Reads {id, title, text, language?} and answers {id, relevant, score, topic, rule_version, evidence} for each line,
    in order; the lines of `technews clean` too, whose id is their url, else their file. A language that no rules are
    written for is guessed. Offsets of evidence count the characters (code points) of title or text as they were given.
    Lines that cannot be read, or hold nothing to judge, are named on stderr and passed over; the exit code is then 2.
    """
    from technews.relevance import Judge
    from technews.rules import Rules

    settings = read_settings()
    rules = Rules(topics.resolve() if topics else settings.topics_dir, settings.entities_file)
    judge = Judge([_chosen(rules.all_topics, topic)], rules.entities)
    unread = 0
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if line.strip():
            try:
                typer.echo(_classified(judge, line, number))
            except UsageError as error:
                typer.echo(f"technews: {error}", err=True)
                unread += 1
    if unread:
        raise typer.Exit(2)


def _chosen(topics: "Sequence[Topic]", name: str | None) -> "Topic":
    """The topic of that name, enabled or not; without a name the only enabled one, or the only one there."""
    candidates = [t for t in topics if t.id == name] if name else [t for t in topics if t.enabled] or list(topics)
    if len(candidates) == 1:
        return candidates[0]
    problem = f"--topic {name}: no such topic" if name else f"there are {len(candidates)} topics"
    raise UsageError(f"{problem}; choose one: --topic {' | '.join(topic.id for topic in topics)}")


def _classified(judge: "Judge", line: bytes, number: int) -> str:
    from dataclasses import asdict

    item = _item(line, number)
    (verdict,) = judge.judge(item["title"], item["text"], item["language"])
    answer = {
        "id": item["id"],
        "relevant": verdict.relevant,
        "score": round(verdict.score, 4),
        "topic": verdict.topic_id,
        "rule_version": verdict.rule_version,
        "evidence": [asdict(e) for e in verdict.evidence],
    }
    return json_text(answer)


def _item(line: bytes, number: int) -> dict[str, Any]:
    try:
        item = json.loads(line.decode("utf-8-sig"), parse_constant=int, parse_float=_finite)  # int: NaN is no JSON
        name = item.get("id", item.get("url") or item.get("file"))
        json_text({"id": name})  # lists in lists can be read deeper than they can be written
        texts = {key: "" if item.get(key) is None else item[key] for key in ("title", "text")}
        if not all(isinstance(text, str) for text in texts.values()):
            raise TypeError  # noqa: TRY301 -- one refusal for all that is wrong with a line
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise UsageError(f'line {number}: not a JSON object such as {{"id": "1", "title": "…", "text": "…"}}') from None
    if not any(texts.values()) and isinstance(error := item.get("error"), str):
        raise UsageError(f"line {number}: no article in {cell(name)[:_SHOWN]}: {cell(error)[:_SHOWN]}")
    if item.get("title") is None and item.get("text") is None:
        raise UsageError(f"line {number}: neither title nor text: there is nothing to judge")
    language = item.get("language")
    return {
        "id": name,
        **texts,
        "language": language if isinstance(language, str) else None,
    }


def _finite(number: str) -> float:
    """A number as it can be written again. Raises ValueError on one too large for that, such as 1e999."""
    if math.isinf(value := float(number)):
        raise ValueError(number)
    return value


@app.command(epilog="Example: technews explain https://site.example/article")
def explain(
    name: Annotated[str, typer.Argument(metavar="URL|ENTRY_ID|ARTICLE_ID")], home: Home = None, *, as_json: Json = False
) -> None:
    """Why an entry was kept or dropped.

    It is named by its address, its id, or that of its article. Outcome, history, and for each topic score and evidence;
    of a duplicate, those of the entry that it repeats. Then today's rules over the piece: the score as a sum, what was
    nearest to change it, the text with what shows a facet (on a terminal only what stands around that).
    """
    from technews.explanation import explanation, in_words

    found = explanation(_at(home), name, whole=as_json or not sys.stdout.isatty())
    if as_json:
        typer.echo(json_text(found))
    else:
        typer.echo(in_words(found))


@app.command(epilog="Example: technews up --home /srv/technews")
def up(home: Home = None) -> None:
    """Runs on schedule, for real use.

    Starts the Prefect server with its UI, the deployments and a worker, and starts again what dies, until Ctrl-C.
    """
    from technews.up import stay_up

    settings = _at(home)
    demand_room(settings.home)
    stay_up(settings, lambda line: typer.echo(f"{time.strftime('%H:%M:%S')} {line}", err=True))


class _Query(TyperCommand):
    """A command that takes SQL, which may begin with a comment: no option has white space behind its dashes."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [f" {each}" if re.match(r"--\s", each) else each for each in args])


@app.command(cls=_Query, epilog="""Example: technews sql "SELECT outcome, count(*) FROM entries GROUP BY ALL" """)
def sql(
    query: Annotated[str | None, typer.Argument(metavar="[SQL]", help="SQL over the views; read-only.")] = None,
    home: Home = None,
    *,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="A file that holds the SQL; - is the standard input.")
    ] = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Asks the published warehouse.

    A table on a terminal (wide rows as blocks of lines), lines with tabs elsewhere. Nothing can be changed, and no run
    is held up.
    """
    from technews.warehouse import Warehouse, WarehouseError

    if (query is None) == (file is None):
        raise UsageError('give the SQL, such as "SELECT * FROM runs", or a file of it with --file (-: standard input)')
    if as_json and as_csv:
        raise UsageError("choose one: --json or --csv")
    query = _text_of(file) if file else query or ""
    if not query.strip(" \t\r\n;"):
        raise UsageError(_EMPTY)
    with Warehouse(_at(home).warehouse, read_only=True) as published:
        # DuckDB may hear Ctrl-C minutes late; here nothing is lost by it.
        before = signal.signal(signal.SIGINT, signal.SIG_DFL)
        try:
            columns, rows = published.query(query)
        except WarehouseError as error:
            raise UsageError(_about_query(str(error))) from error
        finally:
            signal.signal(signal.SIGINT, before)
    if not columns:  # comments alone
        raise UsageError(_EMPTY)
    names = unique(columns)
    if as_json:
        typer.echo(json_text([dict(zip(names, row, strict=True)) for row in rows]))
    elif as_csv:
        show_csv(names, rows)
    else:
        show(names, rows)


def _text_of(file: Path) -> str:
    try:
        if str(file) == "-":
            return (sys.stdin.buffer.read() if sys.stdin else b"").decode("utf-8-sig")  # a shell can close it
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file}: is not UTF-8 text") from None


def _about_query(error: str) -> str:
    """What DuckDB says about a query, with the line in place of the picture of the place."""
    words, _, place = error.partition("\nLINE ")
    number = place.partition(":")[0]
    words += f" (line {number})" if number not in {"", "1"} else ""
    if "read-only" in words:
        words += " Keep tables of your own in a file of your own, and attach this one to it."
    return f"the query cannot be answered: {words}"


@app.command(epilog="Example: technews report --home demo/out")
def report(home: Home = None) -> None:
    """Writes a page on the last run.

    What is kept and why, where the entries of the run went, how the feeds do: `report.html` in the home folder.
    """
    from technews.report import write_report

    typer.echo(write_report(_at(home)))


@app.command(epilog="Example: technews maintain --home /srv/technews")
def maintain(*, home: Home = None, as_json: Json = False) -> None:
    """The nightly maintenance now.

    Lets go of archived pages that nobody needs, writes the state file anew without holes, checks every rule over all
    rows, and takes a backup. Waits for a run that is at work.
    """
    _in_engine(_at(home), "maintain", as_json=as_json)


@app.command(epilog="Example: technews restore data/backups/technews-20260302T031500Z-412.duckdb")
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup, or a published file.")], home: Home = None
) -> None:
    """Puts a backup in the place of the state, and publishes it.

    The file is checked before anything is changed; the replaced state is kept beside the new one.
    """
    from technews.backups import restore as put_back

    if file == Path():  # so is an empty name, which a shell makes of a variable that is not set
        raise UsageError("FILE is empty, or the current folder: name one of the backups")
    done = put_back(_at(home), file.resolve(), _waiting())
    if not done.report.ok:
        raise Refused(done.report.row["message"] or "the restored state breaks a rule: see `technews doctor`")
    kept = f"; what it replaced is {done.replaced}" if done.replaced else ""
    typer.echo(f"{file.name} is restored and published (run {done.report.row['run_id']}): {done.in_words()}{kept}")


@app.command(epilog="Example: technews doctor")
def doctor(
    home: Home = None,
    feeds: Annotated[
        Path | None, typer.Option("--feeds", help="A file of feeds, instead of config/feeds.toml.")
    ] = None,
    topics: Topics = None,
) -> None:
    """Looks at everything.

    One line each: ok, note (no fault, but worth a look), or FAIL with the cure; ends with 1 if anything fails.
    """
    from technews.diagnosis import diagnose
    from technews.on_hold import on_hold
    from technews.surroundings import look_around

    settings = _at(home)
    held = on_hold(settings, os.environ)
    failed = False
    for finding in (*look_around(settings, held), *diagnose(settings, feeds, topics, os.environ, held)):
        typer.echo(f"{finding.level:<4} {cell(finding.what)}: {cell(finding.says)}")
        failed = failed or not finding.ok
    if failed:
        raise Refused("something needs a person: see the lines that say FAIL")


@feed_commands.feeds_app.command("list", epilog="Example: technews feeds list")
def feeds_list(home: Home = None, *, as_json: Json = False) -> None:
    """The feeds, and how they did last."""
    settings, columns = _at(home), ("feed_id", "state", "entries_7d", "explanation")
    if settings.warehouse.exists():
        _rows(settings, "reports/feed_table", columns, as_json=as_json, longest=None)
    else:
        _show_rows(feed_commands.unread(settings), columns, as_json=as_json, longest=None)


@quarantine_app.command("list", epilog="Example: technews quarantine list")
def quarantine_list(home: Home = None, *, as_json: Json = False) -> None:
    """All rows in quarantine, newest first."""
    _rows(
        _at(home),
        "reports/quarantine_rows",
        ("quarantine_id", "status", "rule", "column_name", "value", "entry_title"),
        as_json=as_json,
        quarantine_id=None,
    )


@quarantine_app.command("show", epilog="Example: technews quarantine show q0123456789abcdef")
def quarantine_show(quarantine_id: Annotated[str, typer.Argument(metavar="ID")], home: Home = None) -> None:
    """One row, whole, as JSON."""
    from technews.releases import open_rows

    (row,) = open_rows(_at(home), quarantine_id)
    row["payload"] = json.loads(row["payload"])
    typer.echo(json_text(row, indent=2))


Note = Annotated[str, typer.Option("--note", help="Why; kept with the decision.")]
Who = Annotated[str | None, typer.Option("--by", help="Who decides; the user's name if not given.")]


@quarantine_app.command(
    "release", epilog='Example: technews quarantine release q0123456789abcdef --note "the limit was raised"'
)
def quarantine_release(
    quarantine_id: Annotated[str, typer.Argument(metavar="ID")],
    note: Note = "",
    by: Who = None,
    topics: Topics = None,
    home: Home = None,
) -> None:
    """Loads a row, if the present rules let it pass.

    One that was discarded, too.
    """
    from technews.releases import NotDecided, release

    try:
        done = release(_at(home), _rules(topics), quarantine_id, (by or _user(), note), _waiting())
    except NotDecided as refusal:
        raise Refused(str(refusal)) from None
    row = done.row
    where = "loaded" if row["loaded"] or row["rechecked"] else "off topic" if row["off_topic"] else "a duplicate"
    shown = f"it is {row['message']}" if row["message"] else f"its entry is {where} now"
    typer.echo(f"{quarantine_id} is released: {shown} (run {row['run_id']})")


@quarantine_app.command("discard", epilog='Example: technews quarantine discard q0123456789abcdef --note "spam"')
def quarantine_discard(
    quarantine_id: Annotated[str, typer.Argument(metavar="ID")], note: Note = "", by: Who = None, home: Home = None
) -> None:
    """Decides that a row stays out.

    It is kept, marked as discarded, and can still be released.
    """
    from technews.releases import NotDecided, discard

    try:
        done = discard(_at(home), quarantine_id, (by or _user(), note), _waiting())
    except NotDecided as refusal:
        raise Refused(str(refusal)) from None
    typer.echo(f"{quarantine_id} is discarded (run {done.row['run_id']}); `release` can still load it")


def _at(home: Path | None) -> Settings:
    """The settings, with the command's --home passed on to whatever this process starts."""
    if home:
        os.environ["TECHNEWS_HOME"] = str(home.resolve())
    return read_settings()


def _rules(topics: Path | None) -> Any:
    from technews.rules import read_rules

    settings = read_settings()
    return read_rules(topics.resolve() if topics else settings.topics_dir, settings.entities_file)


def _rows(
    settings: Settings,
    name: str,
    columns: tuple[str, ...],
    *,
    as_json: bool,
    longest: int | None = LONGEST_CELL,
    **parameters: object,
) -> None:
    from technews.warehouse import Warehouse

    with Warehouse(settings.warehouse, read_only=True) as published:
        rows = published.rows(name, **parameters)
    _show_rows(rows, columns, as_json=as_json, longest=longest)


def _show_rows(
    rows: "Sequence[dict[str, Any]]", columns: tuple[str, ...], *, as_json: bool, longest: int | None
) -> None:
    if as_json:
        typer.echo(json_text(rows))
    else:
        show(columns, [tuple(row[column] for column in columns) for row in rows], longest=longest)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return f"user {os.getuid()}"


def _waiting() -> "Callable[[Held], bool]":
    """Waits for whoever holds the lock, and says so on the error output."""
    from technews.runlock import waiting

    return waiting(lambda words: typer.echo(words, err=True))


def _in_one_line(error: Exception) -> tuple[str, int]:
    """What went wrong, in one line that says what to do, and the exit code."""
    if isinstance(error, UsageError):
        return str(error), BAD_USAGE
    if isinstance(error, Refused):
        return str(error), error.code
    if hasattr(error, "format_message"):  # the option parser's own errors, which have no common public name
        command = getattr(getattr(error, "ctx", None), "command_path", "technews")
        return f"{error.format_message()} (`{command} --help` shows how)", BAD_USAGE
    warehouse = sys.modules.get("technews.warehouse")  # never loaded only to look at an error
    if isinstance(error, (NoRoom, *([warehouse.WarehouseError] if warehouse else []))):
        return str(error), FAILED
    if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) and error.filename:
        name = error.filename2 or error.filename
        return f"{name}: {error.strerror}; mend its owner or mode, or name another --home", FAILED
    words = cell(error)[:500].strip() or "no further words"
    return f"{type(error).__name__}: {words} (technews --debug shows where)", FAILED


def _say(*lines: str) -> None:
    """Writes lines from anywhere to the error output, those after the first indented."""
    sys.stderr.write("technews: " + "\n  ".join(" ".join(cell(line).split()) for line in lines) + "\n")


archive_commands.register(app, _at, _in_engine, _without_engine)
feed_commands.register(app, _at, _waiting)


def main() -> None:
    """The entry point of the command `technews`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that lacks a character shows its number
            stream.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:] or ["--help"]
    if arguments[0] != "doctor":  # which lists them itself
        for line in no_settings(os.environ):  # a warning: they may be somebody else's
            _say(line)
    try:
        code = app(arguments, prog_name="technews", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    except Exception as error:  # noqa: BLE001 -- whatever it is, the user gets one line
        if arguments[0] == "--debug":
            traceback.print_exc()
        line, code = _in_one_line(error)
        _say(*(error.lines if isinstance(error, UsageError) else [line]))
        if isinstance(error, Refused) and error.at_once:
            sys.stderr.flush()
            os._exit(code)
    if code == STOPPED:
        _say("stopped; what was not done stays pending for the next run")
    sys.exit(code or 0)
