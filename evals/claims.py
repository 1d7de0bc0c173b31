"""The claims of an answer and the markers they cite.

An answer brings its claims along (a count over the library has none). Where the file leaves them out, as other
programs do, the text is split into sentences when it is read. A marker belongs to the sentence in which it stands, and
also when it stands behind the sentence's full stop, which ALCE's script counts to the next one.

>>> [(claim.text, claim.markers) for claim in split_claims("It is fast. [1] It is small [2, 3].")]
[('It is fast.', (1,)), ('It is small.', (2, 3))]
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from rag.schema import Answer
from rag.sentences import sentence_spans

_MARKER = re.compile(r"\[(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\]")
_MARKERS = rf"(?:{_MARKER.pattern}\s*)+"
# Markers behind a full stop, unless they begin a sentence of their own: "[1] proposes …".
_AFTER_STOP = re.compile(rf"([.!?…]+[\"'”’)]*)[ \t]*((?:{_MARKERS}))(?=$|\n|[\"'“(]?[A-Z0-9])")
_MARKER_AND_SPACE = re.compile(rf"[ \t]*{_MARKER.pattern}")
_LIST_SIGN = re.compile(r"^\s*(?:[-*+•>#]+|\d+[.)])\s+")
_LONGEST_RANGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedClaim:
    """A sentence without its markers, and the markers, each once, in order."""

    text: str
    markers: tuple[int, ...]


def claims_of(answer: Answer) -> tuple[CitedClaim, ...]:
    """The claims that the answer brings along."""
    return tuple(
        CitedClaim(text=without_markers(claim.text, claim.citations), markers=tuple(dict.fromkeys(claim.citations)))
        for claim in answer.claims
    )


def split_claims(text: str) -> tuple[CitedClaim, ...]:
    """Sentences of a Markdown text with their markers; headings and list signs are no sentences."""
    claims = []
    for line in text.split("\n"):
        line = _AFTER_STOP.sub(lambda match: f" {match[2].strip()}{match[1]} ", _LIST_SIGN.sub("", line))
        for start, end in sentence_spans(line):
            sentence = without_markers(line[start:end])
            if re.search(r"\w{2}", sentence):
                claims.append(CitedClaim(text=sentence, markers=markers_in(line[start:end])))
    return tuple(claims)


def plain_text(answer: Answer) -> str:
    """The answer's text without its markers; other bracketed numbers ("in [0, 1]") are words.

    Its markers are those that it resolves and those that it reports as unknown.
    """
    reported = (marker.strip("[] ") for marker in answer.unknown_markers)
    unknown = [int(marker) for marker in reported if marker.isdecimal()]
    return without_markers(answer.text, [*unknown, *(citation.marker for citation in answer.citations)])


def markers_in(text: str, *, outside: str = "") -> tuple[int, ...]:
    """The numbers of all markers, each once, in order; "[2-4]" is 2, 3 and 4.

    A marker that stands literally in `outside` (the quotes of an answer) is left out.

    >>> markers_in("As shown [2-4, 1][1].")
    (2, 3, 4, 1)
    """
    found: list[int] = []
    for match in _MARKER.finditer(text):
        if match[0] not in outside:
            found.extend(_numbers(match[1]))
    return tuple(dict.fromkeys(found))


def without_markers(text: str, only: Collection[int] | None = None) -> str:
    """The text without its markers (without those whose numbers are all in `only`) and the space in front of each."""

    def cut(match: re.Match[str]) -> str:
        return "" if only is None or set(_numbers(match[1])) <= set(only) else match[0]

    return _MARKER_AND_SPACE.sub(cut, text).strip()


def _numbers(inside: str) -> list[int]:
    """The numbers of what stands between the brackets of a marker."""
    found: list[int] = []
    for part in re.split(r"\s*[,;]\s*", inside):
        ends = [int(number) for number in re.split(r"\s*[–-]\s*", part)]
        spread = range(ends[0], ends[-1] + 1)
        found.extend(spread if 0 < len(spread) <= _LONGEST_RANGE else ends)
    return found
