"""Figures in another's place: what stands beside a figure in the claim stands beside another figure in the text.

A word of the claim that belongs to its figure (`rag.supporting.spots`), that the text has with a rival figure and nowhere near
the claimed one, shows that the two were crossed. Units, bounds ("at least", "up to"), directions and the word right behind the
figure are compared as well.

It knows nothing of what a figure measures: a measure that the text never names is left to `rag.support`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.supporting.figures import same
from rag.supporting.lexicon import DOWNS, UPS
from rag.supporting.match import Evidence, meaning
from rag.supporting.spots import OTHERS_KEY, Spot, spots
from rag.supporting.text import Sentence

_MEASURES = frozenset(
    {"memori", "cost", "time", "speed", "latenc", "throughput", "accuraci", "stabil", "overhead", "budget"}
)
_BESIDE = {
    "faster": "speed", "quicker": "speed", "slower": "slowness", "smaller": "size", "larger": "bulk", "bigger": "bulk",
    "lighter": "size", "more": "more", "fewer": "less", "less": "less",
}  # fmt: skip
_EXCLUDE = {
    ("more", "less"),
    ("speed", "size"),
    ("speed", "slowness"),
    ("speed", "bulk"),
    ("size", "bulk"),
    ("bulk", "less"),
}
_PLACED = re.compile(r"\bon\s(?:the\s)?(?:\w+\s)?([A-Z][\w+'/-]*)")
_ANAPHORA = re.compile(r"\b(?:these|this|such|further|it|its|former|latter|same|respectively)\b", re.IGNORECASE)
_PHYSICAL = frozenset({"gb", "mb", "kb", "tb", "ms", "s", "min", "h", "day", "week", "month", "fps", "$"})
_NAMED, _WORDED = 0.8, 1.0  # weight of what must stand beside the rival, in its sentence and in another one


def crossed(claim: Sentence, given: Evidence) -> str | None:
    """A figure of the claim that the text gives to something else, in words."""
    ours = spots(claim)
    if not ours:
        return None
    theirs = [spot for sentence in given.sentences for spot in spots(sentence)]
    weights = {token.key: token.weight for token in claim.tokens if not token.figure} | {OTHERS_KEY: 1.3}
    names = frozenset(token.key for token in claim.tokens if token.kind == "name")
    for spot in ours:
        fitting = [t for t in theirs if same(spot.figure, t.figure)]
        if not fitting:
            continue
        if reason := _other_unit(spot, fitting, theirs) or _other_bound(spot, fitting) or _other_way(spot, fitting):
            return reason
        if (
            reason := _other_word(spot, fitting)
            or _other_kind(spot, fitting, given)
            or _elsewhere(claim, spot, fitting, given)
        ):
            return reason
        rivals = [t for t in theirs if t.figure.unit == spot.figure.unit and not same(spot.figure, t.figure)]
        comparable = any(t.figure.unit == spot.figure.unit for t in fitting)
        if comparable and (reason := _rival(spot, fitting, rivals, weights, names, given)):
            return reason
    return None


def _rival(
    spot: Spot,
    fitting: Sequence[Spot],
    rivals: Sequence[Spot],
    weights: dict[str, float],
    names: frozenset[str],
    given: Evidence,
) -> str | None:
    words = {key for key in spot.own | spot.shared if weights.get(key, 0.0) > 0.2}
    near = frozenset[str]().union(*(t.own | t.shared for t in fitting))
    for rival in rivals:
        beside = [t for t in fitting if t.sentence is rival.sentence]
        around = near if beside else near | frozenset[str]().union(*(t.sentence.keys for t in fitting))
        if not beside and any(_ANAPHORA.search(t.sentence.text) for t in fitting):
            around |= rival.shared
        foreign = {key for key in words if _has(rival.own, key) and not _has(around, key, loose=key not in names)}
        if not beside or any(t.clause == rival.clause for t in beside):
            foreign -= given.title_keys
        weight = sum(weights[key] for key in foreign)
        ours = sum(weights[key] for key in words if _has(near, key) and not _has(rival.own | rival.shared, key))
        if weight >= (_NAMED if beside else _WORDED) and weight > ours:
            word = max(sorted(foreign), key=lambda key: weights[key])
            if word == OTHERS_KEY:
                return f"the cited text gives {rival.token.text}, not {spot.token.text}, for the others"
            said = next((t.text for t in rival.sentence.tokens if _alike(t.key, word)), word)
            return f"the cited text gives {rival.token.text}, not {spot.token.text}, for '{said}'"
    return None


def _other_word(spot: Spot, fitting: Sequence[Spot]) -> str | None:
    """ "6.8x faster" where the text has "6.8x smaller"."""
    ours = _BESIDE.get(spot.after)
    theirs = {_BESIDE.get(t.after): t.after for t in fitting}
    if ours is None or None in theirs or ours in theirs:
        return None
    for kind, word in theirs.items():
        if (ours, kind) in _EXCLUDE or (kind, ours) in _EXCLUDE:
            return f"the cited text says {fitting[0].token.text} '{word}', the claim says '{spot.after}'"
    return None


def _other_kind(spot: Spot, fitting: Sequence[Spot], given: Evidence) -> str | None:
    """ "inference memory" where the text gives the figure for "optimizer memory" and speaks of inference elsewhere."""
    near = frozenset[str]().union(*(t.own | t.shared for t in fitting))
    for kind, thing in sorted(spot.pairs):
        if thing not in _MEASURES:
            continue
        others = {other for t in fitting for other, same_thing in t.pairs if same_thing == thing}
        if not others or kind in given.title_keys or kind not in given.keys or _has(near, kind, loose=True):
            continue
        if all(other not in spot.own and not _has(frozenset({other}), kind, loose=True) for other in others):
            return f"the cited text gives {spot.token.text} for another {thing}"
    return None


def _elsewhere(claim: Sentence, spot: Spot, fitting: Sequence[Spot], given: Evidence) -> str | None:
    """ "on B" where the text's sentence with the figure says "on A", and speaks of B elsewhere."""
    for match in _PLACED.finditer(claim.text):
        key = next((t.key for t in claim.tokens if t.text == match[1] and t.kind == "name"), None)
        if key is None or key not in given.keys or key in given.title_keys or key not in spot.own | spot.shared:
            continue
        places = [_PLACED.search(t.sentence.text) for t in fitting]
        if any(_has(t.sentence.keys, key) or _ANAPHORA.search(t.sentence.text) for t in fitting):
            continue
        if all(places) and places[0] and not any(p and p[1] in claim.text for p in places):
            return f"the cited text gives {spot.token.text} on {places[0][1]}, not on {match[1]}"
    return None


def _other_unit(spot: Spot, fitting: Sequence[Spot], theirs: Sequence[Spot]) -> str | None:
    """The claim has "20 GPUs" where the text has "$20", or "79.6 hours" where the text has hours of something else."""
    unit = spot.figure.unit
    if any(t.figure.unit == unit for t in fitting) or spot.listed or any(t.listed for t in fitting):
        return None
    if not unit and all(t.figure.unit in _PHYSICAL for t in fitting):
        return f"the cited text has {_written(fitting[0])}, the claim has {spot.token.text} of something else"
    if unit in _PHYSICAL and any(t.figure.unit == unit for t in theirs):
        return f"the cited text does not give {_written(spot)}, but {_written(next(t for t in theirs if t.figure.unit == unit))}"
    return None


def _other_bound(spot: Spot, fitting: Sequence[Spot]) -> str | None:
    same_value = [t for t in fitting if t.figure.value == spot.figure.value]
    if spot.bound and same_value and all(t.bound == -spot.bound for t in same_value):
        ours, theirs = ("at least", "up to") if spot.bound > 0 else ("up to", "at least")
        return f"the cited text says '{theirs}' {same_value[0].token.text}, the claim says '{ours}'"
    return None


def _other_way(spot: Spot, fitting: Sequence[Spot]) -> str | None:
    """The figure is a rise in the claim and a fall in the text, of a thing that both name."""
    if not spot.direction or not fitting or any(t.direction != -spot.direction for t in fitting):
        return None
    things = {key for key in spot.own if len(key) > 3 and key not in UPS and key not in DOWNS}
    if any(_has(t.own, key) for t in fitting for key in things):
        ways = ("a rise", "a fall") if spot.direction > 0 else ("a fall", "a rise")
        return f"the claim makes {spot.token.text} {ways[0]}, the cited text {ways[1]}"
    return None


def _written(spot: Spot) -> str:
    return f"${spot.token.text}" if spot.figure.unit == "$" else spot.token.text


def _alike(key: str, other: str) -> bool:
    """Whether two keys are one word or one name: V3 is short for MobileNetV3."""
    if key == other:
        return True
    short, long = sorted((key, other), key=len)
    return len(short) > 1 and short[-1].isdigit() and short[0].isalpha() and long.endswith(short)


def _has(keys: frozenset[str], key: str, *, loose: bool = False) -> bool:
    if key in keys or any(_alike(key, other) for other in keys):
        return True
    if not loose:
        return False
    return any(not group.isdisjoint(keys) for group in meaning(key)) or (
        len(key) > 4 and any(other.startswith(key[:5]) for other in keys)
    )
