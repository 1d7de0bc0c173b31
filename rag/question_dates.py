"""Dates in a question: "since May 2024", "in 2018", "between 2020 and 2022", "last week" → days from and until.

`read_dates` finds every expression of time that says when papers were published, with its place in the text. It does not
decide alone: a date counts when the words around it speak of papers ("papers from 2018"), or when `open_ended` says that
the question is not about the contents of one paper, and the date stands at its start or end. "stock prices from 2010 to
2020", "in 2 bits", "since it needs" and "before ChatGPT came out" are no dates of publication.

Relative dates count from `anchor`. "last week" is the seven days up to it, "last month" and "last year" the calendar month
and year before it; "the last three months" and "the past year" reach back from it.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = {
    name.lower(): number
    for number in range(1, 13)
    for name in (calendar.month_name[number], calendar.month_abbr[number])
}
MONTHS["sept"] = 9
_WEEKDAYS = {calendar.day_name[number].lower(): number for number in range(7)}
NUMBERS = dict(
    zip(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split(),
        range(16),
        strict=True,
    )
) | {
    "a": 1,
    "an": 1,
    "single": 1,
    "couple": 2,
    "few": 3,
    "dozen": 12,
    "twenty": 20,
    "thirty": 30,
    "fifty": 50,
    "hundred": 100,
}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9}
_PARTS = {
    "early": (1, 4),
    "mid": (5, 8),
    "late": (9, 12),
    "beginning": (1, 3),
    "start": (1, 3),
    "middle": (5, 8),
    "end": (10, 12),
}
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": 4}

_Y = r"(?:19[5-9]\d|20\d\d)"
_M = r"(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
_D = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_N = r"(?:\d{1,3}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"
_UNIT = r"(?:days?|weeks?|months?|years?)"
_PERIODS: tuple[tuple[str, str], ...] = (
    ("iso_day", rf"({_Y})-(\d\d)-(\d\d)"),
    ("iso_month", rf"({_Y})-(0[1-9]|1[0-2])(?!\d|-)"),
    ("day_month", rf"({_D})(?: of)? ({_M}),?(?: ({_Y}))?(?!\d)"),
    ("month_day", rf"({_M}) ({_D})(?!\d|,?\d)(?:(?:,| of)? ({_Y}))?(?!\d)"),
    (
        "part",
        rf"(?:the )?(early|mid|late|beginning|start|middle"
        rf"|end)(?:[ -]of)?(?:[ -](?:the )?year)?(?: of)?[ -]({_Y})(?!\d)",
    ),
    ("part_now", r"(?:the )?(beginning|start|end) of (?:the|this) (year|month)"),
    ("quarter", rf"(?:the )?(?:q([1-4])|(first|1st|second|2nd|third|3rd|fourth|4th|last) quarter)(?: of)?[ -/]?({_Y})"),
    ("half", rf"(?:the )?(?:h([12])|(first|1st|second|2nd|last) half)(?: of)?[ -/]?({_Y})"),
    ("season", rf"(?:the )?(spring|summer|autumn|fall)(?: of)? ({_Y})(?!\d)"),
    ("month", rf"({_M})(?: of)?,? ({_Y})(?!\d)"),
    ("decade", r"(?:the )?(19[5-9]0|20\d0)s"),
    ("year", rf"(?:the year )?({_Y})(?![\d%]|[.,:x]\d|-\d| ?x\d)"),
    ("rolling", rf"(?:the )?(?:last|past|previous) ({_N})(?: of)? ({_UNIT})"),
    ("rolling_one", rf"(?:the (?:last|past|previous)|past) ({_UNIT})"),
    ("calendar", r"(this|last|previous|current|the current) (week|month|year|quarter)"),
    ("named", rf"(?:this|last) (?:({_M})|(spring|summer|autumn|fall)|({'|'.join(_WEEKDAYS)}))(?![\w'])"),
    ("ago", rf"({_N})(?: of)? ({_UNIT}) ago"),
    ("day", r"(today|yesterday)"),
    ("weekday", rf"({'|'.join(_WEEKDAYS)})"),
    ("bare_month", rf"({_M})(?![\w'-])"),
)
_SPAN = ("ago", rf"({_N}) ({_UNIT})")  # only in "older than two years"
_PERIOD = r"(?:" + "|".join(re.sub(r"\((?!\?)", "(?:", pattern) for _, pattern in _PERIODS) + r")"
_DASH = r" ?(?:-|–|—|to|until|till|through|thru) ?"
# How a period is used; the first that fits at a place wins, and the longest match of it.
_USES: tuple[tuple[str, str], ...] = (
    ("range", rf"(?:(?:from|in|of|during|for) )?between (?P<a>{_PERIOD}) (?:and|to|-) (?P<b>{_PERIOD})"),
    (
        "from",
        rf"(?:(?:dating|starting|beginning) )?from (?P<a>{_PERIOD})(?:,? (?:on(?:wards?)?|until now|to (?:now|today"
        rf"|date)|and (?:later|on))\b)",
    ),
    ("range", rf"(?:(?:from|in|of|during|for|over) )?(?P<a>{_PERIOD}){_DASH}(?P<b>{_PERIOD})"),
    ("range", rf"(?:(?:from|in|of|during|for|over) )?(?P<a>{_Y})[-–](?P<b>{_Y})"),
    ("before", rf"(?:older than|more than) (?P<a>{_N} {_UNIT})(?: old| ago)?"),
    ("from", rf"(?:newer than|younger than|less than) (?P<a>{_N} {_UNIT})(?: old| ago)?"),
    ("until", rf"(?P<a>{_PERIOD}),? (?:or|and) (?:earlier|before|older)\b"),
    (
        "from",
        rf"(?:(?:in|from) )?(?P<a>{_PERIOD}),? (?:(?:or|and) (?:later|newer|after(?:wards)?|onwards?|since"
        rf"|more recent(?:ly)?)|onwards?)\b",
    ),
    ("from", rf"(?:in |from )?(?P<a>{_Y})\+(?!\w)"),
    (
        "before",
        rf"(?:not (?:since|after)|(?:any ?(?:time|thing) )?(?:before|earlier than|older than|prior to"
        rf"|pre[- ]))(?: the)? ?(?P<a>{_PERIOD})",
    ),
    (
        "until",
        rf"(?:until|till|up (?:un)?til|up to(?: and including)?|through|no later than|not (?:later|newer) than"
        rf"|by(?: the end of)?)(?: the)? (?P<a>{_PERIOD})",
    ),
    ("after", rf"(?:after|later than|newer than|more recent than|younger than|post[- ])(?: the)? ?(?P<a>{_PERIOD})"),
    (
        "from",
        rf"(?:ever since|since|starting(?: (?:in|from|with))?|beginning (?:in|with)|(?:not|no) (?:older"
        rf"|earlier) than|not before|as of|from(?= (?:[^ ]+ )+ago\b))(?: the)? (?P<a>{_PERIOD})",
    ),
    (
        "either",
        rf"(?:in|from|of|during|for) (?P<a>{_Y}),?(?: and| or| vs\.?| versus| than(?: in| from)?| compared (?:to"
        rf"|with))(?: in| from| those from)? (?P<b>{_Y})(?!\d)",
    ),
    (
        "in",
        rf"(?:in|during|from|of|for|within|throughout|over|on|published|dated|year:?|out)(?: the (?=year|month|last"
        rf"|past|previous|beginning|start|end|first|second|third|fourth|early|mid|late|current))? (?P<a>{_PERIOD})",
    ),
    ("bare", rf"(?P<a>{_PERIOD})(?:'s)?"),
)
_COMPILED = tuple((use, re.compile(rf"(?<![\w.%$/-]){pattern}(?![\w%]|-\w)", re.IGNORECASE)) for use, pattern in _USES)
_ATOMS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in (*_PERIODS, _SPAN))

PAPERS = (
    r"(?:papers?|articles?|works?|publications?|preprints?|pre-prints|stud(?:y|ies)|abstracts?|entries"
    r"|literature|research|surveys?|submissions?|titles?)"
)
_OUT = (
    r"(?:published|publish|publishes|came out|come out|coming out|comes out|released|appeared|appear|posted"
    r"|submitted|dated|announced|out|added)"
)
_RECENCY = (
    r"(?:new|newest|latest|oldest|earliest|most recent|discussed|commented|anything|everything|something"
    r"|nothing|ones?|those|that)"
)
_KINDS = (
    r"(?:methods?|approaches|techniques|models?|datasets?|benchmarks?|systems?|results?|progress|advances?"
    r"|developments?|ideas)"
)
_DATA = (
    r"(?:data|datasets?|events?|records?|images?|news|stocks?|prices?|questions?|corpus|corpora|dumps?|crawls?"
    r"|tweets|posts|logs|samples?"
    r"|observations?|measurements?|snapshots?|competition|challenge|edition|season|games?|matches|exams?"
    r"|olympiad|problems?|patients|cutoff"
    r"|knowledge|text|articles written|documents?|reports of|steps?|tokens?|examples?|hours|epochs|bits?)"
)
_NEAR_BEFORE = re.compile(rf"\b(?:{PAPERS}|{_OUT}|{_RECENCY})(?: [\w,'-]+){{0,2}} ?$", re.IGNORECASE)
_NEAR_AFTER = re.compile(rf"^(?:'s)?,? (?:[\w'-]+ ){{0,3}}?(?:{PAPERS}|{_OUT})\b", re.IGNORECASE)
_SOMEWHERE = re.compile(
    rf"\b(?:{PAPERS}|published|came out|come out|appeared|newest|latest)\b|what(?:'s| is| was) new", re.IGNORECASE
)
_KIND_BEFORE = re.compile(rf"\b{_KINDS}(?: (?:on|for|of|in|about|with) [\w' -]+)? ?$", re.IGNORECASE)
_DATA_BEFORE = re.compile(
    rf"\b(?:{_DATA}|benchmarks?|models?)(?: (?:that|which))?(?: (?:were|was|are|is|have been"
    rf"|has been))?(?: (?:dated|collected|recorded|taken|released|published|crawled|gathered|sampled|announced"
    rf"|created|made))(?: \\w+)? ?$|\b{_DATA} ?$",
    re.IGNORECASE,
)
# After a bare year: what may follow when it is a year and not a number of things ("from 2000 examples").
_GOES_ON = re.compile(
    r"^(?:'s)?\s*(?:$|[.,;:?!)]|(?:and|or|but|to|on|about|which|that|who|by|from|for|with|in|of|at|as|is|are"
    r"|was|were|have|has|had|do|does|did|so|than"
    r"|using|only|here|there|please|what|how|vs|versus|compared|until|where|when|when|mention\w*|use|uses"
    r"|deal\w*|cover\w*|stud\w+|discuss\w*|the|we|you"
    rf"|come|came|get|got|per|each|sorted|ordered|\w+ing\b|{PAPERS}|{_OUT}|{_RECENCY}|{_KINDS})\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """An expression of time in a text, `text[start:end]`: days from and until (inclusive, None is open).

    `relative` when it depends on the anchor; `years` has the two years of "in 2022 or 2023".
    """

    start: int
    end: int
    words: str
    since: date | None
    until: date | None
    relative: bool = False
    years: tuple[int, ...] = ()


def read_dates(text: str, anchor: date, *, open_ended: bool, whole_library: bool = False) -> list[Dated]:
    """The dates of publication that a text asks for, in order; see the module's words for what counts.

    `whole_library`: the text asks about papers as such (a count, a list), so every date in it counts.
    """
    found: list[Dated] = []
    at = 0
    while at < len(text):
        best = _earliest(text, at)
        if best is None:
            break
        use, match = best
        dated = _dated(use, match, anchor)
        if dated is not None and _counts(text, use, dated, anchor, open_ended=open_ended, whole_library=whole_library):
            found.append(dated)
            at = dated.end
        else:
            at = match.end() if dated is not None else match.start() + 1
    return found


def in_words(since: date | None, until: date | None) -> str:
    """A span of days for people: "in 2018", "in May 2024", "since 1 May 2024", "from 2 to 9 May 2024"."""
    if since and until:
        if since == until:
            return f"on {day_in_words(since)}"
        if (since.month, since.day, until.month, until.day) == (1, 1, 12, 31):
            return f"in {since.year}" if since.year == until.year else f"from {since.year} to {until.year}"
        if (
            since.day == 1
            and until == _month_end(until.year, until.month)
            and (since.year, since.month) == (until.year, until.month)
        ):
            return f"in {calendar.month_name[since.month]} {since.year}"
        return f"from {day_in_words(since)} to {day_in_words(until)}"
    if since:
        return f"since {day_in_words(since)}"
    return f"until {day_in_words(until)}" if until else "at any time"


def day_in_words(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def number(word: str) -> int | None:
    """The value of "12" or "twelve"."""
    word = word.lower()
    return int(word) if word.isdigit() else NUMBERS.get(word)


def _earliest(text: str, at: int) -> tuple[str, re.Match[str]] | None:
    best: tuple[str, re.Match[str]] | None = None
    for use, pattern in _COMPILED:
        match = pattern.search(text, at)
        if match and (best is None or (match.start(), -match.end()) < (best[1].start(), -best[1].end())):
            best = (use, match)
    return best


def _dated(use: str, match: re.Match[str], anchor: date) -> Dated | None:
    first = _period(match["a"], anchor, use)
    if first is None:
        return None
    (low, high), relative = first
    since: date | None = low
    until: date | None = high
    years: tuple[int, ...] = ()
    if use in ("range", "either"):
        second = _period(match["b"], anchor, use)
        if second is None:
            return None
        (low_b, high_b), relative_b = second
        if use == "range" and not re.search(_Y, match["a"]) and re.search(_Y, match["b"]):  # "from March to May 2024"
            low, relative = _with_year(low, low_b.year), False
        if low_b < low:
            if use == "range" and low.year > anchor.year:
                return None
            low, high_b = min(low, low_b), max(high, high_b)
        since, until, relative = low, high_b, relative or relative_b
        if use == "either":
            years = (low.year, high_b.year)
            if abs(years[1] - years[0]) != 1 and " and " in match[0].lower():
                return None
    elif use == "from":
        until = None
    elif use == "after":
        since, until = high + timedelta(days=1), None
    elif use == "until":
        since = None
    elif use == "before":
        since, until = None, low - timedelta(days=1)
    elif relative and high >= anchor:
        until = None
    return Dated(
        start=match.start(), end=match.end(), words=match[0], since=since, until=until, relative=relative, years=years
    )


def _counts(text: str, use: str, dated: Dated, anchor: date, *, open_ended: bool, whole_library: bool) -> bool:
    before, after = text[: dated.start].rstrip(" ("), text[dated.end :]
    words = dated.words.lower()
    bare_year = re.search(rf"{_Y}$", words) is not None and not re.search(rf"\b{_M}\b", words)
    near = bool(_NEAR_BEFORE.search(before)) or bool(_NEAR_AFTER.match(after))
    if re.search(r"\b(?:not|except|excluding|outside|besides)$", before, re.IGNORECASE):
        return False
    if _DATA_BEFORE.search(before) and not (near and re.search(rf"\b{PAPERS}\b", before[-40:], re.IGNORECASE)):
        return False
    if bare_year and not _GOES_ON.match(after) and not (near and use != "bare"):
        return False
    year = (dated.since or dated.until or anchor).year
    if year > anchor.year + 1 and not near and not whole_library:
        return False
    if use == "bare":
        if re.fullmatch(rf"(?:{_M}|{'|'.join(_WEEKDAYS)})", words):
            return False
        if re.fullmatch(_Y, words):  # "2023 paper", "papers 2024"; but not "WMT 2014"
            follows = re.match(rf"^(?:'s)? (?:[\w-]+ ){{0,2}}?{PAPERS}\b", after, re.IGNORECASE)
            chained = re.search(r"\b(?:and|or|,)$", before) is not None and re.search(
                rf"\b{PAPERS}\b", text, re.IGNORECASE
            )
            return bool(follows or chained or re.search(rf"(?:^|\b{PAPERS})$", before, re.IGNORECASE)) and not (
                re.search(r"\b[A-Z][\w-]*[A-Z]\w*$", before)
            )
        if words in ("today", "yesterday") or re.fullmatch(r"(?:mid|late|early|the end of|end of).*", words):
            return near or whole_library
    if use == "until" and words.startswith("by") and not re.search(r"\b(?:published|out|appeared|released)$", before):
        return False
    if re.search(r"\bpre[- ]|\bpost[- ]", words) and not (near or whole_library):
        return False
    if whole_library or near:
        return True
    if _SOMEWHERE.search(text):
        return True
    if not open_ended:
        return False
    if _KIND_BEFORE.search(before):
        return True
    return not before.strip() or not re.sub(r"[\s.,;:?!)]+", "", after)


def _period(text: str, anchor: date, use: str) -> tuple[tuple[date, date], bool] | None:
    """First and last day of a period, and whether it counts from the anchor; None when there is no such day."""
    for name, pattern in _ATOMS:
        if match := pattern.fullmatch(text):
            try:
                return _read(name, match, anchor, use)
            except ValueError:
                return None
    return None


def _read(name: str, match: re.Match[str], anchor: date, use: str) -> tuple[tuple[date, date], bool] | None:
    g = [group.lower() if group else "" for group in match.groups()]
    if name == "iso_day":
        day = date(int(g[0]), int(g[1]), int(g[2]))
        return (day, day), False
    if name in ("iso_month", "month"):
        year, month = (int(g[0]), int(g[1])) if name == "iso_month" else (int(g[1]), _month(g[0]))
        return _months(year, month, month), False
    if name in ("day_month", "month_day"):
        day_number, month = (g[0], _month(g[1])) if name == "day_month" else (g[1], _month(g[0]))
        number_ = int(re.sub(r"\D", "", day_number))
        if g[2]:
            day = date(int(g[2]), month, number_)
            return (day, day), False
        day = date(anchor.year, month, number_)
        if day > anchor:
            day = date(anchor.year - 1, month, number_)
        return (day, day), True
    if name == "part":
        low, high = _PARTS[g[0]]
        return _months(int(g[1]), low, high), False
    if name == "part_now":
        if g[1] == "month":
            return _months(anchor.year, anchor.month, anchor.month), True
        return _months(anchor.year, *_PARTS[g[0]]), True
    if name in ("quarter", "half"):
        length, most = (3, 4) if name == "quarter" else (6, 2)
        part = int(g[0]) if g[0] else min(_ORDINALS[g[1]], most)
        return _months(int(g[2]), length * (part - 1) + 1, length * part), False
    if name == "season":
        return _months(int(g[1]), _SEASONS[g[0]], _SEASONS[g[0]] + 2), False
    if name == "decade":
        return (date(int(g[0]), 1, 1), date(int(g[0]) + 9, 12, 31)), False
    if name == "year":
        return _months(int(g[0]), 1, 12), False
    if name in ("rolling", "rolling_one"):
        count, unit = (number(g[0]) or 1, g[1]) if name == "rolling" else (1, g[0])
        return (_back(anchor, count, unit), anchor), True
    if name == "ago":
        day = _back(anchor, number(g[0]) or 1, g[1])
        return (day, day), True
    if name == "calendar":
        return _calendar(g[0], g[1], anchor), True
    if name == "day":
        day = anchor if g[0] == "today" else anchor - timedelta(days=1)
        return (day, day), True
    if name == "weekday" or (name == "named" and g[2]):
        wanted = _WEEKDAYS[g[0] if name == "weekday" else g[2]]
        day = anchor - timedelta(days=(anchor.weekday() - wanted) % 7 or 7)
        return (day, day), True
    month = _month(g[0]) if g[0] else _SEASONS[g[1]]
    length = 1 if g[0] else 3
    # The latest such month that has begun; "before May" means one that is over or running all the same.
    year = anchor.year if month <= anchor.month else anchor.year - 1
    return _months(year, month, month + length - 1), True


def _calendar(which: str, unit: str, anchor: date) -> tuple[date, date]:
    this = which in ("this", "current", "the current")
    if unit == "week":
        return (anchor - timedelta(days=anchor.weekday()), anchor) if this else (anchor - timedelta(days=7), anchor)
    if unit == "year":
        year = anchor.year if this else anchor.year - 1
        return _months(year, 1, 12)
    length = 3 if unit == "quarter" else 1
    index = anchor.year * 12 + (anchor.month - 1) // length * length - (0 if this else length)
    return _months(index // 12, index % 12 + 1, index % 12 + length)


def _back(anchor: date, count: int, unit: str) -> date:
    if unit.startswith(("day", "week")):
        return anchor - timedelta(days=count * (7 if unit.startswith("week") else 1))
    index = anchor.year * 12 + anchor.month - 1 - count * (12 if unit.startswith("year") else 1)
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(anchor.day, calendar.monthrange(year, month)[1]))


def _with_year(day: date, year: int) -> date:
    return date(year, day.month, min(day.day, calendar.monthrange(year, day.month)[1]))


def _month(word: str) -> int:
    return MONTHS[word.rstrip(".").lower()]


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    return date(year, first, 1), _month_end(year, last)


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
