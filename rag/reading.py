"""Reading papers with a question in mind: which of its words does a paper, or one of its sentences, speak of?

Late interaction after ColBERT (Khattab and Zaharia, 2020, arXiv:2004.12832), with the token vectors of the embedding
model: every word of the question looks for the word in the text that is nearest to it in meaning and context. How near,
from 0 to 1, averaged over the question's words with their rarity in the library as weights, is the match of question
and text.

A word's similarity is the least of its word pieces', so that a made-up name is not matched by its syllables; a text
that has the word itself (the same stem) matches it fully, and so does one that has what an abbreviation stands for, or the
abbreviation of a phrase (`rag.abbreviation_meanings`).
"""

from __future__ import annotations

import bisect
import math
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.abbreviation_meanings import meanings
from rag.abbreviations import is_common
from rag.keyword_fields import pairs
from rag.question.words import ALIKE, QUESTION_WORDS
from rag.schema import Paper
from rag.sentences import sentence_spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.keywords import KeywordIndex
    from rag.minilm import MiniLM

# A word of the question; the possessive "'s" is no part of it: "FoldNet's" is "FoldNet".
_WORD = re.compile(
    r"(?!(?<=\w['’])[sS](?![^\W_]))[^\W_]+(?:(?:[.+\-]|(?<=\d),(?=\d)|['’](?![sS](?![^\W_])))[^\W_]+)*[+%]?"
)
_TOKEN = re.compile(r"[^\W_]+(?:[.,+\-'’@/][^\W_]+)*[+%×]?")
# "The learning rate" is no rate at which something learns: the two words say it together.
_GERUND, _RATE = re.compile(r"[a-z]+ing", re.IGNORECASE), re.compile(r"rates?", re.IGNORECASE)
# Words written in parts, to be read as one, too; the marks between the parts; multiples; amounts of memory.
_COMPOUND = re.compile(r"[^\W_]+(?:(?:[-‐‑]|[$^_{}\\]+)[^\W_]+)+")
_MARKUP = re.compile(r"[-‐‑$^_{}\\]+")
_TIMES = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)(?:\s|\$|\\|-)*(?:times|fold|x|×)(?![^\W_])", re.IGNORECASE)
_BYTES = re.compile(r"(?<![^\W_])\d+(?:\.\d+)?\s?(?:[MGT]i?B|G)(?![^\W_])")
# A word of several pieces is looked for in as many pieces of the text on either side.
_PIECES_AROUND = 2
_CACHED_PAPERS = 512
# How many papers of common English stand beside the library when the rarity of a word is judged: in a small library a word
# is not rare because nobody has used it yet.
_PRIOR_PAPERS = 200
# In which share of abstracts an abbreviation stands that everybody uses, or what it stands for: one in so many, at least.
_COMMON = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word of the question: its text, its stems, the stems that say the same (`alike`), its weight (rarity in the
    library, 0 for words that only ask) and in how many papers it occurs.

    `others` has for each stem what an abbreviation stands for, or the abbreviation that stands for it; `pair` are two stems
    that a text must have side by side to have the word ("" for most). `is_common`: it is an abbreviation that everybody uses,
    which names nothing. `commonness`: in which share of English abstracts it occurs, roughly.
    """

    text: str
    stems: tuple[str, ...]
    alike: frozenset[str]
    weight: float
    frequency: int
    others: tuple[tuple[tuple[str, ...], ...], ...] = ()
    pair: str = ""
    is_common: bool = False
    commonness: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceMatch:
    """A sentence of a paper: its span in the abstract and how near each word of the question comes to it, shape
    (n_words,).
    """

    start: int
    end: int
    near: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMatch:
    """The words of an abstract: their texts, the sentence that each is of, shape (n_tokens,), and how near each word of the
    question comes to each of them, shape (n_words, n_tokens).
    """

    texts: tuple[str, ...]
    sentence: NDArray[np.int64]
    near: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperMatch:
    """A paper read for a question.

    `near` and `literal` have a value a word of the question: how near the closest word of title and abstract is, in [0,
    1], and whether the word itself occurs. `titled` says so for the title alone. `tokens` reads the abstract word by word,
    which takes longer, so it is done for the papers that are judged.
    """

    paper: Paper
    near: NDArray[np.float32]
    literal: NDArray[np.bool_]
    titled: NDArray[np.bool_]
    sentences: tuple[SentenceMatch, ...]
    score: float
    tokens: Callable[[], TokenMatch]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A paper as read: its vectors, which pieces belong to the title, and each sentence's span, pieces and stems. `firsts` is
    where in the abstract each piece begins (the title's are below 0).
    """

    states: NDArray[np.float32]
    n_title: int
    firsts: tuple[int, ...]
    title_stems: frozenset[str]
    sentences: tuple[tuple[int, int, int, int, frozenset[str]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as it is read: its words, the vectors of its word pieces, and the word that each piece belongs to."""

    words: tuple[Word, ...]
    states: NDArray[np.float32]
    owners: NDArray[np.int64]
    text_of: Callable[[Paper], _Text]
    stems_of: Callable[[str], list[str]]

    def match(self, paper: Paper) -> PaperMatch:
        """How a paper matches the question."""
        import numpy as np

        weights = np.array([word.weight for word in self.words], np.float32)
        text = self.text_of(paper)
        if len(text.states) and len(self.states):
            near_pieces = self.states @ text.states.T
        else:
            near_pieces = np.zeros((len(self.states), 1), np.float32)
        everything = text.title_stems.union(*(stems for *_, stems in text.sentences))
        words = tuple(_as_said(word, everything) for word in self.words)
        near = self._nearest(words, near_pieces, everything)
        return PaperMatch(
            paper=paper,
            near=near,
            literal=np.array([_has(word, everything) for word in words], np.bool_),
            titled=np.array([_has(word, text.title_stems) for word in words], np.bool_),
            sentences=tuple(
                SentenceMatch(start=start, end=end, near=self._nearest(words, near_pieces[:, lo:hi], stems))
                for start, end, lo, hi, stems in text.sentences
            ),
            score=float((near * weights).sum()) / max(float(weights.sum()), 1e-9),
            tokens=lambda: self._tokens(words, paper, text, near_pieces),
        )

    def _tokens(self, words: Sequence[Word], paper: Paper, text: _Text, near_pieces: NDArray[np.float32]) -> TokenMatch:
        """The abstract word by word."""
        import numpy as np

        found = list(_TOKEN.finditer(paper.abstract))
        starts = [start for start, *_ in text.sentences]
        sentence = np.array([bisect.bisect_right(starts, match.start()) - 1 for match in found], np.int64)
        near = np.zeros((len(self.words), len(found)), np.float32)
        spans = [_between(text.firsts, *match.span()) for match in found]
        with_pieces = [i for i, (lo, hi) in enumerate(spans) if hi > lo]
        if with_pieces and len(text.firsts) == near_pieces.shape[1]:
            of_words = self._piece_by_piece(near_pieces)
            for i in with_pieces:
                lo, hi = spans[i]
                near[:, i] = of_words[:, lo:hi].max(axis=1)
        places: dict[str, list[int]] = {}
        stems = [all_stems(match[0], self.stems_of) for match in found]
        for i, own in enumerate(stems):
            for stem in own:
                places.setdefault(stem, []).append(i)
        running = [(stem, i) for i, match in enumerate(found) for stem in self.stems_of(match[0])]
        for row, word in enumerate(words):
            for stem in {*word.stems, *word.alike}:
                for i in places.get(stem, ()):
                    if _has(word, stems[i]):
                        near[row, i] = 1.0
            phrases = {phrase for others in word.others for phrase in others}
            for phrase in [tuple(word.pair.split("_")), *phrases] if word.pair else phrases:
                near[row, _places_of(phrase, running)] = 1.0
        return TokenMatch(texts=tuple(match[0] for match in found), sentence=sentence, near=near)

    def _piece_by_piece(self, near_pieces: NDArray[np.float32]) -> NDArray[np.float32]:
        """How near each word comes to each piece of a text; all pieces of a long word have to be about there."""
        import numpy as np

        of_words = np.zeros((len(self.words), near_pieces.shape[1]), np.float32)
        for word in range(len(self.words)):
            rows = near_pieces[self.owners == word]
            if len(rows) > 1:
                padded = np.pad(rows, ((0, 0), (_PIECES_AROUND, _PIECES_AROUND)))
                windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _PIECES_AROUND + 1, axis=1)
                rows = windows.max(axis=2)
            if len(rows):
                of_words[word] = np.clip(rows.min(axis=0), 0.0, 1.0)
        return of_words

    def _nearest(
        self, words: Sequence[Word], columns: NDArray[np.float32], stems: frozenset[str]
    ) -> NDArray[np.float32]:
        """How near each word comes to a text: the least of its pieces' best cosines, 1 where the text has the word."""
        import numpy as np

        best = columns.max(axis=1) if columns.shape[1] else np.zeros(len(self.owners), np.float32)
        near = np.ones(len(self.words), np.float32)
        np.minimum.at(near, self.owners, np.clip(best, 0.0, 1.0))
        return np.where([_has(word, stems) for word in words], np.float32(1.0), near)


class Reader:
    """Reads papers for questions; remembers the papers it has read."""

    def __init__(self, model: MiniLM) -> None:
        self._model = model
        self._read: OrderedDict[str, _Text] = OrderedDict()

    def ask(self, question: str, keywords: KeywordIndex) -> Asked:
        """The question as it is read; papers are then matched with it one by one."""
        words, states, owners = self._question(question, keywords)
        return Asked(
            words=words,
            states=states,
            owners=owners,
            text_of=lambda paper: self._text(paper, keywords),
            stems_of=keywords.stems,
        )

    def _question(
        self, question: str, keywords: KeywordIndex
    ) -> tuple[tuple[Word, ...], NDArray[np.float32], NDArray[np.int64]]:
        """The question's words, the vectors of its word pieces, and the word that each piece belongs to."""
        import numpy as np

        reading = self._model.read(question)
        n = keywords.n_papers + _PRIOR_PAPERS
        words, spans = [], []
        alike_here = meanings(question, keywords)
        matches = list(_WORD.finditer(question))
        for place, match in enumerate(matches):
            following = matches[place + 1][0] if place + 1 < len(matches) else ""
            stems = tuple(keywords.stems(_number(match[0])))
            here = [one for one in alike_here if one.start < match.end() and one.end > match.start()]
            others = tuple(tuple(other for one in here if stem in one.stems for other in one.others) for stem in stems)
            # An abbreviation is as frequent as what it stands for; a word of a phrase only as itself.
            shorts = tuple(
                tuple(other for one in here if one.is_short and stem in one.stems for other in one.others)
                for stem in stems
            )
            frequency = min(
                (max(map(keywords.n_side_by_side, [(stem,), *also])) for stem, also in zip(stems, shorts, strict=True)),
                default=0,
            )
            is_rate = bool(stems and _RATE.fullmatch(following) and _GERUND.fullmatch(match[0]))
            commonness = max(self._model.commonness(match[0]), _COMMON if is_common(match[0]) else 0.0)
            expected = frequency + _PRIOR_PAPERS * commonness
            asks_only = not stems or _folded(match[0]) in QUESTION_WORDS
            weight = 0.0 if asks_only else math.log(1 + (n - expected + 0.5) / (expected + 0.5))
            alike = frozenset(
                stem for group in ALIKE if match[0].casefold() in group for stem in _stems_of(group, keywords)
            )
            words.append(
                Word(
                    text=match[0],
                    stems=stems,
                    alike=alike,
                    weight=weight,
                    frequency=frequency,
                    others=others if any(others) else (),
                    pair=pairs([*stems[-1:], *keywords.stems(following)])[0] if is_rate else "",
                    commonness=commonness,
                    is_common=is_common(match[0]),
                )
            )
            spans.append(match.span())
        rows, owners = [], []
        at = 0
        for i, (start, _) in enumerate(reading.offsets):
            while at < len(spans) and spans[at][1] <= start:
                at += 1
            if at < len(spans) and spans[at][0] <= start:
                rows.append(i)
                owners.append(at)
        return tuple(words), reading.states[rows], np.asarray(owners, np.int64)

    def _text(self, paper: Paper, keywords: KeywordIndex) -> _Text:
        key = paper.content_hash
        if (known := self._read.get(key)) is not None:
            self._read.move_to_end(key)
            return known
        heading = f"{paper.title}. "
        reading = self._model.read(heading + paper.abstract)
        firsts = [start for start, _ in reading.offsets]
        sentences = []
        for start, end in sentence_spans(paper.abstract):
            lo, hi = _between(firsts, start + len(heading), end + len(heading))
            sentences.append((start, end, lo, hi, all_stems(paper.abstract[start:end], keywords.stems)))
        text = _Text(
            states=reading.states,
            n_title=_between(firsts, 0, len(heading))[1],
            firsts=tuple(first - len(heading) for first in firsts),
            title_stems=all_stems(paper.title, keywords.stems),
            sentences=tuple(sentences),
        )
        self._read[key] = text
        while len(self._read) > _CACHED_PAPERS:
            self._read.popitem(last=False)
        return text


def all_stems(text: str, stems_of: Callable[[str], list[str]]) -> frozenset[str]:
    """The stems of a text in every way that its words can be written: "pre-training" is "pretraining", too, "S$^{2}$Net" is
    "S2Net", "8$\\times$" and "8 times" are "8x", and "24GB" speaks of memory. Neighbouring stems are among them as pairs.
    """
    running = stems_of(text)
    stems = {*running, *pairs(running)}
    joined = {_MARKUP.sub("", match[0]) for match in _COMPOUND.finditer(text)}
    joined |= {f"{match[1]}x {match[1]}" for match in _TIMES.finditer(text)}
    if _BYTES.search(text):
        joined.add("memory")
    if joined:
        stems.update(stems_of(" ".join(joined)))
    return frozenset(stems)


def speaks_of(text: str, word: str) -> bool:
    """Whether a text has a word to the letter, however it is hyphenated or set: "ModelBERT-2" in "ModelBERT2", "S2Net" in
    "S$^{2}$Net", not "BERT" in "ModelBERT".

    >>> speaks_of("We present S$^{2}$Net.", "S2Net"), speaks_of("ModelBERT has 2 heads", "ModelBERT-2")
    (True, False)
    """
    parts = re.findall(r"[^\W\d_]+|\d+", word)
    pattern = r"[\W_]{0,4}".join(re.escape(part) for part in parts)
    return bool(parts) and re.search(rf"(?<![^\W_]){pattern}(?![^\W_])", text, re.IGNORECASE) is not None


def _number(word: str) -> str:
    """A decimal comma as a point: "2,5" is "2.5"; "4,096" is a thousand of them."""
    return re.sub(r"^(\d+),(\d{1,2})$", r"\1.\2", word)


def _folded(word: str) -> str:
    return word.casefold().replace("'", "").replace("’", "")


def _has(word: Word, stems: frozenset[str]) -> bool:
    if word.pair:
        return word.pair in stems
    if not word.others:
        return (bool(word.stems) and word.stems[0] in stems and all(stem in stems for stem in word.stems)) or (
            not word.alike.isdisjoint(stems)
        )
    return not word.alike.isdisjoint(stems) or all(
        stem in stems or any(_has_phrase(other, stems) for other in others)
        for stem, others in zip(word.stems, word.others, strict=True)
    )


def _as_said(word: Word, stems: frozenset[str]) -> Word:
    """A word as it is looked for in a paper: one that has it says nothing more where it says it otherwise."""
    return replace(word, others=()) if word.others and all(stem in stems for stem in word.stems) else word


def _has_phrase(phrase: tuple[str, ...], stems: frozenset[str]) -> bool:
    return all(pair in stems for pair in pairs(phrase)) if len(phrase) > 1 else phrase[0] in stems


def _places_of(phrase: tuple[str, ...], running: Sequence[tuple[str, int]]) -> list[int]:
    """The words that a phrase is made of, wherever it stands in a text given as stems with the place of their word."""
    n = len(phrase)
    return [
        i
        for at in range(len(running) - n + 1)
        if running[at][0] == phrase[0] and tuple(stem for stem, _ in running[at : at + n]) == phrase
        for _, i in running[at : at + n]
    ]


def _stems_of(group: frozenset[str], keywords: KeywordIndex) -> list[str]:
    return keywords.stems(" ".join(group))


def _between(firsts: Sequence[int], start: int, end: int) -> tuple[int, int]:
    return bisect.bisect_left(firsts, start), bisect.bisect_left(firsts, end)
