"""Dates as publishers write them, read without guessing: what is ambiguous or not credible is unknown, with a flag.

Reads RFC 822 and its relatives in English, French and Chinese, ISO 8601 and RFC 3339, ctime and epochs. The raw string
is always kept. Never raises, whatever the string.

Flags:

    unreadable       no known form, or no such day or time
    ambiguous_order  day and month could be swapped
    ambiguous_zone   a zone name that means several offsets
    too_old          before 1995, when no feed existed: mostly an epoch of zero
    future           over a day after now
    poll_time        the moment of serving, which says nothing of the entry
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from technews.records import POLL_TIME, DateReading, Precision, sound_text

RAW_LIMIT: Final = 200
_LONGEST_DATE: Final = 100
_OLDEST: Final = datetime(1995, 1, 1, tzinfo=UTC)
_AHEAD: Final = timedelta(days=1)

# How far clocks, and the steps of serving, may be apart.
_MOMENT: Final = {Precision.SECOND: timedelta(seconds=5), Precision.MINUTE: timedelta(minutes=1)}
# As many entries with one time, and how long their document may have lain in a cache.
_MANY: Final = 3
_CACHED: Final = timedelta(minutes=10)

# The months as they look without accents and in lower case.
_MONTH_NAMES: Final = (
    "january jan janvier janv 一月 1月 01月",
    "february feb fevrier fevr fev 二月 2月 02月",
    "march mar mars 三月 3月 03月",
    "april apr avril avr 四月 4月 04月",
    "may mai 五月 5月 05月",
    "june jun juin 六月 6月 06月",
    "july jul juillet juil juill 七月 7月 07月",
    "august aug aout aou 八月 8月 08月",
    "september sept sep septembre 九月 9月 09月",
    "october oct octobre 十月 10月",
    "november nov novembre 十一月 11月",
    "december dec decembre 十二月 12月",
)
_MONTHS: Final = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
# Hours east of UTC. The first line is RFC 822's; the others are names with one meaning among news sites.
_ZONES: Final = (
    {"z": 0, "ut": 0, "gmt": 0, "utc": 0, "est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
    | {"wet": 0, "west": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3}
    | {"hkt": 8, "sgt": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11}
)

_WEEKDAY: Final = (
    r"\(?(?:(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"|(?:lun|mar|mer|mercre|jeu|ven|vendre|sam|same)(?:di)?|dim(?:anche)?)(?![a-z])"
    r"|(?:星期|周|週|礼拜)[一二三四五六日天])\)?[.,]*"
)
_MONTH: Final = r"(?P<name>[0-9]{1,2}月|[^\W\d_]+)\.?"
_DAY: Final = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|er)?"
_YEAR: Final = r"(?P<year>[0-9]{4})"
_TIME: Final = (
    r"(?P<half>上午|下午)?\s*(?P<hour>[0-9]{1,2})"
    r"(?::(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2})(?:[.,][0-9]+)?)?(?:\s*(?P<ampm>[ap])\.?m\b\.?)?"
    r"|\s*(?:h|时|時|点|點)\s*(?:(?P<minute_>[0-9]{1,2})分?)?(?:(?P<second_>[0-9]{1,2})秒)?)"
)
_ZONE: Final = r"(?P<zone>(?:gmt|utc|ut)?\s*[+-][0-9]{1,2}(?::?[0-9]{2})?(?::?00)?|[a-z]{1,5})(?:\s*\([^()]*\))?"
_GAP: Final = r"(?:(?<=日)|\s*t\s*|,?\s+(?:(?:at|a|-|–|—|\|)\s+)?|,)"
_TAIL: Final = rf"(?:\s*{_WEEKDAY})?(?:{_GAP}{_TIME})?(?:\s*{_ZONE})?"

_FORMS: Final = tuple(
    re.compile(form)
    for form in (
        # 2026-09-01T12:00:00+08:00, 2016/6/29 15:07:41, 2026年9月1日 12:00
        (
            rf"(?:{_WEEKDAY}\s*)?{_YEAR}\s*(?P<cut>[-/.年])\s*(?P<month>[0-9]{{1,2}})"
            rf"\s*(?:(?P=cut)|月)\s*(?P<day>[0-9]{{1,2}})\s*日?{_TAIL}"
        ),
        # 20260901, 20260901T120000Z
        (
            rf"{_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})"
            rf"(?:t?(?P<hour>[0-9]{{2}})(?P<minute>[0-9]{{2}})(?P<second>[0-9]{{2}})?(?:\s*{_ZONE})?)?"
        ),
        # Wed, 02 Oct 2002 13:00:00 GMT; lun., 02 févr. 2026 10:00:00 +0100; 02-Feb-26
        rf"(?:{_WEEKDAY}\s*)?{_DAY}[-\s.,]*{_MONTH}[-\s,]*(?P<year>[0-9]{{4}}|[0-9]{{2,3}}(?![0-9:]))(?:年)?{_TAIL}",
        # Mar. 3, 2026 10:00 am EST
        rf"(?:{_WEEKDAY}\s*)?{_MONTH}\s*{_DAY},?\s+{_YEAR}{_TAIL}",
        # Sat Mar 20 20:39:33 +0800 2021
        rf"{_WEEKDAY}\s*{_MONTH}\s+{_DAY}\s+{_TIME}(?:\s*{_ZONE})?\s+{_YEAR}",
        # 31/12/2026
        rf"(?:{_WEEKDAY}\s*)?(?P<one>[0-9]{{1,2}})(?P<cut>[-/.])(?P<two>[0-9]{{1,2}})(?P=cut){_YEAR}{_TAIL}",
    )
)
_STATED_OFFSET: Final = re.compile(r"(?<=\d)\s*([+-])([01]\d):?([0-5]\d)?(?=\s*(?:\(.*\)|\d{4})?\s*$)")
_EPOCH: Final = re.compile(r"([0-9]{10})(?:[0-9]{3}|[.,][0-9]+)?")


class _UnknownDateError(Exception):
    """The date is not to be had from the string; the message is the flag."""


def read_date(raw: str | None, zone: ZoneInfo, *, now: datetime) -> DateReading:
    """What a publisher's date says; `zone` (the feed's) is for dates without one and decides the day.

    RFC 822 section 5 with the years of RFC 2822 section 4.3; RFC 3339; ISO 8601 calendar dates ("24:00" is the next
    day's 00:00). A local time that a clock change skips or repeats is read with the offset before the change.
    """
    if raw is None or not (kept := sound_text(raw).strip()[:RAW_LIMIT].strip()):
        return DateReading()
    try:
        at, precision = _read(_plain(raw), zone)
    except _UnknownDateError as unknown:
        return DateReading(raw=kept, flag=str(unknown))
    if at < _OLDEST:
        return DateReading(raw=kept, flag="too_old")
    if at > now + _AHEAD:
        return DateReading(raw=kept, flag="future")
    return DateReading(raw=kept, at=at, on=at.astimezone(zone).date(), precision=precision)


def without_poll_time(readings: Sequence[DateReading], served: Sequence[datetime]) -> list[DateReading]:
    """The dates of a document; those that state when it was made, and nothing of their entry, as unknown.

    These are a time within five seconds of `served` (its moment, by any clock; within a minute where no seconds are
    stated), and the time that all entries share, three or more, if it is not over ten minutes old.
    """
    exact = [reading.at for reading in readings if reading.at and reading.precision in _MOMENT]
    shared = len(exact) >= _MANY and max(exact) - min(exact) <= _MOMENT[Precision.SECOND]

    def is_poll_time(reading: DateReading) -> bool:
        at, near = reading.at, _MOMENT.get(reading.precision)
        if at is None or near is None:
            return False
        return any(abs(moment - at) <= near or (shared and -_AHEAD <= moment - at <= _CACHED) for moment in served)

    return [DateReading(each.raw, flag=POLL_TIME) if is_poll_time(each) else each for each in readings]


def stated_offset(raw: str | None) -> timedelta | None:
    """The numeric offset from UTC that a date is written with (RFC 3339, RFC 822); None where it carries none."""
    found = _STATED_OFFSET.search(raw or "")
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return timedelta(minutes=-minutes if found[1] == "-" else minutes)


def _plain(raw: str) -> str:
    """The string in lower case, without accents and full-width forms, one space between words."""
    if len(raw) > 10 * RAW_LIMIT:
        raise _UnknownDateError("unreadable")
    letters = unicodedata.normalize("NFKD", sound_text(raw).lower())
    text = " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())
    if len(text) > _LONGEST_DATE:
        raise _UnknownDateError("unreadable")
    return text


def _read(text: str, zone: ZoneInfo) -> tuple[datetime, Precision]:
    """The instant in UTC and its precision. Raises _UnknownDateError."""
    if epoch := _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(epoch[1]), UTC), Precision.SECOND
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _instant({name: value for name, value in match.groupdict().items() if value}, zone)
    raise _UnknownDateError("unreadable")


def _instant(parts: Mapping[str, str], zone: ZoneInfo) -> tuple[datetime, Precision]:
    year, (month, day) = _year(parts["year"]), _month_and_day(parts)
    if not 1 < year < 9999:  # else a zone could carry the instant out of the calendar
        raise _UnknownDateError("too_old" if year <= 1 else "future")
    try:
        midnight = datetime(year, month, day)  # noqa: DTZ001  its zone is added below, after the time of day
    except ValueError:
        raise _UnknownDateError("unreadable") from None
    if "hour" not in parts:
        if "zone" in parts:
            _offset(parts["zone"], zone)  # a day keeps no zone, but a word that is none makes no date
        return midnight.replace(tzinfo=zone).astimezone(UTC), Precision.DAY
    local = midnight + _time_of_day(parts)
    offset = _offset(parts["zone"], zone) if "zone" in parts else zone
    exact = "second" in parts or "second_" in parts
    return local.replace(tzinfo=offset).astimezone(UTC), Precision.SECOND if exact else Precision.MINUTE


def _year(written: str) -> int:
    """RFC 2822 section 4.3: 00 to 49 are 2000 to 2049, 50 to 99 are 1950 to 1999, three digits count from 1900."""
    year = int(written)
    if len(written) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(written) == 3 else year


def _month_and_day(parts: Mapping[str, str]) -> tuple[int, int]:
    if "name" in parts:
        if (month := _MONTHS.get(parts["name"])) is None:
            raise _UnknownDateError("unreadable")
        return month, int(parts["day"])
    if "month" in parts:
        return int(parts["month"]), int(parts["day"])
    one, two = int(parts["one"]), int(parts["two"])
    if one != two and one <= 12 and two <= 12:
        raise _UnknownDateError("ambiguous_order")
    return (one, two) if two > 12 else (two, one)


def _time_of_day(parts: Mapping[str, str]) -> timedelta:
    hour = int(parts["hour"])
    minute = int(parts.get("minute") or parts.get("minute_") or 0)
    second = int(parts.get("second") or parts.get("second_") or 0)
    half = {"上午": "a", "下午": "p"}.get(parts.get("half", ""), parts.get("ampm"))
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    # A leap second (RFC 3339 section 5.7) becomes the second after it.
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise _UnknownDateError("unreadable")
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _offset(written: str, zone: ZoneInfo) -> tzinfo:
    """The offset that a numeric or named zone means in a feed of `zone`. Raises _UnknownDateError."""
    digits = re.search(r"([+-])([0-9]{1,2}?):?([0-9]{2})?(?::?00)?$", written)
    if digits:
        minutes = int(digits[2]) * 60 + int(digits[3] or 0)
        if minutes > 14 * 60 or int(digits[3] or 0) > 59:  # no place is further from Greenwich
            raise _UnknownDateError("unreadable")
        return timezone(timedelta(minutes=-minutes if digits[1] == "-" else minutes))
    if written == "cst":
        return _central_or_china(zone)
    if written == "bst" and zone.key == "Europe/London":
        return timezone(timedelta(hours=1))
    if written in {"bst", "ist", "ast"}:
        raise _UnknownDateError("ambiguous_zone")
    if written not in _ZONES:
        raise _UnknownDateError("unreadable")
    return timezone(timedelta(hours=_ZONES[written]))


def _central_or_china(zone: ZoneInfo) -> tzinfo:
    """CST is China Standard Time in Asian feeds and RFC 822's Central Standard Time in American ones."""
    if zone.key.startswith("Asia/"):
        return timezone(timedelta(hours=8))
    if zone.key.startswith(("America/", "US/", "Canada/")):
        return timezone(timedelta(hours=-6))
    raise _UnknownDateError("ambiguous_zone")
