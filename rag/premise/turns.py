"""Contradictions between opposite words: more tokens and fewer, overtrained and undertrained, harmed and kept, worse and best,
built on one model and on another. Each rule looks at one part of a question and one sentence, as in `rag.premise.measured`.
"""

from __future__ import annotations

import re

from rag.premise.abstract import Abstract
from rag.premise.compare import comparisons
from rag.premise.denials import told_of_others
from rag.premise.lexicon import LIGHT, OURS, QUALITY, content, keys, plain
from rag.premise.questions import Assumed
from rag.supporting.text import Token

_TIMES = r"(?:\S+(?:[- ]|(?=times))(?:times|x|fold)|\d[\d.]*x|twice|half|three times|much|far|significantly|many)\s+"
_MORE = re.compile(
    rf"\b(?:(?:{_TIMES})?(?:more|larger|longer|bigger|higher|greater)"
    r"|(?:twice|double|triple|(?:\S+ )?times) (?:as (?:many|much)|the))"
    r"\s+(?P<what>[^,;:.?()]+)",
    re.IGNORECASE,
)
_LESS = re.compile(
    rf"\b(?:(?:{_TIMES})?(?:fewer|less|smaller|shorter|lower)|half (?:as (?:many|much)|the))\s+(?P<what>[^,;:.?()]+)",
    re.IGNORECASE,
)
_WHAT_ENDS = re.compile(r"\b(?:than|as|compared|for|in|on|to|with|while|and|but|at|by|when|if)\b", re.IGNORECASE)
_NOT_BEFORE = re.compile(r"(?:\bnot?|n't|\bnever|\bwithout|\bcannot)\s+(?:[\w-]+\s+){0,4}$", re.IGNORECASE)
_HARMS = re.compile(
    r"\b(?:(?:fail(?:s|ed)?|unable) to (?:keep|maintain|preserve|retain|recover)|"
    r"harm(?:s|ed)?|hurt(?:s)?|degrade[sd]?|impair(?:s|ed)?|"
    r"worsen(?:s|ed)?|damage[sd]?|sacrifice[sd]?|los(?:e|es|t)|destroy(?:s|ed)?|compromise[sd]?)\s+(?P<what>[^,;:.?()]+)",
    re.IGNORECASE,
)
_KEEPS = re.compile(r"\b(?:maintain|preserv|retain|keep|kept|recover)\w*\s+(?P<what>[^,;:.?()]+)", re.IGNORECASE)
_BEST = re.compile(
    r"\b(?:is|are|be|deliver\w*|achiev\w*|yield\w*|perform\w*|give\w*|obtain\w*|reach\w*|remain\w*)\s+(?:the\s+)?best\b(?! of)",
    re.IGNORECASE,
)
_PREFIXED = re.compile(r"\b(over|under)-?(?P<root>[a-z]{4,})", re.IGNORECASE)
_BASE = re.compile(
    r"\b(?:(?:built|build|builds|based|founded|initiali[sz]ed|fine-?tuned) (?:up)?(?:on(?: top of)?|from|with)"
    r"|start(?:s|ed|ing) from)\s+(?:the\s+|an?\s+)?",
    re.IGNORECASE,
)
_AS_BASE = re.compile(
    r"\b(?:uses?|using|employs?|takes?|adopts?)\s+(?:the\s+|an?\s+)?(?P<name>[\w.+-]+)"
    r"\s+as\s+(?:\w+ ){0,3}(?:backbone|base|basis|foundation)",
    re.IGNORECASE,
)


def amounts(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question has more of something, the sentence less of it; or the other way round."""
    if part.kind != "claim" or part.denied or part.asked or told_of_others(text):
        return 0.0
    claim = plain(part.text)
    subject = _names(claim)
    best = 0.0
    for ours, against in ((_MORE, _LESS), (_LESS, _MORE)):
        for about in _whats(ours, claim):
            crossed = [other for other in _whats(against, text) if about & other]
            if not crossed or any(about & other for s in abstract.sentences for other in _whats(ours, s)):
                continue
            shared = max(len(about & other) for other in crossed)
            all_of_it = about <= max(crossed, key=lambda other: len(about & other))
            same = bool(subject & (_names(text) | (abstract.names if _is_ours(text) else frozenset())))
            if shared >= 2 or (same and all_of_it and not about <= QUALITY):
                best = max(best, 1.0 + shared + len(subject & _names(text)))
    return best


def kept(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question says that something is harmed, the sentence that it is kept."""
    if part.kind != "claim" or (part.denied and "fail" not in part.text) or part.asked or told_of_others(text):
        return 0.0
    claim = plain(part.text)
    for match in _HARMS.finditer(claim):
        harmed = _what(match["what"])
        if any(harmed & _what(m["what"]) - LIGHT for s in abstract.sentences for m in _HARMS.finditer(s) if s != text):
            continue
        for keeps in _KEEPS.finditer(text):
            shared = harmed & _what(keeps["what"])
            if not _NOT_BEFORE.search(text, 0, keeps.start()) and len(shared) >= 2:
                return 1.0 + len(shared)
    return 0.0


def beaten_best(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question puts behind what the sentence calls best."""
    match = _BEST.search(text)
    if match is None or part.kind != "claim" or part.denied or part.asked or _NOT_BEFORE.search(text[: match.start()]):
        return 0.0
    first = keys(re.split(r"[;:,]|\b(?:but|that|while)\b", text[: match.start()])[-1]) - LIGHT
    for claim in comparisons(plain(part.text)):
        behind = claim.behind - claim.ahead
        if claim.axis < 0 and not claim.denied and len(first & claim.behind) >= 2 and first & behind - LIGHT:
            return float(len(first & claim.behind)) if not first & (claim.ahead - claim.behind) else 0.0
    return 0.0


def prefixed(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question says "overtrained", the sentence "undertrained"."""
    if part.kind != "claim" or part.denied or part.asked:
        return 0.0
    for match in _PREFIXED.finditer(part.text):
        against = ("under" if match[1].lower() == "over" else "over") + match["root"].lower()[:6]
        same = match[1].lower() + match["root"].lower()[:6]
        said = text.lower().replace("-", "")
        found = re.search(rf"\b{against}", said)
        if (
            found
            and not _NOT_BEFORE.search(said, 0, found.start())
            and same not in " ".join(abstract.sentences).lower()
        ):
            return 2.0
    return 0.0


def another_base(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question says that it is built on a name that the abstract has not, the sentence on another."""
    if part.kind != "claim" or part.denied or told_of_others(text):
        return 0.0
    theirs = [name for match in _BASE.finditer(text) if (name := _first_name(text[match.end() :]))]
    theirs += [name for match in _AS_BASE.finditer(text) if (name := _first_name(match["name"]))]
    if len({name.key for name in theirs}) != 1 or theirs[0].key in question:
        return 0.0
    claim = plain(part.text)
    ours = [name for match in _BASE.finditer(claim) if (name := _first_name(claim[match.end() :]))]
    ours += [name for match in _AS_BASE.finditer(claim) if (name := _first_name(match["name"]))]
    known = [key for key in abstract.named if len(key) > 2]
    wrong = [n for n in ours if n.key not in abstract.everything and not any(n.key in k or k in n.key for k in known)]
    return 2.0 if wrong and question & (_names(text) | abstract.names) else 0.0


def _whats(pattern: re.Pattern[str], text: str) -> list[frozenset[str]]:
    """What there is more (or less) of, in each place of a text where that is not denied."""
    found = [_what(match["what"]) for match in pattern.finditer(text) if not _NOT_BEFORE.search(text[: match.start()])]
    return [about for about in found if about]


def _what(said: str) -> frozenset[str]:
    ends = _WHAT_ENDS.search(said)
    said = said[: ends.start()] if ends else said
    return frozenset(token.key for token in content(said)[:5] if not token.figure)


def _names(text: str) -> frozenset[str]:
    return frozenset(token.key for token in content(text) if token.kind == "name" and token.strong)


def _is_ours(text: str) -> bool:
    return bool(OURS & set(re.findall(r"[a-z]+", text.lower())))


def _first_name(text: str) -> Token | None:
    first = content(text)[:1]
    return first[0] if first and first[0].kind == "name" and re.search(r"[\dA-Z]", first[0].text[1:]) else None
