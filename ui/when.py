"""Dates as people type them: a year, a month or a day."""

from __future__ import annotations

from datetime import date, timedelta


def first_day(text: str) -> date:
    """The first day meant: "2024" is 2024-01-01. ValueError when it is no date."""
    year, month, day = _parts(text)
    return date(year, month or 1, day or 1)


def last_day(text: str) -> date:
    """The last day meant: "2024-02" is 2024-02-29. ValueError when it is no date."""
    year, month, day = _parts(text)
    if day:
        return date(year, month, day)
    if not month or month == 12:
        return date(year, 12, 31)
    return date(year, month + 1, 1) - timedelta(days=1)


def _parts(text: str) -> tuple[int, int, int]:
    """Year, month (0: not given), day (0: not given)."""
    parts = text.strip().split("-")
    if not 1 <= len(parts) <= 3 or len(parts[0]) != 4 or not all(part.isdecimal() for part in parts):
        raise ValueError(text)
    numbers = [int(part) for part in parts]
    if 0 in numbers[1:]:
        raise ValueError(text)
    year, month, day = (*numbers, 0, 0)[:3]
    return year, month, day
