"""Questions for the newest, oldest, most discussed and most upvoted papers and those with the most or fewest authors."""

from __future__ import annotations

import re

from rag.question.dates import PAPERS
from rag.question.kind import COUNT, FEW, MANY, TAIL, Kind, Order
from rag.question.periods import number

_NEAR_PAPERS = rf"(?=(?:[\s,]+[\w'’&-]+){{0,4}}?[\s,]+{PAPERS}\b)"
_ALONE = (
    r"(?=(?:\s+(?:one|ones|entry|item|here|in (?:here|the (?:library|collection|shelf|set|list|index|corpus))"
    r"|first|of (?:them|these|those|all)|on|about|from|in|by|of))?\W*(?:$|\b(?:on|about|from|in|by|of|and|since"
    r"|with|as)\b))"
)
_NEW = (
    r"(?:newest|latest|most recent(?:ly (?:published|added|released|submitted))?|most current|freshest|youngest"
    r"|last[- ]published)"
)
_OLD = r"(?:oldest|earliest|first[- ](?:ever )?published|least recent)"
_TALK = r"(?:discussed|commented(?:[- ]on|[- ]upon)?|talked[- ]about|debated|comment-heavy)"
_ASKS = (
    r"^\W*(?:and |so |ok |now )?(?:which|what|who|whose|show|list|give|name|find|get|tell|the|top|most|sort"
    r"|order|rank)\b"
)
_EXTREMES: tuple[tuple[Order, str], ...] = (
    (
        "newest",
        rf"\b{_NEW}\b{_NEAR_PAPERS}|{_ASKS}(?=.{{0,40}}\b{_NEW}\b)(?:\W+[\w'’]+){{0,4}}?\W+{_NEW}\b{_ALONE}"
        rf"|^\W*{_NEW}\b{_ALONE}"
        rf"|\b(?:published|came out|come out|appeared|released|was out)\s+(?:most recently|last"
        rf"|latest)\b(?! (?:week|month|year|quarter|summer|spring|autumn|fall|may|\d|{COUNT} ))|\bnewest first\b"
        rf"|\bmost recently (?:published|added|released)\b",
    ),
    (
        "oldest",
        rf"\b{_OLD}\b{_NEAR_PAPERS}|{_ASKS}(?=.{{0,40}}\b{_OLD}\b)(?:\W+[\w'’]+){{0,4}}?\W+{_OLD}\b{_ALONE}"
        rf"|^\W*{_OLD}\b{_ALONE}"
        rf"|\b(?:published|came out|come out|appeared|released)\s+(?:first|earliest|before (?:all|any) others?)\b"
        rf"|\boldest first\b|\bfirst paper(?=\W+(?:in (?:the|this) (?:library|collection|shelf)|in here|here"
        rf"|published|of \d|from \d|to (?:be published|appear|come out)))",
    ),
    (
        "most_comments",
        rf"\b(?:the )?(?:most|best|hottest|highly)[- ](?:\w+ )?{_TALK}\b|\b{_TALK} (?:the )?most\b"
        rf"|\b{MANY} (?:discussion )?comments?(?: count)?\b|\bhighest comment count\b"
        rf"|\b(?:most|biggest|longest|liveliest|largest) (?:discussions?|attention)\b(?=\W*$|.*\b{PAPERS})"
        rf"|\btop\b[^?]{{0,40}}\bby (?:the )?(?:number of |amount of )?comments?\b|\bmost popular\b{_NEAR_PAPERS}"
        rf"|\bhottest\b{_NEAR_PAPERS}",
    ),
    ("fewest_comments", rf"\bleast[- ]{_TALK}\b|\b{_TALK} (?:the )?least\b|\b{FEW} (?:discussion )?comments?\b"),
    (
        "most_upvotes",
        rf"\b(?:the )?(?:most|best|highest)[- ](?:\w+ )?up-?voted\b|\bup-?voted (?:the )?most\b|\b{MANY} up-?votes?(?: count)?\b"
        rf"|\b(?:top|best|sort(?:ed)?|order(?:ed)?|rank(?:ed)?)\b[^?]{{0,40}}\bby (?:the |their )?(?:number of |amount of )?up-?votes?\b",
    ),
    ("fewest_upvotes", rf"\b(?:least|lowest)[- ]up-?voted\b|\bup-?voted (?:the )?least\b|\b{FEW} up-?votes?\b"),
    (
        "most_authors",
        rf"\b{MANY} (?:co-?)?authors?(?:[- ](?:lists?|teams?|groups?|counts?))?\b|\b(?:longest|largest"
        rf"|biggest) (?:author(?:s['’]?)?[- ]?(?:list|team|group|count|line)|list of authors|team of authors"
        rf"|(?:number|group) of authors)\b"
        rf"|\bmost (?:people|names|researchers)\b(?=.*\b(?:wrote|written|author|{PAPERS}))|\b(?:biggest"
        rf"|largest) (?:author |writing )?team\b(?=.*\b(?:wrote|written|author|{PAPERS}|behind))"
        rf"|\bauthor list is (?:the )?longest\b|\btop\b[^?]{{0,40}}\bby (?:the )?(?:number of "
        rf"|amount of )?authors?\b",
    ),
    (
        "fewest_authors",
        rf"\b{FEW} (?:co-?)?authors?(?:[- ](?:lists?|teams?|groups?|counts?))?\b|\b(?:shortest"
        rf"|smallest) (?:author(?:s['’]?)?[- ]?(?:list|team|group|count)|list of authors|team of authors)\b",
    ),
)
_EXTREME_PATTERNS = tuple((order, re.compile(pattern, re.IGNORECASE)) for order, pattern in _EXTREMES)
_TOP = re.compile(
    rf"\b(?:top|first|the|best)[ -]+({COUNT})\b(?!\s*(?:%|percent|x|bits?|days?|weeks?|months?|years?|accuracy))"
    rf"|\b({COUNT})\s+(?=(?:of the )?(?:{_NEW}|{_OLD}|most|least|fewest|{PAPERS}\b))|(?<=newest )({COUNT})\b"
    rf"|(?<=latest )({COUNT})\b|(?<=oldest )({COUNT})\b|(?<=recent )({COUNT})\b|(?<=discussed )({COUNT})\b"
    rf"|(?<=commented )({COUNT})\b|(?<=upvoted )({COUNT})\b",
    re.IGNORECASE,
)
_PLURAL = re.compile(
    r"\b(?:papers|articles|works|publications|preprints|studies|abstracts|entries|ones)\b", re.IGNORECASE
)


_RANKS = {"second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5}
_RANK = re.compile(rf"\b({'|'.join(_RANKS)})[ -](?={_NEW}|{_OLD}|most|least|fewest)", re.IGNORECASE)
_AND = r"(?:\s*,)?\s*(?:and|or|&|/|,)\s*(?:the\s+)?"
_FIRST_OF_TWO = rf"(?:{PAPERS}\s*)?{_AND}"
_TWO: tuple[tuple[Order, Order, str], ...] = (
    ("newest", "oldest", rf"\b{_NEW}\s*{_FIRST_OF_TWO}{_OLD}\b"),
    ("oldest", "newest", rf"\b{_OLD}\s*{_FIRST_OF_TWO}{_NEW}\b"),
    (
        "most_comments",
        "fewest_comments",
        rf"\bmost(?:[- ]{_TALK})?{_AND}(?:least|fewest)[- ](?:{_TALK}|comments)\b",
    ),
    (
        "fewest_comments",
        "most_comments",
        rf"\b(?:least|fewest)(?:[- ]{_TALK})?{_AND}most[- ](?:{_TALK}|comments)\b",
    ),
    ("most_authors", "fewest_authors", rf"\bmost{_AND}(?:least|fewest) (?:co-?)?authors\b"),
    ("fewest_authors", "most_authors", rf"\b(?:least|fewest){_AND}most (?:co-?)?authors\b"),
)
_PAIRS = tuple((one, other, re.compile(pattern, re.IGNORECASE)) for one, other, pattern in _TWO)
_LIBRARY_TOO = re.compile(rf"\b(?:{PAPERS}|ones?|library|collection|shelf|here|have|hold)\b", re.IGNORECASE)


_LENGTHS = re.compile(
    r"\b(?:with |has |have )?(?:the )?(?P<way>longest|shortest) (?P<what>abstract|title)s?\b", re.IGNORECASE
)
_LENGTH_ORDERS: dict[str, Order] = {
    "longest abstract": "longest_abstract",
    "shortest abstract": "shortest_abstract",
    "longest title": "longest_title",
    "shortest title": "shortest_title",
}


def read_extreme(text: str) -> Kind | None:
    if length := _LENGTHS.search(text):
        wanted = _TOP.search(text)
        n = number(next(group for group in wanted.groups() if group)) if wanted else None
        return Kind(
            intent="extreme",
            order=_LENGTH_ORDERS[f"{length['way']} {length['what']}".lower()],
            limit=n or (None if _PLURAL.search(text) else 1),
            spans=(length.span(), *([wanted.span()] if wanted else [])),
        )
    for one, other, both in _PAIRS:
        if (match := both.search(text)) and (_LIBRARY_TOO.search(text) or len(text.split()) <= 5):
            top = _TOP.search(text)
            limit = number(next(group for group in top.groups() if group)) if top else None
            taken = (match.span(), *([top.span()] if top and limit else []))
            return Kind(intent="extreme", order=one, also=other, limit=limit or 1, spans=taken)
    for order, pattern in _EXTREME_PATTERNS:
        match = pattern.search(text)
        if match is None or _is_about_counts_in(text, match):
            continue
        spans = [match.span()]
        tail = TAIL.search(text, match.start())
        if tail and tail.start() > 0:
            spans.append(tail.span())
        limit = None
        if (top := _TOP.search(text)) and (limit := number(next(group for group in top.groups() if group))):
            spans.append(top.span())
        if limit is None and (rank := _RANK.search(text[: match.end()])):
            limit = _RANKS[rank[1].lower()]  # "the second newest" is the second of two
            spans.append(rank.span())
        if limit is None and not _PLURAL.search(text):
            limit = 1
        return Kind(intent="extreme", order=order, limit=limit, spans=tuple(spans))
    return None


def _is_about_counts_in(text: str, match: re.Match[str]) -> bool:
    """ "the most discussed limitation" and "largest number of authors annotated" are no questions about papers."""
    after = text[match.end() :]
    return bool(
        re.match(
            r"\s+(?:limitations?|problems?|methods?|issues?|topics?|datasets?|benchmarks?|models?|questions?|agree|per"
            r"|threads?|posts?|layers?|tokens?|versions?)\b",
            after,
            re.IGNORECASE,
        )
    )
