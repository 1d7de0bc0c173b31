"""The date, organisation, authors, comments or links of one paper, or of the few that a question means."""

from __future__ import annotations

import re
from dataclasses import replace

from rag.cataloguing import text as words
from rag.cataloguing.answer import CatalogueAnswer, topic_groups, what_about, with_table
from rag.cataloguing.said_of import is_known, predicate, unknown
from rag.library import Library
from rag.question.kind import FieldAsked
from rag.question.query import Query
from rag.released import code_sentence
from rag.schema import Paper

_FIELD_WORDS: tuple[tuple[FieldAsked, str], ...] = (
    ("published", r"\b(?:when (?:was|did)|(?:publication|release) date|(?:which|what) year)\b"),
    ("organisation", r"\b(?:which|what) (?:organi[sz]ation|company|lab|affiliation)\b"),
    ("n_authors", r"\bhow many (?:co-?)?authors\b|\bwho wrote\b"),
    ("n_comments", r"\bhow many comments\b"),
)

_ORDER_WORDS: dict[str, tuple[str, str, str]] = {
    "newest": ("is newer", "is the newest", "are the newest, of the same day"),
    "oldest": ("is older", "is the oldest", "are the oldest, of the same day"),
    "most_authors": ("has more authors", "has the most authors", "have the most authors, as many each"),
    "fewest_authors": ("has fewer authors", "has the fewest authors", "have the fewest authors, as many each"),
    "most_upvotes": ("has more upvotes", "has the most upvotes", "have the most upvotes, as many each"),
    "fewest_upvotes": ("has fewer upvotes", "has the fewest upvotes", "have the fewest upvotes, as many each"),
    "most_comments": ("has more comments", "has the most comments", "have the most comments, as many each"),
    "fewest_comments": ("has fewer comments", "has the fewest comments", "have the fewest comments, as many each"),
}


def field_of(query: Query, library: Library) -> CatalogueAnswer:
    papers = _meant(query, library)
    field = query.field or "published"
    if query.order is not None and len(papers) > 1:
        return _compared(query, papers, field)
    if not papers:
        near = tuple(hit.paper for hit in library.search(query.subject or query.text, k=3, filters=query.filters))
        columns, rows = words.paper_rows(near)
        text = f"No paper here is “{query.subject or query.text}”." + (" The nearest are:" if near else "")
        return CatalogueAnswer(
            text=with_table(text, columns, rows),
            papers=near,
            columns=columns,
            rows=tuple(rows),
            abstained=True,
            reason="no_evidence",
        )
    columns, rows = words.paper_rows(papers)
    if query.fields and len(papers) == 1:
        return _several_fields(query, papers[0])
    said = [_field_sentence(query, paper, marker) for marker, paper in enumerate(papers, 1)]
    if len(papers) == 1:
        said = [
            words.join(
                [said[0], *(_field_sentence(replace(query, field=other), papers[0], 1) for other in _also_asked(query))]
            )
        ]
    known = [paper for paper in papers if is_known(paper, _asked(query, field))]
    spans = tuple(code_sentence(paper.abstract) if field == "code_url" else None for paper in papers)
    n_said = sum(span is not None for span in spans)
    about = what_about(query, papers[0], 1) if len(papers) == 1 else ""
    if query.claim and query.whether and papers[0].published is not None:
        holds = query.claim.matches(papers[0])
        said[0] = f"{'Yes' if holds else 'No'}: {said[0]}"
    text = "\n".join(said) if len(said) > 1 else words.join([said[0], about])
    return CatalogueAnswer(
        text=with_table(text, columns, rows) if len(papers) > 1 else text,
        papers=papers,
        columns=columns,
        rows=tuple(rows),
        n_matching=len(known),
        n_lacking_field=len(papers) - len(known),
        spans=spans if n_said else (),
        abstained=not known and not n_said,
        reason=None if known or n_said else "not_stated",
    )


def _several_fields(query: Query, paper: Paper) -> CatalogueAnswer:
    """Several fields of one paper: what is known in one sentence, then what is not."""
    name = f"“{words.title(paper)}” [1]"
    known = [field for field in query.fields if is_known(paper, field)]
    said = [predicate(paper, field) for field in known]
    between = "; " if any(": " in one for one in said) else ", "
    last = " and " if len(said) == 2 and between == ", " else f"{between}and "
    row = last.join([between.join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)
    lacking = [unknown(paper, field, name if not known else "it") for field in query.fields if field not in known]
    span = code_sentence(paper.abstract) if "code_url" in query.fields else None
    code = _code_said(paper, span, 1) if span and "code_url" not in known else ""
    about = "" if query.rest else what_about(query, paper, 1)
    text = words.join([f"{name} {row}{'' if row.endswith('```') else '.'}" if row else "", *lacking, code, about])
    return CatalogueAnswer(
        text=text,
        papers=(paper,),
        spans=(span,) if span else (),
        n_matching=1 if known else 0,
        n_lacking_field=0 if known else 1,
        abstained=not known and not code,
        reason=None if known or code else "not_stated",
    )


def _code_said(paper: Paper, span: tuple[int, int], marker: int) -> str:
    return f"Its abstract says: “{paper.abstract[span[0] : span[1]].strip()}” [{marker}]"


def _asked(query: Query, field: FieldAsked) -> FieldAsked:
    return "authors" if field == "n_authors" and query.asks_names else field


def _compared(query: Query, papers: tuple[Paper, ...], field: FieldAsked) -> CatalogueAnswer:
    """Which of a few papers is newer, or has more authors: the first of the two, where the question asks whether it is."""
    words_of = _ORDER_WORDS[query.order or "newest"]
    ascending = query.order in ("oldest", "fewest_authors", "fewest_comments", "fewest_upvotes")
    said = [_field_sentence(replace(query, asks_names=False), paper, marker) for marker, paper in enumerate(papers, 1)]
    values = {marker: getattr(paper, field) for marker, paper in enumerate(papers, 1)}
    known = {marker: value for marker, value in values.items() if value is not None}
    columns, rows = words.paper_rows(papers)
    first = ""
    if len(known) == len(papers):
        best = (min if ascending else max)(known.values())
        winners = [marker for marker, value in known.items() if value == best]
        name = f"“{words.title(papers[winners[0] - 1])}” [{winners[0]}]"
        if len(winners) == len(papers):
            same = "on the same day" if field == "published" else f"the same number of {field.removeprefix('n_')}"
            first = f"{'No: both' if query.whether else 'They'} {'were published' if field == 'published' else 'have'} {same}."
        elif query.whether:
            first = "Yes." if winners == [1] else "No."
        elif len(winners) == 1:
            first = f"{name} {words_of[len(papers) > 2]}."
        else:
            first = f"{', '.join(f'[{marker}]' for marker in winners)} {words_of[2]}."
    else:
        first = "That cannot be told, because the library does not have it for all of them."
    text = words.join([first, *said])
    return CatalogueAnswer(
        text=with_table(text, columns, rows),
        papers=papers,
        columns=columns,
        rows=tuple(rows),
        n_matching=len(known),
        n_lacking_field=len(papers) - len(known),
        abstained=len(known) < len(papers),
        reason=None if len(known) == len(papers) else "not_stated",
    )


def _also_asked(query: Query) -> list[FieldAsked]:
    """Other fields that the same question names: "when was X published, and by which organisation?"."""
    asked = [field for field, pattern in _FIELD_WORDS if re.search(pattern, query.question, re.IGNORECASE)]
    return [field for field in asked if field != query.field]


def _meant(query: Query, library: Library) -> tuple[Paper, ...]:
    """The paper that "when was X published" means: named, the only one that passes the filters, or one with all its words."""
    if query.paper_id is not None:
        return tuple(library.get_many([query.paper_id]).values())
    if query.filters.paper_ids and not query.topic:
        named = library.get_many(query.filters.paper_ids)
        return tuple(named[paper_id] for paper_id in query.filters.paper_ids if paper_id in named)
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
    field = _asked(query, query.field or "published")
    if is_known(paper, field):
        said = f"{name} {predicate(paper, field)}"
        return said if field == "bibtex" else f"{said}."
    span = code_sentence(paper.abstract) if field == "code_url" else None
    return words.join([unknown(paper, field, name), _code_said(paper, span, marker) if span else ""])
