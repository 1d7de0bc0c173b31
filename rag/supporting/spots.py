"""The figures of a sentence, each with the words that belong to it.

A sentence with several figures is cut into one segment a figure, at commas, "and", prepositions; what stands before the first
belongs to all up to a word of contrast ("while", "surpassing") or a new subject. Two lists of equal length ("46% and 53% for A
and B") belong together item by item. By position, not by grammar.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rag.supporting.figures import Figure
from rag.supporting.lexicon import DOWNS, UPS
from rag.supporting.text import Sentence, Token

_ENUMERATES = re.compile(r"\(\d\)")
_ASIDE = re.compile(r"\([^()\d]*\)|\((?:outperforming|surpassing)[^()]*\)")
_BY = re.compile(r"\b(?:by|to)\s(?:[a-z]+\s){0,3}\$?$")
_CHANGES = re.compile(r"\b(?:reduc|increas|improv|decreas|lower|cut|rais|sav|gain|drop|outperform|surpass)\w*")
_COMPOUND = re.compile(r"-[a-z]+,?\s+")
_OTHERS = re.compile(r"\b(?:other|others|existing|previous|prior|earlier|competing|baselines?)\b", re.IGNORECASE)
OTHERS_KEY = "(others)"
_LIST_GAP = re.compile(r"\s*,?\s*(?:,|\band\b|\bto\b|\bor\b|[-/–])?\s*\$?\s*$")
_ITEM_GAP = re.compile(r"\s*(?:,|,?\s*and|to)\s+$")
_CONTRAST = re.compile(
    r"\b(?:while|whereas|but|surpassing|outperforming|exceeding|beating|compared|versus|vs|than|against|unlike|instead)\b|;",
    re.IGNORECASE,
)
_PUNCTUATION = re.compile(r"[,:()]")
_AND = re.compile(r"\band\b", re.IGNORECASE)
_PREPOSITION = re.compile(r"\b(?:in|on|at|from|with|for|to|by|after|using|under|over)\b", re.IGNORECASE)
_UP_TO = re.compile(
    r"\b(?:up to|at most|as much as|no more than|a maximum of|less than|fewer than)\s+(?:a\s)?\$?$", re.I
)
_AT_LEAST = re.compile(
    r"\b(?:at least|more than|no less than|no fewer than|a minimum of|over|exceeding)\s+(?:a\s)?\$?$", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A figure in its sentence: the keys of its own segment, those that it shares with others, its bound (+1 "at least",
    -1 "up to", 0 none), its direction (+1 up, -1 down), and the clause between words of contrast that it stands in.
    """

    token: Token
    figure: Figure
    own: frozenset[str]
    shared: frozenset[str]
    bound: int
    direction: int
    clause: int
    sentence: Sentence
    listed: bool
    after: str  # the word right behind the figure
    pairs: frozenset[tuple[str, str]]  # neighbouring content words of the segment


@lru_cache(maxsize=4096)
def spots(sentence: Sentence) -> tuple[Spot, ...]:
    """The figures of a sentence with what belongs to each; years and small counts in words are left out."""
    text = sentence.text
    places: list[tuple[int, int]] = []
    at = 0
    for token in sentence.tokens:
        found = text.find(token.text, at)
        places.append((found, found + len(token.text)) if found >= 0 else (at, at))
        at = places[-1][1]
    figures = [
        i
        for i, t in enumerate(sentence.tokens)
        if t.figure and t.figure.firm and not _is_year(t.figure) and not _ENUMERATES.fullmatch(_around(text, places[i]))
    ]
    if not figures:
        return ()
    groups = _groups(text, figures, places)
    cuts, clauses = _cuts(text, groups, places)
    lists = _lists(text, sentence, places)
    out: list[Spot] = []
    names = {t.key for t in sentence.tokens if t.kind == "name"}
    shared = frozenset[str]()
    for n, group in enumerate(groups):
        start, end = cuts[n], cuts[n + 1]
        content = [(i, t) for i, t in enumerate(sentence.tokens) if t.weight > 0 and not t.figure]
        inside = [(i, t) for i, t in content if start <= places[i][0] < end]
        before = [t.key for i, t in inside if i < group[0]]
        if n == 0 or clauses[n] != clauses[n - 1]:
            following = clauses[n + 1 : n + 2] == [clauses[n]] and _leads(text, groups[n + 1], cuts[n + 1], places)
            shared = frozenset(before[:-2] if following else before)
        if n and "(" in text[places[groups[n - 1][-1]][1] : places[group[0]][0]]:
            shared |= out[-1].own  # "80% on A (and 85% with B)"
        inside_keys = {OTHERS_KEY} if _OTHERS.search(text[start:end]) else set()
        if n + 1 < len(groups) and _COMPOUND.fullmatch(text[places[group[-1]][1] : places[groups[n + 1][0]][0]]):
            inside = [(i, t) for i, t in content if start <= places[i][0] < cuts[n + 2]]  # "6-layer, 9-head model"
        pairs = frozenset(
            (a.key, b.key)
            for (i, a), (j, b) in pairwise(inside)
            if j == i + 1 and min(a.weight, b.weight) > 0.2 and "word" == a.kind == b.kind
        )
        if n and any(t.kind == "name" for i, t in inside if i < group[0]):  # a new subject
            shared = frozenset(key for key in shared if key not in names) | frozenset(before)
        direction = _direction([t for _, t in inside])
        for k, index in enumerate(group):
            figure = sentence.tokens[index].figure
            assert figure is not None
            own, listed = frozenset(t.key for _, t in inside) | inside_keys, False
            rest = shared
            for items in lists:
                if len(items) == len(group) > 1 and index not in items:
                    keys = [sentence.tokens[i].key for i in items]
                    others = {key for j, key in enumerate(keys) if j != k}
                    own, rest, listed = (own - others) | {keys[k]}, rest - others, True
            ahead = text[max(0, places[group[0]][0] - 24) : places[group[0]][0]]
            bound = 1 if _AT_LEAST.search(ahead) else -1 if _UP_TO.search(ahead) else 0
            out.append(
                Spot(
                    token=sentence.tokens[index],
                    figure=figure,
                    own=own,
                    shared=rest,
                    bound=bound,
                    direction=direction,
                    clause=clauses[n],
                    sentence=sentence,
                    listed=listed or len(group) > 1,
                    after=sentence.tokens[index + 1].lower if index + 1 < len(sentence.tokens) else "",
                    pairs=pairs,
                )
            )
    return tuple(out)


def _around(text: str, place: tuple[int, int]) -> str:
    return text[max(0, place[0] - 1) : place[1] + 1]


def _is_year(figure: Figure) -> bool:
    return not figure.unit and 1900 <= figure.value <= 2100 and figure.value == int(figure.value)


def _groups(text: str, figures: Sequence[int], places: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Figures with nothing but "and", "to" or a comma between them are one group."""
    groups: list[list[int]] = []
    for index in figures:
        if groups and _LIST_GAP.fullmatch(text[places[groups[-1][-1]][1] : places[index][0]]):
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _cuts(text: str, groups: Sequence[Sequence[int]], places: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Where the segment of each group begins (and the last ends), and the number of its clause."""
    cuts, clauses = [0], [0]
    for group, following in pairwise(groups):
        start, end = places[group[-1]][1], places[following[0]][0]
        gap = _ASIDE.sub(lambda match: "_" * len(match[0]), text[start:end])
        contrast = _CONTRAST.search(gap)
        clauses.append(clauses[-1] + (contrast is not None))
        found = contrast or _PUNCTUATION.search(gap)
        if gap.rstrip().endswith("(") and len(gap.rstrip()) > 1 and (last := list(_AND.finditer(gap))):
            found = last[-1]  # "… and models (22M"
        if found is None and (text[start - 4 : start].count("-") or (_BY.search(gap) and _CHANGES.search(gap))):
            cuts.append(start)  # "the 8-bit model reduces memory by 20%"
            continue
        if found is None:
            words = list(_AND.finditer(gap)) or list(_PREPOSITION.finditer(gap))
            found = words[-1] if words else None
        cuts.append(start + found.start() if found else end)
    return [*cuts, len(text)], clauses


def _leads(text: str, group: Sequence[int], start: int, places: Sequence[tuple[int, int]]) -> bool:
    """Whether a segment names what it measures before its figure ("and latency by 3 ms")."""
    words = re.findall(r"[A-Za-z]{3,}", text[start : places[group[0]][0]])
    return any(word.lower() not in {"and", "about", "only", "for", "from", "the", "with"} for word in words)


def _lists(text: str, sentence: Sentence, places: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Runs of names or figures with "and" or commas between them, as positions."""
    runs: list[list[int]] = []
    tokens = sentence.tokens
    for i, token in enumerate(tokens):
        if token.kind == "word":
            continue
        last = runs[-1][-1] if runs else None
        if (
            last is not None
            and _ITEM_GAP.fullmatch(text[places[last][1] : places[i][0]])
            and bool(tokens[last].figure) == bool(token.figure)
        ):
            runs[-1].append(i)
        else:
            runs.append([i])
    return [run for run in runs if len(run) > 1]


def _direction(tokens: Sequence[Token]) -> int:
    signs = {1 if t.lower in UPS else -1 for t in tokens if t.lower in UPS or t.lower in DOWNS}
    return signs.pop() if len(signs) == 1 else 0
