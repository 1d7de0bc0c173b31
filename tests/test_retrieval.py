"""Search: what the fused score is made of, and that it does not depend on how much is asked for."""

from __future__ import annotations

import pytest

from ingest import add_papers
from rag import retrieval
from rag.library import Library
from rag.retrieval import KEYWORD_WEIGHT, PAPER_WEIGHT, PASSAGE_WEIGHT
from tests.conftest import paper

QUERY = "memory of optimizers for language models"


def test_the_score_is_the_weighted_sum_that_the_docstring_gives(sample: Library) -> None:
    import numpy as np

    vector = sample.embed(QUERY)
    ids = [p.paper_id for p in sample.papers()]
    rows = sample.vectors.passages_of(ids)
    best = {key: max(float(row @ vector) for _, row in group) for key, group in rows.items()}
    means = {key: np.mean([row for _, row in group], axis=0) for key, group in rows.items()}
    whole = {key: float(mean @ vector / np.linalg.norm(mean)) for key, mean in means.items()}
    words = dict(sample.rank(QUERY, 60, mode="keyword"))

    def z(values: dict[str, float], key: str) -> float:
        numbers = np.array(list(values.values()))
        return float((values[key] - numbers.mean()) / numbers.std())

    for row in sample.ranked(QUERY, k=60):
        expected = KEYWORD_WEIGHT * words.get(row.paper_id, 0.0) / max(words.values())
        expected += PAPER_WEIGHT * z(whole, row.paper_id) + PASSAGE_WEIGHT * z(best, row.paper_id)
        assert row.score == pytest.approx(expected, abs=2e-3)
        assert row.dense == pytest.approx(best[row.paper_id], abs=1e-4)
        assert row.keyword == pytest.approx(words.get(row.paper_id, 0.0))


def test_asking_for_more_does_not_reorder_the_first(sample: Library) -> None:
    few, many = sample.rank(QUERY, 5), sample.rank(QUERY, 50)[:5]
    assert [key for key, _ in few] == [key for key, _ in many]
    assert [score for _, score in few] == pytest.approx([score for _, score in many], abs=1e-4)


def test_vectors_held_in_memory_rank_as_those_on_disk_do(sample_copy: Library) -> None:
    index, vector = sample_copy.vectors, sample_copy.embed(QUERY)
    on_disk = index.nearest("passages", vector, 4_096)
    sample_copy.prepare()
    for _ in range(2):
        in_memory = index.nearest("passages", vector, 4_096)
        assert [key for key, _ in in_memory] == [key for key, _ in on_disk]
        assert [cosine for _, cosine in in_memory] == pytest.approx([cosine for _, cosine in on_disk], abs=1e-5)
    assert [key for key, _ in index.nearest("papers", vector, 3)] == [
        key for key, _ in index.nearest("papers", vector, 40)[:3]
    ]
    new = paper("Wombats at night", "Wombats dig burrows at night.")
    add_papers(sample_copy, [new])
    assert sample_copy.rank("wombats that dig burrows", 1, mode="dense")[0][0] == new.paper_id


def test_a_large_library_is_ranked_as_a_small_one_is(sample: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a window that does not hold the library, missing cosines are computed and the spread is sampled."""
    exact = sample.rank(QUERY, 10)
    monkeypatch.setattr(retrieval, "WIDE", 12)
    monkeypatch.setattr(retrieval, "DEPTH", 4)
    fresh = Library.open(sample.path)
    sampled = fresh.rank(QUERY, 2)
    assert [key for key, _ in sampled] == [key for key, _ in exact[:2]]
    assert [score for _, score in sampled] == pytest.approx([score for _, score in exact[:2]], abs=0.05)


def test_a_filter_does_not_change_a_papers_signals(sample: Library) -> None:
    from rag.schema import Filters

    everywhere = {row.paper_id: row for row in sample.ranked(QUERY, k=60)}
    few = tuple(list(everywhere)[:7])
    for row in sample.ranked(QUERY, k=60, filters=Filters(paper_ids=few)):
        assert row.paper_id in few
        assert row.dense == pytest.approx(everywhere[row.paper_id].dense, abs=1e-5)
        assert row.keyword == pytest.approx(everywhere[row.paper_id].keyword)


def test_one_paper_alone_and_a_query_without_words_are_ranked_too(library: Library) -> None:
    add_papers(library, [paper("FoldNet", "Folding saves memory.")])
    assert len(library.search("folding")) == 1
    assert len(library.search("the of and ???")) == 1
    assert library.search("the of and ???", mode="keyword") == []
