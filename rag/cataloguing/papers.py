"""Which papers a count or a list means: those that pass the filters, without what the question leaves out, with or without a
field. Exact, over the whole library."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rag.cataloguing.answer import Groups
from rag.library import Library
from rag.question.filters import fields_of
from rag.question.kind import Recorded
from rag.question.query import Query
from rag.schema import Filters, Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The papers meant: how many, how many more would be judged if they had the `fields` asked for, and the first of them, the
    newest first.
    """

    n: int
    n_lacking: int
    fields: tuple[Recorded, ...]
    papers: tuple[Paper, ...]


def selected(query: Query, library: Library, groups: Groups, most: int, *, at_most: int | None = None) -> Selected:
    """The papers that a count or a list means; up to `most` of them, or none where they are more than `at_most`."""
    index, filters = library.keywords, query.filters
    of_left_out = fields_of(query.left_out)
    fields = tuple(dict.fromkeys([*fields_of(filters), *of_left_out]))
    has = tuple(dict.fromkeys([*of_left_out, *([query.has] if query.has else [])]))
    lacks = (query.lacks,) if query.lacks else ()
    n = index.n_matching(filters, groups, has, lacks, query.left_out)
    n_lacking = index.n_undecided(filters, groups, of_left_out)
    if at_most is not None and n > at_most:
        return Selected(n=n, n_lacking=n_lacking, fields=fields, papers=())
    dated = (
        ()
        if "published" in lacks
        else index.ordered(filters, "published", most, groups=groups, has=has, lacks=lacks, out=query.left_out)
    )
    ids = list(dated)
    if len(ids) < min(most, n):
        undated = tuple(dict.fromkeys([*lacks, "published"]))
        ids += index.matching(filters, most - len(ids), groups=groups, has=has, lacks=undated, out=query.left_out)
    found = library.get_many(ids)
    papers = tuple(found[paper_id] for paper_id in ids if paper_id in found)
    return Selected(n=n, n_lacking=n_lacking, fields=fields, papers=papers)


def both(one: Filters, other: Filters) -> Filters | None:
    """What passes two filters, as one; None when nothing can."""
    if other.organisation and not other.organisations:
        other = replace(other, organisation=None, organisations=(other.organisation,))
    changes: dict[str, object] = {}
    for low, high in (
        ("since", "until"),
        ("min_authors", "max_authors"),
        ("min_comments", "max_comments"),
        ("min_upvotes", "max_upvotes"),
    ):
        lows = [v for v in (getattr(one, low), getattr(other, low)) if v is not None]
        highs = [v for v in (getattr(one, high), getattr(other, high)) if v is not None]
        changes[low], changes[high] = max(lows, default=None), min(highs, default=None)
        if lows and highs and max(lows) > min(highs):
            return None
    if one.organisations and other.organisations:
        names = tuple(name for name in one.organisations if name in other.organisations)
        if not names:
            return None
        changes["organisations"] = names
    elif other.organisations:
        changes["organisations"] = other.organisations
    return replace(one, **changes)  # type: ignore[arg-type]
