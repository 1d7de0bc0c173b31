"""Two figures set against each other: "38% compared with 17% for Gull", "Kite needed 6.4 minutes; people 5.1 minutes".

`ahead_by_figures` finds that the figures turn a comparison of the question round, `of_another` that a figure of the question is
another's, `not_the_best` that what the question calls best has the worst figure. Rules as in `rag.premise.rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rag.premise.abstract import Abstract
from rag.premise.compare import Comparison, comparisons, stands_against
from rag.premise.denials import told_of_others
from rag.premise.lexicon import LIGHT, OURS, content, plain, read_tokens
from rag.premise.questions import Assumed
from rag.supporting.figures import Figure, missing
from rag.supporting.text import stem

_BETWEEN = re.compile(
    r";|,\s|\b(?:compared (?:with|to)|against|versus|vs\.?|whereas|while|instead of|rather than|but)\b|"
    r"\band (?=(?:[\w.-]+ ){0,3}?[\d.]+\s?%|for\b|[\d.])",
    re.IGNORECASE,
)


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


_TIME = frozenset("ms s min h day week month year".split())
_HIGH = _stems(
    """accuracy success f1 precision recall solve resolve complete detect win correct correctly score bleu rouge auc auroc auprc
    map miou psnr throughput speed hit rate coverage answered match agreement consistency dice identified preferred top"""
)
_LOW = _stems(
    """error fid fvd perplexity loss latency intervention miss failure cost memory hallucinate hallucination fabricate fabricated
    wer cer collision toxicity time energy storage dead bugs violation contradictory lpips rmse mae overhead seconds minutes
    hours"""
)
_ASIDE = re.compile(
    r"^\s*(?i:on|in|for|at|with|over|under|after|across)\s+(?:the |an? )?[\w.+-]+(?: [A-Z\d][\w.+-]*)*,?\s+(?:the |an? )?"
)
_BEST = re.compile(
    r"\b(?:best|easiest|highest|strongest|most (?:accurate\w*|reliabl[ey]|often|successful\w*))\b", re.IGNORECASE
)
_BETTER, _DEGREES, _FAST = -1, (0, 1, 2), 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A piece of a sentence with one figure: its keys, strong names, whether it is the paper's own, and how it begins."""

    figure: Figure
    keys: frozenset[str]
    names: frozenset[str]
    ours: bool
    first: str
    given_for: bool


@lru_cache(maxsize=4096)
def sides(text: str) -> tuple[Side, ...]:
    """The pieces of a plain sentence that have one figure of a unit, where two or more have."""
    found: list[Side] = []
    for piece in _BETWEEN.split(text):
        tokens = read_tokens(piece.strip())
        figures = [t for t in tokens if t.figure and t.figure.firm]
        units = [t for t in figures if t.figure and (t.figure.unit or len(figures) == 1)]
        if len(units) != 1 or units[0].figure is None:
            continue
        words = [t for t in tokens if t.weight > 0 and not t.figure]
        bare = content(_ASIDE.sub("", piece.strip()))
        found.append(
            Side(
                figure=units[0].figure,
                keys=frozenset(t.key for t in words),
                names=frozenset(t.key for t in words if t.kind == "name"),
                ours=bool(OURS & {t.lower for t in tokens}),
                first=bare[0].key if bare and not bare[0].figure else "",
                given_for=bool(re.search(r"[\d%]\s*(?:\w+ )?(?:for|by|of|with|without)\b", piece)),
            )
        )
    return tuple(found) if len(found) > 1 else ()


def ahead_by_figures(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question puts one ahead of another, the two figures of the sentence the other way round."""
    if part.kind != "claim" or part.asked or part.denied:
        return 0.0
    claims = comparisons(plain(part.text))
    if not claims or told_of_others(text):
        return 0.0
    for claim in claims:
        agreed = any(
            stands_against(claim, given, abstract.names, abstract.title) < 0
            for s in abstract.sentences
            for given in comparisons(s)
        )
        if agreed or claim.denied or any(_turned(claim, s, abstract) < 0 for s in abstract.sentences):
            continue
        if (strength := _turned(claim, text, abstract)) > 0:
            return strength
    return 0.0


def _turned(claim: Comparison, text: str, abstract: Abstract) -> float:
    """Above 0 when the figures of a sentence contradict a comparison, below 0 when they bear it out."""
    for one, other in _two(sides(text)):
        up = _up(claim, one, other, text)
        if not up or one.figure.value == other.figure.value:
            continue
        straight = _fits(claim.ahead, claim.behind, one, other, abstract)
        crossed = _fits(claim.ahead, claim.behind, other, one, abstract)
        if straight == crossed:
            continue
        first, second = (one, other) if straight > crossed else (other, one)
        ahead = (first.figure.value > second.figure.value) == (up > 0)
        return -max(straight, crossed) if ahead else max(straight, crossed)
    return 0.0


def _fits(ahead: frozenset[str], behind: frozenset[str], one: Side, other: Side, abstract: Abstract) -> float:
    """How well two sides of the question are those of two figures; 0 when one of them is not."""
    a, b = ahead - behind, behind - ahead
    left, right = _share(a, one, other, abstract), _share(b, other, one, abstract)
    return left + right if left and right else 0.0


def _share(wanted: frozenset[str], side: Side, against: Side, abstract: Abstract) -> float:
    shared = wanted & (side.keys - against.keys) - LIGHT
    if shared & side.names:
        return 3.0 + len(shared)
    if shared and (side.first in shared or side.given_for or len(shared) >= 2):
        return 1.0 + len(shared)
    own = bool(wanted & abstract.names) and not side.names - abstract.names and bool(against.names or against.given_for)
    return 1.0 if own and (side.ours or side.names) else 0.0


def _up(claim: Comparison, one: Side, other: Side, text: str) -> int:
    """Whether the one with the higher figure is ahead (1), or the one with the lower (-1); 0 when that is not known."""
    if one.figure.unit != other.figure.unit:
        return 0
    said = frozenset(t.key for t in content(text))
    if claim.axis == _FAST:
        return -1 if one.figure.unit in _TIME else 0
    if claim.axis == _BETTER:
        if one.figure.unit in _TIME:
            return -1
        if one.figure.unit in ("", "x"):
            return 0
        high, low = bool(said & _HIGH), bool(said & _LOW)
        return 0 if high == low else 1 if high else -1
    if claim.axis in _DEGREES:
        about = ((claim.ahead | claim.behind) & said) - one.names - other.names - LIGHT
        return 1 if about and one.figure.unit != "x" else 0
    return 0


def _two(found: tuple[Side, ...]) -> Iterable[tuple[Side, Side]]:
    return ((one, other) for i, one in enumerate(found) for other in found[i + 1 : i + 2])


def of_another(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question gives one a figure that the sentence gives another, and the one another figure."""
    if part.kind != "claim" or part.denied or part.asked or not part.manner:
        return 0.0
    claim = content(plain(part.text))
    if not any(t.figure and t.figure.firm and t.figure.unit for t in claim) or len(found := sides(text)) < 2:
        return 0.0
    claimed = frozenset(t.key for t in claim)
    for token in claim:
        if not token.figure or not token.figure.firm or not token.figure.unit or comparisons(plain(part.text)):
            continue
        if sum(not missing(token.figure, [f]) for f in (t.figure for t in abstract.figures) if f) != 1:
            continue
        for one, other in _two(found):
            for its, theirs in ((one, other), (other, one)):
                if its.figure.unit != theirs.figure.unit or its.figure.value == theirs.figure.value:
                    continue
                if missing(token.figure, [theirs.figure]) or not missing(token.figure, [its.figure]):
                    continue
                own, others = its.keys - theirs.keys, theirs.keys - its.keys
                named = its.first in claimed or (its.ours and bool(question & abstract.names))
                if named and others and not others & question and len(claimed & (own | its.keys & theirs.keys)) >= 2:
                    return 2.0 + len(claimed & own)
    return 0.0


def not_the_best(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question calls best what has the worst of three or more figures."""
    if part.kind != "claim" or part.denied or part.asked or not part.manner or not _BEST.search(part.text):
        return 0.0
    found = [side for side in sides(text) if side.figure.unit == "%"]
    said = frozenset(t.key for t in content(text))
    if len(found) < 3 or bool(said & _HIGH) == bool(said & _LOW) or told_of_others(text):
        return 0.0
    claimed = frozenset(t.key for t in content(plain(part.text))) - abstract.names
    every = [side.keys for side in found]
    meant = [
        side
        for i, side in enumerate(found)
        if claimed & side.keys - frozenset().union(*every[:i], *every[i + 1 :]) - LIGHT
    ]
    values = sorted(side.figure.value for side in found)
    worst = values[0] if said & _HIGH else values[-1]
    return 2.0 if len(meant) == 1 and meant[0].figure.value == worst and values[0] != values[1] else 0.0
