"""Figures in prose, with their units, in one normal form.

89.5% is 89.5 percent and 89.5 per cent; 1,000 is 1000 and 1k; 2x is 2 times, twofold, 2-fold, twice and doubled; 7B is
7 billion; half is 50%. Units that do not change the value (GB, ms, hours) are kept and compared. "One" and ordinals are
not figures: they are rarely counts.

>>> [read_figure(text, 0)[0].key for text in ("89.5 per cent", "1,000", "1k", "twofold", "7 billion", "half")]
['89.5%', '1000', '1000', '2x', '7000000000', '50%']
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_UNITS = {
    "%": r"\s?%|[\s-]?percent(?:age)?(?:[\s-]points?)?\b|\sper\s?cent\b|\spp\b",
    "x": r"\s?×|\s?[xX](?![\w])|[\s-]?times\b|[\s-]?folds?\b|[\s-]?(?:mal|fach|fois|veces|volte)\b",
    "gb": r"[\s-]?(?:GBs?|GiB|gigabytes?)\b",
    "mb": r"[\s-]?(?:MBs?|MiB|megabytes?)\b",
    "kb": r"[\s-]?(?:KBs?|kB|KiB|kilobytes?)\b",
    "tb": r"[\s-]?(?:TBs?|TiB|terabytes?)\b",
    "ms": r"[\s-]?(?:ms|milliseconds?)\b",
    "s": r"[\s-]?(?:s|secs?|seconds?)\b",
    "min": r"[\s-]?(?:mins?|minutes?)\b",
    "h": r"[\s-]?(?:h|hrs?|hours?)\b",
    "day": r"[\s-]?days?\b",
    "week": r"[\s-]?weeks?\b",
    "month": r"[\s-]?months?\b",
    "year": r"[\s-]?years?\b",
    "fps": r"[\s-]?(?:FPS|fps)\b",
    "db": r"[\s-]?dB\b",
    "point": r"[\s-]points?\b",
    "bit": r"[\s-]?bits?\b",
    "mg": r"[\s-]?mg\b",
    "kg": r"[\s-]?kg\b",
    "cm": r"[\s-]?cm\b",
    "mm": r"[\s-]?mm\b",
    "nm": r"[\s-]?nm\b",
    "km": r"[\s-]?km\b",
}
_SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "billion": 1e9,
    "t": 1e12,
    "trillion": 1e12,
}
_ONES = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
)
_WORDS = {word: float(value) for value, word in enumerate(_ONES)} | {
    word: float(10 * value)
    for value, word in enumerate(("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 3)
}
_WORDS |= {"dozen": 12.0, "hundred": 100.0, "thousand": 1e3}
_MULTIPLES = {
    "twice": 2.0,
    "double": 2.0,
    "doubles": 2.0,
    "doubled": 2.0,
    "doubling": 2.0,
    "triple": 3.0,
    "triples": 3.0,
}
_MULTIPLES |= {"tripled": 3.0, "tripling": 3.0, "thrice": 3.0, "quadruple": 4.0, "quadruples": 4.0, "quadrupled": 4.0}
_PARTS = {"half": 50.0, "halve": 50.0, "halves": 50.0, "halved": 50.0, "halving": 50.0, "quarter": 25.0}
_SHARES = ((50.0, 2.0), (33.3333, 3.0), (25.0, 4.0))
_WORD_NUMBER = "|".join(sorted(_WORDS, key=len, reverse=True))

_DIGITS = re.compile(
    r"(?P<value>\d+,\d{1,2}(?=\s?[%×]|[\s-]?(?:mal|fach|fois|veces|volte|x)\b)"  # 1,45-mal: a decimal comma
    r"|(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)"
    r"(?P<scale>\s?[KkMBT](?![\w+])|[\s-](?:thousand|million|billion|trillion|bn)\b)?"
)
_SPELT = re.compile(
    rf"(?P<tens>(?:{_WORD_NUMBER}))(?:[\s-](?P<ones>{'|'.join(_ONES[1:10])}))?"
    r"(?:[\s-](?P<scale>hundred|thousand|million|billion|trillion))?"
    r"(?P<fold>[\s-]?fold|[\s-]times)?(?![\w])",
    re.IGNORECASE,
)
_SINGLE = re.compile(rf"(?:{'|'.join([*_MULTIPLES, *_PARTS])})(?![\w])|order of magnitude", re.IGNORECASE)
_FRACTION = re.compile(r"(?:one|a|two)[\s-](?P<part>third|quarter|half|fifth)s?\b", re.IGNORECASE)
_UNIT = re.compile("|".join(f"(?P<{name if name != '%' else 'percent'}>{form})" for name, form in _UNITS.items()))
_RANGE = re.compile(r"\s?(?:-|to|and|,|/|~)\s?(?:\d[\d,.]*\s?(?:-|to|and|,)\s?)*\d[\d,.]*")
_ABOUT = re.compile(
    r"(?:about|around|roughly|approximately|approx\.?|nearly|almost|over|more than|above|some|circa|close to|just under"
    r"|under|less than|below|fewer than|at least|at most|~|≈|>|<)\s*\$?$",
    re.IGNORECASE,
)
_NOT_BEFORE = re.compile(r"[A-Za-z_\d]$|\d[.,]$|[A-Za-z]-$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with its unit ('' when none is known) and whether words such as "about" or "over" stand before it.

    `firm` is false for bare small counts in words ("two kinds"), which writers add and drop freely.
    """

    value: float
    unit: str
    about: bool = False
    firm: bool = True

    @property
    def key(self) -> str:
        return f"{self.value:.10g}{self.unit}" if self.value < 1e15 else f"{self.value:g}{self.unit}"


def read_figure(text: str, at: int) -> tuple[Figure, int] | None:
    """The figure that starts at `at` and where it ends, or None. Digits inside names (GPT-4, 3D) are no figures."""
    before = text[max(0, at - 24) : at]
    about = bool(_ABOUT.search(before))
    if text[at].isdigit() or (text[at] == "." and text[at + 1 : at + 2].isdigit()):
        match = _DIGITS.match(text, at)
        if match is None:
            return None
        comma = re.fullmatch(r"\d+,\d{1,2}", match["value"]) is not None
        value = float(match["value"].replace(",", "." if comma else "")) * _SCALES.get(
            (match["scale"] or "").strip(" -").lower(), 1.0
        )
        unit, end = _unit(text, match.end())
        if not unit:
            if text[end : end + 1].isalpha() or (text[end : end + 1] == "_"):
                return None  # 3D, 2nd
            ahead = _RANGE.match(text, end)  # 10 to 20%: the unit belongs to both
            unit = _unit(text, ahead.end())[0] if ahead and not match["scale"] else ""
            if (
                ahead
                and not unit
                and not match["scale"]
                and (last := re.compile(r"\s?([KkMBT])(?![\w+])").match(text, ahead.end()))
            ):
                value *= _SCALES[last[1].lower()]
        if not unit and re.search(r"(?:^|[\s(])[x×]\s?$", before):
            unit = "x"
        if not unit and before.endswith("$"):
            unit = "$"
        return Figure(value=value, unit=unit, about=about), end
    if not text[at].isalpha() or (at and (text[at - 1].isalnum())):
        return None
    if match := _FRACTION.match(text, at):
        share = {"third": 100 / 3, "quarter": 25.0, "half": 50.0, "fifth": 20.0}[match["part"].lower()]
        times = 2 if text[at : at + 3].lower() == "two" else 1
        return Figure(value=round(share * times, 4), unit="%", about=about), match.end()
    if match := _SINGLE.match(text, at):
        word = match[0].lower()
        if word in _PARTS:
            return Figure(value=_PARTS[word], unit="%", about=about), match.end()
        return Figure(value=_MULTIPLES.get(word, 10.0), unit="x", about=about), match.end()
    if match := _SPELT.match(text, at):
        value = _WORDS[match["tens"].lower()] + (_ONES.index(match["ones"].lower()) if match["ones"] else 0)
        value *= {"hundred": 100.0}.get(
            (match["scale"] or "").lower(), _SCALES.get((match["scale"] or "").lower(), 1.0)
        )
        unit, end = ("x", match.end()) if match["fold"] else _unit(text, match.end())
        if value <= 1 and not unit:
            return None
        return Figure(value=value, unit=unit, about=about, firm=bool(unit) or value > 4), end
    return None


def missing(figure: Figure, given: Iterable[Figure]) -> bool:
    """Whether no figure of the text says what `figure` says: the same value in a unit that may be meant.

    "About 90%" and "over 80%" may stand for 89.5% and 82.5%: a rounder number behind such a word, within 5% (or, for
    "over" and "under", 10%) of a figure that is not itself a round one.
    """
    return not any(same(figure, other) for other in given)


def same(claimed: Figure, given: Figure) -> bool:
    """Whether the text's figure bears out the claimed one; a missing unit on one side is no contradiction."""
    if claimed.unit != given.unit and claimed.unit and given.unit:
        sides = {(claimed.value, claimed.unit), (given.value, given.unit)}
        parts = any(sides == {(share, "%"), (times, "x")} for share, times in _SHARES)  # "half" for "2x fewer"
        return parts or ({claimed.unit, given.unit} == {"%", "point"} and claimed.value == given.value)
    if abs(claimed.value - given.value) <= 1e-9 * max(1.0, abs(given.value)):
        return True
    if claimed.about and not given.about and _digits(claimed.value) < _digits(given.value):
        return abs(claimed.value - given.value) <= 0.06 * abs(given.value)
    return False


def _digits(value: float) -> int:
    """Significant digits: 90 has one, 89.5 three."""
    return len(f"{value:.10g}".replace(".", "").strip("0")) or 1


def _unit(text: str, at: int) -> tuple[str, int]:
    match = _UNIT.match(text, at)
    if match is None:
        return "", at
    name = match.lastgroup or ""
    return ("%" if name == "percent" else name), match.end()
