"""The measures by name: what each is of, which way is better, and what a missing answer gets.

The functions themselves are in `retrieval.py`, `answers.py` and `citations.py`, each with formula, range and source.
Three cases are kept apart: a value; not applicable (None, left out of the mean and counted); and a missing answer (the
run failed or never reached the question), which gets the worst value wherever the measure applies to the question, but
has neither length nor cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from evals import answers, citations, retrieval
from evals.citations import Judge
from evals.schema import Better, Outcome, Question, Score
from rag.schema import Answer

# The kind of questions that take something for granted which the papers contradict.
FALSE_PREMISE = "false_premise"
Group = Literal["overall", "retrieval", "answer", "citations", "silence", "cost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """What measures need beside question and answer: the judge of support, and the cited papers' abstracts by id."""

    judge: Judge
    abstracts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure: its name is its identity.

    `needs` says why it does not apply to a question (empty: it does); `missing` is the value of a missing answer (None:
    not applicable).
    """

    name: str
    group: Group
    title: str
    compute: Callable[[Question, Answer, Materials], Outcome]
    better: Better = "higher"
    needs: Callable[[Question], str] = lambda question: ""
    missing: float | None = 0.0

    @property
    def is_share(self) -> bool:
        """Whether values lie in [0, 1]."""
        return self.group != "cost" and self.name != "words"

    def show(self, value: float | None, *, sign: bool = False) -> str:
        """A value, or a difference of two, with as many digits as the measure needs; a dash where there is none.

        >>> BY_NAME["facts_stated"].show(0.5), BY_NAME["words"].show(-3.25, sign=True)
        ('0.500', '-3.2')
        """
        if value is None:
            return "–"
        digits = {"words": 1, "prompt_tokens": 0, "completion_tokens": 0, "cost_usd": 5}.get(self.name, 3)
        return f"{value:{'+' if sign else ''},.{digits}f}"


def score_question(question: Question, answer: Answer | None, materials: Materials) -> list[Score]:
    """Every measure of one answer (None: there is none), in the order of `MEASURES`."""
    return [
        Score(
            question_id=question.question_id,
            kind=question.kind,
            measure=measure.name,
            value=outcome.value,
            reason=outcome.reason,
        )
        for measure in MEASURES
        for outcome in [_outcome(measure, question, answer, materials)]
    ]


def is_missing(answer: Answer | None) -> bool:
    return answer is None or answer.error is not None


def _outcome(measure: Measure, question: Question, answer: Answer | None, materials: Materials) -> Outcome:
    if why := measure.needs(question):
        return Outcome(value=None, reason=why)
    if answer is not None and answer.error is None:
        return measure.compute(question, answer, materials)
    why = "no answer" if answer is None else f"no answer: {answer.error}"
    if measure.group == "citations" and not question.answerable:
        return Outcome(value=None, reason=f"{why}, and none was due")
    return Outcome(value=measure.missing, reason=why)


def _plain(function: Callable[[Question, Answer], Outcome]) -> Callable[[Question, Answer, Materials], Outcome]:
    return lambda question, answer, materials: function(question, answer)


def _needs_facts(question: Question) -> str:
    return "" if question.facts else "no facts are known"


def _needs_answerable_facts(question: Question) -> str:
    return _needs_facts(question) if question.answerable else "the question cannot be answered"


def _needs_forbidden(question: Question) -> str:
    return "" if question.forbidden else "nothing is forbidden"


def _needs_answerable(question: Question) -> str:
    return "" if question.answerable else "the question cannot be answered"


def _needs_unanswerable(question: Question) -> str:
    return "the question can be answered" if question.answerable else ""


def _needs_false_premise(question: Question) -> str:
    if question.kind != FALSE_PREMISE:
        return f"the question is not of the kind {FALSE_PREMISE}"
    return _needs_facts(question)


def _needs_true_premise(question: Question) -> str:
    if question.kind == FALSE_PREMISE:
        return "the question takes something false for granted"
    return _needs_answerable(question)


def _needs_known_answer(question: Question) -> str:
    known = not question.answerable or question.facts or question.relevant_papers
    return "" if known else "neither facts nor relevant papers are known"


def _share(
    name: str,
    group: Group,
    title: str,
    function: Callable[[Question, Answer], Outcome],
    needs: Callable[[Question], str],
) -> Measure:
    return Measure(name=name, group=group, title=title, compute=_plain(function), needs=needs)


def _cost(name: str, title: str, function: Callable[[Question, Answer], Outcome]) -> Measure:
    return Measure(name=name, group="cost", title=title, compute=_plain(function), better="lower", missing=None)


MEASURES: tuple[Measure, ...] = (
    _share("quality", "overall", "Quality of the answer", answers.quality, _needs_known_answer),
    _share("recall@5", "retrieval", "Relevant papers in the first 5", retrieval.recall_at_5, retrieval.needs_relevant),
    _share(
        "recall@10", "retrieval", "Relevant papers in the first 10", retrieval.recall_at_10, retrieval.needs_relevant
    ),
    _share("mrr", "retrieval", "Reciprocal rank of the first", retrieval.mrr, retrieval.needs_relevant),
    _share("ndcg@10", "retrieval", "nDCG of the first 10", retrieval.ndcg_at_10, retrieval.needs_relevant),
    _share("facts_stated", "answer", "Facts stated", answers.facts_stated, _needs_facts),
    _share("facts_all", "answer", "All facts stated", answers.facts_all, _needs_facts),
    _share("forbidden_absent", "answer", "Nothing forbidden said", answers.forbidden_absent, _needs_forbidden),
    _share("premise_corrected", "answer", "False premises corrected", answers.premise_corrected, _needs_false_premise),
    Measure(
        name="true_premise_corrected",
        group="answer",
        title="True premises “corrected”",
        compute=_plain(answers.true_premise_corrected),
        better="lower",
        needs=_needs_true_premise,
        missing=1.0,
    ),
    Measure(
        name="words",
        group="answer",
        title="Words",
        compute=_plain(answers.words),
        better="neither",
        missing=None,
    ),
    Measure(
        name="citation_recall",
        group="citations",
        title="Claims supported by what they cite",
        compute=lambda question, answer, materials: citations.citation_recall(answer, materials.judge),
    ),
    Measure(
        name="citation_precision",
        group="citations",
        title="Citations that are needed",
        compute=lambda question, answer, materials: citations.citation_precision(answer, materials.judge),
    ),
    Measure(
        name="citation_validity",
        group="citations",
        title="Markers that resolve",
        compute=lambda question, answer, materials: citations.citation_validity(answer),
    ),
    Measure(
        name="quote_fidelity",
        group="citations",
        title="Quotes that are true slices",
        compute=lambda question, answer, materials: citations.quote_fidelity(answer, materials.abstracts),
    ),
    _share(
        "gold_paper_precision",
        "citations",
        "Cited papers that are relevant",
        citations.gold_paper_precision,
        retrieval.needs_relevant,
    ),
    _share(
        "gold_paper_recall",
        "citations",
        "Relevant papers that are cited",
        citations.gold_paper_recall,
        retrieval.needs_relevant,
    ),
    _share("answer_accuracy", "silence", "Right, of all", answers.answer_accuracy, _needs_answerable_facts),
    _share(
        "answer_precision", "silence", "Right, of those answered", answers.answer_precision, _needs_answerable_facts
    ),
    Measure(
        name="answerable_refused",
        group="silence",
        title="Answerable, yet refused",
        compute=_plain(answers.answerable_refused),
        better="lower",
        needs=_needs_answerable,
        missing=1.0,
    ),
    _share(
        "unanswerable_refused",
        "silence",
        "Unanswerable and refused",
        answers.unanswerable_refused,
        _needs_unanswerable,
    ),
    _cost("search_s", "Seconds to search", answers.search_s),
    _cost("answer_s", "Seconds to answer", answers.answer_s),
    _cost("prompt_tokens", "Tokens read by a model", answers.prompt_tokens),
    _cost("completion_tokens", "Tokens written by a model", answers.completion_tokens),
    _cost("cost_usd", "Cost in US dollars", answers.cost_usd),
)

BY_NAME: dict[str, Measure] = {measure.name: measure for measure in MEASURES}
