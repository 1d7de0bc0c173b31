"""Fits the constants of the quoting answer (`rag.quoting`) on development questions and says how well they do.

    python -m evals.calibrate QUESTIONS.jsonl --library DIR

Two logistic regressions with a ridge penalty: does a sentence state a wanted fact (`SENTENCE`), does the best paper
answer at all (`ANSWERS`)? Figures are from ten-fold cross-validation; the constants printed are fitted on everything.
The bias of `ANSWERS` is moved so that 4 % of the answerable questions of the held-out folds would be refused.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag import Engine
    from rag.reading import PaperMatch, Word

FOLDS = 10
RIDGE = 2.0
REFUSED_ANSWERABLE = 0.04


def main() -> None:
    import numpy as np

    from rag import Engine, Library
    from rag.quoting import judgment_features, sentence_features

    parser = argparse.ArgumentParser(prog="python -m evals.calibrate", description="Fit the constants of rag.quoting.")
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("--library", type=Path, required=True)
    asked = parser.parse_args()
    questions = [json.loads(line) for path in asked.questions for line in path.read_text("utf-8").splitlines() if line]
    questions = [q for q in questions if q["kind"] not in ("metadata", "followup")]
    engine = Engine(Library.open(asked.library))
    sentences: list[dict[str, float]] = []
    stated: list[float] = []
    sentence_folds: list[int] = []
    papers: list[dict[str, float]] = []
    for i, question in enumerate(questions):
        words, match = best_match(engine, question["question"])
        papers.append(judgment_features(question["question"], words, match))
        if match.paper.title in question["relevant"] and question["kind"] != "multi":
            rows = sentence_features(question["question"], words, match)
            sentences += rows
            sentence_folds += [i % FOLDS] * len(rows)
            stated += [_states(match.paper.abstract[s.start : s.end], question["facts"]) for s in match.sentences]
    scores, _ = cross_validate(sentences, np.array(stated), np.array(sentence_folds))
    print(f"sentences: {len(stated)}, of which {sum(stated):.0f} state a fact; AUC {auc(scores, np.array(stated)):.3f}")
    print("SENTENCE =", fit(sentences, np.array(stated)))
    answerable = np.array([float(question["answerable"]) for question in questions])
    folds = np.random.default_rng(0).permutation(len(questions)) % FOLDS
    scores, cut = cross_validate(papers, answerable, folds)
    refused = scores < cut
    print(
        f"questions: {len(questions)}, of which {sum(1 - answerable):.0f} unanswerable; "
        f"AUC {auc(scores, answerable):.3f}; refused {refused[answerable == 0].mean():.3f} of the unanswerable "
        f"and {refused[answerable == 1].mean():.3f} of the others"
    )
    constants = fit(papers, answerable)
    constants["bias"] = round(constants["bias"] - cut, 2)
    print("ANSWERS =", constants)


def best_match(engine: Engine, question: str) -> tuple[tuple[Word, ...], PaperMatch]:
    """The question's words and the paper that the engine would answer from."""
    found = engine.read(question)
    return found.words, found.matches[0]


def fit(rows: Sequence[dict[str, float]], wanted: NDArray[np.float64]) -> dict[str, float]:
    """Constants by name, with "bias"."""
    weights, bias = _logistic(_matrix(rows), wanted)
    return {"bias": round(bias, 2)} | {name: round(float(w), 2) for name, w in zip(rows[0], weights, strict=True)}


def cross_validate(
    rows: Sequence[dict[str, float]], wanted: NDArray[np.float64], folds: NDArray[np.int64]
) -> tuple[NDArray[np.float64], float]:
    """Held-out log-odds of every row, and the cut that refuses `REFUSED_ANSWERABLE` of the wanted ones."""
    import numpy as np

    matrix = _matrix(rows)
    scores = np.zeros(len(rows))
    for fold in range(FOLDS):
        weights, bias = _logistic(matrix[folds != fold], wanted[folds != fold])
        scores[folds == fold] = matrix[folds == fold] @ weights + bias
    return scores, float(np.quantile(scores[wanted == 1], REFUSED_ANSWERABLE))


def auc(scores: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    """Chance that a wanted row scores above another; ties count half."""
    import numpy as np

    good, bad = scores[wanted == 1], scores[wanted == 0]
    above = (good[:, None] > bad[None, :]).mean() + 0.5 * (good[:, None] == bad[None, :]).mean()
    return float(np.asarray(above))


def _matrix(rows: Sequence[dict[str, float]]) -> NDArray[np.float64]:
    import numpy as np

    return np.array([list(row.values()) for row in rows], float)


def _logistic(matrix: NDArray[np.float64], wanted: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Ridge logistic regression by Newton's method on standardised columns."""
    import numpy as np

    mean, deviation = matrix.mean(axis=0), matrix.std(axis=0) + 1e-9
    design = np.column_stack([(matrix - mean) / deviation, np.ones(len(matrix))])
    ridge = np.diag([RIDGE] * matrix.shape[1] + [1e-6])
    weights = np.zeros(design.shape[1])
    for _ in range(100):
        odds = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (odds - wanted) + ridge @ weights
        step = np.linalg.solve((design.T * (odds * (1 - odds))) @ design + ridge, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    scaled = weights[:-1] / deviation
    return scaled, float(weights[-1] - scaled @ mean)


def _states(text: str, facts: Sequence[Sequence[str]]) -> float:
    folded = text.casefold().replace(",", "")
    return float(any(alternative.casefold().replace(",", "") in folded for group in facts for alternative in group))


if __name__ == "__main__":
    main()
