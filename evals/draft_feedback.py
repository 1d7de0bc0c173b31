"""Draft questions from the thumbs and comments of the chat page, for a person to review.

A question with a thumb up is expected to cite what it cited, or to be refused where it was; a thumb down says only that the
answer was wrong, so what is right is left to the reviewer. The comment and the answer stand in a second file beside the set.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.answers import fold
from evals.draft import evidence_path
from evals.files import write_jsonl
from evals.records import Fields, Problems, read_lines
from evals.schema import Question
from rag.errors import QuestionFileError
from rag.schema import Role, Turn

KIND = "drafted_feedback"
_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What a reader said of one answer: `rating` is "up" or "down"."""

    question: Question
    rating: str
    comment: str
    answer: str
    filters: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return {
            "question_id": self.question.question_id,
            "rating": self.rating,
            "comment": self.comment,
            "answer": self.answer,
            "filters": self.filters,
        }


def read_feedback(path: Path) -> list[Remark]:
    """One remark a question (with what was said before it), the last one said; in order of first asking.

    Raises QuestionFileError with every line that is no feedback.
    """
    problems = Problems(path)
    latest: dict[str, tuple[Fields, str]] = {}
    for line in read_lines(path, problems, torn_end=True):
        fields = Fields(line.record, line.number, problems)
        question = fields.text("question", empty=False)
        said = [turn.text("text", "") for turn in fields.records("history")]
        key = json.dumps([fold(question), *said], ensure_ascii=False)
        comment = fields.text("comment", "")
        if key in latest and not comment:
            earlier, kept = latest[key]
            # A thumb turned round takes its comment back.
            comment = kept if earlier.record.get("rating") == line.record.get("rating") else ""
        if fields.text("rating") not in ("up", "down"):
            fields.note('\'rating\' must be "up" or "down"')
        latest[key] = (fields, comment)
    remarks = [_remark(number, *found) for number, found in enumerate(latest.values(), 1)]
    problems.raise_if_any()
    return remarks


def write_feedback_drafts(path: Path, remarks: Sequence[Remark]) -> Path:
    """Writes the question set and, beside it, what was said of each answer; gives the second file.

    Raises QuestionFileError when one of the files is there already: it may have been reviewed.
    """
    said = evidence_path(path)
    for there in (path, said):
        if there.exists():
            raise QuestionFileError(f"{there} exists already: choose another file, or delete it first")
    if not path.parent.is_dir():
        raise QuestionFileError(f"{path} cannot be written: there is no folder {path.parent}")
    write_jsonl(said, (remark.to_dict() for remark in remarks))
    write_jsonl(path, (remark.question.to_dict() for remark in remarks))
    return said


def _remark(number: int, fields: Fields, comment: str) -> Remark:
    good = fields.record.get("rating") == "up"
    refused = fields.flag("abstained", False)
    question = Question(
        question_id=f"f{number:03d}",
        question=fields.text("question"),
        kind=KIND,
        history=tuple(
            Turn(role=_ROLES.get(turn.text("role"), "user"), text=turn.text("text"))
            for turn in fields.records("history")
        ),
        relevant={title: 1 for title in fields.mapping("cited").values() if isinstance(title, str)} if good else {},
        answerable=not (good and refused),
    )
    return Remark(
        question=question,
        rating=fields.text("rating"),
        comment=comment,
        answer=fields.text("answer", ""),
        filters=fields.mapping("filters"),
    )
