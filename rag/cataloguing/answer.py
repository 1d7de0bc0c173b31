"""The answer of the catalogue, as a record, and what its parts share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.cataloguing import text as words
from rag.cataloguing.variants import other_names
from rag.keywords import Field
from rag.library import Library
from rag.question.names import content_stems
from rag.question.query import Query
from rag.schema import Paper
from rag.sentences import sentence_spans

_ABOUT = re.compile(
    r"\bwhat (?:is|are|was|were|does|do|did) (?:it|they|that|this|the paper)\b.*\b(?:about|do|say|propose"
    r"|report|find|present|cover|deal)|\bsummari[sz]e\b",
    re.IGNORECASE,
)
Groups = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueAnswer:
    """An exact answer. `papers[n - 1]` is what the marker [n] of `text` names; `rows` under `columns` are the table in it.

    `spans` are the places in their abstracts that the text quotes, for citations (none: the first sentence).

    `n_matching` papers pass; `n_lacking_field` would be judged too if they had the fields asked for. `abstained` when the
    library does not hold what was asked, with the `reason` ("no_evidence", "filtered_out", "not_stated"; "no_question" when
    nothing was asked of it).
    """

    text: str
    papers: tuple[Paper, ...] = ()
    spans: tuple[tuple[int, int] | None, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    n_matching: int = 0
    n_lacking_field: int = 0
    abstained: bool = False
    reason: Literal["no_evidence", "filtered_out", "not_stated", "no_question"] | None = None


def topic_groups(topic: str, library: Library) -> Groups:
    """The stems that a paper on the topic must have: all of one group. "A or B" has two groups."""
    return topic_variants(topic, library)[0]


def topic_variants(topic: str, library: Library) -> tuple[Groups, tuple[str, ...]]:
    """The groups of `topic_groups` with those of other spellings and names of the topic, and these in words."""
    sides = re.split(r"\s+or\s+|\s*/\s*", topic) if topic else []
    also = [other for side in sides for other in other_names(side, library)]
    groups = (tuple(dict.fromkeys(content_stems(side, library))) for side in (*sides, *also))
    return tuple(dict.fromkeys(group for group in groups if group)), tuple(dict.fromkeys(also))


def what_about(query: Query, paper: Paper, marker: int) -> str:
    """The first sentences of the abstract, when the question also asks what the paper is about."""
    if not _ABOUT.search(query.question):
        return ""
    spans = sentence_spans(paper.abstract)[:2]
    return f"Its abstract begins: “{paper.abstract[spans[0][0] : spans[-1][1]]}” [{marker}]" if spans else ""


def named(field: Field) -> str:
    return {
        "published": "a date",
        "n_comments": "a number of comments",
        "n_authors": "a number of authors",
        "n_upvotes": "a number of upvotes",
    }[field]


def with_table(text: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return f"{text}\n\n{words.table(columns, rows)}" if rows else text
