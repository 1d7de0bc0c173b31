"""Superlatives over figures: "which paper reports the largest speedup?", "the lowest word error rate on X?".

The figure of the asked measure is read from each abstract that states one (`rag.supporting.spots`), and the papers are put in
order by it. Nothing is compared unless at least two abstracts state such a figure in the same unit; figures of what a method
is compared with ("against 61 for …") are left out.

>>> superlative("Which paper reports the highest F1 on HotpotQA?").measure
('F1',)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.schema import Paper
from rag.sentences import sentence_spans
from rag.supporting.spots import OTHERS_KEY, Spot, spots
from rag.supporting.text import Token, clean, name_key, sentence, stem, tokens

# In an "hour" of GPUs, no GPUs are counted; how many characters around a figure its measure is looked for.
_TIMES, _AROUND = frozenset(stem(word) for word in "hour hours day days minutes seconds".split()), 70
# How closely a figure has to belong to a measure, and to what is counted.
_MEASURED, _COUNTED = 2.0, 3.0
# Nothing that is measured is larger; parameters and tokens are counted.
_LARGEST_MEASURED = 1e5
# At most so many papers are looked at for figures.
MOST_LOOKED_AT = 60
_MORE = "highest largest biggest greatest most longest maximum max top strongest slowest".split()
_LESS = "lowest smallest fewest least shortest minimum min cheapest".split()
_SUPERLATIVE = re.compile(
    rf"\b(?P<how>{'|'.join([*_MORE, *_LESS, 'best', 'worst'])})\b(?!\s+of\b)\s+(?P<rest>[^?.!;]+)", re.IGNORECASE
)
_ACROSS = re.compile(
    r"^\W*(?:(?:and|so|ok|but)\s+)?(?:which|what|who|whose|name|find|show|list|give|(?:the\s+)?(?:best|worst|highest|largest|lowest|"
    r"smallest|fewest|biggest|cheapest|most|least|longest|shortest))\b",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\s+(?:on|in|at|for|with|among|amongst|across|of|from|by|when|while|to|under|over|per|using|is|are|was|were|do|does|did|has|have"
    r"|reported|achieved|reached|shown|there|here|and|that|which)\b|[,:]",
    re.IGNORECASE,
)
# Measures of which less is better, for "best" and "worst".
_LESS_IS_BETTER = frozenset(
    stem(word)
    for word in "error wer cer perplexity ppl fid fvd kid lpips loss latency time delay cost price mae mse rmse eer regret "
    "hallucination hallucinations memory footprint parameters overhead runtime".split()
)
# Words for one measure, by what stands in a question; figures of these units belong to it where no word does.
_ALIKE = (
    (frozenset("speedup speed-up speedups acceleration accelerate throughput faster speed".split()), frozenset[str]()),
    (
        frozenset("reduction saving savings decrease cut drop reduce lower save fewer less shrink".split()),
        frozenset[str](),
    ),
    (frozenset("gain gains improvement increase improve raise better".split()), frozenset[str]()),
    (frozenset("cost price dollars cents cheap".split()), frozenset({"$"})),
    (frozenset("latency time takes took".split()), frozenset({"ms", "s", "min", "h"})),
    (frozenset("hours hour".split()), frozenset({"h"})),
    (frozenset("minutes minute".split()), frozenset({"min"})),
    (frozenset("seconds second".split()), frozenset({"s"})),
    (frozenset("days day".split()), frozenset({"day"})),
    (frozenset("memory vram footprint".split()), frozenset({"gb", "mb"})),
    (frozenset("parameters params".split()), frozenset[str]()),
    (frozenset("accuracy accurate correct".split()), frozenset[str]()),
    (frozenset("success successes successful succeeds succeed".split()), frozenset[str]()),
)
# Measures that are themselves changes: "the largest reduction", "the biggest gain".
_CHANGES = frozenset().union(*(group for group, _ in _ALIKE[:3]))
_BEFORE_CHANGE = re.compile(
    r"(?:\b(?:by|gains?|gained|gain (?:is|of)|(?:in|de)crease of|reduction of|drop of|adds?|improv\w+|rais\w+|plus)\s+"
    r"(?:a\s+|of\s+|about\s+|up to\s+)?\$?|\+)$",
    re.IGNORECASE,
)
_AFTER_CHANGE = re.compile(
    r"^\s*(?:\w+\s+)?(?:above|over|below|more|less|fewer|higher|lower|better|worse|longer|shorter|better)\b(?!\s+\d)",
    re.IGNORECASE,
)
_OF_WHAT = {"cheapest": "cost", "longest": "length", "shortest": "length"}
# What is measured in figures; anything else has to be counted ("256 GPUs").
_MEASURES = frozenset(
    stem(word)
    for word in "accuracy precision recall error wer cer perplexity loss score rate f1 bleu rouge fid fvd iou map psnr ssim auc "
    "auroc latency delay throughput speedup speed-up acceleration speed time memory vram footprint cost price energy power "
    "length reduction saving savings decrease gain gains improvement increase compression sparsity correlation success "
    "bandwidth".split()
)
# Words that say nothing without the one before them.
_LIGHT = frozenset(stem(word) for word in "rate score value level number amount result results performance".split())
# What stands behind these in a sentence is another's figure.
_OTHERS_FIRST = re.compile(
    r"\b(?:outperform\w*|surpass\w*|exceed\w*|beat(?:s|ing)?|than|compared|versus|vs|against|previous|prior|existing|unlike|includ\w+|"
    r"state-of-the-art)\b",
    re.IGNORECASE,
)
# "the biggest model" is one of the most parameters.
_OF_THINGS = {stem(word): "parameters" for word in ("model", "models", "network", "networks")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Superlative:
    """What is asked for the most or least of: the words of the measure and whether they name one (else things are counted),
    names that the sentence has to have, +1 for the largest first, -1 for the smallest, and the word that said so.
    """

    measure: tuple[str, ...]
    measured: bool
    names: tuple[str, ...]
    sign: int
    how: str
    either: bool = False  # "questions or tasks"

    @property
    def heavy(self) -> tuple[str, ...]:
        """The words of the measure that say something by themselves."""
        return tuple(word for word in self.measure if stem(word.lower()) not in _LIGHT) or self.measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A figure that a paper states: its value and unit, and the sentence of the abstract that says it."""

    paper: Paper
    value: float
    unit: str
    text: str
    start: int
    end: int
    weight: float


def superlative(question: str) -> Superlative | None:
    """The superlative over figures that a question asks across papers; None where it asks for none."""
    found = _SUPERLATIVE.search(question)
    if found is None or not _ACROSS.search(question):
        return None
    how, rest = found["how"].lower(), found["rest"].strip()
    if how in ("most", "least") and not question[: found.start()].strip():  # "most birds sing"
        return None
    end = _ENDS.search(rest)
    head = rest[: end.start()] if end else rest
    words = [token for token in tokens(clean(head)) if not token.figure]
    if how in _OF_WHAT and not (_known(words) or how != "cheapest"):
        measure = [_OF_WHAT[how]]
    elif (
        words
        and stem(words[-1].lower) in _OF_THINGS
        and how not in ("best", "worst", "most", "least", "fewest", "cheapest")
    ):
        measure = [_OF_THINGS[stem(words[-1].lower)]]
    elif words and words[-1].weight > 0:
        # The measure is what the phrase ends with; names before it say where it was measured.
        measure = [t.text for t in words if t.kind == "word" and t.weight > 0] or [words[-1].text]
        if words[-1].kind == "name":
            measure = [words[-1].text]
    else:
        return None
    names = [t.text for t in words if t.kind == "name" and t.text not in measure]
    names += [t.text for t in tokens(clean(question[found.end("how") :])) if t.kind == "name" and t.strong]
    less = any(stem(word.lower()) in _LESS_IS_BETTER for word in measure)
    sign = {"best": -1 if less else 1, "worst": 1 if less else -1}.get(how, 1 if how in _MORE else -1)
    kept = tuple(dict.fromkeys(name for name in names if name not in measure))
    measured = measure[-1].isupper() or any(stem(word.lower()) in _MEASURES for word in measure)
    return Superlative(
        measure=tuple(measure), measured=measured, names=kept, sign=sign, how=how, either=" or " in f" {head} "
    )


def ranked(asked: Superlative, papers: Iterable[Paper]) -> list[Stated]:
    """The papers that state a figure of the measure, in one unit, in the order asked for; empty where fewer than two do."""
    best: dict[str, list[Stated]] = {}
    for paper in papers:
        found = [one for one in _stated(asked, paper)]
        if found:
            top = max(one.weight for one in found)
            best[paper.paper_id] = [one for one in found if one.weight == top]
    closest = max((rows[0].weight for rows in best.values()), default=0.0)
    best = {key: rows for key, rows in best.items() if rows[0].weight >= closest - 1.0}
    units = [unit for stated in best.values() for unit in {one.unit for one in stated}]
    if not units:
        return []
    unit = max(dict.fromkeys(units), key=units.count)
    rows = []
    for stated in best.values():
        own = [one for one in stated if one.unit == unit]
        if own:
            rows.append(max(own, key=lambda one: asked.sign * one.value))
    if len(rows) < 2:
        return []
    return sorted(rows, key=lambda one: -asked.sign * one.value)


def _known(words: Sequence[Token]) -> bool:
    return any(stem(word.lower) in {stem(one) for one in group} for word in words for group, _ in _ALIKE)


def _stated(asked: Superlative, paper: Paper) -> list[Stated]:
    """Every figure of an abstract that belongs to the measure, with how closely."""
    wanted = [_forms(word) for word in asked.heavy]
    wanted = [frozenset().union(*wanted)] if asked.either else wanted
    units = frozenset[str]().union(*(unit for word in asked.measure for group, unit in _ALIKE if word.lower() in group))
    names = [name_key(name) for name in asked.names]
    changes = any(word.lower() in _CHANGES for word in asked.measure)
    rows = []
    for start, end in sentence_spans(paper.abstract):
        read = sentence(clean(paper.abstract[start:end]))
        keys = {token.key for token in read.tokens} | {name_key(token.text) for token in read.tokens}
        if not all(any(name in key for key in keys) for name in names):
            continue
        found = [spot for spot in spots(read) if OTHERS_KEY not in spot.own]
        first = min((spot.clause for spot in found), default=0)
        for i, spot in enumerate(found):
            if (
                spot.clause != first
                or _not_own(read.text, spot, found[i + 1 :])
                or not (changes or not asked.measured or _absolute(read.text, spot))
            ):
                continue
            closeness = _closeness(read.text, spot, wanted, units)
            if closeness >= (_MEASURED if asked.measured else _COUNTED):
                weight = closeness + sum(0.5 for name in names if any(name in key for key in spot.own))
                rows.append(
                    Stated(
                        paper=paper,
                        value=spot.figure.value,
                        unit=spot.figure.unit,
                        text=spot.token.text,
                        start=start,
                        end=end,
                        weight=weight,
                    )
                )
    return rows


def _closeness(text: str, spot: Spot, wanted: Sequence[frozenset[str]], units: frozenset[str]) -> float:
    """How closely a figure belongs to the measure: 3 where its last word follows the figure, 2 where its words stand around it,
    or its unit says it; 0 where it does not.
    """
    if units and spot.figure.unit and spot.figure.unit not in units:
        return 0.0
    at = text.find(spot.token.text)
    end = at + len(spot.token.text)
    behind = [
        {stem(word.lower()), name_key(word)}
        for word in re.findall(r"[\w+-]+", re.split(r"[,;:]", text[end : end + 40])[0])
    ]
    for i, word in enumerate(behind[:3]):
        if word & wanted[-1]:
            return 0.0 if _TIMES & set().union(*behind[i + 1 : i + 2]) else 3.0
    around = {token.key for token in tokens(text[max(0, at - _AROUND) : end + _AROUND])}
    if all(forms & around for forms in wanted) or spot.figure.unit in units:
        return 2.0
    return 0.0


def _forms(word: str) -> frozenset[str]:
    """The keys that a word of the measure may have in an abstract."""
    lower = word.lower()
    forms = {stem(lower), name_key(word)}
    for group, _ in _ALIKE:
        if lower in group or lower.rstrip("s") in group:
            forms |= {stem(one) for one in group}
    return frozenset(forms)


def _not_own(text: str, spot: Spot, later: Sequence[Spot]) -> bool:
    """Whether a figure is where a change begins ("from 23.8% to 9.6%") and not what is reached, or another's."""
    at = text.find(spot.token.text)
    if _OTHERS_FIRST.search(text[:at]):
        return True
    return (
        bool(later) and re.search(r"\bfrom\s+(?:about\s+)?\$?$", text[max(0, at - 14) : at], re.IGNORECASE) is not None
    )


def _absolute(text: str, spot: Spot) -> bool:
    """Whether a figure says how much there is, not by how much it changes."""
    at = text.find(spot.token.text)
    end = at + len(spot.token.text)
    if spot.figure.unit == "x" or spot.figure.value >= _LARGEST_MEASURED:
        return False
    return not (_BEFORE_CHANGE.search(text[max(0, at - 24) : at]) or _AFTER_CHANGE.search(text[end : end + 30]))
