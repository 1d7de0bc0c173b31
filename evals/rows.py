"""The lines of `answers.jsonl` as `rag.Answer`, and those of `judge.jsonl` as `Judgment`.

What no measure needs is not read back (`filters`). Fields may be missing, as in answers that other programs wrote;
those that are there must have the right type.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from evals.claims import split_claims
from evals.records import Fields, Line, Problems, read_lines
from evals.schema import VERDICTS, Aspect, Judgment
from rag.schema import (
    Answer,
    Citation,
    Claim,
    Coverage,
    FoundPaper,
    Mode,
    Support,
    Usage,
)

T = TypeVar("T")

_SUPPORT: dict[str, Support] = {"supported": "supported", "not_found": "not_found", "unchecked": "unchecked"}
_ASPECTS: dict[str, Aspect] = {"correctness": "correctness", "support": "support"}
_MODES: dict[str, Mode] = {"quoting": "quoting", "generation": "generation"}


def read_answers(path: Path) -> dict[str, Answer]:
    """The answers of a file by question id; of several to one question the last one counts.

    A last line that was cut off by a kill is passed over. Raises QuestionFileError with every problem of the file.
    """
    problems = Problems(path)
    answers: dict[str, Answer] = {}
    for line in read_lines(path, problems, torn_end=True):
        answer = _answer(line, problems)
        if answer.question_id:
            answers[answer.question_id] = answer
    problems.raise_if_any()
    return answers


def read_judgments(path: Path) -> tuple[Judgment, ...]:
    """The judgments of a file, in file order; a last line that was cut off by a kill is passed over.

    Raises QuestionFileError with every problem of the file.
    """
    problems = Problems(path)
    rows = tuple(_judgment(line, problems) for line in read_lines(path, problems, torn_end=True))
    problems.raise_if_any()
    return rows


def _judgment(line: Line, problems: Problems) -> Judgment:
    fields = Fields(line.record, line.number, problems)
    aspect = _one_of(fields, "aspect", _ASPECTS, "correctness")
    verdicts: dict[str, str] = {word: word for word in (*VERDICTS[aspect], "unchecked")}
    return Judgment(
        question_id=fields.text("question_id", empty=False),
        aspect=aspect,
        claim=None if fields.record.get("claim") is None else fields.integer("claim"),
        verdict=_one_of(fields, "verdict", verdicts, "unchecked"),
        reason=fields.text("reason", ""),
        model=fields.optional_text("model"),
        digest=fields.text("digest", ""),
    )


def _answer(line: Line, problems: Problems) -> Answer:
    fields = Fields(line.record, line.number, problems)
    error = fields.optional_text("error")
    text = fields.text("text", "" if error is not None else None)
    told = fields.record.get("claims") is not None
    timings = Fields(fields.mapping("timings_s"), line.number, problems, "timings_s: ")
    return Answer(
        question_id=fields.text("question_id", empty=False),
        question=fields.text("question", ""),
        text=text,
        mode=_one_of(fields, "mode", _MODES, "quoting"),
        model=fields.optional_text("model"),
        abstained=fields.flag("abstained", False),
        reason=fields.optional_text("reason"),
        claims=tuple(_claim(claim) for claim in fields.records("claims")) if told else _claims_of(text),
        citations=tuple(_citation(citation) for citation in fields.records("citations")),
        papers=tuple(
            FoundPaper(
                paper_id=paper.text("paper_id"), title=paper.text("title", ""), score=paper.number("score") or 0.0
            )
            for paper in fields.records("papers")
        ),
        unknown_markers=tuple(str(marker) for marker in _plain_list(fields, "unknown_markers")),
        coverage=_coverage(Fields(fields.mapping("coverage"), line.number, problems, "coverage: ")),
        error=error,
        usage=_usage(Fields(fields.mapping("usage"), line.number, problems, "usage: ")),
        timings_s={name: seconds for name in timings.record if (seconds := timings.number(name)) is not None},
    )


def _claims_of(text: str) -> tuple[Claim, ...]:
    return tuple(
        Claim(text=claim.text, citations=claim.markers, support="unchecked", reason="") for claim in split_claims(text)
    )


def _claim(fields: Fields) -> Claim:
    markers = []
    for marker in _plain_list(fields, "citations"):
        if isinstance(marker, int) and not isinstance(marker, bool):
            markers.append(marker)
        else:
            fields.note(f"'citations' must hold whole numbers, found {marker!r}")
    return Claim(
        text=fields.text("text"),
        citations=tuple(markers),
        support=_one_of(fields, "support", _SUPPORT, "unchecked"),
        reason=fields.text("reason", ""),
    )


def _citation(fields: Fields) -> Citation:
    return Citation(
        marker=fields.integer("marker"),
        paper_id=fields.text("paper_id"),
        title=fields.text("title", ""),
        published=_day(fields, "published"),
        url=fields.optional_text("url"),
        quote=fields.text("quote"),
        start=fields.integer("start", 0),
        end=fields.integer("end", 0),
    )


def _coverage(fields: Fields) -> Coverage:
    return Coverage(
        n_papers=fields.integer("n_papers", 0),
        n_searched=fields.integer("n_searched", 0),
        first=_day(fields, "first"),
        last=_day(fields, "last"),
        n_undated=fields.integer("n_undated", 0),
    )


def _usage(fields: Fields) -> Usage:
    return Usage(
        prompt_tokens=fields.integer("prompt_tokens", 0),
        completion_tokens=fields.integer("completion_tokens", 0),
        cost_usd=fields.number("cost_usd"),
    )


def _day(fields: Fields, name: str) -> date | None:
    value = fields.optional_text(name)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        fields.note(f"{name!r} must be a day as YYYY-MM-DD, found {value!r}")
        return None


def _one_of(fields: Fields, name: str, known: dict[str, T], default: T) -> T:
    value = fields.record.get(name)
    if value is None:
        return default
    if isinstance(value, str) and value in known:
        return known[value]
    fields.note(f"{name!r} must be one of {', '.join(known)}, found {value!r}")
    return default


def _plain_list(fields: Fields, name: str) -> list[Any]:
    value = fields.record.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        fields.note(f"{name!r} must be a list")
        return []
    return value
