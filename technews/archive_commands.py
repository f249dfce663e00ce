"""The commands over kept pages: `backfill` and `replay`. Each is a run in the engine, as an ingest is."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from technews.settings import Settings

Home = Annotated[Path | None, typer.Option("--home", help="The home folder, instead of TECHNEWS_HOME.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def register(app: typer.Typer, at: Callable[[Path | None], Settings], start: Callable[..., Any]) -> None:
    """Adds the commands; `at` gives the settings of a home, `start` runs a flow by name and prints how it ended."""

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
        from technews.rules import read_configuration  # noqa: PLC0415 -- commands import what they need, so that --help stays quick
        from technews.sources import find_sources  # noqa: PLC0415 -- the same

        settings, whole = at(home), [path.absolute() for path in paths]
        read_configuration(settings, None, None)  # refused before anything is started
        find_sources(whole)
        start(settings, "backfill", whole, again=again, as_json=as_json)
