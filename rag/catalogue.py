"""Exact answers about the library itself: counts, lists, extremes, timelines, and the date, organisation, authors or
comments of one paper.

Everything is counted over the whole library with the keyword index, never over the best hits of a search. What a topic
covers is cut by words, and the answer says how; papers that lack a field asked for are counted and reported, not dropped.
"""

from __future__ import annotations

import re
from dataclasses import replace

from rag.cataloguing import text as words
from rag.cataloguing.answer import CatalogueAnswer, Groups, named, topic_variants, what_about, with_table
from rag.cataloguing.conditions import by_length, cannot, narrowed, nobody
from rag.cataloguing.fields import field_of
from rag.cataloguing.figures import authors_of, from_where, known_count, organisations_of, statistics_of
from rag.cataloguing.papers import selected
from rag.cataloguing.said import say
from rag.cataloguing.said_of import with_field
from rag.cataloguing.shares import share_of, two_topics
from rag.cataloguing.timeline import by_year, timeline
from rag.keywords import Field
from rag.library import Library
from rag.question.filters import fields_of
from rag.question.kind import Order
from rag.question.periods import day_in_words
from rag.question.query import Query
from rag.released import code_sentence
from rag.schema import Filters, Paper

__all__ = ["CatalogueAnswer", "answer"]

MOST_LISTED = 50
_MOST_BEHIND = 20  # papers shown behind a count
_MOST_TIES = 10
_ORDERS: dict[str, tuple[Field, bool]] = {
    "newest": ("published", False),
    "oldest": ("published", True),
    "most_comments": ("n_comments", False),
    "fewest_comments": ("n_comments", True),
    "most_upvotes": ("n_upvotes", False),
    "fewest_upvotes": ("n_upvotes", True),
    "most_authors": ("n_authors", False),
    "fewest_authors": ("n_authors", True),
}


def answer(query: Query, library: Library) -> CatalogueAnswer | None:
    """The answer to a question about the library; None when it is about what papers say, and search should answer it.

    Also None when a list on a topic finds no paper with its words: a search by meaning may still find some.
    """
    if query.said is not None:
        return say(query.said, library, query.subject)
    if query.nobody:
        return nobody(query, library)
    if query.cannot:
        return cannot(query, library)
    if query.intent == "field":
        return field_of(query, library)
    groups, also_called = topic_variants(query.topic, library)
    query = replace(query, also_called=also_called)
    apart = query.left_out and query.intent not in ("count", "list") and not query.years
    figures = query.left_out and (query.per in ("organisation", "author") or query.field or query.lacks or query.has)
    if query.condition is not None or query.without_topic or apart or figures:
        narrow, n_lacking = narrowed(query, library, groups)
        found = answer(narrow, library)
        return None if found is None else replace(found, n_lacking_field=n_lacking + found.n_lacking_field)
    if query.intent == "extreme" and query.order not in _ORDERS:
        return by_length(query, library, groups)
    if query.intent == "count" and query.per == "author" and library.keywords.n_matching(Filters(), has=["authors"]):
        return authors_of(query, library, groups)
    if query.intent == "count" and query.per in ("organisation", "author"):
        return organisations_of(query, library, groups)
    if query.intent == "count" and query.field in ("n_authors", "n_comments", "n_upvotes"):
        return statistics_of(query, library, groups, query.field)
    if query.intent == "count" and not query.share and (known := query.lacks or query.has) is not None:
        return known_count(query, library, groups, known)
    if query.intent == "count" and len(query.sides) == 2:
        return two_topics(query, library)
    if query.intent == "count":
        return _count(query, library, groups)
    if query.intent == "list":
        found = _count(query, library, groups)
        return None if query.topic and not found.n_matching and not query.filters else found
    if query.intent == "extreme" and query.also is not None:
        return _two_extremes(query, query.also, library, groups)
    if query.intent == "extreme":
        return _extreme(query, library, groups)
    return timeline(query, library, groups) if query.intent == "timeline" else None


def _count(query: Query, library: Library, groups: Groups) -> CatalogueAnswer:
    filters, total = query.filters, library.keywords.n_papers
    listing = query.intent == "list"
    most = min(query.limit or MOST_LISTED, MOST_LISTED) if listing else _MOST_BEHIND
    chosen = selected(query, library, groups, most, at_most=None if listing else _MOST_BEHIND)
    n, n_lacking, papers, fields = chosen.n, chosen.n_lacking, chosen.papers, chosen.fields
    cut = words.cut_words(query)
    if cut:
        verdict = f"**{n}** of {words.n_papers(total)} {'matches' if n == 1 else 'match'}: {cut}."
        if query.has == "code_url" and n:
            verdict = f"{verdict} {from_where(query, library, groups, n)}"
    else:
        verdict = f"The library holds **{words.n_papers(total)}**."
    shown = f"The {len(papers)} newest of them:" if papers and len(papers) < n else ""
    lines = [verdict, share_of(query, library, groups, n) if query.share else ""]
    lines += [words.lacking(n_lacking, fields, on_topic=bool(groups)), words.rule(groups, query)]
    if not cut and not listing:
        lines.append(_span(library))
    columns, rows = with_field(*words.paper_rows(papers), papers, query.has)
    spans = tuple(code_sentence(p.abstract) if query.has == "code_url" and not p.code_url else None for p in papers)
    if not papers and not (query.left_out or query.lacks or query.has):
        columns, rows = by_year(library, filters, groups)
        n_dated = sum(int(count) for _, count in rows)
        if rows and n_dated < n and cut:
            undated = f"{n - n_dated} of them {'has' if n - n_dated == 1 else 'have'} no date"
            shown = f"By {columns[0].lower()}, where the date is known ({undated}):"
    text = words.join([*lines, shown])
    return CatalogueAnswer(
        text=with_table(text, columns, rows),
        papers=papers,
        spans=spans,
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
    fields = list(dict.fromkeys([*fields_of(query.filters), field]))
    n = index.n_matching(query.filters, groups, [field])
    n_lacking = index.n_undecided(query.filters, groups, [field])
    wanted = query.limit or 5
    ids = index.ordered(query.filters, field, wanted + _MOST_TIES, ascending=ascending, groups=groups)
    found = library.get_many(ids)
    ranked = [found[paper_id] for paper_id in ids if paper_id in found]
    papers = tuple(ranked[:wanted]) + tuple(
        paper for paper in ranked[wanted:] if _value(paper, field) == _value(ranked[wanted - 1], field)
    )
    cut = words.cut_words(query, " ")
    among = (
        f"among the {words.n_papers(n)}"
        + (f" {cut}" if cut else " here")
        + f" that {'has' if n == 1 else 'have'} {named(field)}"
    )
    left_out = words.lacking(n_lacking, fields, on_topic=bool(groups))
    if not papers:
        text = words.join(
            [f"No paper{' ' + cut if cut else ''} has {named(field)}.", left_out, words.rule(groups, query)]
        )
        return CatalogueAnswer(
            text=text, n_lacking_field=n_lacking, abstained=True, reason="filtered_out" if cut else "no_evidence"
        )
    tied = [paper for paper in papers if _value(paper, field) == _value(papers[0], field)]
    if wanted == 1 and len(tied) == 1:
        first = f"{_superlative(order, papers[0])}, {among}."
    elif wanted == 1:
        names = ", ".join(f"“{words.title(paper)}” [{marker}]" for marker, paper in enumerate(tied, 1))
        more = " at least" if len(tied) > _MOST_TIES else ""
        first = f"Tied{more} at {_value_words(papers[0], field)}: {names}, {among}."
    else:
        more = f", and {len(papers) - wanted} tied with the last of them" if len(papers) > wanted else ""
        first = f"The {min(wanted, len(papers))} with {_ORDER_WORDS[order]}{more}, {among}."
    about = what_about(query, papers[0], 1) if len(tied) == 1 and wanted == 1 else ""
    columns, rows = words.paper_rows(papers)
    text = words.join([first, about, left_out, words.rule(groups, query)])
    return CatalogueAnswer(
        text=with_table(text, columns, rows),
        papers=papers,
        columns=columns,
        rows=tuple(rows),
        n_matching=n,
        n_lacking_field=n_lacking,
    )


def _two_extremes(query: Query, other: Order, library: Library, groups: Groups) -> CatalogueAnswer:
    """ "newest and oldest": one answer after the other, over one table."""
    first, second = (
        _extreme(replace(query, order=order, also=None), library, groups) for order in (query.order, other)
    )
    if not first.papers or not second.papers:
        return first
    papers = (*first.papers, *second.papers)
    said = [found.text.split("\n\n")[0] for found in (first, second)]
    said[1] = re.sub(r" \[(\d+)\]", lambda marker: f" [{int(marker[1]) + len(first.papers)}]", said[1])
    shared = words.common_end(said)
    text = words.join([said[0].removesuffix(shared).strip(), said[1]]) if shared else words.join(said)
    columns, rows = words.paper_rows(papers)
    return replace(first, text=with_table(text, columns, rows), papers=papers, columns=columns, rows=tuple(rows))


def _span(library: Library) -> str:
    coverage = library.coverage()
    if coverage.first is None or coverage.last is None:
        return ""
    dated = (
        f"{coverage.n_papers - coverage.n_undated} have a date, from {day_in_words(coverage.first)} to"
        f" {day_in_words(coverage.last)}"
    )
    return f"{dated}; {coverage.n_undated} have none." if coverage.n_undated else f"{dated}."


_ORDER_WORDS = {
    "newest": "the latest dates",
    "oldest": "the earliest dates",
    "most_comments": "the most comments",
    "fewest_comments": "the fewest comments",
    "most_upvotes": "the most upvotes",
    "fewest_upvotes": "the fewest upvotes",
    "most_authors": "the most authors",
    "fewest_authors": "the fewest authors",
}


def _superlative(order: str, paper: Paper) -> str:
    name = f"“{words.title(paper)}” [1]"
    if order in ("newest", "oldest"):
        return f"The {order} paper is {name}, published on {words.date_of(paper)}"
    value = _value(paper, _ORDERS[order][0])
    return f"{name} has {_ORDER_WORDS[order]} (**{value}**)"


def _value(paper: Paper, field: Field) -> object:
    return getattr(paper, field)


def _value_words(paper: Paper, field: Field) -> str:
    if field == "published":
        return words.date_of(paper)
    value = _value(paper, field)
    noun = field.removeprefix("n_").removesuffix("s")
    return f"{value} {noun}{'' if value == 1 else 's'}"
