"""Effects that an abstract denies: "brings no improvement", "a difference that is not significant", "helps only a little" against
a question how much something helps. A rule as in `rag.premise.rules`.
"""

from __future__ import annotations

import re

from rag.premise.abstract import Abstract
from rag.premise.compare import comparisons
from rag.premise.denials import told_of_others
from rag.premise.lexicon import GAIN, LIGHT, LOSS, NARROWING, OURS, UP, among, content, keys, plain
from rag.premise.questions import Assumed
from rag.supporting.text import stem

_DEGREE = r"(?:such|statistically|significant\w*|clear|measurable|noticeable|real|discernible|meaningful|consistent|visible|any)"
_NONE = re.compile(
    rf"\b(?:(?:no|not any|hardly any)\s+(?:{_DEGREE}\s+)*(?:effects?|improvements?|gains?|benefits?|differences?|advantages?|"
    r"changes?|impact|influence|help|speedups?|savings?)\b(?![- ]free)(?!\s+(?:in|of) (?:loss|cost)\b)"
    r"|of no (?:use|help|benefit|avail)\b"
    r"|(?:do|does|did)(?: not|n't) (?:significantly |measurably |noticeably )?"
    r"(?:improve|help|change|differ|benefit|matter|affect)\b"
    r"(?! (?:only|just|necessarily))"
    r"|fail(?:s|ed)? to improve\b|never (?:helps?|improves?)\b"
    r"|(?:is|are|was|were)(?: not|n't) (?:statistically )?(?:significant|measurable|noticeable)\b(?!ly)"
    r"|(?:harm|hurt|change|improve|affect|cost|add|gain|bring|contribute)s? nothing\b)",
    re.IGNORECASE,
)
_LITTLE = re.compile(
    r"\b(?:only (?:a little|slightly|marginally|modestly|a bit|minor|marginal|small|slight)|barely|hardly|negligibl[ey]|"
    r"(?:minimal|marginal|minor|negligible|insignificant|modest) "
    r"(?:effects?|improvements?|gains?|benefits?|differences?|impact|influence)|"
    r"little (?:effect|improvement|gain|benefit|difference|impact|influence|help)|(?:by|of) (?:only|just|merely)(?= [\d.]))",
    re.IGNORECASE,
)
_MUCH = re.compile(
    r"\b(?:so (?:much|well|strongly|greatly|large|big|far|effective\w*)|significant\w*|substantial\w*|great(?:ly)?|dramatic\w*|"
    r"considerabl[ey]|huge(?:ly)?|strong(?:ly)?|a lot|massive(?:ly)?|large(?:ly)?|big)\b",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"[,;:()]|\s-\s|\b(?:while|whereas|but|although|though|because|since|that|which|when|so|and (?:it|they|the|we))\b",
    re.IGNORECASE,
)
_REPORTED = re.compile(r"\b(?:report|claim|believ|assum|argu|suppos)\w* that\b", re.IGNORECASE)
_BACK = re.compile(r"\b(?:it|them|they|this|these|that|both|either)\b", re.IGNORECASE)
_EFFECT = (
    GAIN
    | UP
    | LOSS
    | frozenset(
        stem(w)
        for w in "help change affect influence effect matter difference contribute useful speed accelerate".split()
    )
)
# Words of a clause that say no more than that something has an effect.
_SAYING = _EFFECT | frozenset(
    stem(w)
    for w in """bring make have show give yield lead see get produce statistically significant measurable noticeable clear little
    slightly marginally barely only nothing use avail far also however even still surprisingly interestingly note notice
    experience across compared""".split()
)
_MOST, _MOST_OF_LITTLE = 0.7, 0.6


def no_effect(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question asks how something helps or changes something; the sentence says that it does not, or hardly."""
    if part.kind != "claim" or part.denied or part.asked:
        return 0.0
    for match in (*_NONE.finditer(text), *_LITTLE.finditer(text)):
        claimed = plain(part.text)
        if (match.re is _LITTLE and not _MUCH.search(claimed)) or _REPORTED.search(claimed):
            continue
        claim = keys(claimed)
        if not claim & _EFFECT and not comparisons(claimed):
            return 0.0
        if told_of_others(text, match.start()) and not part.of_others:
            continue
        if strength := _same(claim, claimed, text, match, abstract):
            return strength
    return 0.0


def _same(claim: frozenset[str], claimed: str, text: str, match: re.Match[str], abstract: Abstract) -> float:
    """How much of what is without effect is what the question is about; 0 when it is something else, or narrower."""
    clause, before = _clause(text, match)
    if re.search(r"\bsuch\b", match[0], re.IGNORECASE):
        shared = (claim & _before(text, abstract)) - abstract.names - LIGHT
        return 1.0 + len(shared) if len(shared) >= 2 else 0.0
    about = _about(clause) - abstract.names
    shared = frozenset(key for key in about if among(key, claim))
    if not about:
        near = next((found for piece in reversed(_CUT.split(before)) if (found := _about(piece))), frozenset())
        back = (claim & _about(before)) - abstract.names
        significant = re.search(r"\bsignificant", claimed) and "significant" in match[0]
        enough = back and (significant or len(back & near) >= max(2, _MOST_OF_LITTLE * len(near)))
        return 1.0 + len(back) if enough else 0.0
    if len(shared) < (_MOST_OF_LITTLE if match.re is _LITTLE else _MOST) * len(about):
        return 0.0
    subject = _subject(clause, match, text)
    if subject and not any(among(key, claim) for key in subject):
        return 0.0
    named = any(t.key in shared and t.kind == "name" and t.strong for t in content(clause))
    resolved = _BACK.search(clause) and bool(claim & (_about(before) | abstract.names))
    return 1.0 + len(shared) if len(shared) >= 2 or named or resolved else 0.0


def _subject(clause: str, match: re.Match[str], text: str) -> frozenset[str]:
    """What is said to be without effect, where the clause names it ("Probing makes no difference")."""
    head = clause[: clause.find(match[0])] if match[0] in clause else ""
    head = re.sub(r"^\s*(?:on|in|for|with|at|under|over|across|against)\s+[^,]*,", " ", head, flags=re.IGNORECASE)
    if _BACK.search(head) or OURS & set(re.findall(r"[a-z]+", head.lower())):
        return frozenset()
    return _about(head)


def _about(text: str) -> frozenset[str]:
    """What a clause is about: its words but for those that only say that something has an effect."""
    return (
        frozenset(t.key for t in content(text) if t.weight >= 0.3 and (not t.figure or t.figure.unit == "x"))
        - _SAYING
        - NARROWING
        - LIGHT
    )


def _clause(text: str, match: re.Match[str]) -> tuple[str, str]:
    """The clause in which a match stands, and what stands before it; an opening "On X," belongs to it."""
    cuts = [m for m in _CUT.finditer(text, 0, match.start()) if m.end() <= match.start()]
    start = cuts[-1].end() if cuts else 0
    if (
        cuts
        and cuts[-1][0] == ","
        and re.match(r"\s*(?:on|in|for|with|at|under|against|without)\b[^,;:]*,$", text[:start], re.IGNORECASE)
    ):
        start = 0
    if aside := re.search(r"\bwith (?:only )?(?:an? )?$", text[: match.start()]):
        start = aside.start()
    after = _CUT.search(text, match.end())
    return text[start : after.start() if after else len(text)], text[:start]


def _before(text: str, abstract: Abstract) -> frozenset[str]:
    """Keys of the sentence before one."""
    at = abstract.sentences.index(text)
    return keys(abstract.sentences[at - 1]) if at else frozenset()
