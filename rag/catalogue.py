"""Exact answers about the library itself: counts, lists, extremes, timelines, and the date, organisation, authors or
comments of one paper.

Everything is counted over the whole library with the keyword index, never over the best hits of a search. What a topic
covers is cut by words, and the answer says how; papers that lack a field asked for are counted and reported, not dropped.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from rag import catalogue_text as words
from rag.keywords import Asked, Field
from rag.library import Library
from rag.question_dates import day_in_words
from rag.question_names import content_stems, shelf_of
from rag.question_kinds import FieldAsked
from rag.question_query import Query
from rag.schema import Filters, Paper
from rag.sentences import sentence_spans

MOST_LISTED = 50
_MOST_BEHIND = 20  # papers shown behind a count
_MOST_TIES = 10
_MOST_ORGANISATIONS = 200
_ORDERS: dict[str, tuple[Field, bool]] = {
    "newest": ("published", False),
    "oldest": ("published", True),
    "most_comments": ("n_comments", False),
    "fewest_comments": ("n_comments", True),
    "most_authors": ("n_authors", False),
    "fewest_authors": ("n_authors", True),
}
_ABOUT = re.compile(r"\bwhat (?:is|are|was|were|does|do|did) (?:it|they|that|this|the paper)\b.*\b(?:about|do|say|propose|report|find|present|cover|deal)|\bsummari[sz]e\b", re.IGNORECASE)
_FIELD_WORDS: tuple[tuple[FieldAsked, str], ...] = (
    ("published", r"\b(?:when (?:was|did)|(?:publication|release) date|(?:which|what) year)\b"),
    ("organisation", r"\b(?:which|what) (?:organi[sz]ation|company|lab|affiliation)\b"),
    ("n_authors", r"\bhow many (?:co-?)?authors\b|\bwho wrote\b"),
    ("n_comments", r"\bhow many comments\b"),
)
Groups = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueAnswer:
    """An exact answer. `papers[n - 1]` is what the marker [n] of `text` names; `rows` under `columns` are the table in it.

    `n_matching` papers pass; `n_lacking_field` would be judged too if they had the fields asked for. `abstained` when the
    library does not hold what was asked, with the `reason` ("no_evidence", "filtered_out", "not_stated").
    """

    text: str
    papers: tuple[Paper, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    n_matching: int = 0
    n_lacking_field: int = 0
    abstained: bool = False
    reason: Literal["no_evidence", "filtered_out", "not_stated"] | None = None


def answer(query: Query, library: Library) -> CatalogueAnswer | None:
    """The answer to a question about the library; None when it is about what papers say, and search should answer it.

    Also None when a list on a topic finds no paper with its words: a search by meaning may still find some.
    """
    if query.intent == "field":
        return _field(query, library)
    groups = topic_groups(query.topic, library)
    if query.intent == "count" and query.per == "organisation":
        return _organisations(query, library, groups)
    if query.intent == "count" and query.field in ("n_authors", "n_comments"):
        return _statistics(query, library, groups, "n_authors" if query.field == "n_authors" else "n_comments")
    if query.intent == "count" and (known := query.lacks or query.has) is not None:
        return _known(query, library, groups, known)
    if query.intent == "count":
        return _count(query, library, groups)
    if query.intent == "list":
        found = _count(query, library, groups)
        return None if query.topic and not found.n_matching and not query.filters else found
    if query.intent == "extreme":
        return _extreme(query, library, groups)
    return _timeline(query, library, groups) if query.intent == "timeline" else None


def topic_groups(topic: str, library: Library) -> Groups:
    """The stems that a paper on the topic must have: all of one group. "A or B" has two groups."""
    sides = re.split(r"\s+or\s+|\s*/\s*", topic) if topic else []
    groups = (tuple(dict.fromkeys(content_stems(side, library))) for side in sides)
    return tuple(group for group in groups if group)


def _count(query: Query, library: Library, groups: Groups) -> CatalogueAnswer:
    index = library.keywords
    filters, fields = query.filters, words.fields_of(query.filters)
    n = index.n_matching(filters, groups)
    n_lacking = index.n_undecided(filters, groups)
    total = index.n_papers
    listing = query.intent == "list"
    most = min(query.limit or MOST_LISTED, MOST_LISTED) if listing else _MOST_BEHIND
    papers = _newest_first(library, filters, groups, most) if listing or n <= _MOST_BEHIND else ()
    cut = words.cut_words(filters, query.topic)
    if cut:
        verdict = f"**{n}** of {words.n_papers(total)} {'matches' if n == 1 else 'match'}: {cut}."
    else:
        verdict = f"The library holds **{words.n_papers(total)}**."
    shown = f"The {len(papers)} newest of them:" if papers and len(papers) < n else ""
    lines = [verdict, words.lacking(n_lacking, fields, on_topic=bool(groups)), words.rule(groups, query.topic)]
    if not cut and not listing:
        lines.append(_span(library))
    columns, rows = words.paper_rows(papers)
    if not papers:
        columns, rows = _by_year(library, filters, groups)
    text = words.join([*lines, shown])
    return CatalogueAnswer(
        text=_with_table(text, columns, rows),
        papers=papers,
        columns=columns if rows else (),
        rows=tuple(rows),
        n_matching=n,
        n_lacking_field=n_lacking,
        abstained=listing and n == 0,
        reason=("filtered_out" if filters else "no_evidence") if listing and n == 0 else None,
    )


def _extreme(query: Query, library: Library, groups: Groups) -> CatalogueAnswer:
    index = library.keywords
    order = query.order or "newest"
    field, ascending = _ORDERS[order]
    fields = list(dict.fromkeys([*words.fields_of(query.filters), field]))
    n = index.n_matching(query.filters, groups, [field])
    n_lacking = index.n_undecided(query.filters, groups, [field])
    wanted = query.limit or 5
    ids = index.ordered(query.filters, field, wanted + _MOST_TIES, ascending=ascending, groups=groups)
    found = library.get_many(ids)
    ranked = [found[paper_id] for paper_id in ids if paper_id in found]
    papers = tuple(ranked[:wanted]) + tuple(paper for paper in ranked[wanted:] if _value(paper, field) == _value(ranked[wanted - 1], field))
    cut = words.cut_words(query.filters, query.topic)
    among = f"among the {words.n_papers(n)}" + (f" {cut}" if cut else " here") + f" that {'has' if n == 1 else 'have'} {_named(field)}"
    left_out = words.lacking(n_lacking, fields, on_topic=bool(groups))
    if not papers:
        text = words.join([f"No paper{' ' + cut if cut else ''} has {_named(field)}.", left_out, words.rule(groups, query.topic)])
        return CatalogueAnswer(text=text, n_lacking_field=n_lacking, abstained=True, reason="filtered_out" if cut else "no_evidence")
    tied = [paper for paper in papers if _value(paper, field) == _value(papers[0], field)]
    if wanted == 1 and len(tied) == 1:
        first = f"{_superlative(order, papers[0])}, {among}."
    elif wanted == 1:
        names = ", ".join(f"“{words.title(paper)}” [{marker}]" for marker, paper in enumerate(tied, 1))
        more = " at least" if len(tied) > _MOST_TIES else ""
        first = f"Tied{more} at {_value_words(papers[0], field)}: {names}, {among}."
    else:
        more = f", and {len(papers) - wanted} tied with the last of them" if len(papers) > wanted else ""
        first = f"The {min(wanted, len(papers))} with {_ORDER_WORDS[order]}{more}, {among}:"
    about = _what_about(query, papers[0], 1) if len(tied) == 1 and wanted == 1 else ""
    columns, rows = words.paper_rows(papers)
    text = words.join([first, about, left_out, words.rule(groups, query.topic)])
    return CatalogueAnswer(
        text=_with_table(text, columns, rows), papers=papers, columns=columns, rows=tuple(rows), n_matching=n, n_lacking_field=n_lacking
    )


def _timeline(query: Query, library: Library, groups: Groups) -> CatalogueAnswer:
    index = library.keywords
    days = index.grouped(query.filters, "published", groups=groups)
    n = sum(days.values())
    fields = list(dict.fromkeys([*words.fields_of(query.filters), "published"]))
    n_lacking = index.n_undecided(query.filters, groups, ["published"])
    cut = words.cut_words(query.filters, query.topic)
    notes = [words.lacking(n_lacking, fields, on_topic=bool(groups)), words.rule(groups, query.topic)]
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
    peak = f"Most in {' and '.join(peaks[:4])}: **{top}**." if len(peaks) < len(counts) or len(counts) == 1 else f"Each has {top}."
    total = f"{words.n_papers(n)} with a date{' ' + cut if cut and not query.years else ''}, by {per}."
    if query.years:
        total = ", ".join(f"{count} in {name}" for name, count in counts.items()) + "."
    rows = [(name, str(count)) for name, count in counts.items()]
    text = words.join([peak, total, *notes])
    columns = (per.capitalize(), "Papers")
    return CatalogueAnswer(
        text=_with_table(text, columns, rows), columns=columns, rows=tuple(rows), n_matching=n, n_lacking_field=n_lacking
    )


def _known(query: Query, library: Library, groups: Groups, field: Asked) -> CatalogueAnswer:
    """How many papers have a field, or lack it."""
    index = library.keywords
    n_all = index.n_matching(query.filters, groups)
    n_known = index.n_matching(query.filters, groups, [field])
    n = n_all - n_known if query.lacks else n_known
    cut = words.cut_words(query.filters, query.topic)
    has = {"published": "date", "organisation": "organisation", "n_authors": "number of authors", "n_comments": "number of comments"}[field]
    verb = "has" if n == 1 else "have"
    first = f"**{n}** of {words.n_papers(n_all)}{' ' + cut if cut else ''} {verb} {'no' if query.lacks else 'a known'} {has}."
    return CatalogueAnswer(text=words.join([first, words.rule(groups, query.topic)]), n_matching=n)


def _statistics(query: Query, library: Library, groups: Groups, field: Field) -> CatalogueAnswer:
    counts = library.keywords.grouped(query.filters, field, groups=groups)
    values = [value for value, n in counts.items() for _ in range(n)]
    n_lacking = library.keywords.n_undecided(query.filters, groups, [field])
    fields = list(dict.fromkeys([*words.fields_of(query.filters), field]))
    cut = words.cut_words(query.filters, query.topic)
    notes = [words.lacking(n_lacking, fields, on_topic=bool(groups)), words.rule(groups, query.topic)]
    if not values:
        text = words.join([f"No paper{' ' + cut if cut else ''} has {_named(field)}.", *notes])
        return CatalogueAnswer(text=text, n_lacking_field=n_lacking, abstained=True, reason="not_stated")
    noun = "authors" if field == "n_authors" else "comments"
    mean = f"**{statistics.fmean(values):.1f}** {noun} a paper on average"
    middle = f"median {statistics.median(values):g}, from {values[0]} to {values[-1]}"
    among = f"over the {words.n_papers(len(values))}{' ' + cut if cut else ''} that {'has' if len(values) == 1 else 'have'} {_named(field)}"
    first = f"**{sum(values)}** {noun} in total, {among}; {mean}." if query.total else f"{mean} ({middle}; {sum(values)} in total), {among}."
    rows = [(str(value), str(n)) for value, n in counts.items()]
    columns = (noun.capitalize(), "Papers")
    return CatalogueAnswer(
        text=_with_table(words.join([first, *notes]), columns, rows),
        columns=columns,
        rows=tuple(rows),
        n_matching=len(values),
        n_lacking_field=n_lacking,
    )


def _organisations(query: Query, library: Library, groups: Groups) -> CatalogueAnswer:
    names = shelf_of(library).n_papers_by_organisation
    index = library.keywords
    if query.filters or groups:
        names = {
            name: count
            for name in sorted(names, key=lambda one: -names[one])[:_MOST_ORGANISATIONS]
            if (count := index.n_matching(replace(query.filters, organisation=name), groups))
        }
    ranked = sorted(names.items(), key=lambda item: (-item[1], item[0].casefold()))
    n = sum(names.values())
    n_lacking = index.n_matching(query.filters, groups) - index.n_matching(query.filters, groups, ["organisation"])
    cut = words.cut_words(query.filters, query.topic)
    first = f"**{len(ranked)}** organisation{'' if len(ranked) == 1 else 's'} with {words.n_papers(n)}{' ' + cut if cut else ''}."
    left_out = f"{n_lacking} of {words.n_papers(index.n_papers)} name no organisation." if n_lacking else ""
    rows = [(name, str(count)) for name, count in ranked[:MOST_LISTED]]
    text = words.join([first, left_out, words.rule(groups, query.topic)])
    columns = ("Organisation", "Papers")
    return CatalogueAnswer(
        text=_with_table(text, columns, rows), columns=columns, rows=tuple(rows), n_matching=n, n_lacking_field=n_lacking
    )


def _field(query: Query, library: Library) -> CatalogueAnswer:
    papers = _meant(query, library)
    field = query.field or "published"
    if not papers:
        near = tuple(hit.paper for hit in library.search(query.subject or query.text, k=3, filters=query.filters))
        columns, rows = words.paper_rows(near)
        text = f"No paper here is “{query.subject or query.text}”." + (" The nearest are:" if near else "")
        return CatalogueAnswer(
            text=_with_table(text, columns, rows), papers=near, columns=columns, rows=tuple(rows), abstained=True, reason="no_evidence"
        )
    columns, rows = words.paper_rows(papers)
    said = [_field_sentence(query, paper, marker) for marker, paper in enumerate(papers, 1)]
    if len(papers) == 1:
        said = [words.join([said[0], *(_field_sentence(replace(query, field=other), papers[0], 1) for other in _also_asked(query))])]
    known = [paper for paper in papers if _has(query, paper, field)]
    about = _what_about(query, papers[0], 1) if len(papers) == 1 else ""
    text = "\n".join(said) if len(said) > 1 else words.join([said[0], about])
    return CatalogueAnswer(
        text=_with_table(text, columns, rows) if len(papers) > 1 else text,
        papers=papers,
        columns=columns,
        rows=tuple(rows),
        n_matching=len(known),
        n_lacking_field=len(papers) - len(known),
        abstained=not known,
        reason=None if known else "not_stated",
    )


def _also_asked(query: Query) -> list[FieldAsked]:
    """Other fields that the same question names: "when was X published, and by which organisation?"."""
    asked = [field for field, pattern in _FIELD_WORDS if re.search(pattern, query.question, re.IGNORECASE)]
    return [field for field in asked if field != query.field]


def _meant(query: Query, library: Library) -> tuple[Paper, ...]:
    """The paper that "when was X published" means: named, the only one that passes the filters, or one with all its words."""
    if query.paper_id is not None:
        return tuple(library.get_many([query.paper_id]).values())
    groups = topic_groups(query.topic, library)
    n = library.keywords.n_matching(query.filters, groups) if query.filters or groups else 0
    if 1 <= n <= 5:
        ids = library.keywords.matching(query.filters, n, groups=groups)
        found = library.get_many(ids)
        return tuple(found[paper_id] for paper_id in ids if paper_id in found)
    if n and groups:
        best = [paper_id for paper_id, _ in library.keywords.search(query.topic, 1, query.filters)]
        return tuple(library.get_many(best).values())
    return ()


def _field_sentence(query: Query, paper: Paper, marker: int) -> str:
    name = f"“{words.title(paper)}” [{marker}]"
    if query.field == "organisation":
        return f"{name} is from {paper.organisation}." if paper.organisation else f"The library names no organisation for {name}."
    if query.field == "n_comments":
        if paper.n_comments is None:
            return f"The library has no number of comments for {name}."
        return f"{name} has {paper.n_comments} comment{'' if paper.n_comments == 1 else 's'}."
    if query.field == "n_authors":
        n = paper.n_authors if paper.n_authors is not None else len(paper.authors) or None
        count = "" if n is None else f"{n} author{'' if n == 1 else 's'}"
        if paper.authors:
            return f"{name} has {count}: {', '.join(paper.authors)}."
        if query.asks_names:
            return f"The library does not name the authors of {name}" + (f"; it counts {count}." if count else ".")
        return f"{name} has {count}." if count else f"The library has no number of authors for {name}."
    if paper.published is None:
        return f"The library has no date for {name}."
    return f"{name} was published on {words.date_of(paper)}."


def _has(query: Query, paper: Paper, field: str) -> bool:
    if field == "n_authors" and query.asks_names:
        return bool(paper.authors)
    return getattr(paper, field) is not None or (field == "n_authors" and bool(paper.authors))


def _what_about(query: Query, paper: Paper, marker: int) -> str:
    """The first sentences of the abstract, when the question also asks what the paper is about."""
    if not _ABOUT.search(query.question):
        return ""
    spans = sentence_spans(paper.abstract)[:2]
    return f"Its abstract begins: “{paper.abstract[spans[0][0] : spans[-1][1]]}” [{marker}]" if spans else ""


def _newest_first(library: Library, filters: Filters, groups: Groups, most: int) -> tuple[Paper, ...]:
    """Up to `most` matching papers, the newest first, those without a date last."""
    index = library.keywords
    ids = index.ordered(filters, "published", most, groups=groups)
    if len(ids) < most:
        known = set(ids)
        n = index.n_matching(filters, groups)
        rest = index.matching(filters, n, groups=groups) if len(ids) < n else []
        ids += sorted(paper_id for paper_id in rest if paper_id not in known)[: most - len(ids)]
    found = library.get_many(ids)
    return tuple(found[paper_id] for paper_id in ids if paper_id in found)


def _by_year(library: Library, filters: Filters, groups: Groups) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
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
        names = [str(y) for y in between] if per == "year" else [f"{m // 100}-{m % 100:02}" for m in between if 1 <= m % 100 <= 12]
        return {name: counts.get(name, 0) for name in names}
    return dict(sorted(counts.items()))


def _period(day: date, per: str) -> str:
    if per == "year":
        return str(day.year)
    if per == "month":
        return f"{day.year}-{day.month:02}"
    return (day - timedelta(days=day.weekday())).isoformat() if per == "week" else day.isoformat()


def _span(library: Library) -> str:
    coverage = library.coverage()
    if coverage.first is None or coverage.last is None:
        return ""
    dated = f"{coverage.n_papers - coverage.n_undated} have a date, from {day_in_words(coverage.first)} to {day_in_words(coverage.last)}"
    return f"{dated}; {coverage.n_undated} have none." if coverage.n_undated else f"{dated}."


_ORDER_WORDS = {
    "newest": "the latest dates",
    "oldest": "the earliest dates",
    "most_comments": "the most comments",
    "fewest_comments": "the fewest comments",
    "most_authors": "the most authors",
    "fewest_authors": "the fewest authors",
}


def _superlative(order: str, paper: Paper) -> str:
    name = f"“{words.title(paper)}” [1]"
    if order in ("newest", "oldest"):
        return f"The {order} paper is {name}, published on {words.date_of(paper)}"
    value = paper.n_comments if order.endswith("comments") else paper.n_authors
    noun = order.split("_")[1]
    return f"{name} has {_ORDER_WORDS[order]} (**{value}**)"


def _value(paper: Paper, field: Field) -> object:
    return getattr(paper, field)


def _value_words(paper: Paper, field: Field) -> str:
    if field == "published":
        return words.date_of(paper)
    value = paper.n_comments if field == "n_comments" else paper.n_authors
    noun = "comment" if field == "n_comments" else "author"
    return f"{value} {noun}{'' if value == 1 else 's'}"


def _named(field: Field) -> str:
    return {"published": "a date", "n_comments": "a number of comments", "n_authors": "a number of authors"}[field]


def _with_table(text: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return f"{text}\n\n{words.table(columns, rows)}" if rows else text
