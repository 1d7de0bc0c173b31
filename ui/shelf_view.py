"""What the explore view draws, read from a library: once for each state of it, and never by two at the same time.

Above `MOST_SHOWN` papers a sample stands for all, taken at even distances through the order of storing; the record says so. The
months are always counted over the whole library.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.bibtex import web_link
from rag.schema import Filters, Paper
from ui.shelf_map import ShelfMap, by_organisation, make_map, papers_a_month

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.library import Library

MOST_SHOWN = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A record and the state of the library that it shows."""

    state: tuple[str, int]
    record: dict[str, Any]


class ShelfViews:
    """The records of one page. Thread-safe: who comes while one is being made waits for it."""

    def __init__(self, *, most_shown: int = MOST_SHOWN) -> None:
        self._most_shown = most_shown
        self._lock = threading.Lock()
        self._made: _Made | None = None

    def record(self, library: Library) -> dict[str, Any]:
        """JSON-ready: papers with their places, clusters, months, organisations, and how many papers stand for how many."""
        # Reading first, then asking for the state: another process may have written in between.
        n_papers = library.coverage().n_papers
        state = (str(library.path), library.manifest.generation)
        with self._lock:
            if self._made is None or self._made.state != state:
                self._made = _Made(state=state, record=_record(library, n_papers, self._most_shown))
            return self._made.record


def _record(library: Library, n_papers: int, most: int) -> dict[str, Any]:
    papers = sample(library, most)
    shelf_map = make_map([paper.title for paper in papers], _vectors(library, papers))
    days = library.keywords.grouped(Filters(), "published")
    return {
        "n_papers": n_papers,
        "n_shown": len(papers),
        "n_dated": sum(days.values()),
        "months": papers_a_month(days),
        "organisations": by_organisation(papers),
        "clusters": [{"name": cluster.name, "n": cluster.n_papers} for cluster in shelf_map.clusters],
        "papers": [_row(paper, shelf_map, index) for index, paper in enumerate(papers)],
    }


def sample(library: Library, most: int = MOST_SHOWN) -> list[Paper]:
    """Every paper that has vectors, or up to `most` of them from all parts of the library."""
    # `spread_ids` takes runs of 64.
    names = library.vectors.spread_ids(max(most, 64))
    return list(library.get_many(names[:most]).values())


def _vectors(library: Library, papers: list[Paper]) -> NDArray[np.float32]:
    """A unit vector for each paper: the mean of its passages'."""
    import numpy as np

    found = library.vectors.passages_of([paper.paper_id for paper in papers])
    empty = np.zeros(library.manifest.dimension, np.float32)
    rows = [
        np.mean([vector for _, vector in found[paper.paper_id]], axis=0) if paper.paper_id in found else empty
        for paper in papers
    ]
    stacked = np.asarray(rows, np.float32).reshape(len(rows), library.manifest.dimension)
    unit: NDArray[np.float32] = stacked / np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-9)
    return unit


def _row(paper: Paper, shelf_map: ShelfMap, index: int) -> list[Any]:
    """Short, for there are thousands: id, title, date, organisation, comments, authors, address, x, y, cluster."""
    x, y = shelf_map.places[index]
    return [
        paper.paper_id,
        paper.title,
        paper.published.isoformat() if paper.published else None,
        paper.organisation,
        paper.n_comments,
        paper.n_authors,
        web_link(paper),
        x,
        y,
        shelf_map.members[index],
    ]
