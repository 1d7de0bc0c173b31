"""Search: dense and keyword hits fused into one ranking of papers.

Three signals are added for every candidate paper:

    keyword   BM25 of the query and the paper, divided by the best paper's, times KEYWORD_WEIGHT
    paper     cosine of query and paper, as a z-score over the library, times PAPER_WEIGHT
    passage   cosine of query and the paper's best passage, as a z-score over the library, times PASSAGE_WEIGHT

Candidates are the best papers by each signal; what a candidate lacks of the three is computed exactly, as long as it may still
be among the best (what the vector index did not return is no nearer than the last that it did). In a library of up
to `WIDE` passages the vector index returns every distance, and means and deviations are exact; in a larger one they come
from up to `BACKGROUND` papers spread over it. Against a background, a cosine says how unusual a match is.

The vector index knows no filters. In a small library what does not pass is left out of all the distances; in a larger one, of
as many as should leave `PASSING` papers, and where few papers pass at all (`FEW`), they are all compared.

The weights were chosen on SciFact train and the development questions, in the middle of a plateau (nDCG@10 0.750 and
0.980; alone, keyword gives 0.696 on SciFact train, paper 0.669, passage 0.689). Tried there and not better: z-scores for all
three, 32-bit vectors, passages of one or two sentences, BM25 with other k1 and b, character n-grams, titles as a vector of
their own, relevance feedback on words and on vectors, neighbours' scores, and late interaction on the top 50.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from rag.schema import Filters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.keywords import KeywordIndex
    from rag.vectors import VectorIndex

Mode = Literal["hybrid", "dense", "keyword"]

KEYWORD_WEIGHT = 8.0
PAPER_WEIGHT = 0.8
PASSAGE_WEIGHT = 1.2
BACKGROUND = 512
# How many passages the vector index is asked for, and how many papers each signal gives, at least.
WIDE = 4_096
DEPTH = 100
PASSING = 40
FEW = 1_000
_AT_A_TIME = 32  # candidates completed together
_SMALLEST_DEVIATION = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A paper's place in a ranking: fused score and the signals behind it (None: not asked).

    `dense` is the cosine of the query and the best passage, whose key in the vector index is `passage`.
    """

    paper_id: str
    score: float
    dense: float | None = None
    keyword: float | None = None
    passage: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Vectors of papers spread over the library: whole papers (n, d), passages (m, d), and where each paper's start."""

    papers: NDArray[np.float32]
    passages: NDArray[np.float32]
    starts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spread:
    """Mean and deviation of cosines over the library."""

    mean: float
    deviation: float

    def z(self, cosine: float) -> float:
        return (cosine - self.mean) / self.deviation


@dataclass(slots=True, kw_only=True)
class _Near:
    """What the vector index gave: cosine of each paper, and of each paper's best passage with its key. What is not there is at
    most as near as the floors.
    """

    papers: dict[str, float]
    passages: dict[str, tuple[float, str]]
    paper_floor: float = 1.0
    passage_floor: float = 1.0

    def lacks(self, paper_id: str) -> bool:
        return paper_id not in self.papers or paper_id not in self.passages


def rank(
    query: str,
    vector: NDArray[np.float32] | None,
    *,
    keywords: KeywordIndex,
    vectors: VectorIndex,
    background: Background | None,
    filters: Filters,
    k: int,
    mode: Mode = "hybrid",
) -> list[Ranked]:
    """The k best papers for a query, best first. `vector` is the query's, shape (d,); it may be None for "keyword".

    `background` is what `sample_background` gave; None where the library is small enough to do without.
    """
    depth = max(DEPTH, 2 * k)
    by_words = dict(keywords.search(query, depth, filters)) if mode != "dense" else {}
    best_words = max(by_words.values(), default=0.0)
    if vector is None or mode == "keyword":
        return [Ranked(paper_id=key, score=words, keyword=words) for key, words in by_words.items()][:k]
    if filters and background is not None:
        near = _nearest_passing(keywords, vectors, vector, filters, depth)
    else:
        near = _nearest(vectors, vector, n=WIDE if background is None else 3 * depth)
    spreads = _spreads(vector, background, near)
    if filters and background is None:
        near = _only_passing(near, keywords, filters)
    candidates = dict.fromkeys(by_words)
    candidates |= dict.fromkeys(sorted(near.papers, key=near.papers.__getitem__, reverse=True)[:depth])
    candidates |= dict.fromkeys(sorted(near.passages, key=lambda key: near.passages[key][0], reverse=True)[:depth])
    if by_words and (unscored := [key for key in candidates if key not in by_words]):
        by_words |= dict(keywords.search(query, len(unscored), replace(filters, paper_ids=tuple(unscored))))
    factor = KEYWORD_WEIGHT / best_words if best_words else 0.0
    scores = {key: factor * by_words.get(key, 0.0) + _dense_score(near, key, spreads) for key in candidates}
    _complete_best(near, scores, spreads, vectors, vector, k)
    ranked = [
        Ranked(
            paper_id=key,
            score=score,
            dense=near.passages[key][0],
            keyword=by_words.get(key, 0.0) if mode == "hybrid" else None,
            passage=near.passages[key][1],
        )
        for key, score in scores.items()
        if not near.lacks(key)  # also those that another process removed in the meantime
    ]
    ranked.sort(key=lambda row: (-row.score, row.paper_id))
    return ranked[:k]


def _dense_score(near: _Near, paper_id: str, spreads: tuple[_Spread, _Spread]) -> float:
    """What both cosines add to a paper's score; at most that, where one is not known."""
    passage = near.passages[paper_id][0] if paper_id in near.passages else near.passage_floor
    whole = spreads[0].z(near.papers.get(paper_id, near.paper_floor))
    return PAPER_WEIGHT * whole + PASSAGE_WEIGHT * spreads[1].z(passage)


def _complete_best(
    near: _Near,
    scores: dict[str, float],
    spreads: tuple[_Spread, _Spread],
    vectors: VectorIndex,
    vector: NDArray[np.float32],
    k: int,
) -> None:
    """Computes what candidates lack, the most promising first, until none of the rest can be among the k best."""
    known = sorted((score for key, score in scores.items() if not near.lacks(key)), reverse=True)[:k]
    lacking = sorted((key for key in scores if near.lacks(key)), key=lambda key: -scores[key])
    while lacking and (len(known) < k or scores[lacking[0]] > known[-1]):
        group, lacking = lacking[:_AT_A_TIME], lacking[_AT_A_TIME:]
        before = {key: _dense_score(near, key, spreads) for key in group}
        _complete(near, group, vectors, vector)
        for key in group:
            if not near.lacks(key):
                scores[key] += _dense_score(near, key, spreads) - before[key]
                known.append(scores[key])
        known = sorted(known, reverse=True)[:k]


def sample_background(vectors: VectorIndex) -> Background | None:
    """Vectors of up to `BACKGROUND` papers, taken at even distances; None for a library of up to `WIDE` passages."""
    import numpy as np

    if vectors.count()[1] <= WIDE:
        return None
    found = vectors.passages_of(vectors.spread_ids(BACKGROUND))
    groups = [np.stack([row for _, row in group]) for group in found.values()]
    starts = np.cumsum([0, *(len(group) for group in groups[:-1])])
    means = np.stack([group.mean(axis=0) for group in groups])
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    return Background(papers=means, passages=np.concatenate(groups), starts=starts)


def _nearest(vectors: VectorIndex, vector: NDArray[np.float32], *, n: int) -> _Near:
    best: dict[str, tuple[float, str]] = {}
    passages = vectors.nearest("passages", vector, n)
    for key, cosine in passages:
        paper_id = key.rsplit("#", 2)[0]
        if paper_id not in best:  # nearest first
            best[paper_id] = (cosine, key)
    papers = vectors.nearest("papers", vector, n)
    return _Near(
        papers=dict(papers),
        passages=best,
        paper_floor=papers[-1][1] if papers else 1.0,
        passage_floor=passages[-1][1] if passages else 1.0,
    )


def _nearest_passing(
    keywords: KeywordIndex, vectors: VectorIndex, vector: NDArray[np.float32], filters: Filters, depth: int
) -> _Near:
    """What is near among the papers of a large library that pass."""
    import numpy as np

    n_passing = keywords.n_matching(filters)
    if n_passing <= FEW:
        ids, rows = _passing_vectors(keywords, vectors, filters, n_passing)
        cosines = rows @ vector if ids else np.zeros(0, np.float32)
        best = np.argsort(-cosines, kind="stable")[: max(PASSING, depth * PASSING // DEPTH)]
        nearest = vectors.nearest("passages", vector, 1)
        return _Near(
            papers={ids[i]: float(cosines[i]) for i in best},
            passages={},
            paper_floor=float(cosines[best[-1]]) if ids else 1.0,
            passage_floor=nearest[0][1] if nearest else 1.0,  # none that passes is nearer than the nearest of all
        )
    # So many that enough of them should pass, were the filter blind to the question.
    n = max(PASSING, depth * PASSING // DEPTH) * vectors.count()[0] // n_passing
    return _only_passing(_nearest(vectors, vector, n=min(WIDE, max(3 * depth, n))), keywords, filters)


def _passing_vectors(
    keywords: KeywordIndex, vectors: VectorIndex, filters: Filters, n: int
) -> tuple[list[str], NDArray[np.float32]]:
    """The papers that pass and their vectors; those of the last filter are kept, because filters stay while questions come."""
    kept: dict[Filters, tuple[list[str], NDArray[np.float32]]] = keywords.derived("vectors of papers that pass", dict)
    found = kept.get(filters)
    if found is None:
        found = vectors.paper_vectors(keywords.matching(filters, n))
        kept.clear()
        kept[filters] = found
    return found


def _only_passing(near: _Near, keywords: KeywordIndex, filters: Filters) -> _Near:
    passing = _passing(list({*near.papers, *near.passages}), keywords, filters)
    return replace(
        near,
        papers={key: cosine for key, cosine in near.papers.items() if key in passing},
        passages={key: row for key, row in near.passages.items() if key in passing},
    )


def _passing(ids: list[str], keywords: KeywordIndex, filters: Filters) -> set[str]:
    wanted = set(ids) & set(filters.paper_ids) if filters.paper_ids else set(ids)
    return set(keywords.matching(replace(filters, paper_ids=tuple(wanted)), len(wanted))) if wanted else set()


def _complete(near: _Near, paper_ids: list[str], vectors: VectorIndex, vector: NDArray[np.float32]) -> None:
    """Computes the cosines of papers that the vector index did not return."""
    import numpy as np

    for paper_id, rows in vectors.passages_of(paper_ids).items():
        matrix = np.stack([row for _, row in rows])
        cosines = matrix @ vector
        mean = matrix.mean(axis=0)
        near.papers[paper_id] = float(mean @ vector) / max(float(np.linalg.norm(mean)), 1e-12)
        near.passages[paper_id] = (float(cosines.max()), rows[int(cosines.argmax())][0].key)


def _spreads(vector: NDArray[np.float32], background: Background | None, near: _Near) -> tuple[_Spread, _Spread]:
    """How cosines spread over the library: of papers and of papers' best passages. `near` holds them all where there is no
    background.
    """
    import numpy as np

    if background is not None:
        whole = background.papers @ vector
        best = np.maximum.reduceat(background.passages @ vector, background.starts)
    else:
        whole = np.fromiter(near.papers.values(), np.float32)
        best = np.fromiter((cosine for cosine, _ in near.passages.values()), np.float32)
    spreads = []
    for cosines in (whole, best):
        deviation = float(cosines.std()) if len(cosines) else 0.0
        mean = float(cosines.mean()) if len(cosines) else 0.0
        spreads.append(_Spread(mean=mean, deviation=deviation if deviation > _SMALLEST_DEVIATION else 1.0))
    return spreads[0], spreads[1]
