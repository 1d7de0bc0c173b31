"""Dates in a question: "since May 2024", "in 2018", "between 2020 and 2022", "last week" → days from and until.

`read_dates` finds every expression of time that says when papers were published, with its place in the text. It does not
decide alone: a date counts when the words around it speak of papers ("papers from 2018"), or when `open_ended` says that
the question is not about the contents of one paper, and the date stands at its start or end. "stock prices from 2010 to
2020", "in 2 bits", "since it needs" and "before ChatGPT came out" are no dates of publication. "not from 2024" is read as a
date that is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rag.question.periods import MONTH, NUMBER, PERIOD, UNIT, WEEKDAYS, YEAR, month_end, read_period, with_year

_DASH = r" ?(?:-|–|—|to|until|till|through|thru) ?"
# How a period is used; the first that fits at a place wins, and the longest match of it.
_USES: tuple[tuple[str, str], ...] = (
    ("range", rf"(?:(?:from|in|of|during|for) )?between (?P<a>{PERIOD}) (?:and|to|-) (?P<b>{PERIOD})"),
    (
        "from",
        rf"(?:(?:dating|starting|beginning) )?from (?P<a>{PERIOD})(?:,? (?:on(?:wards?)?|until now|to (?:now|today"
        rf"|date)|and (?:later|on))\b)",
    ),
    ("range", rf"(?:(?:from|in|of|during|for|over) )?(?P<a>{PERIOD}){_DASH}(?P<b>{PERIOD})"),
    ("range", rf"(?:(?:from|in|of|during|for|over) )?(?P<a>{YEAR})[-–](?P<b>{YEAR})"),
    (
        "from",
        rf"(?:newer than|younger than|less than|(?:no|not) (?:older|more) than) (?P<a>{NUMBER} {UNIT})(?: old| ago)?",
    ),
    ("before", rf"(?:older than|more than) (?P<a>{NUMBER} {UNIT})(?: old| ago)?"),
    ("from", rf"as of (?P<a>{PERIOD}),? on(?:wards?)?\b"),
    ("until", rf"(?P<a>{PERIOD}),? (?:or|and) (?:earlier|before|older)\b"),
    (
        "from",
        rf"(?:(?:in|from) )?(?P<a>{PERIOD}),? (?:(?:or|and) (?:later|newer|after(?:wards)?|onwards?|since"
        rf"|more recent(?:ly)?)|onwards?)\b",
    ),
    ("from", rf"(?:in |from )?(?P<a>{YEAR})\+(?!\w)"),
    (
        "before",
        rf"(?:not (?:since|after)|(?:any ?(?:time|thing) )?(?:before|earlier than|older than|prior to"
        rf"|pre[- ]))(?: the)? ?(?P<a>{PERIOD})",
    ),
    (
        "until",
        rf"(?:until|till|on or before|up (?:un)?til|up to(?: and including)?|as of|through|no later than|not (?:later|newer) than"
        rf"|by(?: the end of)?)(?: the)? (?P<a>{PERIOD})",
    ),
    ("after", rf"(?:after|later than|newer than|more recent than|younger than|post[- ])(?: the)? ?(?P<a>{PERIOD})"),
    (
        "from",
        rf"(?:ever since|since|on or after|starting(?: (?:in|from|with))?|beginning (?:in|with)|(?:not|no) (?:older"
        rf"|earlier) than|not before|from(?= (?:[^ ]+ ){{1,4}}ago\b))(?: the(?= (?:year|month|beginning|start|end)))? (?P<a>{PERIOD})",
    ),
    (
        "either",
        rf"(?:(?:in|from|of|during|for) (?:either )?|(?<=outside )|(?<=outside of )|(?<=except )|(?<=except for )|(?<=excluding )"
        rf"|(?<=without )|(?<=besides )|(?<=compare )|(?<=comparing ))(?P<a>{YEAR}),?(?: and| or| nor| vs\.?| versus| than(?: in| from)?| compared (?:to"
        rf"|with))(?: in| from| those from)? (?P<b>{YEAR})(?!\d)",
    ),
    (
        "months",
        rf"(?:in|from|of|during|for) (?:either )?(?P<a>{MONTH})(?:,? and|,? or) (?:in )?(?P<b>{MONTH})(?:(?:,| of)? (?P<y>{YEAR}))?(?![\w'-])",
    ),
    (
        "in",
        rf"(?:in|during|from|of|for|within|throughout|over|on|published|dated|year:?|out)(?: the (?=year|month|last"
        rf"|past|previous|beginning|start|end|first|second|third|fourth|early|mid|late|current))? (?P<a>{PERIOD})"
        rf"(?!,? (?:or|and) (?:earlier|before|older|later|newer|after))",
    ),
    ("bare", rf"(?P<a>{PERIOD})(?:'s)?"),
)
_COMPILED = tuple((use, re.compile(rf"(?<![\w.%$/-]){pattern}(?![\w%]|-\w)", re.IGNORECASE)) for use, pattern in _USES)

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
_ASKS_FOR = re.compile(
    r"^\W*(?:\w+\W+){0,3}?(?:which|what|list|show|any|find|give|name|new|recent|all|are there|tell|methods?|approaches)\b",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"\b(?:beats?|than|outperform\w*|against|versus|vs\.?|unlike|compar\w+ (?:to|with))\b[^,?]{0,40}$", re.IGNORECASE
)
_DATA_BEFORE = re.compile(
    rf"\b(?:{_DATA}|benchmarks?|models?)(?: (?:that|which))?(?: (?:were|was|are|is|have been"
    rf"|has been))?(?: (?:dated|collected|recorded|taken|released|published|crawled|gathered|sampled|announced"
    rf"|created|made))(?: \\w+)? ?$|\b{_DATA} ?$",
    re.IGNORECASE,
)
_STRICT_DATA_BEFORE = re.compile(rf"\b{_DATA}(?: [\w ]{{0,30}})?$", re.IGNORECASE)
_USED = re.compile(r"\b(?:us(?:e|es|ed|ing)|train\w*|collect\w*|contain\w*|test\w*|evaluat\w*)\b", re.IGNORECASE)
_MAIN_VERB = re.compile(
    r"(?<!that )(?<!which )(?<!who )\b(?:were|was|have been|has been|are|is|came|come|did|appeared)(?: \w+)?$",
    re.IGNORECASE,
)
# "not from", "except those published in": what comes next is left out.
_LEFT_OUT = re.compile(
    r"(?:\b(?:not|never|except(?:ing)?(?: for)?|excluding|exclude|outside(?: of)?|besides|other than|without|leaving out|apart from"
    r"|aside from|(?:anything|everything|all) but)|n't)(?:\s+(?:those|ones|papers|anything|everything|the|any|published|dated"
    r"|released|come out|came out|appear(?:ed)?|from|of|in|being|been|that are|which are)){0,4}$",
    re.IGNORECASE,
)
_YEARLESS = re.compile(rf"^(?:the |this |last )*(?:{MONTH}|spring|summer|autumn|fall)\b|{MONTH}$", re.IGNORECASE)
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

    `relative` when it depends on the anchor, `yearless` when it names a month, season or day and the anchor tells the year;
    `years` has the two years of "in 2022 or 2023", `between` the first and last day
    between them where they are no neighbours ("in 2020 and 2022" does not mean 2021); `left_out` for "not from 2024".
    """

    start: int
    end: int
    words: str
    since: date | None
    until: date | None
    relative: bool = False
    yearless: bool = False
    years: tuple[int, ...] = ()
    left_out: bool = False
    between: tuple[date, date] | None = None


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
        left_out = _LEFT_OUT.search(text[: match.start()].rstrip(" (")) if dated is not None else None
        if dated is not None and left_out is not None:
            dated = replace(dated, start=left_out.start(), left_out=True)
        if dated is not None and _counts(text, use, dated, anchor, open_ended=open_ended, whole_library=whole_library):
            found.append(dated)
            at = dated.end
        else:
            at = match.end() if dated is not None else match.start() + 1
    return found


def _earliest(text: str, at: int) -> tuple[str, re.Match[str]] | None:
    best: tuple[str, re.Match[str]] | None = None
    for use, pattern in _COMPILED:
        match = pattern.search(text, at)
        if match and (best is None or (match.start(), -match.end()) < (best[1].start(), -best[1].end())):
            best = (use, match)
    return best


def _dated(use: str, match: re.Match[str], anchor: date) -> Dated | None:
    first = read_period(match["a"], anchor)
    if first is None:
        return None
    (low, high), relative = first
    since: date | None = low
    until: date | None = high
    years: tuple[int, ...] = ()
    between: tuple[date, date] | None = None
    if use == "months":
        second = read_period(match["b"], anchor)
        if second is None:
            return None
        (low_b, high_b), _ = second
        year = int(match["y"]) if match["y"] else max(low.year, low_b.year)
        days = sorted((with_year(one, year), month_end(year, one.month)) for one in (low, low_b))
        since, until, relative = days[0][0], days[1][1], not match["y"]
        low, high = since, until
        if days[0][1] + timedelta(days=1) < days[1][0]:
            between = (days[0][1] + timedelta(days=1), days[1][0] - timedelta(days=1))
    elif use in ("range", "either"):
        second = read_period(match["b"], anchor)
        if second is None:
            return None
        (low_b, high_b), relative_b = second
        if (
            use == "range" and not re.search(YEAR, match["a"]) and re.search(YEAR, match["b"])
        ):  # "from March to May 2024"
            low, relative = with_year(low, low_b.year), False
        if low_b < low:
            if use == "range" and low.year > anchor.year:
                return None
            low, high_b = min(low, low_b), max(high, high_b)
        since, until, relative = low, high_b, relative or relative_b
        if use == "either":
            years = (low.year, high_b.year)
            if years[1] - years[0] > 1:
                between = (date(years[0] + 1, 1, 1), date(years[1] - 1, 12, 31))
    elif use == "from":
        until = None
    elif use == "after":
        since, until = high + timedelta(days=1), None
    elif use == "until":
        since = None
    elif use == "before":
        since, until = None, low - timedelta(days=1)
    elif relative and high >= anchor and use != "months":
        until = None
    return Dated(
        start=match.start(),
        end=match.end(),
        words=match[0],
        since=since,
        until=until,
        relative=relative,
        yearless=relative and _YEARLESS.search(match["a"]) is not None,
        years=years,
        between=between,
    )


def _counts(text: str, use: str, dated: Dated, anchor: date, *, open_ended: bool, whole_library: bool) -> bool:
    before, after = text[: dated.start].rstrip(" ("), text[dated.end :]
    words = dated.words.lower()
    bare_year = re.search(rf"{YEAR}$", words) is not None and not re.search(rf"\b{MONTH}\b", words)
    near = bool(_NEAR_BEFORE.search(before)) or bool(_NEAR_AFTER.match(after))
    if (bare_year and words.startswith("on ")) or re.match(
        r"(?:(?:no|not) )?(?:more|less) than .*(?<!old)(?<! ago)$", words
    ):
        return False
    if dated.left_out:
        stands_last = open_ended and not after.strip(" ?.!")
        of_papers = re.search(rf"\b{PAPERS}\b", text, re.IGNORECASE) is not None
        return whole_library or near or stands_last or of_papers or len(text.split()) <= 6
    if _DATA_BEFORE.search(before) and not _of_papers(text, before, near=near, whole_library=whole_library):
        return False
    if bare_year and not _GOES_ON.match(after) and not (near and use != "bare"):
        return False
    year = (dated.since or dated.until or anchor).year
    if year > anchor.year + 1 and not near and not whole_library:
        return False
    if use == "bare":
        if re.fullmatch(rf"(?:{MONTH}|{'|'.join(WEEKDAYS)}|the \w+)", words):
            return False
        if re.fullmatch(YEAR, words):  # "2023 paper", "papers 2024"; but not "WMT 2014"
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
    if _KIND_BEFORE.search(before) and not _COMPARED.search(before) and _ASKS_FOR.match(text):
        return True
    return not before.strip() or not re.sub(r"[\s.,;:?!)]+", "", after)


def _of_papers(text: str, before: str, *, near: bool, whole_library: bool) -> bool:
    """Whether a date after "models" or "data" is the papers' all the same: "papers about models were published before 2023",
    "papers on diffusion models from 2024", but not "papers that use data from 2023".
    """
    if whole_library and _MAIN_VERB.search(re.sub(rf"\s*\b{_OUT}$", "", before, flags=re.IGNORECASE)):
        return True
    if whole_library and re.search(r"\bpublished$", before, re.IGNORECASE):
        return True
    if _STRICT_DATA_BEFORE.search(before[-40:]):
        close = re.search(rf"\b{PAPERS}\b", before[-40:], re.IGNORECASE)
        return bool(near and close and not _USED.search(before[-40:][close.end() :]))
    on = re.search(rf"\b{PAPERS}\s+(?:on|about|for|of|studying|regarding)\b[^,;?]*$", before, re.IGNORECASE)
    return on is not None and not _USED.search(on[0])
