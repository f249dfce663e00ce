"""The feeds file: what it may say, and that every other thing is refused at its exact place."""

from datetime import timedelta
from pathlib import Path

import pytest

from technews import PROJECT_ROOT
from technews.declared_feeds import read_feeds
from technews.records import Feed
from technews.settings import UsageError

GOOD = {
    "id": '"l-octet"',
    "url": '"https://octet.example/flux"',
    "title": '"L\'Octet"',
    "language": '"fr"',
    "country": '"FR"',
    "timezone": '"Europe/Paris"',
}
LINES = {key: number for number, key in enumerate(GOOD, start=2)}  # the table's header is line 1


def table(*more: str, **changes: str | None) -> str:
    """A feed's table with some values changed or (None) left out, and further lines."""
    values = {key: value for key, value in (GOOD | changes).items() if value is not None}
    return "\n".join(["[[feed]]", *(f"{key} = {value}" for key, value in values.items()), *more]) + "\n"


def read(folder: Path, text: str) -> tuple[Feed, ...]:
    """The feeds of a file with this text."""
    path = folder / "feeds.toml"
    path.write_text(text, encoding="utf-8", newline="")
    return read_feeds(path)


def test_every_key(tmp_path: Path) -> None:
    """Each key of a table reaches the record; the two that may be left out have defaults."""
    second = table(
        'every = "2h"', "full_text = true", id='"zwei"', url='"http://zwei.example:8080/f?x=1"', country='"DE"'
    )
    assert read(tmp_path, table() + second) == (
        Feed(
            id="l-octet",
            url="https://octet.example/flux",
            title="L'Octet",
            language="fr",
            country="FR",
            timezone="Europe/Paris",
            every=timedelta(minutes=30),
            full_text=False,
        ),
        Feed(
            id="zwei",
            url="http://zwei.example:8080/f?x=1",
            title="L'Octet",
            language="fr",
            country="DE",
            timezone="Europe/Paris",
            every=timedelta(hours=2),
            full_text=True,
        ),
    )


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    """In one refusal, each at its place: one a run would cost as many runs as there are mistakes."""
    first = table("evry = 5", "evrything = 6", language='"french"', country=None)
    second = table(id='"zwei"', timezone='"CET+1"')
    third = table(id='"zwei"', url='"https://drei.example/f"')
    with pytest.raises(UsageError) as refused:
        read(tmp_path, first + second + third + table(id='"zwei"', url='"https://vier.example/f"'))
    path = tmp_path / "feeds.toml"
    heading, *said = refused.value.lines
    assert heading == f"6 mistakes in {path}:"
    assert str(refused.value) == f"6 mistakes, the first: {said[0]}"
    expected = (
        "7: evry: unknown",
        "8: evrything: unknown",
        "5: language: 'french'",
        "1: country: missing",
        "15: timezone: 'CET+1'",
        "24: id: the feed of line 17 has the same id",
    )
    assert len(said) == len(expected)
    for place, line in zip(expected, said, strict=True):
        assert line.startswith(f"{path}:{place}")


def test_many_mistakes_are_counted(tmp_path: Path) -> None:
    """A file of another kind of tables ends in no flood; a single mistake is told alone."""
    with pytest.raises(UsageError) as refused:
        read(tmp_path, "[[feed]]\n" * 20)
    assert (len(refused.value.lines), refused.value.lines[-1]) == (52, "... and 70 more")
    with pytest.raises(UsageError) as refused:
        read(tmp_path, table(timezone='"CET+1"'))
    assert refused.value.lines == (str(refused.value),)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1s", timedelta(seconds=1)),
        ("90m", timedelta(minutes=90)),
        ("168h", timedelta(days=7)),
        ("7d", timedelta(days=7)),
        ("0030m", timedelta(minutes=30)),
    ],
)
def test_interval(tmp_path: Path, written: str, meant: timedelta) -> None:
    """An interval is an integer and a unit, from one second to seven days."""
    [feed] = read(tmp_path, table(f'every = "{written}"'))
    assert feed.every == meant


@pytest.mark.parametrize(
    "url",
    [
        "https://${USER_NAME}:${PASSWORD}@octet.example/flux",
        "https://octet.example/${TOKEN}/flux?key=${KEY}",
        "https://${HOST}/flux",
        "HTTP://octet.example",
        "https://[2001:db8::1]:8443/flux",
        "https://八位.example/新闻",
        "http://127.0.0.1:8123/feed.xml",
    ],
)
def test_addresses_kept_as_written(tmp_path: Path, url: str) -> None:
    """An absolute address is kept as it is written, its placeholders too: they are filled when connecting."""
    [feed] = read(tmp_path, table(url=f'"{url}"'))
    assert feed.url == url


def test_title_is_sound_text_in_one_line(tmp_path: Path) -> None:
    """A title written over several lines or with control characters is one line of sound text."""
    [feed] = read(tmp_path, table(title='"""Le\\u0000 grand\\n  Octet \\u0301"""'))
    assert feed.title == "Le grand Octet \u0301"


@pytest.mark.parametrize("mark", ["\ufeff", "# remarque\r\n", "\n\n"], ids=["byte order mark", "CRLF", "blank lines"])
def test_files_as_editors_write_them(tmp_path: Path, mark: str) -> None:
    """Marks and line ends of other systems change nothing."""
    [feed] = read(tmp_path, mark + table().replace("\n", "\r\n"))
    assert feed.id == "l-octet"


BAD_VALUES = {
    "capitals in the id": ("id", '"Octet"', "characters a-z, 0-9 and -"),
    "empty id": ("id", '""', "characters a-z, 0-9 and -"),
    "line break after the id": ("id", '"octet\\n"', "characters a-z, 0-9 and -"),
    "id that is a number": ("id", "5", "characters a-z, 0-9 and -"),
    "relative url": ("url", '"/flux"', "not an absolute http or https URL"),
    "url without scheme": ("url", '"octet.example/flux"', "not an absolute http or https URL"),
    "url of another scheme": ("url", '"file:///etc/hosts"', "not an absolute http or https URL"),
    "url without host": ("url", '"https:///flux"', "not an absolute http or https URL"),
    "url with a space": ("url", '"https://octet.example/le flux"', "not an absolute http or https URL"),
    "url with a line break": ("url", '"https://octet.example/\\nflux"', "not an absolute http or https URL"),
    "url with a bad port": ("url", '"https://octet.example:99999/"', "not an absolute http or https URL"),
    "url with half an address": ("url", '"https://[2001:db8::1/flux"', "not an absolute http or https URL"),
    "url with half a placeholder": ("url", '"https://octet.example/${TOKEN"', "not an absolute http or https URL"),
    "url with a password": ("url", '"https://moi:secret@octet.example/"', "write ${NAME} in its place"),
    "url with a user name": ("url", '"https://secret@octet.example/"', "write ${NAME} in its place"),
    "bad url with a password": ("url", '"ftp://moi:secret@octet.example/"', "not an absolute http or https URL"),
    "empty title": ("title", '" "', "the feed's name"),
    "title of control characters": ("title", '"\\u0001"', "the feed's name"),
    "three-letter language": ("language", '"fra"', "ISO 639-1"),
    "language with a region": ("language", '"fr-FR"', "ISO 639-1"),
    "language in capitals": ("language", '"FR"', "ISO 639-1"),
    "no such language": ("language", '"xx"', "ISO 639-1"),
    "small letters in the country": ("country", '"fr"', "ISO 3166-1"),
    "no such country": ("country", '"UK"', '"GB"'),
    "abbreviated zone": ("timezone", '"CST"', "time zone database"),
    "misspelt zone": ("timezone", '"Europe/Pari"', "time zone database"),
    "half a zone": ("timezone", '"Europe"', "time zone database"),
    "zone that is a path": ("timezone", '"../../etc/passwd"', "time zone database"),
    "zone of the machine": ("timezone", '"localtime"', "time zone database"),
    "offset for a zone": ("timezone", '"+01:00"', "time zone database"),
}


@pytest.mark.parametrize(("key", "value", "right"), BAD_VALUES.values(), ids=BAD_VALUES)
def test_bad_value_is_refused_at_its_line(tmp_path: Path, key: str, value: str, right: str) -> None:
    """A bad value is refused with file, line and key, says what would be right, and shows no secret."""
    with pytest.raises(UsageError) as refusal:
        read(tmp_path, table(**{key: value}))
    message = str(refusal.value)
    assert message.startswith(f"{tmp_path / 'feeds.toml'}:{LINES[key]}: {key}: ")
    assert right in message
    assert "secret" not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "value",
    ["30", '"30"', '"0s"', '"8d"', '"-5m"', '"1.5h"', '"30 m"', '"30M"', '"999999999d"', '"99999999999m"', '"٣m"'],
)
def test_bad_interval_is_refused(tmp_path: Path, value: str) -> None:
    """What is no interval, or one out of bounds, is refused with the bounds."""
    with pytest.raises(UsageError, match=r'feeds\.toml:8: every: .* from "1s" to "7d"'):
        read(tmp_path, table(f"every = {value}"))


@pytest.mark.parametrize("key", GOOD)
def test_missing_key_is_refused_at_its_table(tmp_path: Path, key: str) -> None:
    """A key that is missing is named with the line of its table."""
    later = table(id='"zwei"', url='"https://zwei.example/"').replace(f"{key} = ", "# ")
    with pytest.raises(UsageError, match=rf"feeds\.toml:8: {key}: missing; give "):
        read(tmp_path, table() + later)


BAD_FILES = {
    "misspelt key": (table('evry = "30m"'), 8, "evry: unknown key; known are country, every,"),
    "full_text as a text": (table('full_text = "yes"'), 8, "full_text: 'yes' is not true or false"),
    "key inside a key": (table("[feed.retry]", "after = 5"), 1, "retry: unknown key"),
    "quoted key with a line break": (table('"a\\nb" = 1'), 1, "'a\\nb': unknown key"),
    "doubled id": (table() + table(url='"https://b.example/"'), 9, "id: the feed of line 2 has the same id"),
    "doubled url": (table() + table(id='"b"'), 10, "url: the feed of line 3 has the same url"),
    "url doubled in another spelling": (
        table() + table(id='"b"', url='"HTTPS://OCTET.example/flux"'),
        10,
        "url: the feed of line 3 has the same url",
    ),
    "url doubled without its slash": (
        table(url='"https://octet.example"') + table(id='"b"', url='"https://octet.example/"'),
        10,
        "url: the feed of line 3 has the same url",
    ),
    "doubled id after separators that no editor counts": (
        table(title='"a\u2028b\u0085c"') + table(url='"https://b.example/"'),
        9,
        "id: the feed of line 2 has the same id",
    ),
    "key written twice": (table('id = "b"'), 8, "not valid TOML: Cannot overwrite a value"),
    "no feed": ("# none yet\n", 1, "feed: declares no feed"),
    "empty": ("", 1, "feed: declares no feed"),
    "one table for all": ("\n[feed]\nid = 'a'\n", 2, "feed: write each as a table of its own, [[feed]]"),
    "table of another kind": (table() + "[[feeds]]\nid = 'b'\n", 8, "feeds: unknown; this file holds [[feed]] tables"),
    "value at the top": ("every = '30m'\n" + table(), 1, "every: unknown; this file holds [[feed]] tables only"),
    "tables in one line": ("\nfeed = [{id = 'a', colour = 'red'}]\n", 2, "colour: unknown key"),
    "text without its end": ('[[feed]]\nid = "a\n', 2, "not valid TOML: "),
    "list without its end": ("[[feed]]\nid = [1,\n\n", 2, "not valid TOML: "),
}


@pytest.mark.parametrize(("text", "line", "why"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_file_is_refused_at_its_line(tmp_path: Path, text: str, line: int, why: str) -> None:
    """What a file may not hold is refused with the line where it stands."""
    with pytest.raises(UsageError) as refusal:
        read(tmp_path, text)
    first = str(refusal.value).rpartition("the first: ")[2]
    assert first.startswith(f"{tmp_path / 'feeds.toml'}:{line}: {why}")


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe[[feed]]", b"feed = " + b"[" * 100_000, b"[[feed]]\nid = " + b"9" * 5_000, b"[[feed]]\nid = \0"],
    ids=["not UTF-8", "lists in lists", "endless number", "NUL"],
)
def test_unreadable_file_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    """A file that is no text, or that overruns the TOML reader, is refused and not crashed upon."""
    path = tmp_path / "feeds.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"\A\S+feeds\.toml:[^\n]*\Z"):
        read_feeds(path)


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    """Without a file there is nothing to read; the message says which one was looked for."""
    with pytest.raises(UsageError, match=r"nowhere\.toml: no such file"):
        read_feeds(tmp_path / "nowhere.toml")
    with pytest.raises(UsageError, match="cannot be read"):
        read_feeds(tmp_path)


def test_long_value_is_not_repeated_whole(tmp_path: Path) -> None:
    """A message stays readable whatever stands in the file."""
    with pytest.raises(UsageError) as refusal:
        read(tmp_path, table(id=f'"{"A" * 100_000}"', url='"x"'))
    assert len(str(refusal.value)) < 500 + len(str(tmp_path))


def test_declared_feeds_of_the_project() -> None:
    """The project's own feeds are read, a dozen and more, balanced over the three languages."""
    feeds = read_feeds(PROJECT_ROOT / "config" / "feeds.toml")
    counts = {language: sum(feed.language == language for feed in feeds) for language in ("en", "fr", "zh")}
    assert len(feeds) >= 12
    assert sum(counts.values()) == len(feeds)
    assert min(counts.values()) >= 4
