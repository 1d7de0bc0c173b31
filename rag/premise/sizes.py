"""Figures of another size: minutes for seconds, million for billion, 40x for a speedup of 140 times. Rules as in
`rag.premise.rules`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.premise.abstract import Abstract
from rag.premise.denials import told_of_others
from rag.premise.lexicon import FAST, content, keys, plain
from rag.premise.questions import Assumed
from rag.supporting.figures import Figure, missing
from rag.supporting.text import Token, stem

_DIMENSIONS = (frozenset("ms s min h day week month year".split()), frozenset("kb mb gb tb".split()))
_SCALES = (1e3, 1e6, 1e9)
_FACTOR = re.compile(r"\b(?:by )?(?:a )?factor of (\d[\d.,]*\d|\d)", re.IGNORECASE)
_SPEED = FAST | frozenset(stem(w) for w in "quick quicker slow slower slowdown".split())
_THINGS = frozenset(
    stem(w)
    for w in """memory storage size cost parameters latency throughput energy data tokens computation flops bandwidth
    traffic""".split()
)


def another_unit(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question has the sentence's figure in a unit of another size ("58 minutes" for "58 seconds")."""
    if part.kind != "claim" or part.denied:
        return 0.0
    given = [t.figure for t in abstract.figures if t.figure]
    claim, theirs = content(plain(part.text)), content(text)
    for i, token in enumerate(claim):
        if not token.figure or not token.figure.firm or not missing(token.figure, given):
            continue
        for j, other in enumerate(theirs):
            if not other.figure or not _other_size(token.figure, other.figure) or told_of_others(text):
                continue
            about = {t.key for t in (*claim[max(0, i - 4) : i], *claim[i + 1 : i + 5]) if not t.figure} & keys(text)
            after = i + 1 < len(claim) and j + 1 < len(theirs) and claim[i + 1].key == theirs[j + 1].key
            if (about - abstract.names and question & abstract.names) or after or len(about) >= 2:
                return 3.0 + len(about)
    return 0.0


def another_multiple(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question has "40x" of what the abstract has by another factor, and by no third."""
    if part.kind != "claim" or part.denied or told_of_others(text) or not question & abstract.names:
        return 0.0
    claimed = plain(part.text)
    if not re.search(r"\d\s?[x×]|times|fold|factor", claimed):
        return 0.0
    claim = content(_FACTOR.sub(r"\1 times", claimed))
    for i, token in enumerate(claim):
        if not _is_multiple(token):
            continue
        about = _measured(claim, i)
        every = [
            (s, t) for s in abstract.sentences for t, what in _multiples(s) if what & about and t.figure is not None
        ]
        figures = {t.key for _, t in every}
        if not about or len(figures) != 1 or token.key in figures or not any(s == text for s, _ in every):
            continue
        if token.figure and missing(token.figure, [t.figure for _, t in every if t.figure]):
            return 2.0 + len(about)
    return 0.0


def _multiples(text: str) -> list[tuple[Token, frozenset[str]]]:
    words = content(_FACTOR.sub(r"\1 times", text))
    return [(token, _measured(words, i)) for i, token in enumerate(words) if _is_multiple(token)]


def _is_multiple(token: Token) -> bool:
    return token.figure is not None and token.figure.unit == "x" and bool(re.match(r"\d", token.text))


def _measured(words: Sequence[Token], i: int) -> frozenset[str]:
    """What a factor is of: speed, or a thing that has a size ("memory")."""
    near = [t.key for t in (*words[i + 1 : i + 4], *reversed(words[max(0, i - 4) : i]))]
    for key in near:
        if key in _SPEED:
            return frozenset({"speed"})
        if key in _THINGS:
            return frozenset({key})
    return frozenset()


def _other_size(one: Figure, other: Figure) -> bool:
    if one.unit != other.unit:
        return one.value == other.value and any(one.unit in units and other.unit in units for units in _DIMENSIONS)
    high, low = max(one.value, other.value), min(one.value, other.value)
    return one.unit == "" and low >= 1e3 and any(high == low * scale for scale in _SCALES)
