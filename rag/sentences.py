"""Sentences of an abstract, as exact slices.

Made for English scientific prose: a full stop ends a sentence unless it belongs to an abbreviation ("e.g.", "et al.",
"Fig. 2"), a number ("4.2"), an initial ("J. Smith") or a name ("GPT-3.5", "arxiv.org"). Does not handle other languages'
rules, and never changes a character.

>>> [text[s:e] for text in ["It needs 1.9 GB, cf. Fig. 2. We test it (e.g. on C4)."] for s, e in sentence_spans(text)]
['It needs 1.9 GB, cf. Fig. 2.', 'We test it (e.g. on C4).']
"""

from __future__ import annotations

import re

# A possible end: closing punctuation, perhaps quotes, brackets or a formula's `$` behind it, then space or the text's end.
_END = re.compile(r"[.!?…]+[\"'”’)\]}$]*(?=\s|$)|\n\s*\n")
# A sentence starts with a capital, a digit, an opening bracket or quote, or LaTeX; method names may start in lower case
# after "!" and "?" only.
_START = re.compile(r"\s*[\"'“‘(\[$\\]*[A-Z0-9À-ÞΑ-Ω]|\s*[$\\\[(“‘•]|\s*[a-z]*[A-Z0-9]|\s*$")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[“\"'~])(?:e\.g|i\.e|et al|etc|cf|vs|viz|resp|approx|ca|w\.r\.t|wrt|a\.k\.a|i\.i\.d|fig|figs|eq|eqs|sec|secs|tab"
    r"|ref|refs|no|nos|vol|pp|dr|prof|mr|mrs|ms|st|inc|ltd|co|corp|dept|univ|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)\.$",
    re.IGNORECASE,
)
# Abbreviations that often stand last in a sentence: they end it when what follows looks like a fresh start.
_MAY_END = re.compile(r"(?:etc|et al|inc|ltd|co|corp|a\.k\.a|i\.i\.d)\.$", re.IGNORECASE)
_FRESH_START = re.compile(
    r"\s+(?:We|The|This|These|Our|In|It|To|However|Moreover|Furthermore|Here|For|As|By|With|Despite|While|Experiments)\b"
)
# "3)." and "2021." alone are left-overs of a list or a reference, not sentences: they stay with what follows.
_HAS_WORD = re.compile(r"[^\W\d_]{2}")
_INITIAL = re.compile(r"(?:^|[\s(])[A-Z]\.$")
# So many characters in front of a full stop tell what it belongs to: more than the longest abbreviation has.
_LOOK_BACK = 16


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Spans (start, end) of the sentences, in order; they do not overlap and leave out only white space between them."""
    spans: list[tuple[int, int]] = []
    start = _skip_space(text, 0)
    # Up to here no word was found since `start`: what was looked at is not looked at again.
    wordless = start
    for match in _END.finditer(text):
        end = match.end() if match[0].strip() else match.start()
        if end <= start or not _ends_here(text, start, match):
            continue
        if not _HAS_WORD.search(text, wordless, end):
            wordless = max(start, end - 1)
            continue
        spans.append((start, end))
        start = wordless = _skip_space(text, match.end())
    if start < len(text.rstrip()):
        spans.append((start, len(text.rstrip())))
    return spans


def _ends_here(text: str, start: int, match: re.Match[str]) -> bool:
    if not match[0].strip():
        return True
    before = text[max(start, match.start() - _LOOK_BACK) : match.start() + 1]
    if match[0].startswith("."):
        if _ABBREVIATION.search(before):
            if before.lower().endswith("etc."):
                return bool(_START.match(text, match.end()))
            return bool(_MAY_END.search(before) and _FRESH_START.match(text, match.end()))
        if _INITIAL.search(before) and not _FRESH_START.match(text, match.end()):
            return False
        return bool(_START.match(text, match.end()))
    return True


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
