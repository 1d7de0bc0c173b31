"""Questions, papers and answers for the tests of the evaluation; made up, small enough to work figures out by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from evals.schema import Question
from rag.schema import Answer, Citation, Claim, Coverage, FoundPaper, Paper, Turn, Usage

KITE = Paper(
    paper_id="kite",
    title="Kite: Sparse Updates for Small Memories",
    abstract="Kite updates one weight in ten. Memory falls by 41%. Accuracy on PondBench stays at 88.2.",
)
OTTER = Paper(
    paper_id="otter",
    title="Otter: Rivers of Gradients",
    abstract="Otter streams its gradients to disk. It trains on 1,200,000 images in 3 hours.",
)
PAPERS = {paper.paper_id: paper for paper in (KITE, OTTER)}


def question(**changes: Any) -> Question:
    fields: dict[str, Any] = {
        "question_id": "q1",
        "question": "How much memory does Kite save?",
        "kind": "named",
        "relevant": {KITE.title: 1},
        "facts": (("41%", "41 percent"),),
    }
    return Question(**(fields | changes))


def citation(paper: Paper, quote: str, *, marker: int = 1) -> Citation:
    start = max(paper.abstract.find(quote), 0)
    return Citation(
        marker=marker,
        paper_id=paper.paper_id,
        title=paper.title,
        published=None,
        url=None,
        quote=quote,
        start=start,
        end=start + len(quote),
    )


def claim(text: str, *markers: int) -> Claim:
    return Claim(text=text, citations=markers, support="supported", reason="")


def found(*names: str) -> tuple[FoundPaper, ...]:
    """Papers in this order; names of known papers bring their titles."""
    return tuple(
        FoundPaper(paper_id=name, title=PAPERS[name].title if name in PAPERS else f"Title of {name}", score=1.0)
        for name in names
    )


def answer(**changes: Any) -> Answer:
    fields: dict[str, Any] = {
        "question_id": "q1",
        "question": "How much memory does Kite save?",
        "text": "Memory falls by 41% [1].",
        "mode": "quoting",
        "claims": (claim("Memory falls by 41% [1].", 1),),
        "citations": (citation(KITE, "Memory falls by 41%."),),
        "papers": found("kite", "otter"),
        "coverage": Coverage(n_papers=2, n_searched=2, first=None, last=None),
        "usage": Usage(),
        "timings_s": {"search": 0.01, "answer": 0.002},
    }
    return Answer(**(fields | changes))


def silence(**changes: Any) -> Answer:
    fields: dict[str, Any] = {"text": "Nothing found.", "claims": (), "citations": (), "abstained": True}
    return answer(**(fields | {"reason": "no_evidence"} | changes))


class ScriptedEngine:
    """Answers from a table by question text; a table entry that is an exception is raised. Notes what it was asked."""

    def __init__(self, answers: dict[str, Answer | Exception]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.histories: list[tuple[Turn, ...]] = []

    def ask(self, question: str, *, history: Sequence[Turn] = ()) -> Answer:
        self.asked.append(question)
        self.histories.append(tuple(history))
        result = self.answers[question]
        if isinstance(result, Exception):
            raise result
        return result


@dataclass(frozen=True)
class ScriptedReply:
    text: str


class ScriptedModel:
    """A language model that says what it is told to: `reply` makes the text (or the exception) from the prompt."""

    def __init__(self, reply: Callable[[str], str | Exception], name: str = "scripted") -> None:
        self.reply = reply
        self.prompts: list[str] = []
        self.metadata = SimpleNamespace(model_name=name)

    def complete(self, prompt: str, /) -> ScriptedReply:
        self.prompts.append(prompt)
        said = self.reply(prompt)
        if isinstance(said, Exception):
            raise said
        return ScriptedReply(said)
