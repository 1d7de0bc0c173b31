"""Where a sentence of an abstract denies something: "without retraining", "no reference model", "training-free", "the gains
vanish". Pure functions; what they find is judged in `rag.premise.rules`.

>>> [sorted(denial.things[0]) for denial in denials("KiteNet runs without any further retraining.")]
[['further', 'retrain', 'train']]
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.premise.lexicon import OTHERS, OURS, content, keys, plain

_NOT_THESE = r"(?! (?:only|just|merely|least|less|limited|necessarily only|matter))"
_CUE = re.compile(
    r"(?<![\w-])(?:(?P<without>without|instead of|rather than(?! (?:only|just|merely|simply)\b)|"
    r"free (?:of|from)|in the absence of)"
    r"|(?P<ends>(?:eliminat|avoid|obviat|bypass|circumvent|dispens|forgo|forego|sidestep)\w*(?: with| away with)?"
    r"|(?:remov|reliev|alleviat)\w+ (?=(?:the )?(?:need|requirement|necessity|dependen))|drops|discards|does away with)"
    r"|(?P<not>(?:do|does|did|is|are|was|were|can|could|will|would|need|has|have|must)(?: not|n't)|cannot|not|never|no longer)"
    + _NOT_THESE
    + r"|(?P<no>no|none of|neither|zero|nor)"
    + _NOT_THESE
    + r"|(?P<fails>fail(?:s|ed)? to|unable to))\b",
    re.IGNORECASE,
)
_FREE = re.compile(r"((?:[\w]+[- ])?(?!model)[\w]+)[- ]free\b(?! (?:of|from|energy|form|lunch))", re.IGNORECASE)
_AFTER_IT = re.compile(
    r"([^,;:()]{3,80}?)\b(?:(?:is|are|was|were) (?:not|no longer|never) (?:needed|required|necessary)"
    r"|(?:is|are|becomes?) (?:unnecessary|unneeded|redundant|superfluous)|vanish\w*|disappear\w*)",
    re.IGNORECASE,
)
# Where what is denied ends.
_BOUNDARY = re.compile(
    r"[;:()]|,(?! ?(?:or|nor|and)\b)|\s-\s|"
    r"\b(?:but|while|whereas|although|though|so|thus|hence|therefore|which|because|where|when|"
    r"than|such that|making|enabling|achieving|allowing|yet|until|unless|as it|in order|thanks|"
    r"and (?:thus|hence|so|therefore|can|is|are|"
    r"does|achieves?|enables?|allows?|outperforms?|the))\b",
    re.IGNORECASE,
)
_LIGHT_START = re.compile(
    r"^(?:(?:the|any|a|an|its|their|such|all|further|having|being|to|on|for|of|with|from|ever|really|longer|"
    r"requir\w*|need\w*|necessit\w*|rely|relies|relying|reliance|depend\w*|us(?:e|es|ing|age)|access\w*|hav(?:e|ing)|employ\w*|"
    r"involv\w*|resort\w*|demand\w*|introduc\w*|add(?:ing)?|incur\w*|assum\w*|perform\w*|necessarily)\s+)+",
    re.IGNORECASE,
)
_JOINED = re.compile(r",|\b(?:or|and|nor|as well as)\b", re.IGNORECASE)
_PREPOSITION = re.compile(
    r"\b(?:for|in|on|to|from(?! scratch)|with|by|at|across|during|as|via|through|between|over|under|per|before|after|against|"
    r"compared)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r",|;|:|\(|\)|\s-\s|\b(?:while|whereas|but|although|though|because|which|that)\b", re.IGNORECASE)

_CONTRAST = re.compile(r"instead|rather", re.IGNORECASE)
_NO_SUBJECT = re.compile(r"\W*(?:at|on|in|with|by|for|from|under|of|to|and|or|across|using)\b", re.IGNORECASE)
_OPENING = 40
_GRANTED = re.compile(r"\b(?:although|though)\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """What a sentence denies: `things`, each the keys of a thing, and `scope`, the keys of everything that is denied with
    them. `before` are the keys of the clause before it, `named` the names with which that begins. `by_verb`: the cue denies a
    verb ("does not"); `ends`: it does away with the thing ("avoids"). `others`: it is said of others' work. `sure`: it is
    denied of the paper's own work, and whole, not in passing ("a training-free method"). `contrast`: "instead of" denies it.
    """

    things: tuple[frozenset[str], ...]
    scope: frozenset[str]
    before: frozenset[str]
    named: frozenset[str]
    by_verb: bool
    ends: bool
    others: bool
    sure: bool = True
    contrast: bool = False


@lru_cache(maxsize=4096)
def denials(text: str) -> tuple[Denial, ...]:
    """All that a sentence denies, in order."""
    text = plain(text)
    found = []
    for match in _CUE.finditer(text):
        if text[match.end() : match.end() + 1] == "-":
            continue
        end = _BOUNDARY.search(text, match.end())
        said = text[match.end() : end.start() if end else len(text)].strip()
        bare = _LIGHT_START.sub("", said)
        found.append(
            Denial(
                things=_things(bare),
                scope=keys(said),
                before=keys(_clause(text, match.start())),
                named=_names(_clause(text, match.start())),
                by_verb=bool(match["not"] or match["fails"]),
                ends=bool(match["ends"]),
                others=_of_others(text, match.start()),
                contrast=bool(_CONTRAST.match(match[0])),
                sure=not _CONTRAST.match(match[0])
                and not _limited(_JOINED.split(bare)[0])
                and _by_us(text, match.start()),
            )
        )
    for match in _FREE.finditer(text):
        words = re.split(r"[- ]", match[1])[-2:] if "-" in match[1] else match[1].split()[-1:]
        said = " ".join(words)
        found.append(
            Denial(
                things=(keys(said), keys(words[-1])),
                scope=keys(said),
                before=keys(text[: match.start()]),
                named=frozenset(),
                by_verb=False,
                ends=False,
                others=_of_others(text, match.start()),
                sure=False,
            )
        )
    for match in _AFTER_IT.finditer(text):
        found.append(
            Denial(
                things=_things(match[1]),
                scope=keys(match[1]),
                before=frozenset(),
                named=frozenset(),
                by_verb=False,
                ends=False,
                others=_of_others(text, match.end()),
            )
        )
    return tuple(found)


def _limited(said: str) -> bool:
    """Whether what is denied is narrowed down by what follows ("backpropagation through the backbone")."""
    cut = _PREPOSITION.search(said)
    return cut is not None and cut.start() > 2


def _by_us(text: str, at: int) -> bool:
    """Whether what stands before `at` speaks of the paper's own work, or has a name."""
    before = text[:at]
    return bool(OURS & set(re.findall(r"[a-z]+", before.lower()))) or any(
        token.kind == "name" for token in content(before)
    )


def _names(text: str) -> frozenset[str]:
    """The names with which a clause begins."""
    if _NO_SUBJECT.match(text):
        return frozenset()
    return frozenset(token.key for token in content(text)[:2] if token.kind == "name" and token.strong)


def _clause(text: str, at: int) -> str:
    """The clause that ends at `at`; a single word before it counts to the clause before."""
    starts = [match.end() for match in _CLAUSE.finditer(text, 0, at)]
    return text[next((s for s in reversed(starts) if len(text[s:at].split()) > 1), 0) : at]


def _things(said: str) -> tuple[frozenset[str], ...]:
    """The things of "a reference model or any labels for the task", one by one."""
    out = []
    for part in _JOINED.split(said):
        part = _LIGHT_START.sub("", part.strip())
        cut = _PREPOSITION.search(part)
        if cut and cut.start() > 2:
            part = part[: cut.start()]
        if found := keys(part):
            out.append(found)
    return tuple(out)


def _of_others(text: str, at: int) -> bool:
    """Whether the clause before `at` has others' work as its subject, and nothing of the paper's own."""
    starts = [match.end() for match in _CLAUSE.finditer(text, 0, at)]
    for start in [*reversed(starts), 0]:
        words = re.findall(r"[A-Za-z][\w-]*", text[start:at])
        named = any(not word[1:].islower() and len(word) > 1 for word in words)
        if words and (len(words) > 1 or named or start == 0):
            lower = [word.lower() for word in words]
            if re.match(r"\s*(?:unlike|in contrast to|compared (?:to|with))\b", text[start:at], re.IGNORECASE):
                return False
            if _GRANTED.search(text, 0, start + 1 if start else at) and not any(word in OURS for word in lower):
                return True
            return any(word in OTHERS for word in lower[:5]) and not any(word in OURS for word in lower)
    return False


def told_of_others(text: str, at: int = _OPENING) -> bool:
    """Whether what a plain sentence says at `at` (its opening, unless given) is said of others' work."""
    return _of_others(text, min(len(text), at))
