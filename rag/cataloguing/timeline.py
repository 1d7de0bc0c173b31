"""Numbers of papers over time: by year, month, week or day."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from rag.cataloguing import text as words
from rag.cataloguing.answer import CatalogueAnswer, Groups, with_table
from rag.library import Library
from rag.question.filters import fields_of
from rag.question.periods import day_in_words, in_words, month_end
from rag.question.query import Query
from rag.schema import Filters

_MOST_PERIODS = 24  # rows of a table by month that has its empty months too


def timeline(query: Query, library: Library, groups: Groups) -> CatalogueAnswer:
    index = library.keywords
    days = index.grouped(query.filters, "published", groups=groups)
    n = sum(days.values())
    fields = list(dict.fromkeys([*fields_of(query.filters), "published"]))
    n_lacking = index.n_undecided(query.filters, groups, ["published"])
    cut = words.cut_words(query, " ")
    notes = [words.lacking(n_lacking, fields, on_topic=bool(groups)), words.rule(groups, query)]
    if not n:
        text = words.join([f"No dated paper matches{': ' + cut if cut else ''}.", *notes])
        return CatalogueAnswer(text=text, n_lacking_field=n_lacking, abstained=True, reason="filtered_out")
    per = query.per or ("month" if max(days) // 100 - min(days) // 100 < 200 else "year")
    counts = _by_period(days, per)
    if query.years:
        counts = {name: counts.get(name, 0) for name in sorted({str(year) for year in query.years})}
        n = sum(counts.values())
    top = max(counts.values())
    peaks = [name for name, count in counts.items() if count == top]
    peak = (
        f"Most in {' and '.join(_in_words(name, per) for name in peaks[:4])}: **{top}**."
        if len(peaks) < len(counts) or len(counts) == 1
        else f"Each has {top}."
    )
    total = f"{words.n_papers(n)} with a date{' ' + cut if cut and not query.years else ''}, by {per}."
    if query.years:
        total = ", ".join(f"{count} in {name}" for name, count in counts.items())
        if len(counts) == 2 and len(peaks) == 1:
            other = next(name for name in counts if name not in peaks)
            total += f": {top - counts[other]} more in {peaks[0]}"
        total += "."
    low, high = query.bounds
    asked = {name: count for name, count in counts.items() if (low or 0) <= count and (high is None or count <= high)}
    if query.bounds != (None, None):
        what = (
            f"at least {low}"
            if high is None
            else f"at most {high}"
            if low is None
            else f"{low} to {high}"
            if low != high
            else f"{low}"
        )
        row = ", ".join(f"{_in_words(name, per)} ({count})" for name, count in asked.items() if count) or f"no {per}"
        empty = sum(not count for count in asked.values())
        peak = f"With {what} papers: {row}" + (
            f"; and {empty} {per}{'s' * (empty != 1)} in between with none." if empty else "."
        )
    if len(counts) > _MOST_PERIODS and 0 in counts.values():
        counts = {name: count for name, count in counts.items() if count}
        notes.insert(0, f"{per.capitalize()}s without papers are left out of the table.")
    rows = [(name, str(count)) for name, count in counts.items()]
    text = words.join([peak, total, *notes])
    columns = (per.capitalize(), "Papers")
    return CatalogueAnswer(
        text=with_table(text, columns, rows),
        columns=columns,
        rows=tuple(rows),
        n_matching=n,
        n_lacking_field=n_lacking,
    )


def by_year(library: Library, filters: Filters, groups: Groups) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    days = library.keywords.grouped(filters, "published", groups=groups)
    per = "month" if days and min(days) // 10_000 == max(days) // 10_000 else "year"
    counts = _by_period(days, per)
    return (per.capitalize(), "Papers"), [(name, str(count)) for name, count in counts.items()]


def _by_period(days: dict[int, int], per: str) -> dict[str, int]:
    """Numbers by period, in order; empty years and months in between are there with 0."""
    counts: Counter[str] = Counter()
    for value, n in days.items():
        day = date(value // 10_000, value // 100 % 100, value % 100)
        counts[_period(day, per)] += n
    if counts and per in ("year", "month"):
        first, last = (int(name.replace("-", "")) for name in (min(counts), max(counts)))
        between = range(first, last + 1)
        names = (
            [str(y) for y in between]
            if per == "year"
            else [f"{m // 100}-{m % 100:02}" for m in between if 1 <= m % 100 <= 12]
        )
        return {name: counts.get(name, 0) for name in names}
    return dict(sorted(counts.items()))


def _period(day: date, per: str) -> str:
    if per == "year":
        return str(day.year)
    if per == "month":
        return f"{day.year}-{day.month:02}"
    return (day - timedelta(days=day.weekday())).isoformat() if per == "week" else day.isoformat()


def _in_words(period: str, per: str) -> str:
    """ "2024-05" as "May 2024", a week as "the week of 6 May 2024"."""
    if per == "month":
        return in_words(date.fromisoformat(f"{period}-01"), month_end(*map(int, period.split("-")))).removeprefix("in ")
    if per in ("week", "day"):
        return ("the week of " if per == "week" else "") + day_in_words(date.fromisoformat(period))
    return period
