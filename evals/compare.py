"""Is the second run better than the first? Paired, on the questions that both have, with intervals and a test.

A question is in both when its id is and its text is the same. A measure is compared on the questions where it has a
value in both runs; `evals/bootstrap.py` has the interval and the test. With two dozen measures, one in twenty
differences looks remarkable by chance alone: settle beforehand which one counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evals.bootstrap import Difference, paired_difference
from evals.gates import Gate, GateResult, check_gate
from evals.measures import MEASURES, Measure
from evals.schema import Scored


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One measure in both runs, over the same `n` questions; `difference` is second minus first."""

    measure: str
    first: float
    second: float
    difference: Difference

    def to_dict(self) -> dict[str, Any]:
        means = {"measure": self.measure, "first": round(self.first, 6), "second": round(self.second, 6)}
        return means | {"difference": self.difference.to_dict()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A question whose `quality` changed."""

    question_id: str
    kind: str
    question: str
    first: float
    second: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs side by side. `n_only_first` and `n_only_second` questions are in one run, `n_reworded` have another
    text."""

    first: str
    second: str
    n_shared: int
    n_only_first: int
    n_only_second: int
    n_reworded: int
    changes: tuple[Change, ...]
    better: tuple[Moved, ...]
    worse: tuple[Moved, ...]
    gates: tuple[GateResult, ...]

    @property
    def held(self) -> bool:
        return all(result.held for result in self.gates)

    def to_dict(self) -> dict[str, Any]:
        return {
            "first": self.first,
            "second": self.second,
            "n_shared": self.n_shared,
            "n_only_first": self.n_only_first,
            "n_only_second": self.n_only_second,
            "n_reworded": self.n_reworded,
            "changes": [change.to_dict() for change in self.changes],
            "better": [_moved(moved) for moved in self.better],
            "worse": [_moved(moved) for moved in self.worse],
            "gates": [{"gate": r.gate.text, "value": r.value, "held": r.held} for r in self.gates],
            "held": self.held,
        }


def compare(first: Scored, second: Scored, *, gates: Sequence[Gate] = ()) -> Comparison:
    """Compares two scored runs; gates are held against the second, on the questions that both have."""
    asked_first = {q.question_id: q for q in first.run.questions}
    asked_second = {q.question_id: q for q in second.run.questions}
    both = [name for name in asked_first if name in asked_second]
    shared = [name for name in both if asked_first[name].question == asked_second[name].question]
    pairs = {measure.name: _pairs(first, second, measure, shared) for measure in MEASURES}
    moved = _moves(first, second, shared)
    return Comparison(
        first=first.run.name,
        second=second.run.name,
        n_shared=len(shared),
        n_only_first=len(asked_first) - len(both),
        n_only_second=len(asked_second) - len(both),
        n_reworded=len(both) - len(shared),
        changes=tuple(_change(name, *values) for name, values in pairs.items() if values[0]),
        better=tuple(sorted((m for m in moved if m.second > m.first), key=lambda m: m.first - m.second)),
        worse=tuple(sorted((m for m in moved if m.second < m.first), key=lambda m: m.second - m.first)),
        gates=tuple(_gate(gate, second, shared, pairs) for gate in gates),
    )


def gates_of(scored: Scored, gates: Sequence[Gate]) -> tuple[GateResult, ...]:
    """Gates on the means of one run; a gate on a change has nothing to be held against and is broken."""
    names = [question.question_id for question in scored.run.questions]
    return tuple(_gate(gate, scored, names, {}) for gate in gates)


def _pairs(first: Scored, second: Scored, measure: Measure, names: Sequence[str]) -> tuple[list[float], list[float]]:
    before, after = first.by_question, second.by_question
    values = [(before[name][measure.name].value, after[name][measure.name].value) for name in names]
    kept = [(a, b) for a, b in values if a is not None and b is not None]
    return [a for a, _ in kept], [b for _, b in kept]


def _change(measure: str, first: list[float], second: list[float]) -> Change:
    return Change(
        measure=measure,
        first=sum(first) / len(first),
        second=sum(second) / len(second),
        difference=paired_difference(first, second),
    )


def _moves(first: Scored, second: Scored, names: Sequence[str]) -> list[Moved]:
    before, after = first.by_question, second.by_question
    texts = {question.question_id: question for question in second.run.questions}
    moves = []
    for name in names:
        old, new = before[name]["quality"], after[name]["quality"]
        if old.value is not None and new.value is not None and old.value != new.value:
            moves.append(
                Moved(
                    question_id=name,
                    kind=texts[name].kind,
                    question=texts[name].question,
                    first=old.value,
                    second=new.value,
                    reason=new.reason,
                )
            )
    return moves


def _gate(
    gate: Gate, scored: Scored, names: Sequence[str], pairs: dict[str, tuple[list[float], list[float]]]
) -> GateResult:
    if gate.change:
        before, after = pairs.get(gate.measure, ([], []))
        return check_gate(gate, first=before, second=after)
    table = scored.by_question
    values = [value for name in names if (value := table[name][gate.measure].value) is not None]
    return check_gate(gate, second=values)


def _moved(moved: Moved) -> dict[str, Any]:
    return {name: getattr(moved, name) for name in Moved.__slots__}
