"""What an abstract says cannot be done, or cannot be done without: "does not run on phones", "singing is not supported", "no
existing GPU supports it", "without warm-up, training diverges". Rules as in `rag.premise.rules`.
"""

from __future__ import annotations

import re

from rag.premise.abstract import Abstract
from rag.premise.denials import denials, told_of_others
from rag.premise.lexicon import BAD, DOWN, GENERIC, LIGHT, LOSS, NARROWING, OURS, VANISH, among, content, keys, plain
from rag.premise.questions import Assumed
from rag.supporting.text import stem

_NOT_DONE = re.compile(
    r"(?P<what>[^,;:()]{3,90}?)\s+(?:"
    r"(?:is|are|was|were)(?: not|n't) (?:yet |currently |officially |publicly )?"
    r"(?:supported|available|released|published|handled|covered|possible|recorded|included|recogni[sz]ed|provided|shared|allowed)"
    r"|(?:cannot|can not|can't|could not) (?:yet )?be (?P<done>[a-z]+(?:ed|en|lt|ad|t))"
    r"|(?:is|are|remains?) (?:still )?out of (?:scope|reach)"
    r"|(?:is|are)(?: not|n't)(?=\s*$))\b(?! (?:only|just|until|unless|if|when|without))",
    re.IGNORECASE,
)
_DOES_NOT = re.compile(
    r"\b(?:(?:does|do|did|can|could)(?: not|n't)|cannot|never)\s+(?P<said>[a-z][^,;:()]{2,80})", re.IGNORECASE
)
_ENDS = re.compile(
    r"\b(?:but|while|whereas|although|though|so|since|because|which|and (?:is|it|the|we|can|does|are)|yet)\b",
    re.IGNORECASE,
)
_IF = re.compile(
    r"\b(?:when|unless|until|only|just|necessarily|if|than|without|always|merely|fully|yet|well|as|anymore|where|before|after|"
    r"directly|alone|beyond|any longer|even)\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"^(?:(?:so far|currently|today|to date|to our knowledge),? )?(?:no|none of the)\s+"
    r"(?:(?:existing|current|other|known|single|available|previous|prior)\s+)*(?P<said>[^,;:()]{8,90})",
    re.IGNORECASE,
)
_ABLE = frozenset(
    stem(w)
    for w in """support supports run runs handle handles work works process processes deal separate speed use download get find
    obtain access cope climb recognize recognise detect generate produce translate read write perform manage allow offer provide
    cover include release store learn track segment""".split()
)
_DOUBTS = frozenset(
    stem(w)
    for w in "fail limit limitation struggle stop prevent avoid problem drawback weakness lack difficulty".split()
)

_WITHOUT = re.compile(
    r"\b(?:without|(?:needs?|requires?|using|uses?|with) no|(?:not|n't) (?:need|require|use|rely on|depend on))\s+"
    r"(?:(?:any|the|a|an|further|additional|extra|using|needing|doing|having)\s+)*(?P<what>[^,;:?()]{3,60})",
    re.IGNORECASE,
)
_WHAT_ENDS = re.compile(r"\b(?:for|in|on|to|when|while|and|but|at|by|if|so|during|as|than|from|with)\b", re.IGNORECASE)
_IS_NEEDED = re.compile(
    r"(?P<what>[^,;:()]{3,80}?)\s+(?:is|are|remains?) (?:still |strictly |absolutely )?"
    r"(?:required|needed|necessary|essential|indispensable|mandatory)\b",
    re.IGNORECASE,
)
_NEEDS = re.compile(
    r"\b(?:requires|needs|relies on|depends on|cannot do without)\s+(?P<what>[^,;:()]{3,60})", re.IGNORECASE
)
_FAILS = (
    r"(?:diverg|collaps|fails?\b|breaks?\b|cannot|does not (?:converge|work|train)"
    r"|(?:is|becomes?) (?:unstable|impossible))"
)
_FAILS_AT_ALL = re.compile(_FAILS, re.IGNORECASE)
_FAILS_WITHOUT = re.compile(
    rf"\bwithout (?P<what>[^,;:()]{{3,50}}),? (?:[\w-]+ ){{0,4}}?{_FAILS}"
    rf"|{_FAILS}[\w ]{{0,30}}? without (?P<that>[^,;:()]{{3,50}})",
    re.IGNORECASE,
)
_NOT = re.compile(r"(?:\bnot|n't|\bnever|\bno|\bwithout|\bcannot|\bno longer)\b", re.IGNORECASE)


def unable(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question asks how something is done that the sentence says is not, or cannot be."""
    if part.kind == "nobody" or (part.kind == "claim" and not part.asked):
        match = None if part.denied else _NOBODY.match(text)
        said = _bare(_until(match["said"])) if match else frozenset()
        if match and len(said) >= 2 and said <= question and not _IF.search(match["said"]):
            return 2.0 + len(said)
    if part.kind != "claim" or part.denied or part.asked or not part.manner:
        return 0.0
    claim = keys(plain(part.text))
    if claim & (BAD | _DOUBTS):
        return 0.0
    best = 0.0
    for match in _NOT_DONE.finditer(text):
        if told_of_others(text, match.start("what") + 1) or not claim & _ABLE:
            continue
        done = keys(match["done"] or "")
        for what in re.split(r"\band\b|\bor\b|,|\bneither\b", _last(match["what"])):
            said = _bare(what) - abstract.names
            if said and all(among(key, claim) for key in said) and (not done or done <= claim or claim & _ABLE):
                best = max(best, 1.0 + len(said))
    for match in _DOES_NOT.finditer(text):
        if told_of_others(text, match.start()) or _IF.search(after := _until(match["said"])):
            continue
        said = _bare(after)
        subject = _bare(head := _last(text[: match.start()])) - abstract.names
        ours = bool(OURS & set(re.findall(r"[a-z]+", head.lower()))) or bool(_bare(head) & abstract.names)
        if len(said) >= 2 and all(among(key, claim) for key in said) and (subject <= question if subject else ours):
            best = max(best, 1.0 + len(said))
    return best


def indispensable(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question says that it does without something; the sentence that this is needed, or that nothing works without it."""
    if not part.denied or part.asked or part.kind != "claim" or told_of_others(text):
        return 0.0
    claimed = plain(part.text)
    if _FAILS_AT_ALL.search(claimed) or keys(claimed) & (BAD | LOSS | DOWN | VANISH | _DOUBTS):
        return 0.0  # it asks what is lost without it
    for match in _WITHOUT.finditer(claimed):
        ends = _WHAT_ENDS.search(match["what"])
        wanted = _of(match["what"][: ends.start()] if ends else match["what"])
        core = wanted - NARROWING
        if not core - LIGHT or core <= GENERIC:
            continue
        if any(core & _of_denied(s) for s in (*abstract.sentences, abstract.heading) if not _FAILS_WITHOUT.search(s)):
            continue
        for found in (*_IS_NEEDED.finditer(text), *_NEEDS.finditer(text), *_FAILS_WITHOUT.finditer(text)):
            said = found["what"] or found.groupdict().get("that") or ""
            before = text[: found.start()] + (said if found.re is _IS_NEEDED else "")
            if found.re is not _FAILS_WITHOUT and _NOT.search(_last(before)):
                continue
            if core <= _of(said) and (found.re is not _NEEDS or _by_it(before, abstract)):
                return 2.0 + len(core)
    return 0.0


def happens(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question says that something does not happen; the sentence, in the same words, that it does."""
    if not part.denied or part.asked or part.kind != "claim" or not part.manner or told_of_others(text):
        return 0.0
    match = re.search(r"(?:\bnot|n't|\bnever)\s+(?P<verb>[^,;:?()]+)", part.text)
    if match is None or _NOT.search(text) or re.search(r"\b(?:without|no)\b", part.text):
        return 0.0
    verb = _of(plain(match["verb"])) - abstract.names
    claim = _of(plain(part.text)) - abstract.names
    if not verb or len(claim) < 3 or not claim <= keys(text):
        return 0.0
    denied = any(verb & denial.scope for s in abstract.sentences for denial in denials(s))
    return 0.0 if denied else 1.0 + len(claim)


def _of(text: str) -> frozenset[str]:
    return frozenset(token.key for token in content(text) if not token.figure)


def _bare(text: str) -> frozenset[str]:
    return frozenset(token.key for token in content(text)) - NARROWING - LIGHT


def _of_denied(text: str) -> frozenset[str]:
    """Keys of what a sentence says its own work does without."""
    return frozenset(key for denial in denials(text) if not denial.others for thing in denial.things for key in thing)


def _last(text: str) -> str:
    """The last clause of a text."""
    return re.split(r"[,;:()]|\s-\s|\b(?:but|while|whereas|although|that|which)\b", text)[-1]


def _until(said: str) -> str:
    ends = _ENDS.search(said)
    return said[: ends.start()] if ends else said


def _by_it(before: str, abstract: Abstract) -> bool:
    head = _last(before)
    return bool(OURS & set(re.findall(r"[a-z]+", head.lower()))) or bool(_of(head) & abstract.names)
