"""Where a sentence of a model's reply ends, its markers included, as soon as that can be told.

A full stop ends a sentence by the rules of `rag.sentences`; the markers behind it belong to it, unless they begin the next one:

>>> text = "It falls by 4.2 GB. [1] It"
>>> text[: sentence_end(text, 18)]
'It falls by 4.2 GB. [1]'
>>> sentence_end(text[:23], 18) is None    # not yet: what follows may be "reports that, too."
True
"""

from __future__ import annotations

import re

from rag.citations import MARK_TEXT, marks_at
from rag.sentences import sentence_spans

STOPS, WIDE_STOPS = ".!?…", "。！？"
LONGEST_MARK = 160
_CLOSERS = re.compile(r"[.!?…。！？]*(?:[\"'”’)\]}_»]|\*+(?![*\[【]))*")
# Markers behind a stop: bare, or in emphasis, code marks or round brackets of their own; and what may become one.
_NUMBER_IN_PARENS = re.compile(r"\(\s*\d{1,2}\s*\)(?!\s*\()")
_NUMBERS_IN_PARENS = r"\(\s*\d{1,2}(?:\s*[,;–-]\s*\d{1,2})+\s*\)|\(\d{1,2}\)(?:\s*\(\d{1,2}\))+"
_ANY_MARK = re.compile(
    rf"(?:\*{{1,3}}|`|\()\s*(?:{MARK_TEXT}[ ,;]*)+\s*(?:(?<=[\]】］〕⟧>^)])\*{{1,3}}|`|\))|{MARK_TEXT}|{_NUMBERS_IN_PARENS}"
    r"|[¹²³⁴⁵⁶⁷⁸⁹⁰]+(?![¹²³⁴⁵⁶⁷⁸⁹⁰])",
    re.IGNORECASE,
)
_MARK_BEGUN = re.compile(
    r"(?:\*{1,3}|`|\^|\()?\s*(?:(?:\\|\\?\[{1,2}|[【［〔⟦])[^\]】］〕⟧\n]{0,160}\\?"
    r"(?:[\]】］〕⟧][ ,;]*(?:[\[【][^\]】\n]{0,80})?)*\**)?"
    r"|<(?:s|su|sup|sup>[^<\n]{0,40}(?:<(?:/s?u?p?)?)?)?|\(\s*[A-Za-z]{0,11}[\s:#.]*\d*[\d\s,;–-]*(?:\)\s*(?:\(\d*)?)*",
)


def sentence_end(text: str, stop: int) -> int | None:
    """Where the sentence with the stop at `text[stop]` ends, its markers included; -1: it goes on; None: not known yet."""
    closers = _CLOSERS.match(text, stop + 1)
    end = closers.end() if closers else stop + 1
    if end == len(text):
        return None
    wide = text[stop] in WIDE_STOPS
    at, marked = end, False
    while True:
        found = _mark_end(text, at, marked=marked)
        if found is None:
            return None
        if found < 0:
            break
        at, marked = found, True
    if not marked and not wide and not text[end].isspace():
        return -1
    if marked and text[at : at + 1] in STOPS:
        at += 1
    after = at
    while after < len(text) and text[after].isspace():
        after += 1
    if after == len(text):
        return at if marked and text[after - 1] == "\n" else None
    if wide:
        return at
    word = re.compile(r"[\w'’-]*").match(text, after)
    whole = word is not None and word.end() < len(text)
    if text[after].islower():
        if not whole:
            return None
        if marked and text[end].isspace():  # "[1] reports …" begins a sentence
            return end if _is_end(text[:end], "The") else -1
        if marked:
            return at
        inner = word[0][1:] if word else ""
        return at if inner != inner.lower() or any(char.isdigit() for char in inner) else -1
    if _is_end(text[:end], "X"):
        return at
    if not whole:
        return None
    return at if _is_end(text[:end], word[0] if word else "") else -1


def is_settled(text: str) -> bool:
    """Whether a text that ends in a stop is a sentence whatever follows: a marker stands before the stop, nothing is open."""
    if text[-2:-1] not in ("]", "】") or text[-1] == "…":
        return False
    mark = marks_at(text, max(text.rfind("["), text.rfind("【")))
    if mark is None or mark.end() != len(text) - 1:
        return False
    return (
        not any(text.count(sign) % 2 for sign in '*`"')
        and text.count("“") == text.count("”")
        and text.count("(") == text.count(")")
    )


def _is_end(before: str, word: str) -> bool:
    """Whether a stop at the end of `before` ends a sentence when `word` follows: no abbreviation, no initial."""
    bare = before.rstrip("*_»}")
    spans = sentence_spans(f"{bare} {word} ")
    return bool(spans) and spans[-1][0] > len(bare)


def _mark_end(text: str, at: int, *, marked: bool) -> int | None:
    """The end of the marker that stands at `at`, white space aside; -1: there is none; None: not known yet."""
    start = at
    while start < len(text) and text[start] in (" \t\u00a0,;" if marked else " \t\u00a0"):
        start += 1
    rest = text[start:]
    if not rest:
        return None
    if (numbered := _NUMBER_IN_PARENS.match(rest)) is not None:  # in the middle of a line it begins an enumeration
        after = rest[numbered.end() :].lstrip(" \t")
        return None if not after else (start + numbered.end() if after[0] == "\n" else -1)
    mark = _ANY_MARK.match(rest)
    if mark is not None:
        end = mark.end()
        in_link = rest[end : end + 1] == "(" and ")" not in rest[end:] and len(rest) - end < LONGEST_MARK
        return None if end == len(rest) or in_link else start + end
    return None if _MARK_BEGUN.fullmatch(rest) else -1
