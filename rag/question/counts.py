"""Questions that count papers, authors, comments or organisations over the whole library."""

from __future__ import annotations

import re

from rag.question.dates import PAPERS
from rag.question.kind import ORGANISATION, FieldAsked, Kind
from rag.question.several import topic_of

_AVERAGES = re.compile(
    r"\b(?P<how>average|mean|median|typical)\b(?: (?:number|count|amount) of)? (?P<what>(?:co-?)?authors?"
    r"|comments?)\b"
    r"|\bhow many (?P<what2>(?:co-?)?authors?|comments?)\b.*\b(?:(?P<how2>on average|per paper"
    r"|a paper on average|typically|usually)|(?P<sum>in total|altogether|overall|all together|in all))\b"
    r"|\bhow many (?P<what4>(?:co-?)?authors?|comments?) (?:does|do|has|have) (?:the|an) (?P<how3>average"
    r"|typical|usual)\b"
    r"|\btotal (?:number|count|amount)? ?(?:of )?(?P<what3>authors?|comments?)\b",
    re.IGNORECASE,
)
_LACKS = re.compile(
    r"\b(?:(?P<no>without|(?:have|has|having|with|got) no|lack(?:s|ing)?|miss(?:es|ing)?|(?:do not|don't"
    r"|does not) (?:have|name|state|give))|(?:with|have|has|having|name|state|give))"
    r" (?:an? |any |known |publication |the |their )*(?P<what>dates?|organi[sz]ations?|affiliations?|(?:author"
    r"|comments?) counts?|number of (?:authors|comments))\b|\b(?P<un>undated|dated)\b",
    re.IGNORECASE,
)
_COVERAGE = re.compile(
    r"\b(?:date range|time ?(?:span|range|frame)|range of (?:dates|years)|span of (?:dates|years|time))\b"
    r"|\b(?:what|which) (?:years?|period|dates?|months?|time)\b.*\b(?:library|collection|shelf"
    r"|papers)\b.*\b(?:cover|covers|span|spans|from|range|reach|reaches)\b"
    r"|\b(?:what|which) (?:years?|period|dates?|months?|time) (?:does|do|is|are) (?:the |this "
    r"|your )?(?:library|collection|shelf|papers)\b|\bhow far back\b",
    re.IGNORECASE,
)
_COUNTS = re.compile(
    rf"\bhow many (?:(?:different|distinct|total|other|more|such|new|recent|solo|of (?:the|these|those|our|your|its"
    rf"|my)|of|(?:\w+-)?\w+ed|\w+-author(?:ed)?)\s+){{0,2}}(?P<noun>{PAPERS}|them|these|those|ones)\b"
    rf"|\b(?:what(?:'s| is| was)? )?(?:the )?(?:total )?(?:number|count|amount) of (?:the "
    rf"|all )?(?:\w+ ){{0,2}}?(?P<noun2>{PAPERS})\b"
    rf"|^\W*count (?:up )?(?:all |the |of |how many )*(?:\w+ ){{0,2}}?(?P<noun3>{PAPERS})\b"
    rf"|\b(?P<noun4>papers?) count\b"
    rf"|^\W*(?:and |so |but )?how many (?:on|about|from|by|since|in|with|before|after|until|between|of (?:your"
    rf"|our) {PAPERS})\b(?=\s+\S+(?:\s+\S+){{0,4}}\W*$)|^\W*(?:and |so )?how many (?:are|were|is|was) (?:there|those"
    rf"|they|these|that|it|them)\W*$"
    rf"|^\W*(?:and |so )?how many (?:are|were|came|come|have|do (?:you|we)|did (?:you|we)|exist|in here|deal"
    rf"|mention|use)\b(?=.*(?:\b(?:in|from|by|since|before|after|on|about|with|have|until|between|here|library"
    rf"|collection|published|out)\b))"
    r"|\bhow (?:big|large) is (?:the|this|your|our|my) (?:library|collection|shelf|corpus|set|index"
    r"|database)(?: of papers)?(?=\W*$)"
    rf"|\bhow (?:often|frequently) do {PAPERS}\b|\b(?:are|were) there (?:more|fewer|any more) (?P<noun5>{PAPERS})\b",
    re.IGNORECASE,
)
# "how many papers did the survey review" asks what a paper says.
_COUNTED_BY_PAPER = re.compile(
    r"^\s*(?:(?:did|does|do|has|have|had|was|were|are|is)\s+(?!(?:you|we|i|there|they|been|published|released"
    r"|in|from|about|on|by|posted|available|dated|out|more|discussed|commented|single|no|any|the library"
    r"|the collection|the shelf|this (?:library|collection)|here|not|written|submitted|\w+ed|\w+ing|comments?"
    r"|an?|at|fewer|less|older|newer|younger|earlier|later|more recent|over|exactly|only|just|between|up)\b)"
    r"|(?:were|was|are|is|did|does)?\s*(?:it|the (?:authors?|survey|review|paper|study|work)|they"
    r"|this (?:survey|paper|study|review))\b|(?:were|was|are)?\s*(?:reviewed|surveyed|analy[sz]ed|included"
    r"|collected|annotated|examined|screened|considered|covered by|used (?:to|for|in)|in (?:the|its"
    r"|their) (?:survey|review|dataset|benchmark|corpus|training))\b)",
    re.IGNORECASE,
)
_PUBLISHER_DID = re.compile(
    r"^\s*(?:did|does|has|have|do)\s+(?P<who>[\w .&-]{2,40}?)\s+(?:publish|release|write|put out|written"
    r"|contribute|have (?:here|in)|author|post)\w*\b",
    re.IGNORECASE,
)
_ORGANISATIONS = re.compile(
    rf"\bhow many (?:different |distinct )?{ORGANISATION}\b|\b(?:list|show|name|give|enumerate)\b(?: me| us)? (?:all "
    rf"|the |every |of )*{ORGANISATION}\b"
    rf"|^\W*(?:which|what) {ORGANISATION} (?:are|is there|do (?:you|we)|does|have|has|published?|appear|occur"
    rf"|contributed?|wrote|released?|come|show)\b(?!.*\b(?:is|are|was|behind) (?:it|this|that)\b)"
    rf"|\b{PAPERS} (?:per|by|for each|by each|from each) {ORGANISATION}\b|\bper {ORGANISATION}\b|^\W*who (?:has "
    rf"|have )?(?:published|publishes|released|wrote|written|contributed|has) (?:the )?most {PAPERS}\b",
    re.IGNORECASE,
)


_SHARE = re.compile(
    rf"(?:^\W*(?:the )?|\b(?:what|which|how (?:large|big|high) (?:a|is the))\s+(?:is the |was the )?)(?:fraction|share|percentage|proportion|percent|part)\s+of\s+"
    rf"(?:all |the |your |our |these |those )*(?:{PAPERS}|library|collection)\b",
    re.IGNORECASE,
)


def read_count(text: str) -> Kind | None:
    if match := _SHARE.search(text):
        known = _LACKS.search(text, match.end())
        spans = (match.span(), *([known.span()] if known else []))
        if known and (known["no"] or (known["un"] or "").lower() == "undated"):
            return Kind(intent="count", verb="share", lacks=_asked(known), spans=spans)
        return Kind(intent="count", verb="share", has=_asked(known) if known else None, spans=spans)
    if (match := _ORGANISATIONS.search(text)) and (
        re.search(
            rf"how many|list|show|enumerate|per |by |most |are (?:there|in|here|represented)|\b{PAPERS}\b|library"
            rf"|collection|here",
            text,
            re.IGNORECASE,
        )
    ):
        most = re.search(r"\b(?:most|largest number of|highest number of)\b", text, re.IGNORECASE)
        return Kind(
            intent="count", per="organisation", order="most_comments" if most else None, spans=(match.span(), *([most.span()] if most else []))
        )  # fmt: skip
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
    if noun.lower() in (
        "work",
        "works",
        "study",
        "studies",
        "research",
        "entries",
        "abstracts",
        "titles",
        "submissions",
        "articles",
    ) and re.match(r"\s+(?:did|does|were|was|are) (?:the|its|it)\b", after, re.IGNORECASE):
        return None
    if (known := _LACKS.search(text, match.end() if not match[0].endswith("dated") else 0)) or (
        known := _LACKS.search(text)
    ):
        asked = _asked(known)
        spans = (match.span(), known.span())
        if known["no"] or (known["un"] or "").lower() == "undated":
            return Kind(intent="count", lacks=asked, spans=spans)
        return Kind(intent="count", has=asked, spans=spans)
    return Kind(intent="count", spans=(match.span(),))


def _asked(known: re.Match[str]) -> FieldAsked:
    """The field that papers have or lack."""
    what = (known["what"] or "date").lower()
    if what.startswith("date"):
        return "published"
    return "n_authors" if "author" in what else "n_comments" if "comment" in what else "organisation"


def _of_papers(text: str, match: re.Match[str]) -> bool:
    rest = text[: match.start()] + text[match.end() :]
    return re.search(
        rf"\b(?:{PAPERS}|library|collection|shelf|here)\b", text, re.IGNORECASE
    ) is not None or not topic_of(re.sub(r"\d{4}", "", rest))
