"""One paper from several records of it: the richest of each field, and nothing that was known is lost.

Which records are the same paper is decided in `ingest.identity`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ingest.identity import Same, identified, same
from ingest.sources.cleaning import plain_title
from rag.identity import arxiv_version, title_id
from rag.schema import Paper


def merge(papers: Iterable[Paper]) -> list[Paper]:
    """Papers with repetitions folded together, in the order of first sight."""
    return [merged(one) for one in same((), [identified(paper) for paper in papers])[0]]


def merged(one: Same) -> Paper:
    """The paper that records, and what the library knew, make together."""
    seen = one.seen[0]
    for record in one.seen[1:]:
        seen = combine(seen, record)
    found = seen
    if one.known:
        before = one.known[0]
        for other in one.known[1:]:
            before = combine(before, other)
        found = combine(before, seen, newer=True)
    aliases = _without_older({*found.aliases, *one.aliases} - {one.paper_id}, found.arxiv_id)
    if found.paper_id == one.paper_id and aliases == found.aliases:
        return found
    return replace(found, paper_id=one.paper_id, aliases=aliases)


# A later text from another source replaces a known one only if it is no mere summary of it: at least this share as long.
_AS_FULL = 0.7


def combine(known: Paper, seen: Paper, *, newer: bool = False) -> Paper:
    """One paper from two records of it.

    Of two abstracts the longer wins, unless `seen` was read later (`newer`): then what is said now replaces what was said
    before. Even so, a text that is only the beginning of the known one (a page that was cut off) never replaces it, nor does
    a much shorter one from a source that is new for the paper. Where both name their arXiv version, the text of the higher
    one stays. A date written out beats one with an inferred year. Counts
    (comments, upvotes) keep the larger number, or the newer one.
    """
    if known == seen:
        return known
    fuller = seen if _replaces(known, seen, newer=newer) else known
    dated = _better_dated(known, seen)
    named = seen if seen.organisation and (newer or not known.organisation) else known
    return replace(
        known,
        title=fuller.title,
        abstract=fuller.abstract,
        published=dated.published,
        published_inferred=dated.published_inferred,
        authors=max(known.authors, seen.authors, key=len),
        n_authors=_count(known.n_authors, seen.n_authors, newer=newer),
        organisation=named.organisation,
        organisation_slug=named.organisation_slug,
        n_comments=_count(known.n_comments, seen.n_comments, newer=newer),
        n_upvotes=_count(known.n_upvotes, seen.n_upvotes, newer=newer),
        arxiv_id=known.arxiv_id or seen.arxiv_id,
        doi=known.doi or seen.doi,
        url=seen.url if not known.url or _is_later(known.url, seen.url) else known.url,
        code_url=known.code_url or seen.code_url,
        aliases=_without_older(
            {*known.aliases, *seen.aliases, *_other_titles(fuller, known, seen)}, known.arxiv_id or seen.arxiv_id
        ),
        seen_on=tuple(sorted({*known.seen_on, *seen.seen_on})),
    )


def _replaces(known: Paper, seen: Paper, *, newer: bool) -> bool:
    versions = _version(known.aliases, known.arxiv_id), _version(seen.aliases, seen.arxiv_id)
    if all(versions) and versions[0] != versions[1]:
        return versions[1] > versions[0]
    if len(seen.abstract) > len(known.abstract):
        return True
    if known.abstract == seen.abstract and known.title != seen.title == plain_title(known.title):
        return newer  # the same title, no longer in LaTeX
    if not newer or known.abstract.startswith(seen.abstract):
        return False
    same_source = known.seen_on == seen.seen_on or not set(known.seen_on).isdisjoint(seen.seen_on)
    return same_source or len(seen.abstract) >= _AS_FULL * len(known.abstract)


def _version(names: Iterable[str], arxiv: str | None) -> int:
    """The highest version of an arXiv id among names of a paper; 0 where none is named."""
    found = (arxiv_version(name) for name in names) if arxiv else ()
    return max((one[1] for one in found if one and one[0] == arxiv), default=0)


def _without_older(aliases: set[str], arxiv: str | None) -> tuple[str, ...]:
    """Aliases, sorted, and of the versions of an arXiv id the highest alone."""
    newest = _version(aliases, arxiv)
    return tuple(sorted(name for name in aliases if not 0 < _version((name,), arxiv) < newest))


def _is_later(known: str, seen: str | None) -> bool:
    """Whether an address is that of a higher version of the same arXiv paper."""
    before, now = arxiv_version(known), arxiv_version(seen)
    return before is not None and now is not None and before[0] == now[0] and before[1] < now[1]


def _other_titles(fuller: Paper, *others: Paper) -> set[str]:
    """The ids of titles that a paper went by before: a page that still has one is recognised by it."""
    return {title_id(paper.title) for paper in others if paper.title != fuller.title} - {title_id(fuller.title)}


def _better_dated(known: Paper, seen: Paper) -> Paper:
    if seen.published is None:
        return known
    if known.published is None:
        return seen
    return seen if known.published_inferred and not seen.published_inferred else known


def _count(known: int | None, seen: int | None, *, newer: bool) -> int | None:
    if known is None or seen is None:
        return known if seen is None else seen
    return seen if newer else max(known, seen)
