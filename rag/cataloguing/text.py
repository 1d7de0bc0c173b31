"""The wording of answers about the library: tables, numbers of papers, what was left out and why. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.question.filters import apart_words, lacking_words
from rag.question.kind import Recorded
from rag.question.periods import day_in_words
from rag.question.query import Query
from rag.schema import Paper

_HAVING: dict[Recorded, str] = {
    "code_url": "with code",
    "url": "with a link",
    "arxiv_id": "with an arXiv id",
    "doi": "with a DOI",
    "authors": "with the names of their authors",
}


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; bars in cells are escaped."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def n_papers(n: int) -> str:
    return "1 paper" if n == 1 else f"{n} papers"


def lacking(n: int, fields: Sequence[Recorded], *, on_topic: bool) -> str:
    """ "336 have no date and could not be judged."; "" when every paper could be."""
    if not n:
        return ""
    what = lacking_words(fields)
    which = f"{n} more on the topic" if on_topic else f"{n} more" if len(fields) > 1 else str(n)
    return f"{which} {'has' if n == 1 else 'have'} {what} and could not be judged."


def cut_words(query: Query, between: str = "; ") -> str:
    """What the papers counted have in common: "published in 2018; on “federated learning”"."""
    topic = query.topic
    phrases = list(query.shown) if query.shown else apart_words(query.filters, query.left_out)
    if between == " ":  # "the 2 papers named before", not "the 2 papers among the 2 papers named before"
        phrases = [
            re.sub(r"^among the \d+ papers (?=named before)|^in the paper (?=named before)", "", one) for one in phrases
        ]
    if query.lacks:
        phrases.append(f"with {lacking_words([query.lacks])}")
    if query.has:
        phrases.append(_HAVING.get(query.has) or f"with a known {lacking_words([query.has]).removeprefix('no ')}")
    if topic:
        phrases.append(f"on “{topic}”")
    return between.join(phrases)


def rule(groups: Sequence[Sequence[str]], query: Query) -> str:
    """How the topic was cut, for people, and what else is to be said of the papers meant."""
    topic = query.topic
    if not topic:
        return query.aside
    if not groups:
        return join([f"“{topic}” has no words that can be looked for.", query.aside])
    sides = len(re.split(r"\s+or\s+|\s*/\s*", topic)) > 1
    many = "any side of" if sides else "all words of" if len(groups[0]) > 1 else ""
    name = f"{many} “{topic}”" if many else f"“{topic}”"
    also = "".join(f" or {'all words of ' if ' ' in one else ''}“{one}”" for one in query.also_called)
    verb = "occur" if many.startswith("all") and not also else "occurs"
    said = f"A paper counts as on the topic when {name}{also} {verb} in its title or abstract, in any form of the word."
    return join([said, query.aside])


def date_of(paper: Paper) -> str:
    """ "24 May 2024", with a word when the year was worked out; "no date" otherwise."""
    if paper.published is None:
        return "no date"
    return day_in_words(paper.published) + (" (date inferred)" if paper.published_inferred else "")


def paper_rows(papers: Sequence[Paper]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Columns and rows of a table of papers, with markers from 1; columns that are empty throughout are left out."""
    columns = ["", "Paper", "Published", "Organisation", "Authors", "Comments", "Upvotes"]
    rows = [
        (
            f"[{marker}]",
            title(paper),
            paper.published.isoformat() if paper.published else "",
            paper.organisation or "",
            _known(paper.n_authors),
            _known(paper.n_comments),
            _known(paper.n_upvotes),
        )
        for marker, paper in enumerate(papers, 1)
    ]
    kept = [i for i in range(len(columns)) if i < 2 or any(row[i] for row in rows)]
    return tuple(columns[i] for i in kept), [tuple(row[i] for i in kept) for row in rows]


def title(paper: Paper) -> str:
    return " ".join(paper.title.split())


def join(sentences: Sequence[str]) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def common_end(texts: Sequence[str]) -> str:
    """The whole sentences that several texts end with."""
    sentences = [re.split(r"(?<=\.) (?=[\dA-Z])", text) for text in texts]
    same: list[str] = []
    while all(len(one) > len(same) + 1 for one in sentences) and len({one[-1 - len(same)] for one in sentences}) == 1:
        same.insert(0, sentences[0][-1 - len(same)])
    return " ".join(same)


def _known(n: int | None) -> str:
    return "" if n is None else str(n)
