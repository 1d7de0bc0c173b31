"""An answer as it is being written: sentences of a reply become claims with citations, checked one by one.

Each sentence is checked against the abstracts it cites (`rag.support`), and each citation points at the sentence of the abstract
that says most of it. Markers are numbered anew, in the order of the answer: one number a quote, as in answers that only quote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rag.citations import Part, numbers_of, parse, render, unknown_of, words_of
from rag.events import SentenceEvent
from rag.reply import Piece
from rag.schema import Citation, Claim, Paper
from rag.sentences import sentence_spans
from rag.support import Similarity, Verdict, check, contradiction
from rag.supporting.cited import FAULTY, cited_verdict
from rag.supporting.lexicon import NEGATIONS, SOFT_NEGATIONS
from rag.supporting.match import coverage
from rag.supporting.orders import is_order
from rag.supporting.text import clean, sentence

if TYPE_CHECKING:
    from rag.supporting.text import Sentence

# What stands behind a sentence that the cited abstracts do not bear out, and behind one that cites nothing.
NOT_FOUND, NOT_CITED = "*(not found in the cited text)*", "*(no paper cited)*"
_MOST_QUOTES = 2
_WORTH_QUOTING = 0.15  # share of the claim's words that a second sentence must add
_REPEATED = 0.8  # share of a doubtful premise's words with which a sentence repeats it
_PREMISE_WORDS = 2  # content words from which a sentence can be known to repeat a premise
_OTHERWISE = re.compile(
    r"\b(?:contrary|otherwise|incorrect|false|wrong|mistaken|actually|in fact|question|premise|opposite|rather|instead)\b",
    re.IGNORECASE,
)
_SAYS_NOTHING = ("states nothing", "states nothing that a text could bear out", "which no text can bear out")


@dataclass(slots=True, kw_only=True)
class Page:
    """What has been written so far. `papers` are those of the prompt, by their number in it."""

    papers: Mapping[int, Paper]
    similarity: Similarity | None = None
    header: tuple[str, ...] = ()
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
        self.unknown |= dict.fromkeys(unknown_of(parts))
        self._row_begins(piece)
        return self._cited(piece, parts, None)

    def sentence(self, piece: Piece, *, broken: bool = False) -> SentenceEvent | None:
        """A sentence with its verdict; None where there is nothing in it but markers. `broken`: it has no end."""
        parts = parse(piece.text, self.papers)
        words = words_of(parts)
        self.unknown |= dict.fromkeys(unknown_of(parts))
        if piece.text.startswith("|"):
            is_head = self._row_begins(piece)
            return self._cited(
                piece, parts, None if is_head and not numbers_of(parts) else self._row(piece.text, parts)
            )
        self.header = ()
        if not any(char.isalnum() for char in words):
            return None
        verdict = self.verdict(parts)
        if verdict is not None and piece.text.startswith("#") and not numbers_of(parts) and not unknown_of(parts):
            verdict = None if self._borne_out(words) else verdict
        return self._cited(piece, parts, verdict, broken=broken)

    def _borne_out(self, words: str) -> bool:
        """Whether a heading that cites nothing is what one of the papers says."""
        return any(
            check(words, [paper.abstract], similarity=self.similarity, context=paper.title).support != "not_found"
            for paper in self.papers.values()
        )

    def _row_begins(self, piece: Piece) -> bool:
        """Keeps the cells of a table's first row; whether this is one."""
        if not piece.text.startswith("|"):
            self.header = ()
            return False
        if self.header:
            return False
        self.header = cells(piece.text)
        return True

    def _row(self, text: str, parts: Sequence[Part]) -> Verdict | None:
        """The verdict on a line of a table: each cell that cites is checked with its row's and column's names."""
        found: Verdict | None = None
        row = cells(text)
        for column, cell in enumerate(row):
            of_cell = parse(cell, self.papers)
            if not numbers_of(of_cell):
                continue
            head = self.header[column] if column < len(self.header) else ""
            labels = " ".join(_plain(label) for label in dict.fromkeys((row[0] if column else "", head)))
            cited = numbers_of(of_cell)
            marks = tuple(part for part in of_cell if not isinstance(part, str))
            verdict = cited_verdict((f"{labels}: {words_of(of_cell)}", *marks), self.papers, self.similarity)
            if verdict.support == "not_found":
                # A cell is too short to be weighed by its words: it falls by a contradiction alone, in either order.
                abstracts = "\n".join(self.papers[number].abstract for number in cited)
                titles = "\n".join(self.papers[number].title for number in cited)
                cell_words = words_of(of_cell)
                reason = contradiction(f"{labels} {cell_words}", abstracts, titles) and contradiction(
                    f"{cell_words} {labels}", abstracts, titles
                )
                if reason:
                    return Verdict(support="not_found", reason=reason)
                verdict = cited_verdict((words_of(of_cell), *marks), self.papers, self.similarity)
                if verdict.support == "not_found":
                    return verdict
            found = found or verdict
        return found or self.verdict(parts)

    def verdict(self, parts: Sequence[Part]) -> Verdict | None:
        """Whether the cited abstracts say the sentence; None when it states nothing."""
        words, numbers = words_of(parts), numbers_of(parts)
        if numbers:
            return cited_verdict(parts, self.papers, self.similarity)
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
            reason = FAULTY.sub(lambda match: "".join(f"[{m}]" for m in markers.get(int(match[1]), ())), verdict.reason)
            claim = Claim(text=shown, citations=cited, support=verdict.support, reason=reason)
            self.claims.append(claim)
        mark = ""
        if claim is not None and claim.support == "not_found":
            mark = f" {NOT_FOUND if claim.citations else NOT_CITED}"
            if shown.startswith("|"):  # inside the last cell, or the line would be no line of the table
                shown, mark = shown.rstrip().removesuffix("|").rstrip() + mark, " |"
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
    every = sentence_spans(abstract)
    spans = [(start, end) for start, end in every if not is_order(abstract[start:end])] or every
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


def _plain(label: str) -> str:
    """A label without the capital of its first word: "Speed" is no name."""
    return " ".join(word.lower() if word[:1].isupper() and word[1:].islower() else word for word in label.split())


def cells(row: str) -> tuple[str, ...]:
    """The cells of a line of a table."""
    return tuple(cell.strip() for cell in row.strip().removeprefix("|").removesuffix("|").split("|"))


def with_premise(text: str, claims: Sequence[Claim], *, doubtful: str, line: str) -> tuple[str, tuple[Claim, ...]]:
    """An answer whose question takes something for granted that a paper contradicts: `line`, which says so, stands first
    unless the answer begins by saying it, and a sentence that repeats the doubtful words is marked.
    """
    judged = []
    for claim in claims:
        if claim.support != "not_found" and repeats(claim.text, doubtful):
            text = text.replace(claim.text, f"{claim.text} {NOT_FOUND}", 1)
            claim = replace(claim, support="not_found", reason="it repeats what the question wrongly takes for granted")
        judged.append(claim)
    first = sentence(clean(claims[0].text if claims else text[:200]))
    says_so = any(t.lower in NEGATIONS or t.lower in SOFT_NEGATIONS for t in first.tokens) or _OTHERWISE.search(
        first.text
    )
    return (text if says_so else f"{line}\n\n{text}"), tuple(judged)


def repeats(words: str, doubtful: str) -> bool:
    """Whether a sentence affirms what a question takes for granted and a paper contradicts."""
    said, asked = sentence(clean(words)), sentence(clean(doubtful))
    content = [token for token in asked.tokens if token.weight > 0.2]
    if len(content) < _PREMISE_WORDS or any(t.lower in NEGATIONS or t.lower in SOFT_NEGATIONS for t in said.tokens):
        return False
    return coverage(asked, said.keys) >= _REPEATED and not _OTHERWISE.search(words)


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
