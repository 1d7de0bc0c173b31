"""Authors in a question: "papers by Dana Whitfield", "what did Whitfield write", "which papers did X and Y write together?".

An author counts where the words speak of papers that people wrote and the library has one of that name; `known` tells whether
it has. Of several, each must have written a paper ("X and Y"), or one of them ("X or Y").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rag.question.dates import PAPERS

_WROTE = r"(?:write|wrote|written|author(?:ed)?|co-?author(?:ed)?|co-?write|co-?wrote|co-?written|publish(?:ed)?|work(?:ed)? on|contribute(?:d)?(?: to)?|put out|release(?:d)?|sign(?:ed)?)"
_WRITE_ONLY = r"(?:write|wrote|written|author(?:ed)?|co-?author(?:ed)?|co-?write|co-?wrote|co-?written)"
_NAMES = r"(?P<names>[^?;:()]{2,160}?)"
_TOGETHER = r"(?:\s+(?P<together>together|jointly|with each other|both))?"
_PLACES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # "which papers did X write", "what has X published", "how many papers has X written", "did X write anything"
        rf"\b(?:did|does|do|has|have|had)\s+(?:the\s+)?(?:author\s+)?{_NAMES}\s+(?P<verb>{_WROTE})\b{_TOGETHER}",
        # "papers (written) by X", "anything by X"
        rf"\b(?:{PAPERS}|written|authored|co-?authored|published|anything|everything|something|work|ones|those|released)\s+(?:were\s+|was\s+|are\s+)?"
        rf"(?:(?:co-?)?(?:written|authored|published)\s+)?(?:(?:here|there)\s+)?(?:by|with)\s+(?:the\s+)?(?:authors?\s+|researchers?\s+)?{_NAMES}"
        rf"(?=\W*$|[,?]|\s+(?:in|from|since|on|about|with|that|which|as|are|is|were|was|before|after|until|between|and (?:how|what|when)|here|published|for|have|has|do|did)\b)",
        # "papers that are not by X"
        rf"\b(?:not|n't|except(?: for)?|excluding|are|is|were|was|that|which|ones|those)\s+(?:those\s+|ones\s+)?(?:written\s+)?by\s+{_NAMES}(?=\W*$|[,?]|\s+(?:in|since|on|about|before|after|until|between)\b)",
        # "by X"
        rf"^\W*(?:(?:and|only|just|those|the ones|now|how many|how about|what about|from|all|or)\s+)*by\s+{_NAMES}(?=\W*$|[,?]|\s+(?:in|since|on|about|before|after|until|between)\b)",
        # "X's papers", "what are X's newest papers"
        rf"(?:^|\b(?:of|list|show|are|is|find|give|me|the|all|which|what|many|were|how)\s+){_NAMES}['’]s?\s+(?:(?:own|newest|latest|most \w+|oldest|first|last|other|\d+)\s+){{0,3}}{PAPERS}\b",
        # "which papers is X an author of", "X is a co-author of"
        rf"\b(?:is|was|are|were|has)\s+{_NAMES}\s+(?:an?\s+|the\s+)?(?:co-?|first\s+|last\s+)?authors?\b",
    )
)
_WORD = re.compile(r"[^\s,;:?!()\"“”/]+")
_NO_NAME = frozenset(
    "the a an you we i they he she it this that these those there here who which what paper papers authors author people anyone someone somebody"
    " more fewer one two three four five six seven eight nine ten at least most single several other others same them".split()
)
_JOINT = re.compile(r"\s*(?:,\s*(?:and|or)?|and|or|&|as well as|with|both|either|together with)\s*", re.IGNORECASE)
_ORGANISED = re.compile(
    r"\b(?:labs?|laborator(?:y|ies)|universit\w+|institut\w*|research|inc|ltd|corp\w*|group|team|company|college|school|ai|cent(?:er|re)"
    r"|foundation|academy|technolog\w+|systems?|hospital|studio)\b",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(
    r"(?:\b(?:not|never|except(?:ing)?(?: for)?|excluding|besides|other than|without)|n't)\s*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Authors whose papers a text asks for, `text[start:end]` says so: each of them must have written a paper, or with `way` "any"
    one. `unknown` is a person's name that nobody here has.
    """

    names: tuple[str, ...]
    start: int
    end: int
    way: Literal["all", "any"] = "all"
    left_out: bool = False
    unknown: str = ""


def read_writers(text: str, known: Callable[[str], bool]) -> Written | None:
    """The authors whose papers a text asks for, if it asks so.

    >>> read_writers("which papers did Ann Lee and Bo Ek write?", lambda name: name in ("Ann Lee", "Bo Ek")).names
    ('Ann Lee', 'Bo Ek')
    """
    unknown: Written | None = None
    for pattern in _PLACES:
        for match in pattern.finditer(text):
            start, end = match.span("names")
            names, way, over = _in_a_row(text, start, end, known)
            with_them = re.search(r"\bwith\s+(?:the\s+)?$", text[:start], re.IGNORECASE) is not None
            if with_them and any(" " not in name for name in names):
                continue  # "papers with Long contexts"
            left_out = bool(_LEFT_OUT.search(text[: _before(text, start)]))
            if names:
                stop = match.end() if match.groupdict().get("verb") else over
                return Written(names=names, start=_before(text, start), end=stop, way=way, left_out=left_out)
            said = text[start:end].strip()
            if unknown is None and not with_them and _is_person(said, match.groupdict().get("verb")):
                unknown = Written(names=(), start=start, end=end, unknown=said)
    return unknown


def _in_a_row(
    text: str, start: int, end: int, known: Callable[[str], bool]
) -> tuple[tuple[str, ...], Literal["all", "any"], int]:
    """The authors that stand side by side at the start of a place, how they are joined, and where they end."""
    words = [(start + m.start(), start + m.end()) for m in _WORD.finditer(text[start:end])]
    names: list[str] = []
    way: Literal["all", "any"] = "all"
    at, over = 0, start
    while at < len(words):
        for n in range(min(5, len(words) - at), 0, -1):
            low, high = words[at][0], words[at + n - 1][1]
            run = re.sub(r"(?:['’]s?|,)$", "", text[low:high])
            if n == 1 and (run.casefold() in _NO_NAME or len(run) < 2):
                continue
            if known(run):
                names.append(run)
                at, over = at + n, low + len(run)
                break
        else:
            if names and not _JOINT.fullmatch(text[words[at][0] : words[at][1]]):
                return ((), way, start) if text[over:end].strip() else (tuple(names), way, over)
            if not names and text[words[at][0] : words[at][1]].casefold() not in ("both", "either"):
                return (), way, start
            way = "any" if re.search(r"\b(?:or|either)\b", text[start : words[at][1]], re.IGNORECASE) else way
            at += 1
    return tuple(dict.fromkeys(names)), way, over


def _before(text: str, start: int) -> int:
    """Where the words before a name begin that belong to it: "by", "did"."""
    lead = re.search(
        r"\b(?:(?:written|authored|co-?authored)\s+)?(?:by|with)\s+(?:the\s+)?(?:authors?\s+|researchers?\s+)?$",
        text[:start],
        re.IGNORECASE,
    )
    return lead.start() if lead else start


def _is_person(name: str, verb: str | None) -> bool:
    """Whether a name that nobody here has is written like a person's: two or three words with capitals, none of an organisation's."""
    words = name.split()
    if (
        not 2 <= len(words) <= 4
        or _ORGANISED.search(name)
        or not all(word[:1].isupper() or len(word) <= 3 for word in words)
    ):
        return (
            verb is not None
            and re.fullmatch(_WRITE_ONLY, verb, re.IGNORECASE) is not None
            and len(words) == 1
            and name[:1].isupper()
            and name[1:].islower()
        )
    return words[-1][:1].isupper() and all(
        re.fullmatch(r"[^\W\d_][\w.'’-]*", word) and not word[1:].isupper() for word in words
    )
