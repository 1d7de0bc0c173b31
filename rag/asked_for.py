"""What a question asks for: a count, a value, an amount, a device, a duration, a licence, a release, a limit, an optimizer …

A paper that is named in a question speaks of most of its words, whether or not it states what is asked. So the answer is
looked for by its kind: "how many layers" wants a number before a word like "layers", "what learning rate" a number near that
phrase, "on which GPU" the name of a device. Rules over English wording, no list of methods or papers.

>>> [ask.kind for ask in asks_of("How many layers does FoldNet have, and on which GPU was it trained?".split())]
['count', 'device']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Kind = Literal[
    "count", "value", "amount", "device", "duration", "licence", "money", "release", "limit", "optimizer", "tokenizer",
    "funder", "venue",
]  # fmt: skip
# Kinds that a number answers; it has to stand near the words of the ask.
NUMBERS: frozenset[Kind] = frozenset(("count", "value", "amount"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One thing asked for: its kind, and the places of the words of the question that say of what."""

    kind: Kind
    about: tuple[int, ...] = ()


_OPENS = frozenset("how what which who whom whose when where why".split())
_IS = frozenset("is are was were be".split())
_DOES = frozenset("does do did has have had can could".split())
_PERSONS = frozenset("people persons authors papers works times ways types kinds".split())
_HOW_MUCH = re.compile(
    r"much|large|big|far|small|high|low|strong|slow|expensive|quick|quickly|great|deep|accurate|accurately|badly|little|often|"
    r"fast|\w+er"
)
# Nouns whose value is a number. The vague ones say nothing without the words around them.
_VAGUE = re.compile(
    r"share|fraction|proportion|percentage|percent|factor|numbers?|results?|gains?|margin|sizes?|values?|scores?|cost|amount|"
    r"improvements?|reductions?|savings?|level|jump|points?",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"accurac(?:y|ies)|rates?|errors?|perplexit(?:y|ies)|ratios?|speed-?ups?|throughput|latency|dimensions?|ranks?|length|overhead|"
    r"correlation|mAP|AP|FID|BLEU|AUC|AUROC|F1|WER|CER|MFU|MOS|CIDEr|ROUGE\S*|pass@\S+|recall\S*|precision|footprint|consumption|"
    r"temperature|epsilon|alpha|beta|gamma|lambda|parameters|params|epochs|steps|tokens|layers|weight|decay|depth|width|budget|"
    r"frequency|stability|utili[sz]ation|price",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"gpus?|tpus?|npus?|hardware|machines?|accelerators?|board|card|cpus?|processors?|devices?|chips?", re.IGNORECASE
)
_DURATION = re.compile(r"hours?|days|minutes|weeks|seconds|milliseconds|time", re.IGNORECASE)
_LICENCE = re.compile(r"licen[sc]es?", re.IGNORECASE)
# Things of a class that are asked for by the class and answered by a name.
_CLASSES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("optimizer", re.compile(r"optimi[sz]ers?", re.IGNORECASE)),
    ("tokenizer", re.compile(r"tokeni[sz]ers?", re.IGNORECASE)),
    ("venue", re.compile(r"venues?|conferences?|journals?", re.IGNORECASE)),
)
# What a device is measured by: "which GPU memory" asks for an amount of memory, not for a device.
_OF_DEVICE = re.compile(r"memory|hours|days|time|usage|utili[sz]ation|budget|costs?|footprint", re.IGNORECASE)
_NAME = re.compile(r".*(?:\d|[a-z][A-Z]|[A-Z]{2})")
# Kinds that the wording of the whole question shows.
_WHOLE: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("duration", re.compile(r"\b[gt]pu[- ]?(?:hours|days|time)\b|\binference time\b|\bmilliseconds\b", re.IGNORECASE)),
    ("licence", re.compile(r"\blicen[sc]es?\b", re.IGNORECASE)),
    ("money", re.compile(r"\bdollars?\b|\bmoney\b|\bhow expensive\b|\bUSD\b|\beuros?\b", re.IGNORECASE)),
    (
        "release",
        re.compile(
            r"\bopen[- ]?sourced?\b|\bcode\b.*\b(?:public|available|released|open|download)|\bdownload|\bis there code\b|"
            r"\b(?:available|public|released)\b.*\b(?:code|weights|data\w*|model)\b|\bweights\b.*\bopen\b",
            re.IGNORECASE,
        ),
    ),
    (
        "funder",
        re.compile(
            r"\bwho (?:funded|sponsored|financed|paid)\b|\b(?:funded|sponsored|financed) by (?:whom|who)\b",
            re.IGNORECASE,
        ),
    ),
    ("limit", re.compile(r"\blimitations?\b|\bweakness\w*|\bdrawbacks?\b|\bshortcomings?\b", re.IGNORECASE)),
)
# What a text must hold to answer a kind that no number answers.
_FOUND: dict[Kind, re.Pattern[str]] = {
    "device": re.compile(
        r"\b(?:[AVHBLP]\d{2,3}0{1,2}s?\b|A\d{2}s?\b|[TLP]4s?\b|RTX|GTX|GH200|MI\d{3}|TPU|FPGA|ASIC|[34]0[6-9]0|Jetson|Raspberry|Xeon|"
        r"Ascend|MetaX|Cerebras|VCU\w+|M[1-4] (?:Pro|Max|Ultra)|laptop|smartphone|iPhone|microcontroller)"
    ),
    "duration": re.compile(
        r"(?:\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|few|several|single))[ -](?:\w+[ -]){0,2}"
        r"(?:hours?|days?|minutes?|seconds?|weeks?|months?)\b|\d ?(?:ms|s|h|min|hrs?)\b",
        re.IGNORECASE,
    ),
    "licence": re.compile(r"licen[sc]e|\bapache\b|\bMIT\b|\bCC[- ]BY|\bGPL|\bBSD\b", re.IGNORECASE),
    "money": re.compile(r"\$|\bUSD\b|\bdollars?\b|€|\beuros?\b", re.IGNORECASE),
    "release": re.compile(
        r"open-?\s?sourc|github|releas|availab|\bpublic|https?:|accessible to all|download", re.IGNORECASE
    ),
    "optimizer": re.compile(
        r"\b(?:Ada[A-Z]?\w+|Adam\w*|\w*SGD\w*|LAMB|LARS|RMS-?[Pp]rop|Lion|Sophia\w*|Shampoo|Muon|SOAP|K-FAC|L-BFGS|Adafactor|CAME"
        r"|momentum|[Nn]esterov|[Ss]tochastic [Gg]radient [Dd]escent|gradient descent|[A-Z]\w*[A-Z]\w* optimi[sz]er)\b"
    ),
    "tokenizer": re.compile(
        r"\bBPE\b|byte[- ](?:pair|level)|word-?piece|sentence-?piece|tiktoken|unigram|\b(?:character|pixel|word)-(?:level|based)"
        r"|\b\w+[A-Z\d]\w* tokeni[sz]er|\bVQ-?\w*",
        re.IGNORECASE,
    ),
    "funder": re.compile(r"\bfund(?:ed|ing)\b|\bgrants?\b|sponsor|financed|supported by the\b", re.IGNORECASE),
    "venue": re.compile(
        r"\b(?:NeurIPS|NIPS|ICML|ICLR|CVPR|ICCV|ECCV|E?ACL|NAACL|EMNLP|AAAI|IJCAI|KDD|SIGIR|Interspeech|ICASSP|COLING|WMT|TREC)\b"
        r"|accepted (?:at|to|by)|published (?:at|in)|workshop|proceedings",
    ),
    "limit": re.compile(
        r"limitation|however|fail|drawback|future work|worse|cannot|struggl|weakness|limited|does not|not yet|unable",
        re.IGNORECASE,
    ),
}
# A class of things is named by at most so many words: "which second-order optimizer".
_CLASS_WORDS = 2
# The first sentences of an abstract speak of the limits of others.
_OTHERS = 2

NUMBER = re.compile(
    r"\d|(?:one|two|three|four|five|six|seven|eight|nine|ten|half|twice|single|dozens?|hundreds|thousands|millions?|billions?)$",
    re.IGNORECASE,
)
# An amount may also be none.
NONE = re.compile(
    r"(?:no|not|without|none|never|zero|neither|nor|cannot|free|instead|\w+-free|un\w{3,}ed|vanish\w*|eliminat\w*|alleviat\w*|"
    r"remov\w*|avoid\w*|bypass\w*)$",
    re.IGNORECASE,
)


def is_device(word: str) -> bool:
    """Whether a word of a question says what sort of device: "GPU", "board". It looks like a name and is none."""
    return bool(_DEVICE.fullmatch(word))


def holds(kind: Kind, sentences: Sequence[str]) -> bool:
    """Whether a text, sentence by sentence, has something of a kind that is not a number."""
    return any(_FOUND[kind].search(sentence) for sentence in sentences[_OTHERS if kind == "limit" else 0 :])


def asks_of(
    words: Sequence[str],
    *,
    says: Callable[[int], bool] = lambda place: True,
    titled: Callable[[int], bool] = lambda place: False,
    names: Callable[[int], bool] = lambda place: False,
) -> tuple[Ask, ...]:
    """What a question asks for, in order.

    `says` tells which words say something (articles do not), `titled` which stand in the paper's title, `names` which of
    these name the paper.
    """
    reading = _Reading(words=words, says=says, titled=titled, names=names)
    opens = [i for i, word in enumerate(words) if word.casefold() in _OPENS]
    asks: list[Ask] = []
    for start, end in pairwise([*opens, len(words)]):
        asks += reading.clause(start, end)
    if not opens:
        asks += reading.bare()
    text = " ".join(words)
    known = {ask.kind for ask in asks}
    asks += [Ask(kind=kind) for kind, pattern in _WHOLE if kind not in known and pattern.search(text)]
    return tuple(asks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """The words of a question with what is known of them."""

    words: Sequence[str]
    says: Callable[[int], bool]
    titled: Callable[[int], bool]
    names: Callable[[int], bool]

    def clause(self, start: int, end: int) -> list[Ask]:
        """What is asked from one question word to the next."""
        at = start + 1
        if at >= end:
            return []
        opens, first = self.words[start].casefold(), self.words[at].casefold()
        if opens == "how":
            return self._how(first, at, end)
        if opens not in ("what", "which") or first in _DOES:
            return []
        phrase = self._phrase(at, end)
        if not phrase:
            return []
        texts = [self.words[i] for i in phrase]
        if any(_DEVICE.fullmatch(text) for text in texts):
            if len(texts) > 1 and _OF_DEVICE.fullmatch(texts[-1]) and not _DURATION.fullmatch(texts[-1]):
                return [Ask(kind="value", about=phrase)]
            return [Ask(kind="device")]
        if first not in _IS and len(phrase) <= _CLASS_WORDS:
            for kind, pattern in _CLASSES:
                if pattern.fullmatch(texts[-1]):
                    return [Ask(kind=kind)]
        if any(_LICENCE.fullmatch(text) for text in texts):
            return [Ask(kind="licence")]
        if _DURATION.fullmatch(texts[-1]):
            return [Ask(kind="duration")]
        if texts[0].casefold() == "number":
            return _some("count", self._phrase(phrase[0] + 1, end))
        exact = any(_QUANTITY.fullmatch(text) for text in texts)
        metric = first not in _IS and bool(_NAME.match(texts[-1])) and not self.titled(phrase[-1])
        if _VAGUE.fullmatch(texts[-1]) and len(phrase) == 1:
            return _some("amount", self._rest(at, end))
        if exact or metric or _VAGUE.fullmatch(texts[-1]):
            return _some("value", tuple(i for i in phrase if not _VAGUE.fullmatch(self.words[i])) or phrase)
        return []

    def bare(self) -> list[Ask]:
        """What a question without a question word asks for: the quantities that it names, at most two."""
        places = [
            i
            for i, word in enumerate(self.words)
            if self.says(i) and (_QUANTITY.fullmatch(word) or _VAGUE.fullmatch(word))
        ]
        asks: list[Ask] = []
        for i in places[:2]:
            if self.words[i].casefold() == "number":
                asks += _some("count", self._phrase(i + 1, len(self.words)))
            elif _VAGUE.fullmatch(self.words[i]):
                asks += _some("amount", self._rest(0, len(self.words)))
            else:
                first = i
                while first > 0 and self.says(first - 1) and not self.titled(first - 1):
                    first -= 1
                asks += _some("value", tuple(range(first, i + 1)))
        return asks

    def _how(self, first: str, at: int, end: int) -> list[Ask]:
        if first == "many":
            counted = at + 1 < end and self.words[at + 1].casefold() in _PERSONS
            phrase = (at + 1,) if counted else self._phrase(at + 1, end)
            if any(_DURATION.fullmatch(self.words[i]) for i in phrase[:2]):
                return [Ask(kind="duration")]
            return _some("count", phrase)
        if first == "long":
            return [Ask(kind="duration")]
        if _HOW_MUCH.fullmatch(first):
            return _some("amount", self._rest(at if first.endswith("er") else at + 1, end))
        return []

    def _phrase(self, at: int, end: int) -> tuple[int, ...]:
        """The next words in a row that say something and do not name the paper."""
        phrase: list[int] = []
        for i in range(at, end):
            if self.says(i) and not self.names(i):
                phrase.append(i)
            elif phrase:
                break
        return tuple(phrase)

    def _rest(self, at: int, end: int) -> tuple[int, ...]:
        """All words that say something and are not of the paper's title."""
        return tuple(i for i in range(at, end) if self.says(i) and not self.titled(i))


def _some(kind: Kind, about: tuple[int, ...]) -> list[Ask]:
    return [Ask(kind=kind, about=about)] if about else []
