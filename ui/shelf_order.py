"""Papers in an order: newest, most comments, upvotes or authors, by title. Pure; what is not known comes last, always."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rag.schema import Paper

_KEYS: dict[str, Callable[[Paper], Any]] = {
    "published": lambda paper: paper.published,
    "comments": lambda paper: paper.n_comments,
    "upvotes": lambda paper: paper.n_upvotes,
    "authors": lambda paper: paper.n_authors,
    "title": lambda paper: paper.title.casefold(),
}
ORDERS = tuple(_KEYS)


def counted(paper: Paper, by: str) -> Any:
    """What a paper is sorted by; None where it is not known."""
    return _KEYS[by](paper)


def ordered(papers: Iterable[Paper], by: str | None, *, reverse: bool = False) -> Iterator[Paper]:
    """Papers sorted `by` one of `ORDERS` (None: as they come): numbers and dates with the largest first, titles from A.

    `reverse` turns the known ones round. Equal papers stay in their order.
    """
    if by is None:
        return iter(list(papers)[::-1]) if reverse else iter(papers)
    key = _KEYS[by]
    known: list[Paper] = []
    unknown: list[Paper] = []
    for paper in papers:
        (unknown if key(paper) is None else known).append(paper)
    known.sort(key=key, reverse=(by != "title") != reverse)
    return iter(known + unknown)
