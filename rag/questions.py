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
from rag.question.chosen import of_paper, spoken_of
from rag.question.conversation import listen, read
from rag.question.filters import describe, fields_of, lacking_words
from rag.question.given import both, excluding, set_too
from rag.question.kinds import read_kind
from rag.question.query import ABOUT_LIBRARY, Query
from rag.question.reader import Reader, tidy
from rag.question.talk import Talk
from rag.schema import Filters, Turn

__all__ = ["Query", "understand"]

_TURNS = 8  # messages of a conversation that are read; older ones are forgotten
# So much of a message is read for what it asks or names: of a question as much as the engine reads, of an answer a long table.
LONGEST_QUESTION, LONGEST_ANSWER = 2_000, 12_000


def understand(
    question: str,
    *,
    library: Library,
    history: Sequence[Turn] = (),
    filters: Filters | None = None,
    today: date | None = None,
    ignore: Collection[str] = (),
) -> Query:
    """What a question asks for. `filters` given by the caller hold together with the question's own: what passes both is
    searched, and where nothing can, `Query.excluded` says why. One paper given (`Filters.paper_ids`) is what the question is
    about. `today` defaults to the clock's.

    `ignore` drops what would be understood: names of `Filters` fields that the question or the conversation would set,
    "names" for papers found by name and slips mended, "rewrite" for what was said before. Words that would set a
    date or a number are then not searched either; the name of an organisation or a paper is searched as words.
    """
    dropped = frozenset(ignore)
    question = question[:LONGEST_QUESTION]
    reader = Reader(library, today or date.today())
    talk: Talk | None = None
    asked: list[str] = []
    for turn in [*history[-_TURNS:], Turn(role="user", text="")]:
        if turn.role == "assistant":
            if asked:
                talk = listen(reader, talk, " ".join(asked), turn.text[:LONGEST_ANSWER])
            asked = []
        elif turn.text.strip():
            if asked:
                talk = listen(reader, talk, " ".join(asked), "")
            asked = [" ".join(turn.text[: 2 * LONGEST_QUESTION].split())[:LONGEST_QUESTION]]
    if asked:
        talk = listen(reader, talk, " ".join(asked), "")
    if dropped:
        reader = Reader(library, today or date.today(), dropped)
        talk = None if talk is None or "rewrite" in dropped else talk.freed(dropped)
    given = filters or Filters()
    chosen = given.paper_ids[0] if len(given.paper_ids) == 1 and reader.shelf.title(given.paper_ids[0]) else None
    if chosen is None:
        query = read(reader, question, talk)
    else:
        query = of_paper(reader, read(reader, question, spoken_of(reader, talk, chosen)), chosen)
    if given:
        query = _together(reader, query, question, given)
    return replace(query, notes=tuple(dict.fromkeys((*_searched(query, library), *query.notes))))


def _together(reader: Reader, query: Query, question: str, given: Filters) -> Query:
    """The query with the filters that are set beside the question."""
    asked = query.filters
    filters, apart = both(asked, given, reader.shelf.organisations)
    query = replace(query, filters=filters)
    if apart:
        text = reader.mended(tidy(question))[0]
        own = reader.filters(text, read_kind(text), reader.names(text))
        return replace(query, excluded=excluding(apart, own, asked, given))
    if query.paper_id is not None and given.paper_ids and query.paper_id not in given.paper_ids:
        query = replace(query, paper_id=None)
    if too := set_too(asked, given):
        years = [f"{year}" for year in query.years if not _has_days(filters, year)]
        gone = f", so nothing of {' and '.join(years)} is searched" if years else ""
        query = replace(query, notes=(*query.notes, f"the filter that is set ({too}) holds as well{gone}"))
    return query


def _has_days(filters: Filters, year: int) -> bool:
    """Whether filters let days of a year pass."""
    return (filters.since is None or filters.since.year <= year) and (
        filters.until is None or filters.until.year >= year
    )


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
