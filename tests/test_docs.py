"""What README, data dictionary and decisions say is held to the code, in both directions where a list is closed."""

import ast
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer
from dictionary import BEGIN, COMMAND, END, PAGE, described_views, migrated
from doc_pages import blocks, section, spans, tables

from technews import PROJECT_ROOT, configuration, dates, declared_feeds, entities, topics
from technews.cli import app
from technews.records import POLL_TIME, Origin, Outcome, Precision, Reason
from technews.settings import VARIABLES
from technews.validation import RULES
from technews.warehouse import SQL

README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
DICTIONARY = PAGE.read_text(encoding="utf-8")
DECISIONS = (PROJECT_ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
CODE = sorted(
    path for folder in ("technews", "tasks", "flows", "demo") for path in (PROJECT_ROOT / folder).glob("*.py")
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A database with the present views and nothing in it."""
    with migrated(tmp_path_factory.mktemp("docs")) as made:
        yield made


def keys_after(lead: str) -> set[str]:
    """The first column's names in the first table of README after a phrase."""
    rest = README.split(lead, 1)[1]
    (_, rows), *_ = tables(rest[rest.index("|") : rest.index("\n\n", rest.index("\n|"))] + "\n").items()
    return {name for row in rows for name in spans(row[0])}


def named(text: str) -> set[str]:
    """The values that a comment of the schema lists: `a, b or c.`, perhaps with more words in brackets."""
    return set(re.findall(r"\w+", re.sub(r"\(.*?\)|[^:]*: |\bor\b", "", text)))


# The views and their queries


def test_readme_names_every_view_and_no_other(store):
    """An analyst finds every view in README's table, and none that is not there."""
    _, rows = store.query("SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal")
    assert {name for row in tables(README)["view"] for name in spans(row[0])} == {name for (name,) in rows}


def test_readme_shows_three_queries_that_are_files_and_run(store):
    """A query of README is one of sql/queries, word for word, and the answer shown has its columns."""
    files = {path.read_text(encoding="utf-8"): path for path in (SQL / "queries").glob("*.sql")}
    shown = re.findall(r"^```sql\n(.*?)^```\n```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert len(shown) == len(blocks(README, "sql")) == 3
    for query, answer in shown:
        assert query in files, "not word for word a file of sql/queries"
        columns, rows = store.query(query)
        assert rows == []
        assert re.split(r"\s{2,}", answer.splitlines()[0].strip()) == columns


def test_readmes_python_works(store, tmp_path, monkeypatch):
    """README's way to ask from Python, in a folder where a warehouse lies as published."""
    (tmp_path / "data").mkdir()
    store.checkpoint()
    (tmp_path / "data" / "warehouse.duckdb").write_bytes(store.path.read_bytes())
    monkeypatch.chdir(tmp_path)
    (code,) = blocks(README, "python")
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102  our own page


# Commands and targets


def commands() -> dict[str, click.Command]:
    """Every command that does something, by its whole name."""
    return dict(_leaves(typer.main.get_command(app), ()))


def _leaves(command: click.Command, name: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    if hasattr(command, "commands"):
        for word, inner in command.commands.items():
            yield from _leaves(inner, (*name, word))
    else:
        yield " ".join(name), command


def options(command: click.Command) -> set[str]:
    """The options of a command, but for --help."""
    return {name for parameter in command.params for name in parameter.opts if name.startswith("--")} - {"--help"}


def command_of(line: str) -> str | None:
    """The command or group that a line calls, None where it calls a placeholder or technews alone."""
    words = [word for word in line.split("technews ", 1)[1].split() if word != "--debug"]
    if not words or not re.fullmatch(r"[a-z]+", words[0]):
        return None
    return " ".join(words[:2]) if words[0] in groups() else words[0]


def groups() -> set[str]:
    """The first words of commands of two."""
    return {name.split()[0] for name in commands() if " " in name}


def test_readme_names_every_command_with_its_options():
    """README's table of commands and the command line list the same commands and options."""
    rows = tables(README)["command"]
    assert {command_of(row[0].strip("`")): set(spans(row[2])) for row in rows} == {
        name: options(command) for name, command in commands().items()
    }


@pytest.mark.parametrize("page", ["README.md", "docs/decisions.md", "docs/data-dictionary.md", "CHANGELOG.md"])
def test_commands_that_the_pages_name_exist(page):
    """Whatever a page says to type is a command, and knows the options given to it."""
    text = (PROJECT_ROOT / page).read_text(encoding="utf-8")
    lines = [*spans(text), *(line for block in blocks(text, "(?:sh)?") for line in block.splitlines())]
    for line in (line for line in lines if re.match(r"(?:\S*/)?technews ", line)):
        name = command_of(line)
        if name is not None and name not in groups():
            assert name in commands(), line
            assert set(re.findall(r"--[a-z-]+", line)) <= options(commands()[name]) | {"--debug"}, line


def test_make_targets_that_readme_names_exist():
    """README names every target of the Makefile that people call, and no other."""
    makefile = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    assert {word for span in spans(README) for word in re.findall(r"\bmake ([\w-]+)", span)} == set(targets)
    assert set(targets) <= set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))


def test_paths_that_the_pages_name_exist():
    """A path in README or decisions that begins with a folder of the project is there."""
    folders = {path.name for path in PROJECT_ROOT.iterdir() if path.is_dir()} - {"data"}
    named_paths = [*spans(README + DECISIONS), *re.findall(r"\]\(([^)#]+)\)", README + DECISIONS)]
    for path in (path for path in named_paths if re.fullmatch(r"[^\s/]+/\S*", path) and path.split("/")[0] in folders):
        assert list(PROJECT_ROOT.glob(re.sub(r"<\w+>", "*", path.rstrip("/")))), path


# Settings and configuration


def read_variables() -> set[str]:
    """The variables TECHNEWS_… that the code reads or sets: texts that are such a name, and keywords that are."""
    found = set(re.findall(r"\$(TECHNEWS_[A-Z_]+)", (PROJECT_ROOT / "prefect.yaml").read_text(encoding="utf-8")))
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.value if isinstance(node, ast.Constant) else node.arg if isinstance(node, ast.keyword) else None
            if isinstance(name, str) and re.fullmatch(r"TECHNEWS_[A-Z_]+", name):
                found.add(name)
    return found


def test_readme_names_every_variable_and_no_other():
    """A variable that is read stands in README's table, and one that stands there is read; no other counts as known."""
    read = read_variables()
    assert {name for row in tables(README)["variable"] for name in spans(row[0])} == read
    assert set(re.findall(r"TECHNEWS_[A-Z_]+", README)) <= read
    assert set(VARIABLES) == read


def test_defaults_of_variables_are_as_readme_says(monkeypatch):
    """The defaults in README's table are those of the settings."""
    from demo.__main__ import PORT
    from technews.settings import read_settings

    said = {spans(row[0])[0]: row[1].strip("`") for row in tables(README)["variable"]}
    defaults = read_settings({})
    assert said["TECHNEWS_HOME"] == os.path.relpath(defaults.home, PROJECT_ROOT)
    assert said["TECHNEWS_CONFIG"] == os.path.relpath(defaults.config, PROJECT_ROOT)
    assert float(said["TECHNEWS_HOST_PAUSE"]) == defaults.host_pause
    assert float(said["TECHNEWS_RUN_MINUTES"]) == defaults.run_limit.total_seconds() / 60
    assert int(said["TECHNEWS_SERVER_PORT"]) == defaults.server_port
    assert int(said["TECHNEWS_DEMO_PORT"]) == PORT
    assert defaults.contact is None
    assert not defaults.allow_hosts


@pytest.mark.parametrize(
    ("lead", "keys"),
    [
        pytest.param("`config/feeds.toml`, a table", declared_feeds._VALUES, id="feeds"),
        pytest.param("`config/topics/<id>.toml`, one file", topics._KEYS, id="topics"),
        pytest.param("`config/entities.toml`, a table", entities._KEYS, id="entities"),
    ],
)
def test_readme_names_every_key_of_the_configuration(lead, keys):
    """The keys that README explains are those that the readers of these files take."""
    assert keys_after(lead) == set(keys)


def test_keys_of_a_topics_tables_are_named():
    """Facets, weights and languages: README names the keys of a topic's inner tables."""
    rows = {name: row[1] for row in tables(README)["key"] for name in spans(row[0])}
    assert set(topics._FACET_KEYS) < set(spans(rows["facet"]))
    assert set(topics.WEIGHTS) == set(spans(rows["weights"]))
    assert set(spans(re.search(r"Lists of words go by language: (.*?)\. ", README)[1])) == set(entities.LANGUAGES)


def test_a_misspelt_key_would_be_noticed(tmp_path):
    """The readers refuse what is no key, so that the keys compared above are all there are."""
    (tmp_path / "feeds.toml").write_text('[[feed]]\nid = "a"\nevry = "30m"\n')
    with pytest.raises(configuration.UsageError, match=r"feeds\.toml:3: evry: unknown key"):
        declared_feeds.read_feeds(tmp_path / "feeds.toml")


# The data dictionary


def closed_list(heading: str) -> set[str]:
    """The values under a heading of the dictionary."""
    (rows,) = tables(section(DICTIONARY, f"### {heading}")).values()
    assert len({row[0] for row in rows}) == len(rows), "a value stands twice"
    return {name for row in rows for name in spans(row[0])}


def comment(store, view: str, column: str) -> str:
    """The comment of a column, which lists its values."""
    schema, table = view.split(".")
    _, ((text,),) = store.query(
        "SELECT comment FROM duckdb_columns() WHERE (schema_name, table_name, column_name) = ($schema, $view, $column)",
        {"schema": schema, "view": table, "column": column},
    )
    return text


def test_outcomes_are_the_dictionarys():
    """Outcomes are a closed list, in the dictionary and in README."""
    assert closed_list("Outcomes") == set(Outcome)
    assert {name for row in tables(README)["outcome"] for name in spans(row[0])} == set(Outcome)


def test_reasons_are_the_dictionarys():
    """Reasons are a closed list; each stands under the outcome under which the code lists it."""
    assert closed_list("Reasons") == set(Reason)
    source = (PROJECT_ROOT / "technews" / "records.py").read_text(encoding="utf-8")
    listed, outcome = {}, ""
    for line in source.split("class Reason(StrEnum)")[1].split("@dataclass")[0].split("class ")[0].splitlines():
        if match := re.fullmatch(r"    # (\w+)", line):
            outcome = match[1]
        elif match := re.fullmatch(r'    [A-Z_0-9]+ = "(\w+)"', line):
            listed[match[1]] = outcome
    rows = tables(section(DICTIONARY, "### Reasons"))["reason"]
    assert {row[0].strip("`"): row[1].strip("`") for row in rows} == listed


def test_reasons_that_nothing_gives_are_marked():
    """A reason that no code gives yet says so in the dictionary, and only such a one."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in CODE if path.name != "records.py")
    loads = "\n".join(path.read_text(encoding="utf-8") for path in (SQL / "load").glob("*.sql"))
    unused = {reason for reason in Reason if f"Reason.{reason.name}" not in source and f"'{reason}'" not in loads}
    if len(re.findall(r"\bjudge_unstarted\(", source)) == 1:  # defined, and called nowhere
        unused.add(Reason.HOST_TOO_SLOW)
    rows = tables(section(DICTIONARY, "### Reasons"))["reason"]
    assert {row[0].strip("`") for row in rows if "(not given yet)" in row[2]} == unused


def test_changes_of_outcome_are_the_dictionarys(store):
    """The closed table of changes is the database's."""
    (rows,) = tables(section(DICTIONARY, "### Changes of outcome")).values()
    said = {(row[0].strip("`"), outcome) for row in rows for outcome in spans(row[1])}
    _, there = store.query("SELECT coalesce(previous, '(new)'), outcome FROM ledger.transitions")
    assert said == set(there)


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Run statuses", "ledger.runs.status"),
        ("Feed states", "main.feed_health.state"),
        ("Poll statuses", "ledger.polls.status"),
        ("Gap causes", "ledger.coverage_gaps.cause"),
        ("Changes of revisions", "content.article_revisions.change"),
        ("Recheck results", "ledger.rechecks.result"),
        ("Quarantine statuses", "ledger.quarantine.status"),
        ("Kinds of addresses", "content.article_urls.kind"),
        ("Kinds of requests", "ledger.fetches.kind"),
        ("Kinds of entities", "content.mentions.kind"),
    ],
)
def test_lists_are_those_of_the_comments(store, heading, column):
    """A closed list of the dictionary is the one that the column's comment gives."""
    assert closed_list(heading) == named(comment(store, *column.rsplit(".", 1)))


def test_feed_states_are_those_of_the_view():
    """The states of feeds are those that the view can answer."""
    view = (SQL / "marts" / "feed_health.sql").read_text(encoding="utf-8")
    assert closed_list("Feed states") == set(re.findall(r"(?:THEN|ELSE) '(\w+)'", view))


def test_other_lists_are_those_of_the_code():
    """Precisions, origins, date flags, rules of the suite and kinds of entities are lists of the code."""
    flags = dates.__doc__.split("Flags:")[1]
    assert closed_list("Precisions") == set(Precision)
    assert closed_list("Origins") == set(Origin)
    assert closed_list("Date flags") == set(re.findall(r"^    (\w+)", flags, re.MULTILINE))
    assert closed_list("Quarantine rules") == {rule.name for rule in RULES} | {"error"}
    assert closed_list("Kinds of entities") == set(entities.KINDS)


def test_date_flags_of_the_docstring_are_those_of_the_code():
    """The flags that the module's docstring lists are those that it gives."""
    source = Path(dates.__file__).read_text(encoding="utf-8")
    given = set(re.findall(r'flag="(\w+)"|_UnknownDateError\("(\w+)"\)', source))
    assert {name for pair in given for name in pair if name} | {POLL_TIME} == closed_list("Date flags")


def test_views_of_the_dictionary_are_those_of_the_database(store):
    """The dictionary describes each view and column as its comments do."""
    written = DICTIONARY.split(BEGIN)[1].split(END)[0]
    assert written == described_views(store), f"out of date: run {COMMAND}"


# Decisions


def test_every_dependency_has_its_reason():
    """Each dependency has a paragraph (a word for those of development) in decisions, and no other package has one."""
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    packages = {re.match(r"[A-Za-z0-9-]+", each)[0] for each in wanted}
    reasons = section(DECISIONS, "## Dependencies")
    assert set(re.findall(r"\*\*`([\w-]+)`\*\*", reasons)) == packages
    alone = set(re.findall(r"^\*\*`([\w-]+)`\*\* \S", reasons, re.MULTILINE))
    assert alone == {re.match(r"[A-Za-z0-9-]+", each)[0] for each in project["dependencies"]}
