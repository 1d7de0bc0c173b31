"""Contradictions in what is measured: what rises and what falls, who is ahead, another figure, another name. Each rule looks at
one part of a question and one sentence, and says how much the two have in common, 0 when there is no contradiction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.abbreviations import is_class, is_common, spells_out
from rag.premise.abstract import Abstract
from rag.premise.compare import comparisons, stands_against
from rag.premise.denials import told_of_others
from rag.premise.lexicon import (
    CHEAP,
    COSTS,
    DEAR,
    DOWN,
    FAST,
    LIGHT,
    SLOW,
    UP,
    among,
    content,
    keys,
    plain,
    read_tokens,
    widened,
)
from rag.premise.questions import Assumed
from rag.supporting.figures import missing
from rag.supporting.text import Token, stem

_CONDITION = frozenset(
    "at with under within for on than below above over to from in after before per by between and of".split()
)
_TESTED = frozenset(
    stem(w) for w in "test tested evaluated evaluate experiments experiment benchmarked validated trained".split()
)
_SAME_THING = 4  # words that two sentences share when both speak of the same measurement
_NOT = frozenset({"not", "no", "never", "without", "cannot", "neither", "nor"})
# Nouns of change: what changes may stand before them ("perplexity increase").
_CHANGES = frozenset("increase decrease reduction drop rise growth saving savings cut falls rises".split())
# A short form in the plural ("LLMs") names a kind of thing, not one of them.
_PLURAL = re.compile(r"[A-Z][A-Za-z]*[A-Z]s")
_TIME = frozenset("ms s min h day week month year".split())
_COUNTED = frozenset(stem(word) for word in "parameters tokens languages datasets layers".split())
_POLES = ((UP, DOWN), (DOWN, UP), (FAST, SLOW), (SLOW, FAST))


def turned(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """What rises in the question falls in the sentence, or the other way round; what is cheap there is dear here."""
    if part.kind != "claim" or part.denied or part.asked:
        return 0.0
    claim = _poled(plain(part.text))
    theirs = _poled(text)
    if keys(plain(part.text)) <= keys(text):
        return 0.0
    figures = {t.key for t in claim if t.figure} & {t.key for t in theirs if t.figure}
    best = 0.0
    for ours, against in _POLES:
        for about in _topics(claim, ours):
            crossed = max((len(about & other) for other in _topics(theirs, against)), default=0)
            if crossed < (1 if figures else 2) or told_of_others(text):
                continue
            along = max(
                (len(about & other) for s in abstract.sentences for other in _topics(_poled(s), ours)), default=0
            )
            best = max(best, float(crossed)) if crossed > along else best
    return best or _dearer(claim, theirs)


def compared(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """What is ahead in the question is behind in the sentence, or is not ahead."""
    if part.kind != "claim" or part.asked:
        return 0.0
    best = 0.0
    for claim in comparisons(plain(part.text)):
        if any(
            stands_against(claim, given, abstract.names, abstract.title) < 0
            for s in abstract.sentences
            for given in comparisons(s)
        ):
            continue
        best = max(
            [best, *(stands_against(claim, given, abstract.names, abstract.title) for given in comparisons(text))]
        )
    return best


def another_figure(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question has a figure that the abstract has not, and the sentence another of the same measured thing."""
    if part.kind != "claim" or part.denied:
        return 0.0
    claim, theirs = content(plain(part.text)), content(text)
    given = [t.figure for t in abstract.figures if t.figure]
    own = bool(question & abstract.names)
    for i, token in enumerate(claim):
        if not token.figure or not token.figure.firm or not missing(token.figure, given):
            continue
        if _word_before(plain(part.text), token.text) in _CONDITION - {"of", "by"}:
            continue
        about = _around(claim, i) - abstract.names
        kind = _kind(plain(part.text), claim, i)
        if own and kind and not told_of_others(text):
            of_kind = {
                t.key for s in abstract.sentences for j, t in enumerate(content(s)) if _kind(s, content(s), j) == kind
            }
            mine = [j for j in range(len(theirs)) if _kind(text, theirs, j) == kind]
            if len(of_kind) == 1 and mine and (about - LIGHT | {kind}) & (keys(text) | {kind if kind in about else ""}):
                return 2.0
        for j, other in enumerate(theirs):
            alike = other.figure is not None and other.figure.unit == token.figure.unit
            if alike and (token.figure.unit or _next(claim, i) == _next(theirs, j) != ""):
                same = [key for key in about if among(key, _around(theirs, j))]
                before = i > 0 and j > 0 and claim[i - 1].key == theirs[j - 1].key
                if len(same) >= 2 or (before and len(question & keys(text)) >= _SAME_THING):
                    return 1.0 + len(same)
    return 0.0


def another_name(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question has a name that the abstract has not, and the sentence another in its place."""
    if part.kind != "claim" or part.denied or not part.manner or comparisons(plain(part.text)):
        return 0.0
    claim, theirs = content(plain(part.text)), content(text)
    for i, token in enumerate(claim):
        if token.kind != "name" or not token.strong or token.key in abstract.everything:
            continue
        if is_class(token.text) or (is_common(token.text) and spells_out(token.text, "\n".join(abstract.sentences))):
            continue
        if _PLURAL.fullmatch(token.text):
            continue
        if any(token.key in key or key in token.key for key in abstract.named if len(key) > 2):
            continue
        tested = _word_before(plain(part.text), token.text) == "on" and bool({t.key for t in claim[:i]} & _TESTED)
        about = _around(claim, i) - abstract.names
        for j, other in enumerate(theirs):
            if other.kind != "name" or not other.strong or other.key in question or other.key in abstract.names:
                continue
            if (
                tested
                and _word_before(text, other.text) == "on"
                and {t.key for t in theirs[max(0, j - 4) : j]} & _TESTED
            ):
                return 2.0
            if len(about & _around(theirs, j) - LIGHT) >= 2:
                return 1.0 + len(about & _around(theirs, j))
    return 0.0


def _poled(text: str) -> tuple[Token, ...]:
    """The words that say something, and those that deny; "doubles" is a word here, not a figure."""
    found = []
    for token in read_tokens(text):
        if token.figure and token.figure.key == "2x" and re.match(r"doubl", token.lower):
            token = replace(token, key="doubl", kind="word", figure=None)
        if token.weight > 0 or token.lower in _NOT:
            found.append(token)
    return tuple(found)


def _topics(words: Sequence[Token], poles: frozenset[str]) -> list[frozenset[str]]:
    """What the words of a pole are said of: the next words, up to another pole; before a noun, those before it too."""
    every = UP | DOWN | FAST | SLOW
    found = []
    for i, token in enumerate(words):
        if token.key not in poles or any(other.lower in _NOT for other in words[max(0, i - 3) : i]):
            continue
        about: set[str] = set()
        for other in words[i + 1 : i + 6]:
            if other.key in every:
                break
            about.add(other.key)
        if token.lower in _CHANGES or i + 1 == len(words) or words[i + 1].figure:
            about |= {other.key for other in words[max(0, i - 2) : i]}
        if poles in (FAST, SLOW):
            about |= {other.key for other in words[max(0, i - 5) : i]}
        found.append(frozenset(about))
    return found


def _dearer(claim: Sequence[Token], theirs: Sequence[Token]) -> float:
    """A claim that one way is cheaper than another, a sentence that it costs more than that."""
    at = next((i for i, token in enumerate(claim) if token.key in CHEAP), None)
    if at is None:
        return 0.0
    ahead = frozenset(t.key for t in claim[:at])
    behind = frozenset(t.key for t in claim[at + 1 :]) - ahead
    for j, token in enumerate(theirs):
        dear = token.key in DEAR or (token.key in UP and any(t.key in COSTS for t in theirs[j + 1 : j + 5]))
        after = frozenset(t.key for t in theirs[j + 1 :])
        before = frozenset(t.key for t in theirs[:j])
        if dear and len(after & behind) >= 2 and not before & behind:
            return 1.0 + len(after & behind)
    return 0.0


def _kind(text: str, words: Sequence[Token], i: int) -> str:
    """What a figure measures, where that leaves no doubt: money, time, or what stands behind it ("parameters")."""
    figure = words[i].figure
    if figure is None:
        return ""
    if re.search(rf"\$\s?{re.escape(words[i].text)}(?![\d.])", text):
        return "$"
    if figure.unit in _TIME:
        return "time"
    if figure.unit:
        return ""
    after = _next(words, i)
    return after if after in _COUNTED else ""


def _around(words: Sequence[Token], i: int) -> frozenset[str]:
    return widened(t.key for t in (*words[max(0, i - 4) : i], *words[i + 1 : i + 5]) if not t.figure)


def _next(words: Sequence[Token], i: int) -> str:
    return words[i + 1].key if i + 1 < len(words) else ""


def _word_before(text: str, word: str) -> str:
    at = text.find(word)
    before = re.findall(r"[\w-]+", text[:at].lower()) if at > 0 else []
    skipped = {"a", "an", "the", "about", "some", "single", "just", "only"}
    return next((w for w in reversed(before) if w not in skipped), "")
