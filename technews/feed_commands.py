"""The commands over feeds: `feeds check`, `feeds add`, `feeds import`, `feeds export`, and `retry`.

Trying a feed writes nothing; what is proposed reaches the feeds file only with `--write`, at its end.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from technews.settings import Settings, UsageError, read_settings
from technews.tables import LONGEST_CELL, counted, json_text, show

if TYPE_CHECKING:
    from technews.feed_probe import Probe
    from technews.records import Feed
    from technews.runlock import Held

Home = Annotated[Path | None, typer.Option("--home", help="The home folder, instead of TECHNEWS_HOME.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Feeds = Annotated[Path | None, typer.Option("--feeds", help="A file of feeds, instead of config/feeds.toml.")]
Write = Annotated[bool, typer.Option("--write", help="Add it to the feeds file, instead of only showing it.")]

feeds_app = typer.Typer(help="The feeds that are read.", epilog="Example: technews feeds list", rich_markup_mode=None)

_COLUMNS = ("feed_id", "state", "kind", "entries", "newest_entry", "zone", "full_text", "advice")
_SHOWN = 20


@feeds_app.command("check", epilog="Example: technews feeds check numerama ithome")
def check(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Only these feeds.")] = None,
    *,
    feeds: Feeds = None,
    as_json: Json = False,
) -> None:
    """Tries feeds now, all at once.

    State, kind, entries, newest entry, zone of the dates, full text or not, and what to change. Nothing is
    written; ends with 1 if a feed cannot be read.
    """
    from technews.declared_feeds import read_feeds  # noqa: PLC0415 -- as above
    from technews.feed_probe import probe  # noqa: PLC0415 -- as above

    settings = read_settings()
    declared = read_feeds(feeds.resolve() if feeds else settings.feeds_file)
    if unknown := sorted(set(ids or ()) - {feed.id for feed in declared}):
        named = f"they are its lines `id` in {feeds}" if feeds else "`technews feeds list` shows the ids"
        raise UsageError(f"{unknown[0]}: no such feed in the file; {named}")
    found = probe(settings, [feed for feed in declared if not ids or feed.id in ids])
    _show(found, as_json=as_json)
    if not all(each.document for each in found):
        raise typer.Exit(1)


@feeds_app.command("add", epilog="Example: technews feeds add https://news.example/ --write")
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Of a site, or of its feed.")],
    *,
    feeds: Feeds = None,
    write: Write = False,
) -> None:
    """Finds the feed of a site, and proposes its configuration.

    Id, language, country and zone are guesses: look at them.
    """
    from technews.feed_file import append, table_of  # noqa: PLC0415 -- as above
    from technews.feed_finding import find, same_place  # noqa: PLC0415 -- as above

    settings = read_settings()
    path = feeds.resolve() if feeds else settings.feeds_file
    declared = _declared(path)
    found = find(settings, url, {feed.id for feed in declared})
    for feed in declared:
        if same_place(feed.url, found.feed.url):
            raise UsageError(f"{found.feed.url} is there already, as feed {feed.id}: nothing was done")
    typer.echo(table_of(found.feed), nl=False)
    if write:
        append(path, [found.feed])
    _said(1, path, written=write)


@feeds_app.command("import", epilog="Example: technews feeds import subscriptions.opml --write")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.opml")], *, feeds: Feeds = None, write: Write = False
) -> None:
    """Proposes the feeds of an OPML file.

    But for those that are configured already. Each is tried, to guess language and zone; one that cannot be read is
    left out, and said.
    """
    from technews.feed_file import append, read_opml, table_of  # noqa: PLC0415 -- as above

    settings = read_settings()
    path = feeds.resolve() if feeds else settings.feeds_file
    readable = _imported(settings, read_opml(file), path)
    for each in readable:
        typer.echo(table_of(each.feed))
    if write and readable:
        append(path, [each.feed for each in readable])
    _said(len(readable), path, written=write)


@feeds_app.command("export", epilog="Example: technews feeds export")
def export(*, feeds: Feeds = None) -> None:
    """Prints the configured feeds as OPML."""
    from technews.declared_feeds import read_feeds  # noqa: PLC0415 -- as above
    from technews.feed_file import opml  # noqa: PLC0415 -- as above

    typer.echo(opml(read_feeds(feeds.resolve() if feeds else read_settings().feeds_file)), nl=False)


def unread(settings: Settings) -> list[dict[str, Any]]:
    """The configured feeds as `feeds list` shows them, where nothing has been published yet."""
    from technews.declared_feeds import read_feeds  # noqa: PLC0415 -- as above

    return [
        {
            "feed_id": feed.id,
            "title": feed.title,
            "url": feed.url,
            "language": feed.language,
            "country": feed.country,
            "state": "new",
            "last_success_at": None,
            "next_poll_at": None,
            "entries_7d": 0,
            "consecutive_failures": 0,
            "last_error": None,
            "explanation": "Not read yet: the first `technews run` reads it.",
        }
        for feed in read_feeds(settings.feeds_file)
    ]


def register(
    app: typer.Typer,
    at: Callable[[Path | None], Settings],
    waiting: Callable[[], "Callable[[Held], bool]"],
) -> None:
    """Adds `retry`; `at` gives the settings of a home, `waiting` waits for another writer and says so."""

    @app.command(epilog="Example: technews retry --outcome unreachable --feed numerama")
    def retry(
        name: Annotated[str | None, typer.Argument(metavar="URL|ENTRY_ID")] = None,
        *,
        outcome: Annotated[str | None, typer.Option("--outcome", help="All entries with this outcome.")] = None,
        feed: Annotated[str | None, typer.Option("--feed", help="With --outcome: only those of this feed.")] = None,
        home: Home = None,
    ) -> None:
        """Makes entries pending again.

        The next run asks for their pages. For entries that ended without an article (empty, unreachable, gone,
        blocked), and for pending ones that wait.
        """
        from technews.retries import Wanted, retry  # noqa: PLC0415 -- commands import what they need, so that --help stays quick

        report, done, without_address = retry(at(home), Wanted(name, outcome, feed), waiting())
        for row in done[:_SHOWN]:
            typer.echo(f"{row['entry_id']} was {row['outcome']}: {row['url']}")
        if len(done) > _SHOWN:
            typer.echo(f"... and {len(done) - _SHOWN} more")
        if without_address:
            typer.echo(f"left out, since they have no address that could be asked for: {without_address}")
        typer.echo(f"pending again: {len(done)}; the next run asks for them (run {report.row['run_id']})")


def _imported(settings: Settings, listed: Sequence[tuple[str, str]], path: Path) -> list["Probe"]:
    """The listed feeds that are new, can be read and may be configured; what is left out is said."""
    from technews.feed_file import refusal_of  # noqa: PLC0415 -- as above
    from technews.feed_finding import proposed  # noqa: PLC0415 -- as above
    from technews.feed_probe import probe  # noqa: PLC0415 -- as above

    declared = _declared(path)
    taken = {feed.id for feed in declared}
    readable: list[Probe] = []
    for each in probe(settings, _drafts(listed, [feed.url for feed in declared])):
        if each.document is None:
            _left_out(each.feed.url, f"cannot be read: {each.error}")
            continue
        named = proposed(each, each.feed.url, taken)
        feed = replace(named.feed, title=each.feed.title if each.feed.title != each.feed.url else named.feed.title)
        if why := refusal_of(feed):
            _left_out(feed.url, why)
            continue
        taken.add(feed.id)
        readable.append(replace(named, feed=feed))
    return readable


def _drafts(listed: Sequence[tuple[str, str]], declared: Sequence[str]) -> list["Feed"]:
    """The listed feeds that may be asked, spelt: no `${NAME}` of a stranger is read as a variable of ours."""
    from datetime import timedelta  # noqa: PLC0415 -- as above

    from technews.addresses import spell  # noqa: PLC0415 -- as above
    from technews.feed_finding import names_variable, same_place  # noqa: PLC0415 -- as above
    from technews.records import Feed  # noqa: PLC0415 -- as above

    drafts: list[Feed] = []
    there = 0
    for number, (url, title) in enumerate(listed):
        spelt = spell(url)
        if url in declared or any(same_place(url, other) for other in declared):
            there += 1
        elif names_variable(url):
            _left_out(url, "names an environment variable: give it to `technews feeds add` if it is yours")
        elif spelt is None:
            _left_out(url, "not an absolute http or https address without user name")
        elif any(same_place(spelt, draft.url) for draft in drafts):
            _left_out(url, "it is listed twice")
        else:
            drafts.append(Feed(f"listed-{number}", spelt, title or spelt, "en", "US", "UTC", timedelta(minutes=30)))
    if there:
        typer.echo(f"{there} of {len(listed)} are there already", err=True)
    return drafts


def _left_out(url: str, why: str) -> None:
    from technews.feed_file import shown  # noqa: PLC0415 -- as above

    typer.echo(f"left out: {shown(url)}: {why}", err=True)


def _declared(path: Path) -> tuple[Any, ...]:
    from technews.declared_feeds import read_feeds  # noqa: PLC0415 -- as above

    return read_feeds(path) if path.exists() else ()


def _show(found: Sequence["Probe"], *, as_json: bool) -> None:
    rows = [each.row for each in found]
    if as_json:
        typer.echo(json_text(rows))
        return
    show(_COLUMNS, [tuple(row[column] for column in _COLUMNS) for row in rows], longest=LONGEST_CELL)
    down = sum(each.document is None for each in found)
    typer.echo(f"{counted(len(found), 'feed')} tried, {down} cannot be read", err=True)


def _said(number: int, path: Path, *, written: bool) -> None:
    words = f"added to {path}" if written else f"proposed; look it over, then --write adds it to {path}"
    typer.echo(f"{number} {'feed' if number == 1 else 'feeds'} {words}", err=True)
