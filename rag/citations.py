"""Markers in what a model writes: found in every form that models use, and made one form.

A prompt asks for [1]; models write `[1, 2]`, `[1-3]`, `[^1]`, `【1†source】`, `[Source 1]`, `(1)`, `<sup>1</sup>`, "`[1]`", and
put them behind the full stop. `parse` takes one finished sentence (`rag.reply` finds its end) apart into text and `Marks`;
`render` writes it with every mark in the form [1]. Code, mathematics and intervals ("in [0, 1]") are left alone. Pure functions.

>>> parts = parse("Memory falls by 40%.【1†source】", known=(1, 2))
>>> render(parts, str)
'Memory falls by 40% [1].'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

_LABEL = (
    r"(?:sources?|refs?\.?|references?|papers?|evidence|documents?|docs?\.?|citations?|cite|cited|abstracts?|no\.|passages?|"
    r"excerpts?|footnotes?)"
)
_ITEM = rf"(?:{_LABEL}\s*[:#]?\s*)?[#^]?\s*\d{{1,3}}\^?(?::\d{{1,3}})?"
_JOIN = r"\s*(?:,\s*and|,|;|&|\band\b|-|–|—|‑|\bto\b)\s*"
_LIST = rf"{_ITEM}(?:{_JOIN}{_ITEM})*"
# What may follow the numbers inside the brackets: "†source", ": Title", ", p. 3", " - Title".
_TAIL = (
    r"(?:\s*†[^\[\]【】]{0,60}|\s*[:|]\s*[^\[\]\d\s][^\[\]]{0,120}|\s[-–—]\s[^\[\]\d][^\[\]]{0,120}"
    r"|,\s*(?:pp?|sec|fig|tab|table|abstract)\b[^\[\]]{0,30})?"
)
_OPEN, _CLOSE = r"(?:\\?\[\[?|[【［〔⟦])", r"(?:\\?\]\]?|[】］〕⟧])"
_BRACKETED = rf"\^?{_OPEN}\s*(?P<list>{_LIST}){_TAIL}\s*{_CLOSE}(?:\^|\((?!\d+\))[^()\s]*\))?"
_SUPERSCRIPT = (
    rf"<sup>\s*(?:{_OPEN}?\s*(?P<sup>{_LIST})\s*{_CLOSE}?\s*)</sup>|(?:(?<=[\w%)][.!?,;])|(?<=[a-z]{{3}}))(?P<high>[¹²³⁴⁵⁶⁷⁸⁹⁰]+)"
    rf"(?=[\s.,;!?]|$)"
)
_NAMED_PARENS = rf"\(\s*(?P<named>{_LABEL}\s*[:#]?\s*{_LIST})\s*\)"
# A marker in any form but a number alone in round brackets, without named groups, to be built into other patterns.
MARK_TEXT = re.sub(
    r"\(\?P<\w+>", "(?:", rf"(?:{_BRACKETED}|<sup>\s*{_OPEN}?\s*{_LIST}\s*{_CLOSE}?\s*</sup>|{_NAMED_PARENS})"
)
_MARK = re.compile(rf"{_BRACKETED}|{_SUPERSCRIPT}|{_NAMED_PARENS}", re.IGNORECASE)
# A number alone in round brackets cites only at the end of a clause, behind a word or figure, and never behind one of these.
_PARENS = re.compile(
    r"(?P<before>[\w%”\"’)][.!?]?)\s*(?P<list>\(\d{1,2}(?:\s*[,;–-]\s*\d{1,2})*\)(?:\s*\(\d{1,2}\))*)(?=\s*(?:$|[.,;:!?]))"
)
_NUMBERED = re.compile(
    r"\b(?:equations?|eqs?\.?|tables?|figures?|figs?\.?|steps?|options?|types?|sections?|cases?|stages?|phases?|parts?|class|"
    r"levels?|items?|variants?|points?|theorems?|lemmas?)$",
    re.IGNORECASE,
)
_INTERVAL = re.compile(r"(?:\b(?:range|ranges|interval|intervals)(?:\s+(?:of|from|is))?|∈|\\in)\s*$", re.IGNORECASE)
_AUTHOR_YEAR = re.compile(r"\[(?=[^\[\]]*[A-Za-z])[^\[\]\n]{2,60}?\b(?:19|20)\d\d[a-z]?\]")
_LEFT_ALONE = re.compile(r"`[^`\n]*`|\$\$.+?\$\$|\$(?=\S)[^$\n]{1,200}?(?<=\S)\$(?!\d)|\\\(.+?\\\)", re.DOTALL)
_IMAGE = re.compile(r"!\[([^\[\]]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")
_LINK = re.compile(r"(?<!\])\[([^\[\]]+)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")
_WRAPPERS = (
    ("`", "`"),
    ("***", "***"),
    ("**", "**"),
    ("*", "*"),
    ("__", "__"),
    ("_", "_"),
    ("(", ")"),
    ("<sup>", "</sup>"),
)
_STOP = re.compile(r"[.!?…。！？]+[\"'”’)*_]*$")
# What a reply that ends too early leaves of a marker.
_HALF = re.compile(
    rf"\s*[`(]?(?:\\?\[\[?|[【［〔⟦])[\^#]?\s*(?:{_LABEL}\s*|[A-Za-z]{{0,11}})[\d\s,;–-]*(?:†\w*)?$|\s*<su?p?>?\d*$",
    re.IGNORECASE,
)
_LONGEST_RANGE = 50
_HIGH = str.maketrans("¹²³⁴⁵⁶⁷⁸⁹⁰", "1234567890")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """A place where a sentence cites: the known numbers, and what else stood there ("9", "Chen et al., 2024")."""

    numbers: tuple[int, ...] = ()
    unknown: tuple[str, ...] = ()

    def __add__(self, other: Marks) -> Marks:
        return Marks(
            numbers=tuple(dict.fromkeys(self.numbers + other.numbers)),
            unknown=tuple(dict.fromkeys(self.unknown + other.unknown)),
        )


Part = str | Marks


def parse(sentence: str, known: Collection[int]) -> tuple[Part, ...]:
    """A finished sentence as text and marks, in order; `known` are the numbers that name a paper.

    Marks behind the closing full stop are moved in front of it, marks side by side become one, links and images keep
    their words alone.
    """
    parts: list[Part] = []
    for text, alone in _pieces(_IMAGE.sub(r"\1", sentence)):
        parts.extend([text] if alone else _find(text, known))
    parts = _unwrapped(_merged(parts))
    if not any(isinstance(part, Marks) for part in parts):
        parts = [
            piece
            for part in parts
            for piece in ([part] if isinstance(part, Marks) or _LEFT_ALONE.fullmatch(part) else _parens(part, known))
        ]
    return tuple(_spaced(_before_stop(_merged(parts))))


def render(parts: Sequence[Part], shown: Callable[[int], str]) -> str:
    """The sentence with its marks in the form [1]. `shown` gives the number to show for a known one, or several joined by
    "][". What names nothing is shown as [9?].
    """
    written = []
    for part in parts:
        if isinstance(part, str):
            written.append(part)
        else:
            inside = dict.fromkeys(shown(number) for number in part.numbers)
            inside |= dict.fromkeys(f"{name}?" for name in part.unknown)
            written.append("".join(f"[{name}]" for name in inside))
    return "".join(written)


def numbers_of(parts: Sequence[Part]) -> tuple[int, ...]:
    """The known numbers that a sentence cites, each once, in order."""
    return tuple(dict.fromkeys(number for part in parts if isinstance(part, Marks) for number in part.numbers))


def unknown_of(parts: Sequence[Part]) -> tuple[str, ...]:
    """What stands in a sentence like a marker and names nothing, as [9]; each once, in order."""
    return tuple(dict.fromkeys(f"[{name}]" for part in parts if isinstance(part, Marks) for name in part.unknown))


def words_of(parts: Sequence[Part]) -> str:
    """The sentence without its marks."""
    text = "".join(part for part in parts if isinstance(part, str))
    return re.sub(r"\s+([.,;:!?])", r"\1", re.sub(r"[ \t]{2,}", " ", text)).strip()


def without_half(text: str) -> str:
    """A text that may have been cut off, without the beginning of a marker at its end."""
    return _HALF.sub("", text)


def marks_at(text: str, at: int = 0) -> re.Match[str] | None:
    """The marker that begins at `at`, in any form but a number alone in round brackets."""
    return _MARK.match(text, at)


def _pieces(text: str) -> list[tuple[str, bool]]:
    """The text cut at code and mathematics, which are left alone; code that is nothing but a marker is none."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for match in _LEFT_ALONE.finditer(text):
        inside = match[0].strip("`").strip()
        if match[0].startswith("`") and re.fullmatch(rf"(?:{MARK_TEXT}[ ,;]*)+", inside, re.IGNORECASE):
            continue
        pieces += [(text[at : match.start()], False), (match[0], True)]
        at = match.end()
    return [piece for piece in [*pieces, (text[at:], False)] if piece[0]]


def _find(text: str, known: Collection[int]) -> list[Part]:
    parts: list[Part] = []
    at = 0
    for match in _MARK.finditer(text):
        if match.start() < at:
            continue
        inside = match["list"] or match["sup"] or match["named"] or (match["high"] or "").translate(_HIGH)
        marks = _marks(inside, known)
        if marks is None or (len(_numbers(inside)) > 1 and _INTERVAL.search(text[: match.start()])):
            continue
        parts += [_unlinked(text[at : match.start()], parts), marks]
        at = match.end()
    rest = text[at:]
    return [*parts, *_foreign(rest)] if rest else parts


def _unlinked(text: str, parts: list[Part]) -> str:
    """Text before a mark; author-year markers in it are put into `parts` on the way."""
    *before, last = _foreign(text) or [""]
    parts.extend(before)
    if isinstance(last, Marks):
        parts.append(last)
        return ""
    return last


def _foreign(text: str) -> list[Part]:
    """Text with markers of another style ("[Chen et al., 2024]") as unknown ones; links keep their words."""
    text = _LINK.sub(r"\1", text)
    parts: list[Part] = []
    at = 0
    for match in _AUTHOR_YEAR.finditer(text):
        parts += [text[at : match.start()], Marks(unknown=(match[0][1:-1].strip(),))]
        at = match.end()
    return [*parts, text[at:]] if text[at:] or not parts else parts


def _marks(inside: str, known: Collection[int]) -> Marks | None:
    """None where the brackets hold an interval: a list with a 0 in it."""
    numbers = _numbers(inside)
    if not numbers or (0 in numbers and len(numbers) > 1):
        return None
    return Marks(
        numbers=tuple(number for number in numbers if number in known),
        unknown=tuple(str(number) for number in numbers if number not in known),
    )


def _numbers(inside: str) -> list[int]:
    """ "1, 3-5" is 1, 3, 4, 5; the ":0" of "1:0" is no number."""
    bare = re.sub(r"(?<=\d):\d{1,3}", "", inside)
    found: list[int] = []
    for part in re.split(r",\s*and|[,;&]|\band\b", bare, flags=re.IGNORECASE):
        ends = [int(number) for number in re.findall(r"\d{1,3}", part)]
        if len(ends) == 2 and 0 < ends[1] - ends[0] <= _LONGEST_RANGE:
            found.extend(range(ends[0], ends[1] + 1))
        else:
            found.extend(ends)
    return list(dict.fromkeys(found))


def _parens(text: str, known: Collection[int]) -> list[Part]:
    """Numbers in round brackets that clearly cite: known, at the end of a clause, and not the number of a table."""
    parts: list[Part] = []
    at = 0
    while (match := _PARENS.search(text, at)) is not None:
        marks = _marks(match["list"].replace(")", ",").replace("(", " "), known)
        end = match.end("before")
        called = text[end : end + 1] == "(" and len(match["list"]) == 3  # "f(1)"
        if marks is None or marks.unknown or called or _NUMBERED.search(text[:end]):
            parts.append(text[at : match.end()])
        else:
            parts += [text[at:end], marks]
        at = match.end()
    return [part for part in [*parts, text[at:]] if part]


def _merged(parts: Sequence[Part]) -> list[Part]:
    """Marks with nothing but a comma or space between them become one; so does text."""
    merged: list[Part] = []
    for part in parts:
        if part == "":
            continue
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif isinstance(part, Marks) and merged and isinstance(merged[-1], Marks):
            merged[-1] = merged[-1] + part
        elif (
            isinstance(part, Marks)
            and len(merged) > 1
            and isinstance(between := merged[-1], str)
            and isinstance(before := merged[-2], Marks)
            and between.strip(" ,;\u00a0") == ""
        ):
            merged[-2:] = [before + part]
        else:
            merged.append(part)
    return merged


def _unwrapped(parts: Sequence[Part]) -> list[Part]:
    """Marks without the code marks, emphasis or round brackets that hold them alone."""
    cleaned = list(parts)
    for i in range(1, len(cleaned) - 1):
        before, after = cleaned[i - 1], cleaned[i + 1]
        if not isinstance(cleaned[i], Marks) or not isinstance(before, str) or not isinstance(after, str):
            continue
        for opening, closing in _WRAPPERS:
            if before.endswith(opening) and after.startswith(closing):
                before, after = before[: -len(opening)], after[len(closing) :]
                cleaned[i - 1], cleaned[i + 1] = before, after
    return _merged(cleaned)


def _before_stop(parts: Sequence[Part]) -> list[Part]:
    """ "It falls. [1]" becomes "It falls [1].": marks belong to the sentence that they follow."""
    moved = list(parts)
    if len(moved) > 1 and isinstance(last := moved[-1], str) and not last.strip(" .\n"):
        if isinstance(moved[-2], Marks) and len(moved) > 2 and isinstance(text := moved[-3], str):
            if _STOP.search(text.rstrip()):
                moved.pop()
        elif not last.strip():
            moved.pop()
    if len(moved) > 1 and isinstance(moved[-1], Marks) and isinstance(text := moved[-2], str):
        stop = _STOP.search(text := text.rstrip())
        if stop:
            body = text[: stop.start()]
            earlier = moved[-3] if len(moved) > 2 else None
            if not body.strip() and isinstance(earlier, Marks):  # "[1]. [2]"
                moved[-3:] = [earlier + moved[-1], stop[0]]
            else:
                moved[-2:] = [body, moved[-1], stop[0]]
    return moved


def _spaced(parts: Sequence[Part]) -> list[Part]:
    """One space before each mark, none between a mark and the punctuation behind it."""
    spaced: list[Part] = []
    for i, part in enumerate(parts):
        if isinstance(part, Marks):
            spaced.append(part)
            continue
        text = part
        if i and isinstance(parts[i - 1], Marks):
            text = re.sub(r"^\s+(?=[.,;:!?)])", "", text)
            if text[:1].isalnum():
                text = f" {text}"
        if i + 1 < len(parts) and text.strip(" "):
            text = text.rstrip(" \u00a0") + (
                "" if text.rstrip().endswith(("(", "|")) and not text.endswith(" ") else " "
            )
        spaced.append(text)
    return spaced
