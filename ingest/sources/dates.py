"""Days as sources write them: ISO, numbers, months by name in seven languages, epochs, spreadsheets' and APIs' own forms.

Where a text can be read in two ways ("5/4/2024"), only what is sure is taken, here the year; the rest counts as filled in.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

_FIRST_YEAR = 1500
_LONGEST = 100
# What a spreadsheet counts from, and the numbers that it gives to days of 1985 to 2064; what is longer are seconds since 1970.
_SHEET_DAY, _SHEET = date(1899, 12, 30), range(31_048, 60_000)
_EPOCH_FROM = 100_000_000
_MONTH_NAMES = (
    "january januar januari janvier enero gennaio janeiro jaenner janner",
    "february februar februari fevrier febrero febbraio fevereiro",
    "march marz maerz mrz maart mars marzo marco",
    "april avril abril aprile",
    "may mai mei mayo maggio maio",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august augustus aout agosto",
    "september septembre septiembre setiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember decembre diciembre dicembre dezembro",
)
_FULL_MONTHS = [(name, number) for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()]
_CUTS = {(name[:n], number) for name, number in _FULL_MONTHS for n in range(3, len(name) + 1)}
_MEANINGS = {cut: {number for other, number in _CUTS if other == cut} for cut, _ in _CUTS}
# "jui" may be June or July and is neither.
_MONTHS = {cut: min(numbers) for cut, numbers in _MEANINGS.items() if len(numbers) == 1}

_REST = r"(?:[T\s].*)?"
_WORD = r"[^\W\d_]{3,10}"
_ORDINAL = r"(?:st|nd|rd|th|\.|º|er)?"
_YEAR_FIRST = re.compile(
    rf"(?P<y>\d{{4}})(?:[-/.](?P<m>\d{{1,2}})(?:[-/.](?P<d>\d{{1,2}}))?)?(?:/.*|{_REST})", re.ASCII | re.DOTALL
)
_COMPACT = re.compile(rf"(?P<y>\d{{4}})(?P<m>\d{{2}})(?P<d>\d{{2}})(?:\d{{4}}|\d{{6}})?{_REST}", re.ASCII | re.DOTALL)
_NUMBERS = re.compile(
    rf"(?P<a>\d{{1,2}})(?P<sep>[-/.])\s?(?P<b>\d{{1,2}})[-/.]\s?(?P<y>\d{{4}}|\d{{2}}){_REST}", re.ASCII | re.DOTALL
)
_MONTH_YEAR = re.compile(r"(?P<m>\d{1,2})[-/.](?P<y>\d{4})", re.ASCII)
_WORDS = re.compile(
    rf"(?:{_WORD}\.?,?\s+)??(?:(?P<d1>[0-9]{{1,2}}){_ORDINAL}(?:\s*[-–]\s*[0-9]{{1,2}}{_ORDINAL})?(?:[\s-]+(?:of|de)(?=\s))?"
    rf"[\s-]*)?(?P<m>{_WORD})\.?(?:[\s-]+(?P<d2>[0-9]{{1,2}}){_ORDINAL}(?:\s*[-–]\s*[0-9]{{1,2}}{_ORDINAL})?(?=[\s,]))?,?"
    r"(?:[\s-]+(?:of|de|del)(?=\s))?[\s-]+(?P<y>[0-9]{4})(?:\s.*)?",
    re.DOTALL,
)
_SHORT_YEAR = re.compile(rf"(?P<d1>[0-9]{{1,2}})[\s-](?P<m>{_WORD})\.?[\s-]['’]?(?P<y>[0-9]{{2}})")
_YEAR_THEN_WORD = re.compile(
    rf"(?P<y>[0-9]{{4}})[,\s-]+(?P<m>{_WORD})\.?(?:[\s-]+(?P<d1>[0-9]{{1,2}}){_ORDINAL})?(?:[\s,].*)?", re.DOTALL
)
_QUARTER = re.compile(r"(?P<y>\d{4})[\s-]?Q(?P<q>[1-4])|Q(?P<q2>[1-4])[\s/-]*(?P<y2>\d{4})", re.ASCII | re.IGNORECASE)
_EPOCH = re.compile(r"\d{9,19}(?:\.\d+)?|\d{5}(?:\.\d+)?", re.ASCII)
_YEAR = re.compile(r"(?<![\d.])(?:1[6-9]|20)\d\d(?![\d.]*\d)", re.ASCII)
_INSIDE = (
    "$date",
    "$numberLong",
    "$numberInt",
    "date-time",
    "dateTime",
    "iso8601",
    "raw",
    "literal",
    "value",
    "date",
    "timestamp",
)


def read_day(value: object) -> tuple[date, bool] | None:
    """A day as sources write it, and whether the day (or month) had to be filled in; None when there is none.

    Raises ValueError for a day that does not exist or lies outside of 1500 and two years from now.

    >>> read_day("2024-05-24T10:00:00Z"), read_day("May 2024"), read_day("soon")
    ((datetime.date(2024, 5, 24), False), (datetime.date(2024, 5, 1), True), None)
    """
    if isinstance(value, Mapping):
        return _of_object(value)
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return within(value), False
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _of_number(value)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    return _of_text(value.strip())


def best_day(days: Sequence[tuple[date, bool]]) -> tuple[date | None, bool]:
    """Of several days of one paper the first, unless a later one tells the same year (or month) to the day.

    >>> best_day([(date(2024, 1, 1), True), (date(2025, 2, 3), False), (date(2024, 5, 24), False)])
    (datetime.date(2024, 5, 24), False)
    """
    if not days:
        return None, False
    first, inferred = days[0]
    for day, is_filled in days[1:] if inferred else ():
        agrees = day.year == first.year and first.month in (1, day.month)
        if agrees and (not is_filled or (first.month == 1 and day.month > 1)):
            first, inferred = day, is_filled
        if not inferred:
            break
    return first, inferred


def within(day: date) -> date:
    """The day, if a paper can be of it. Raises ValueError."""
    if not date(_FIRST_YEAR, 1, 1) <= day <= date.today() + timedelta(days=731):
        raise ValueError(day)
    return day


def _of_object(value: Mapping[object, object]) -> tuple[date, bool] | None:
    """{"date-parts": [[2024, 5]]}, {"$date": …}, {"year": 2024, "month": 5}."""
    parts = value.get("date-parts") or value.get("date_parts")
    if isinstance(parts, (list, tuple)) and parts and isinstance(parts[0], (list, tuple)):
        numbers = [int(str(part)) if str(part).isdecimal() else 0 for part in parts[0][:3]]
        if numbers and numbers[0]:
            return _day(*(*numbers, 0, 0)[:3])
    if value.get("year"):
        named = [str(value.get(name) or "").strip() for name in ("year", "month", "day")]
        return _of_text("-".join(part for part in named if part)[:_LONGEST])
    inside = next((value[name] for name in _INSIDE if value.get(name) not in (None, "")), None)
    if isinstance(inside, Mapping) and any(isinstance(one, Mapping) for one in inside.values()):
        return None
    return read_day(inside) if inside is not None else None


def _of_number(value: int | float) -> tuple[date, bool] | None:
    if not math.isfinite(value):
        return None
    whole = math.floor(value)
    if whole in _SHEET:
        return within(_SHEET_DAY + timedelta(days=whole)), False
    if whole < _EPOCH_FROM:
        return _of_text(f"{whole:04}") if value == whole and whole >= 0 else None
    # Seconds, or a thousand, a million, a milliard times as many.
    if whole >= 10**20:
        raise ValueError(whole)
    seconds = whole
    while seconds >= 100_000_000_000:
        seconds //= 1000
    return within(date(1970, 1, 1) + timedelta(days=min(seconds // 86_400, 2_900_000))), False


def _of_text(text: str) -> tuple[date, bool] | None:
    if match := _COMPACT.fullmatch(text):
        if len(text) == 8 or not text.isdecimal():
            return _day(int(match["y"]), int(match["m"]), int(match["d"]))
        if 1 <= int(match["m"]) <= 12 and text[:2] in ("19", "20"):
            return _day(int(match["y"]), int(match["m"]), int(match["d"]))
    if _EPOCH.fullmatch(text):
        whole = text.partition(".")[0]
        return _of_number(int(whole)) if len(whole) > 5 or int(whole) in _SHEET else None
    if (match := _YEAR_THEN_WORD.fullmatch(text)) and (month := _month(match["m"])):
        return _day(int(match["y"]), month, int(match["d1"] or 0))
    if match := _QUARTER.fullmatch(text):
        day, _ = _day(int(match["y"] or match["y2"]), int(match["q"] or match["q2"]) * 3 - 2, 0)
        return day, True
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(int(match["y"]), int(match["m"] or 0), int(match["d"] or 0))
    if match := _NUMBERS.fullmatch(text):
        return _of_numbers(int(match["a"]), int(match["b"]), match["y"], match["sep"])
    if (match := _MONTH_YEAR.fullmatch(text)) and 1 <= int(match["m"]) <= 12:
        return _day(int(match["y"]), int(match["m"]), 0)
    if (match := _SHORT_YEAR.fullmatch(text)) and (month := _month(match["m"])):
        return _day(_whole_year(match["y"]), month, int(match["d1"]))
    if (match := _WORDS.fullmatch(text)) and (month := _month(match["m"])):
        return _day(int(match["y"]), month, int(match["d1"] or match["d2"] or 0))
    # "Spring 2024", "circa 2021": the year at least, where there is one only.
    years = set(_YEAR.findall(text))
    return _day(int(years.pop()), 0, 0) if len(years) == 1 else None


def _of_numbers(a: int, b: int, said: str, sign: str) -> tuple[date, bool] | None:
    year = _whole_year(said)
    if sign == ".":
        return _day(year, b, a)
    if len(said) == 2 and a > 12 and b <= 12 and int(said) <= 31 and a != int(said):
        return None  # 24/05/12 begins with the day or with the year
    if a > 12:
        return _day(year, b, a)
    # 05/24/2024 can be read in one way only, 05/04/2024 in two: then the year is all that is sure.
    return _day(year, a, b) if b > 12 else _day(year, a if a == b else 0, b if a == b else 0)


def _whole_year(said: str) -> int:
    """Of two digits the year that is not to come."""
    if len(said) == 4:
        return int(said)
    year = 2000 + int(said)
    return year if year <= date.today().year + 1 else year - 100


def _month(word: str) -> int | None:
    folded = unicodedata.normalize("NFKD", word.casefold())
    return _MONTHS.get("".join(char for char in folded if char.isalpha()).removesuffix("."))


def _day(year: int, month: int, day: int) -> tuple[date, bool]:
    return within(date(year, month or 1, (day if month else 0) or 1)), not (month and day)
