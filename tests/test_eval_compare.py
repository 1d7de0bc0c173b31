"""Comparison of runs, gates and the statistics behind them."""

from __future__ import annotations

import pytest

from evals.bootstrap import interval, mean_of, paired_difference
from evals.compare import compare, gates_of
from evals.gates import GateError, check_gate, parse_gate
from evals.schema import Run, Scored
from evals.score import score_run
from tests.eval_samples import answer, question, silence


def scored(name: str, *shares: float | None, first_id: int = 0, text: str = "Q?") -> Scored:
    """A run whose questions state these shares of four facts (None: the answer abstains)."""
    facts = (("aa",), ("bb",), ("cc",), ("dd",))
    questions, answers = [], {}
    for n, share in enumerate(shares, first_id):
        questions.append(question(question_id=str(n), question=text, facts=facts))
        said = " ".join(group[0] for group in facts[: round(4 * (share or 0))])
        answers[str(n)] = silence() if share is None else answer(text=said, claims=(), citations=())
    return score_run(Run(name=name, questions=tuple(questions), answers=answers))


def test_the_bootstrap_interval_is_that_of_the_binomial() -> None:
    # 30 ones of 100: the standard error is sqrt(0.3 * 0.7 / 100) = 0.0458, so about 0.3 -+ 0.09.
    low, high = interval([1.0] * 30 + [0.0] * 70) or (0.0, 0.0)
    assert low == pytest.approx(0.21, abs=0.011)
    assert high == pytest.approx(0.39, abs=0.011)
    assert interval([1.0] * 30 + [0.0] * 70) == (low, high)


def test_one_value_has_no_interval_and_none_has_no_mean() -> None:
    assert mean_of([0.5]).low is None
    assert mean_of([]).mean is None
    assert interval([1.0, 1.0]) == (1.0, 1.0)


def test_large_sets_are_drawn_in_pieces() -> None:
    low, high = interval([0.0, 1.0] * 2_000, n_resamples=1_500) or (0.0, 0.0)
    assert 0.48 < low < 0.5 < high < 0.52


def test_the_sign_flip_test_counts_every_pattern_of_few_differences() -> None:
    # Three differences, all +1: only +++ and --- reach a sum of 3, so p = 2 / 8.
    difference = paired_difference([0.0, 0.0, 0.0], [1.0, 1.0, 1.0])
    assert (difference.mean, difference.p, difference.n_up, difference.n_down) == (1.0, 0.25, 3, 0)
    assert paired_difference([0.5, 0.5], [0.5, 0.5]).p == 1.0


def test_the_sign_flip_test_by_draws_agrees_with_the_binomial() -> None:
    # 20 differences of one size, 15 up and 5 down: P(|up - 10| >= 5) = 0.0414 for a fair coin.
    difference = paired_difference([0.0] * 15 + [1.0] * 5, [1.0] * 15 + [0.0] * 5)
    assert difference.p == pytest.approx(0.0414, abs=0.006)


def test_runs_are_compared_on_the_questions_they_share() -> None:
    result = compare(scored("old", 0.5, 0.5, 1.0, 0.0), scored("new", 0.5, 1.0, 0.75, first_id=1))
    assert (result.n_shared, result.n_only_first, result.n_only_second) == (3, 1, 0)
    # Shared are 1, 2, 3: 0.5 → 0.5, 1.0 → 1.0, 0.0 → 0.75.
    change = {change.measure: change for change in result.changes}["facts_stated"]
    assert (change.first, change.second) == (0.5, 0.75)
    assert change.difference.mean == pytest.approx(0.25)
    assert [moved.question_id for moved in result.better] == ["3"]
    assert result.worse == ()


def test_a_question_that_was_reworded_is_left_out() -> None:
    result = compare(scored("old", 1.0), scored("new", 0.0, text="Another?"))
    assert (result.n_shared, result.n_reworded) == (0, 1)


def test_the_worst_losses_come_first() -> None:
    result = compare(scored("old", 1.0, 1.0, 1.0), scored("new", 0.75, None, 0.5))
    assert [moved.question_id for moved in result.worse] == ["1", "2", "0"]
    assert "abstains" in result.worse[0].reason


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("citation_precision>=0.95", ("citation_precision", "", ">=", 0.95)),
        ("facts_stated drop<=0.02", ("facts_stated", "drop", "<=", 0.02)),
        (" recall@5 > 90% ", ("recall@5", "", ">", 0.9)),
        ("answer_s rise < 0.5", ("answer_s", "rise", "<", 0.5)),
    ],
)
def test_gates_are_read(text: str, parsed: tuple[str, str, str, float]) -> None:
    gate = parse_gate(text)
    assert (gate.measure, gate.change, gate.sign, gate.limit) == parsed


@pytest.mark.parametrize("text", ["", "facts_stated", "facts>=0.5", "facts_stated=1", "facts_stated fall<=1", "mrr>=x"])
def test_gates_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(GateError):
        parse_gate(text)


def test_a_limit_that_is_met_exactly_holds() -> None:
    assert check_gate(parse_gate("mrr>=0.95"), second=[1.0] * 19 + [0.0]).held
    assert not check_gate(parse_gate("mrr>0.95"), second=[1.0] * 19 + [0.0]).held
    assert check_gate(parse_gate("mrr drop<=0.1"), first=[0.3, 0.3], second=[0.2, 0.2]).held


def test_gates_hold_the_second_run() -> None:
    old, new = scored("old", 1.0, 1.0), scored("new", 1.0, 0.5)
    gates = [parse_gate(text) for text in ("facts_stated>=0.75", "facts_stated drop<=0.2", "words rise<=100")]
    assert [result.held for result in compare(old, new, gates=gates).gates] == [True, False, True]
    assert not compare(old, new, gates=gates).held
    assert compare(old, new, gates=gates[:1]).held


def test_what_was_not_measured_breaks_its_gate() -> None:
    result = gates_of(scored("run", 1.0), [parse_gate("unanswerable_refused>=0.1"), parse_gate("mrr drop<=1")])
    assert [gate.held for gate in result] == [False, False]
    assert "no value" in result[0].text
