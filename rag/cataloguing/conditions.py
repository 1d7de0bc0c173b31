"""Papers cut by what no filter says: conditions on their records, topics that are not wanted, days that are left out.

Each paper that passes the filters is looked at; the papers left are handed on as a filter by their ids, so that every kind of
answer (count, list, extreme, timeline) is exact for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from rag.cataloguing import text as words
from rag.cataloguing.answer import CatalogueAnswer, Groups, topic_groups, topic_variants, with_table
from rag.cataloguing.papers import both
from rag.library import Library
from rag.question.conditions import Condition
from rag.question.filters import apart_words, fields_of
from rag.question.query import Query
from rag.refusals import listed
from rag.schema import Filters, Paper

_NOBODY = ""  # an id that no paper has
_AT_ONCE = 500
_MOST_TIES = 10


def cannot(query: Query, library: Library) -> CatalogueAnswer:
    """The answer to what cannot be asked of the records: which words, and what can be asked."""
    text = words.join(
        [
            f"“{query.cannot}” cannot be asked here, so nothing was counted.",
            "Counts and lists know topics, dates, organisations, authors, code and links, and numbers of authors, comments and upvotes.",
        ]
    )
    if query.impossible:
        text = f"There is no {query.cannot}, so no paper can be dated so."
    return CatalogueAnswer(text=text, abstained=True, reason="no_question")


def narrowed(query: Query, library: Library, groups: Groups) -> tuple[Query, int]:
    """The question about exactly the papers that pass, with what that means in words; and how many could not be judged."""
    index = library.keywords
    has = tuple(dict.fromkeys([*fields_of(query.left_out), *(query.condition.fields if query.condition else ())]))
    by = query.condition if query.condition is not None and query.condition.names else None
    if by is not None:
        query = replace(query, filters=replace(query.filters, author=None))
    n = 0 if by else index.n_matching(query.filters, groups)
    n_lacking = index.n_undecided(query.filters, groups, has)
    ids = set(index.matching(query.filters, n, groups=groups)) if n else set()
    if by is not None:
        ids = _by(by, query.filters, groups, library)
    if query.left_out:
        out = both(query.filters, query.left_out)
        n_out = index.n_matching(out, groups) if out else 0
        ids -= set(index.matching(out, n_out, groups=groups)) if out and n_out else set()
        for field in has:
            if field != "organisation":
                known = index.n_matching(query.filters, groups, [field])
                ids &= set(index.matching(query.filters, known, groups=groups, has=[field])) if known else set()
    if query.without_topic:
        unwanted = topic_groups(query.without_topic, library)
        n_unwanted = index.n_matching(Filters(), unwanted) if unwanted else 0
        ids -= set(index.matching(Filters(), n_unwanted, groups=unwanted)) if n_unwanted else set()
    if query.condition is not None and by is None:
        ids = {paper.paper_id for paper in _papers(library, ids) if holds(query.condition, paper)}
    phrases = apart_words(query.filters, query.left_out)
    if query.condition is not None:
        phrases.append(query.condition.words)
    if query.without_topic:
        phrases.append(f"not on “{query.without_topic}”")
    aside = words.lacking(n_lacking, list(dict.fromkeys([*fields_of(query.filters), *has])), on_topic=bool(groups))
    if query.without_topic:
        unwanted, also_called = topic_variants(query.without_topic, library)
        of_it = replace(query, topic=query.without_topic, also_called=also_called)
        aside = words.join([aside, words.rule(unwanted, of_it)])
    among = Filters(paper_ids=tuple(sorted(ids)) or (_NOBODY,))
    query = replace(
        query, filters=among, left_out=Filters(), condition=None, without_topic="", shown=tuple(phrases), aside=aside
    )
    return query, n_lacking


def _by(by: Condition, filters: Filters, groups: Groups, library: Library) -> set[str]:
    """The papers by all of several authors, or by any of them."""
    index = library.keywords
    each = []
    for name in by.names:
        one = replace(filters, author=name)
        n = index.n_matching(one, groups)
        each.append(set(index.matching(one, n, groups=groups)) if n else set())
    return set.union(*each) if by.name == "by_any" else set.intersection(*each)


def nobody(query: Query, library: Library) -> CatalogueAnswer:
    """That no paper names a person."""
    index = library.keywords
    n_lacking = index.n_papers - index.n_matching(Filters(), has=["authors"])
    names = re.split(r"\s*(?:,|\bor\b|\band\b|&)\s*", query.nobody)
    first = (
        f"No paper here names {listed([f'“{name}”' for name in names if name])} as an author or as its organisation."
    )
    rest = (
        f"The {words.n_papers(index.n_papers)} here name no authors." if n_lacking == index.n_papers
        else f"{words.n_papers(n_lacking)} {'names' if n_lacking == 1 else 'name'} no authors." if n_lacking else ""
    )  # fmt: skip
    return CatalogueAnswer(
        text=words.join([first, rest]), n_lacking_field=n_lacking, abstained=True, reason="no_evidence"
    )


def holds(condition: Condition, paper: Paper) -> bool:
    """Whether a paper's record satisfies a condition; one that lacks a field of it does not."""
    if any(getattr(paper, field) is None for field in condition.fields):
        return False
    title = " ".join(paper.title.split()).casefold()
    if condition.name == "weekday":
        day = paper.published.weekday() if paper.published else -1
        return day >= 5 if condition.n == 7 else day == condition.n
    if condition.name in ("inferred", "exact"):
        return paper.published_inferred == (condition.name == "inferred")
    if condition.name == "title_starts":
        return title.startswith(condition.text.casefold())
    if condition.name == "title_ends":
        return title.rstrip("?!. ").endswith(condition.text.casefold())
    if condition.name == "in_title":
        return re.search(rf"(?<!\w){re.escape(condition.text.casefold())}(?!\w)", title) is not None
    counts = [int(getattr(paper, field)) for field in condition.fields]
    if condition.name in ("odd", "even"):
        return counts[0] % 2 == (condition.name == "odd")
    return (
        counts[0] > counts[1]
        if condition.name == "more"
        else counts[0] < counts[1]
        if condition.name == "fewer"
        else counts[0] == counts[1]
    )


def by_length(query: Query, library: Library, groups: Groups) -> CatalogueAnswer:
    """The papers with the longest or shortest abstract or title, in characters."""
    way, _, what = (query.order or "longest_abstract").partition("_")
    index = library.keywords
    n = index.n_matching(query.filters, groups)
    sizes = sorted(
        (
            (len(" ".join((paper.abstract if what == "abstract" else paper.title).split())), paper)
            for paper in _papers(library, set(index.matching(query.filters, n, groups=groups)) if n else set())
        ),
        key=lambda one: (one[0] if way == "shortest" else -one[0], one[1].paper_id),
    )
    cut = words.cut_words(query, " ")
    if not sizes:
        return CatalogueAnswer(text=f"No paper matches: {cut}.", abstained=True, reason="filtered_out")
    wanted = query.limit or 5
    last = sizes[: min(wanted, len(sizes))][-1][0]
    chosen = [one for i, one in enumerate(sizes[: wanted + _MOST_TIES]) if i < wanted or one[0] == last]
    papers = tuple(paper for _, paper in chosen)
    among = f"among the {words.n_papers(n)}{' ' + cut if cut else ' here'}"
    first = (
        f"“{words.title(papers[0])}” [1] has the {way} {what} (**{chosen[0][0]}** characters), {among}."
        if len(papers) == 1
        else f"The {len(papers)} with the {way} {what}s, {among}."
    )
    columns, rows = words.paper_rows(papers)
    columns, rows = (*columns, "Characters"), [(*row, str(size)) for row, (size, _) in zip(rows, chosen, strict=True)]
    text = with_table(words.join([first, words.rule(groups, query)]), columns, rows)
    return CatalogueAnswer(text=text, papers=papers, columns=columns, rows=tuple(rows), n_matching=n)


def _papers(library: Library, ids: set[str]) -> Iterator[Paper]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        yield from library.get_many(ordered[start : start + _AT_ONCE]).values()
