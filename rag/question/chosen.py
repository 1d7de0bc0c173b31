"""Questions about one paper that was chosen beside the question: "what results does it report?" is asked of it, whether or not
it is named.
"""

from __future__ import annotations

import re
from dataclasses import replace

from rag.question.query import Query
from rag.question.reader import Reader
from rag.question.several import asks_for_papers
from rag.question.talk import Talk
from rag.schema import Filters


def spoken_of(reader: Reader, talk: Talk | None, paper_id: str) -> Talk:
    """The conversation with the chosen paper as its subject; one that was about another is over."""
    if talk is not None and talk.focus == paper_id:
        name = talk.name_of(paper_id, reader.shelf)
        return replace(talk, papers=(paper_id,), names=(name,), listed=(), recent=())
    question = f"what does {reader.shelf.label(paper_id)} report?"
    return Talk(
        question=question,
        text=question,
        intent="one",
        topic="",
        filters=Filters(),
        focus=paper_id,
        papers=(paper_id,),
        names=("",),
    )


def of_paper(reader: Reader, query: Query, paper_id: str) -> Query:
    """A question read as one about the chosen paper, unless it asks for papers or of the library; other papers that it names
    are words that this one may speak of.

    What it is judged by has not got the paper's name: that the paper speaks of it would say nothing of whether it answers.
    """
    title, name = reader.shelf.title(paper_id) or "", reader.shelf.label(paper_id)
    before, here = f"about “{title}”, named before", f"about “{title}”, the chosen paper"
    query = replace(query, notes=tuple(here if note == before else note for note in query.notes))
    if query.intent == "one" and query.paper_id == paper_id:
        if query.rewritten is None or _has(query.question, name):
            return query
        return replace(query, bare=re.sub(_pattern(name), "it", query.rewritten, flags=re.IGNORECASE))
    if query.intent != "one" and (query.intent != "several" or asks_for_papers(query.question)):
        return query
    query = replace(query, intent="one", paper_id=paper_id, sides=(), notes=(*query.notes, here))
    if _has(query.text, name):
        return query
    whole = f"{name}: {query.text}"
    return replace(query, text=whole, bare=query.text, rewritten=whole)


def _has(text: str, name: str) -> bool:
    return re.search(_pattern(name), text, re.IGNORECASE) is not None


def _pattern(name: str) -> str:
    return rf"(?<!\w){re.escape(name)}(?!\w)"
