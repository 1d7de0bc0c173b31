"""Was the right paper found? Rank measures of an answer's `papers` against the question's relevant papers.

The values come from ir-measures (MacAvaney, Macdonald and Ounis, 2022), which asks trec_eval. Ranks are what counts:
scores are replaced by positions, because equal scores would otherwise be put in order of their ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.schema import Outcome, Question
from rag.schema import Answer

MEASURES = {"recall@5": "R@5", "recall@10": "R@10", "mrr": "RR", "ndcg@10": "nDCG@10"}


def recall_at_5(question: Question, answer: Answer) -> Outcome:
    """Relevant papers among the first five, over all relevant papers. In [0, 1].

    Formula: |relevant ∩ first 5| / |relevant|; with more than five relevant papers 1 is out of reach. Source: trec_eval
    `recall_5`, through ir-measures `R@5`.
    """
    return _outcome("recall@5", question, answer)


def recall_at_10(question: Question, answer: Answer) -> Outcome:
    """Relevant papers among the first ten, over all relevant papers. In [0, 1]. Source: ir-measures `R@10`."""
    return _outcome("recall@10", question, answer)


def mrr(question: Question, answer: Answer) -> Outcome:
    """1 / rank of the first relevant paper, 0 where the answer lists none. In [0, 1]; its mean is MRR.

    Source: E. Voorhees, "The TREC-8 question answering track report", 1999; ir-measures `RR`.
    """
    return _outcome("mrr", question, answer)


def ndcg_at_10(question: Question, answer: Answer) -> Outcome:
    """Discounted gain of the first ten papers over that of the best possible order. In [0, 1].

    Formula: DCG = Σ grade / log2(rank + 1); nDCG = DCG / ideal DCG. Source: Järvelin and Kekäläinen, "Cumulated
    gain-based evaluation of IR techniques", 2002, in trec_eval's form with linear gain; ir-measures `nDCG@10`.
    """
    return _outcome("ndcg@10", question, answer)


def needs_relevant(question: Question) -> str:
    """Why rank measures do not apply to a question; empty when they do."""
    return "" if question.relevant_papers else "no paper is marked as relevant"


def rank_values(
    grades: Mapping[str, Mapping[str, int]], rankings: Mapping[str, Sequence[str]], measures: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Measure → query → value, for measures in ir-measures' notation (`nDCG@10`, `R@20`, `RR@10`).

    `rankings` has the ids found for each query, best first; a query of `grades` without one scores 0.

    >>> rank_values({"q": {"a": 1, "b": 1}}, {"q": ["x", "a"]}, ["R@5", "RR"])
    {'R@5': {'q': 0.5}, 'RR': {'q': 0.5}}
    """
    import ir_measures

    parsed: dict[Any, str] = {ir_measures.parse_measure(name): name for name in measures}
    run = {
        query: {doc: -float(rank) for rank, doc in enumerate(dict.fromkeys(docs))} for query, docs in rankings.items()
    }
    values: dict[str, dict[str, float]] = {name: {} for name in measures}
    for row in ir_measures.iter_calc(list(parsed), {q: dict(g) for q, g in grades.items()}, run):
        values[parsed[row.measure]][row.query_id] = float(row.value)
    return values


def ranked_names(question: Question, answer: Answer) -> list[str]:
    """The answer's papers, best first, each under the name (title or id) that the question gives it, else its id."""
    names = []
    for paper in answer.papers:
        known = paper.title if paper.title in question.relevant else f"id {paper.paper_id}"
        names.append(paper.paper_id if paper.paper_id in question.relevant else known)
    return list(dict.fromkeys(names))


def _outcome(measure: str, question: Question, answer: Answer) -> Outcome:
    ranking = ranked_names(question, answer)
    name = MEASURES[measure]
    value = rank_values({"q": question.relevant}, {"q": ranking}, [name])[name]["q"]
    ranks = [
        f"rank {ranking.index(paper) + 1}" if paper in ranking else f"not among the {len(ranking)} papers listed"
        for paper in sorted(question.relevant_papers)
    ]
    shown = "; ".join(f"“{paper}”: {rank}" for paper, rank in zip(sorted(question.relevant_papers), ranks, strict=True))
    return Outcome(value=value, reason=shown)
