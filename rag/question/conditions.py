"""Conditions on papers' records that no filter says: "on a Monday", "an odd number of authors", "whose title starts with A",
"more authors than comments", "with an inferred date", and topics that are not wanted ("do not mention LLMs").

A question about the library may ask them, since its answer looks at every record. What is left over and still asks for
something of the records, or for a time, is named by `cannot_be_asked`: it is no topic to be looked up as words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rag.question.dates import PAPERS
from rag.question.kind import Recorded
from rag.question.periods import MONTH, MONTHS, NUMBER, WEEKDAYS, YEAR
from rag.question.several import topic_of

_N_FIELD: dict[str, Recorded] = {"author": "n_authors", "comment": "n_comments"}
_HAVING = r"(?:(?:that|which|who)\s+)?(?:(?:have|has|having|had|with|by|got|contain|are|is|were|was)\s+)?"
_WEEKDAY = re.compile(
    rf"{_HAVING}(?:(?:been )?(?:published|released|posted|dated|out)\s+)?\bon (?:(?:an?|any) (?P<one>{'|'.join(WEEKDAYS)}|weekend)"
    rf"|(?:the )?(?P<many>{'|'.join(WEEKDAYS)}|weekend)s)\b",
    re.IGNORECASE,
)
_PARITY = re.compile(
    rf"{_HAVING}\ban? (?P<parity>odd|even) (?:number|count) of (?:co-?)?(?P<what>author|comment)s?\b", re.IGNORECASE
)
_AGAINST = re.compile(
    rf"{_HAVING}\b(?:(?P<way>more|fewer|less) (?P<a>author|comment)s? than (?P<b>author|comment)s?"
    rf"|as many (?P<c>author|comment)s? as (?P<d>author|comment)s?)\b",
    re.IGNORECASE,
)
_WORKED_OUT = r"(?:inferred|guessed|estimated|approximate|worked[- ]out)"
_INFERRED = re.compile(
    rf"{_HAVING}(?:\b(?P<no>not? )?(?:an?|the|any|their)?\s*{_WORKED_OUT} (?:publication )?dates?\b"
    rf"|\b(?:whose|where the|their) (?:publication )?dates? (?:is|are|was|were|has been|have been) (?P<not>not )?{_WORKED_OUT}\b)",
    re.IGNORECASE,
)
_TITLE = re.compile(
    rf"{_HAVING}(?:\b(?:whose|where the|an?|their)\s+)?(?<!how many )\btitles? (?:that )?(?P<where>start|begin|end)(?:s|ing)? (?:with|in|on) (?:the "
    rf"(?:letters?|words?) )?['\"]?(?P<x>[^'\"?]+?)['\"]?(?=\W*$)",
    re.IGNORECASE,
)
_IN_TITLE = re.compile(
    rf"{_HAVING}['\"]?(?P<x>\w[\w +-]{{0,100}}?)['\"]? in (?:the|their|its) titles?\b"
    rf"|\b(?:whose|where the) titles? (?:contains?|has|have|includes?|mentions?|says?) (?:the words? )?['\"]?(?P<y>[^'\"?]{1, 200}?)['\"]?(?=\W*$)",
    re.IGNORECASE,
)
_NOT_ON = re.compile(
    r"(?:,\s*|\b(?:and|but|that|which)\s+){0,4}\b(?:(?:do|does|did) not|don't|doesn't|didn't|never|not|are not|aren't)\s+(?:even |at all )?"
    r"(?:mention(?:ing)?|us(?:e|ing)|deal(?:ing)? with|discuss(?:ing)?|speak(?:ing)? of|talk(?:ing)? about|about|on|contain(?:ing)?"
    r"|address(?:ing)?|cover(?:ing)?|concern(?:ing)?|studying|study|name|say)\s+(?:the word )?(?P<x>[^?;]{1,300}?)(?=\W*$)",
    re.IGNORECASE,
)
_D = r"(?P<{}>\d{{1,2}})(?:st|nd|rd|th)?"
_DAYS = tuple(
    re.compile(rf"(?<![\w/.-]){pattern}(?![\w/-])", re.IGNORECASE)
    for pattern in (
        rf"{_D.format('d')}(?: of)? (?P<m>{MONTH}),?(?: (?P<y>{YEAR}))?",
        rf"(?P<m>{MONTH}) {_D.format('d')}(?:,| of)? (?P<y>{YEAR})",
        rf"(?P<y>{YEAR})-(?P<m>\d\d)-(?P<d>\d\d)",
    )
)
_TIME_WORD = re.compile(
    r"\b(?:since|until|till|before|after|prior to|during|as of)\s+(?!on\b|about\b)(?P<x>\w.*)$", re.IGNORECASE
)
_COMPARED = re.compile(
    r"\b(?:more|fewer|less|at least|at most|exactly|\w+er)\s+(?:[\w-]+\s+){0,3}?than\b.*$|\b(?:at least|at most|exactly)\s+\d+\s+\w+.*$",
    re.IGNORECASE,
)
_OF_RECORDS = re.compile(
    r"\b(?:an?|the|their|whose|with|by)\s+(?:[\w-]+\s+){0,3}?(?:(?:number|count|amount) of (?:co-?)?(?:authors|comments)|publication dates?"
    r"|(?:co-?)?authors?|comments?|dates?|titles?|abstracts?)\b.*$",
    re.IGNORECASE,
)
_ON = re.compile(
    r"\b(?:on|about|for|of|mention\w*|deal\w*|discuss\w*|cover\w*|using|use|study\w*|propos\w*)\s", re.IGNORECASE
)
_EMPTY = re.compile(
    rf"(?:{NUMBER}|\d[\d.,%]*|or|and|nor|odd|even|more|less|than|fewer|at|to|of|by|in|from|on|prime|half|twice|percent|a|an|the|pages?"
    r"|longer|shorter|higher|lower|larger|smaller|better|worse|bigger|either|both|neither|equal|exactly|least|most|random|randomly|outside)",
    re.IGNORECASE,
)


# "how many more papers on A than on B?"
_SIDES = re.compile(
    r"(?P<a>.{1,200}?)\s+(?:than|or|vs\.?|versus)\s+(?:papers\s+|those\s+|there are\s+)?(?:on|about|with|using|for)\s+(?P<b>.+)",
    re.IGNORECASE,
)
_MORE_OR_FEWER = re.compile(r"\b(?:more|fewer|less)\b", re.IGNORECASE)
_UNKNOWN_ORDER = re.compile(
    rf"^\W*(?:(?:which|what|who|list|show|give|name|find|the|is|are|me|top)\b\s*)*(?P<what>(?:most|least|best|highly)[- ]"
    rf"(?:cited|downloaded|starred|viewed|read|liked|rated|reviewed))\s+(?:[\w-]+\s+){{0,2}}?{PAPERS}\b"
    rf"|^\W*(?:which|what) {PAPERS} (?:is|are|was|has been|have been|has|have|got) (?:the )?(?P<what2>most "
    rf"(?:cited|downloaded|citations|downloads|stars|pages|references|figures))\b",
    re.IGNORECASE,
)
_NO_PAPERS = re.compile(
    rf"^\W*(?:(?:list|show|give|name|find)(?: me)?\s+)?(?:the\s+)?(?:(?:top|first|newest|latest|oldest)\s+)?(?:0|zero)\s+"
    rf"(?:newest\s+|latest\s+)?{PAPERS}\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a paper's record must satisfy: `name` says how, `words` for people, `fields` what it must have to be judged.

    `n` is the weekday (5 and 6: 7 for the weekend), `text` the words of a title, `names` authors.
    """

    name: Literal[
        "weekday",
        "odd",
        "even",
        "more",
        "fewer",
        "as_many",
        "inferred",
        "exact",
        "title_starts",
        "title_ends",
        "in_title",
        "by_all",
        "by_any",
    ]
    words: str
    fields: tuple[Recorded, ...] = ()
    n: int = 0
    text: str = ""
    names: tuple[str, ...] = ()


def read_condition(text: str) -> tuple[Condition, tuple[int, int]] | None:
    """The condition that a text asks for, and its place.

    >>> read_condition("papers with an odd number of authors")[0].words
    'with an odd number of authors'
    """
    if match := _WEEKDAY.search(text):
        day = (match["one"] or match["many"]).lower()
        found = Condition(
            name="weekday", words=f"published on a {day.capitalize() if day in WEEKDAYS else day}", fields=("published",),
            n=WEEKDAYS.get(day, 7),
        )  # fmt: skip
    elif match := _PARITY.search(text):
        what, parity = match["what"].lower(), match["parity"].lower()
        name: Literal["odd", "even"] = "odd" if parity == "odd" else "even"
        found = Condition(name=name, words=f"with an {parity} number of {what}s", fields=(_N_FIELD[what],))
    elif (match := _AGAINST.search(text)) and (match["a"] or match["c"]).lower() != (match["b"] or match["d"]).lower():
        first, second = (match["a"] or match["c"]).lower(), (match["b"] or match["d"]).lower()
        way = (match["way"] or "").lower()
        words = f"with {way} {first}s than {second}s" if way else f"with as many {first}s as {second}s"
        found = Condition(
            name="more" if way == "more" else "fewer" if way else "as_many", words=words,
            fields=(_N_FIELD[first], _N_FIELD[second]),
        )  # fmt: skip
    elif match := _INFERRED.search(text):
        no = bool(match["no"] or match["not"])
        found = Condition(
            name="exact" if no else "inferred", words="with a date that was given" if no else "with an inferred date", fields=("published",)
        )  # fmt: skip
    elif match := _TITLE.search(text):
        end = match["where"].lower() == "end"
        found = Condition(
            name="title_ends" if end else "title_starts",
            words=f"with a title that {'ends' if end else 'starts'} with “{match['x'].strip()}”",
            text=match["x"].strip(),
        )
    elif match := _IN_TITLE.search(text):
        named = (match["x"] or match["y"]).strip()
        named = re.sub(rf"^.*\b(?:{PAPERS}|with|have|has|having)\s+(?:the words? )?", "", named, flags=re.IGNORECASE)
        found = Condition(name="in_title", words=f"with “{named}” in the title", text=named)
        if match["x"]:
            return found, (match.start() + match[0].find(named), match.end())
    else:
        return None
    return found, match.span()


def by_several(names: tuple[str, ...], way: str) -> Condition | None:
    """That each of several authors, or with the way "any" one of them, has written a paper."""
    if len(names) < 2:
        return None
    row = f"{', '.join(names[:-1])} {'or' if way == 'any' else 'and'} {names[-1]}"
    return Condition(name="by_any" if way == "any" else "by_all", words=f"by {row}", fields=("authors",), names=names)


def not_wanted(text: str) -> tuple[str, tuple[int, int]] | None:
    """The topic that a text does not want ("do not mention LLMs"), and the place of all that says so."""
    match = _NOT_ON.search(text)
    topic = topic_of(match["x"]) if match else ""
    return (topic, match.span()) if match and topic else None


def impossible_day(text: str) -> str | None:
    """A day that no calendar has, "30 February 2024"."""
    for pattern in _DAYS:
        for match in pattern.finditer(text):
            month = match["m"].rstrip(".").lower()
            try:
                date(int(match["y"] or 2024), int(month) if month.isdigit() else MONTHS[month], int(match["d"]))
            except ValueError:
                return match[0]
    return None


def cannot_be_asked(residual: str, topic: str) -> str | None:
    """What of a count or list is neither a topic nor anything that its records are asked for; `residual` is what the rules of
    filters and kinds left over, `topic` its words without frame.
    """
    if not topic:
        return None
    for pattern in (_TIME_WORD, _COMPARED, _OF_RECORDS):
        match = pattern.search(residual)
        if match and not topic_of(residual[: match.start()]) and not _ON.search(residual[: match.start()]):
            return match[0].strip(" ?.!")
    words = re.findall(r"[^\s,;:?!()]+", topic)
    return topic if all(_EMPTY.fullmatch(word) for word in words) else None


def unknown_order(text: str, *, of_library: bool) -> str | None:
    """An order that the records do not have ("most cited"), or a list of no papers."""
    if match := _UNKNOWN_ORDER.search(text):
        return match["what"] or match["what2"]
    return "0 papers" if not of_library and _NO_PAPERS.match(text) else None


def two_topics(text: str, topic: str) -> tuple[str, str] | None:
    """The topics of "how many more papers on A than on B?"."""
    match = _SIDES.fullmatch(topic) if _MORE_OR_FEWER.search(text) else None
    return (match["a"], topic_of(match["b"])) if match else None
