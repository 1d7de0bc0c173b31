"""Fits the constants of the quoting answer (`rag.quoting`, `rag.judging`) on development questions and says how well they do.

    python -m evals.calibrate QUESTIONS.jsonl [QUESTIONS.jsonl …] --library DIR

Two logistic regressions with a ridge penalty: does a sentence state a wanted fact (`SENTENCE`), does the best paper
answer at all (`ANSWERS`)? Figures are from ten-fold cross-validation; the constants printed are fitted on everything but
the questions held out: in `seeds_limits.jsonl`, those on papers with an even number (`HELD_OUT`). All questions on one paper of
that file are in one fold. The bias of `ANSWERS` is moved so that 4 % of the answerable questions of the folds are refused.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag import Engine
    from rag.reading import PaperMatch, Word

FOLDS = 10
RIDGE = 2.0
REFUSED_ANSWERABLE = 0.04
# In ids like "l07-2" (the second question on the seventh paper): papers with an even number.
HELD_OUT = re.compile(r"l\d*[02468]-\d+")


def main() -> None:
    import numpy as np

    from rag import Engine, Library
    from rag.judging import judgment_features
    from rag.quoting import sentence_features

    parser = argparse.ArgumentParser(prog="python -m evals.calibrate", description="Fit the constants of rag.quoting.")
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("--library", type=Path, required=True)
    asked = parser.parse_args()
    questions = [json.loads(line) for path in asked.questions for line in path.read_text("utf-8").splitlines() if line]
    engine = Engine(Library.open(asked.library))
    sentences: list[dict[str, float]] = []
    stated: list[float] = []
    sentence_folds: list[int] = []
    papers: list[list[dict[str, float]]] = []
    judged: list[dict[str, Any]] = []
    for i, question in enumerate(questions):
        read = None if question["kind"] in ("metadata", "followup") else best_matches(engine, question["question"])
        if read is None:
            continue
        text, words, matches, several = read
        judged.append(question)
        papers.append([judgment_features(text, words, match, several=several) for match in matches])
        held = HELD_OUT.fullmatch(question["question_id"])
        if matches[0].paper.title in question["relevant"] and question["kind"] != "multi" and not held:
            rows = sentence_features(text, words, matches[0])
            sentences += rows
            sentence_folds += [i % FOLDS] * len(rows)
            abstract = matches[0].paper.abstract
            stated += [_states(abstract[s.start : s.end], question["facts"]) for s in matches[0].sentences]
    scores, _ = cross_validate(sentences, np.array(stated), np.array(sentence_folds))
    print(f"sentences: {len(stated)}, of which {sum(stated):.0f} state a fact; AUC {auc(scores, np.array(stated)):.3f}")
    print("SENTENCE =", fit(sentences, np.array(stated)))
    print("ANSWERS =", _judgments(judged, papers))


def _judgments(questions: Sequence[dict[str, Any]], papers: Sequence[Sequence[dict[str, float]]]) -> dict[str, float]:
    """Fits `ANSWERS` and prints how well it does, file by file. `papers` has the features of each paper judged for each
    question, best first: the constants are fitted on the first, and the best of them counts.
    """
    import numpy as np

    held = np.array([bool(HELD_OUT.fullmatch(question["question_id"])) for question in questions])
    limits = np.array([bool(re.fullmatch(r"l\d+-\d+", question["question_id"])) for question in questions])
    answerable = np.array([float(question["answerable"]) for question in questions])
    first = [rows[0] for rows in papers]
    groups = [question["question_id"].split("-")[0] for question in questions]
    fold_of = dict(
        zip(sorted(set(groups)), np.random.default_rng(0).permutation(len(set(groups))) % FOLDS, strict=True)
    )
    folds = np.array([fold_of[group] for group in groups])
    kept: list[int] = np.flatnonzero(~held).tolist()
    apart: list[int] = np.flatnonzero(held).tolist()
    scores = np.zeros(len(questions))
    for fold in [*range(FOLDS), None]:
        train = [i for i in kept if folds[i] != fold]
        weights, bias = _logistic(_matrix([first[i] for i in train]), answerable[train])
        for i in apart if fold is None else [i for i in kept if folds[i] == fold]:
            scores[i] = float((_matrix(papers[i]) @ weights + bias).max())
    cut = float(np.quantile(scores[~held & (answerable == 1)], REFUSED_ANSWERABLE))
    for name, chosen in (("development", ~limits), ("limits", limits & ~held), ("limits, held out", held)):
        if chosen.any():
            no, yes = chosen & (answerable == 0), chosen & (answerable == 1)
            print(
                f"{name}: {no.sum()} unanswerable, {yes.sum()} others; AUC {auc(scores[chosen], answerable[chosen]):.3f}; "
                f"refused {(scores[no] < cut).mean():.3f} of the unanswerable and {(scores[yes] < cut).mean():.3f} of the others"
            )
    constants = fit([first[i] for i in kept], answerable[kept])
    constants["bias"] = round(constants["bias"] - cut, 2)
    return constants


def best_matches(engine: Engine, question: str) -> tuple[str, tuple[Word, ...], tuple[PaperMatch, ...], bool] | None:
    """The question as it is searched for, its words, the papers that the engine would judge, and whether it asks for several;
    None where it judges none as a whole: comparisons go side by side, lists and counts need no judgment.
    """
    from rag.questions import understand

    query = understand(question, library=engine.library)
    if query.intent not in ("one", "several"):
        return None
    several = query.intent == "several"
    found = engine.read(query.text, filters=query.filters, paper_id=query.paper_id, sides=query.sides)
    return (query.text, found.words, found.matches[: 3 if several else 1], several) if found.matches else None


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
