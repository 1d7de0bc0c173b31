"""Search under filters in a library too large to look at every distance: the same papers as by brute force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from evals.scale import RandomEmbedder, made_papers
from ingest import add_papers
from rag import retrieval
from rag.library import Library
from rag.schema import Filters, Paper

N_PAPERS = 600


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library.create(tmp_path_factory.mktemp("made") / "library", embedder=RandomEmbedder())
    papers = [
        replace(paper, seen_on=(f"/shelf/{'left' if number % 3 else 'right'}.jsonl",))
        for number, paper in enumerate(made_papers(N_PAPERS))
    ]
    report = add_papers(library, papers)
    assert report.new == N_PAPERS
    return library


def nearest_by_hand(library: Library, question: str, filters: Filters) -> list[str]:
    """The ten best of the matching papers, all of them compared."""
    vector = library.embed(question)
    background = retrieval.sample_background(library.vectors)
    assert background is not None
    whole, best = retrieval._spreads(vector, background, retrieval._Near(papers={}, passages={}))
    ids = [paper.paper_id for paper in library.papers() if filters.matches(paper)]
    scores = {}
    for paper_id, rows in library.vectors.passages_of(ids).items():
        matrix = np.stack([row for _, row in rows])
        mean = matrix.mean(axis=0) / np.linalg.norm(matrix.mean(axis=0))
        scores[paper_id] = retrieval.PAPER_WEIGHT * whole.z(float(mean @ vector))
        scores[paper_id] += retrieval.PASSAGE_WEIGHT * best.z(float((matrix @ vector).max()))
    return sorted(scores, key=lambda paper_id: -scores[paper_id])[:10]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(since=date(2018, 1, 1)),
        Filters(since=date(2024, 3, 1), until=date(2024, 6, 30)),
        Filters(organisations=("lab-1", "LAB-2")),
        Filters(min_comments=3, max_authors=9),
        Filters(source="right.jsonl"),
        Filters(source="/shelf/left.jsonl", since=date(2020, 1, 1)),
    ],
)
@pytest.mark.parametrize("few", [500, 20])
def test_a_filter_keeps_exactly_the_papers_that_match_and_misses_none_that_is_near(
    made: Library, filters: Filters, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrieval, "FEW", few)
    monkeypatch.setattr(retrieval, "WIDE", 900)
    made._background = (-1, None)
    question = "how much memory does quantized training of language models need?"
    matching = {paper.paper_id for paper in made.papers() if filters.matches(paper)}
    assert 5 < len(matching) < N_PAPERS and made.coverage(filters).n_searched == len(matching)
    found = made.ranked(question, k=10, filters=filters, mode="dense")
    assert len(found) == min(10, len(matching)) and {row.paper_id for row in found} <= matching
    # Random vectors are the graph's worst case: it may miss one of ten.
    assert len({row.paper_id for row in found} & set(nearest_by_hand(made, question, filters))) >= len(found) - 1
    hybrid = made.ranked(question, k=10, filters=filters)
    assert {row.paper_id for row in hybrid} <= matching and len(hybrid) == min(10, len(matching))


def test_a_source_is_known_by_its_name_or_the_end_of_its_path() -> None:
    paper = Paper(paper_id="1", title="A", abstract="B", seen_on=("/shelf/2024/left.jsonl",))
    assert all(
        Filters(source=name).matches(paper) for name in ("left.jsonl", "2024/left.jsonl", "/shelf/2024/left.jsonl")
    )
    assert not any(Filters(source=name).matches(paper) for name in ("eft.jsonl", "right.jsonl", "/2024"))


def test_made_papers_are_the_same_for_the_same_seed_and_all_different() -> None:
    first, again, other = (list(made_papers(50, seed=seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert len({paper.paper_id for paper in first}) == len({paper.title for paper in first}) == 50
    rows = RandomEmbedder().embed_texts(["a", "b", "a"])
    assert rows.shape == (3, 384) and np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)
    assert (rows[0] == rows[2]).all() and abs(float(rows[0] @ rows[1])) < 0.3


def test_a_made_library_is_whole(made: Library, tmp_path: Path) -> None:
    assert made.verify() == [] and made.status().n_papers == N_PAPERS
