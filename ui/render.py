"""An answer as text: for a terminal, or plain for a pipe. Pure functions; nothing here prints.

Everything that comes from papers, questions and models is untrusted: control characters (with them terminal escape
codes) and marks that reverse the direction of text are taken out before it is shown.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby, zip_longest

from rag.schema import Answer, Citation, Coverage, Hit

WIDTH = 80
_NARROWEST = 8
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Text without control characters and direction marks; line breaks and tabs stay."""
    kept = "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"))
    return _DIRECTION.sub("", kept)


def answer_text(answer: Answer, *, width: int = WIDTH, bold: bool = False) -> str:
    """The answer, then its sources as numbered references. Titles are marked with ** only where `bold` says so."""
    body = clean(answer.text)
    if not bold:
        body = _BOLD.sub(r"\1", body)
    blocks = []
    for is_table, group in groupby(body.split("\n"), key=lambda line: line.startswith("|")):
        lines = list(group)
        blocks += [_table(lines, width)] if is_table else [_wrapped(line, width) for line in lines]
    if answer.citations:
        blocks += ["", "Sources", *references(answer.citations, width=width)]
    return "\n".join(blocks)


def references(citations: Sequence[Citation], *, width: int = WIDTH) -> list[str]:
    """One entry a paper: its markers, title, date and link, in the order of the first marker."""
    by_paper: dict[str, list[Citation]] = {}
    for citation in citations:
        by_paper.setdefault(citation.paper_id, []).append(citation)
    entries = []
    for group in by_paper.values():
        first = group[0]
        markers = "".join(f"[{citation.marker}]" for citation in group)
        title = clean(first.title)
        details = [title if title.endswith((".", "?", "!")) else f"{title}."]
        details.append(f"{long_date(first.published)}." if first.published else "No date.")
        if first.url:
            details.append(clean(first.url))
        entries.append(_wrapped(f"{markers} {' '.join(details)}", width, indent="    "))
    return entries


def hits_text(hits: Sequence[Hit], *, width: int = WIDTH) -> str:
    """Ranked papers: place, title, date, and the passage that matched."""
    blocks = []
    for place, hit in enumerate(hits, 1):
        day = f" ({long_date(hit.paper.published)})" if hit.paper.published else ""
        heading = _wrapped(f"{place:>2}. {clean(hit.paper.title)}{day}", width, indent="    ")
        passage = textwrap.shorten(clean(hit.text), width * 3, placeholder=" …")
        blocks.append(f"{heading}\n{textwrap.fill(passage, width, initial_indent='    ', subsequent_indent='    ')}")
    return "\n\n".join(blocks)


def coverage_text(coverage: Coverage) -> str:
    """What was searched, in one line: "615 papers, 29 April 2016 to 24 November 2025, 336 without a date"."""
    n = coverage.n_searched
    of = f" of {coverage.n_papers:,}" if n != coverage.n_papers else ""
    parts = [f"{n:,} paper{'' if n == 1 else 's'}{of}"]
    if coverage.first and coverage.last:
        first, last = long_date(coverage.first), long_date(coverage.last)
        parts.append(first if first == last else f"{first} to {last}")
    if coverage.n_undated:
        parts.append(f"{coverage.n_undated:,} without a date")
    return ", ".join(parts)


def long_date(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def table(rows: Iterable[tuple[str, str]]) -> str:
    """Two columns, the first as wide as it needs."""
    rows = list(rows)
    first = max((len(name) for name, _ in rows), default=0)
    return "\n".join(f"{name:<{first}}  {value}" for name, value in rows)


def _wrapped(line: str, width: int, indent: str | None = None) -> str:
    if indent is None:
        indent = "  " if line.startswith(("- ", "* ")) else ""
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _table(lines: Sequence[str], width: int) -> str:
    """A Markdown table in aligned columns; the widest column gives way until all fit."""
    rows = [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines
    ]
    rows = [row for row in rows if not all(set(cell) <= set("-: ") for cell in row)]
    n = max(len(row) for row in rows)
    widths = [max(len(row[i]) if i < len(row) else 0 for row in rows) for i in range(n)]
    while sum(widths) + 2 * (n - 1) > width and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    text = []
    for number, row in enumerate(rows):
        cells = [textwrap.wrap(cell, size) or [""] for cell, size in zip(row, widths, strict=False)]
        for parts in zip_longest(*cells, fillvalue=""):
            text.append("  ".join(f"{part:<{size}}" for part, size in zip(parts, widths, strict=False)).rstrip())
        if number == 0:
            text.append("  ".join("-" * size for size in widths))
    return "\n".join(text)
