"""What every source gives: portions of papers, with what went wrong and where."""

from __future__ import annotations

from dataclasses import dataclass

from rag.errors import SourceError
from rag.schema import Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Papers read from one file (or a part of a long one), in its order.

    `errors` are records or rests of files that could not be read; `warnings` concern papers that were kept.
    """

    path: str
    papers: tuple[Paper, ...] = ()
    n_bylines: int = 0
    warnings: tuple[str, ...] = ()
    errors: tuple[SourceError, ...] = ()
