"""Question sets: JSONL in and out, every problem of a file reported together, with file and line.

One object a line; the format is `Question` (see `evals/README.md`). Only `question_id` and `question` must be there.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from evals.records import Fields, Line, Problems, read_lines
from evals.schema import Question
from rag.schema import Role, Turn

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant"}
_FIELDS = ("question_id", "question", "history", "kind", "relevant", "facts", "forbidden", "answerable")
# Nearest titles are looked for in libraries of up to this many papers; the search takes time in proportion.
_MOST_TITLES_COMPARED = 5_000


def read_questions(path: Path, *, titles: Mapping[str, str] | None = None) -> tuple[Question, ...]:
    """The questions of a file, in file order.

    `titles` has the title of each paper of the library by id: where it is given, relevant papers must be among the ids
    or the titles. Raises QuestionFileError with every problem of the file.
    """
    problems = Problems(path)
    questions: list[Question] = []
    first_line: dict[str, int] = {}
    for line in read_lines(path, problems):
        question = _question(line, problems)
        if question.question_id and question.question_id in first_line:
            earlier = first_line[question.question_id]
            problems.add(line.number, f"question_id {question.question_id!r} is already on line {earlier}")
        first_line.setdefault(question.question_id, line.number)
        questions.append(question)
    if titles is not None:
        _check_relevant(questions, titles, problems)
    if not questions and not problems.found:
        problems.add(1, "the file holds no questions")
    problems.raise_if_any()
    return tuple(questions)


def write_jsonl(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Writes records as JSONL, whole or not at all."""
    write_text(path, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))


def write_text(path: Path, text: str) -> None:
    """Writes a file, whole or not at all: to a name of its own first, then put in place."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(path)


def _question(line: Line, problems: Problems) -> Question:
    fields = Fields(line.record, line.number, problems)
    fields.unknown(_FIELDS)
    return Question(
        question_id=fields.text("question_id", empty=False),
        question=fields.text("question", empty=False),
        kind=fields.text("kind", "other", empty=False),
        history=_history(fields),
        relevant=_relevant(fields),
        facts=fields.text_groups("facts"),
        forbidden=fields.texts("forbidden"),
        answerable=fields.flag("answerable", True),
        line=line.number,
    )


def _history(fields: Fields) -> tuple[Turn, ...]:
    turns = []
    for turn in fields.records("history"):
        turn.unknown(("role", "text"))
        role, text = turn.text("role"), turn.text("text")
        if role in _ROLES:
            turns.append(Turn(role=_ROLES[role], text=text))
        elif role:
            turn.note(f'\'role\' must be "user" or "assistant", found {role!r}')
    return tuple(turns)


def _relevant(fields: Fields) -> dict[str, int]:
    grades: dict[str, int] = {}
    for paper, grade in fields.mapping("relevant").items():
        if isinstance(grade, int) and not isinstance(grade, bool) and grade >= 0:
            grades[paper] = grade
        else:
            fields.note(f"the grade of relevant paper {paper!r} must be a whole number from 0, found {grade!r}")
    return grades


def _check_relevant(questions: Iterable[Question], titles: Mapping[str, str], problems: Problems) -> None:
    id_of_title = {title: paper_id for paper_id, title in titles.items()}
    for question in questions:
        seen: dict[str, str] = {}
        for paper in question.relevant:
            paper_id = paper if paper in titles else id_of_title.get(paper)
            if paper_id is None:
                problems.add(
                    question.line, f"relevant paper {paper!r} is not in the library{_nearest(paper, id_of_title)}"
                )
            elif paper_id in seen:
                problems.add(
                    question.line, f"relevant papers {seen[paper_id]!r} and {paper!r} are one and the same paper"
                )
            else:
                seen[paper_id] = paper


def _nearest(paper: str, titles: Iterable[str]) -> str:
    known = list(titles)
    if len(known) > _MOST_TITLES_COMPARED:
        return ""
    near = difflib.get_close_matches(paper, known, n=1, cutoff=0.8)
    return f" (the nearest title is {near[0]!r})" if near else ""
