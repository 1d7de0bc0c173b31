"""The words of answers that quote and of answers that there is none. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag import quoting
from rag.reading import PaperMatch, Word
from rag.schema import Citation, Claim, Coverage, Filters, Paper
from rag.sentences import sentence_spans

_NEAREST_SHOWN = 3

# What libraries and sites know of papers and a shelf of abstracts does not.
_UNRECORDED = re.compile(
    r"\b(?:how many|number of|most|fewest) (downloads|citations|likes|stars|views|readers|reviews)\b"
    r"|\bmost[- ](downloaded|cited|liked|starred|viewed|read) (?:\w+ )?(?:papers?|articles?|ones?)\b",
    re.IGNORECASE,
)
_NOUN = {
    "downloaded": "downloads", "cited": "citations", "liked": "likes", "starred": "stars", "viewed": "views", "read": "readers",
}  # fmt: skip
_RECORDED = (
    "of a paper its title, abstract and date are, its authors, organisation and links, and the numbers of comments and"
    " upvotes"
)
# Letters of other scripts; Greek ones are symbols.
_OTHER_LETTERS = re.compile(r"[^\W\d_\u0000-\u03ff]")
# Words of English questions that other languages do not share, and how many small words tell a language.
_ENGLISH = frozenset(
    "the what which who how does do did is are was were of to and or that this with for from on by papers paper it its".split()
)
_FEWEST_WORDS = 2
_ENGLISH_LENGTH = 4


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
    why: str = "",
    excluded: str = "",
) -> tuple[str, str]:
    """Why there is no answer, as a reason and in words: what was searched, what is missing, which papers come nearest.

    `why` is a sentence to say instead of that nothing answers (`reason_for`). `named` is the paper that the question names,
    `missing` the question's words that the nearest paper does not speak of. `excluded` is why no paper can pass the filters.
    """
    if not coverage.n_papers:
        return "no_evidence", "The library is empty: `askpapers ingest SOURCE` adds papers."
    if excluded:
        return "filtered_out", excluded
    if not coverage.n_searched:
        passing = f"passes the filters ({in_words(filters)})"
        return "filtered_out", f"None of the {coverage.n_papers} papers in the library {passing}."
    lacking = [f"“{word}”" for word in missing[:3]]
    if why:
        reason, text = "not_stated", why
    elif named is not None:
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


def reason_for(question: str, words: Sequence[Word]) -> str:
    """Why no abstract could answer a question, as a sentence; "" when one might: it asks for what is not recorded of papers, or
    it is not English.
    """
    if (asked := _UNRECORDED.search(question)) is not None:
        what = next(group for group in asked.groups() if group)
        return f"{_NOUN.get(what.casefold(), what).capitalize()} are not recorded: {_RECORDED}."
    return "Questions are understood in English." if is_foreign(question, words) else ""


def is_foreign(question: str, words: Sequence[Word]) -> bool:
    """Whether a question is plainly not English: none of its words frames an English question, and most of those written in
    small letters occur in no paper and are no English words either; or it is written in other letters.
    """
    latin = sum(len(word) for word in re.findall(r"[A-Za-z\u00c0-\u024f]+", question) if word.islower())
    if len(_OTHER_LETTERS.findall(question)) > latin:
        return True
    if any(word.text.casefold() in _ENGLISH for word in words):
        return False
    small = [word for word in words if word.text.islower() and word.text.isalpha()]
    unknown = [word for word in small if word.frequency == 0 and not _is_english(word)]
    return len(small) >= _FEWEST_WORDS and len(unknown) * 2 > len(small)


def _is_english(word: Word) -> bool:
    """Whether a word that no paper has is an English one; very short words are, or might be, of many languages."""
    return not word.stems or (word.commonness > 0 and len(word.text) >= _ENGLISH_LENGTH)


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
