"""Numbers of authors, comments and upvotes in a question: "single-author", "by at least ten authors", "with more than 5 comments"."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from rag.question.dates import PAPERS
from rag.question.periods import NUMBERS, number
from rag.schema import Filters

_N = r"(?:\d{1,5}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"
_MORE = r"(?:more than|over|greater than|above|exceeding|upwards of|>)"
_LEAST = r"(?:at least|no fewer than|no less than|not less than|a minimum of|minimum|>=|≥)"
_FEWER = r"(?:fewer than|less than|under|below|<)"
_MOST = r"(?:at most|up to|no more than|not more than|a maximum of|maximum|<=|≤)"
_THINGS = r"(?P<what>(?:co-?)?authors?|comments?|up-?votes?)"
_LEAD = (
    r"(?:(?:that |which )?(?:with|by|having|have|has|had|got|get|gets|received?|drew|drawn|attracted|written by"
    r"|authored by|of|and)\s+)?(?:an? (?=min|max))?"
)
_SINGLE = re.compile(
    r"(?:\b(?:with|by|having|have|has)\s+)?\b(?:(?:a|an|just|only)\s+)?(?P<n>single|solo|sole|lone|one|two"
    r"|three|four|five|six|\d{1,2})[- ]"
    r"(?:authored|author(?=s?\s+(?:" + PAPERS + r"|ones?)))(?:\s+by one)?\b"
    r"|(?:(?:written|authored)\s+)?\bby\s+(?:just |only )?(?:one|a single|a lone|a sole)\s+(?:person|author"
    r"|researcher|individual)\b"
    r"|\b(?:solo|sole-author)(?=\s+" + PAPERS + r"\b)"
    r"|\b(?:with|has|have|having)\s+(?:just |only )?(?:one|a single|a lone|a sole)\s+author\b|\b(?:single|solo"
    r"|sole)[- ]author(?:s|ed)?\b(?!\s+(?!"
    + PAPERS
    + r"|(?:ones?|and|or|from|in|since|with|on|about|by|before|after|that|which|only|of"
    r"|for|there|here|are|is|was|were|do|have)\b)\w)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    rf"(?<!how many )\b{_LEAD}(?:"
    rf"between (?P<low>{_N}) (?:and|to) (?P<high>{_N})"
    rf"|(?:either )?(?P<one>{_N}) or (?P<other>{_N})"
    rf"|(?P<compare>{_MORE}|{_LEAST}|{_FEWER}|{_MOST}|exactly|precisely|just|only)\s*(?P<n1>{_N})"
    rf"|(?P<n2>{_N})\s?(?P<tail>\+|plus|or more|or fewer|or less|(?:-|–|to) ?(?P<to>{_N}))"
    rf"|(?<!\w)(?P<n3>{_N})) (?P<late>or more |or fewer |or less )?(?:discussion )?{_THINGS}\b(?! per\b)",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"\b(?:without (?:any )?|with no |have no |has no |with zero |got no |no "
    r"|zero )(?P<what>comments?|up-?votes?)\b(?! counts?\b)(?: at all)?|\buncommented\b",
    re.IGNORECASE,
)
_SOME = re.compile(
    r"\b(?:with|have|has|that got|received|drew|got)\s+(?:any |some |at least one |a )?(?P<what>comments?|up-?votes?)\b"
    r"|\b(?:have|has|had|were|was|are|is) (?:been )?commented(?: on)?\b(?! (?:the |more|less|at|most))",
    re.IGNORECASE,
)
_TIMES = re.compile(
    rf"\b(?P<what>commented(?: on)?|up-?voted) (?P<compare>{_MORE}|{_LEAST}|{_FEWER}|{_MOST}|exactly) (?P<n1>{_N}) times\b",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(
    r"(?:\b(?:not|except(?:ing)?(?: for)?|excluding|exclude|besides|other than|without|leaving out|apart from|aside from)|n't)"
    r"(?:\s+(?:those|ones|papers|the|any|from|of|by|being|been|written|that are|which are|with|that have))*\s*$",
    re.IGNORECASE,
)
_THEIRS = re.compile(
    rf"\b(?:{PAPERS}|which|what|list|show|only|ones?|those|these|everything|anything|any|how many|number of|now"
    rf"|just)\b",
    re.IGNORECASE,
)
_NOT_THEIRS = re.compile(
    r"(?:code|user|toxic|reddit|youtube|news|source|inline|review|online|million|billion|thousand|k)\s*$", re.IGNORECASE
)


def read_numbers(
    text: str,
    filters: Filters,
    left_out: Filters,
    *,
    whole_library: bool,
    ignore: Collection[str] = (),
    taken: Collection[tuple[int, int]] = (),
) -> tuple[Filters, Filters, list[tuple[tuple[str, ...], tuple[int, int]]]]:
    """`filters` and `left_out` with the numbers of authors, comments and upvotes that a text asks for, or does not want,
    and their places (none in those `taken`) with the fields that they set: none for those of `ignore`.
    """
    found: list[tuple[tuple[str, ...], tuple[int, int]]] = []
    if not (whole_library or _THEIRS.search(text) or len(text.split()) <= 7):
        return filters, left_out, found
    for pattern in (_SINGLE, _NONE, _COUNTED, _TIMES, _SOME):
        for match in pattern.finditer(text):
            if any(
                start < match.end() and match.start() < end for start, end in [*taken, *(span for _, span in found)]
            ):
                continue
            g = match.groupdict()
            if _NOT_THEIRS.search(text[: match.start("what")] if g.get("what") else "") or _NOT_THEIRS.search(
                text[: match.start()]
            ):
                continue
            low, high = _bounds(pattern, match)
            if (
                pattern is _COUNTED
                and g["n3"]
                and not re.match(r"(?i)(?:that |which )?(?:with|by|hav|has|had|got|get|writ|auth|of)", match[0])
            ):
                continue
            if (low, high) == (None, None):
                continue
            what = (g.get("what") or "comment" if pattern is not _SINGLE else "author").lower()
            noun = "comments" if what.startswith("comment") else "upvotes" if what.startswith("up") else "authors"
            names = (f"min_{noun}", f"max_{noun}")
            asked: dict[str, Any] = {
                name: value for name, value in zip(names, (low, high), strict=True) if name not in ignore
            }
            unwanted = _LEFT_OUT.search(text[: match.start()])
            if all(value is None for value in asked.values()):
                found.append(((), (unwanted.start() if unwanted else match.start(), match.end())))
                continue
            apart = low is not None and high is not None and high - low > 1 and g.get("one") is not None
            if apart and not left_out:  # "2 or 7 authors": what lies between is left out
                inner: dict[str, Any] = {names[0]: (low or 0) + 1, names[1]: (high or 0) - 1}
                left_out = replace(left_out, **inner)
            if unwanted is not None:
                left_out = replace(left_out, **asked)
                found.append((names, (unwanted.start(), match.end())))
            else:
                filters = replace(filters, **asked)
                found.append((names, match.span()))
    return filters, left_out, found


def _bounds(pattern: re.Pattern[str], match: re.Match[str]) -> tuple[int | None, int | None]:
    g = match.groupdict()
    if pattern is _SINGLE:
        n = 1 if not g["n"] or g["n"].lower() in ("solo", "sole", "lone") else number(g["n"]) or 1
        return n, n
    if pattern is _NONE:
        return None, 0
    if pattern is _SOME:
        return 1, None
    if g.get("low"):
        ends = sorted((number(g["low"]) or 0, number(g["high"]) or 0))
        return ends[0], ends[1]
    n = number(g.get("n1") or g.get("n2") or g.get("n3") or "") or 0
    if g.get("one"):
        ends = sorted((number(g["one"]) or 0, number(g["other"]) or 0))
        return ends[0], ends[1]
    if g.get("to"):
        return n, number(g["to"])
    tail = (g.get("tail") or g.get("late") or "").strip().lower()
    if tail:
        return (None, n) if tail in ("or fewer", "or less") else (n, None)
    compare = (g.get("compare") or "").lower()
    for words, bounds in (
        (_MORE, (n + 1, None)),
        (_LEAST, (n, None)),
        (_FEWER, (None, n - 1)),
        (_MOST, (None, n)),
    ):
        if re.fullmatch(words, compare):
            return bounds
    return n, n
