"""The sides of a comparison: "compare A with B", "A or B?", "is A faster than B?"."""

from __future__ import annotations

import re

_SIDE = r"[^?,;:]{1,60}?"
_END = (
    r"(?=\s*(?:[?,;:]|$| - |\s(?:in terms of|on|for|when|with respect to|regarding|at|in|under|by|deal|handle"
    r"|do|differ|perform|fare|approach|treat|solve|relative|and (?:what|which|how|why|who|by)|which)\b))"
)
_COMPARES: tuple[str, ...] = (
    rf"\bdifferences?\s+(?:is there\s+)?between\s+(?P<a>{_SIDE})\s+and\s+(?P<b>{_SIDE}){_END}",
    rf"\bhow\s+(?:does|do|did|would)\s+(?P<a>{_SIDE})\s+(?:compare|stack up|fare|measure up|relate)s?\s+(?:with"
    rf"|to|against|and)\s+(?P<b>{_SIDE}){_END}",
    rf"\bhow\s+(?:does|do|did|is|are)\s+(?P<a>{_SIDE})\s+differ(?:ent)?\s+from\s+(?P<b>{_SIDE}){_END}",
    rf"\bwhat\s+(?:distinguishes|separates|sets|tells)\s+(?P<a>{_SIDE})\s+(?:apart\s+)?from\s+(?P<b>{_SIDE}){_END}",
    rf"\b(?:do|does|did)\s+(?P<a>{_SIDE})\s+and\s+(?P<b>{_SIDE})\s+(?:dis)?(?:agree|contradict|conflict|differ)\b",
    rf"\b(?:how|in what way)\s+(?:do|does|did|are)\s+(?P<a>{_SIDE})\s+and\s+(?P<b>{_SIDE})\s+(?:compare|differ)\b",
    rf"\b(?:compar(?:e|ing)|contrast|comparison (?:of|between))\s+(?:how\s+|what\s+"
    rf"|the\s+(?=\w+ of )\w+ of\s+)?(?P<a>{_SIDE})\s+(?:with|and|to|against|versus|vs\.?"
    rf"|or)\s+(?P<b>{_SIDE}){_END}",
    rf"(?:^|[:,.]\s*)(?P<a>[^?,;:]{{1,60}}?)\s+(?:vs\.?|versus|compared (?:with|to|against)"
    rf"|or rather)\s+(?P<b>{_SIDE}){_END}",
    rf"^\W*(?:is|are|was|were|does|do)\s+(?P<a>{_SIDE})\s+(?:\w+\s+)?(?:better|faster|cheaper|worse|slower"
    rf"|smaller|larger|stronger|more \w+|less \w+)\s+than\s+(?P<b>{_SIDE}){_END}",
    rf"\b(?:which|what|who)\b[^?]{{0,60}}?(?:[,:]|\s[–-])\s*(?P<a>{_SIDE}),?\s+or\s+(?P<b>{_SIDE})\W*$",
    r"^(?P<a>[^?,;:]{1,40}?)\s+or\s+(?P<b>[^?,;:]{1,40}?)\s*[,:?]\s*(?:which|what|who)\b",
    rf"\bshould (?:i|we|one) (?:use|pick|choose|take|prefer|go (?:with"
    rf"|for))\s+(?P<a>{_SIDE})\s+or\s+(?P<b>{_SIDE}){_END}",
    rf"\b(?:which (?:one )?is|what(?:'s| is)) (?:the )?(?:better|faster|best|cheaper|stronger|smaller"
    rf"|more \w+)[^?]{{0,30}}?\s*[,:]?\s+(?P<a>{_SIDE})\s+or\s+(?P<b>{_SIDE})\W*$",
)
_COMPARE_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _COMPARES)
# Sides in a row: "A, B and C", "A vs B vs C".
_ITEM = r"[^?,;:\s]+(?:\s+(?!(?:and|or|vs\.?|versus|have|has|share|differ|compare|on|in|for|which|is|are|the)\b)[^?,;:\s]+){0,3}"
_BETWEEN = r"(?:\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|with|vs\.?|versus)\s+)"
_TWO, _THREE = rf"{_ITEM}(?:{_BETWEEN}{_ITEM})+", rf"{_ITEM}(?:{_BETWEEN}{_ITEM}){{2,}}"
_ROWS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bwhat\s+(?:do|does|did)\s+(?:both\s+)?(?P<row>{_TWO})\s+(?:have\s+in\s+common|share)\b",
        rf"\bwhich\s+(?:one\s+)?of\s+(?P<row>{_TWO})\s+(?:is|are|has|have|had|does|do|was|were|needs?|uses?|gives?|reaches|runs?|\w+s)\b",
        rf"\b(?:compar(?:e|ing)|contrast|comparison (?:of|between)|differences? (?:between|among|of)|common (?:to|between|among))\s+"
        rf"(?P<row>{_THREE})",
        rf"\bhow\s+(?:do|does|did|are)\s+(?P<row>{_THREE})\s+(?:compare|differ|relate|fare|different)\b",
        rf"^\W*+(?P<row>{_ITEM}(?:\s+(?:vs\.?|versus)\s+{_ITEM}){{2,}})",
    )
)
_APART = re.compile(_BETWEEN, re.IGNORECASE)
_QUESTION_WORDS = re.compile(
    r"^(?:so|and|but|ok|how|what|which|does|do|is|are|the|a|an|both|please|can you|could you|it|compare)\s+",
    re.IGNORECASE,
)


def compared(text: str) -> tuple[str, ...] | None:
    """The sides of a comparison, as the question words them; None when it compares nothing.

    >>> compared("Compare AdaFold, FoldNet and GridFold."), compared("What do FoldNet and GridFold have in common?")
    (('AdaFold', 'FoldNet', 'GridFold'), ('FoldNet', 'GridFold'))
    """
    for row in _ROWS:
        if (found := row.search(text)) is not None:
            sides = tuple(dict.fromkeys(side for part in _APART.split(found["row"]) if (side := _side(part))))
            if len(sides) > 1 and all(_proper(side) for side in sides):
                return sides
    for pattern in _COMPARE_PATTERNS:
        match = pattern.search(text)
        if match is None:
            continue
        sides = tuple(_side(match[name]) for name in ("a", "b"))
        more = (
            [side for side in re.split(r",\s*(?:and\s+)?|\s+and\s+", sides[0]) if side]
            if "," in sides[0]
            else [sides[0]]
        )
        if re.search(r"\b(?:be|is|are|was|were|been|as|when)$", sides[0]):
            continue
        most = (
            4 if re.search(r"\s(?:vs\.?|versus)\s", match[0], re.IGNORECASE) else 8
        )  # "speedup of X vs Y on Z" has none
        if all(sides) and all(len(side.split()) <= most for side in sides) and sides[0].lower() != sides[1].lower():
            return (*more, sides[1])
    return None


def _proper(side: str) -> bool:
    """Whether a side is written as a name, so that commas and "and" around it part sides and not the words of one."""
    return any(letter.isupper() or letter.isdigit() for letter in side)


def _side(words: str) -> str:
    words = words.strip(" .?!\"'")
    while (shorter := _QUESTION_WORDS.sub("", words)) != words:
        words = shorter
    return words
