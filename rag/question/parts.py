"""Questions in several parts about one paper, some of which ask for a field of its record: "who wrote FoldNet, when, and what does it
improve?".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.question.fields import read_field
from rag.question.kind import ORGANISATION, FieldAsked
from rag.question.several import topic_of

_OPENS = (
    r"(?:who|whose|when|where|what|which|how|why|is|are|was|were|does|do|did|has|have|can|by wh(?:om|ich|at)|from wh(?:ere|ich|at)|in wh(?:ich|at)"
    r"|at wh(?:ich|at)|on wh(?:ich|at))"
)
_SPLIT = re.compile(
    rf"\s*[,;?.:]+\s*(?:(?:and|but|then|also)\s+)*(?:also\s+)?(?={_OPENS}\b)|\s+(?:and|&)\s+(?:also\s+)?(?={_OPENS}\b)",
    re.IGNORECASE,
)
_BARE: tuple[tuple[FieldAsked, str], ...] = (
    (
        "authors",
        r"who|by whom|who (?:is|are|was|were) (?:the |its )?authors?|by which authors|whose (?:work|paper) is (?:it|this)",
    ),
    ("published", r"when|(?:in |on )?(?:which|what) (?:year|month|date|day)|when was that|how (?:old|recent) is it"),
    (
        "organisation",
        rf"where|from where|where from|(?:from |at |by )?(?:which|what) {ORGANISATION}|where (?:does|did) it come from|where (?:is|was) it from|where was (?:it|that)"
        r"|(?:where|for whom|for which \w+) (?:do|did|are) (?:they|the authors|its authors|these authors|these people)(?: work| from| based| affiliated| come from)?(?: at)?",
    ),
    ("n_comments", r"how many comments(?: (?:does|did) it (?:have|get))?"),
    ("n_upvotes", r"how many up-?votes(?: (?:does|did) it (?:have|get))?"),
    ("n_authors", r"how many authors|by how many(?: people| authors)?"),
)
_MADE = re.compile(
    r"who (?:made|built|created|developed|proposed|introduced|invented|designed|published|released|came up with|is behind|stands behind) NAME",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?P<its>its|their)\b|\b(?:it|they|them|this paper|the paper|that paper|this method|the method|the work|this work|that)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"what (?:is|was) NAME about|what does NAME do", re.IGNORECASE)
_NAME = "Zzqx1Zz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The fields that a question asks of a paper, and what else it asks, each a question that stands alone."""

    fields: tuple[FieldAsked, ...]
    rest: tuple[str, ...]


def read_parts(text: str, name: str, start: int, end: int) -> Parts | None:
    """The parts of a question that names a paper, `text[start:end]`; None where they are not several, or none is a field.

    >>> read_parts("Who wrote FoldNet, when, and what does it improve?", "FoldNet", 10, 17)
    Parts(fields=('authors', 'published'), rest=('what does FoldNet improve?',))
    """
    masked = f"{text[:start]}{_NAME}{text[end:]}".strip(" ?.!")
    clauses = [clause.strip(" ,;:?.!") for clause in _SPLIT.split(masked)]
    clauses = [clause for clause in clauses if clause]
    if len(clauses) > 1 and clauses[0] == _NAME:  # "FoldNet: who wrote it, and when?"
        clauses.pop(0)
    if len(clauses) < 2:
        return None
    fields: list[FieldAsked] = []
    rest: list[str] = []
    for clause in clauses:
        asked = _fields_of(clause)
        if asked:
            fields += asked
        elif not _ABOUT.fullmatch(_PRONOUN.sub("NAME", clause.replace(_NAME, "NAME"))):
            rest.append(f"{_stands_alone(clause).replace(_NAME, name)}?")
    if not fields or (len(rest) > 0 and _NAME not in masked):
        return None
    return Parts(fields=tuple(dict.fromkeys(fields)), rest=tuple(rest))


def _fields_of(clause: str) -> list[FieldAsked]:
    for field, pattern in _BARE:
        if re.fullmatch(pattern, clause, re.IGNORECASE):
            return [field]
    whole = _PRONOUN.sub(lambda m: f"{_NAME}'s" if m["its"] else _NAME, clause) if _NAME not in clause else clause
    if _MADE.fullmatch(whole.replace(_NAME, "NAME")):
        return ["authors", "organisation"]
    kind = read_field(whole)
    if kind is None or kind.field is None or kind.subject is None or _NAME not in kind.subject:
        return []
    if topic_of(
        re.sub(r"\b(?:method|model|framework|system|approach|technical)s?\b", " ", kind.subject.replace(_NAME, " "))
    ):
        return []
    return ["authors" if kind.verb == "who" else kind.field]


def _stands_alone(clause: str) -> str:
    """A part with the paper's name in it."""
    if _NAME in clause:
        return clause
    written, n = _PRONOUN.subn(lambda m: f"{_NAME}'s" if m["its"] else _NAME, clause, count=1)
    return written if n else f"{_NAME}: {clause}"
