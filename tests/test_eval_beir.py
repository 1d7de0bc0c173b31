"""Collections in BEIR layout: read with clear errors, measured by hand-worked figures."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from evals.beir import DEPTH, SearchMode, measure_split, rank_all, read_benchmark, read_corpus
from rag.errors import QuestionFileError


def lines(path: Path, *records: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "ponds"
    lines(root / "corpus.jsonl", *({"_id": name, "title": name, "text": f"About {name}."} for name in "abcd"))
    lines(root / "queries.jsonl", *({"_id": name, "text": f"which {name}?"} for name in ("q1", "q2", "d")))
    (root / "qrels").mkdir()
    header = "query-id\tcorpus-id\tscore\n"
    (root / "qrels" / "test.tsv").write_text(header + "q1\ta\t1\nq1\tb\t1\nd\tc\t2\nq2\ta\t0\n")
    (root / "qrels" / "train.tsv").write_text(header + "q2\tb\t1\n")
    return root


class Ranker:
    """Keyword finds in alphabetical order, dense in reverse, hybrid nothing."""

    def rank(self, query: str, k: int, mode: SearchMode) -> list[tuple[str, float]]:
        order = {"keyword": "abcd", "dense": "dcba", "hybrid": ""}[mode]
        return [(name, 1.0) for name in order][:k]


def test_a_folder_is_read_by_splits(folder: Path) -> None:
    read = read_benchmark(folder)
    assert read.splits == {"test": {"q1": {"a": 1, "b": 1}, "d": {"c": 2}}, "train": {"q2": {"b": 1}}}
    assert list(read_benchmark(folder, splits=["train"]).splits) == ["train"]
    papers = read_corpus(read.corpus)
    assert (papers[0].paper_id, papers[0].title, papers[0].abstract) == ("a", "a", "About a.")


def test_measures_are_those_worked_out_by_hand(folder: Path) -> None:
    benchmark = read_benchmark(folder, splits=["test"])
    rankings = rank_all(Ranker(), benchmark)
    # The query "d" never finds the document "d", as in BEIR.
    assert rankings["dense"]["d"] == ["c", "b", "a"]
    result = measure_split("test", benchmark.splits["test"], rankings)
    # Dense: q1 ranks d c b a, relevant at 3 and 4; d ranks c first.
    ndcg = (1 / math.log2(4) + 1 / math.log2(5)) / (1 + 1 / math.log2(3))
    dense = result.means["dense"]
    assert dense["nDCG@10"].mean == pytest.approx((ndcg + 1) / 2)
    assert dense["MRR@10"].mean == pytest.approx((1 / 3 + 1) / 2)
    assert dense["Recall@20"].mean == 1.0
    assert result.means["hybrid"]["Recall@20"].mean == 0.0
    assert result.hybrid_gain["dense"]["Recall@20"].mean == -1.0
    assert (result.n_queries, dense["nDCG@10"].n) == (2, 2)


def test_only_judged_queries_are_searched(folder: Path) -> None:
    heard: list[tuple[int, int]] = []
    rank_all(Ranker(), read_benchmark(folder, splits=["train"]), progress=lambda n, of: heard.append((n, of)))
    assert heard == [(1, 3), (2, 3), (3, 3)]
    assert DEPTH == 20


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("queries.jsonl", None, "queries.jsonl not found"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1 a 1\n", "test.tsv:2: expected query-id"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\ta\tgood\n", "test.tsv:2: the score must be"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq9\ta\t1\n", "test.tsv:2: query 'q9' is not in"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\n", "judges no document relevant"),
        ("queries.jsonl", '{"_id": "q1"}\n', "queries.jsonl:1: 'text' is missing"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(folder: Path, file: str, text: str | None, expected: str) -> None:
    path = folder / file
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(QuestionFileError, match=expected.replace("(", r"\(")):
        read_benchmark(folder)


def test_an_unknown_split_is_answered_with_the_known_ones(folder: Path) -> None:
    with pytest.raises(QuestionFileError, match="test, train"):
        read_benchmark(folder, splits=["dev"])


def test_documents_without_title_or_text_are_kept(folder: Path) -> None:
    lines(folder / "corpus.jsonl", {"_id": "a", "text": "Otters swim."}, {"_id": "b", "title": "Kites", "text": ""})
    papers = read_corpus(folder / "corpus.jsonl")
    assert [(paper.title, paper.abstract) for paper in papers] == [("Otters swim.", "Otters swim."), ("Kites", "Kites")]


def test_a_document_given_twice_is_reported(folder: Path) -> None:
    lines(folder / "corpus.jsonl", {"_id": "a", "text": "x"}, {"_id": "a", "text": "y"})
    with pytest.raises(QuestionFileError, match="already on line 1"):
        read_corpus(folder / "corpus.jsonl")
