"""Questions that papers' records answer, not their abstracts: "which has more authors, A or B?", "is A newer than B?", "was A
published in 2022?", "A was published in 2021, wasn't it?". Papers must be named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rag.question.dates import read_dates
from rag.question.kind import FieldAsked, Order
from rag.question.names import Named
from rag.question.query import Query
from rag.schema import Filters

_NEW = r"(?:newer|newest|more recent(?:ly published)?|most recent|later|latest|younger|published (?:later|last|after|more recently)|(?:came|come) out (?:later|last|after))"
_OLD = r"(?:older|oldest|earlier|earliest|published (?:earlier|first|before)|(?:came|come) out (?:earlier|first|before)|first)"
_ORDERS: tuple[tuple[Order, FieldAsked, str], ...] = (
    ("most_authors", "n_authors", r"(?:more|most|greater|larger|higher|bigger)\s+(?:number of\s+)?(?:co-?)?authors|longer author list|(?:larger|bigger) team"),
    ("fewest_authors", "n_authors", r"(?:fewer|fewest|less|least|smaller|lower)\s+(?:number of\s+)?(?:co-?)?authors"),
    ("most_comments", "n_comments", r"(?:more|most|greater|larger|higher)\s+(?:number of\s+)?comments|(?:more|most) (?:discussed|commented(?: on)?)|discussed more"),
    ("fewest_comments", "n_comments", r"(?:fewer|fewest|less|least|smaller|lower)\s+(?:number of\s+)?comments|(?:less|least) (?:discussed|commented(?: on)?)"),
    ("most_upvotes", "n_upvotes", r"(?:more|most|greater|larger|higher)\s+(?:number of\s+)?up-?votes|(?:more|most) up-?voted|up-?voted more"),
    ("fewest_upvotes", "n_upvotes", r"(?:fewer|fewest|less|least|smaller|lower)\s+(?:number of\s+)?up-?votes|(?:less|least) up-?voted"),
    ("newest", "published", _NEW),
    ("oldest", "published", _OLD),
)  # fmt: skip
_WHICH = re.compile(r"^\W*(?:and |so |ok )?(?:which|what|who|whose)\b|[,:;–-]\s*(?:which|what|who)\b", re.IGNORECASE)
_WHETHER = re.compile(r"^\W*(?:and |so |ok )?(?:is|was|are|were|does|did|do|has|have|had)\b", re.IGNORECASE)
_OUT = r"(?:published|released|posted|submitted|dated|out|come out|came out|appear(?:ed)?|written|from|on arxiv)"
_UNKNOWN = re.compile(
    r"\b(?:more|most|fewer|fewest|less|least)\s+(?:citations?|downloads?|stars?|likes?|pages?|references?|figures?|tables?|views?"
    r"|cited|downloaded|popular|read|viewed|starred)\b",
    re.IGNORECASE,
)
_CLAIMS = re.compile(
    rf"^\W*(?:and |so )?(?:is|was|were|are|did|has|have)\b.{{0,300}}\b{_OUT}\b"
    rf"|^\W*(?:and |so )?[^?,]{{0,200}}\b(?:was|were|is|came|appeared)\b[^?,]{{0,200}}\b{_OUT}\b[^?]{{0,200}}(?:\?|,\s*(?:was|is|did|were|are)n't (?:it|they)\b.*|,?\s*(?:right|correct|no|yes)\W*)$"
    rf"|^\W*(?:and |so )?[^?,]{{0,200}}\b(?:came out|appeared)\b[^?,]{{0,200}},?\s*(?:didn't (?:it|they)|right|correct|no)\W*$",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"\b(?:and|or|so|ok|than|which|what|who|whose|one|of|the|a|an|is|was|are|were|does|did|do|has|have|had|it|its|paper|papers|papers'|article|in|on|from|by"
    r"|came|come|out|with|two|three|both|these|them|between|among|really|actually|already|first|true|that|wasn't|isn't|didn't|weren't|right|correct|no|yes|number"
    r"|published|released|posted|submitted|dated|appear|appeared|written|arxiv|back|year|tell|me|method|model|framework|please|vs|versus|compared|to|not|until|before"
    r"|after|since|only|earlier|later)\b|['’]s\b|\W+",
    re.IGNORECASE,
)


def read_records(text: str, names: Sequence[Named], owners: Sequence[tuple[str, ...]], anchor: date) -> Query | None:
    """The question about records that a text asks of the papers it names; None when it asks something else.

    `owners` are the papers of each name.
    """
    found = [(name, ids[0]) for name, ids in zip(names, owners, strict=True) if len(ids) == 1]
    found.sort(key=lambda one: one[0].start)
    papers = tuple(dict.fromkeys(paper_id for _, paper_id in found))
    if not papers or len(found) != len(names):
        return None
    left = text
    for name in names:
        left = left.replace(name.words, " ")
    if len(papers) > 1:
        if (unknown := _UNKNOWN.search(left)) is not None and not _WORDS.sub("", left.replace(unknown[0], " ")):
            return Query(question=text, text=text, intent="field", cannot=unknown[0])
        for order, field, pattern in _ORDERS:
            match = re.search(rf"\b(?:{pattern})\b", left, re.IGNORECASE)
            if match is None or _WORDS.sub("", left.replace(match[0], " ")):
                continue
            whether = _WHETHER.search(text) is not None and _WHICH.search(text) is None and len(papers) == 2
            if not whether and not _WHICH.search(text):
                continue
            return Query(
                question=text, text=text, intent="field", field=field, order=order, whether=whether,
                filters=Filters(paper_ids=papers), subject=" ; ".join(name.words for name, _ in found),
            )  # fmt: skip
        return None
    if not _CLAIMS.search(text):
        return None
    dates = read_dates(text, anchor, open_ended=False, whole_library=True)
    for dated in dates:
        left = left.replace(dated.words, " ")
    if len(dates) != 1 or _WORDS.sub("", left):
        return None
    claim = Filters(since=dates[0].since, until=dates[0].until)
    asked = Query(
        question=text, text=text, intent="field", field="published", claim=claim, paper_id=papers[0], subject=found[0][0].words
    )  # fmt: skip
    return replace(asked, whether=not (dates[0].left_out or dates[0].years))
