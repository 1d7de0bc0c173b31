"""Comparisons in a question and in a sentence: who is ahead, who is behind, and whether two of them disagree.

>>> [(sorted(c.ahead), sorted(c.behind)) for c in comparisons("Kite beats Gull")]
[(['kite'], ['gull'])]
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.premise.lexicon import LIGHT, OURS, QUALITY, grades, read_tokens
from rag.supporting.lexicon import LOSES, WINS
from rag.supporting.text import Token, stem

_BETTER = -1  # the axis of better and worse, of winning and losing
_LOSE_TO = frozenset({"lose", "loses", "lost", "lag", "lags", "trail", "trails", "fall", "falls"})
_DEGREES = frozenset({0, 1, 2})
_GOOD = frozenset(
    "accurate effective robust capable reliable powerful precise general generalizable stable successful".split()
)
_NOT = frozenset(
    {"not", "no", "none", "never", "cannot", "neither", "nor", "hardly", "rarely", "fail", "fails", "failed"}
)
_THAN = frozenset({"than", "over", "compared", "versus", "vs", "relative", "against", "to"})
_RANKS = frozenset({"superior", "inferior"})
# Subjects that are the paper's own work where they are not named: "a question takes twice as long as ...".
_DOINGS = frozenset(
    stem(w)
    for w in """question query image token answer training inference step generation compression decoding encoding video frame run
    latency search prediction takes take cost costs needs requires second""".split()
)
_MANY = r"(?:\d[\d.,]*|two|three|four|five|six|seven|eight|nine|ten|twenty|[a-z]+ty|a hundred)\s?(?:times|x|×)|twice"
_PART = r"half|a (?:third|quarter|fifth|tenth)|\d[\d.]*\s?%|one[- ](?:third|quarter|half|fifth|tenth)"
_THINGS = (
    r"(?:the )?(?P<thing>cost|memory|storage|time|latency|energy|compute|computation|parameters|tokens|data|size|price|"
    r"overhead|steps)"
)
_POINTS = r"(\d[\d.]*\s?%?(?: (?:percentage )?points?| [A-Z][\w@-]*)?)"
# Comparisons in other forms, put into those with "than".
_FORMS = tuple(
    (re.compile(pattern, re.IGNORECASE), form)
    for pattern, form in (
        (rf"\b(?:{_MANY}) as (?:long|slow) as\b", "slower than"),
        (rf"\b(?:{_PART}) as (?:long|slow) as\b", "faster than"),
        (rf"\b(?:{_MANY}) as (?:fast|quick) as\b", "faster than"),
        (rf"\b(?:{_PART}) as (?:fast|quick) as\b", "slower than"),
        (rf"\b(?:{_MANY}) as (?:many|much) (?P<what>[\w -]{{3,30}}?) as\b", r"more \g<what> than"),
        (rf"\b(?:{_PART}) as (?:many|much) (?P<what>[\w -]{{3,30}}?) as\b", r"less \g<what> than"),
        (rf"\b(?:{_MANY}) (?:the speed|faster inference) of\b", "faster than"),
        (rf"\b(?:{_PART}) (?:of )?the speed of\b", "slower than"),
        (rf"\b(?:{_MANY}) {_THINGS} of\b", r"more \g<thing> than"),
        (rf"\b(?:{_PART}) (?:of )?{_THINGS} of\b", r"less \g<thing> than"),
        (rf"(?-i:{_POINTS} (?:above|more than|higher than)(?= [A-Z]))", r"\1 better than"),
        (rf"(?-i:{_POINTS} (?:below|less than|lower than)(?= [A-Z]))", r"\1 worse than"),
        (
            r"^(?:against|over|compared (?:with|to)|relative to) (?P<whom>[^,]{2,40}?),? "
            r"the (?:improvement|gain|advantage|lead)\b.*",
            r"we are better than \g<whom>",
        ),
        (r"\b(?:a single|single|one)(?=[- ]\w|$)", "single"),
    )
)
# Where less is better, what is above is not ahead.
_LESS_IS_BETTER = re.compile(
    r"\b(?:error|loss|perplexity|FID|FVD|WER|CER|latency|cost|time|memory|miss|failures?|energy|rate of|RMSE|MAE|LPIPS)\b",
    re.IGNORECASE,
)
_VERSION = re.compile(r"\b([A-Z][\w-]*[a-z]?[A-Z]\w*) (\d{1,2})(?![\d.%]| (?:times|points?|%))(?=$| [a-z]|[,.;:?)])")
_NOUNS = frozenset("improvement improvements gain gains advantage advantages margin lead edge benefit benefits".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`ahead` is better (or more, on another axis) than `behind`; `denied`: it is said that it is not. `ours_ahead`,
    `ours_behind`: the paper's own work is named so on that side ("we", "our").
    """

    axis: int
    ahead: frozenset[str]
    behind: frozenset[str]
    denied: bool = False
    nobody: bool = False
    ours_ahead: bool = False
    ours_behind: bool = False
    named_behind: frozenset[str] = frozenset()


@lru_cache(maxsize=4096)
def comparisons(text: str) -> tuple[Comparison, ...]:
    """The comparisons of a plain text, in order."""
    found: list[Comparison] = []
    text = _with_than(text)
    for clause in re.split(
        r"[;:]\s|\b(?:while|whereas|although|but)\b|, (?=and (?:we|the|our|it)\b)|, and (?=[\w-]+ (?:outperform|surpass|beat))",
        text,
    ):
        words = read_tokens(clause.strip())
        last_left: tuple[Token, ...] | None = None
        for i in range(len(words)):
            read = _reads(words, i)
            if read is None:
                continue
            axis, sign, split = read
            left = words[:i] if split == i else (*words[:i], *words[i + 1 : split])
            if last_left is not None and any(t.lower == "and" for t in words[max(0, i - 2) : i]):
                left = last_left
            last_left = tuple(left)
            right = words[split + 1 : split + 14]
            near = words[max(0, i - 4) : i]
            only = any(t.lower == "only" for t in near)
            nobody = any(t.lower in ("none", "neither", "nothing") for t in words[max(0, i - 5) : i])
            passive = any(t.lower in ("is", "are", "was", "were", "be", "been") for t in near[-2:]) and any(
                t.lower == "by" for t in words[i + 1 : i + 3]
            )
            if passive:
                sign = -sign
            sides = (left, right) if sign > 0 else (right, left)
            found.append(
                Comparison(
                    axis=axis,
                    ahead=_keys(sides[0]),
                    behind=_keys(sides[1]),
                    denied=nobody or (not only and any(t.lower in _NOT for t in near)),
                    nobody=nobody,
                    ours_ahead=_ours(sides[0]),
                    ours_behind=_ours(sides[1]),
                    named_behind=frozenset(t.key for t in sides[1] if t.kind == "name" and t.strong),
                )
            )
    return tuple(found)


def _with_than(text: str) -> str:
    """A text with "three times as long as X" as "slower than X"; a number behind a name is part of it ("BudgetNet 2")."""
    text = _VERSION.sub(r"\1-\2", text)
    less = bool(_LESS_IS_BETTER.search(text))
    for pattern, form in _FORMS:
        if not (less and form.startswith(r"\1 ")):
            text = pattern.sub(form, text)
    return text


def stands_against(claim: Comparison, given: Comparison, names: frozenset[str], title: frozenset[str]) -> float:
    """Above 0, how much two comparisons share when they disagree; below 0 when they agree; 0 when they are of other things.

    `names` are the names that "our method" stands for, `title` the words of the paper's title.
    """
    if claim.axis != given.axis:
        return 0.0
    ahead, behind = claim.ahead - claim.behind, claim.behind - claim.ahead
    left, right = given.ahead - given.behind, given.behind - given.ahead
    ours_first, ours_last = _is_ours(ahead, names, title - behind), _is_ours(behind, names, title - ahead)
    straight = (
        _touch(ahead, left, ours=given.ours_ahead and ours_first, nobody=given.nobody),
        _touch(behind, right, ours=given.ours_behind and ours_last),
    )
    crossed = (
        _touch(ahead, right, ours=given.ours_behind and ours_first),
        _touch(behind, left, ours=given.ours_ahead and ours_last),
    )
    along = sum(straight) if all(straight) else 0.0
    against = sum(crossed) if all(crossed) else 0.0
    if given.denied:
        along, against = 0.0, along
    if claim.denied:
        along, against = against, along
    if along == against:
        return 0.0
    return against if against > along else -along


def _is_ours(side: frozenset[str], names: frozenset[str], title: frozenset[str]) -> bool:
    """Whether a side of a comparison in the question is the paper's own work: its name, or words of its title."""
    return bool(side & names) or len(side & title) >= 2


def _touch(claimed: frozenset[str], given: frozenset[str], *, ours: bool, nobody: bool = False) -> float:
    """How far two sides are the same thing. `ours`: "we" stands on one, the paper's own work on the other."""
    shared = claimed & given
    return float(len(shared)) if shared else 0.5 if ours or nobody else 0.0


def _reads(words: tuple[Token, ...], i: int) -> tuple[int, int, int] | None:
    """The axis and sign of the comparing word at `i`, and where its right side begins."""
    word = words[i].lower
    if word in WINS - _RANKS:
        return _BETTER, 1, i
    if word in _LOSE_TO:
        follows = [j for j in range(i + 1, min(i + 3, len(words))) if words[j].lower in ("to", "behind", "against")]
        return (_BETTER, -1, follows[0]) if follows else None
    if word in LOSES - _RANKS:
        return _BETTER, -1, i
    if word in grades():
        axis, sign = grades()[word]
        after = words[i + 1 : i + 3]
        if axis in _DEGREES and any(t.key in QUALITY or t.lower in _GOOD for t in after):
            axis = _BETTER  # "higher accuracy", "less accurate"
        than = [j for j in range(i + 1, min(i + 9, len(words))) if words[j].lower in ("than", "compared")]
        if not than and word in _NOUNS | _RANKS:
            than = [j for j in range(i + 1, min(i + 9, len(words))) if words[j].lower in _THAN]
        comparing = word.endswith(("er", "or")) or word in ("better", "worse", "less", "more") or word in _NOUNS
        return (axis, sign, than[0]) if than and comparing else None
    return None


def _ours(side: tuple[Token, ...]) -> bool:
    """Whether a side speaks of the paper's own work: "we", and not "we find that existing models"."""
    said = {t.lower for t in side}
    words = {t.key for t in side if t.weight > 0 and not t.figure}
    if words and words <= _DOINGS:
        return True
    return bool(said & OURS) and not said & {"existing", "previous", "prior", "traditional", "conventional", "current"}


def _keys(words: tuple[Token, ...]) -> frozenset[str]:
    return frozenset(t.key for t in words if (t.weight > 0 and t.key not in LIGHT) or t.kind == "name")
