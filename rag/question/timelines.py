"""Questions for numbers of papers over time: "papers a month", "which year has the most papers"."""

from __future__ import annotations

import re

from rag.question.dates import PAPERS
from rag.question.kind import Kind, Per
from rag.question.periods import NUMBER, number

_UNIT_PER = (
    r"(?:per|a|an|each|every|by|over the|across the|by the|for (?:each|every)|grouped by|broken down by|in each)"
)
_COUNTED = rf"(?:{PAPERS}|publications?|published|releases?|volume|count|how many|number)"
_ADVERB = r"(?:monthly|yearly|annual|annually|weekly|daily)"
# What may stand between the papers and "a month": that they are published, and what they are on; no other verb.
_BETWEEN = re.compile(
    rf"(?:[\s,]+(?:{PAPERS}|publications?|are|were|is|was|have|has|had|been|being|there|here|come|comes|came|out|appear(?:ed|s)?|get|gets|got|published|publish"
    r"|released|posted|submitted|added|dated|do|did|does|we|you|i|the|library|collection|this|your|on average|average|usually|typically|new|counts?|numbers?|volume"
    r"|of|number|many|all|breakdown|plotted|shown|grouped|listed|counted|broken|down))*"
    r"(?:[\s,]+(?:on|about|from|in|since|for|by|at|with|mentioning|between|during|until|before|after|of)\s+(?!.*\b(?:that|which|can|is|are)\b).+)?[\s,]*",
    re.IGNORECASE,
)
_AFTER_PREPOSITION = re.compile(
    r"\b(?:in|within|of|for|after|before|than|only|just|under|over|about|on|at|by|to|from|with|during|takes?|needs?|requires?|lasts?|half|once|twice|times"
    r"|quarter|is|are|was|were|that|and|or)\s+$",
    re.IGNORECASE,
)
_TIMELINES = re.compile(
    rf"\b{_COUNTED}\b[^?]{{0,60}}?\b{_UNIT_PER} (?P<unit>day|week|month|quarter|year)s?\b"
    rf"|\b(?P<adverb>{_ADVERB})\s+(?:\w+\s+){{0,2}}?(?:{PAPERS}|counts?|numbers?|publications?|breakdown|volume)\b"
    rf"|\b(?:{PAPERS}|counts?|publications?)\b.{{0,200}}?\b(?P<adverb2>{_ADVERB})\b(?=[^\w]*$)"
    r"|\b(?P<bare>time ?line|publication (?:trend|history|rate|dates over time)|distribution (?:over|across"
    r"|by) (?:the )?(?:time|years?|months?|dates?))\b"
    rf"|\b(?:how (?:has|did|does|have)|number|trend|development|growth|evolution"
    rf"|count)\b[^?]{{0,40}}\b{PAPERS}\b[^?]{{0,60}}\b(?P<over>over (?:time|the (?:years|months))"
    rf"|through (?:time|the years)|with time)\b"
    rf"|\b(?P<over2>over time|over the (?:years|months))\b[^?]{{0,20}}\b{PAPERS}\b"
    rf"|\b{PAPERS}\b[^?]{{0,40}}\b(?P<over3>over time|over the (?:years|months))\s*\W*$"
    rf"|\b(?:in )?(?:which|what) (?P<peak>year|month|week|day)\b[^?]{{0,40}}\b(?:most|fewest|least|more|highest"
    rf"|largest|peak\w*)\b[^?]{{0,25}}\b(?:{PAPERS}|publications?|number|count)\b"
    rf"|\b(?:which|what) (?P<peak3>year|month|week|day)\b[^?]{{0,30}}\b(?:busiest|most productive|quietest|strongest)\b"
    rf"|\b(?:busiest|most productive|best represented|strongest|peak) (?P<peak2>year|month|week)\b"
    rf"|\bwhen (?:were|did|was) (?:the )?most (?P<when>{PAPERS})\b"
    rf"|\b{PAPERS} (?P<by>by|per) (?:publication )?(?:date|time)\b",
    re.IGNORECASE,
)
_ADVERBS = {
    "monthly": "month",
    "yearly": "year",
    "annual": "year",
    "annually": "year",
    "weekly": "week",
    "daily": "day",
}


_BOUNDED = re.compile(
    r"^\W*(?:in )?(?:which|what) (?P<unit>years?|months?|weeks?|days?) (?:have|has|had|saw|are there|were there)\s+(?:only\s+)?"
    rf"(?P<way>fewer than|less than|under|more than|over|at least|at most|exactly|no more than|up to)?\s*(?P<n>{NUMBER})\s+{PAPERS}\b",
    re.IGNORECASE,
)


def _is_per(text: str, at: int, *, bare: bool) -> bool:
    """Whether the unit at a place is what papers are counted by: "papers on pruning a month", not "papers that train in a day"."""
    if bare and _AFTER_PREPOSITION.search(text[:at]):
        return False
    counted = re.finditer(rf"\b{_COUNTED}\b", text[:at], re.IGNORECASE)
    return any(_BETWEEN.fullmatch(text[noun.end() : at]) for noun in counted) and bool(
        re.search(rf"\b(?:{PAPERS}|publications?|published|how many)\b", text, re.IGNORECASE)
    )


def read_timeline(text: str) -> Kind | None:
    if match := _BOUNDED.search(text):
        n, way = number(match["n"]) or 0, (match["way"] or "exactly").lower()
        low = n + 1 if way in ("more than", "over") else n if way in ("at least", "exactly") else None
        high = (
            n - 1
            if way in ("fewer than", "less than", "under")
            else None
            if low is not None and way != "exactly"
            else n
        )
        units: dict[str, Per] = {"year": "year", "month": "month", "week": "week", "day": "day"}
        per_unit = units[match["unit"].lower().rstrip("s")]
        return Kind(intent="timeline", per=per_unit, bounds=(low, high), spans=(match.span(),))
    match = _TIMELINES.search(text)
    if match is None:
        return None
    g = match.groupdict()
    unit = (g["unit"] or g["peak"] or g["peak2"] or g["peak3"] or "").lower() or _ADVERBS.get(
        (g["adverb"] or g["adverb2"] or "").lower(), ""
    )
    if unit == "quarter":
        unit = "month"
    if g["unit"]:
        span = re.compile(rf"\b(?P<per>{_UNIT_PER}) {g['unit']}s?\b", re.IGNORECASE).search(text, match.start())
        if span is None or not _is_per(text, span.start(), bare=span["per"].lower() in ("a", "an")):
            return None
        spans = [span.span()]
    else:
        adverb = next((name for name in ("adverb", "adverb2") if g[name]), None)
        if adverb == "adverb2" and not _is_per(text, match.start("adverb2"), bare=False):
            return None
        name = next((name for name in ("over", "over2", "over3", "adverb", "adverb2", "bare", "by") if g[name]), None)
        spans = [match.span(name) if name else match.span()]
    per: Per | None = (
        "day"
        if unit == "day"
        else "week"
        if unit == "week"
        else "month"
        if unit == "month"
        else "year"
        if unit == "year"
        else None
    )
    return Kind(intent="timeline", spans=tuple(spans), per=per)
