"""The records of an evaluation. Standard library and `rag.schema` only.

A question set is questions with what is known of their right answers; a run is a folder with one answer a question; a
score is one measure of one answer, with the reason for its value; a summary is a mean with its interval.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from rag.schema import Answer, Turn

Better = Literal["higher", "lower", "neither"]
Aspect = Literal["correctness", "support"]
# What a model judge may say of each aspect: the word that passes, the word that fails.
VERDICTS: dict[Aspect, tuple[str, str]] = {"correctness": ("right", "wrong"), "support": ("supported", "not_found")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question and what a right answer to it looks like.

    `relevant` maps a paper's exact title or id to its grade (0: judged, not relevant). `facts` are groups of
    alternatives: an answer states a fact when one alternative of the group stands in its text. `forbidden` strings
    stand in no right answer. `history` is the conversation before the question. `line` is where the file has it, from
    1.
    """

    question_id: str
    question: str
    kind: str = "other"
    history: tuple[Turn, ...] = ()
    relevant: dict[str, int] = field(default_factory=dict)
    facts: tuple[tuple[str, ...], ...] = ()
    forbidden: tuple[str, ...] = ()
    answerable: bool = True
    line: int = 0

    @property
    def relevant_papers(self) -> frozenset[str]:
        """Titles or ids with a grade above zero."""
        return frozenset(paper for paper, grade in self.relevant.items() if grade > 0)

    def to_dict(self) -> dict[str, Any]:
        """The line of a question file."""
        return {
            "question_id": self.question_id,
            "question": self.question,
            "history": [{"role": turn.role, "text": turn.text} for turn in self.history],
            "kind": self.kind,
            "relevant": dict(self.relevant),
            "facts": [list(group) for group in self.facts],
            "forbidden": list(self.forbidden),
            "answerable": self.answerable,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a measure says of one answer: a value, or None where it does not apply, and why."""

    value: float | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """An outcome with the question and the measure that it belongs to: a line of `scores.jsonl`."""

    question_id: str
    kind: str
    measure: str
    value: float | None
    reason: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"value": None if self.value is None else round(self.value, 6)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean over the questions that a measure applies to, with a 95 % interval (None below two values).

    `n` counts the values, `n_not_applicable` the questions left out, `n_missing` the values that stand for an answer
    that is not there.
    """

    mean: float | None
    n: int
    low: float | None = None
    high: float | None = None
    median: float | None = None
    n_not_applicable: int = 0
    n_missing: int = 0

    def to_dict(self) -> dict[str, Any]:
        return {name: round(value, 6) if isinstance(value, float) else value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """What a language model says of an answer (`correctness`) or of one of its claims (`support`, `claim` counts from
    0): a line of `judge.jsonl`.

    `verdict` is "right" or "wrong" of an answer, "supported" or "not_found" of a claim, and "unchecked" where the
    model gave no reply that can be read. `digest` is the hash of the prompt: a judgment counts only while the same
    thing would be asked.
    """

    question_id: str
    aspect: Aspect
    claim: int | None
    verdict: str
    reason: str
    model: str | None
    digest: str

    @property
    def key(self) -> tuple[str, str, int | None, str]:
        """What it is a judgment of."""
        return self.question_id, self.aspect, self.claim, self.digest

    @property
    def passed(self) -> bool | None:
        """None where nothing is known."""
        return None if self.verdict == "unchecked" else self.verdict == VERDICTS[self.aspect][0]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kappa:
    """How far two raters agree beyond chance, over `n` things that both passed or failed.

    `kappa` is None where chance alone would agree always (both gave one and the same verdict throughout); `low` and
    `high` are a 95 % interval.
    """

    both: int
    first_only: int
    second_only: int
    neither: int
    observed: float | None
    kappa: float | None
    low: float | None = None
    high: float | None = None

    @property
    def n(self) -> int:
        return self.both + self.first_only + self.second_only + self.neither

    def to_dict(self) -> dict[str, Any]:
        fields = {name: round(value, 6) if isinstance(value, float) else value for name, value in asdict(self).items()}
        return {"n": self.n} | fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """An answer or a claim on which the model and the rule differ."""

    question_id: str
    text: str
    passed_by_model: bool
    model_reason: str
    rule_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a model judge says, beside the rule that measures the same thing without one.

    `share` is the mean of the model's verdicts and `rule_share` that of the rule's, over the same things. `n_unchecked`
    replies could not be read, `n_rule_unchecked` claims the rule could not check, `n_not_judged` were never asked or
    have changed since; none of these count as passed, and none is in a share.
    """

    aspect: Aspect
    models: tuple[str, ...]
    rule: str
    share: Mean
    rule_share: Mean
    kappa: Kappa
    disputes: tuple[Dispute, ...]
    n_unchecked: int
    n_rule_unchecked: int
    n_not_judged: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "models": list(self.models),
            "rule": self.rule,
            "judge": self.share.to_dict(),
            "rule_on_the_same": self.rule_share.to_dict(),
            "agreement": self.kappa.to_dict(),
            "n_unchecked": self.n_unchecked,
            "n_rule_unchecked": self.n_rule_unchecked,
            "n_not_judged": self.n_not_judged,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as it lies in its folder: the questions asked, the answers given, and how (`info`, from `run.json`).

    `answers` has the answers by question id; a question that was not reached has none. `abstracts` has the abstracts of
    the papers that the answers cite, by paper id. `judgments` is what a model judge said, if one was asked.
    """

    name: str
    questions: tuple[Question, ...]
    answers: dict[str, Answer]
    abstracts: dict[str, str] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)
    digest: str = ""
    judgments: tuple[Judgment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A scored run: every score in order of questions and measures, means over all questions and by kind.

    `judged` has an entry for each aspect that a model judged; it changes no score.
    """

    run: Run
    scores: tuple[Score, ...]
    means: dict[str, Mean]
    means_by_kind: dict[str, dict[str, Mean]]
    judged: tuple[Judged, ...] = ()

    @property
    def by_question(self) -> dict[str, dict[str, Score]]:
        """Question id → measure → score."""
        table: dict[str, dict[str, Score]] = {}
        for score in self.scores:
            table.setdefault(score.question_id, {})[score.measure] = score
        return table
