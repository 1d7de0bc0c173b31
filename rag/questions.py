"""What a question asks for, by rule: its kind, its filters, the paper it names, and what it leans on in the
conversation.

    question ──> rag.question_reader ────────> Query (rag.question_query)
                   kinds, names, filters, dates   ^
    history ───> rag.question_conversation ───────┘
                   followups, answers

No model is asked, and the clock is handed in. What was understood is written down in `Query.notes`, to be shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rag.library import Library
from rag.question_conversation import listen, read
from rag.question_filters import conflict, describe, overlay
from rag.question_followups import Talk
from rag.question_query import Query
from rag.question_reader import Reader
from rag.schema import Filters, Turn

__all__ = ["Query", "understand"]

_TURNS = 8  # messages of a conversation that are read; older ones are forgotten


def understand(
    question: str,
    *,
    library: Library,
    history: Sequence[Turn] = (),
    filters: Filters | None = None,
    today: date | None = None,
) -> Query:
    """What a question asks for. `filters` given by the caller win over the question's own; `today` defaults to the
    clock's.
    """
    reader = Reader(library, today or date.today())
    talk: Talk | None = None
    asked: list[str] = []
    for turn in [*history[-_TURNS:], Turn(role="user", text="")]:
        if turn.role == "assistant":
            if asked:
                talk = listen(reader, talk, " ".join(asked), turn.text)
            asked = []
        elif turn.text.strip():
            if asked:
                talk = listen(reader, talk, " ".join(asked), "")
            asked = [turn.text]
    if asked:
        talk = listen(reader, talk, " ".join(asked), "")
    query = read(reader, question, talk)
    given = filters or Filters()
    notes = query.notes
    if given:
        if conflict(query.filters, given):
            notes = (*notes, f"the filter that is set ({'; '.join(describe(given))}) wins over the question's words")
        query = replace(query, filters=overlay(query.filters, given))
    return replace(query, notes=(*describe(query.filters), *notes))
