"""Organisations in a question: "papers from Apple or ByteDance", "what did NVIDIA publish", "not from Qwen".

An organisation counts only when the library has papers of it and the words speak of its papers: "papers from NVIDIA",
"what did Apple publish", "the NAVER AI Lab paper"; "distilled from Qwen" and "an NVIDIA GPU" do not. Several in a row are
taken together, and one that no paper here is marked with is named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rag.question.dates import PAPERS
from rag.question.naming import key

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
    rf"|[,(]\s*(?:only |just )?(?:from|by)\s+(?:the\s+)?{_TEAM}$"
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
    r"^\s+(?:has |have )?(?:publish\w*|put out|writes?|written|wrote|contributed?|posted|submitted|author\w*"
    r"|come up with|have (?:here|in)|released? (?=papers))\b",
    re.IGNORECASE,
)
_PUBLISHER = re.compile(r"\b(?:did|has|have|does|do|papers?|what|that|which|is|are)\s+(?:the\s+)?$", re.IGNORECASE)
_LABEL = re.compile(r"\b(?:organi[sz]ation|affiliation|org|company|lab)\s*(?:is|=|:|named|called)?\s*$", re.IGNORECASE)
_UNKNOWN = re.compile(
    rf"\b(?:{PAPERS}|everything|anything|published|written)\s+(?:\w+\s+)?(?:from"
    rf"|by)\s+(?:the\s+)?(?P<name>[A-Z][\w&-]+(?:\s+(?:[A-Z][\w&-]+|of|and(?= [A-Z])))*)"
)
_JOINT = re.compile(
    r"(?:['’]s?)?\s*(?:,|/|&)?\s*(?:(?:and|or|and/or|as well as|plus|nor)\s+)?(?:(?:also|either|which|those|which (?:are|is))\s+)?"
    r"(?:(?:from|by|of|at)\s+)?(?:the\s+)?",
    re.IGNORECASE,
)
_ONE_OF = re.compile(r"\b(?:either|both|any of|one of|all of)\s+$", re.IGNORECASE)
_CAPITALISED = r"[A-Z][\w.&-]*(?:\s+[A-Z][\w.&-]*){0,3}"
_BEFORE_IT = re.compile(
    rf"(?P<names>(?:{_CAPITALISED})(?:,\s*{_CAPITALISED}){{0,8}})(?:,|,?\s+(?:or|and)|\s*/)\s*(?:from\s+|by\s+)?$"
)
_AFTER_IT = re.compile(rf"^(?:,|,?\s+(?:or|and)|\s*/)\s*(?:from\s+|by\s+)?(?P<name>{_CAPITALISED})(?=\W*$|\s+[a-z])")
_LEFT_OUT = re.compile(
    rf"(?:\b(?:not|never|nothing|except(?:ing)?(?: for)?|excluding|exclude|outside(?: of)?|besides|other than|without"
    rf"|leaving out|apart from|aside from|(?:anything|everything|all) but|no {PAPERS})|n't)"
    r"(?:\s+(?:those|ones|papers|anything|everything|the|any|published|written|come|coming|came|from|of|by|being|been|that are"
    r"|which are))*\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organised:
    """Organisations that a text restricts to, or with `left_out` away from; `text[start:end]` says so. `unknown` are names
    beside them that no paper here has.
    """

    names: tuple[str, ...]
    start: int
    end: int
    left_out: bool = False
    unknown: tuple[str, ...] = ()


def read_organisations(text: str, organisations: Mapping[str, str], *, whole_library: bool) -> Organised | None:
    """The organisations whose papers a text asks for; `organisations` maps folded names to names as papers have them."""
    for names, start, end in _rows(text, organisations):
        before, after = text[:start], text[end:]
        unknown: tuple[str, ...] = ()
        if (near := _BEFORE_IT.search(before)) and not _ONE_OF.search(before):
            unknown = tuple(re.split(r",\s*", near["names"]))
            before = before[: near.start()]
        if follows := _AFTER_IT.match(after):
            unknown = (*unknown, follows["name"])
            after = after[follows.end() :]
        plain = _ONE_OF.sub("", before)
        left_out = _LEFT_OUT.search(plain)
        if left_out is None and not _speaks_of_its_papers(plain, after, whole_library=whole_library):
            continue
        cut = left_out or _FROM.search(plain) or _LABEL.search(plain)
        owned = re.match(r"['’]s?", after)
        stop = end + (follows.end() if follows else owned.end() if owned else 0)
        start = cut.start() if cut else start
        return Organised(names=names, start=start, end=stop, left_out=left_out is not None, unknown=unknown)
    return None


def unknown_organisation(text: str) -> tuple[str, int, int] | None:
    """A name that stands where an organisation stands, "papers from HoverLab", and its place."""
    match = _UNKNOWN.search(text)
    return (match["name"], match.start("name"), match.end("name")) if match else None


def _rows(text: str, organisations: Mapping[str, str]) -> list[tuple[tuple[str, ...], int, int]]:
    """The organisations named in a text, those that stand in a row together."""
    words = (
        [(match.start(), match.end()) for match in re.finditer(r"[^\s,;:?!()\"“”/]+", text)] if organisations else []
    )
    found: list[tuple[str, int, int]] = []
    at = 0
    while at < len(words):
        step = 1
        for n in range(min(5, len(words) - at), 0, -1):
            start, end = words[at][0], words[at + n - 1][1]
            run = re.sub(r"(?:['’]s?|\.)$", "", text[start:end])
            if run[:1].isalnum() and run[-1:].isalnum() and (display := organisations.get(key(run))) is not None:
                found.append((display, start, start + len(run)))
                step = n
                break
        at += step
    rows: list[tuple[tuple[str, ...], int, int]] = []
    for display, start, end in found:
        between = text[rows[-1][2] : start] if rows else ""
        if rows and between.strip() and _JOINT.fullmatch(between):
            rows[-1] = (tuple(dict.fromkeys((*rows[-1][0], display))), rows[-1][1], end)
        else:
            rows.append(((display,), start, end))
    return rows


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
