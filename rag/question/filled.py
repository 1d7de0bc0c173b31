"""What a follow-up leaves to be filled in: "and 2024?" is "and from 2024?", "how many papers on that?" names the topic; whether
"what about X?" turns to another topic; and what "why not?" asks about.
"""

from __future__ import annotations

import re

from rag.question.followups import STARTER
from rag.question.kinds import read_kind
from rag.question.names import content_stems
from rag.question.naming import key
from rag.question.periods import PERIOD
from rag.question.query import ABOUT_LIBRARY, Query
from rag.question.reader import Reader
from rag.question.several import topic_of
from rag.question.talk import Talk
from rag.schema import Filters

_REFUSALS = re.compile(
    r"^\W*(?:None of the \d+ papers?\b.*|No (?:dated )?paper\b.*|The abstract of .* does not answer\b.*|“.*” cannot be asked here.*"
    r"|There is no .*|The library (?:has|names|does not)\b.*)$",
    re.MULTILINE,
)
_WHY = re.compile(
    r"^\W*(?:(?:and|but|so|ok|hm+)\W+)*(?:why(?: (?:not|is that|so|can't you|cannot you|no answer))?|how come)(?: (?:not|that|then))?\W*$",
    re.IGNORECASE,
)
_THAT_TOPIC = re.compile(
    r"\b(?P<on>on|about)\s+(?:that|this|it|them|those|the same)(?:\s+(?:topic|subject|one))?(?=\W*$)", re.IGNORECASE
)
_HOW_MANY = re.compile(
    r"^\W*(?:(?:and|so|ok|but)\W+)*how many(?: (?:papers|in all|altogether|in total))?\W*$", re.IGNORECASE
)
_ABOUT_PAPERS = ("several", *ABOUT_LIBRARY)


def refused(answer: str) -> str:
    """The line of an answer that says that there is none; "" when there is one."""
    return next((line[0].strip() for line in _REFUSALS.finditer(answer[:400])), "")


def why_not(question: str, text: str, talk: Talk | None) -> Query | None:
    """ "why not?" after a refusal."""
    if talk is None or not talk.refused or not _WHY.match(text):
        return None
    return Query(question=question, text=question, intent="list", said="why", subject=talk.refused)


def filled_in(reader: Reader, text: str, talk: Talk) -> str:
    """What only words of the same kind stand for, written out: "and 2024?" after a count is "and from 2024?", "and NVIDIA?" after
    papers of Apple "and from NVIDIA?", "how many papers on that?" names the topic.
    """
    base = talk if talk.intent in _ABOUT_PAPERS else talk.base
    if base is None:
        return text
    rest = STARTER.sub("", text).strip(" ?.!")
    if re.fullmatch(PERIOD, rest, re.IGNORECASE) and rest != "may":
        return f"and from {rest}?"
    if (base.filters.organisation or base.filters.organisations) and key(rest) in reader.shelf.organisations:
        return f"and from {rest}?"
    if _HOW_MANY.match(text):
        return "how many are there?"
    topic = talk.topic or topic_of(talk.text) if talk.intent in _ABOUT_PAPERS else ""
    if topic and (match := _THAT_TOPIC.search(text)) and read_kind(text).intent in _ABOUT_PAPERS:
        return f"{text[: match.start()]}{match['on']} {topic}{text[match.end() :]}"
    return text


def another_topic(reader: Reader, text: str, talk: Talk) -> bool:
    """Whether "what about X?" is about papers that have X in their titles, and not about the one spoken of."""
    wanted = set(content_stems(text, reader.library))
    if talk.focus is None or len(wanted) < 2:
        return False
    hits = reader.library.keywords.search(text, 5, Filters())
    found = reader.library.get_many([talk.focus, *(paper_id for paper_id, _ in hits)])
    if (spoken := found.pop(talk.focus, None)) is None:
        return False
    stems = reader.library.keywords.stems
    known = set(stems(f"{spoken.title}\n{spoken.abstract}"))
    return not wanted <= known and any(wanted <= set(stems(paper.title)) for paper in found.values())
