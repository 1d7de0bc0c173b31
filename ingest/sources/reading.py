"""What every source gives: portions of papers, with what went wrong and where; and how it is asked to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rag.errors import SourceError
from rag.schema import Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How sources are read.

    `mapping` names columns where they are not called as the fields of a paper: (field, column) pairs. `categories` (of
    arXiv) and `since` (a day, inclusive) say which records are wanted; none means all.
    """

    mapping: tuple[tuple[str, str], ...] = ()
    categories: tuple[str, ...] = ()
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Papers read from one file (or a part of a long one), in its order.

    `errors` are records or rests of files that could not be read; `warnings` concern papers that were kept. `n_skipped`
    counts the records that were read and not wanted (`ReadOptions`).
    """

    path: str
    papers: tuple[Paper, ...] = ()
    n_bylines: int = 0
    n_skipped: int = 0
    warnings: tuple[str, ...] = ()
    errors: tuple[SourceError, ...] = ()
