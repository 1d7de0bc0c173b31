"""Questions for a field of one paper, its date, organisation, authors, comments or links: "when was X published?"."""

from __future__ import annotations

import re

from rag.question.kind import ORGANISATION, TAIL, FieldAsked, Kind
from rag.question.links import read_link

_OUT = (
    r"(?:published|released|posted|submitted|announced|uploaded|put (?:on|up on) arxiv|on arxiv|out|put online"
    r"|dated|written|made public)"
)
_FIELDS: tuple[tuple[FieldAsked, str], ...] = (
    (
        "published",
        rf"^\W*(?:and |so |but |also |ok )?when (?:was|were|is|has|had)(?: been)? (?P<x>.+?)(?: been)?(?: first"
        rf"| originally| actually)? {_OUT}\b",
    ),
    (
        "published",
        r"^\W*(?:and |so |but |also )?when (?:did|does) (?P<x>.+?)(?: first| originally| actually)? (?:come out"
        r"|appear|get (?:published|released)|go (?:online|public)|drop)\b",
    ),
    (
        "published",
        r"\b(?:publication|release|publishing|submission) (?:date|year|month|day)s? (?:of|for) (?P<x>[^?,]+)",
    ),
    ("published", r"(?P<x>\S.{0,200}?)(?:['’]s|:| -)? (?:publication|release|publishing) (?:date|year|month)\b"),
    (
        "published",
        rf"^\W*(?:and |so )?(?:in |on )?(?:what|which) (?:year|month|date|day) (?:was|were|is|did"
        rf"|does) (?P<x>.+?)(?: {_OUT}| from| come out| appear| published)\b",
    ),
    ("published", r"^\W*(?:what(?:'s| is) the )?date (?:of|for) (?P<x>[^?]+)"),
    ("published", r"^\W*(?:and )?how (?:old|recent|new) is (?P<x>[^?]+)"),
    ("published", r"^\W*+(?P<x>.+?),? (?:published|released|came out|out) (?:when|what year|which year)\b"),
    (
        "organisation",
        rf"^\W*(?:and |so )?(?:from |by |at |in )?(?:which|what) {ORGANISATION} (?:is|are|was|were|did|does|has"
        rf"|do) (?P<x>.+?)(?: (?:from|by|at|of|behind|come from|published|affiliated with|belong to|written at"
        rf"|made (?:by|at)|out of))?\W*$",
    ),
    (
        "organisation",
        rf"^\W*(?:and |so )?(?:which|what) {ORGANISATION} (?:published|released|wrote|is (?:behind|responsible for)"
        rf"|stands behind|made|produced|came up with|put out|wrote up) (?P<x>[^?]+)",
    ),
    ("organisation", r"^\W*(?:and )?who (?:published|released|is behind|stands behind|put out) (?P<x>[^?]+)"),
    (
        "organisation",
        r"^\W*(?:and )?where (?:does|do|did|is|was|were) (?P<x>.+?) (?:come from|from|written|published"
        r"|originate)\W*$",
    ),
    ("organisation", rf"\b(?:{ORGANISATION}) (?:of|behind|for) (?P<x>[^?,]+)"),
    (
        "organisation",
        r"^\W*(?:what|which)(?:'s| is| are) (?P<x>.+?)['’]s? (?:organi[sz]ation|affiliation|company|lab)\W*$",
    ),
    (
        "n_authors",
        r"\bhow many (?:co-?)?authors (?:does|do|did|has|have|is|are|was|were|wrote|worked on|signed|contributed to"
        r"|there (?:on|in|for)|on|are (?:there )?(?:on|in|behind|listed on|named on))\s*(?:there )?(?:on |in "
        r"|behind |for |listed (?:on|for) )?(?P<x>[^?]*?)(?: (?:have|has|list|lists|name|names|got|get|written by"
        r"|by))?\W*$",
    ),
    (
        "n_authors",
        r"\b(?:by )?how many (?:people|researchers|persons|scientists|authors|hands) (?:wrote|authored|co-?authored"
        r"|have written|signed|are (?:the )?authors of|was|is) (?P<x>[^?]+?)(?: written(?: by)?"
        r"| authored(?: by)?)?\W*$",
    ),
    ("n_authors", r"\b(?:number|count) of (?:co-?)?authors (?:of|on|in|for|behind) (?P<x>[^?,]+)"),
    ("n_authors", r"^\W*+(?P<x>.+?)(?:['’]s)? (?:author count|number of authors)\W*$"),
    (
        "n_authors",
        r"^\W*(?:and |so )?who (?P<who>(?:wrote|authored|co-?authored|is the (?:first |last )?author of"
        r"|are the authors of|were the authors of|are the people behind)) (?P<x>[^?]+)",
    ),
    ("n_authors", r"^\W*(?:and )?(?:who (?P<who2>are|were) (?P<x2>the authors))\W*$"),
    (
        "n_authors",
        r"^\W*(?:and )?(?P<who3>(?:list|name|what are|give me"
        r"|show)(?: me)? (?:the )?(?:names of the )?authors) (?:of|for|on|behind) (?P<x>[^?]+)",
    ),
    ("n_authors", r"^\W*(?P<who4>authors|first author|author list) of (?P<x>[^?]+)"),
    (
        "n_comments",
        r"\bhow many comments (?:does|do|did|has|have|is|are|was|were|on|there (?:on|for)|are (?:there )?(?:on|for"
        r"|about))\s*(?:there )?(?:on |for |about )?(?P<x>[^?]*?)(?: (?:have|has|get|got|received?|receive|draw"
        r"|drawn|attract|attracted|gotten|collected?))?\W*$",
    ),
    ("n_comments", r"\b(?:number|count) of comments (?:of|on|for|about|under) (?P<x>[^?,]+)"),
    ("n_comments", r"^\W*+(?P<x>.+?)(?:['’]s)? (?:comment count|number of comments)\W*$"),
    (
        "n_comments",
        r"^\W*how (?:much|heavily|often|widely) (?:was|is|has) (?P<x>.+?) (?:been )?(?:discussed"
        r"|commented(?: on)?)\W*$",
    ),
)
_SHORT = re.compile(
    r"^\W*(?:and |so |also )*(?:(?P<x>its|the|their|that paper's"
    r"|this paper's) )?(?:(?P<published>(?:publication |release )?(?:date|year))"
    r"|(?P<organisation>organi[sz]ation|affiliation|company)"
    r"|(?P<n_authors>(?:number of )?authors|author count)|(?P<n_comments>(?:number of )?comments|comment count))\W*$",
    re.IGNORECASE,
)
_FIELD_PATTERNS = tuple((field, re.compile(pattern, re.IGNORECASE)) for field, pattern in _FIELDS)
_NO_PAPER = re.compile(
    r"\b(?:dataset|corpus|annotat\w+|classif\w+|average|benchmark contain|training data|the data)\b", re.IGNORECASE
)


def read_field(text: str) -> Kind | None:
    if short := _SHORT.match(text):
        asked = next(field for field, _ in _FIELDS if short[field])
        return Kind(intent="field", field=asked, subject="it")
    tail = TAIL.search(text)
    head = text[: tail.start()] if tail and tail.start() > 12 else text
    if (link := read_link(head)) is not None and re.search(r"[a-z]", link[1], re.IGNORECASE):
        return Kind(intent="field", field=link[0], subject=link[1])
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
