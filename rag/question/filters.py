"""Filters in the words of a question: dates (`rag.question.dates`), organisations (`rag.question.organisations`), numbers of
authors and of comments (`rag.question.numbers`).

What was read comes with its place in the text, so that the rest can be searched for. What a question leaves out ("not from
2024") is kept apart, since no filter says it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from rag.question.dates import PAPERS, read_dates
from rag.question.kind import Recorded
from rag.question.numbers import read_numbers
from rag.question.organisations import read_organisations, unknown_organisation
from rag.question.periods import in_words, with_year
from rag.question.writers import Written, read_writers
from rag.schema import Filters

_CLEAR_DATES = re.compile(
    r"\b(?:(?:in|from|of|for|at|over)\s+)?(?:any|all|every)\s?(?:other )?(?:years?|dates?|times?|months?"
    r"|time)\b|\bregardless of (?:the )?(?:dates?|years?|when)\b|\b(?:no|without(?: the| any| a)?|ignore the"
    r"|drop the|forget the|remove the) (?:date|year|time)s?(?: (?:filters?|limits?|restrictions?))?\b"
    r"|\bever\b(?=\W*$)",
    re.IGNORECASE,
)
_CLEAR_ALL = re.compile(
    r"\b(?:no|without(?: the| any)?|ignore (?:the|all|any)|drop (?:the|all)|forget (?:the|all)|remove (?:the"
    r"|all)|clear (?:the|all)?|reset(?: the)?)\s*(?:filters?|restrictions?|limits?)\b|\b(?:the|over the"
    r"|in the) (?:whole|entire) (?:library|collection|shelf)(?: again)?\b|\ball papers again\b",
    re.IGNORECASE,
)
_CLEAR_ORG = re.compile(
    r"\b(?:from |of |by )?(?:any|all|every) (?:organi[sz]ations?|compan(?:y|ies)|labs?|institutions?)\b"
    r"|\bregardless of (?:the )?(?:organi[sz]ation|company|lab)\b",
    re.IGNORECASE,
)
_RECENT = re.compile(
    r"^\W*(?:(?:please|can you|could you|what|which|any|list|show|find|give|name|are there|is there|how many|tell|do you have|what are)\b"
    rf"[^?,;]{{0,40}}?\b)?(?:the )?(?<!most )(?<!more )(?<!least )(?<!how )(?P<recent>recent(?:ly published)?)\s+(?:[\w-]+\s+){{0,3}}?{PAPERS}\b",
    re.IGNORECASE,
)
DATE_FIELDS = ("since", "until")
ORGANISATION_FIELDS = ("organisation", "organisations")
_LACKS: dict[Recorded, str] = {
    "published": "no date",
    "n_authors": "no number of authors",
    "n_comments": "no number of comments",
    "n_upvotes": "no number of upvotes",
    "authors": "no authors’ names",
    "code_url": "no code",
    "url": "no link",
    "arxiv_id": "no arXiv id",
    "doi": "no DOI",
    "organisation": "no organisation",
}
GROUPS = (
    DATE_FIELDS,
    ORGANISATION_FIELDS,
    ("author",),
    ("source",),
    ("min_authors", "max_authors"),
    ("min_comments", "max_comments"),
    ("min_upvotes", "max_upvotes"),
    ("paper_ids",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The filters of a text, their places in it, notes, the fields it frees from earlier filters, and years it compares.

    `left_out` restricts to the papers that the text does not want ("not from 2024", or what lies between "2021 or 2024");
    `yearless` when a month or season was given the year of the anchor; `cannot` are words that ask for what cannot be asked.
    `words` are those that set the filters, by the fields that they set; `dropped`: some set none, since that was not wanted. `written` are
    the authors whose papers are asked for; of several, the filter says the first where each must have written a paper.
    """

    filters: Filters
    spans: tuple[tuple[int, int], ...]
    notes: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    left_out: Filters = field(default_factory=Filters)
    yearless: bool = False
    cannot: str = ""
    words: tuple[tuple[tuple[str, ...], str], ...] = ()
    dropped: bool = False
    written: Written | None = None


def read_filters(
    text: str,
    *,
    organisations: Mapping[str, str],
    anchor: date,
    anchor_words: str,
    open_ended: bool,
    whole_library: bool,
    ignore: Collection[str] = (),
    authors: Callable[[str], Sequence[str]] = lambda name: (),
) -> Read:
    """What a text restricts the papers to.

    `organisations` maps folded names to names as papers have them; `authors` gives those who go by a name; relative dates count from `anchor`, which
    `anchor_words` explains (without them the note says the days). For `open_ended` and `whole_library` see `read_dates`. Fields of `ignore` are not restricted:
    dates and numbers have their places all the same, since nothing else is asked with them; the name of an organisation stays.
    """
    spans: list[tuple[int, int]] = []
    notes: list[str] = []
    filters = left_out = Filters()
    years: tuple[int, ...] = ()
    gaps: list[tuple[date, date]] = []
    yearless = False
    cannot = ""
    dropped = False
    words: list[tuple[tuple[str, ...], str]] = []
    cleared = _cleared(text, spans)
    for dated in read_dates(text, anchor, open_ended=open_ended, whole_library=whole_library):
        since = None if "since" in ignore else dated.since
        until = None if "until" in ignore else dated.until
        if dated.since is None and dated.until is None:
            continue
        spans.append((dated.start, dated.end))
        if since is None and until is None:
            dropped = True
            continue
        words.append((DATE_FIELDS, dated.words))
        if dated.left_out and (dated.between or left_out.since or left_out.until):
            cannot = text[min(start for start, _ in spans) : dated.end]
        elif dated.left_out:
            if dated.yearless and since and until and filters.since and filters.until:  # "in 2024, but not in May"
                since, until = (with_year(day, filters.until.year) for day in (since, until))
                dated = replace(dated, relative=False)
            left_out = replace(left_out, since=since, until=until)
        else:
            filters, two, between = _narrowed(filters, since, until)
            gaps += [gap for gap in (dated.between, between) if gap]
            years = two or dated.years or years
            yearless = yearless or dated.yearless
        if dated.relative and not anchor_words:
            notes.append(f"“{_bare(dated.words)}” was read as {in_words(since, until)}")
        elif dated.relative:
            notes.append(f"“{_bare(dated.words)}” counts from {anchor_words}")
        elif dated.words.lower().startswith("as of") and since is None and until is not None:
            notes.append(f"“{dated.words}” was read as {in_words(None, until)}")
    recent = _RECENT.search(text) if open_ended or whole_library else None
    if recent and not (filters.since or filters.until or left_out or dropped):
        spans.append(recent.span("recent"))
        dropped = "since" in ignore
        if not dropped:
            filters = replace(filters, since=date(anchor.year, 1, 1))
            words.append((DATE_FIELDS, recent["recent"]))
            notes.append(f"“{recent['recent']}” was read as {in_words(filters.since, None)}, the newest year here")
    written = None if "author" in ignore else read_writers(text, lambda name: bool(authors(name)))
    if "organisation" not in ignore and "organisations" not in ignore:
        found = read_organisations(text, organisations, whole_library=whole_library)
        if found is not None and written and written.start < found.end and found.start < written.end:
            written = None
        if found is not None:
            spans.append((found.start, found.end))
            words.append((ORGANISATION_FIELDS, text[found.start : found.end].strip()))
            notes += [f"no paper here is marked as from “{name}”" for name in found.unknown]
            several = len(found.names) > 1
            asked = Filters(organisations=found.names) if several else Filters(organisation=found.names[0])
            filters, left_out = (
                (filters, overlay(left_out, asked)) if found.left_out else (overlay(filters, asked), left_out)
            )
        elif (
            written is None
            and (unknown := unknown_organisation(text))
            and not any(s < unknown[2] and unknown[1] < e for s, e in spans)
        ):
            notes.append(f"no paper here is marked as from “{unknown[0]}”, so that is searched as words")
    if written is not None and written.names:
        who: list[str] = []
        for name in written.names:
            called = authors(name)
            who.append(called[0] if len(called) == 1 else name)
            if len(called) > 1:
                notes.append(f"{len(called)} authors here go by “{name}”: {', '.join(called[:6])}")
        written = replace(written, names=tuple(dict.fromkeys(who)))
        spans.append((written.start, written.end))
        words.append((("author",), text[written.start : written.end].strip()))
        if len(who) == 1 or written.way == "all":
            by = Filters(author=who[0])
            filters, left_out = (
                (filters, overlay(left_out, by)) if written.left_out else (overlay(filters, by), left_out)
            )
    filters, left_out, numbered = read_numbers(
        text, filters, left_out, whole_library=whole_library, ignore=ignore, taken=spans
    )
    spans += [span for _, span in numbered]
    words += [(names, text[start:end]) for names, (start, end) in numbered if names]
    dropped = dropped or any(not names for names, _ in numbered)
    filters, left_out = _turned(filters, left_out, anchor)
    if len(gaps) == 1 and not left_out:
        left_out = Filters(since=gaps[0][0], until=gaps[0][1])
    elif gaps:  # one part of the time can be left out, not several
        cannot = cannot or cut_together(text, spans)
    return Read(
        filters=filters,
        spans=tuple(spans),
        notes=tuple(notes),
        cleared=cleared,
        years=years,
        left_out=left_out,
        yearless=yearless,
        cannot=cannot,
        words=tuple(words),
        dropped=dropped,
        written=written,
    )


def cut_together(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The part of a text from the first of some places to the end of the last."""
    return text[min(start for start, _ in spans) : max(end for _, end in spans)].strip()


def _turned(filters: Filters, left_out: Filters, newest: date) -> tuple[Filters, Filters]:
    """What is left out as a filter, where one says it: "not before 2020" is since 2020, "not single-author" two authors or more,
    "not from this year" until the last one. The rest stays left out.
    """
    since, until = left_out.since, left_out.until
    if since and (until is None or until >= newest):
        filters = overlay(filters, Filters(until=since - timedelta(days=1)))
        left_out = replace(left_out, since=None, until=None)
    elif until and since is None:
        filters = overlay(filters, Filters(since=until + timedelta(days=1)))
        left_out = replace(left_out, until=None)
    for low_name, high_name, least in (
        ("min_authors", "max_authors", 1),
        ("min_comments", "max_comments", 0),
        ("min_upvotes", "max_upvotes", 0),
    ):
        low, high = getattr(left_out, low_name), getattr(left_out, high_name)
        if high is not None and (low is None or low <= least):
            bounds: dict[str, Any] = {low_name: high + 1, high_name: None}
        elif low is not None and high is None:
            bounds = {low_name: None, high_name: low - 1}
        else:
            continue
        filters = replace(filters, **bounds)
        freed: dict[str, Any] = {low_name: None, high_name: None}
        left_out = replace(left_out, **freed)
    return filters, left_out


def _narrowed(
    filters: Filters, low: date | None, high: date | None
) -> tuple[Filters, tuple[int, ...], tuple[date, date] | None]:
    """Filters with one more period: what both have in common; of two that have nothing, all from the first to the last day, the
    years they lie in, and the days between them.
    """
    since = max((day for day in (filters.since, low) if day), default=None)
    until = min((day for day in (filters.until, high) if day), default=None)
    if since and until and since > until:
        between = (until + timedelta(days=1), since - timedelta(days=1))
        since = min(day for day in (filters.since, low) if day)
        until = max(day for day in (filters.until, high) if day)
        whole = replace(filters, since=since, until=until)
        return whole, (since.year, until.year), between if between[0] <= between[1] else None
    return replace(filters, since=since, until=until), (), None


def overlay(under: Filters, over: Filters) -> Filters:
    """`under` with the restrictions of `over` in their place; both bounds of a field go together."""
    changes = {}
    for group in GROUPS:
        if any(getattr(over, name) not in (None, ()) for name in group):
            changes.update({name: getattr(over, name) for name in group})
    return replace(under, **changes)


def without(filters: Filters, names: tuple[str, ...]) -> Filters:
    """Filters with some fields set free; "*" frees all."""
    if "*" in names:
        return Filters()
    empty = Filters()
    return replace(filters, **{name: getattr(empty, name) for name in names})


def describe(filters: Filters) -> list[str]:
    """Filters for people, one phrase each: "published since 1 May 2024", "from NVIDIA", "by one author"."""
    phrases = []
    if filters.since or filters.until:
        phrases.append(f"published {_days(filters.since, filters.until)}")
    if filters.organisation:
        phrases.append(f"from {filters.organisation}")
    if filters.organisations:
        phrases.append(f"from {' or '.join(_in_a_row(filters.organisations))}")
    if filters.author:
        phrases.append(f"by {filters.author}")
    if filters.source:
        phrases.append(f"seen on {filters.source}")
    for noun, verb, low, high in (
        ("author", "by", filters.min_authors, filters.max_authors),
        ("comment", "with", filters.min_comments, filters.max_comments),
        ("upvote", "with", filters.min_upvotes, filters.max_upvotes),
    ):
        if (words := _range(noun, low, high)) is not None:
            phrases.append(f"{verb} {words}")
    if filters.paper_ids:
        n = len(filters.paper_ids)
        phrases.append(f"among the {n} papers named before" if n > 1 else "in the chosen paper")
    return phrases


def fields_of(filters: Filters) -> list[Recorded]:
    """The fields that a filter asks for."""
    asked: dict[Recorded, tuple[object, ...]] = {
        "published": (filters.since, filters.until),
        "n_authors": (filters.min_authors, filters.max_authors),
        "n_comments": (filters.min_comments, filters.max_comments),
        "n_upvotes": (filters.min_upvotes, filters.max_upvotes),
        "authors": (filters.author,),
        "organisation": (filters.organisation, filters.organisations or None),
    }
    return [name for name, bounds in asked.items() if any(bound is not None for bound in bounds)]


def lacking_words(fields: Sequence[Recorded]) -> str:
    """ "no date", "no date or no organisation": what papers lack that a filter cannot judge."""
    return " or ".join(dict.fromkeys(_LACKS[name] for name in fields))


def apart_words(filters: Filters, left_out: Filters) -> list[str]:
    """Filters and what they leave out, for people: two periods with a gap between them are "published in 2021 or in 2024"."""
    if not (filters.since and filters.until and left_out.since and left_out.until):
        return describe(filters) + left_out_words(left_out)
    if not filters.since < left_out.since <= left_out.until < filters.until or fields_of(left_out) != ["published"]:
        return describe(filters) + left_out_words(left_out)
    first = in_words(filters.since, left_out.since - timedelta(days=1))
    second = in_words(left_out.until + timedelta(days=1), filters.until)
    return [f"published {first} or {second}", *describe(replace(filters, since=None, until=None))]


def left_out_words(left_out: Filters) -> list[str]:
    """What is left out, for people: "not published in 2024", "not from NVIDIA"."""
    return [f"not {phrase}" for phrase in describe(left_out)]


def _days(since: date | None, until: date | None) -> str:
    if since and until and since > until:  # no day
        return f"{in_words(since, None)} and {in_words(None, until)}"
    return in_words(since, until)


def _in_a_row(names: Sequence[str]) -> list[str]:
    """ "A, B" and "C", to be joined by "or"."""
    return [", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names)


def _range(noun: str, low: int | None, high: int | None) -> str | None:
    def several(n: int) -> str:
        return f"{'one' if n == 1 else 'no' if n == 0 else n} {noun}{'' if n == 1 else 's'}"

    if low is None and high is None:
        return None
    if low is not None and high is not None and low > high:  # no number
        return f"at least {several(low)} and at most {several(high)}"
    if low is not None and high is not None:
        return several(low) if low == high else f"{low} to {high} {noun}s"
    if low is None and not high:
        return several(0)
    return f"at least {several(low)}" if low is not None else f"at most {several(high or 0)}"


def _cleared(text: str, spans: list[tuple[int, int]]) -> tuple[str, ...]:
    names: tuple[str, ...] = ()
    for pattern, freed in ((_CLEAR_ALL, ("*",)), (_CLEAR_DATES, DATE_FIELDS), (_CLEAR_ORG, ORGANISATION_FIELDS)):
        if match := pattern.search(text):
            spans.append(match.span())
            names += freed
    return names


def _bare(words: str) -> str:
    return re.sub(r"^(?:in|from|of|for|published|during|within|over|out)\s+", "", words, flags=re.IGNORECASE).strip()
