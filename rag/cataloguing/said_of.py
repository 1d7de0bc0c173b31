"""One field of one paper in words: "was published on 3 May 2024"; or that the library does not have it. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from rag.bibtex import bibtex
from rag.cataloguing import text as words
from rag.question.kind import FieldAsked
from rag.released import code_sentence
from rag.schema import Paper

_NOT_KNOWN: dict[FieldAsked, str] = {
    "published": "has no date for",
    "organisation": "names no organisation for",
    "n_authors": "has no number of authors for",
    "n_comments": "has no number of comments for",
    "n_upvotes": "has no number of upvotes for",
    "code_url": "has no code link for",
    "url": "has no link for",
    "arxiv_id": "has no arXiv id for",
    "doi": "has no DOI for",
}


def is_known(paper: Paper, field: FieldAsked) -> bool:
    """Whether the record of a paper has a field; what is made of the record (its entry for BibTeX) it always has."""
    if field == "url":
        return paper.link is not None
    if field in ("authors", "n_authors"):
        return bool(paper.authors) or (field == "n_authors" and paper.n_authors is not None)
    return field == "bibtex" or getattr(paper, field) is not None


def predicate(paper: Paper, field: FieldAsked) -> str:
    """What is said of a paper whose record has the field, to stand behind its name."""
    if field == "organisation":
        return f"is from {paper.organisation}"
    if field in ("n_comments", "n_upvotes"):
        n = paper.n_comments if field == "n_comments" else paper.n_upvotes
        return f"has {n} {field.removeprefix('n_').removesuffix('s')}{'' if n == 1 else 's'}"
    if field in ("authors", "n_authors"):
        n = paper.n_authors if paper.n_authors is not None else len(paper.authors)
        names = f": {', '.join(paper.authors)}" if paper.authors else ""
        return f"has {n} author{'' if n == 1 else 's'}{names}"
    if field == "published":
        return f"was published on {words.date_of(paper)}"
    if field == "code_url":
        return f"has its code at {paper.code_url}"
    if field == "arxiv_id":
        return f"has the arXiv id {paper.arxiv_id}: https://arxiv.org/abs/{paper.arxiv_id}"
    if field == "doi":
        return f"has the DOI {paper.doi}: https://doi.org/{paper.doi}"
    if field == "bibtex":
        return f"as BibTeX:\n\n```bibtex\n{bibtex([paper]).strip()}\n```"
    return f"can be read at {paper.link}"


_COLUMNS: dict[FieldAsked, str] = {"code_url": "Code", "url": "Link", "arxiv_id": "arXiv id", "doi": "DOI"}


def with_field(
    columns: tuple[str, ...], rows: list[tuple[str, ...]], papers: Sequence[Paper], field: FieldAsked | None
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """A table of papers with a column for a link that was asked for; where the record has no code, what the abstract says of it."""
    if field is None or field not in _COLUMNS or not papers:
        return columns, rows
    cells = []
    for paper in papers:
        value = paper.link if field == "url" else getattr(paper, field)
        if not value and field == "code_url" and (span := code_sentence(paper.abstract)):
            value = f"“{' '.join(paper.abstract[span[0] : span[1]].split())}”"
        cells.append(value or "")
    return (*columns, _COLUMNS[field]), [(*row, cell) for row, cell in zip(rows, cells, strict=True)]


def unknown(paper: Paper, field: FieldAsked, name: str) -> str:
    """That the library does not have a field of a paper, as a sentence."""
    if field == "authors":
        n = paper.n_authors
        count = "" if n is None else f"; it counts {n} author{'' if n == 1 else 's'}"
        return f"The library does not name the authors of {name}{count}."
    return f"The library {_NOT_KNOWN[field]} {name}."
