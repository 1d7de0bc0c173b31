"""How papers are named: the names that a title and an abstract give, names compared, slips of spelling counted. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

LATEX = re.compile(r"\\text\w*\{[^}]*\}|[${}^\\]")
HEAD = re.compile(r"^(.{2,60}?)\s*(?::|\s[-–—]+\s|--)")
REPORT = re.compile(r"\s+(?:technical|tech)\s+report$", re.IGNORECASE)
_NOT_IN_KEY = re.compile(r"[^a-z0-9+]+")
_VERSION = re.compile(r"\s+v?\d+(?:\.\d+)*$", re.IGNORECASE)
_TAIL = re.compile(r"(?::\s*|\()([A-Za-z][\w+-]{1,19})\)?\s*$")
_INTRODUCED = re.compile(
    r"\b(?:propos\w+|introduc\w+|present\w*|develop\w*|call(?:ed|s)?|nam(?:ed?|es)|dub(?:bed|s)?|term(?:ed|s)?"
    r"|releas\w+|describ\w+)\b"
    r"(?=(?P<rest>[^.;]{0,140}))"
)
_FILLER = (
    r"(?:it|this|these|a|an|the|new|novel|simple|our|as|efficient|approach|method|model|framework|algorithm"
    r"|tool|system|technique|family|strategy|\w+)"
)
_DIRECT = re.compile(rf"^(?:\s+{_FILLER}){{0,3}}?(?:,|:)?\s+[\"“'`]*(?P<name>[\w+-]{{0,19}}[A-Z\d][\w+-]{{0,19}})")
_BRACKET = re.compile(r"\((?:termed |called |dubbed |named )?(?P<name>[\w+-]{2,15})[,)]")


def title_names(title: str) -> list[str]:
    """The names a title gives: all of it, its head, acronyms it spells out.

    >>> title_names("ARMOR v0.1: Empowering Models")
    ['ARMOR v0.1: Empowering Models', 'ARMOR v0.1', 'ARMOR']
    """
    clean = LATEX.sub("", title).strip()
    names = [clean]
    head_match = HEAD.match(clean)
    head = head_match[1].strip() if head_match else clean
    if head_match and len(head.split()) <= 7:
        names.append(head)
    if (short := REPORT.sub("", head)) != head:
        names.append(short)
        head = short
    if (short := _VERSION.sub("", head)) != head and len(head.split()) == 2 and head_match:
        names.append(short)
    words = head.split()
    if head_match and 2 <= len(words) <= 3 and looks_named(words[0]) and len(words[0]) >= 4:
        names.append(words[0])
    if (tail := _TAIL.search(clean)) and looks_named(tail[1]):
        names.append(tail[1])
    if (comma := re.match(r"^([\w+-]+),\s", clean)) and looks_named(comma[1]):
        names.append(comma[1])
    return list(dict.fromkeys(names))


def introduced_names(abstract: str) -> list[str]:
    """Names that an abstract gives to what it proposes: "we introduce FooNet", "Bar Baz (BB)" after such a verb."""
    names = []
    for match in _INTRODUCED.finditer(abstract):
        for pattern in (_DIRECT, _BRACKET):
            if (inner := pattern.search(match["rest"])) and looks_named(inner["name"]):
                names.append(inner["name"])
    return list(dict.fromkeys(names))


def initials(names: Sequence[str], abstract: str) -> list[str]:
    """ "DPO" where the abstract writes the title's head with it: "Direct Preference Optimization (DPO)"."""
    found = []
    for name in names[:2]:
        at = abstract.find(f"{name} (")
        if (
            at >= 0
            and (match := re.match(r"([\w+-]{2,15})\)", abstract[at + len(name) + 2 :]))
            and looks_named(match[1])
        ):
            found.append(match[1])
    return found


def key(text: str) -> str:
    """A name without case, accents, spaces and punctuation; a plus sign tells names apart and stays."""
    plain = text if text.isascii() else unicodedata.normalize("NFKD", text).casefold()
    return _NOT_IN_KEY.sub("", plain.lower())


def edit_distance(one: str, other: str, most: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours from one word to the other; `most` + 1 when it is more.

    >>> edit_distance("opnelm", "openelm", 2), edit_distance("galoer", "galore", 2)
    (1, 1)
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        two_before, before, row = before, row, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, two_before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def looks_named(word: str) -> bool:
    """Capitals inside or throughout, or letters with digits: written like a name."""
    letters = sum(letter.isupper() for letter in word[1:])
    return letters >= 1 or (
        any(letter.isdigit() for letter in word) and any(letter.isalpha() for letter in word) and len(word) > 3
    )
