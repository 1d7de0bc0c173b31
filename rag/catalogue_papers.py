"""Which papers a count or a list means: those that pass the filters, without what the question leaves out, with or without a
field. Exact, over the whole library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.catalogue_answer import Groups
from rag.keywords import Asked
from rag.library import Library
from rag.question_filters import fields_of
from rag.question_names import shelf_of
from rag.question_query import Query
from rag.schema import Filters, Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The papers meant: how many, how many more would be judged if they had the `fields` asked for, and the first of them, the
    newest first.
    """

    n: int
    n_lacking: int
    fields: tuple[Asked, ...]
    papers: tuple[Paper, ...]


def selected(query: Query, library: Library, groups: Groups, most: int, *, at_most: int | None = None) -> Selected:
    """The papers that a count or a list means; up to `most` of them, or none where they are more than `at_most`."""
    index, filters = library.keywords, query.filters
    has = fields_of(query.left_out)
    fields = tuple(dict.fromkeys([*fields_of(filters), *has]))
    out = both(filters, query.left_out) if query.left_out else None
    n_out = index.n_matching(out, groups) if out else 0
    n = index.n_matching(filters, groups, has) - n_out
    n_lacking = index.n_undecided(filters, groups, has)
    known = query.lacks or query.has
    if known is not None:
        n_known = index.n_matching(filters, groups, [known])
        n = n_known if query.has else n - n_known
    if at_most is not None and n > at_most:
        return Selected(n=n, n_lacking=n_lacking, fields=fields, papers=())
    left_out = set(index.matching(out, n_out, groups=groups)) if out and n_out else set()
    wanted: set[str] | None = None
    for field in dict.fromkeys([*has, *([known] if known else [])]):
        ids = _with(field, filters, library, groups)
        if field == query.lacks:
            left_out |= ids
        else:
            wanted = ids if wanted is None else wanted & ids
    papers = _newest_first(library, filters, groups, most, left_out=left_out, wanted=wanted)
    return Selected(n=n, n_lacking=n_lacking, fields=fields, papers=papers)


def both(one: Filters, other: Filters) -> Filters | None:
    """What passes two filters, as one; None when nothing can."""
    if other.organisation and not other.organisations:
        other = replace(other, organisation=None, organisations=(other.organisation,))
    changes: dict[str, object] = {}
    for low, high in (("since", "until"), ("min_authors", "max_authors"), ("min_comments", "max_comments")):
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


def _with(field: Asked, filters: Filters, library: Library, groups: Groups) -> set[str]:
    """The papers that pass and have a field."""
    index = library.keywords
    n = index.n_matching(filters, groups, [field])
    if field == "organisation":
        anyone = both(filters, Filters(organisations=tuple(shelf_of(library).n_papers_by_organisation)))
        return set(index.matching(anyone, n, groups=groups)) if anyone and n else set()
    return set(index.ordered(filters, field, n, groups=groups)) if n else set()


def _newest_first(
    library: Library,
    filters: Filters,
    groups: Groups,
    most: int,
    *,
    left_out: set[str],
    wanted: set[str] | None,
) -> tuple[Paper, ...]:
    """Up to `most` matching papers, the newest first, those without a date last."""
    index = library.keywords
    n = index.n_matching(filters, groups)

    def kept(ids: Sequence[str]) -> list[str]:
        return [one for one in ids if one not in left_out and (wanted is None or one in wanted)]

    ids = kept(index.ordered(filters, "published", n if left_out or wanted is not None else most, groups=groups))
    if len(ids) < most and n > len(ids):
        known = set(ids)
        ids += sorted(one for one in kept(index.matching(filters, n, groups=groups)) if one not in known)
    found = library.get_many(ids[:most])
    return tuple(found[paper_id] for paper_id in ids[:most] if paper_id in found)
