"""What a question asks for, by rule: its kind, its filters, the paper it names, and what it leans on in the
conversation.

    question ──> rag.question.reader ────────> Query (rag.question.query)
                   kinds, names, filters, dates   ^
    history ───> rag.question.conversation ───────┘
                   followups, answers

No model is asked, and the clock is handed in. What was understood is written down in `Query.notes`, to be shown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from rag.library import Library
from rag.question.conversation import listen, read
from rag.question.filters import conflict, describe, fields_of, lacking_words, overlay
from rag.question.query import ABOUT_LIBRARY, Query
from rag.question.reader import Reader
from rag.question.talk import Talk
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
    ignore: Collection[str] = (),
) -> Query:
    """What a question asks for. `filters` given by the caller win over the question's own; `today` defaults to the
    clock's.

    `ignore` drops what would be understood: names of `Filters` fields that the question or the conversation would set,
    "names" for papers found by name and slips mended, "rewrite" for what was said before. Words that no longer set
    anything are searched as words.
    """
    dropped = frozenset(ignore)
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
    if dropped:
        reader = Reader(library, today or date.today(), dropped)
        talk = None if talk is None or "rewrite" in dropped else talk.freed(dropped)
    query = read(reader, question, talk)
    given = filters or Filters()
    notes = query.notes
    if given:
        if conflict(query.filters, given):
            notes = (*notes, f"the filter that is set ({'; '.join(describe(given))}) replaces the question's own")
        query = replace(query, filters=overlay(query.filters, given))
    query = replace(query, notes=(*_searched(query, library), *notes))
    return replace(query, notes=tuple(dict.fromkeys(query.notes)))


def _searched(query: Query, library: Library) -> list[str]:
    """What the filters leave to search: "published in 2018", "2 of 615 papers match; 336 have no date". An answer about the
    library itself says so in its text.
    """
    filters = replace(query.filters, paper_ids=())
    if not filters or query.intent in ABOUT_LIBRARY or (query.intent == "field" and query.paper_id):
        return []
    n, n_lacking = library.keywords.n_matching(filters), library.keywords.n_undecided(filters)
    total = library.keywords.n_papers
    counts = [f"{n} of {total} paper{'s' * (total != 1)} match{'es' * (n == 1)}"]
    if n_lacking:
        counts.append(f"{n_lacking} {'has' if n_lacking == 1 else 'have'} {lacking_words(fields_of(filters))}")
    return [*describe(filters), "; ".join(counts)]
