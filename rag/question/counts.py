"""Questions that count papers, authors, comments or organisations over the whole library."""

from __future__ import annotations

import re

from rag.question.dates import PAPERS
from rag.question.kind import ORGANISATION, FieldAsked, Kind, Recorded
from rag.question.several import listing, topic_of

_AVERAGES = re.compile(
    r"\b(?P<how>average|mean|median|typical)\b(?: (?:number|count|amount) of)? (?P<what>(?:co-?)?authors?"
    r"|comments?|up-?votes?)\b"
    r"|\bhow many (?P<what2>(?:co-?)?authors?|comments?|up-?votes?)\b.*\b(?:(?P<how2>on average|per paper"
    r"|a paper on average|typically|usually)|(?P<sum>in total|altogether|overall|all together|in all))\b"
    r"|\bhow many (?P<what4>(?:co-?)?authors?|comments?|up-?votes?) (?:does|do|has|have) (?:the|an) (?P<how3>average"
    r"|typical|usual)\b"
    r"|\btotal (?:number|count|amount)? ?(?:of )?(?P<what3>authors?|comments?|up-?votes?)\b",
    re.IGNORECASE,
)
_CODE = (
    r"(?:source[- ])?code(?:[- ]?base)?s?(?! (?:generation|models?|completion|review|search|LLMs?|agents?|reasoning|understanding|data))"
    r"(?: links?| repositor(?:y|ies)| urls?)?|git ?hub(?: links?| repositor(?:y|ies)| pages?| repos?)?|repositor(?:y|ies)|repos?"
)
_LACKS = re.compile(
    r"\b(?:(?P<no>without|(?:have|has|having|with|got|there is|there's|offer|give) no|lack(?:s|ing)?|miss(?:es|ing)?|(?:do not|don't|does not|doesn't"
    r"|did not|didn't|never) (?:have|name|state|give|releas\w*|provid\w*|shar\w*|publish\w*|com\w+ with|link to|offer|open[- ]?sourc\w*))"
    r"|(?:with|have|has|having|name|state|give|releas\w*|provid\w*|shar\w*|publish\w*|com\w+ with|link to|offer|open[- ]?sourc\w*))"
    r" (?:an? |any |known |publication |public |publicly available |available |open |released |its |the |their )*(?P<what>dates?|organi[sz]ations?|affiliations?"
    rf"|(?:author|comments?|up-?votes?) counts?|number of (?:authors|comments|up-?votes)|{_CODE}"
    r"|arxiv (?:ids?|links?|numbers?|identifiers?|pages?)|dois?|links?|urls?|(?:authors?['’]? )names? of (?:their )?authors|named authors|author names)"
    r"(?: (?:available|released|online|public(?:ly available)?|on git ?hub))?\b(?!-)(?! (?:between|of|to)\b)|\b(?P<un>undated|dated)\b|\b(?:whose|where (?:the )?|with (?:the )?)(?P<code>(?:source )?code) (?:is|was|has been) "
    r"(?P<not>not |never |un)?(?:publicly |openly |freely )?(?:available|released|published|public|open|shared|open[- ]sourced)\b|\b(?P<opened>with open[- ]source(?:d)? code)\b"
    r"|\bare (?P<hub>on (?:git ?hub|arxiv))\b",
    re.IGNORECASE,
)
_COVERAGE = re.compile(
    r"\b(?:date range|time ?(?:span|range|frame)|range of (?:dates|years)|span of (?:dates|years|time))\b"
    r"|\b(?:what|which) (?:years?|period|dates?|months?|time)\b.{0,200}?\b(?:library|collection|shelf"
    r"|papers)\b.{0,200}?\b(?:cover|covers|span|spans|from|range|reach|reaches)\b"
    r"|\b(?:what|which) (?:years?|period|dates?|months?|time) (?:does|do|is|are) (?:the |this "
    r"|your )?(?:library|collection|shelf|papers)\b|\bhow far back\b",
    re.IGNORECASE,
)
# Words before "papers" that say which, not what they are on.
_KNOWN = (
    r"(?:(?:\w+-)?(?:published|unpublished|released|posted|dated|undated|cited|discussed|commented|uncommented|upvoted|reviewed|authored|submitted|listed|indexed|stored"
    r"|included|collected|ingested|added|saved|selected|mentioned|named|related|accepted|archived|inferred|recommended)|\w+-author(?:ed)?"
    r"|different|distinct|total|other|more|such|new|newer|old|older|recent|solo|unique|single|individual|scientific|research|academic|relevant|matching"
    r"|available|existing|arxiv|the|these|those|your|our|my)"
)
_NOUN = (
    r"(?!(?:of|in|on|at|to|for|from|by|with|about|per|and|than|does|do|did|are|is|was|were|be|has|have|had|can|could|will|would|there|here|that|which|who|what|how|many"
    r"|the|a|an|this|its|their|it|they|he|she|we|you|authors?|comments?|up-?votes?|people|times|years?|months?|weeks?|days?|citations?|words|pages|references"
    r"|annotators|participants|(?:using|used)|as)\b)[\w+&'/-]+"
)
_MANY_PAPERS = r"(?:papers|articles|publications|preprints|pre-prints|abstracts|surveys|studies)"
_COUNTS = re.compile(
    rf"\bhow many (?:(?:different|distinct|total|other|more|such|new|recent|solo|of (?:the|these|those|our|your|its"
    rf"|my)|of|{_KNOWN})\s+){{0,2}}(?P<noun>{PAPERS}|them|these|those|ones)\b"
    rf"|\bhow many (?:(?:of (?:the|these|those|our|your)|of|{_KNOWN})\s+){{0,2}}(?P<topic>(?:{_NOUN}\s+){{1,4}}?)(?P<noun6>{_MANY_PAPERS})\b"
    rf"|\b(?:what(?:'s| is| was)? )?(?:the )?(?:total )?(?:number|count|amount) of (?:(?:the|all|{_KNOWN}) )*"
    rf"(?P<topic2>(?:{_NOUN}\s+){{0,4}}?)(?P<noun2>{PAPERS})\b"
    rf"|^\W*count (?:up )?(?:(?:all|the|of|how many|{_KNOWN}) )*(?P<topic3>(?:{_NOUN}\s+){{0,4}}?)(?P<noun3>{PAPERS})\b"
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
    r"|contribute|have (?:here|in)|(?:co-?)?author|co-?writ|post)\w*\b",
    re.IGNORECASE,
)
_ORGANISATIONS = re.compile(
    rf"\bhow many (?:different |distinct )?{ORGANISATION}\b|\b(?:list|show|name|give|enumerate)\b(?: me| us)? (?:all "
    rf"|the |every |of )*{ORGANISATION}\b"
    rf"|^\W*(?:which|what) {ORGANISATION} (?:are|is there|do (?:you|we)|does|have|has|published?|appear|occur"
    rf"|contributed?|wrote|released?|come|show)\b(?!.*\b(?:is|are|was|behind) (?:it|this|that)\b)"
    rf"|\b{PAPERS} (?:per|by|for each|by each|from each) {ORGANISATION}\b|\bper {ORGANISATION}\b",
    re.IGNORECASE,
)


_AUTHORS = re.compile(
    rf"^\W*who (?:has |have )?(?:published|publishes|released|wrote|written|co-?authored|authored|contributed|has|have) (?:the )?most {PAPERS}\b"
    rf"|\b(?:authors?|researchers?|people|person|scientists?|writers?)\b[^?]{{0,40}}\b(?:the )?(?:most|highest number of|largest number of) {PAPERS}\b"
    rf"|\bmost (?:prolific|productive|frequent|published)\s+(?:co-?)?(?:authors?|researchers?|writers?|people|person)\b"
    rf"|\b{PAPERS} (?:per|by|for each|by each|of each) author\b(?!s? )|\btop (?:\d+ )?authors\b"
    rf"|\bhow many (?:different|distinct|unique) authors\b|^\W*(?:list|show|name|enumerate)\b(?: me)? (?:all )?(?:the )?authors(?= (?:here|in the)|\W*$)",
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
        if known and lacking_of(known):
            return Kind(intent="count", verb="share", lacks=_asked(known), spans=spans)
        return Kind(intent="count", verb="share", has=_asked(known) if known else None, spans=spans)
    if match := _AUTHORS.search(text):
        most = re.search(r"\b(?:most|largest number of|highest number of|top)\b", text, re.IGNORECASE)
        wanted = re.search(r"\btop (\d+)\b", text, re.IGNORECASE)
        return Kind(
            intent="count", per="author", order="most_comments" if most else None, limit=int(wanted[1]) if wanted else None,
            spans=(match.span(),),
        )  # fmt: skip
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
        first = what.lower()[:2]
        field: FieldAsked = (
            "n_comments" if first == "co" and "comm" in what.lower() else "n_upvotes" if first == "up" else "n_authors"
        )
        how = "sum" if g["sum"] or g["what3"] else "average"
        return Kind(intent="count", field=field, verb=how, spans=(match.span(),)) if _of_papers(text, match) else None
    if match := _COVERAGE.search(text):
        return Kind(intent="count", spans=((0, len(text)),))
    match = _COUNTS.search(text)
    if match is None:
        return None
    after = text[match.end() :]
    noun = next((match[name] for name in ("noun", "noun2", "noun3", "noun4", "noun5", "noun6") if match[name]), "")
    if noun and _COUNTED_BY_PAPER.match(after) and not (_PUBLISHER_DID.match(after) or _LACKS.match(after.lstrip())):
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
    places = _without_topic(match)
    if (known := _LACKS.search(text, match.end() if not match[0].endswith("dated") else 0)) or (
        known := _LACKS.search(text)
    ):
        asked = _asked(known)
        spans = (*places, known.span())
        if lacking_of(known):
            return Kind(intent="count", lacks=asked, spans=spans)
        return Kind(intent="count", has=asked, spans=spans)
    return Kind(intent="count", spans=places)


def read_list(text: str) -> Kind | None:
    """A list of the papers that have or lack a link, code or the names of their authors."""
    known = _LACKS.search(text) if listing(text) else None
    if known is None or (_asked(known) not in ("code_url", "url", "arxiv_id", "doi", "authors") and not known["no"]):
        return None
    if lacking_of(known):
        return Kind(intent="list", lacks=_asked(known), spans=(known.span(),))
    return Kind(intent="list", has=_asked(known), spans=(known.span(),))


def _without_topic(match: re.Match[str]) -> tuple[tuple[int, int], ...]:
    """The place of a count in a text without the words before "papers" that say what they are on."""
    for name in ("topic", "topic2", "topic3"):
        if match[name]:
            start, end = match.span(name)
            return (match.start(), start), (end, match.end())
    return (match.span(),)


def _asked(known: re.Match[str]) -> Recorded:
    """The field that papers have or lack."""
    if known["code"] or known["opened"]:
        return "code_url"
    what = (known["what"] or known["hub"] or "date").lower()
    for start, field in _ASKED:
        if re.search(start, what):
            return field
    return "organisation"


_ASKED: tuple[tuple[str, Recorded], ...] = (
    (r"^date", "published"),
    (r"^up|of up", "n_upvotes"),
    (r"^comment|of comments", "n_comments"),
    (r"names|named", "authors"),
    (r"author", "n_authors"),
    (r"arxiv", "arxiv_id"),
    (r"^doi", "doi"),
    (r"code|git|repo", "code_url"),
    (r"link|url", "url"),
)


def lacking_of(known: re.Match[str]) -> bool:
    """Whether papers that lack the field are asked for."""
    return bool(known["no"] or known["not"] or (known["un"] or "").lower() == "undated")


def _of_papers(text: str, match: re.Match[str]) -> bool:
    rest = text[: match.start()] + text[match.end() :]
    return re.search(
        rf"\b(?:{PAPERS}|library|collection|shelf|here)\b", text, re.IGNORECASE
    ) is not None or not topic_of(re.sub(r"\d{4}", "", rest))
