"""How far a model judge and the rules agree: Cohen's kappa, and what each says of the same things.

Source: J. Cohen, "A coefficient of agreement for nominal scales", 1960. Correctness is compared with `answer_precision`
(facts as text), support with `rag/support.py`. What either side left unchecked is counted and left out.

The two share an author's idea of right and wrong, so agreement is no proof that both are right; read the disputes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evals.bootstrap import N_RESAMPLES, SEED, mean_of
from evals.citations import support_verdict
from evals.judge_prompts import Task, tasks_of
from evals.schema import Aspect, Dispute, Judged, Judgment, Kappa, Run, Score

_RULES: dict[Aspect, str] = {"correctness": "answer_precision", "support": "rag.support.check"}


def kappa(pairs: Iterable[tuple[bool, bool]]) -> Kappa:
    """Cohen's kappa of two raters' verdicts (first, second), with a percentile bootstrap interval.

    Formula: (observed - chance) / (1 - chance), where observed is the share of pairs that agree, and chance the share
    that would if both drew their verdicts at random with the frequencies they have. At most 1; 0 is chance.

    >>> round(kappa([(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15).kappa, 6)
    0.4
    """
    counts = {(one, other): 0 for one in (True, False) for other in (True, False)}
    for one, other in pairs:
        counts[one, other] += 1
    cells = (counts[True, True], counts[True, False], counts[False, True], counts[False, False])
    n = sum(cells)
    value = _kappa(cells)
    low, high = _bounds(cells) if value is not None and n > 1 else (None, None)
    return Kappa(
        both=cells[0],
        first_only=cells[1],
        second_only=cells[2],
        neither=cells[3],
        observed=(cells[0] + cells[3]) / n if n else None,
        kappa=value,
        low=low,
        high=high,
    )


def judged_aspects(run: Run, scores: Iterable[Score]) -> tuple[Judged, ...]:
    """What the run's judgments say, by aspect, beside the rules; empty when no model judged it."""
    if not run.judgments:
        return ()
    said = {judgment.key: judgment for judgment in run.judgments}
    right = {score.question_id: score for score in scores if score.measure == _RULES["correctness"]}
    tasks = tasks_of(run)
    aspects: tuple[Aspect, ...] = ("correctness", "support")
    return tuple(
        _aspect(aspect, chosen, said, right)
        for aspect in aspects
        for chosen in [[task for task in tasks if task.aspect == aspect]]
        if chosen
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    task: Task
    judgment: Judgment
    by_model: bool
    by_rule: bool
    rule_reason: str


def _aspect(
    aspect: Aspect,
    tasks: Sequence[Task],
    said: dict[tuple[str, str, int | None, str], Judgment],
    right: dict[str, Score],
) -> Judged:
    found = [(task, said[task.key]) for task in tasks if task.key in said]
    pairs: list[_Pair] = []
    n_rule_unchecked = 0
    for task, judgment in found:
        if judgment.passed is None:
            continue
        by_rule, reason = _rule(task, right)
        if by_rule is None:
            n_rule_unchecked += 1
            continue
        pairs.append(_Pair(task=task, judgment=judgment, by_model=judgment.passed, by_rule=by_rule, rule_reason=reason))
    return Judged(
        aspect=aspect,
        models=tuple(sorted({judgment.model or "a model without a name" for _, judgment in found})),
        rule=_RULES[aspect],
        share=mean_of([float(pair.by_model) for pair in pairs]),
        rule_share=mean_of([float(pair.by_rule) for pair in pairs]),
        kappa=kappa((pair.by_model, pair.by_rule) for pair in pairs),
        disputes=tuple(
            Dispute(
                question_id=pair.task.question_id,
                text=pair.task.text,
                passed_by_model=pair.by_model,
                model_reason=pair.judgment.reason,
                rule_reason=pair.rule_reason,
            )
            for pair in pairs
            if pair.by_model != pair.by_rule
        ),
        n_unchecked=sum(judgment.passed is None for _, judgment in found),
        n_rule_unchecked=n_rule_unchecked,
        n_not_judged=len(tasks) - len(found),
    )


def _rule(task: Task, right: dict[str, Score]) -> tuple[bool | None, str]:
    """What the rule says of the same thing; None where it cannot tell."""
    if task.aspect == "correctness":
        score = right.get(task.question_id)
        return (None, "") if score is None or score.value is None else (score.value == 1.0, score.reason)
    verdict = support_verdict(task.text, task.cited)
    return (None if verdict.support == "unchecked" else verdict.support == "supported"), verdict.reason


def _kappa(cells: Sequence[float]) -> float | None:
    both, first_only, second_only, neither = cells
    n = both + first_only + second_only + neither
    if not n:
        return None
    first, second = (both + first_only) / n, (both + second_only) / n
    chance = first * second + (1 - first) * (1 - second)
    if chance >= 1:
        return None
    return ((both + neither) / n - chance) / (1 - chance)


def _bounds(cells: Sequence[int]) -> tuple[float, float]:
    """95 % interval: the pairs are drawn anew; draws in which kappa is not defined are left out."""
    import numpy as np

    n = sum(cells)
    draws = np.random.default_rng(SEED).multinomial(n, np.asarray(cells) / n, size=N_RESAMPLES)
    values = [value for draw in draws.tolist() if (value := _kappa(draw)) is not None]
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
