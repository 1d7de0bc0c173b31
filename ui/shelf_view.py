"""What the explore view draws, read from a library: first what is known at once, then the map.

Above `MOST_SHOWN` papers a sample stands for all on the map, taken at even distances through the order of storing; the record
says so. Months, organisations and the table (`ui.shelf_table`) are of the whole library. A map is made once for the titles and
abstracts that it shows, and never by two at the same time: new comments and dates keep it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from rag.formulas import as_text
from rag.schema import Filters, Paper
from ui.shelf_map import ShelfMap, make_map, papers_a_month
from ui.shelf_table import organisations, row, shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.library import Library

MOST_SHOWN = 5_000
_MOST_ORGANISATIONS = 12
# How long a map takes, until one was made here.
_START_S, _S_PER_PAPER = 2.0, 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """A record, the state of the library that it shows, and the map in it with what that was made of."""

    state: tuple[str, int]
    record: dict[str, Any]
    made_of: tuple[str, ...]
    shelf_map: ShelfMap


class ShelfViews:
    """The records of one page. Thread-safe: who comes while a map is being made waits for it."""

    def __init__(self, *, most_shown: int = MOST_SHOWN) -> None:
        self._most_shown = most_shown
        self._lock = threading.Lock()
        self._drawn: _Drawn | None = None
        self._s_per_paper = _S_PER_PAPER

    def overview(self, library: Library) -> dict[str, Any]:
        """JSON-ready, at once: how many papers, months, organisations; how many the map will show, and in about how many
        seconds (0 where it is there).
        """
        n_papers, state = _state(library)
        days = library.keywords.grouped(Filters(), "published")
        drawn = self._drawn
        n_shown = min(n_papers, self._most_shown)
        return {
            "state": _token(state),
            "n_papers": n_papers,
            "n_shown": n_shown,
            "n_dated": sum(days.values()),
            "months": papers_a_month(days),
            "organisations": organisations(library.keywords, _MOST_ORGANISATIONS),
            "map_s": 0.0 if drawn and drawn.state == state else round(_START_S + n_shown * self._s_per_paper, 1),
        }

    def record(self, library: Library) -> dict[str, Any]:
        """JSON-ready: the papers of the map with their places, and its clusters."""
        # Reading first, then asking for the state: another process may have written in between.
        n_papers, state = _state(library)
        with self._lock:
            if self._drawn is None or self._drawn.state != state:
                self._drawn = self._draw(library, n_papers, state)
            return self._drawn.record

    def _draw(self, library: Library, n_papers: int, state: tuple[str, int]) -> _Drawn:
        begun = time.monotonic()
        papers = sample(library, self._most_shown)
        made_of = (str(library.path), library.manifest.fingerprint, *(f"{p.paper_id} {p.content_hash}" for p in papers))
        known = self._drawn
        if known is not None and known.made_of == made_of:
            shelf_map = known.shelf_map
        else:
            shelf_map = make_map([as_text(paper.title) for paper in papers], _vectors(library, papers))
            if papers:
                self._s_per_paper = max(0.0, time.monotonic() - begun - _START_S) / len(papers)
        return _Drawn(
            state=state, record=_record(papers, n_papers, shelf_map, state), made_of=made_of, shelf_map=shelf_map
        )


def _state(library: Library) -> tuple[int, tuple[str, int]]:
    """How many papers, and what changes with every writing."""
    n_papers = library.coverage().n_papers
    return n_papers, (str(library.path), library.manifest.generation)


def _token(state: tuple[str, int]) -> str:
    """A state as the page may know it: without the folder."""
    return sha256(repr(state).encode()).hexdigest()[:16]


def _record(papers: Sequence[Paper], n_papers: int, shelf_map: ShelfMap, state: tuple[str, int]) -> dict[str, Any]:
    return {
        "state": _token(state),
        "n_papers": n_papers,
        "n_shown": len(papers),
        "clusters": [{"name": shown(cluster.name), "n": cluster.n_papers} for cluster in shelf_map.clusters],
        "papers": [
            [*row(paper), *place, member]
            for paper, place, member in zip(papers, shelf_map.places, shelf_map.members, strict=True)
        ],
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
