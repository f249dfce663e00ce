"""The commands over kept pages: `backfill` and `replay`. Each is a run in the engine, as an ingest is."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from technews.settings import Settings, UsageError

Home = Annotated[Path | None, typer.Option("--home", help="The home folder, instead of TECHNEWS_HOME.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(
    app: typer.Typer, at: Callable[[Path | None], Settings], start: Callable[..., Any], alone: Callable[..., Any]
) -> None:
    """Adds the commands; `at` gives the settings of a home, `start` runs a flow by name and prints how it ended.

    `alone` runs a flow without the engine and gives what it returns.
    """

    @app.command(epilog="Example: technews backfill CC-NEWS-20260301.warc.gz saved-pages/")
    def backfill(
        paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="WARC files, folders of them or of HTML.")],
        *,
        again: Annotated[bool, typer.Option("--again", help="Read anew what was read whole before.")] = False,
        home: Home = None,
        as_json: Json = False,
    ) -> None:
        """Takes in pages that were kept elsewhere.

        Archives of ours, CC-NEWS and other WARC files, folders of HTML with an `index.jsonl` of path, url, fetched_at.
        Stopped or killed, it goes on where it was when it is started again. Ingests on schedule go on beside it.
        """
        from technews.file_names import as_text  # noqa: PLC0415 -- commands import what they need, so that --help stays quick
        from technews.rules import read_configuration  # noqa: PLC0415 -- the same
        from technews.sources import find_sources  # noqa: PLC0415 -- the same

        settings, whole = at(home), [path.absolute() for path in paths]
        read_configuration(settings, None, None)  # refused before anything is started
        find_sources(whole)
        names = [as_text(path) for path in whole]  # the engine keeps them as JSON
        start(settings, "backfill", names, again=again, as_json=as_json)

    @app.command(epilog="Example: technews replay --dry-run --since 30d")
    def replay(
        *,
        since: Annotated[str | None, typer.Option("--since", help="2026-03-01, 30d, 12h: fetched since then.")] = None,
        topic: Annotated[str | None, typer.Option("--topic", help="Only what this topic decides.")] = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change, and why.")] = False,
        home: Home = None,
        as_json: Json = False,
    ) -> None:
        """Today's cleaner and rules over the archive.

        Decisions, texts and facts are brought up to date; no revision is made of what our own upgrade changed. What
        cannot be seen any more is counted.
        """
        from datetime import UTC, datetime  # noqa: PLC0415 -- as above

        from technews.replay_run import read_since  # noqa: PLC0415 -- as above
        from technews.replay_words import as_object, in_words  # noqa: PLC0415 -- as above
        from technews.rules import read_configuration  # noqa: PLC0415 -- as above
        from technews.tables import json_text  # noqa: PLC0415 -- as above

        settings = at(home)
        _, rules = read_configuration(settings, None, None)
        read_since(since, datetime.now(UTC))
        if topic is not None and topic not in rules.versions:
            raise UsageError(f"--topic {topic}: no such topic is enabled; choose: {' | '.join(rules.versions)}")
        if dry_run:
            found = alone("replay", since, topic, dry_run=True)
            typer.echo(json_text(as_object(found)) if as_json else in_words(found))
        elif not settings.state_file.exists():
            raise UsageError(f"nothing has been loaded in {settings.home} yet: start with `technews run`")
        else:
            start(settings, "replay", since, topic, as_json=as_json)
