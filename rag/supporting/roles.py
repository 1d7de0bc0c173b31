"""Who is compared with whom, what is done instead of what, and what a text only mentions to deny it.

Each function looks at a claim and the sentences of a text and returns the contradiction in words, or None. Sides are read by
position ("A is faster than B", "A over B", "A instead of B"), not by grammar.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.supporting.lexicon import AXES, COMPARED, LOSES, NEGATIONS, OPPOSITE_PREFIXES, SOFT_NEGATIONS, WINS
from rag.supporting.match import Evidence
from rag.supporting.text import Sentence, Token, sentence

_INSTEAD = re.compile(
    r"\b(?:instead of|rather than|in place of)\b|,\s*(?:and\s)?not\s(?!only|just|merely)", re.IGNORECASE
)
_DENIED = re.compile(
    r"\b(?:without|instead of|rather than|does not|do not|did not|is not|are not|cannot|can not|unlike|no longer|"
    r"diverging from|in contrast to|as opposed to)\b(?!\s(?:only|just|merely))",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(
    r"[.;:!?()]|,\s|\b(?:while|but|whereas|because|since|so|when|although|though|such that|which|that|thus|"
    r"enabling|by)\b",
    re.IGNORECASE,
)
_MARKED = re.compile(
    r"\b(?P<mark>than|over|against|compared\s(?:to|with)|relative\sto|versus|vs)\b"
    r"|\b(?P<verb>" + "|".join(sorted((*WINS, *LOSES), key=len, reverse=True)) + r")\b",
    re.IGNORECASE,
)
_BY = re.compile(r"\b(?:is|are|was|were|been|be)\s(?:\w+ly\s)?$", re.IGNORECASE)
_OBJECT_END = re.compile(
    r"[;:()]|\b(?:by|while|when|but|whereas|without|despite|because|in terms of|with|at|across|under|after)\b",
    re.IGNORECASE,
)
_PREDICATE = re.compile(
    r"\b(?:achiev|outperform|surpass|improv|exhibit|obtain|perform|reach|gain|reduc|lower|cut|increas|rais|sav|need|requir)\w*\b"
)
_PLACE = re.compile(r"\b(?:on|in|for|from)\b(?!ward)", re.IGNORECASE)
_PLAIN = frozenset(
    """a an the of and or to is are was were be been it its this that these those our their we they which by on in for at as
    with also can much even significantly consistently further still not up than over against compared relative more most
    less least better worse faster slower higher lower greater larger smaller than model models method methods approach
    approaches achieve achieves perform performs performing show shows get gets reach reaches run runs train trains""".split()
)
_OURS = frozenset({"we", "our", "it", "its", "this", "these", "proposed", "they", "their", "that", "which"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """A comparison: +1 where what stands on the left is ahead, what it is about, and the words of both sides."""

    sign: int
    left: frozenset[str]
    right: frozenset[str]
    ours: bool  # the left side is the text's own method ("our", "we")


def sides_swapped(claim: Sentence, given: Evidence) -> str | None:
    """The claim compares B with A where the text compares A with B."""
    if re.search(r"\b(?:not|no|never|neither|without)\b", claim.text):
        return None
    theirs = [side for s in given.sentences for side in _sides(s.text)]
    for ours in _sides(claim.text):
        crossed = straight = 0
        for other in theirs:
            left, right = other.left - other.right, other.right - other.left
            if other.ours:
                left |= given.title_keys - other.right
            if ours.sign != other.sign:
                left, right = right, left
            to_right = _shared(ours.left - ours.right, right)
            to_left = _shared(ours.right - ours.left, left)
            stays = _shared(ours.left, left) + _shared(ours.right, right)
            if to_right and to_left and to_right + to_left > stays:
                crossed = max(crossed, to_right + to_left - stays)
            straight = max(straight, stays if not (to_right and to_left) else 0)
        if crossed > 0 and straight < 2:
            return "the cited text compares the two the other way round"
    return None


def instead_swapped(claim: Sentence, given: Evidence) -> str | None:
    """ "B instead of A" where the text has "A instead of B"."""
    ours = _alternatives(claim.text)
    if not ours:
        return None
    theirs = [pair for s in given.sentences for pair in _alternatives(s.text)]
    for done, left in ours:
        for other_done, other_left in theirs:
            if (done - left) & (other_left - other_done) and (left - done) & (other_done - other_left):
                return "the cited text says 'instead of' the other way round"
    return None


def denied(claim: Sentence, given: Evidence) -> str | None:
    """The claim affirms what the text mentions only behind "without", "rather than", "unlike" or "does not"."""
    if any(t.lower in NEGATIONS or t.lower in SOFT_NEGATIONS for t in claim.tokens) or _DENIED.search(claim.text):
        return None
    if _alternatives(claim.text):
        return None
    spans = [(mark, keys) for s in given.sentences for mark, keys in _denials(s.text)]
    affirmed = frozenset[str]().union(*(_affirmed(s.text) for s in given.sentences)) | given.title_keys
    weights = {
        t.key: t.weight for t in claim.tokens if t.weight > 0.2 and not t.figure and t.key not in given.title_keys
    }
    for mark, keys in spans:
        inside = {key for key in weights if key in keys}
        only = {key for key in inside if key not in affirmed}
        rest = sum(w for key, w in weights.items() if key not in keys and key in affirmed)
        if sum(weights[k] for k in only) >= 0.8 and len(inside) >= 2 and sum(weights[k] for k in inside) > rest:
            return f"the cited text says that behind '{mark}'"
    return None


def opposed(claim: Sentence, near: Sequence[Sentence]) -> str | None:
    """An opposite beside the same word: "large impact" for "negligible impact", "off-policy" for "on-policy"."""
    text = " ".join(s.text for s in near).lower()
    said = claim.text.lower()
    for prefixes in OPPOSITE_PREFIXES:
        for first, second in (prefixes, prefixes[::-1]):
            for match in re.finditer(rf"(?<![\w-]){first}-(\w{{3,}})", said):
                if re.search(rf"(?<![\w-]){second}-{match[1][:5]}", text) and f"{first}-{match[1][:5]}" not in text:
                    return f"the cited text says '{second}-{match[1]}', the claim says '{first}-{match[1]}'"
    if re.search(r"\b(?:only|solely|exclusively)\b", said) and not re.search(r"\bnot (?:\w+ )?(?:only|solely)\b", said):
        tail = re.search(r"\b(?:only|solely|exclusively)\b(.*)", said)
        after = {t.key for t in sentence(tail[1]).tokens if t.weight > 0.2} if tail else set()
        for match in re.finditer(r"\bnot (?:only|just|solely|merely)\b(.{0,60})", text):
            if after & {t.key for t in sentence(match[1]).tokens} and "not only" not in said:
                return "the cited text says 'not only', the claim says 'only'"
    pairs = [pair for s in near for pair in _adjacent(s.tokens)]
    for (token, poles), beside in _adjacent(claim.tokens):
        for axis, sign in poles:
            if any((axis, sign) in its and beside & near_it for (_, its), near_it in pairs):
                continue
            for (word, opposite), near_it in pairs:
                if (axis, -sign) in opposite and beside & near_it:
                    return f"the cited text says '{word.lower}', the claim says '{token.lower}'"
    return None


def _adjacent(tokens: Sequence[Token]) -> list[tuple[tuple[Token, frozenset[tuple[int, int]]], frozenset[str]]]:
    """Each word of the later axes, with the content word right behind it (two of them where it is an adjective)."""
    found = []
    for i, token in enumerate(tokens):
        poles = _poles().get(token.lower)
        if not poles or any(t.lower in {"not", "no", "without"} for t in tokens[max(0, i - 2) : i]):
            continue
        after = [t.key for t in tokens[i + 1 : i + 4] if t.weight > 0.2 and not t.figure][:2]
        before = [t.key for t in tokens[max(0, i - 2) : i] if t.weight > 0.2 and not t.figure][-1:]
        found.append(((token, poles), frozenset(after or before)))
    return found


@lru_cache(maxsize=1)
def _poles() -> dict[str, frozenset[tuple[int, int]]]:
    table: dict[str, set[tuple[int, int]]] = {}
    for axis in range(len(AXES) - COMPARED, len(AXES)):
        for sign, words in ((1, AXES[axis][0]), (-1, AXES[axis][1])):
            for word in words.split():
                table.setdefault(word, set()).add((axis, sign))
    return {word: frozenset(poles) for word, poles in table.items()}


def _shared(ours: frozenset[str], theirs: frozenset[str]) -> int:
    return sum(1 for key in ours if key in theirs)


def _keys(text: str) -> frozenset[str]:
    return frozenset(t.key for t in sentence(text.strip() or "-").tokens if t.lower not in _PLAIN and not t.figure)


@lru_cache(maxsize=4096)
def _sides(text: str) -> tuple[Sides, ...]:
    found = []
    for match in _MARKED.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        clause = re.split(r"[;:]|\b(?:while|whereas|but)\b(?! (?:more|less))", before)[-1]
        sign = _sign(match, clause, after)
        if not sign or re.match(r"\s*(?:about\s|around\s)?[\d$]", after):
            continue
        ended = _OBJECT_END.search(after)
        target = after[: ended.start()] if ended else after
        place = _PLACE.search(target)
        subject = _PREDICATE.split(clause)[0]
        left = _keys(subject if _keys(subject) else clause)
        listed = re.search(r"\bincluding\b(.*)", after)
        right = _keys(target[: place.start()] if place and _keys(target[: place.start()]) else target)
        if listed:
            right |= _keys(listed[1])
        own = bool({word.lower() for word in re.findall(r"[A-Za-z]+", clause)} & _OURS)
        found.append(Sides(sign=sign, left=left, right=right, ours=own))
    return tuple(found)


def _sign(match: re.Match[str], clause: str, after: str) -> int:
    if match["verb"]:
        sign = 1 if match["verb"].lower() in WINS else -1
        return -sign if _BY.search(clause) and after.lstrip().startswith("by ") else sign
    words = re.findall(r"[a-z]+", clause.lower())
    for word in reversed(words[-14:]):
        sign = _graded().get(word, 0)
        if sign:
            return sign
    return 0


@lru_cache(maxsize=1)
def _graded() -> dict[str, int]:
    """Words of degree with their sign: the first axes of the lexicon, and gains."""
    table: dict[str, int] = {}
    for up, down in AXES[:6]:
        for word in down.split():
            table.setdefault(word, -1)
        for word in up.split():
            table.setdefault(word, 1)
    return (
        table
        | dict.fromkeys(("speedup", "speedups", "gain", "gains", "win", "rate", "fewer", "accurate"), 1)
        | {"fewer": -1}
    )


@lru_cache(maxsize=4096)
def _alternatives(text: str) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """What is done and what is not, for each "instead of", "rather than" and ", not"."""
    found = []
    for match in _INSTEAD.finditer(text):
        before = re.split(r"[;:,(]|\b(?:while|but|which|that)\b", text[: match.start()])[-1]
        end = _CLAUSE_END.search(text, match.end())
        after = " ".join(text[match.end() : end.start() if end else len(text)].split()[:7])
        found.append((_keys(" ".join(before.split()[-(4 if match[0].startswith(",") else 12) :])), _keys(after)))
    return tuple(found)


@lru_cache(maxsize=4096)
def _denials(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """What stands behind each word of denial, up to the end of its clause."""
    found = []
    for match in _DENIED.finditer(text):
        end = _denial_end(text, match)
        found.append(
            (match[0].lower(), frozenset(t.key for t in sentence(text[match.end() : end].strip() or "-").tokens))
        )
    return tuple(found)


@lru_cache(maxsize=4096)
def _affirmed(text: str) -> frozenset[str]:
    """The keys of a sentence outside its denials."""
    kept, at = [], 0
    for match in _DENIED.finditer(text):
        if match.start() >= at:
            kept.append(text[at : match.start()])
            at = _denial_end(text, match)
    return frozenset(t.key for part in (*kept, text[at:]) for t in sentence(part.strip() or "-").tokens)


def _denial_end(text: str, match: re.Match[str]) -> int:
    """A clause that opens the sentence ("Unlike work that …, and …, we") runs up to "we", "our" or a name behind a comma."""
    if match.start() == 0 and (main := re.search(r",\s(?=(?:we|our|the|this|it|[A-Z])\b)", text)):
        return main.start()
    end = _CLAUSE_END.search(text, match.end())
    return end.start() if end else len(text)
