"""Scores a run with no network, no model and no library: from the folder's files alone.

scores.jsonl    one line for each question and measure, with value and reason
summary.json    means with n and 95 % intervals, over all questions and by kind
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from evals.agreement import judged_aspects
from evals.bootstrap import mean_of
from evals.citations import Judge, support_judge
from evals.files import write_jsonl, write_text
from evals.measures import MEASURES, Materials, is_missing, score_question
from evals.schema import Mean, Run, Score, Scored

SCORES, SUMMARY = "scores.jsonl", "summary.json"


def score_run(run: Run, *, judge: Judge = support_judge) -> Scored:
    """Every measure of every question of the run, and their means. A question without an answer counts as missing."""
    materials = Materials(judge=judge, abstracts=run.abstracts)
    scores: list[Score] = []
    for question in run.questions:
        scores.extend(score_question(question, run.answers.get(question.question_id), materials))
    missing = {q.question_id for q in run.questions if is_missing(run.answers.get(q.question_id))}
    kinds = list(dict.fromkeys(question.kind for question in run.questions))
    return Scored(
        run=run,
        scores=tuple(scores),
        means=_means(scores, missing),
        means_by_kind={kind: _means((s for s in scores if s.kind == kind), missing) for kind in kinds},
        judged=judged_aspects(run, scores),
    )


def write_scores(scored: Scored, folder: Path) -> None:
    """Writes `scores.jsonl` and `summary.json` into the run's folder."""
    write_jsonl(folder / SCORES, (score.to_dict() for score in scored.scores))
    write_text(folder / SUMMARY, json.dumps(summary(scored), ensure_ascii=False, indent=2) + "\n")


def summary(scored: Scored) -> dict[str, Any]:
    """What `summary.json` holds."""
    answers = scored.run.answers
    n_by_kind = {kind: sum(q.kind == kind for q in scored.run.questions) for kind in scored.means_by_kind}
    return {
        "run": scored.run.name,
        "digest": scored.run.digest,
        "n_questions": len(scored.run.questions),
        "n_errors": sum(
            answers[q.question_id].error is not None for q in scored.run.questions if q.question_id in answers
        ),
        "n_not_answered": sum(q.question_id not in answers for q in scored.run.questions),
        "interval": "95 % percentile bootstrap of the mean",
        "measures": {name: mean.to_dict() for name, mean in scored.means.items()},
        "by_kind": {
            kind: {"n_questions": n_by_kind[kind], "measures": {name: mean.to_dict() for name, mean in means.items()}}
            for kind, means in scored.means_by_kind.items()
        },
        **({"judge": {judged.aspect: judged.to_dict() for judged in scored.judged}} if scored.judged else {}),
    }


def _means(scores: Iterable[Score], missing: set[str]) -> dict[str, Mean]:
    by_measure: dict[str, list[Score]] = {measure.name: [] for measure in MEASURES}
    for score in scores:
        by_measure[score.measure].append(score)
    means = {}
    for name, rows in by_measure.items():
        values = [row.value for row in rows if row.value is not None]
        n_missing = sum(row.value is not None and row.question_id in missing for row in rows)
        means[name] = mean_of(values, n_not_applicable=len(rows) - len(values), n_missing=n_missing)
    return means
