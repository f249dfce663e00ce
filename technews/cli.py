"""The command line. Every error is one line that says what to do; a traceback comes with --debug alone.

Heavy parts (the engine, the database, extraction) are imported inside the command that needs them, so that the others
and --help stay quick.

Exit codes: 0 done · 1 failed, or something needs a person · 2 bad usage or configuration · 3 another run holds the lock
"""

import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from technews.settings import Settings, UsageError, read_settings

if TYPE_CHECKING:
    from technews.runlock import Held

FAILED: Final = 1
BAD_USAGE: Final = 2
HELD: Final = 3

app = typer.Typer(
    name="technews",
    help="Reads tech-news feeds, keeps what is on topic and says why, and loads DuckDB tables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
feeds_app = typer.Typer(help="The feeds that are read.", no_args_is_help=True, rich_markup_mode=None)
quarantine_app = typer.Typer(help="Rows that failed validation.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(feeds_app, name="feeds")
app.add_typer(quarantine_app, name="quarantine")

Home = Annotated[Path | None, typer.Option("--home", help="The home folder, instead of TECHNEWS_HOME.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Topics = Annotated[Path | None, typer.Option("--topics", help="A folder of topics; entities.toml lies beside it.")]


class Refused(Exception):  # noqa: N818 -- an answer, not a fault
    """The command ends here with this exit code and this line."""

    def __init__(self, line: str, code: int = FAILED) -> None:
        """`line` says what to do."""
        super().__init__(line)
        self.code = code


@app.callback()
def _global(
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks (before the command's name).")] = False,
) -> None:
    if debug:
        os.environ["TECHNEWS_DEBUG"] = "1"


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
    """One ingest now: poll, download, clean, filter, validate, load, publish."""
    from technews.rules import read_configuration
    from technews.runlock import holder

    settings = _at(home)
    feeds, topics = feeds and feeds.resolve(), topics and topics.resolve()
    read_configuration(settings, feeds, topics)  # refused before anything is started
    held = holder(settings.lock_file)
    if held and held.flow == "ingest":
        raise Refused(f"nothing was done: {held} holds the run lock; it ends by itself", HELD)
    from technews.engine_settings import prepare_engine

    prepare_engine(settings, os.environ)
    from technews.progress import shown

    with shown():
        report, seconds = _ingest(feeds, topics, force=force)
    row = report.row
    if as_json:
        typer.echo(json.dumps(_run_object(row, seconds)))
    else:
        _print_run(settings, report, seconds)
    if not report.ok:
        raise Refused(row["message"] or "the run failed", FAILED)


def _ingest(feeds: Path | None, topics: Path | None, *, force: bool) -> tuple[Any, float]:
    import time

    from flows.ingest import ingest

    begun = time.monotonic()
    state = ingest(feeds, topics, force=force, return_state=True)
    seconds = time.monotonic() - begun
    if state.is_cancelled():
        raise Refused(state.message or "another run holds the lock", HELD)
    try:
        report = state.result(raise_on_failure=False)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the user gets one line
        report = error
    if isinstance(report, BaseException):
        raise report
    return report, seconds


def _run_object(row: dict[str, Any], seconds: float) -> dict[str, Any]:
    outcomes = ("pending", "loaded", "off_topic", "duplicate", "empty", "unreachable", "gone", "blocked", "quarantined")
    return {
        "run_id": row["run_id"],
        "status": row["status"],
        "reconciled": row["reconciled"],
        "outcomes": {name: row[name] for name in outcomes},
        "entries": {"seen": row["entries_seen"], "new": row["entries_new"], "rechecked": row["rechecked"]},
        "feeds": {
            "polled": row["feeds_polled"],
            "not_modified": row["feeds_not_modified"],
            "failed": row["feeds_failed"],
        },
        "seconds": {"total": round(seconds, 2)},
        "message": row["message"],
    }


def _print_run(settings: Settings, report: Any, seconds: float) -> None:
    row = report.row
    agree = "the counts agree" if row["reconciled"] else "THE COUNTS DO NOT AGREE"
    typer.echo(f"run {row['run_id']}: {row['status']} in {seconds:.0f} s, {agree}")
    if row["message"]:
        typer.echo(f"  {row['message']}")
    typer.echo(
        f"  feeds: {row['feeds_polled']} polled, {row['feeds_not_modified']} not modified, {row['feeds_failed']} failed"
    )
    typer.echo(f"  entries: {row['entries_seen']} seen, {row['entries_new']} new, {row['rechecked']} looked at again")
    given = [f"{row[name]} {name}" for name in _run_object(row, 0)["outcomes"] if row[name]]
    typer.echo(f"  outcomes: {', '.join(given) or 'none'}")
    for _, severity, meaning, rows in report.findings:
        typer.echo(f"  {severity}: {meaning} ({rows} rows)")
    typer.echo(f"  warehouse: {settings.warehouse}")


@app.command(epilog="Example: technews clean article.html --url https://site.example/article")
def clean(
    files: Annotated[list[Path], typer.Argument(help="HTML files.")],
    url: Annotated[str | None, typer.Option("--url", help="Where the page came from.")] = None,
) -> None:
    """One JSON line for each file, in order: title, text, author, dates, language, publisher, error."""
    from technews.extraction import describe

    for file in files:
        try:
            line = describe(file.read_bytes(), url)
        except OSError as error:
            line = {
                "url": url,
                "title": None,
                "text": None,
                "author": None,
                "published_at": None,
                "modified_at": None,
                "language": None,
                "publisher": None,
                "error": f"{file}: {error.strerror}",
            }
        typer.echo(json.dumps(line, ensure_ascii=False))


@app.command(
    epilog="""Example: echo '{"id": "1", "title": "Apple takes Qwen for AI in China"}' | technews classify"""
)
def classify(
    topic: Annotated[
        str | None, typer.Option("--topic", help="The topic's id; needed where several are enabled.")
    ] = None,
    topics: Topics = None,
) -> None:
    """Reads JSON lines {id, title, text, language?}, answers {id, relevant, score, evidence} for each."""
    from dataclasses import asdict, replace

    from technews.relevance import Judge

    rules = _rules(topics)
    if topic is None and len(rules.topics) > 1:
        raise UsageError(f"several topics are enabled; choose one: --topic {' | '.join(t.id for t in rules.topics)}")
    chosen = [t for t in rules.topics if topic in (None, t.id)]
    if not chosen:
        raise UsageError(f"--topic {topic}: no such topic is enabled; choose: {' | '.join(t.id for t in rules.topics)}")
    judge = Judge((replace(chosen[0]),), rules.entities)
    for number, line in enumerate(sys.stdin, start=1):
        if line.strip():
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
            typer.echo(json.dumps(answer, ensure_ascii=False))


def _item(line: str, number: int) -> dict[str, Any]:
    from technews.records import sound_text

    try:
        item = json.loads(line)
        texts = {key: item.get(key) or "" for key in ("title", "text")}
        if not all(isinstance(text, str) for text in texts.values()):
            raise TypeError  # noqa: TRY301 -- one refusal for all that is wrong with a line
    except (ValueError, AttributeError, TypeError):
        raise UsageError(f'line {number}: not a JSON object such as {{"id": "1", "title": "…", "text": "…"}}') from None
    language = item.get("language")
    return {
        "id": item.get("id"),
        "title": sound_text(texts["title"]),
        "text": sound_text(texts["text"]),
        "language": language if isinstance(language, str) else None,
    }


@app.command(epilog="Example: technews explain https://site.example/article")
def explain(
    name: Annotated[str, typer.Argument(metavar="URL|ENTRY_ID")], home: Home = None, *, as_json: Json = False
) -> None:
    """Why an entry was kept or dropped: outcome, history, score and evidence."""
    from technews.explanation import explanation, in_words

    found = explanation(_at(home), name)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, default=str))
    else:
        typer.echo(in_words(found))


@app.command(epilog="""Example: technews sql "SELECT outcome, count(*) FROM entries GROUP BY ALL" """)
def sql(
    query: Annotated[str, typer.Argument(help="SQL over the views; read-only.")],
    home: Home = None,
    *,
    as_json: Json = False,
) -> None:
    """Asks the published warehouse."""
    from technews.warehouse import Warehouse

    with Warehouse(_at(home).warehouse, read_only=True) as published:
        columns, rows = published.query(query)
    if as_json:
        typer.echo(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], ensure_ascii=False, default=str))
    else:
        from technews.tables import show

        show(columns, rows)


@app.command(epilog="Example: technews report --home demo/out")
def report(home: Home = None) -> None:
    """Writes a page on the last run: what was kept and why, the funnel, how the feeds do."""
    from technews.report import write_report

    typer.echo(write_report(_at(home)))


@app.command(epilog="Example: technews doctor")
def doctor(home: Home = None) -> None:
    """Looks at everything, one line each with the cure; exit 1 if something needs a person."""
    from technews.diagnosis import diagnose

    findings = diagnose(_at(home))
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.ok else 'FAIL'} {finding.what}: {finding.says}")
    if not all(finding.ok for finding in findings):
        raise Refused("something needs a person: see the lines that say FAIL")


@feeds_app.command("list", epilog="Example: technews feeds list")
def feeds_list(home: Home = None, *, as_json: Json = False) -> None:
    """The feeds and how they do (as of the last run)."""
    _rows(
        _at(home),
        "reports/feed_table",
        ("feed_id", "state", "language", "entries_7d", "last_success_at", "url"),
        as_json=as_json,
    )


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
    typer.echo(json.dumps(row, ensure_ascii=False, indent=2, default=str))


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
    """Loads a row, if the present rules let it pass."""
    from technews.releases import release

    done = release(_at(home), _rules(topics), quarantine_id, (by or getpass.getuser(), note), _waiting())
    row = done.row
    where = "loaded" if row["loaded"] or row["rechecked"] else "off topic" if row["off_topic"] else "a duplicate"
    typer.echo(f"{quarantine_id} is released: its entry is {where} now (run {row['run_id']})")


@quarantine_app.command("discard", epilog='Example: technews quarantine discard q0123456789abcdef --note "spam"')
def quarantine_discard(
    quarantine_id: Annotated[str, typer.Argument(metavar="ID")], note: Note = "", by: Who = None, home: Home = None
) -> None:
    """Decides that a row will not be loaded; it stays, marked as discarded."""
    from technews.releases import discard

    done = discard(_at(home), _rules(None), quarantine_id, (by or getpass.getuser(), note), _waiting())
    typer.echo(f"{quarantine_id} is discarded (run {done.row['run_id']})")


def _at(home: Path | None) -> Settings:
    """The settings, with the command's --home passed on to whatever this process starts."""
    if home:
        os.environ["TECHNEWS_HOME"] = str(home.resolve())
    return read_settings()


def _rules(topics: Path | None) -> Any:
    from technews.rules import read_rules

    return read_rules(topics.resolve() if topics else read_settings().topics_dir)


def _rows(settings: Settings, name: str, columns: tuple[str, ...], *, as_json: bool, **parameters: object) -> None:
    from technews.tables import show
    from technews.warehouse import Warehouse

    with Warehouse(settings.warehouse, read_only=True) as published:
        rows = published.rows(name, **parameters)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
    else:
        show(columns, [tuple(row[column] for column in columns) for row in rows])


def _waiting() -> "Callable[[Held], bool]":
    """Waits for whoever holds the lock, and says so once."""
    said: list[str] = []

    def wait(held: "Held") -> bool:
        if str(held) not in said:
            said.append(str(held))
            typer.echo(f"waiting for {held}", err=True)
        return True

    return wait


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """Turns what went wrong into one line and an exit code."""
    try:
        yield
    except UsageError as error:
        _leave(str(error), BAD_USAGE)
    except Refused as refusal:
        _leave(str(refusal), refusal.code)
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except KeyboardInterrupt:
        _leave("stopped; what was not done stays pending for the next run", 130)
    except Exception as error:
        if os.environ.get("TECHNEWS_DEBUG"):
            raise
        words = " ".join(str(error).split())[:500] or "no further words"
        _leave(f"{type(error).__name__}: {words} (technews --debug shows where)", FAILED)


def _leave(line: str, code: int) -> None:
    sys.stderr.write(f"technews: {' '.join(line.split())}\n")
    sys.exit(code)


def main() -> None:
    """The entry point of the command `technews`."""
    with _one_line_errors():
        app(standalone_mode=True)
