"""The words of answers that quote and of answers that there is none. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from rag import quoting
from rag.reading import PaperMatch
from rag.schema import Citation, Claim, Coverage, Filters, Paper
from rag.sentences import sentence_spans

_NEAREST_SHOWN = 3


def compose(
    groups: Sequence[Sequence[quoting.Quote]], *, headed: bool
) -> tuple[str, tuple[Claim, ...], tuple[Citation, ...]]:
    """Markdown with [1] markers, one claim a quote, one citation a quote; a list headed by titles where papers
    differ.
    """
    claims: list[Claim] = []
    citations: list[Citation] = []
    paragraphs: list[str] = []
    for group in groups:
        sentences = []
        for quote in group:
            marker = len(citations) + 1
            paper = quote.match.paper
            citations.append(Citation.of(paper, (quote.start, quote.end), marker=marker))
            claims.append(Claim(text=quote.text, citations=(marker,), support="supported", reason="verbatim"))
            sentences.append(f"{quote.text} [{marker}]")
        heading = f"**{titled(group[0].match.paper)}**"
        paragraphs.append(f"- {heading}: {' '.join(sentences)}" if headed else f"{heading}\n\n{' '.join(sentences)}")
    return "\n\n".join(paragraphs), tuple(claims), tuple(citations)


def first_sentence(paper: Paper, marker: int) -> Citation:
    """A citation of a paper as such, where what is said of it is not in its abstract (its date, its place in a list)."""
    span = next(iter(sentence_spans(paper.abstract)), (0, len(paper.abstract)))
    return Citation.of(paper, span, marker=marker)


def refusal(
    coverage: Coverage,
    filters: Filters,
    matches: Sequence[PaperMatch],
    *,
    named: PaperMatch | None,
    missing: Sequence[str] = (),
) -> tuple[str, str]:
    """Why there is no answer, as a reason and in words: what was searched, what is missing, which papers come nearest.

    `named` is the paper that the question names, `missing` the question's words that the nearest paper does not speak of.
    """
    if not coverage.n_papers:
        return "no_evidence", "The library is empty: `askpapers ingest SOURCE` adds papers."
    if not coverage.n_searched:
        passing = f"passes the filters ({in_words(filters)})"
        return "filtered_out", f"None of the {coverage.n_papers} papers in the library {passing}."
    lacking = [f"“{word}”" for word in missing[:3]]
    if named is not None:
        reason = "not_stated"
        of_what = f" It does not speak of {listed(lacking)}." if lacking else ""
        text = f"The abstract of {named.paper.title} does not answer this.{of_what}"
    else:
        reason = "no_evidence"
        of_what = f" The nearest one does not speak of {listed(lacking)}." if lacking else ""
        text = f"{_none_answers(coverage.n_searched)}{of_what}"
    if matches:
        nearest = "\n".join(f"- {titled(match.paper)}" for match in matches[:_NEAREST_SHOWN])
        text += f"\n\nNearest papers:\n\n{nearest}"
    return reason, text


def _none_answers(n: int) -> str:
    return (
        "The one paper searched does not answer this." if n == 1 else f"None of the {n} papers searched answers this."
    )


def titled(paper: Paper) -> str:
    return f"{paper.title} ({paper.published.year})" if paper.published else paper.title


def listed(items: Sequence[str]) -> str:
    """ "a", "a or b", "a, b or c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"


def in_words(filters: Filters) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in filters.to_dict().items())
