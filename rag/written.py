"""An answer as it is being written: sentences of a reply become claims with citations, checked one by one.

Each sentence is checked against the abstracts it cites (`rag.support`), and each citation points at the sentence of the abstract
that says most of it. Markers are numbered anew, in the order of the answer: one number a quote, as in answers that only quote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.citations import Part, numbers_of, parse, render, unknown_of, words_of
from rag.events import SentenceEvent
from rag.reply import Piece
from rag.schema import Citation, Claim, Paper
from rag.sentences import sentence_spans
from rag.support import Similarity, Verdict, check
from rag.support_match import coverage
from rag.support_text import clean, sentence

if TYPE_CHECKING:
    from rag.support_text import Sentence

# What stands behind a sentence that the cited abstracts do not bear out, and behind one that cites nothing.
NOT_FOUND, NOT_CITED = "*(not found in the cited text)*", "*(no paper cited)*"
_MOST_QUOTES = 2
_WORTH_QUOTING = 0.15  # share of the claim's words that a second sentence must add
_DATED = re.compile(
    r"\b(?:published|appeared|came out|(?:19|20)\d\d|january|february|march|april|may|june|july|august|september|october|"
    r"november|december)\b",
    re.IGNORECASE,
)
_SAYS_NOTHING = ("states nothing", "states nothing that a text could bear out")


@dataclass(slots=True, kw_only=True)
class Page:
    """What has been written so far. `papers` are those of the prompt, by their number in it."""

    papers: Mapping[int, Paper]
    similarity: Similarity | None = None
    text: str = ""
    claims: list[Claim] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)
    n_removed: int = 0

    def layout(self, piece: Piece) -> SentenceEvent:
        """A heading, code, a line of a table: shown, not checked."""
        if piece.text.startswith(("```", "~~~")):
            return self._written(piece.lead + piece.text)
        parts = parse(piece.text, self.papers)
        return self._cited(piece, parts, None)

    def sentence(self, piece: Piece, *, broken: bool = False) -> SentenceEvent | None:
        """A sentence with its verdict; None where there is nothing in it but markers. `broken`: it has no end."""
        parts = parse(piece.text, self.papers)
        words = words_of(parts)
        self.unknown |= dict.fromkeys(unknown_of(parts))
        if not any(char.isalnum() for char in words):
            return None
        return self._cited(piece, parts, self.verdict(parts), broken=broken)

    def verdict(self, parts: Sequence[Part]) -> Verdict | None:
        """Whether the cited abstracts say the sentence; None when it states nothing."""
        words, numbers = words_of(parts), numbers_of(parts)
        if numbers:
            cited = [self.papers[number] for number in numbers]
            dated = _DATED.search(words) is not None
            context = "\n".join(_context(paper, dated=dated) for paper in cited)
            return check(words, [paper.abstract for paper in cited], similarity=self.similarity, context=context)
        if unknown := unknown_of(parts):
            return Verdict(support="not_found", reason=f"{unknown[0]} names none of the papers")
        # Only whether it states anything is asked here.
        found = check(words, [next(iter(self.papers.values())).abstract])
        if found.support == "unchecked":
            return None if found.reason.endswith(_SAYS_NOTHING) else found
        if words.rstrip("*_ ").endswith(":") and not any(char.isdigit() for char in words):
            return None
        return Verdict(support="not_found", reason="no paper is cited for it")

    def note(self, text: str) -> SentenceEvent:
        """A line of ours at the end."""
        return self._written(f"\n\n{text}" if self.text else text)

    def _cited(
        self, piece: Piece, parts: Sequence[Part], verdict: Verdict | None, *, broken: bool = False
    ) -> SentenceEvent:
        first_new = len(self.citations)
        words = words_of(parts)
        markers = {number: self._markers(words, self.papers[number]) for number in numbers_of(parts)}
        shown = render(parts, lambda number: "][".join(map(str, markers[number]))) + (" …" if broken else "")
        claim = None
        if verdict is not None:
            if broken:
                verdict = Verdict(support="unchecked", reason="the reply broke off in this sentence")
            cited = tuple(dict.fromkeys(marker for group in markers.values() for marker in group))
            claim = Claim(text=shown, citations=cited, support=verdict.support, reason=verdict.reason)
            self.claims.append(claim)
        mark = ""
        if claim is not None and claim.support == "not_found" and not shown.startswith("|"):
            mark = f" {NOT_FOUND if claim.citations else NOT_CITED}"
        return self._written(piece.lead + shown + mark, claim, tuple(self.citations[first_new:]))

    def _written(self, text: str, claim: Claim | None = None, citations: tuple[Citation, ...] = ()) -> SentenceEvent:
        text = text if self.text else text.lstrip("\n ")
        self.text += text
        return SentenceEvent(text=text, claim=claim, citations=citations)

    def _markers(self, words: str, paper: Paper) -> list[int]:
        """The markers of the quotes from one paper that say most of a sentence."""
        markers = []
        for start, end in quotes(words, paper.abstract):
            for citation in self.citations:
                if (citation.paper_id, citation.start, citation.end) == (paper.paper_id, start, end):
                    markers.append(citation.marker)
                    break
            else:
                markers.append(len(self.citations) + 1)
                self.citations.append(Citation.of(paper, (start, end), marker=markers[-1]))
        return markers


def quotes(claim: str, abstract: str) -> list[tuple[int, int]]:
    """Spans of the sentences of an abstract that say most of a claim: the best, and a second where it adds enough;
    neighbours become one span.
    """
    spans = sentence_spans(abstract)
    if not spans:
        return [(0, 0)]
    said = sentence(clean(claim))
    keys = [sentence(clean(abstract[start:end])).keys for start, end in spans]
    chosen = [_best(said, keys, frozenset())]
    while len(chosen) < min(_MOST_QUOTES, len(spans)):
        have = frozenset[str]().union(*(keys[i] for i in chosen))
        further = _best(said, keys, have)
        if further in chosen or coverage(said, have | keys[further]) - coverage(said, have) < _WORTH_QUOTING:
            break
        chosen.append(further)
    merged: list[tuple[int, int]] = []
    for i in sorted(chosen):
        if merged and i and merged[-1][1] == spans[i - 1][1]:
            merged[-1] = (merged[-1][0], spans[i][1])
        else:
            merged.append(spans[i])
    return merged


def _best(said: Sentence, keys: Sequence[frozenset[str]], have: frozenset[str]) -> int:
    return max(range(len(keys)), key=lambda i: (coverage(said, have | keys[i]), -i))


def _context(paper: Paper, *, dated: bool) -> str:
    return f"{paper.title}. {paper.published:%B %Y}." if dated and paper.published else paper.title


def cosines(embed: Callable[[Sequence[str]], np.ndarray]) -> Similarity:
    """Likeness of meaning by an embedder; each text is embedded once."""
    import numpy as np

    known: dict[str, np.ndarray] = {}

    def vectors(texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, embed(new), strict=True))
        return np.stack([known[text] for text in texts])

    return lambda first, second: vectors(first) @ vectors(second).T


if TYPE_CHECKING:
    import numpy as np
