"""Periods of time in words: "May 2024", "the first half of 2023", "last week", "two months ago" → first and last day.

Relative periods count from an anchor day. "last week" is the seven days up to it, "last month" and "last year" the calendar
month and year before it; "the last three months" and "the past year" reach back from it.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

_NAMES = "january february march april may june july august september october november december".split()
MONTHS = {short: n for n, name in enumerate(_NAMES, 1) for short in (name, name[:3])} | {"sept": 9}
WEEKDAYS = {name: n for n, name in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())}
NUMBERS = dict(
    zip(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split(),
        range(16),
        strict=True,
    )
) | {
    "a": 1,
    "an": 1,
    "single": 1,
    "couple": 2,
    "few": 3,
    "dozen": 12,
    "twenty": 20,
    "thirty": 30,
    "fifty": 50,
    "hundred": 100,
}
_UNIT_MONTHS = {"month": 1, "half": 6, "year": 12, "decade": 120}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9}
_PARTS = {
    "early": (1, 4),
    "mid": (5, 8),
    "late": (9, 12),
    "beginning": (1, 3),
    "start": (1, 3),
    "middle": (5, 8),
    "end": (10, 12),
}
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": 4}

YEAR = r"(?:19[5-9]\d|20\d\d)"
MONTH = r"(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
_D = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
NUMBER = r"(?:\d{1,3}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"
UNIT = r"(?:days?|weeks?|months?|half[ -]years?|years?|decades?)"
_PERIODS: tuple[tuple[str, str], ...] = (
    ("iso_day", rf"({YEAR})-(\d\d)-(\d\d)"),
    ("iso_month", rf"({YEAR})[-/](0[1-9]|1[0-2])(?!\d|[-/])"),
    ("month_iso", rf"(0[1-9]|1[0-2])/({YEAR})(?!\d)"),
    ("day_month", rf"({_D})(?: of)? ({MONTH}),?(?: ({YEAR}))?(?!\d)"),
    ("month_day", rf"({MONTH}) ({_D})(?!\d|,?\d)(?:(?:,| of)? ({YEAR}))?(?!\d)"),
    (
        "part",
        rf"(?:the )?(early|mid|late|beginning|start|middle"
        rf"|end)(?:[ -]of)?(?:[ -](?:the )?year)?(?: of)?[ -]({YEAR})(?!\d)",
    ),
    ("part_now", r"(?:the )?(beginning|start|end) of (?:the|this) (year|month)"),
    (
        "quarter",
        rf"(?:the )?(?:q([1-4])|(first|1st|second|2nd|third|3rd|fourth|4th|last) quarter)(?: of)?[ -/]?({YEAR})",
    ),
    ("half", rf"(?:the )?(?:h([12])|(first|1st|second|2nd|last) half)(?: of)?[ -/]?({YEAR})"),
    ("part_of", r"(?:the )?(first|1st|second|2nd|third|3rd|fourth|4th|last) (half|quarter) of (this|last|the) year"),
    ("months_of", rf"(?:the )?(first|last) ({NUMBER}) months of ({YEAR})"),
    ("season", rf"(?:the )?(spring|summer|autumn|fall)(?: of)? ({YEAR})(?!\d)"),
    ("month", rf"({MONTH})(?: of)?,? ({YEAR})(?!\d)"),
    ("decade", r"(?:the )?(19[5-9]0|20\d0)s"),
    ("year", rf"(?:the year )?({YEAR})(?![\d%]|[.,:x]\d|-\d| ?x\d)"),
    ("and_a_half", rf"(?:the )?(?:last|past|previous) (?:({NUMBER}) and a half years|year and a half)"),
    ("rolling", rf"(?:the )?(?:last|past|previous) ({NUMBER})(?: of)? ({UNIT})"),
    ("rolling_one", rf"(?:the (?:last|past|previous)|past) ({UNIT})"),
    ("season_now", r"(?:the|(?:the |this )?(?:last|past)|this) (spring|summer|autumn|fall)(?![\w']| of)"),
    ("calendar", r"(this|last|previous|current|the current) (week|month|year|quarter)"),
    ("named", rf"(?:this|last) (?:({MONTH})|({'|'.join(WEEKDAYS)}))(?![\w'])"),
    ("ago", rf"({NUMBER})(?: of)? ({UNIT}) ago"),
    ("half_ago", r"(half a year) ago"),
    ("day", r"(today|yesterday)"),
    ("weekday", rf"({'|'.join(WEEKDAYS)})"),
    ("bare_month", rf"({MONTH})(?![\w'-])"),
)
_SPAN = ("ago", rf"({NUMBER}) ({UNIT})")  # only in "older than two years"
PERIOD = r"(?:" + "|".join(re.sub(r"\((?!\?)", "(?:", pattern) for _, pattern in _PERIODS) + r")"
_ATOMS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in (*_PERIODS, _SPAN))


def in_words(since: date | None, until: date | None) -> str:
    """A span of days for people: "in 2018", "in May 2024", "since 1 May 2024", "from 2 to 9 May 2024"."""
    if since and until:
        if since == until:
            return f"on {day_in_words(since)}"
        if (since.month, since.day, until.month, until.day) == (1, 1, 12, 31):
            return f"in {since.year}" if since.year == until.year else f"from {since.year} to {until.year}"
        if (
            since.day == 1
            and until == month_end(until.year, until.month)
            and (since.year, since.month) == (until.year, until.month)
        ):
            return f"in {_NAMES[since.month - 1].capitalize()} {since.year}"
        return f"from {day_in_words(since)} to {day_in_words(until)}"
    if since:
        return f"since {day_in_words(since)}"
    return f"until {day_in_words(until)}" if until else "at any time"


def day_in_words(day: date) -> str:
    return f"{day.day} {_NAMES[day.month - 1].capitalize()} {day.year}"


def number(word: str) -> int | None:
    """The value of "12" or "twelve"."""
    word = word.lower()
    return int(word) if word.isdigit() else NUMBERS.get(word)


def read_period(text: str, anchor: date) -> tuple[tuple[date, date], bool] | None:
    """First and last day of a period, and whether it counts from the anchor; None when there is no such day."""
    for name, pattern in _ATOMS:
        if match := pattern.fullmatch(text):
            try:
                return _read(name, match, anchor)
            except ValueError:
                return None
    return None


def _read(name: str, match: re.Match[str], anchor: date) -> tuple[tuple[date, date], bool] | None:
    g = [group.lower() if group else "" for group in match.groups()]
    if name == "iso_day":
        day = date(int(g[0]), int(g[1]), int(g[2]))
        return (day, day), False
    if name in ("iso_month", "month_iso", "month"):
        year = int(g[0] if name == "iso_month" else g[1])
        month = _month(g[0]) if name == "month" else int(g[1] if name == "iso_month" else g[0])
        return _months(year, month, month), False
    if name in ("day_month", "month_day"):
        day_number, month = (g[0], _month(g[1])) if name == "day_month" else (g[1], _month(g[0]))
        number_ = int(re.sub(r"\D", "", day_number))
        if g[2]:
            day = date(int(g[2]), month, number_)
            return (day, day), False
        day = date(anchor.year, month, number_)
        if day > anchor:
            day = date(anchor.year - 1, month, number_)
        return (day, day), True
    if name == "part":
        low, high = _PARTS[g[0]]
        return _months(int(g[1]), low, high), False
    if name == "part_now":
        if g[1] == "month":
            return _months(anchor.year, anchor.month, anchor.month), True
        return _months(anchor.year, *_PARTS[g[0]]), True
    if name in ("quarter", "half"):
        length, most = (3, 4) if name == "quarter" else (6, 2)
        part = int(g[0]) if g[0] else min(_ORDINALS[g[1]], most)
        return _months(int(g[2]), length * (part - 1) + 1, length * part), False
    if name == "part_of":
        length, most = (3, 4) if g[1] == "quarter" else (6, 2)
        part = min(_ORDINALS[g[0]], most)
        return _months(anchor.year - (g[2] == "last"), length * (part - 1) + 1, length * part), True
    if name == "months_of":
        n = min(max(number(g[1]) or 1, 1), 12)
        return (_months(int(g[2]), 1, n) if g[0] == "first" else _months(int(g[2]), 13 - n, 12)), False
    if name == "season":
        return _months(int(g[1]), _SEASONS[g[0]], _SEASONS[g[0]] + 2), False
    if name == "decade":
        return (date(int(g[0]), 1, 1), date(int(g[0]) + 9, 12, 31)), False
    if name == "year":
        return _months(int(g[0]), 1, 12), False
    if name in ("rolling", "rolling_one"):
        count, unit = (number(g[0]) or 1, g[1]) if name == "rolling" else (1, g[0])
        return (_back(anchor, count, unit), anchor), True
    if name == "and_a_half":
        return (_back(anchor, 12 * (number(g[0] or "one") or 1) + 6, "months"), anchor), True
    if name == "half_ago":
        day = _back(anchor, 6, "months")
        return (day, day), True
    if name == "ago":
        day = _back(anchor, number(g[0]) or 1, g[1])
        return (day, day), True
    if name == "calendar":
        return _calendar(g[0], g[1], anchor), True
    if name == "day":
        day = anchor if g[0] == "today" else anchor - timedelta(days=1)
        return (day, day), True
    if name == "weekday" or (name == "named" and g[1]):
        wanted = WEEKDAYS[g[0] if name == "weekday" else g[1]]
        day = anchor - timedelta(days=(anchor.weekday() - wanted) % 7 or 7)
        return (day, day), True
    month = _SEASONS[g[0]] if name == "season_now" else _month(g[0])
    length = 3 if name == "season_now" else 1
    # The latest such month that has begun; "before May" means one that is over or running all the same.
    year = anchor.year if month <= anchor.month else anchor.year - 1
    return _months(year, month, month + length - 1), True


def _calendar(which: str, unit: str, anchor: date) -> tuple[date, date]:
    this = which in ("this", "current", "the current")
    if unit == "week":
        return (anchor - timedelta(days=anchor.weekday()), anchor) if this else (anchor - timedelta(days=7), anchor)
    if unit == "year":
        year = anchor.year if this else anchor.year - 1
        return _months(year, 1, 12)
    length = 3 if unit == "quarter" else 1
    index = anchor.year * 12 + (anchor.month - 1) // length * length - (0 if this else length)
    return _months(index // 12, index % 12 + 1, index % 12 + length)


def _back(anchor: date, count: int, unit: str) -> date:
    if unit.startswith(("day", "week")):
        return anchor - timedelta(days=count * (7 if unit.startswith("week") else 1))
    months = next(n for start, n in _UNIT_MONTHS.items() if unit.startswith(start))
    index = anchor.year * 12 + anchor.month - 1 - count * months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(anchor.day, calendar.monthrange(year, month)[1]))


def with_year(day: date, year: int) -> date:
    return date(year, day.month, min(day.day, calendar.monthrange(year, day.month)[1]))


def _month(word: str) -> int:
    return MONTHS[word.rstrip(".").lower()]


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    return date(year, first, 1), month_end(year, last)


def month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
