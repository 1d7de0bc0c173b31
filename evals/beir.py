"""Search measured on a public collection: a folder in BEIR layout in, nDCG@10, Recall@20 and MRR@10 out.

    corpus.jsonl      {"_id": "…", "title": "…", "text": "…"}
    queries.jsonl     {"_id": "…", "text": "…"}
    qrels/*.tsv       query-id, corpus-id, score, separated by tabs, with a header line; one file a split

As in BEIR (Thakur et al., 2021), a document with the query's own id is taken out of the ranking, and a query counts
when a split judges a document relevant to it. The values come from ir-measures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from evals.bootstrap import Difference, mean_of, paired_difference
from evals.records import Fields, Problems, read_lines
from evals.retrieval import rank_values
from evals.schema import Mean
from rag.errors import QuestionFileError
from rag.schema import Paper

SearchMode = Literal["keyword", "dense", "hybrid"]
MODES: tuple[SearchMode, ...] = ("keyword", "dense", "hybrid")
# Name shown → name in ir-measures.
MEASURES = {"nDCG@10": "nDCG@10", "Recall@20": "R@20", "MRR@10": "RR@10"}
DEPTH = 20
_TITLE_WORDS = 12


class Ranker(Protocol):
    """What is measured: `rag.Library`, or anything with its `rank`."""

    def rank(self, query: str, k: int, mode: SearchMode) -> list[tuple[str, float]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A folder read: queries by id, and for each split, query → document → grade."""

    name: str
    corpus: Path
    queries: dict[str, str]
    splits: dict[str, dict[str, dict[str, int]]]

    @property
    def corpus_digest(self) -> str:
        """Hash (16 hex digits) of the corpus file, to tell whether a library was built from it."""
        return hashlib.sha256(self.corpus.read_bytes()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitResult:
    """One split: means by mode and measure, and what hybrid adds to the other two, over the same queries."""

    split: str
    n_queries: int
    means: dict[SearchMode, dict[str, Mean]]
    hybrid_gain: dict[SearchMode, dict[str, Difference]]

    def to_dict(self) -> dict[str, Any]:
        return {
            "split": self.split,
            "n_queries": self.n_queries,
            "modes": {mode: {name: mean.to_dict() for name, mean in row.items()} for mode, row in self.means.items()},
            "hybrid_gain": {
                f"hybrid - {mode}": {name: gain.to_dict() for name, gain in row.items()}
                for mode, row in self.hybrid_gain.items()
            },
        }


def read_benchmark(folder: Path, *, splits: Sequence[str] = ()) -> Benchmark:
    """Reads the folder's queries and judgments (of the named splits, else of all).

    Raises QuestionFileError when a part is missing, a line cannot be read, or a judgment names an unknown query.
    """
    corpus, queries_path, qrels = folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels"
    absent = [path.name for path in (corpus, queries_path) if not path.is_file()]
    files = sorted(qrels.glob("*.tsv")) if qrels.is_dir() else []
    absent += [] if files else ["qrels/*.tsv"]
    if absent:
        raise QuestionFileError(f"{folder} is not in BEIR layout: {', '.join(absent)} not found")
    if unknown := [name for name in splits if name not in {path.stem for path in files}]:
        raise QuestionFileError(
            f"{folder} has no split {unknown[0]!r}; it has {', '.join(path.stem for path in files)}"
        )
    queries = _read_queries(queries_path)
    wanted = [path for path in files if not splits or path.stem in splits]
    return Benchmark(
        name=folder.resolve().name,
        corpus=corpus,
        queries=queries,
        splits={path.stem: _read_qrels(path, queries) for path in wanted},
    )


def read_corpus(path: Path) -> list[Paper]:
    """The documents of `corpus.jsonl` as papers: `_id` is the paper's id, the text its abstract.

    A document without a title is given its first words as one, and one without a text its title, since a paper has
    both; one without either is left out, and is found by no search.

    Raises QuestionFileError with every problem of the file.
    """
    problems = Problems(path)
    papers: list[Paper] = []
    first_line: dict[str, int] = {}
    for line in read_lines(path, problems):
        fields = Fields(line.record, line.number, problems)
        paper_id = fields.text("_id", empty=False)
        if paper_id in first_line:
            problems.add(line.number, f"document {paper_id!r} is already on line {first_line[paper_id]}")
        first_line.setdefault(paper_id, line.number)
        title, text = fields.text("title", ""), fields.text("text")
        title = title if title.strip() else " ".join(text.split()[:_TITLE_WORDS])
        if title:
            papers.append(Paper(paper_id=paper_id, title=title, abstract=text if text.strip() else title))
    if not papers and not problems.found:
        problems.add(1, "the file holds no documents")
    problems.raise_if_any()
    return papers


def rank_all(
    ranker: Ranker, benchmark: Benchmark, *, progress: Callable[[int, int], None] | None = None
) -> dict[SearchMode, dict[str, list[str]]]:
    """Mode → query id → ids of the first documents, best first, for the queries that a split judges."""
    judged = [query for query in benchmark.queries if any(query in split for split in benchmark.splits.values())]
    rankings: dict[SearchMode, dict[str, list[str]]] = {mode: {} for mode in MODES}
    total = len(judged) * len(MODES)
    for n_queries, query in enumerate(judged):
        for n_modes, mode in enumerate(MODES, 1):
            found = ranker.rank(benchmark.queries[query], DEPTH + 1, mode)
            rankings[mode][query] = [paper_id for paper_id, _ in found if paper_id != query][:DEPTH]
            if progress:
                progress(n_queries * len(MODES) + n_modes, total)
    return rankings


def measure_split(
    split: str, grades: Mapping[str, Mapping[str, int]], rankings: Mapping[SearchMode, Mapping[str, Sequence[str]]]
) -> SplitResult:
    """Means and paired differences of one split. A query without a ranking scores 0."""
    values = {
        mode: rank_values(grades, {q: rankings[mode].get(q, ()) for q in grades}, list(MEASURES.values()))
        for mode in MODES
    }
    rows = {
        mode: {name: [values[mode][code][query] for query in grades] for name, code in MEASURES.items()}
        for mode in MODES
    }
    others: tuple[SearchMode, ...] = ("keyword", "dense")
    return SplitResult(
        split=split,
        n_queries=len(grades),
        means={mode: {name: mean_of(row) for name, row in rows[mode].items()} for mode in MODES},
        hybrid_gain={
            mode: {name: paired_difference(rows[mode][name], rows["hybrid"][name]) for name in MEASURES}
            for mode in others
        },
    )


def _read_queries(path: Path) -> dict[str, str]:
    problems = Problems(path)
    queries: dict[str, str] = {}
    for line in read_lines(path, problems):
        fields = Fields(line.record, line.number, problems)
        query_id = fields.text("_id", empty=False)
        if query_id in queries:
            problems.add(line.number, f"query {query_id!r} occurs twice")
        queries[query_id] = fields.text("text", empty=False)
    problems.raise_if_any()
    return queries


def _read_qrels(path: Path, queries: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Judgments by query, of queries with a relevant document."""
    problems = Problems(path)
    grades: dict[str, dict[str, int]] = {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionFileError(f"{path} cannot be read: {error}") from error
    for number, row in enumerate(text.splitlines(), 1):
        cells = row.split("\t")
        if not row.strip() or (number == 1 and not _is_grade(cells[-1])):
            continue
        if len(cells) != 3:
            problems.add(
                number, f"expected query-id, corpus-id and score separated by tabs, found {len(cells)} columns"
            )
        elif not _is_grade(cells[2]):
            problems.add(number, f"the score must be a whole number, found {cells[2]!r}")
        elif cells[0] not in queries:
            problems.add(number, f"query {cells[0]!r} is not in queries.jsonl")
        else:
            grades.setdefault(cells[0], {})[cells[1]] = int(cells[2])
    kept = {query: judged for query, judged in grades.items() if any(grade > 0 for grade in judged.values())}
    if not kept and not problems.found:
        problems.add(1, "the split judges no document relevant to any query")
    problems.raise_if_any()
    return kept


def _is_grade(cell: str) -> bool:
    return cell.strip().removeprefix("-").isdecimal()
