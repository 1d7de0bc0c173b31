"""Statements put as questions: "X needs labels, right?", "I heard that X needs labels. Why?", "Is it true that X needs labels?".

`stated` finds the statement; `plainly` takes away what only makes a question of it, for a search that looks for the words of the
statement alone.

>>> question = "I read that KiteNet needs labels. Why?"
>>> question[stated(question).start : stated(question).end], plainly("KiteNet needs labels, doesn't it?")
('KiteNet needs labels', 'KiteNet needs labels')
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WH = r"(?:why|how|what|which|whose|whom|who|where|when)"
_AUX = r"(?:does|do|did|is|are|was|were|has|have|had|can|could|will|would|should|must|may|might)"
_TAG = re.compile(
    rf"(?:,\s*(?:right|correct|true|yes|no|or not|am i right|is that (?:right|correct|true|so))"
    rf"|,\s*{_AUX}(?:n['’]t| not)? (?:it|they|he|she|this|that|we)|\s{_AUX}n['’]t (?:it|they)"
    r"|,?\s+(?:ca|wo)n['’]t (?:it|they))\s*[?.!]*\s*$",
    re.IGNORECASE,
)
_ASKS_TRUE = re.compile(
    r"^(?:so |and )?(?:(?:is|was|isn['’]t) it (?:really |actually |not )?(?:true|correct|right|the case|so|accurate|a fact)"
    r"|can you confirm|could you confirm|please confirm|do i understand (?:correctly|rightly)|am i right) (?:that )?",
    re.IGNORECASE,
)
_HEARD = re.compile(
    r"^(?:(?:i|we|people|some|many|they|someone|somebody|everybody|everyone|my \w+|a (?:colleague|friend))"
    r"(?:['’]ve| have| has| was| were| am)? "
    r"(?:(?:just |once |always )?(?:heard|read|think|thought|believed?|saw|told(?: me| us)?|says?|said|claim(?:s|ed)?|assumed?|"
    r"guess|understood|understand|know|knew|supposed?|remember|recall|gather)|under the impression)"
    r"|it (?:is|was) (?:said|claimed|known)|apparently,?|supposedly,?|allegedly,?) (?:that )?",
    re.IGNORECASE,
)
_SO = re.compile(r"^(?:so|then|and so|well),?\s+", re.IGNORECASE)
_NEGATIVE = re.compile(rf"^{_AUX}(?:n['’]t| not)\s+", re.IGNORECASE)
_YES_NO = re.compile(rf"^(?:and\s+|so\s+|but\s+)?{_AUX}\s+", re.IGNORECASE)
# Where a statement ends and a question about it begins.
_ENDS = re.compile(
    rf"(?:\.(?:\s+|$)|;\s+|\s+[-–—]+\s+|—|\?|!|,\s+(?:(?:and|but|so)\s+)?(?={_WH}\b|by (?:how|what)\b))", re.IGNORECASE
)
_ASKS = re.compile(rf"^\W*(?:(?:and|but|so|then)\s+)?(?:by\s+|in\s+|on\s+|for\s+)?(?:{_WH}|{_AUX})\b", re.IGNORECASE)
_STARTS_OTHERWISE = re.compile(
    rf"^\W*(?!(?-i:[A-Z]{{2}}))(?:(?:and|but|so|then)\s+)?(?:(?:by|in|on|for|at|with|from|to|of)\s+)?(?:{_WH}|{_AUX}|since|because|given|seeing|"
    r"considering|if|as|explain|tell|describe|compare|list|show|find|give|summari[sz]e|name|please|papers?|any|anything)\b",
    re.IGNORECASE,
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|do|did|can|cannot|could|will|must|[a-z]{2,}(?:s|ed)|"
    r"cut|got|took|shrank|grew|fell|rose|lost|beat|ran|built|made|found|kept|cost)\b"
)
# Verbs that make a statement of a line that ends with its question mark.
_SAYS = re.compile(
    r"is|are|was|were|has|have|had|needs?|requires?|uses?|relies|rely|depends?|outperforms?|beats?|improves?|increases?|"
    r"reduces?|cuts?|saves?|achieves?|reaches|raises?|lowers?|loses?|takes?|costs?"
)
_NO_SUBJECT = re.compile(
    r"(?:in|for|on|at|with|by|from|to|under|of|among|across|according|regarding|about|when|while|after|before)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\b[\w+-]*(?:[a-z][A-Z]|[A-Z]{2}|[A-Za-z]-?\d|\d[A-Z])[\w+-]*")
_SUBJECT_WORDS, _WORDS = 8, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The statement `question[start:end]`. `asked`: the question leaves open whether it is so ("Does X need labels?")."""

    start: int
    end: int
    asked: bool = False


def stated(question: str) -> Statement | None:
    """The statement that a question makes or asks about, or None."""
    text = question.rstrip()
    start = len(text) - len(text.lstrip())
    for pattern in (_ASKS_TRUE, _HEARD):
        if match := pattern.match(text[start:]):
            at = start + match.end()
            return None if _ASKS.match(text[at:]) else _until(text, at)
    if (tag := _TAG.search(text)) and not _STARTS_OTHERWISE.match(text[_after_so(text, start) :]):
        return _statement(text, _after_so(text, start), tag.start())
    if match := _NEGATIVE.match(text[start:]):
        return _until(text, start + match.end())
    if match := _YES_NO.match(text[start:]):
        end = text.find("?", start)
        return _statement(text, start + match.end(), end if end >= 0 else len(text), asked=True)
    at = _after_so(text, start)
    if _STARTS_OTHERWISE.match(text[at:]):
        return None
    found = _until(text, at)
    if found is None or found.end == len(text) or text[found.end] == "," or _NO_SUBJECT.match(text[at:]):
        return None
    rest = text[found.end :]
    said = text[found.start : found.end]
    verb = _FINITE.search(said, len(said.split(maxsplit=1)[0]))
    is_named = verb is not None and len(said[: verb.start()].split()) <= _SUBJECT_WORDS
    if not is_named or verb is None or re.search(rf"\b(?:{_WH}|that)\b", said[: verb.start()], re.IGNORECASE):
        return None
    asks_more = bool(_ASKS.match(rest)) and not re.search(rf":|\b{_WH}\b", said, re.IGNORECASE)
    return (
        found
        if asks_more
        or ((at > start or _SAYS.fullmatch(verb[0])) and _NAMED.search(said[: verb.start()]) and not rest.strip(" .?!"))
        else None
    )


def plainly(text: str) -> str:
    """A question without what only makes a question of a statement."""
    found = stated(text)
    if found is None or found.asked:
        return text
    rest = text[found.end :]
    more = "" if _TAG.match(rest) else rest.strip(" ,;.?!-–—")
    said = re.sub(r"(?<=\w)['’]s(?= )", "", text[found.start : found.end])
    return f"{said}. {more}?" if more else said


def _after_so(text: str, start: int) -> int:
    so = _SO.match(text[start:])
    return start + (so.end() if so else 0)


def _until(text: str, start: int) -> Statement | None:
    tag = _TAG.search(text, start)
    ends = _ENDS.search(text, start)
    end = min(tag.start() if tag else len(text), ends.start() if ends else len(text))
    return _statement(text, start, end)


def _statement(text: str, start: int, end: int, *, asked: bool = False) -> Statement | None:
    said = text[start:end].rstrip(" ,.;!?")
    enough = len(said.split()) >= (3 if asked else _WORDS - 1)
    return Statement(start=start, end=start + len(said), asked=asked) if enough else None
