"""What part of the papers a count is, and two topics counted beside each other."""

from __future__ import annotations

from dataclasses import replace

from rag.cataloguing import text as words
from rag.cataloguing.answer import CatalogueAnswer, Groups, topic_variants, with_table
from rag.cataloguing.papers import selected
from rag.library import Library
from rag.question.filters import describe
from rag.question.query import Query
from rag.schema import Filters


def share_of(query: Query, library: Library, groups: Groups, n: int) -> str:
    """The part of all papers, and of those with a date where dates are asked for."""
    index = library.keywords
    total = index.n_papers
    wholes = [(total, "papers")]
    if query.filters.since or query.filters.until:
        wholes.append((total - library.coverage().n_undated, "with a date"))
    if groups and (query.filters or query.left_out):
        wholes.append((index.n_matching(Filters(), groups), f"on “{query.topic}”"))
        if not query.left_out:
            wholes.append((index.n_matching(query.filters), " ".join(describe(query.filters))))
    parts = [f"{100 * n / whole:.1f}% of the {whole} {what}" for whole, what in wholes if whole]
    return f"That is {', '.join(parts)}." if parts else ""


def two_topics(query: Query, library: Library) -> CatalogueAnswer:
    """ "how many more papers on A than on B?": both counted."""
    said, counts, n_lacking = [], [], 0
    for side in query.sides:
        groups, also_called = topic_variants(side, library)
        one = replace(query, topic=side, also_called=also_called)
        chosen = selected(one, library, groups, 0, at_most=0) if groups else None
        counts.append(chosen.n if chosen else 0)
        n_lacking += chosen.n_lacking if chosen else 0
        said += [
            words.lacking(chosen.n_lacking, chosen.fields, on_topic=True) if chosen else "",
            words.rule(groups, one),
        ]
    most, least = (0, 1) if counts[0] >= counts[1] else (1, 0)
    first = f"**{counts[0]}** on “{query.sides[0]}”, **{counts[1]}** on “{query.sides[1]}”"
    more = (
        f": {counts[most] - counts[least]} more on “{query.sides[most]}”." if counts[0] != counts[1] else ": as many."
    )
    rows = [(side, str(count)) for side, count in zip(query.sides, counts, strict=True)]
    text = with_table(words.join([first + more, *said]), ("Topic", "Papers"), rows)
    return CatalogueAnswer(
        text=text, columns=("Topic", "Papers"), rows=tuple(rows), n_matching=sum(counts), n_lacking_field=n_lacking
    )
