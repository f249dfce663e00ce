"""Dates of publishers: every usual form is read exactly, and nothing is guessed."""

from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technews.dates import RAW_LIMIT, read_date, without_poll_time
from technews.records import DateReading, Precision

NOW = datetime(2026, 9, 10, 12, tzinfo=UTC)
SECOND, MINUTE, DAY = Precision.SECOND, Precision.MINUTE, Precision.DAY


def read(raw: str | None, zone: str = "Europe/Paris") -> DateReading:
    """The reading in a feed of this zone."""
    return read_date(raw, ZoneInfo(zone), now=NOW)


@pytest.mark.parametrize(
    ("raw", "zone", "expected", "precision"),
    [
        # RFC 822 and 2822
        ("Tue, 01 Sep 2026 10:00:00 GMT", "Asia/Shanghai", "2026-09-01T10:00:00", SECOND),
        ("Tue, 01 Sep 2026 10:00:00 +0200", "Asia/Shanghai", "2026-09-01T08:00:00", SECOND),
        ("1 Sep 2026 10:00 UT", "Asia/Shanghai", "2026-09-01T10:00:00", MINUTE),
        ("Tue, 1 Sep 26 10:00:00 Z", "Asia/Shanghai", "2026-09-01T10:00:00", SECOND),
        ("Tue, 1 Sep 98 10:00:00 -0000", "Asia/Shanghai", "1998-09-01T10:00:00", SECOND),
        ("Tuesday, 01-Sep-26 10:00:00 GMT", "Asia/Shanghai", "2026-09-01T10:00:00", SECOND),
        ("Tue, 01 Sep 2026 10:00:00 EST", "Europe/Paris", "2026-09-01T15:00:00", SECOND),
        ("Tue, 01 Sep 2026 10:00:00 PDT", "Europe/Paris", "2026-09-01T17:00:00", SECOND),
        ("Tue, 01 Sep 2026 10:00:00 -0400 (EDT)", "Europe/Paris", "2026-09-01T14:00:00", SECOND),
        ("Tue, 01 Sep 2026 10:00:00", "Asia/Shanghai", "2026-09-01T02:00:00", SECOND),
        ("Tue, 01 Sep 2026 10:00:00 CST", "Asia/Shanghai", "2026-09-01T02:00:00", SECOND),
        ("Tue, 01 Sep 2026 10:00:00 CST", "America/Chicago", "2026-09-01T16:00:00", SECOND),
        ("Tue, 01 Sep 2026 10:00:00 BST", "Europe/London", "2026-09-01T09:00:00", SECOND),
        # ISO 8601 and RFC 3339
        ("2026-09-01", "Asia/Shanghai", "2026-08-31T16:00:00", DAY),
        ("2026-09-01T12:00", "Asia/Shanghai", "2026-09-01T04:00:00", MINUTE),
        ("2026-09-01T12:00:00+08:00", "Europe/Paris", "2026-09-01T04:00:00", SECOND),
        ("2026-09-01T12:00:00+0800", "Europe/Paris", "2026-09-01T04:00:00", SECOND),
        ("2026-09-01 12:00:00 +08", "Europe/Paris", "2026-09-01T04:00:00", SECOND),
        ("2026-09-01t12:00:00.123456z", "Europe/Paris", "2026-09-01T12:00:00", SECOND),
        ("2026-09-01T12:00:00,5Z", "Europe/Paris", "2026-09-01T12:00:00", SECOND),
        ("2026-09-01T24:00:00Z", "Europe/Paris", "2026-09-02T00:00:00", SECOND),
        ("2026-06-30T23:59:60Z", "Europe/Paris", "2026-07-01T00:00:00", SECOND),
        ("20260901T120000Z", "Europe/Paris", "2026-09-01T12:00:00", SECOND),
        ("20260901", "Asia/Shanghai", "2026-08-31T16:00:00", DAY),
        # Chinese
        ("2016/6/29 15:07:41", "Asia/Shanghai", "2016-06-29T07:07:41", SECOND),
        ("2026年9月1日 12:00", "Asia/Shanghai", "2026-09-01T04:00:00", MINUTE),
        ("2026年9月1日", "Asia/Shanghai", "2026-08-31T16:00:00", DAY),
        ("２０２６年９月１日", "Asia/Shanghai", "2026-08-31T16:00:00", DAY),
        ("2026年9月1日 星期二 下午3:05", "Asia/Shanghai", "2026-09-01T07:05:00", MINUTE),
        ("2026年9月1日12时30分15秒", "Asia/Shanghai", "2026-09-01T04:30:15", SECOND),
        ("周二, 01 九月 2026 10:00:00 +0800", "Asia/Shanghai", "2026-09-01T02:00:00", SECOND),
        ("星期二, 01 9月 2026 10:00:00 +0800", "Asia/Shanghai", "2026-09-01T02:00:00", SECOND),
        # French
        ("lun., 02 févr. 2026 10:00:00 +0100", "Europe/Paris", "2026-02-02T09:00:00", SECOND),
        ("mar. 3 mars 2026 10:00", "Europe/Paris", "2026-03-03T09:00:00", MINUTE),
        ("mardi 3 mars 2026 à 10h30", "Europe/Paris", "2026-03-03T09:30:00", MINUTE),
        ("mer., 05 août 2026 10:00:00 GMT", "Europe/Paris", "2026-08-05T10:00:00", SECOND),
        ("1er juil. 2026", "Europe/Paris", "2026-06-30T22:00:00", DAY),
        # Others
        ("Sat Mar 20 20:39:33 +0800 2021", "Europe/Paris", "2021-03-20T12:39:33", SECOND),
        ("Tue Mar 03 2026 10:00:00 GMT+0800 (中国标准时间)", "Europe/Paris", "2026-03-03T02:00:00", SECOND),
        ("March 3, 2026 12:05 AM EST", "Europe/Paris", "2026-03-03T05:05:00", MINUTE),
        ("Sept. 3, 2026", "America/New_York", "2026-09-03T04:00:00", DAY),
        ("13/04/2026", "Europe/Paris", "2026-04-12T22:00:00", DAY),
        ("04/13/2026", "America/New_York", "2026-04-13T04:00:00", DAY),
        ("05/05/2026 10:00", "Europe/Paris", "2026-05-05T08:00:00", MINUTE),
        ("1788235200", "Europe/Paris", "2026-09-01T04:00:00", SECOND),
        ("1788235200123", "Europe/Paris", "2026-09-01T04:00:00", SECOND),
        ("  Tue,\n 01  Sep 2026\t10:00:00 GMT ", "Europe/Paris", "2026-09-01T10:00:00", SECOND),
    ],
)
def test_form_is_read(raw: str, zone: str, expected: str, precision: Precision) -> None:
    """Each form gives its instant in UTC, its precision, and the day in the feed's zone."""
    reading = read(raw, zone)
    assert (reading.at, reading.precision, reading.flag) == (datetime.fromisoformat(expected + "Z"), precision, None)
    assert reading.on == datetime.fromisoformat(expected + "Z").astimezone(ZoneInfo(zone)).date()


@pytest.mark.parametrize(
    ("raw", "flag"),
    [
        ("03/04/2026", "ambiguous_order"),
        ("03.04.2026 10:00", "ambiguous_order"),
        ("Tue, 01 Sep 2026 10:00:00 CST", "ambiguous_zone"),
        ("Tue, 01 Sep 2026 10:00:00 IST", "ambiguous_zone"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "too_old"),
        ("1994-12-31T23:59:59Z", "too_old"),
        ("0001-01-01T00:00:00Z", "too_old"),
        ("2026-09-11T12:00:01Z", "future"),
        ("9999-12-31T23:59:59-14:00", "future"),
        ("4788235200", "future"),
        ("yesterday", "unreadable"),
        ("3 hours ago", "unreadable"),
        ("昨天 12:00", "unreadable"),
        ("12:00", "unreadable"),
        ("3 mars", "unreadable"),
        ("2026-09", "unreadable"),
        ("jui 3 2026", "unreadable"),
        ("2026-02-30", "unreadable"),
        ("2026-09-01T24:00:01Z", "unreadable"),
        ("2026-09-01T12:61:00Z", "unreadable"),
        ("2026-09-01T12:00:00+25:00", "unreadable"),
        ("Tue, 01 Sep 2026 10:00:00 XYZ", "unreadable"),
        ("2026-09-01 word", "unreadable"),
        ("178823520", "unreadable"),
        ("9" * 5000, "unreadable"),
    ],
)
def test_doubt_is_unknown_with_a_flag(raw: str, flag: str) -> None:
    """What is ambiguous, impossible or not credible is no date; its raw string and the reason stay."""
    assert read(raw) == DateReading(raw=raw[:RAW_LIMIT], flag=flag)


@pytest.mark.parametrize("raw", [None, "", " \n"])
def test_missing_date_is_no_doubt(raw: str | None) -> None:
    """No date at all has no flag: nothing was written that could be wrong."""
    assert read(raw) == DateReading()


def test_day_is_the_feeds_day_whatever_offset_is_written() -> None:
    """The day is that of the instant in the feed's zone, not the one that stands in the string."""
    assert read("Mon, 31 Aug 2026 20:10:00 -0400", "Asia/Shanghai").on == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("2026-03-29 02:30:00", "2026-03-29T01:30:00Z", id="skipped-hour"),
        pytest.param("2025-10-26 02:30:00", "2025-10-26T00:30:00Z", id="repeated-hour"),
    ],
)
def test_clock_changes(raw: str, expected: str) -> None:
    """A local time that a clock change skips or repeats is read with the offset before the change."""
    assert read(raw).at == datetime.fromisoformat(expected)


def test_a_day_ahead_is_still_believed() -> None:
    """Publishers' clocks and zones may be wrong by up to a day."""
    assert read((NOW + timedelta(days=1)).isoformat()).flag is None


def test_raw_is_kept_sound_and_short() -> None:
    """The raw string is stored without control characters, cut to a bounded length."""
    assert read("a\x00b" + "c" * 1000).raw == "ab" + "c" * (RAW_LIMIT - 2)


INSTANTS = st.datetimes(datetime(1995, 1, 2), datetime(2026, 9, 10)).map(lambda t: t.replace(microsecond=0))  # noqa: DTZ001  hypothesis draws naive bounds; the zone is added per case
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@settings(deadline=None)  # other work may slow the machine
@given(INSTANTS, OFFSETS)
def test_written_instants_come_back(instant: datetime, offset: timezone) -> None:
    """Whatever RFC 2822 and ISO 8601 writers write is read as the same instant."""
    at = instant.replace(tzinfo=offset)
    for raw in (format_datetime(at), at.isoformat(), at.strftime("%a %b %d %H:%M:%S %z %Y")):
        reading = read(raw)
        assert (reading.at, reading.flag) == (at, None)


@settings(deadline=None)  # other work may slow the machine
@given(
    st.text() | st.text(alphabet="0123456789/-:.,+年月日 TZ上午()hGMTC", max_size=120),
    st.sampled_from(["UTC", "Asia/Shanghai"]),
)
def test_never_raises(raw: str, zone: str) -> None:
    """Any string gives a reading: a date with a precision, or none."""
    reading = read(raw, zone)
    assert (reading.at is None) == (reading.on is None) == (reading.precision is Precision.UNKNOWN)


@pytest.mark.parametrize(
    ("dates", "unknown"),
    [
        (["2026-09-10T12:00:00Z"], 1),
        (["2026-09-10T12:00:04Z", "2026-09-10T11:00:00Z"], 1),  # one entry without a date of its own
        (["2026-09-10T11:59:50Z"], 0),
        (["2026-09-10T12:00"], 0),  # in Paris: two hours ago
        (["2026-09-10T14:00"], 1),  # this minute
        (["2026-09-10"], 0),  # today
        (["2026-09-10T11:52:00Z"] * 3, 3),  # made eight minutes ago, and cached
        (["2026-09-10T20:00:01Z", "2026-09-10T20:00:02Z", "2026-09-10T20:00:03Z"], 3),  # by a clock without its zone
        (["2026-09-10T11:52:00Z"] * 2, 0),
        (["2026-09-10T11:20:00Z"] * 3, 0),  # three pieces let out at once
        (["2026-09-10T11:52:00Z"] * 3 + ["2026-09-09T11:52:00Z"], 0),
        (["nonsense", "", "2026-09-10T12:00:00Z"], 1),
    ],
)
def test_the_moment_of_serving_is_no_date(dates, unknown):
    """Unknown, with a flag and its raw string: what a server stamps on every answer says nothing of an entry."""
    found = without_poll_time([read(raw) for raw in dates], (NOW,))
    assert [each.raw for each in found] == [raw or None for raw in dates]
    flagged = [each for each in found if each.flag == "poll_time"]
    assert len(flagged) == unknown
    assert all((each.at, each.on, each.precision) == (None, None, Precision.UNKNOWN) for each in flagged)
    assert without_poll_time([read(raw) for raw in dates], (NOW - timedelta(days=99), NOW)) == found
