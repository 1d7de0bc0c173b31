"""Who wrote a paper and when, as a question takes it for granted: "What did Tern Labs report about KiteNet?", "the 2021 paper
KiteNet". It is held against the record of the paper, where that has the field.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from rag.schema import Paper

_RUN = r"(?P<who>[A-Z][\w&.+-]*(?: (?:(?:of|for|the|and|de|at|et) )*[A-Z][\w&.+-]*){0,5}(?: et al\.?)?)"
_DO = (
    r"(?:report(?:ed)?|publish(?:ed)?|write|wrote|written|author(?:ed)?|propos(?:e|ed)|introduc(?:e|ed)|present(?:ed)?|releas(?:e|ed)|"
    r"develop(?:ed)?|creat(?:e|ed)|buil[dt]|design(?:ed)?|invent(?:ed)?|train(?:ed)?|make|made|find|found|show|claim|evaluate|test)"
)
_ABOUT = (
    r"(?: (?:about|in|on|with|for|from|of|that|using|the|their|its|paper|model|method|system|called|named|a|an)){0,4} "
)
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_FOLK = r"(?:researchers?|team|group|people|authors?|scientists?|engineers?|lab) (?:at|from|of) "
_WORK = r"(?:paper|study|work|report|article|preprint|model|method|system|benchmark|dataset)"
_ACADEMIC = rf"(?: {_WORK})?"
_IT = "\x00"  # stands for the paper's name
_GOES_ON = re.compile(r"[\w+-]|\.\d| \d(?!\d{3})")
_YEARS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^In {_YEAR},? (?:how|what|why|which)\b[^,?]*? (?:did|does|was|were|could) (?:the )?{_IT}",
        rf"{_YEAR}{_ACADEMIC}[,:]? {_IT}",
        rf"{_IT} *\({_YEAR}\)",
        rf"{_IT} *,? (?:published|released|written|presented|from|of) (?:in )?{_YEAR}\b",
    )
)
_DOERS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:did|does|do|has|have|had) (?:{_FOLK})?(?:the )?{_RUN} {_DO}{_ABOUT}{_IT}",
        rf"{_IT} *,? by (?:{_FOLK})?(?:the )?{_RUN}",
        rf"{_RUN}['’]s? (?:own )?(?:(?:19|20)\d\d )?(?:new )?(?:{_WORK}[,:]? )?{_IT}",
        rf"\b{_FOLK}(?:the )?{_RUN} {_DO}{_ABOUT}{_IT}",
    )
)
_CUE = re.compile(
    r"\b(?:universit\w*|institute?|labs?|laborator\w+|research|ai|inc|corp\w*|systems|technolog\w+|college|school|google|openai|meta|"
    r"microsoft|nvidia|amazon|apple|anthropic|deepmind|alibaba|tencent|baidu|bytedance|huawei|samsung|ibm|intel|adobe|salesforce|stanford|"
    r"mit|berkeley|cmu|oxford|cambridge|tsinghua|eth|epfl|inria|harvard|princeton|toronto|mila|facebook|qualcomm|sony|cohere|mistral|"
    r"hugging face)\b",
    re.IGNORECASE,
)
_NOBODY = frozenset("the this that paper they we it you i he she one authors what which how why who when where".split())
_SHARED = frozenset(
    """university of the institute for and research lab labs ai inc technology technologies school college group team at et
    al""".split()
)
_LONGEST_HEAD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Misattributed:
    """The part `question[start:end]` that the record contradicts, and what the record says ("names IBM", "says 2025-03-27")."""

    start: int
    end: int
    says: str


def misattributed(question: str, paper: Paper) -> Misattributed | None:
    """An organisation, person or year that a question gives a paper that it names, and the record gives another."""
    for name in _heads(paper.title):
        at = question.find(name)
        while at >= 0:
            end = at + len(name)
            if not _GOES_ON.match(question, end) and not question[:at][-1:].isalnum() and question[:at][-1:] != "-":
                # The name in the form of a single sign, for the same patterns whatever it is.
                told = question[:at].rstrip("“\"'‘") + _IT + " " * (len(name) - 1) + question[end:]
                told = told.replace("”", " ").replace('"', " ")
                moved = len(question) - len(told)
                return _wrong_year(told, at - moved, moved, paper) or _wrong_doer(told, at - moved, moved, paper)
            at = question.find(name, end)
    return None


def _wrong_year(told: str, at: int, moved: int, paper: Paper) -> Misattributed | None:
    if paper.published is None or paper.published_inferred:
        return None
    for pattern in _YEARS:
        if match := pattern.search(told):
            year, known = int(match["year"]), paper.published
            # A conference may follow the preprint in the next year.
            if year < known.year or year > known.year + 1 or (year == known.year + 1 and known.month <= 6):
                start, end = (p + (moved if p > at else 0) for p in match.span("year"))
                return Misattributed(start=start, end=end, says=f"says {known.isoformat()}")
    return None


def _wrong_doer(told: str, at: int, moved: int, paper: Paper) -> Misattributed | None:
    for pattern in _DOERS:
        for match in pattern.finditer(told):
            if (says := _others(match["who"], paper)) is not None:
                start, end = (p + (moved if p > at else 0) for p in match.span("who"))
                return Misattributed(start=start, end=end, says=says)
    return None


def _heads(title: str) -> list[str]:
    """What a question may call a paper: all of its title, or a short head of it."""
    head = re.split(r":\s|\s[-–—]\s", title)[0].strip()
    return [title, head] if len(head.split()) <= _LONGEST_HEAD and head[:1].isupper() and len(head) > 2 else [title]


def _others(who: str, paper: Paper) -> str | None:
    """Whom the record names instead; None when it may be the same, or nobody can tell."""
    words = _words(who)
    if not words - _SHARED or re.search(r"\d", who) or who.lower() in _NOBODY or words & _NOBODY - _SHARED:
        return None
    if re.search(rf"(?<!\w){re.escape(who)}(?!\w)", f"{paper.title} {paper.abstract}", re.IGNORECASE):
        return None
    if any((words & _words(author)) - _SHARED for author in paper.authors):
        return None
    organisation = bool(_CUE.search(who))
    if paper.organisation and "et al" not in who and (organisation or _whole(paper)):
        if _alike(who, paper.organisation) or (paper.organisation_slug and _alike(who, paper.organisation_slug)):
            return None
        return f"names {paper.organisation}"
    if not organisation and _whole(paper) and len(who.split()) <= 4:
        first = paper.authors[0]
        return f"names {first} and others" if len(paper.authors) > 2 else f"names {' and '.join(paper.authors)}"
    return None


def _whole(paper: Paper) -> bool:
    """Whether all authors are recorded."""
    return bool(paper.authors) and paper.n_authors in (None, len(paper.authors))


def _alike(one: str, other: str) -> bool:
    """Whether two names may be of the same organisation: a telling word in common, or the initials."""
    a, b = _words(one), _words(other)
    if (a & b) - _SHARED:
        return True
    for short, long in ((one, other), (other, one)):
        bare = re.sub(r"\W", "", short).lower()
        every = "".join(word[0] for word in re.findall(r"\w+", long)).lower()
        capitals = "".join(re.findall(r"[A-Z]", long)).lower()
        if bare and (bare in re.sub(r"\W", "", long).lower() or (len(bare) <= 6 and bare in (every, capitals))):
            return True
        if len(bare) <= 6 and len(bare) >= 2 and (every.startswith(bare) or capitals.startswith(bare)):
            return True
    return False


def _words(name: str) -> frozenset[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c))
    return frozenset(re.findall(r"\w+", plain))
