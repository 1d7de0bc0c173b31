"""The kind of a question, as a record, and words that several of the rules need."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.question.periods import NUMBERS

Intent = Literal["one", "several", "compare", "count", "list", "extreme", "timeline", "field"]
Order = Literal[
    "newest",
    "oldest",
    "most_comments",
    "fewest_comments",
    "most_authors",
    "fewest_authors",
    "most_upvotes",
    "fewest_upvotes",
    "longest_abstract",
    "shortest_abstract",
    "longest_title",
    "shortest_title",
]
# What a record has or lacks; a field may be asked of a paper, and so may its entry for BibTeX, which is made of them.
Recorded = Literal[
    "published", "organisation", "n_authors", "n_comments", "n_upvotes", "authors", "code_url", "url", "arxiv_id", "doi"
]
FieldAsked = Literal[Recorded, "bibtex"]
Said = Literal["thanks", "greeting", "farewell", "nod", "help", "language", "nothing", "why"]
Per = Literal["day", "week", "month", "year", "organisation", "author"]

COUNT = r"(?:\d{1,3}(?!\d)|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"
ORGANISATION = (
    r"(?:organi[sz]ations?|compan(?:y|ies)|labs?|institut(?:e|es|ion|ions)|affiliations?|universit(?:y|ies)"
    r"|research groups?|orgs?)"
)
MANY = (
    r"(?:most|(?:the )?(?:highest|largest|greatest|biggest|maximum|max\.?|top)(?: (?:number|amount"
    r"|count))?(?: of)?|the longest(?: list of)?|longest(?: list of)?)"
)
FEW = r"(?:fewest|least|(?:the )?(?:lowest|smallest|minimum|min\.?|shortest)(?: (?:number|amount|count|list))?(?: of)?)"
# What else a question about the library asks, in the same breath: ", and how many comments does it have?"
TAIL = re.compile(
    r"(?:,|;|\?|\s[-–—])?\s*\b(?:and|with)\s+(?:also\s+)?(?:how many|how much|when|what|who|which|whose|its"
    r"|their|the (?:date|number|title)|by (?:how|whom)|from (?:which|what|when)|where|is it|does it|tell"
    r"|say)\b.*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The kind of a question and the places in it that say so. `listing`: "list" when what is left is empty; `also` a second
    order ("newest and oldest").
    """

    intent: Intent
    spans: tuple[tuple[int, int], ...] = ()
    order: Order | None = None
    also: Order | None = None
    limit: int | None = None
    field: FieldAsked | None = None
    per: Per | None = None
    subject: str | None = None
    listing: Literal["all", "bare"] | None = None
    sides: tuple[str, ...] = ()
    verb: str | None = None
    lacks: Recorded | None = None
    has: Recorded | None = None
    bounds: tuple[int | None, int | None] = (None, None)
