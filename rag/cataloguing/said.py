"""The answer to a message that asks nothing of the papers: a polite line, and what can be asked."""

from __future__ import annotations

from rag.cataloguing import text as words
from rag.cataloguing.answer import CatalogueAnswer
from rag.library import Library
from rag.question.kind import Said
from rag.question.periods import day_in_words

_FIRST: dict[Said, str] = {
    "thanks": "You are welcome.",
    "greeting": "Hello.",
    "farewell": "Goodbye.",
    "nod": "",
    "help": "",
    "language": "Answers are given in the words of the papers, not translated.",
    "why": "",
    "nothing": "That holds no words to look for.",
}


def say(said: Said, library: Library, refused: str = "") -> CatalogueAnswer:
    """A line that fits what was said, and what can be asked; it abstains, since nothing was answered. After a refusal "why not?" is told
    what was `refused`, and that only what the papers say is answered.
    """
    if said == "why":
        text = words.join(
            [f"The last answer was: {refused}", "Only what an abstract or a record here says is answered."]
        )
        return CatalogueAnswer(text=text, abstained=True, reason="no_question")
    coverage = library.coverage()
    if not coverage.n_papers:
        text = words.join([_FIRST[said], "The library is empty: `askpapers ingest SOURCE` adds papers."])
        return CatalogueAnswer(text=text, abstained=True, reason="no_question")
    span = (
        f", dated {day_in_words(coverage.first)} to {day_in_words(coverage.last)}"
        if coverage.first and coverage.last and coverage.first != coverage.last
        else ""
    )
    are = "is" if coverage.n_papers == 1 else "are"
    ask = f"Ask in your own words what the papers say: {words.n_papers(coverage.n_papers)} {are} here{span}."
    more = (
        "Or ask for a count or a list (“how many papers since May 2024?”, “list papers on pruning”), for the newest, the oldest or"
        " the most discussed, for the date or the authors of a paper, or how two of them compare."
    )
    short = said in ("nod", "farewell")
    return CatalogueAnswer(
        text=words.join([_FIRST[said], ask, "" if short else more]), abstained=True, reason="no_question"
    )
