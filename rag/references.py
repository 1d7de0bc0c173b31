"""Papers as references to paste: a Markdown list, RIS, CSV (BibTeX is `rag.bibtex`), and a conversation with its references.

Everything that comes from papers, questions and models is untrusted: Markdown and HTML in it are escaped, only addresses of
the web become links, and no cell of a CSV is a formula. Pure functions.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from rag.bibtex import address, bibtex, one_line, web_link
from rag.formulas import as_text, find_math
from rag.schema import Answer, Paper

__all__ = ["FORMATS", "bibtex", "conversation_markdown", "csv_text", "export", "markdown", "ris"]

FORMATS = ("bib", "md", "ris", "csv")
COLUMNS = (
    "paper_id",
    "title",
    "authors",
    "n_authors",
    "published",
    "organisation",
    "n_comments",
    "n_upvotes",
    "arxiv_id",
    "doi",
    "url",
    "abstract",
)
# Spreadsheets take a cell that begins with one of these for a formula (also in their full-width forms).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#|<>~$!&])")
# A formula of nothing else is the same in Markdown, and drawn where the reader's program knows formulas.
_PLAIN_FORMULA = re.compile(r"\$[A-Za-z0-9\\{}^_+\-=.,:;/()' ]+\$")
_MARKER = re.compile(r"\[(\d{1,3})(\??)\]")
_REPEATED = re.compile(r"(\[\d+\])(?:\s*\1)+")


def export(papers: Iterable[Paper], form: str) -> str:
    """The papers in one of `FORMATS`, with abstracts where the format has a place for them."""
    writers = {"bib": lambda rows: bibtex(rows, abstracts=True), "md": markdown, "ris": ris, "csv": csv_text}
    return writers[form](list(papers))


def markdown(papers: Iterable[Paper]) -> str:
    """A numbered list, one line a paper; empty for no papers."""
    return "".join(f"{number}. {reference(paper)}\n" for number, paper in enumerate(papers, 1))


def reference(paper: Paper) -> str:
    """One paper as a line of Markdown: authors or their number, title, organisation, date, address."""
    title = one_line(paper.title)
    parts = [
        _people(paper),
        f"**{_with_formulas(title)}**" if title else "",
        _escaped(one_line(paper.organisation or "")),
    ]
    if paper.published:
        parts.append(f"{paper.published.day} {paper.published:%B} {paper.published.year}")
    else:
        parts.append("No date")
    if paper.arxiv_id:
        parts.append(f"arXiv:{_escaped(one_line(paper.arxiv_id))}")
    text = " ".join(
        part if part.endswith((".", "?", "!", "?**", "!**", ".**")) else f"{part}." for part in parts if part
    )
    url = web_link(paper)
    return f"{text} <{address(url)}>" if url else text


def ris(papers: Iterable[Paper]) -> str:
    """RIS records, which Zotero, EndNote and Mendeley read: JOUR with a DOI of a publisher, else GEN (preprints)."""
    return "".join(f"{_record(paper)}\n" for paper in papers)


def csv_text(papers: Iterable[Paper]) -> str:
    """Comma-separated values with a header, RFC 4180; a cell that a spreadsheet would compute gets an apostrophe in front."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for paper in papers:
        record = paper.to_dict() | {"authors": "; ".join(paper.authors), "url": paper.link}
        writer.writerow([_cell(record[name]) for name in COLUMNS])
    return out.getvalue()


def conversation_markdown(
    answers: Sequence[Answer], papers: Mapping[str, Paper] | None = None, *, title: str = "Conversation"
) -> str:
    """Questions and answers in order, with one numbered list of references at the end.

    A paper has one number through the whole conversation, whatever its markers were in the single answers; markers that
    name nothing say so. `papers` (by id) makes the references complete; a paper that is not among them is given by the title,
    date and address of its citation.
    """
    numbers: dict[str, int] = {}
    blocks = [f"# {_with_formulas(one_line(title))}"]
    for answer in answers:
        by_marker: dict[int, int] = {}
        for citation in answer.citations:
            by_marker[citation.marker] = numbers.setdefault(citation.paper_id, len(numbers) + 1)
        blocks.append(f"## {_with_formulas(one_line(answer.question))}")
        if answer.rewritten:
            blocks.append(f"*Understood as: {_with_formulas(one_line(answer.rewritten))}*")
        blocks += [f"*{_with_formulas(one_line(note))}*" for note in answer.notes]
        blocks.append(_renumbered(_inert(answer.text.strip()), by_marker))
        blocks += [
            f"*{_doubt(claim.reason)}* “{_renumbered(_inert(one_line(claim.text)), by_marker)}”"
            for claim in answer.claims
            if claim.support == "not_found"
        ]
    if numbers:
        known = _cited(answers) | dict(papers or {})
        lines = [f"{number}. {reference(known[paper_id])}" for paper_id, number in numbers.items()]
        blocks += ["## References", "\n".join(lines)]
    return "\n\n".join(blocks) + "\n"


def _doubt(reason: str) -> str:
    return f"Not found in the source ({_with_formulas(one_line(reason))}):" if reason else "Not found in the source:"


def _cited(answers: Sequence[Answer]) -> dict[str, Paper]:
    """What citations say of their papers, as far as it goes."""
    return {
        citation.paper_id: Paper(
            paper_id=citation.paper_id,
            title=citation.title,
            abstract="",
            published=citation.published,
            url=citation.url,
        )
        for answer in answers
        for citation in answer.citations
    }


def _renumbered(text: str, by_marker: Mapping[int, int]) -> str:
    def number(match: re.Match[str]) -> str:
        new = by_marker.get(int(match.group(1))) if not match.group(2) else None
        return f"[{new}]" if new is not None else f"[{match.group(1)}: no such source]"

    return _REPEATED.sub(r"\1", _MARKER.sub(number, text))


def _inert(text: str) -> str:
    """Markdown of an answer in which nothing of a paper can become HTML, a link or a link's definition."""
    text = as_text(text, escapes=False)
    return text.replace("<", "&lt;").replace("](", "]\\(").replace("][", "] [").replace("]:", "]\\:")


def _people(paper: Paper) -> str:
    if paper.authors:
        names = [_escaped(one_line(name)) for name in paper.authors]
        return ", ".join(names) if len(names) <= 6 else f"{', '.join(names[:3])} and {len(names) - 3} others"
    return f"{paper.n_authors} author{'s' * (paper.n_authors != 1)}" if paper.n_authors else ""


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _with_formulas(text: str) -> str:
    """Text escaped, its TeX as plain characters; a formula that these cannot say stays one, where it is harmless."""
    text = as_text(text)
    pieces, at = [], 0
    for start, end, _ in find_math(text):
        if _PLAIN_FORMULA.fullmatch(text[start:end]):
            pieces += [_escaped(text[at:start]), text[start:end]]
            at = end
    return "".join([*pieces, _escaped(text[at:])])


def _record(paper: Paper) -> str:
    published = bool(paper.doi) and not str(paper.doi).lower().startswith("10.48550/")
    rows: list[tuple[str, str]] = [("TY", "JOUR" if published else "GEN"), ("ID", one_line(paper.paper_id))]
    rows.append(("TI", one_line(paper.title)))
    rows += [("AU", one_line(name)) for name in paper.authors]
    if not paper.authors and paper.n_authors:
        rows.append(("N1", f"{paper.n_authors} author{'s' * (paper.n_authors != 1)}"))
    if paper.published:
        rows += [("PY", str(paper.published.year)), ("DA", paper.published.strftime("%Y/%m/%d"))]
    if paper.organisation:
        rows.append(("PB", one_line(paper.organisation)))
    if paper.arxiv_id:
        rows.append(("AN", f"arXiv:{one_line(paper.arxiv_id)}"))
    if paper.doi:
        rows.append(("DO", one_line(paper.doi)))
    if url := web_link(paper):
        rows.append(("UR", url))
    rows.append(("AB", one_line(paper.abstract)))
    return "".join(f"{tag}  - {value}\n" for tag, value in [*rows, ("ER", "")])


def _cell(value: object) -> str:
    text = "" if value is None else one_line(str(value))
    return f"'{text}" if text.startswith(_FORMULA) and not isinstance(value, int) else text
