"""Filters in the words of a question: dates (`rag.question_dates`), organisations, numbers of authors and of comments.

An organisation counts only when the library has papers of it and the words speak of its papers: "papers from NVIDIA",
"what did Apple publish", "the NAVER AI Lab paper"; "distilled from Qwen" and "an NVIDIA GPU" do not. What was read comes with its
place in the text, so that the rest can be searched for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from rag.question_dates import PAPERS, read_dates
from rag.question_naming import key
from rag.question_numbers import read_numbers
from rag.question_periods import in_words
from rag.schema import Filters

_FROM = re.compile(
    r"\b(?:from|by|of|at|out of|via|with affiliation|affiliated with)\s+(?:the\s+)?(?:(?:people|folks|team"
    r"|researchers|authors|lab)\s+(?:at|of|from)\s+)?$",
    re.IGNORECASE,
)
_TEAM = r"(?:(?:people|folks|team|researchers|authors|lab)\s+(?:at|of|from)\s+)?"
_SPEAKS_OF = re.compile(
    rf"\b(?:{PAPERS}|anything|everything|something|all|stuff|ones?|those|these|published|publish|released"
    rf"|written|authored|put out|new|newest|latest|discussed"
    rf"|commented)\b[\w\s,'-]{{0,40}}?\b(?:from|by|of|at|out of)\s+(?:the\s+)?{_TEAM}$"
    rf"|(?:^\W*|\b(?:which|what|that|here|they|comes?|are|is|came|coming|only|just|and|or|now|have"
    rf"|about)\s+)(?:from|by)\s+(?:the\s+)?{_TEAM}$",
    re.IGNORECASE,
)
_DERIVED = re.compile(
    r"\b(?:distill?\w*|initiali[sz]\w*|start\w*|train\w*|tun\w+|finetun\w+|deriv\w*|adapt\w*|load\w*|weights?"
    r"|checkpoints?|gpus?|models?|samples?|generated|data"
    r"|transfer\w*|borrow\w*|taken|built|based|quantiz\w*|prun\w*|merged?|used|chips?|hardware"
    r"|backbone)(?: \w+)? (?:from|by|of|at)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_OWNED = re.compile(
    rf"^(?:['’]s?)?\s+(?:own\s+|new\s+|newest\s+|latest\s+|recent\s+|oldest\s+|first\s+"
    rf"|most \w+\s+)?(?:{PAPERS.replace('|works?', '')}|one(?=\W*$))\b(?!\s+(?:on|in) Qwen)",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"^\s+(?:has |have )?(?:publish\w*|put out|written|wrote|contributed?|posted|submitted|author\w*"
    r"|come up with|have (?:here|in)|released? (?=papers))\b",
    re.IGNORECASE,
)
_PUBLISHER = re.compile(r"\b(?:did|has|have|does|do|papers?|what|that|which|is|are)\s+(?:the\s+)?$", re.IGNORECASE)
_LABEL = re.compile(r"\b(?:organi[sz]ation|affiliation|org|company|lab)\s*(?:is|=|:|named|called)?\s*$", re.IGNORECASE)
_UNKNOWN = re.compile(
    rf"\b(?:{PAPERS}|everything|anything|published|written)\s+(?:\w+\s+)?(?:from"
    rf"|by)\s+(?:the\s+)?(?P<name>[A-Z][\w&-]+(?:\s+(?:[A-Z][\w&-]+|of|and(?= [A-Z])))*)"
)
_CLEAR_DATES = re.compile(
    r"\b(?:(?:in|from|of|for|at|over)\s+)?(?:any|all|every)\s?(?:other )?(?:years?|dates?|times?|months?"
    r"|time)\b|\bregardless of (?:the )?(?:dates?|years?|when)\b|\b(?:no|without(?: the| any| a)?|ignore the"
    r"|drop the|forget the|remove the) (?:date|year|time)s?(?: (?:filters?|limits?|restrictions?))?\b"
    r"|\bever\b(?=\W*$)",
    re.IGNORECASE,
)
_CLEAR_ALL = re.compile(
    r"\b(?:no|without(?: the| any)?|ignore (?:the|all|any)|drop (?:the|all)|forget (?:the|all)|remove (?:the"
    r"|all)|clear (?:the|all)?|reset(?: the)?)\s*(?:filters?|restrictions?|limits?)\b|\b(?:the|over the"
    r"|in the) (?:whole|entire) (?:library|collection|shelf)(?: again)?\b|\ball papers again\b",
    re.IGNORECASE,
)
_CLEAR_ORG = re.compile(
    r"\b(?:from |of |by )?(?:any|all|every) (?:organi[sz]ations?|compan(?:y|ies)|labs?|institutions?)\b"
    r"|\bregardless of (?:the )?(?:organi[sz]ation|company|lab)\b",
    re.IGNORECASE,
)
DATE_FIELDS = ("since", "until")
_GROUPS = (
    DATE_FIELDS,
    ("organisation",),
    ("min_authors", "max_authors"),
    ("min_comments", "max_comments"),
    ("paper_ids",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The filters of a text, their places in it, notes, the fields it frees from earlier filters, and years it compares."""

    filters: Filters
    spans: tuple[tuple[int, int], ...]
    notes: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    years: tuple[int, ...] = ()


def read_filters(
    text: str,
    *,
    organisations: Mapping[str, str],
    anchor: date,
    anchor_words: str,
    open_ended: bool,
    whole_library: bool,
) -> Read:
    """What a text restricts the papers to.

    `organisations` maps folded names to names as papers have them; relative dates count from `anchor`, which
    `anchor_words` explains. For `open_ended` and `whole_library` see `read_dates`.
    """
    spans: list[tuple[int, int]] = []
    notes: list[str] = []
    filters = Filters()
    years: tuple[int, ...] = ()
    cleared = _cleared(text, spans)
    dates = read_dates(text, anchor, open_ended=open_ended, whole_library=whole_library)
    for dated in dates:
        since = max((day for day in (filters.since, dated.since) if day), default=None)
        until = min((day for day in (filters.until, dated.until) if day), default=None)
        if since and until and since > until:  # two periods in one question: all of both, told apart by the years
            since = min(day for day in (filters.since, dated.since) if day)
            until = max(day for day in (filters.until, dated.until) if day)
            years = (since.year, until.year)
        filters = replace(filters, since=since, until=until)
        years = dated.years or years
        spans.append((dated.start, dated.end))
        if dated.relative:
            notes.append(f"“{_bare(dated.words)}” counts from {anchor_words}")
    if (found := _organisation(text, organisations, whole_library=whole_library)) is not None:
        name, start, end = found
        filters = replace(filters, organisation=name)
        spans.append((start, end))
    elif (unknown := _UNKNOWN.search(text)) and not any(
        start < unknown.end("name") and unknown.start("name") < end for start, end in spans
    ):
        notes.append(f"no paper here is marked as from “{unknown['name']}”, so those are searched as words")
    filters = read_numbers(text, filters, spans, whole_library=whole_library)
    return Read(filters=filters, spans=tuple(spans), notes=tuple(notes), cleared=cleared, years=years)


def overlay(under: Filters, over: Filters) -> Filters:
    """`under` with the restrictions of `over` in their place; both bounds of a field go together."""
    changes = {}
    for group in _GROUPS:
        if any(getattr(over, name) not in (None, ()) for name in group):
            changes.update({name: getattr(over, name) for name in group})
    return replace(under, **changes)


def conflict(asked: Filters, given: Filters) -> bool:
    """Whether both restrict a field, in different ways."""
    return any(
        all(any(getattr(one, name) not in (None, ()) for name in group) for one in (asked, given))
        and any(getattr(asked, name) != getattr(given, name) for name in group)
        for group in _GROUPS
    )


def without(filters: Filters, names: tuple[str, ...]) -> Filters:
    """Filters with some fields set free; "*" frees all."""
    if "*" in names:
        return Filters()
    empty = Filters()
    return replace(filters, **{name: getattr(empty, name) for name in names})


def describe(filters: Filters) -> list[str]:
    """Filters for people, one phrase each: "published since 1 May 2024", "from NVIDIA", "by one author"."""
    phrases = []
    if filters.since or filters.until:
        phrases.append(f"published {in_words(filters.since, filters.until)}")
    if filters.organisation:
        phrases.append(f"from {filters.organisation}")
    for noun, verb, low, high in (
        ("author", "by", filters.min_authors, filters.max_authors),
        ("comment", "with", filters.min_comments, filters.max_comments),
    ):
        if (words := _range(noun, low, high)) is not None:
            phrases.append(f"{verb} {words}")
    if filters.paper_ids:
        n = len(filters.paper_ids)
        phrases.append(f"among the {n} papers named before" if n > 1 else "in the paper named before")
    return phrases


def _range(noun: str, low: int | None, high: int | None) -> str | None:
    def several(n: int) -> str:
        return f"{'one' if n == 1 else 'no' if n == 0 else n} {noun}{'' if n == 1 else 's'}"

    if low is None and high is None:
        return None
    if low is not None and high is not None:
        return several(low) if low == high else f"{low} to {high} {noun}s"
    return f"at least {several(low)}" if low is not None else f"at most {several(high or 0)}"


def _cleared(text: str, spans: list[tuple[int, int]]) -> tuple[str, ...]:
    names: tuple[str, ...] = ()
    for pattern, freed in ((_CLEAR_ALL, ("*",)), (_CLEAR_DATES, DATE_FIELDS), (_CLEAR_ORG, ("organisation",))):
        if match := pattern.search(text):
            spans.append(match.span())
            names += freed
    return names


def _organisation(text: str, organisations: Mapping[str, str], *, whole_library: bool) -> tuple[str, int, int] | None:
    if not organisations:
        return None
    words = [(match.start(), match.end()) for match in re.finditer(r"[^\s,;:?!()\"“”]+", text)]
    for at in range(len(words)):
        for n in range(min(5, len(words) - at), 0, -1):
            start, end = words[at][0], words[at + n - 1][1]
            run = re.sub(r"(?:['’]s?|\.)$", "", text[start:end])
            end = start + len(run)
            if (display := organisations.get(key(run))) is None:
                continue
            before, after = text[:start], text[end:]
            if _speaks_of_its_papers(before, after, whole_library=whole_library):
                cut = _FROM.search(before) or _LABEL.search(before)
                owned = re.match(r"['’]s?", after)
                return display, cut.start() if cut else start, end + (owned.end() if owned else 0)
    return None


def _speaks_of_its_papers(before: str, after: str, *, whole_library: bool) -> bool:
    if _FROM.search(before):
        if _DERIVED.search(before) and not re.search(
            rf"\b{PAPERS} (?:from|by|of|at)\s+(?:the\s+)?$", before, re.IGNORECASE
        ):
            return False
        if re.match(rf"^['’]s?\s+(?!{PAPERS})", after, re.IGNORECASE) or re.match(
            r"^[- ](?:gpus?|chips?|hardware|models?|devices?|watch|silicon|accelerators?|v?\d)", after, re.IGNORECASE
        ):
            return False
        return whole_library or bool(_SPEAKS_OF.search(before))
    if _OWNED.match(after) and not re.search(r"\b(?:does|do|did|how)\s+(?:the\s+)?$", before):
        return True
    return bool((_PUBLISHED.match(after) and _PUBLISHER.search(before)) or _LABEL.search(before))


def _bare(words: str) -> str:
    return re.sub(r"^(?:in|from|of|for|published|during|within|over|out)\s+", "", words, flags=re.IGNORECASE).strip()
