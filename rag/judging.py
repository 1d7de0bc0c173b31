"""Does a paper answer a question, or does it only speak of the same things?

Logistic regression over a few features of the question and the best paper, each of which can be read on its own: how much
of the question the paper speaks of, whether a name or a number of the question is nowhere in it, and whether what is asked
for (`rag.asked_for`) stands beside the words that it is asked of. `ANSWERS` was fitted on development questions
(`evals/questions/seeds.jsonl` and half of `seeds_limits.jsonl`); `python -m evals.calibrate` fits it again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.asked_for import NONE, NUMBER, NUMBERS, Ask, asks_of, holds, is_device
from rag.question.words import FRAME_WORDS, LIMIT_WORDS, PART_WORDS
from rag.quoting import DIGIT, NUMERIC
from rag.reading import PaperMatch, Word, speaks_of

ANSWERS = {
    "bias": -11.3, "score": 5.15, "spoken": 1.45, "sentence": 1.47, "pairs": 0.4, "unnamed": -6.69, "unnumbered": -1.41,
    "kind": 2.97, "beside": 4.31, "asked": -1.56, "length": 0.38,
}  # fmt: skip

# Nearness below which a word counts as missing from a paper.
_FAR = 0.65
# What `pairs` is where a question has no two neighbouring words, and `beside` where no number is asked for: about what
# answerable questions have.
_NO_PAIRS, _NO_NUMBER = 0.85, 0.5
# `spoken`: words that are no nearer than this are in any text; a word that is rarer than one in 150 papers counts no more
# than that (so that the size of a library does not matter).
_ANYWHERE, _RARE = 0.3, 5.0
# More words than this say nothing more.
_LONG = 8
# How fast a number's bearing on a word falls with the words between them (words at which it is 1/e).
_REACH = {"count": 4.0, "value": 6.0, "amount": 8.0}
# A number before what it counts ("40 languages") is nearer than one behind it.
_BEHIND = 2.0
# A word that titles at most so many papers names the paper.
_NAMES = 2

# A list of papers is asked for by at most so many words; of more, one may be said in other words.
_MOST_TOPIC = 5
# These ask for persons, places and days, which are no part of what an abstract says.
_NOT_WHAT = frozenset("who whom whose where when".split())
# Words this much alike from the beginning on are forms of one word: "conclude", "conclusion".
_SAME_FORM, _LEAST_SAME = 0.6, 5

_VERSION = re.compile(r".*(?:\d|[a-z][A-Z]|[A-Z]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """Whether the best paper answers: log-odds (above 0: yes), and the question's words that it does not speak of."""

    log_odds: float
    missing: tuple[str, ...]

    @property
    def answers(self) -> bool:
        return self.log_odds > 0


def judge(question: str, words: Sequence[Word], match: PaperMatch, *, several: bool = False) -> Judgment:
    """Whether a paper speaks of what was asked; `several`: the question asks for papers, not for something of one."""
    features = judgment_features(question, words, match, several=several)
    log_odds = ANSWERS["bias"] + sum(ANSWERS.get(name, 0.0) * value for name, value in features.items())
    return Judgment(log_odds=log_odds, missing=missing_words(words, match))


def missing_words(words: Sequence[Word], match: PaperMatch) -> tuple[str, ...]:
    """The words of a question that a paper does not speak of, in no form of them, the weightiest first."""
    text = f"{match.paper.title}\n{match.paper.abstract}"
    missing = [
        (word.weight * (1 - float(near)), word.text)
        for word, near, literal in zip(words, match.near, match.literal, strict=True)
        if _says_something(word)
        and word.text.casefold() not in PART_WORDS
        and not literal
        and near < _FAR
        and not speaks_of(text, word.text)
        and not _in_other_form(word.text, text)
    ]
    return tuple(dict.fromkeys(text for _, text in sorted(missing, reverse=True)))


def judge_any(question: str, words: Sequence[Word], matches: Sequence[PaperMatch], *, several: bool) -> Judgment:
    """Whether the best paper answers; where the question asks for several, whether one of the best three does."""
    judgments = [judge(question, words, match, several=several) for match in matches[: 3 if several else 1]]
    return max(judgments, key=lambda judgment: judgment.log_odds)


def asks_for_parts(words: Sequence[Word], match: PaperMatch) -> bool:
    """Whether nothing is asked of a paper but what it says ("how does FoldNet work?"), or parts that every abstract has ("what
    results does it report?"), or its limits, where it speaks of some.
    """
    about = [i for i, word in enumerate(words) if word.weight > 0 and not match.titled[i]]
    texts = [words[i].text.casefold() for i in about]
    parts = [text for text in texts if text in PART_WORDS or text in LIMIT_WORDS]
    if not all(text in parts or text in FRAME_WORDS for text in texts):
        return False
    if not parts and any(word.text.casefold() in _NOT_WHAT for word in words):
        return False
    sentences = [match.paper.abstract[s.start : s.end] for s in match.sentences]
    asks = _asks(words, match, several=False)
    return all(set(ask.about) <= set(about) if ask.kind in NUMBERS else holds(ask.kind, sentences) for ask in asks)


def on_topic(words: Sequence[Word], match: PaperMatch) -> bool:
    """Whether a paper speaks of the topic that papers are asked on: its title or one of its sentences has all the words, or
    all of those on one side of an "or".
    """
    return any(
        all(match.titled[i] for i in places) or any(all(s.near[i] >= 1.0 for i in places) for s in match.sentences)
        for places in topics_of(words)
    )


def topics_of(words: Sequence[Word]) -> list[list[int]]:
    """The places of the words that say on what papers are asked, for each side of an "or"; none for a long description."""
    topics: list[list[int]] = [[]]
    for i, word in enumerate(words):
        if word.text.casefold() == "or":
            topics.append([])
        elif _says_something(word):
            topics[-1].append(i)
    return [places for places in topics if 0 < len(places) <= _MOST_TOPIC]


def _says_something(word: Word) -> bool:
    return word.weight > 0 and re.sub(r"['’]", "", word.text.casefold()) not in FRAME_WORDS


def _in_other_form(word: str, text: str) -> bool:
    """Whether a text has a word that begins like this one and is hardly longer or shorter."""
    if not word.isalpha() or len(word) < _LEAST_SAME:
        return False
    start = word[: max(_LEAST_SAME, math.ceil(_SAME_FORM * len(word)))]
    most = len(word) + _LEAST_SAME
    return any(len(found) <= most for found in re.findall(rf"(?<![^\W_]){re.escape(start)}\w*", text, re.IGNORECASE))


def judgment_features(
    question: str, words: Sequence[Word], match: PaperMatch, *, several: bool = False
) -> dict[str, float]:
    """What `judge` weighs, over the words of the question that say something.

    `score`: how near the paper comes to them, on average, by rarity; `spoken`: how much of the question it speaks of, as a
    sum (a long question that is matched is surer than a short one); `sentence`: how near one sentence comes to all words
    that are not of the title; `pairs`: how near one sentence comes to two neighbouring words at once, on average; `unnamed`:
    the share of the question that names make up which the paper does not have; `unnumbered`: one of these has a digit;
    `kind`: 1 where the paper has something of the kind asked for (a device, a duration, a licence …), -1 where it does not;
    `beside`: how near a number stands to the words that it is asked of; `asked`: one of the last two applies; `length`: how
    many words are not of the title (who describes a paper in many words of his own is met by fewer of them).
    """
    import numpy as np

    weights = np.array([word.weight for word in words], np.float32)
    total = max(float(weights.sum()), 1e-9)
    content = [i for i, word in enumerate(words) if word.weight > 0]
    rest = weights * ~match.titled
    abstract = match.paper.abstract
    sentences = [abstract[s.start : s.end] for s in match.sentences]
    numeric = bool(NUMERIC.search(question))
    usable = [s.near for s, text in zip(match.sentences, sentences, strict=True) if not numeric or DIGIT.search(text)]
    pairs = [
        max((float(min(near[left], near[right])) for near in usable), default=0.0)
        for left, right in pairwise(content)
        if right == left + 1 and not (match.titled[left] and match.titled[right])
    ]
    best = max((float(near @ rest) for near in usable), default=0.0) / max(float(rest.sum()), 1e-9)
    spoken = np.minimum(weights, np.float32(_RARE)) * np.maximum(match.near - np.float32(_ANYWHERE), 0)
    unnamed = [i for i in content if not match.literal[i] and is_name(words, i)]
    asks = _asks(words, match, several=several)
    kinds = [holds(ask.kind, sentences) for ask in asks if ask.kind not in NUMBERS]
    beside = [_beside(ask, words, match) for ask in asks if ask.kind in NUMBERS]
    return {
        "score": match.score,
        "spoken": float(np.sqrt(spoken.sum())),
        "sentence": best if rest.any() else float(bool(usable)),
        "pairs": sum(pairs) / len(pairs) if pairs else _NO_PAIRS,
        "unnamed": float(weights[unnamed].sum()) / total,
        "unnumbered": float(any(any(char.isdigit() for char in words[i].text) for i in unnamed)),
        "kind": (1.0 if all(kinds) else -1.0) if kinds else 0.0,
        "beside": sum(beside) / len(beside) if beside else _NO_NUMBER,
        "asked": float(bool(kinds or beside)),
        "length": float(min(int((rest > 0).sum()), _LONG)),
    }


def _asks(words: Sequence[Word], match: PaperMatch, *, several: bool) -> tuple[Ask, ...]:
    asks = asks_of(
        [word.text for word in words],
        says=lambda i: words[i].weight > 0,
        titled=lambda i: bool(match.titled[i]),
        names=lambda i: bool(match.titled[i]) and words[i].frequency <= _NAMES,
    )
    return tuple(ask for ask in asks if not several or not (ask.about or ask.kind in NUMBERS))


def is_name(words: Sequence[Word], place: int) -> bool:
    """Whether a word of the question is a name or a version: capital letters (but for the first word), or a digit."""
    text = words[place].text
    return (
        not is_device(text) and not words[place].is_common and (is_versioned(text) or (place > 0 and text[0].isupper()))
    )


def is_versioned(text: str) -> bool:
    """Whether a word is written as only names and versions are: capitals inside, or a digit."""
    return _VERSION.match(text) is not None


def _beside(ask: Ask, words: Sequence[Word], match: PaperMatch) -> float:
    """How near a number of the abstract that is not of the question stands to the words that it is asked of, in [0, 1].

    For the best number: the nearness of each word to the tokens of the same sentence, falling with the distance, best token
    first, averaged over the words.
    """
    import numpy as np

    tokens = match.tokens()
    said = {word.text.casefold() for word in words}
    about = list(ask.about)
    if any(words[i].pair and not match.literal[i] for i in about):
        return 0.0
    near = tokens.near[about]
    weights = np.array([words[i].weight if ask.kind == "amount" else 1.0 for i in about]) + 1e-3
    places = np.arange(len(tokens.texts))
    best = 0.0
    for at, text in enumerate(tokens.texts):
        number = NUMBER.match(text) or (ask.kind != "value" and NONE.match(text))
        if tokens.sentence[at] < 0 or not number or text.casefold() in said:
            continue
        away = np.abs(places - at) - 1
        if ask.kind == "count":
            away = np.where(places > at, away, _BEHIND * (away + 1))
        reach = np.exp(-np.maximum(away, 0) / _REACH[ask.kind]) * (tokens.sentence == tokens.sentence[at])
        best = max(best, float((near * reach).max(axis=1) @ weights) / float(weights.sum()))
    return best
