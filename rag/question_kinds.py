"""What kind of answer a question wants: one fact, several papers, a comparison, or something about the library itself.

`read_kind` looks at the words only. Most questions are about what papers say, also those with "how many" and "largest": a
question is about the library when it counts, lists, orders or dates *papers* ("how many papers…", "the newest paper",
"papers a month") or asks for a field of one ("when was X published").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.question_dates import NUMBERS, PAPERS, number

Intent = Literal["one", "several", "compare", "count", "list", "extreme", "timeline", "field"]
Order = Literal["newest", "oldest", "most_comments", "fewest_comments", "most_authors", "fewest_authors"]
FieldAsked = Literal["published", "organisation", "n_authors", "n_comments"]
Per = Literal["day", "week", "month", "year", "organisation"]

_N = r"(?:\d{1,3}(?!\d)|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"
_ORG = r"(?:organi[sz]ations?|compan(?:y|ies)|labs?|institut(?:e|es|ion|ions)|affiliations?|universit(?:y|ies)|research groups?|orgs?)"
_MANY = r"(?:most|(?:the )?(?:highest|largest|greatest|biggest|maximum|max\.?|top)(?: (?:number|amount|count))?(?: of)?|the longest(?: list of)?|longest(?: list of)?)"
_FEW = r"(?:fewest|least|(?:the )?(?:lowest|smallest|minimum|min\.?|shortest)(?: (?:number|amount|count|list))?(?: of)?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The kind of a question and the places in it that say so. `listing`: "list" when what is left is empty."""

    intent: Intent
    spans: tuple[tuple[int, int], ...] = ()
    order: Order | None = None
    limit: int | None = None
    field: FieldAsked | None = None
    per: Per | None = None
    subject: str | None = None
    listing: Literal["all", "bare"] | None = None
    sides: tuple[str, ...] = ()
    verb: str | None = None
    lacks: FieldAsked | None = None
    has: FieldAsked | None = None


def read_kind(text: str) -> Kind:
    """The kind that the words of a question tell; filters and names are read elsewhere."""
    for read in (_timeline, _extreme, _count, _field):
        if (kind := read(text)) is not None:
            return kind
    if (sides := compared(text)) is not None:
        return Kind(intent="compare", sides=sides)
    listing = _listing(text)
    return Kind(intent="several" if _SEVERAL.search(text) else "one", listing=listing)


# Extremes

_NEAR_PAPERS = rf"(?=(?:[\s,]+[\w'’&-]+){{0,4}}?[\s,]+{PAPERS}\b)"
_ALONE = r"(?=(?:\s+(?:one|ones|entry|item|here|in (?:here|the (?:library|collection|shelf|set|list|index|corpus))|first|of (?:them|these|those|all)|on|about|from|in|by|of))?\W*(?:$|\b(?:on|about|from|in|by|of|and|since|with|as)\b))"
_NEW = r"(?:newest|latest|most recent(?:ly (?:published|added|released|submitted))?|most current|freshest|youngest|last[- ]published)"
_OLD = r"(?:oldest|earliest|first[- ](?:ever )?published|least recent)"
_TALK = r"(?:discussed|commented(?:[- ]on|[- ]upon)?|talked[- ]about|debated|comment-heavy)"
_ASKS = r"^\W*(?:and |so |ok |now )?(?:which|what|who|whose|show|list|give|name|find|get|tell|the|top|most|sort|order|rank)\b"
_EXTREMES: tuple[tuple[Order, str], ...] = (
    ("newest", rf"\b{_NEW}\b{_NEAR_PAPERS}|{_ASKS}(?=.{{0,40}}\b{_NEW}\b)(?:\W+[\w'’]+){{0,4}}?\W+{_NEW}\b{_ALONE}|^\W*{_NEW}\b{_ALONE}"
     rf"|\b(?:published|came out|come out|appeared|released|was out)\s+(?:most recently|last|latest)\b(?! (?:week|month|year|quarter|summer|spring|autumn|fall|may|\d|{_N} ))|\bnewest first\b|\bmost recently (?:published|added|released)\b"),
    ("oldest", rf"\b{_OLD}\b{_NEAR_PAPERS}|{_ASKS}(?=.{{0,40}}\b{_OLD}\b)(?:\W+[\w'’]+){{0,4}}?\W+{_OLD}\b{_ALONE}|^\W*{_OLD}\b{_ALONE}"
     rf"|\b(?:published|came out|come out|appeared|released)\s+(?:first|earliest|before (?:all|any) others?)\b|\boldest first\b|\bfirst paper(?=\W+(?:in (?:the|this) (?:library|collection|shelf)|in here|here|published|of \d|from \d|to (?:be published|appear|come out)))"),
    ("most_comments", rf"\b(?:the )?(?:most|best|hottest|highly)[- ](?:\w+ )?{_TALK}\b|\b{_TALK} (?:the )?most\b|\b{_MANY} (?:discussion )?comments?(?: count)?\b|\bhighest comment count\b"
     rf"|\b(?:most|biggest|longest|liveliest|largest) (?:discussions?|attention)\b(?=\W*$|.*\b{PAPERS})|\btop\b[^?]{{0,40}}\bby (?:the )?(?:number of |amount of )?comments?\b|\bmost popular\b{_NEAR_PAPERS}|\bhottest\b{_NEAR_PAPERS}"),
    ("fewest_comments", rf"\bleast[- ]{_TALK}\b|\b{_TALK} (?:the )?least\b|\b{_FEW} (?:discussion )?comments?\b"),
    ("most_authors", rf"\b{_MANY} (?:co-?)?authors?(?:[- ](?:lists?|teams?|groups?|counts?))?\b|\b(?:longest|largest|biggest) (?:author(?:s['’]?)?[- ]?(?:list|team|group|count|line)|list of authors|team of authors|(?:number|group) of authors)\b"
     rf"|\bmost (?:people|names|researchers)\b(?=.*\b(?:wrote|written|author|{PAPERS}))|\b(?:biggest|largest) (?:author |writing )?team\b(?=.*\b(?:wrote|written|author|{PAPERS}|behind))|\bauthor list is (?:the )?longest\b|\btop\b[^?]{{0,40}}\bby (?:the )?(?:number of |amount of )?authors?\b"),
    ("fewest_authors", rf"\b{_FEW} (?:co-?)?authors?(?:[- ](?:lists?|teams?|groups?|counts?))?\b|\b(?:shortest|smallest) (?:author(?:s['’]?)?[- ]?(?:list|team|group|count)|list of authors|team of authors)\b"),
)
_EXTREME_PATTERNS = tuple((order, re.compile(pattern, re.IGNORECASE)) for order, pattern in _EXTREMES)
_TOP = re.compile(rf"\b(?:top|first|the|best)[ -]+({_N})\b(?!\s*(?:%|percent|x|bits?|days?|weeks?|months?|years?|accuracy))|\b({_N})\s+(?=(?:of the )?(?:{_NEW}|{_OLD}|most|least|fewest|{PAPERS}\b))|(?<=newest )({_N})\b|(?<=latest )({_N})\b|(?<=oldest )({_N})\b|(?<=recent )({_N})\b|(?<=discussed )({_N})\b|(?<=commented )({_N})\b", re.IGNORECASE)
_TAIL = re.compile(r"(?:,|;|\?|\s[-–—])?\s*\b(?:and|with)\s+(?:also\s+)?(?:how many|how much|when|what|who|which|whose|its|their|the (?:date|number|title)|by (?:how|whom)|from (?:which|what|when)|where|is it|does it|tell|say)\b.*$", re.IGNORECASE)
_SINGULAR = re.compile(r"\b(?:paper|article|work|publication|preprint|study|abstract|entry|one)\b(?!s)", re.IGNORECASE)
_PLURAL = re.compile(rf"\b(?:papers|articles|works|publications|preprints|studies|abstracts|entries|ones)\b", re.IGNORECASE)


def _extreme(text: str) -> Kind | None:
    for order, pattern in _EXTREME_PATTERNS:
        match = pattern.search(text)
        if match is None or _is_about_counts_in(text, match):
            continue
        spans = [match.span()]
        tail = _TAIL.search(text, match.start())
        if tail and tail.start() > 0:
            spans.append(tail.span())
        limit = None
        if (top := _TOP.search(text)) and (limit := number(next(group for group in top.groups() if group))):
            spans.append(top.span())
        if limit is None and not _PLURAL.search(text):
            limit = 1
        return Kind(intent="extreme", order=order, limit=limit, spans=tuple(spans))
    return None


def _is_about_counts_in(text: str, match: re.Match[str]) -> bool:
    """ "the most discussed limitation" and "largest number of authors annotated" are no questions about papers."""
    after = text[match.end() :]
    return bool(
        re.match(
            r"\s+(?:limitations?|problems?|methods?|issues?|topics?|datasets?|benchmarks?|models?|questions?|agree|per|threads?|posts?|layers?|tokens?|versions?)\b",
            after,
            re.IGNORECASE,
        )
    )


# Counts

_AVERAGES = re.compile(
    r"\b(?P<how>average|mean|median|typical)\b(?: (?:number|count|amount) of)? (?P<what>(?:co-?)?authors?|comments?)\b"
    r"|\bhow many (?P<what2>(?:co-?)?authors?|comments?)\b.*\b(?:(?P<how2>on average|per paper|a paper on average|typically|usually)|(?P<sum>in total|altogether|overall|all together|in all))\b"
    r"|\bhow many (?P<what4>(?:co-?)?authors?|comments?) (?:does|do|has|have) (?:the|an) (?P<how3>average|typical|usual)\b"
    r"|\btotal (?:number|count|amount)? ?(?:of )?(?P<what3>authors?|comments?)\b",
    re.IGNORECASE,
)
_LACKS = re.compile(
    r"\b(?:(?P<no>without|(?:have|has|having|with|got) no|lack(?:s|ing)?|miss(?:es|ing)?|(?:do not|don't|does not) (?:have|name|state|give))|(?:with|have|has|having|name|state|give))"
    r" (?:an? |any |known |publication |the |their )*(?P<what>dates?|organi[sz]ations?|affiliations?|(?:author|comment) counts?|number of (?:authors|comments))\b|\b(?P<un>undated|dated)\b",
    re.IGNORECASE,
)
_COVERAGE = re.compile(
    r"\b(?:date range|time ?(?:span|range|frame)|range of (?:dates|years)|span of (?:dates|years|time))\b"
    r"|\b(?:what|which) (?:years?|period|dates?|months?|time)\b.*\b(?:library|collection|shelf|papers)\b.*\b(?:cover|covers|span|spans|from|range|reach|reaches)\b"
    r"|\b(?:what|which) (?:years?|period|dates?|months?|time) (?:does|do|is|are) (?:the |this |your )?(?:library|collection|shelf|papers)\b|\bhow far back\b",
    re.IGNORECASE,
)
_COUNTS = re.compile(
    rf"\bhow many (?:(?:different|distinct|total|other|more|such|new|recent|of (?:the|these|those|our|your|its|my)|of|(?:\w+-)?\w+ed|\w+-author(?:ed)?)\s+){{0,2}}(?P<noun>{PAPERS}|them|these|those|ones)\b"
    rf"|\b(?:what(?:'s| is| was)? )?(?:the )?(?:total )?(?:number|count|amount) of (?:the |all )?(?:\w+ ){{0,2}}?(?P<noun2>{PAPERS})\b"
    rf"|^\W*count (?:up )?(?:all |the |of |how many )*(?:\w+ ){{0,2}}?(?P<noun3>{PAPERS})\b|\b(?P<noun4>papers?) count\b"
    rf"|^\W*(?:and |so )?how many (?:are|were|came|come|have|do (?:you|we)|did (?:you|we)|exist|in here|on|about|from|by|since|in|with|deal|mention|use)\b(?=.*(?:\b(?:in|from|by|since|before|after|on|about|with|have|until|between|here|library|collection|published|out)\b))"
    r"|\bhow (?:big|large) is (?:the|this|your|our|my) (?:library|collection|shelf|corpus|set|index|database)(?: of papers)?(?=\W*$)"
    rf"|\bhow (?:often|frequently) do {PAPERS}\b|\b(?:are|were) there (?:more|fewer|any more) (?P<noun5>{PAPERS})\b",
    re.IGNORECASE,
)
# "how many papers did the survey review" asks what a paper says.
_COUNTED_BY_PAPER = re.compile(
    r"^\s*(?:(?:did|does|do|has|have|had|was|were|are|is)\s+(?!(?:you|we|i|there|they|been|published|released|in|from|about|on|by|posted|available|dated|out|more|discussed|commented|single|no|any|the library|the collection|the shelf|this (?:library|collection)|here|not|written|submitted|\w+ed|\w+ing|comments?|an?|at|fewer|less|over|exactly|only|just|between|up)\b)"
    r"|(?:were|was|are|is|did|does)?\s*(?:it|the (?:authors?|survey|review|paper|study|work)|they|this (?:survey|paper|study|review))\b|(?:were|was|are)?\s*(?:reviewed|surveyed|analy[sz]ed|included|collected|annotated|examined|screened|considered|covered by|used (?:to|for|in)|in (?:the|its|their) (?:survey|review|dataset|benchmark|corpus|training))\b)",
    re.IGNORECASE,
)
_PUBLISHER_DID = re.compile(r"^\s*(?:did|does|has|have|do)\s+(?P<who>[\w .&-]{2,40}?)\s+(?:publish|release|write|put out|written|contribute|have (?:here|in)|author|post)\w*\b", re.IGNORECASE)
_ORGANISATIONS = re.compile(
    rf"\bhow many (?:different |distinct )?{_ORG}\b|\b(?:list|show|name|give|enumerate)\b(?: me| us)? (?:all |the |every |of )*{_ORG}\b"
    rf"|^\W*(?:which|what) {_ORG} (?:are|is there|do (?:you|we)|does|have|has|published?|appear|occur|contributed?|wrote|released?|come|show)\b(?!.*\b(?:is|are|was|behind) (?:it|this|that)\b)"
    rf"|\b{PAPERS} (?:per|by|for each|by each|from each) {_ORG}\b|\bper {_ORG}\b|^\W*who (?:has |have )?(?:published|publishes|released|wrote|written|contributed|has) (?:the )?most {PAPERS}\b",
    re.IGNORECASE,
)


def _count(text: str) -> Kind | None:
    if (match := _ORGANISATIONS.search(text)) and (
        re.search(rf"how many|list|show|enumerate|per |by |most |are (?:there|in|here|represented)|\b{PAPERS}\b|library|collection|here", text, re.IGNORECASE)
    ):
        return Kind(intent="count", per="organisation", spans=(match.span(),))
    if match := _AVERAGES.search(text):
        g = match.groupdict()
        what = next(g[name] for name in ("what", "what2", "what3", "what4") if g[name])
        field: FieldAsked = "n_comments" if what.lower().startswith("comment") else "n_authors"
        how = "sum" if g["sum"] or g["what3"] else "average"
        return Kind(intent="count", field=field, verb=how, spans=(match.span(),)) if _of_papers(text, match) else None
    if match := _COVERAGE.search(text):
        return Kind(intent="count", spans=((0, len(text)),))
    match = _COUNTS.search(text)
    if match is None:
        return None
    after = text[match.end() :]
    noun = next((match[name] for name in ("noun", "noun2", "noun3", "noun4", "noun5") if match[name]), "")
    if noun and _COUNTED_BY_PAPER.match(after) and not _PUBLISHER_DID.match(after):
        return None
    if noun.lower() in ("work", "works", "study", "studies", "research", "entries", "abstracts", "titles", "submissions", "articles") and re.match(
        r"\s+(?:did|does|were|was|are) (?:the|its|it)\b", after, re.IGNORECASE
    ):
        return None
    if (known := _LACKS.search(text, match.end() if not match[0].endswith("dated") else 0)) or (known := _LACKS.search(text)):
        what = (known["what"] or "date").lower()
        asked: FieldAsked = (
            "published" if what.startswith("date") else "n_authors" if "author" in what else "n_comments" if "comment" in what else "organisation"
        )
        spans = (match.span(), known.span())
        if known["no"] or (known["un"] or "").lower() == "undated":
            return Kind(intent="count", lacks=asked, spans=spans)
        return Kind(intent="count", has=asked, spans=spans)
    return Kind(intent="count", spans=(match.span(),))


def _of_papers(text: str, match: re.Match[str]) -> bool:
    rest = text[: match.start()] + text[match.end() :]
    return re.search(rf"\b(?:{PAPERS}|library|collection|shelf|here)\b", text, re.IGNORECASE) is not None or not topic_of(re.sub(r"\d{4}", "", rest))


# Timelines

_UNIT_PER = r"(?:per|a|an|each|every|by|over the|across the|by the|for (?:each|every)|grouped by|broken down by|in each)"
_TIMELINES = re.compile(
    rf"\b(?:{PAPERS}|publications?|published|releases?|volume|count|how many|number)\b[^?]{{0,60}}?\b{_UNIT_PER} (?P<unit>day|week|month|quarter|year)s?\b"
    rf"|\b(?P<adverb>monthly|yearly|annual|annually|weekly|daily)\b(?=.*\b(?:{PAPERS}|counts?|numbers?|publications?)\b)|\b(?:{PAPERS}|counts?|publications?)\b.*\b(?P<adverb2>monthly|yearly|annually|weekly|daily)\b"
    r"|\b(?P<bare>time ?line|publication (?:trend|history|rate|dates over time)|distribution (?:over|across|by) (?:the )?(?:time|years?|months?|dates?))\b"
    rf"|\b(?:how (?:has|did|does|have)|number|trend|development|growth|evolution|count)\b[^?]{{0,40}}\b{PAPERS}\b[^?]{{0,60}}\b(?P<over>over (?:time|the (?:years|months))|through (?:time|the years)|with time)\b"
    rf"|\b(?P<over2>over time|over the (?:years|months))\b[^?]{{0,20}}\b{PAPERS}\b|\b{PAPERS}\b[^?]{{0,40}}\b(?P<over3>over time|over the (?:years|months))\s*\W*$"
    rf"|\b(?:in )?(?:which|what) (?P<peak>year|month|week|day)\b[^?]{{0,40}}\b(?:most|fewest|least|more|highest|largest|peak\w*)\b[^?]{{0,25}}\b(?:{PAPERS}|publications?|number|count)\b"
    rf"|\b(?:busiest|most productive|best represented|strongest|peak) (?P<peak2>year|month|week)\b|\bwhen (?:were|did|was) (?:the )?most (?P<when>{PAPERS})\b"
    rf"|\b{PAPERS} (?P<by>by|per) (?:publication )?(?:date|time)\b",
    re.IGNORECASE,
)
_ADVERBS = {"monthly": "month", "yearly": "year", "annual": "year", "annually": "year", "weekly": "week", "daily": "day"}


def _timeline(text: str) -> Kind | None:
    match = _TIMELINES.search(text)
    if match is None:
        return None
    g = match.groupdict()
    unit = (g["unit"] or g["peak"] or g["peak2"] or "").lower() or _ADVERBS.get((g["adverb"] or g["adverb2"] or "").lower(), "")
    if unit == "quarter":
        unit = "month"
    if g["unit"]:
        span = re.compile(rf"\b{_UNIT_PER} {g['unit']}s?\b", re.IGNORECASE).search(text, match.start())
        if span is None or not re.search(rf"\b(?:{PAPERS}|publications?|published)\b", text, re.IGNORECASE):
            return None
        spans = [span.span()]
    else:
        name = next((name for name in ("over", "over2", "over3", "adverb", "adverb2", "bare", "by") if g[name]), None)
        spans = [match.span(name) if name else match.span()]
    per: Per | None = "day" if unit == "day" else "week" if unit == "week" else "month" if unit == "month" else "year" if unit == "year" else None
    return Kind(intent="timeline", spans=tuple(spans), per=per)


# A field of one paper

_OUT = r"(?:published|released|posted|submitted|announced|uploaded|put (?:on|up on) arxiv|on arxiv|out|put online|dated|written|made public)"
_FIELDS: tuple[tuple[FieldAsked, str], ...] = (
    ("published", rf"^\W*(?:and |so |but |also |ok )?when (?:was|were|is|has|had)(?: been)? (?P<x>.+?)(?: been)?(?: first| originally| actually)? {_OUT}\b"),
    ("published", r"^\W*(?:and |so |but |also )?when (?:did|does) (?P<x>.+?)(?: first| originally| actually)? (?:come out|appear|get (?:published|released)|go (?:online|public)|drop)\b"),
    ("published", r"\b(?:publication|release|publishing|submission) (?:date|year|month|day)s? (?:of|for) (?P<x>[^?,]+)"),
    ("published", r"(?P<x>\S.*?)(?:['’]s|:| -)? (?:publication|release|publishing) (?:date|year|month)\b"),
    ("published", rf"^\W*(?:and |so )?(?:in |on )?(?:what|which) (?:year|month|date|day) (?:was|were|is|did|does) (?P<x>.+?)(?: {_OUT}| from| come out| appear| published)\b"),
    ("published", r"^\W*(?:what(?:'s| is) the )?date (?:of|for) (?P<x>[^?]+)"),
    ("published", r"^\W*(?:and )?how (?:old|recent|new) is (?P<x>[^?]+)"),
    ("published", r"^\W*(?P<x>.+?),? (?:published|released|came out|out) (?:when|what year|which year)\b"),
    ("organisation", rf"^\W*(?:and |so )?(?:from |by |at |in )?(?:which|what) {_ORG} (?:is|are|was|were|did|does|has|do) (?P<x>.+?)(?: (?:from|by|at|of|behind|come from|published|affiliated with|belong to|written at|made (?:by|at)|out of))?\W*$"),
    ("organisation", rf"^\W*(?:and |so )?(?:which|what) {_ORG} (?:published|released|wrote|is (?:behind|responsible for)|stands behind|made|produced|came up with|put out|wrote up) (?P<x>[^?]+)"),
    ("organisation", r"^\W*(?:and )?who (?:published|released|is behind|stands behind|put out) (?P<x>[^?]+)"),
    ("organisation", r"^\W*(?:and )?where (?:does|do|did|is|was|were) (?P<x>.+?) (?:come from|from|written|published|originate)\W*$"),
    ("organisation", rf"\b(?:{_ORG}) (?:of|behind|for) (?P<x>[^?,]+)"),
    ("organisation", r"^\W*(?:what|which)(?:'s| is| are) (?P<x>.+?)['’]s? (?:organi[sz]ation|affiliation|company|lab)\W*$"),
    ("n_authors", r"\bhow many (?:co-?)?authors (?:does|do|did|has|have|is|are|was|were|wrote|worked on|signed|contributed to|there (?:on|in|for)|on|are (?:there )?(?:on|in|behind|listed on|named on))\s*(?:there )?(?:on |in |behind |for |listed (?:on|for) )?(?P<x>[^?]*?)(?: (?:have|has|list|lists|name|names|got|get|written by|by))?\W*$"),
    ("n_authors", r"\b(?:by )?how many (?:people|researchers|persons|scientists|authors|hands) (?:wrote|authored|co-?authored|have written|signed|are (?:the )?authors of|was|is) (?P<x>[^?]+?)(?: written(?: by)?| authored(?: by)?)?\W*$"),
    ("n_authors", r"\b(?:number|count) of (?:co-?)?authors (?:of|on|in|for|behind) (?P<x>[^?,]+)"),
    ("n_authors", r"^\W*(?P<x>.+?)(?:['’]s)? (?:author count|number of authors)\W*$"),
    ("n_authors", r"^\W*(?:and |so )?who (?P<who>(?:wrote|authored|co-?authored|is the (?:first |last )?author of|are the authors of|were the authors of|are the people behind)) (?P<x>[^?]+)"),
    ("n_authors", r"^\W*(?:and )?(?:who (?P<who2>are|were) (?P<x2>the authors))\W*$"),
    ("n_authors", r"^\W*(?:and )?(?P<who3>(?:list|name|what are|give me|show)(?: me)? (?:the )?(?:names of the )?authors) (?:of|for|on|behind) (?P<x>[^?]+)"),
    ("n_authors", r"^\W*(?P<who4>authors|first author|author list) of (?P<x>[^?]+)"),
    ("n_comments", r"\bhow many comments (?:does|do|did|has|have|is|are|was|were|on|there (?:on|for)|are (?:there )?(?:on|for|about))\s*(?:there )?(?:on |for |about )?(?P<x>[^?]*?)(?: (?:have|has|get|got|received?|receive|draw|drawn|attract|attracted|gotten|collected?))?\W*$"),
    ("n_comments", r"\b(?:number|count) of comments (?:of|on|for|about|under) (?P<x>[^?,]+)"),
    ("n_comments", r"^\W*(?P<x>.+?)(?:['’]s)? (?:comment count|number of comments)\W*$"),
    ("n_comments", r"^\W*how (?:much|heavily|often|widely) (?:was|is|has) (?P<x>.+?) (?:been )?(?:discussed|commented(?: on)?)\W*$"),
)
_FIELD_PATTERNS = tuple((field, re.compile(pattern, re.IGNORECASE)) for field, pattern in _FIELDS)
_NO_PAPER = re.compile(r"\b(?:dataset|corpus|annotat\w+|classif\w+|average|benchmark contain|training data|the data)\b", re.IGNORECASE)


def _field(text: str) -> Kind | None:
    tail = _TAIL.search(text)
    head = text[: tail.start()] if tail and tail.start() > 12 else text
    for field, pattern in _FIELD_PATTERNS:
        if (match := pattern.search(head)) is None or _NO_PAPER.search(match[0]):
            continue
        g = match.groupdict()
        subject = (g.get("x") or g.get("x2") or "").strip(" ?.!,")
        if not re.search(r"[a-z]", subject, re.IGNORECASE) or re.search(r"\b(?:most|fewest) ", subject, re.IGNORECASE):
            continue
        asks_who = any(g.get(name) for name in ("who", "who2", "who3", "who4"))
        return Kind(intent="field", field=field, subject=subject, verb="who" if asks_who else None)
    return None


# Comparisons

_SIDE = r"[^?,;:]{1,60}?"
_END = r"(?=\s*(?:[?,;:]|$| - |\s(?:in terms of|on|for|when|with respect to|regarding|at|in|under|by|deal|handle|do|differ|perform|fare|approach|treat|solve|relative|and (?:what|which|how|why|who|by)|which)\b))"
_COMPARES: tuple[str, ...] = (
    rf"\bdifferences?\s+(?:is there\s+)?between\s+(?P<a>{_SIDE})\s+and\s+(?P<b>{_SIDE}){_END}",
    rf"\bhow\s+(?:does|do|did|would)\s+(?P<a>{_SIDE})\s+(?:compare|stack up|fare|measure up|relate)s?\s+(?:with|to|against|and)\s+(?P<b>{_SIDE}){_END}",
    rf"\bhow\s+(?:does|do|did|is|are)\s+(?P<a>{_SIDE})\s+differ(?:ent)?\s+from\s+(?P<b>{_SIDE}){_END}",
    rf"\b(?:how|in what way)\s+(?:do|does|did|are)\s+(?P<a>{_SIDE})\s+and\s+(?P<b>{_SIDE})\s+(?:compare|differ)\b",
    rf"\b(?:compar(?:e|ing)|contrast|comparison (?:of|between))\s+(?:how\s+|what\s+|the\s+(?=\w+ of )\w+ of\s+)?(?P<a>{_SIDE})\s+(?:with|and|to|against|versus|vs\.?|or)\s+(?P<b>{_SIDE}){_END}",
    rf"(?:^|[:,.]\s*)(?P<a>[^?,;:]{{1,60}}?)\s+(?:vs\.?|versus|compared (?:with|to|against)|or rather)\s+(?P<b>{_SIDE}){_END}",
    rf"^\W*(?:is|are|was|were|does|do)\s+(?P<a>{_SIDE})\s+(?:\w+\s+)?(?:better|faster|cheaper|worse|slower|smaller|larger|stronger|more \w+|less \w+)\s+than\s+(?P<b>{_SIDE}){_END}",
    rf"\b(?:which|what|who)\b[^?]{{0,60}}?(?:[,:]|\s[–-])\s*(?P<a>{_SIDE}),?\s+or\s+(?P<b>{_SIDE})\W*$",
    rf"^(?P<a>[^?,;:]{{1,40}}?)\s+or\s+(?P<b>[^?,;:]{{1,40}}?)\s*[,:?]\s*(?:which|what|who)\b",
    rf"\bshould (?:i|we|one) (?:use|pick|choose|take|prefer|go (?:with|for))\s+(?P<a>{_SIDE})\s+or\s+(?P<b>{_SIDE}){_END}",
    rf"\b(?:which (?:one )?is|what(?:'s| is)) (?:the )?(?:better|faster|best|cheaper|stronger|smaller|more \w+)[^?]{{0,30}}?\s*[,:]?\s+(?P<a>{_SIDE})\s+or\s+(?P<b>{_SIDE})\W*$",
)
_COMPARE_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _COMPARES)
_QUESTION_WORDS = re.compile(r"^(?:so|and|but|ok|how|what|which|does|do|is|are|the|a|an|both|please|can you|could you|it|compare)\s+", re.IGNORECASE)


def compared(text: str) -> tuple[str, ...] | None:
    """The sides of a comparison, as the question words them; None when it compares nothing."""
    for pattern in _COMPARE_PATTERNS:
        match = pattern.search(text)
        if match is None:
            continue
        sides = tuple(_side(match[name]) for name in ("a", "b"))
        more = [side for side in re.split(r",\s*(?:and\s+)?|\s+and\s+", sides[0]) if side] if "," in sides[0] else [sides[0]]
        if re.search(r"\b(?:be|is|are|was|were|been|as|when)$", sides[0]):
            continue
        if all(sides) and all(len(side.split()) <= 8 for side in sides) and sides[0].lower() != sides[1].lower():
            return (*more, sides[1])
    return None


def _side(words: str) -> str:
    words = words.strip(" .?!\"'")
    while (shorter := _QUESTION_WORDS.sub("", words)) != words:
        words = shorter
    return words


# Lists and questions for several papers

_MANY_THINGS = rf"(?:{PAPERS.replace('|works?', '|works')}|methods|approaches|techniques|models|datasets|benchmarks|systems|frameworks|algorithms|ideas|ways|strategies|optimizers|solutions|projects|teams|groups|tools|libraries|defen[cs]es|attacks|architectures|tokenizers|surveys|proposals|results|people)"
_SEVERAL = re.compile(
    rf"\b(?:which|what|any|some|list|find|show(?: me)?|give(?: me)?|name|all|other|more|these|those|are there|recommend|suggest)\s+(?:\S+\s+){{0,4}}?{_MANY_THINGS}\b(?!['’]s)"
    rf"|^\W*(?:which|what) {PAPERS}\b|\b(?:papers|studies|publications|works) (?:on|about|that|which|for|in|with|from|by|dealing|using|covering)\b"
    r"|\b(?:any|some)(?:thing| work| works| research| papers?| stud(?:y|ies)| literature)?\b(?: \w+){0,3} (?:on|about|for|that|in here)\b|\b(?:is there|do you have|have you got|are there) (?:an? )?(?:paper|article|study|work|papers|any|some|anything|work|research|other)\b|\bhas (?:any(?:one|body)|some(?:one|body))\b"
    rf"|\b(?:compare|contrast)\b.*\b{_MANY_THINGS}\b|\bhow do\b.*\b{PAPERS}\b.*\b(?:differ|compare)"
    r"|^\W*who (?:has|have|else|all|works?|trained|uses?|does|studies|proposes?)\b|\bwhat (?:is|are) there\b|\bwhich ones (?:are there|exist)\b|\bwhat(?:'s| is| has been| was) (?:new|known|done|tried|published|reported|available|out there)\b"
    r"|\b(?:approaches|methods|techniques|works|systems|frameworks) (?:for|to|that|of|against)\b(?!.*\b(?:does|did|is it|it)\b)|\bwhat work\b|\boverview of\b|\bstate of the art (?:in|on|for)\b|\blist\b(?!.*\bof\b.*\b(?:modules|components|stages|steps)\b)(?=.*\bpapers\b)",
    re.IGNORECASE,
)
_THEIR = r"(?:from|by|of|since|in|on|about|published|we have|you have|there is|that (?:was|is|came)|until|before|after|between|with)"
_LIST_ALL = re.compile(
    rf"\b(?:list|show|give|enumerate|display|print|name|get|find|output|return)\b(?: me| us)?\s+(?:please\s+)?(?:(?:a|the) (?:complete|full|whole|entire) list of|all|every|each)\b(?: of)?(?: the| your| our)?(?:\s+[\w'-]+){{0,3}}?\s+{PAPERS}\b"
    rf"|\b(?:list|show|give|enumerate|display|print|get|find|output|return)\b(?: me| us)?\s+(?:please\s+)?(?:everything|all)\s+{_THEIR}\b"
    rf"|^\W*(?:all|every|complete list|full list)\b(?:\s+(?:the|of))*(?:\s+[\w'-]+){{0,3}}?\s*{PAPERS}\b|^\W*everything\s+(?:from|by|since|we have|you have|published)\b|\bwhat are all (?:the |your )?(?:\w+ )?{PAPERS}\b"
    rf"|\b(?:list|show) (?:me )?the \d* ?{PAPERS}\b",
    re.IGNORECASE,
)
_LIST_BARE = re.compile(
    rf"^\W*(?:(?:please|can you|could you|now|ok|so|and|then|just|only|hi|hello|hey)[\s,]+)*(?:(?:list|show|give|enumerate|display|name|find|get|see|tell)\b(?: me| us)?(?: about)?|which|what|whose|any|the|who)?(?:\s*\b[\w'-]+){{0,3}}?\s*\b{PAPERS}\b"
    rf"|^\W*(?:and |so |now |ok )?what (?:do (?:you|we) have|have you got|is there|came out|come out|was (?:published|released|posted)|has been (?:published|released)|(?:did|has|have|does) .{{1,40}}? (?:publish\w*|release\w*|put out|written|post\w*)|got published|appeared|is new|'s new|was new|happened)\b|^\W*what['’]s new\b|^\W*(?:did |has |have |was |is there )?anything\b|^\W*(?:list|show)\b.*\b{PAPERS}\b|^\W*(?:is|are) there (?:any|an?)\b.*\b{PAPERS}\b|^\W*who (?:published|wrote|has papers)\b",
    re.IGNORECASE,
)


def _listing(text: str) -> Literal["all", "bare"] | None:
    if _LIST_ALL.search(text):
        return "all"
    return "bare" if _LIST_BARE.search(text) else None


# What a question about the library is on, when its own words are taken away

_FRAME = re.compile(
    r"""^(?:a|an|the|of|on|about|in|at|to|for|by|from|with|and|or|but|so|that|which|what|who|whose|how|many|much|is|are|was|were|be|been|being|am|do|does|did|has|have|had|having
    |there|here|this|these|those|it|its|they|them|their|you|we|i|me|us|our|your|my|can|could|would|should|will|may|might|please|ok|okay|hi|hello|hey|now|then|just|only|also|too|still|yet|ever
    |all|any|every|each|everything|anything|something|some|one|ones|no|not|than|as|per|total|number|amount|count|counts|counted|overall|altogether
    |papers?|articles?|works?|working|publications?|preprints?|stud(?:y|ies)|abstracts?|entries|entry|literature|research|submissions?|titles?|items?|documents?|records?
    |published|publish|publishes|released|release|posted|appeared|appear|came|come|comes|coming|out|dated|date|dates|written|wrote|write|submitted|available|exist|exists|existing
    |library|collection|shelf|set|index|corpus|database|list|lists|show|give|find|name|names|enumerate|display|tell|get|gets|see|contain|contains|contained|hold|holds|include|includes|included
    |related|concerning|regarding|covering|cover|covers|dealing|deal|deals|discuss|discussing|discusses|mention|mentions|mentioning|address|addresses|addressing|treat|treats|topic|topics|subject|area|field|called|titled
    |use|uses|used|using|study|studies|studied|propose|proposes|proposed|present|presents|concern|concerns|about|around|focus|focuses|focused|focusing|look|looks|looking|talk|talks|talking|got|going
    |new|newest|latest|recent|recently|oldest|earliest|old|most|least|more|fewer|discussed|comments?|commented|authors?|authored|coauthors?|year|years|month|months|week|weeks|day|days|time|timeline|trend|over
    |first|last|top|highest|lowest|largest|biggest|longest|shortest|smallest|fewest|drawn|drew|draw|received|receive|attracted|attract|single|people|person|going|based|according|sorted|ranked|ordered|order|sort|rank
    |combin(?:e|es|ing)|appl(?:y|ies|ying)|introduc(?:e|es|ing)|evaluat(?:e|es|ing)|explor(?:e|es|ing)|investigat(?:e|es|ing)|analy[sz](?:e|es|ing)|consider(?:s|ing)?|rel(?:y|ies|ying)|exploit(?:s|ing)?|employ(?:s|ing)?|adopt(?:s|ing)?|involv(?:e|es|ing)|tackl(?:e|es|ing)|target(?:s|ing)?|handl(?:e|es|ing)|improv(?:e|es|ing)|work(?:s)?|contain(?:s|ing)?|word|words|keyword|term
    |where|when|why|up|me|vs|versus|compared|between|since|until|before|after|during|within|whole|entire|complete|full|table|plot|chart|graph|breakdown|distribution|history|let|want|need|know|like|interested|say|says|specifically|organi[sz]ations?|compan(?:y|ies)|labs?|institutions?|different|distinct|represented|named|paper's|happened|if|look|looks|looked|grow|grew|grown|growth|change|changed|changes|develop|developed|evolve|evolved|rise|risen|increase|increased|s)$""",
    re.IGNORECASE | re.VERBOSE,
)


def topic_of(text: str) -> str:
    """The words of a question about the library that say what the papers are on, "" when nothing does.

    >>> topic_of("how many papers are there on federated learning in the collection?")
    'federated learning'
    """
    words = [word.strip(".,;:?!()\"'“”’") for word in text.split()]
    words = [word for word in words if word and not re.fullmatch(r"\W+", word)]
    while words and _is_frame(words[0]):
        words.pop(0)
    while words and _is_frame(words[-1]):
        words.pop()
    return " ".join(words)


def _is_frame(word: str) -> bool:
    return _FRAME.match(re.sub(r"['’](?:s|re|ve|d|ll)?$", "", word)) is not None
