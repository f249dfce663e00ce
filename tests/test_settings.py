"""Settings by environment: what each means, and that a value of another kind is refused by its name."""

from datetime import timedelta
from pathlib import Path

import pytest

from technews import PROJECT_ROOT
from technews.settings import UsageError, no_settings, read_settings


def test_without_any_variable() -> None:
    """Every setting has a default; home and configuration lie in the project."""
    settings = read_settings({})
    assert settings.home == PROJECT_ROOT / "data"
    assert settings.config == PROJECT_ROOT / "config"
    assert settings.allow_hosts == frozenset()
    assert (settings.host_pause, settings.run_limit) == (1.0, timedelta(minutes=15))
    assert (settings.contact, settings.server_port) == (None, 4200)


def test_every_variable_is_read() -> None:
    """Each variable reaches its setting."""
    settings = read_settings(
        {
            "TECHNEWS_HOME": "/srv/news",
            "TECHNEWS_CONFIG": "/etc/news",
            "TECHNEWS_ALLOW_HOSTS": " 127.0.0.1:8000, [::1]:80 ,,",
            "TECHNEWS_HOST_PAUSE": "0",
            "TECHNEWS_RUN_MINUTES": "0.5",
            "TECHNEWS_CONTACT": "desk@octet.example",
            "TECHNEWS_SERVER_PORT": " 65535 ",
        }
    )
    assert settings.home == Path("/srv/news")
    assert settings.feeds_file == Path("/etc/news/feeds.toml")
    assert settings.topics_dir == Path("/etc/news/topics")
    assert settings.allow_hosts == {"127.0.0.1:8000", "[::1]:80"}
    assert (settings.host_pause, settings.run_limit) == (0.0, timedelta(seconds=30))
    assert (settings.contact, settings.server_port) == ("desk@octet.example", 65535)


def test_an_empty_variable_is_none() -> None:
    """`TECHNEWS_HOME= technews run` means the default, as shells have no other way to unset for one command."""
    names = ("HOME", "CONFIG", "ALLOW_HOSTS", "HOST_PAUSE", "RUN_MINUTES", "CONTACT", "SERVER_PORT")
    assert read_settings({f"TECHNEWS_{name}": "" for name in names}) == read_settings({})


def test_where_paths_are_meant_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home on the command line is meant from where the user stands and wins; a variable from the project's root."""
    monkeypatch.chdir(tmp_path)
    assert read_settings({"TECHNEWS_HOME": "there"}).home == PROJECT_ROOT / "there"
    assert read_settings({"TECHNEWS_HOME": "there"}, home=Path("here")).home == tmp_path / "here"
    assert read_settings({"TECHNEWS_CONFIG": "other"}).config == PROJECT_ROOT / "other"


def test_places_in_a_home() -> None:
    """Everything that is written lies under the home."""
    settings = read_settings({"TECHNEWS_HOME": "/srv/news"})
    places = (settings.state_file, settings.lock_file, settings.published, settings.warehouse, settings.archive)
    assert [str(place.relative_to(settings.home)) for place in places] == [
        "state/technews.duckdb",
        "state/run.lock",
        "published",
        "warehouse.duckdb",
        "archive",
    ]


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("TECHNEWS_HOST_PAUSE", "soon", "0 to 3600"),
        ("TECHNEWS_HOST_PAUSE", "-1", "0 to 3600"),
        ("TECHNEWS_HOST_PAUSE", "1s", "0 to 3600"),
        ("TECHNEWS_HOST_PAUSE", "1,5", "0 to 3600"),
        ("TECHNEWS_HOST_PAUSE", "3601", "0 to 3600"),
        ("TECHNEWS_HOST_PAUSE", "nan", "0 to 3600"),
        ("TECHNEWS_RUN_MINUTES", "inf", "0.01 to 1440"),
        ("TECHNEWS_RUN_MINUTES", "0", "0.01 to 1440"),
        ("TECHNEWS_RUN_MINUTES", "-0.1", "0.01 to 1440"),
        ("TECHNEWS_RUN_MINUTES", "15 minutes", "0.01 to 1440"),
        ("TECHNEWS_RUN_MINUTES", "1e400", "0.01 to 1440"),
        ("TECHNEWS_RUN_MINUTES", "9" * 5000, "0.01 to 1440"),
        ("TECHNEWS_STALE_HOURS", "0", "0.01 to 8760"),
        ("TECHNEWS_ARCHIVE_DAYS", "0", "1 to 36500"),
        ("TECHNEWS_LOOK_AHEAD", "2", "0 to 1"),
        ("TECHNEWS_SERVER_PORT", "0", "1 to 65535"),
        ("TECHNEWS_SERVER_PORT", "65536", "1 to 65535"),
        ("TECHNEWS_SERVER_PORT", "http", "1 to 65535"),
        ("TECHNEWS_SERVER_PORT", "\n4200x", "1 to 65535"),
    ],
    ids=lambda value: value[:20].strip() if isinstance(value, str) else None,
)
def test_a_value_of_another_kind_is_refused(name: str, value: str, right: str) -> None:
    """The message names the variable and what would be right, in one line."""
    with pytest.raises(UsageError) as refused:
        read_settings({name: value})
    message = str(refused.value)
    assert message.startswith(f"{name}=")
    assert f"is not a number from {right}" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("value", "hosts"),
    [
        ("LOCALHOST:80", {"localhost:80"}),
        ("[0:0::1]:8000", {"[::1]:8000"}),
        ("news_1.lan:08080", {"news_1.lan:8080"}),
    ],
)
def test_allowed_hosts_are_spelt_as_addresses_are(value: str, hosts: set[str]) -> None:
    """A host is allowed however it is spelt in the setting: addresses are compared in their one spelling."""
    assert read_settings({"TECHNEWS_ALLOW_HOSTS": value}).allow_hosts == hosts


@pytest.mark.parametrize(
    "item",
    [
        "foo",
        "foo:",
        ":80",
        "foo:0",
        "foo:65536",
        "foo:http",
        "http://foo:80",
        "foo:80/",
        "user@foo:80",
        "*:80",
        "10.0.0.0/8",
        "::1:80",
        "[::1]",
        "[::1::]:80",
        "[fe80::1%eth0]:80",
        "foo:80 bar:80",
        "foo:٨٠",
    ],
)
def test_what_is_no_host_and_port_is_refused(item: str) -> None:
    """A host without its port, or anything else, would silently open nothing: the message names it."""
    with pytest.raises(UsageError, match="TECHNEWS_ALLOW_HOSTS") as refused:
        read_settings({"TECHNEWS_ALLOW_HOSTS": f"127.0.0.1:80,{item}"})
    assert repr(item) in str(refused.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("TECHNEWS_LOOKAHEAD", ": did you mean TECHNEWS_LOOK_AHEAD?"),
        ("TECHNEWS_ALLOW_HOST", ": did you mean TECHNEWS_ALLOW_HOSTS?"),
        ("TECHNEWS_stale_hours", ": did you mean TECHNEWS_STALE_HOURS?"),
        ("TECHNEWS_WEBHOOK", ": did you mean TECHNEWS_ALERT_WEBHOOK?"),
        ("TECHNEWS_PORT", ' (see README, "Change it")'),  # there are two
        ("TECHNEWS_", ' (see README, "Change it")'),
        ("TECHNEWS_DEMO_PORT", None),
        ("TECHNEWSLETTER", None),
    ],
)
def test_a_misspelt_variable_is_told(name: str, said: str | None) -> None:
    """It would be without effect, and without a word; the nearest name is named where one is near."""
    assert no_settings({name: "", "PATH": "/bin", "TECHNEWS_HOME": ""}) == (
        [f"{name} is no setting{said}"] if said else []
    )


def test_many_variables_that_are_none_are_counted() -> None:
    """A shell may hold others' variables by the hundred."""
    lines = no_settings({f"TECHNEWS_X{number:03}": "" for number in range(300)})
    assert (len(lines), lines[-1]) == (11, "290 more variables TECHNEWS_… are no settings")
