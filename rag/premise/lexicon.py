"""Word lists and plain forms for premises: what denies, what loses, what relates, what only narrows. English only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from rag.supporting.lexicon import AXES, SYNONYMS
from rag.supporting.text import Token, clean, stem, tokens

# How a line of correction begins, also for whoever looks for one in an answer.
BEGINS = "The question takes "
# In the line of correction, where the paper's date, organisation or authors are what contradicts.
OF_RECORD = "the record of the paper"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


# One spelling for what is written in several: "fine-tuning", "fine tuning" and "finetuning".
_ONE_SPELLING = tuple(
    (re.compile(pattern, re.IGNORECASE), plain)
    for pattern, plain in (
        (r"\bfine[- ]?(?=tun)", "fine"),
        (r"\bre-(?=train|fit|calibrat|comput)", "re"),
        (r"\bpre-(?=train)", "pre"),
        (r"\bback[- ](?=prop)", "back"),
        (r"\bground[- ]truths?\b", "groundtruth"),
        (r"\bhyper-(?=param)", "hyper"),
        (r"(?<=\d)times\b", " times"),
        (r"\bnon-(?=auto)", "non"),
        (r"\bstate[- ]of[- ]the[- ]arts?\b", "SOTA"),
        (r"\bmore slowly\b", "slower"),
        (r"\bmore (?:quickly|rapidly)\b", "faster"),
        (r"\blabell(?=ed|ing)", "label"),
    )
)

# A sentence whose subject is one of these tells of others' work, not of the paper's.
OTHERS = _words(
    """existing previous prior traditional conventional current other others most many standard typical vanilla earlier recent
    naive past usual common typically traditionally conventionally previously usually often baseline baselines popular alternative
    alternatives"""
)
OURS = _words("we our ours us it its this these here they paper work proposed")

# Heads that say little by themselves: "video datasets" are denied to who takes "video frames" for granted.
LIGHT = _stems(
    """data dataset set example sample frame image source step procedure process stage round epoch hour day minute week pass
    information resource amount number kind type time iteration instance label collection corpus use access need effort
    requirement size method approach technique computation operation phase query call model network llm module
    overhead footprint burden"""
)
# "No additional training" denies no training that goes on anyway, unless the question speaks of more of it.
NARROWING = _stems(
    """additional extra further more external costly expensive extensive manual heavy large complex new every each all other
    specific significant much prior whole special explicit intensive tedious careful detailed considerable substantial
    any huge massive typical
    big strong full original own separate dedicated"""
)
MORE = _stems(
    "additional extra further more again retrain finetune refit recalibrate finetuning extra costly expensive"
)
GENERIC = _stems("train data paramet memory cost comput model time overhead latency learning optimization inference")

# The same class of words says the same of a result.
QUALITY = _stems(
    """accuracy performance quality precision fidelity generalization generalisation capability capabilities result
    results score scores effectiveness robustness utility ability abilities expressiveness"""
)
LOSS = _stems(
    """lose loss losses sacrifice sacrifices sacrificing hurt harm degrade degradation drop cost compromise reduce decrease worsen
    penalty decline deteriorate deterioration impair damage lower trade penalty expense affect"""
)
# Of these, those that nothing else than quality suffers.
HARM = _stems("lose loses losses sacrifice sacrifices hurt harm degrade degradation compromise deteriorate impair")
GAIN = _stems(
    """speedup gain gains improvement improve advantage benefit boost saving savings margin help enhance accelerate acceleration
    superior outperform win"""
)
VANISH = _stems("vanish disappear evaporate diminish")
RELATES = _stems(
    "correlate correlation predict predictor predictive indicate indicator translate imply lead guarantee ensure reliable"
)
PRAISE = _words(
    "well best effective better good works succeeds reliable optimal ideal viable suitable sufficient enough useful"
)
BLAME = _words(
    "ineffective unreliable insufficient unsuitable suboptimal inadequate harmful detrimental useless infeasible unviable"
)
BAD = _stems(
    "bad badly poor poorly weak weakly worse worst hard difficult limited inferior insufficient ineffective unreliable struggle"
)
# Ways of working that exclude each other.
OPPOSITES = (
    ("autoregressively autoregressive sequentially sequential serially serial", "parallel nonautoregressive concurrently"),
    ("paired", "unpaired"),
    ("labeled annotated", "unlabeled unannotated"),
    ("centralized", "decentralized"),
    ("strongly strong", "weakly weak poorly poor"),
)  # fmt: skip
UP = _stems("increase raise grow enlarge inflate enhance boost higher greater double triple quadruple rise")
DOWN = _stems("reduce reduction lower cut decrease save shrink drop diminish lessen halve fall")
FAST = _stems("speedup accelerate faster speed acceleration")
SLOW = _stems("slow slower slowdown decelerate")
CHEAP = _stems("cheaper cheap economical inexpensive")
DEAR = _stems("costlier expensive pricier")
COSTS = _stems("cost costs compute computation expense overhead budget")

_NAME_FIRST = re.compile(r"[A-Z][A-Za-z]*-\d")


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Cleaned text, with one spelling for each word."""
    text = clean(text)
    for pattern, form in _ONE_SPELLING:
        text = pattern.sub(form, text)
    return text


@lru_cache(maxsize=4096)
def content(text: str) -> tuple[Token, ...]:
    """The words of plain text that say something, in order."""
    return tuple(token for token in read_tokens(text) if token.weight > 0)


def read_tokens(text: str) -> tuple[Token, ...]:
    """All tokens; a name with a hyphen stays one at the start of a sentence, too."""
    return tokens(f"the {text}")[1:] if _NAME_FIRST.match(text) else tokens(text)


@lru_cache(maxsize=8192)
def keys(text: str) -> frozenset[str]:
    """Their keys; those of a word that repeats another ("retrain") have that one beside it."""
    return widened(token.key for token in content(text))


def widened(found: Iterable[str]) -> frozenset[str]:
    """With "retrain" comes "train", with "finetune" comes "train" and "tune": who denies the wide denies the narrow."""
    out: set[str] = set()
    for key in found:
        out.add(key)
        if key.startswith("retrain"):
            out.add("train")
        elif key.startswith("finetun"):
            out |= {"train", "tune"}
    return frozenset(out)


# Letters that words of one root share: "modified", "modification".
_ROOT = 5


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[str]]:
    table: dict[str, frozenset[str]] = {}
    for line in SYNONYMS:
        group = frozenset(stem(word) for word in line.replace("-", " ").split())
        for key in group:
            table[key] = table.get(key, frozenset()) | group
    return table


def among(key: str, others: frozenset[str]) -> bool:
    """Whether a key, or one that says the same, is among others."""
    if key in others or not _groups().get(key, frozenset()).isdisjoint(others):
        return True
    return len(key) >= _ROOT and any(other[:_ROOT] == key[:_ROOT] for other in others)


@lru_cache(maxsize=1)
def grades() -> dict[str, tuple[int, int]]:
    """Words that compare ("better", "lower"), with their axis and +1 or -1. The axis -1 is that of better and worse."""
    table: dict[str, tuple[int, int]] = {}
    for axis, (up, down) in enumerate(AXES[:9]):
        for sign, words in ((1, up), (-1, down)):
            for word in words.split():
                table.setdefault(word, (-1 if axis == 3 else axis, sign))
    for word, sign in (("better", 1), ("worse", -1), ("inferior", -1), ("superior", 1), ("best", 1), ("worst", -1)):
        table[word] = (-1, sign)
    return table
