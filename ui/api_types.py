"""The JSON that other programs get from a running page, as types: the HTTP API and the MCP tools make their schemas of them.

`AnswerRecord` is what `rag.Answer.to_dict` gives, field by field; a test holds the two together.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Literal, TypedDict


class CitationRecord(TypedDict):
    """A marker of the text resolved to words: `quote` is `abstract[start:end]` of its paper, in characters."""

    marker: int
    paper_id: str
    title: str
    published: str | None
    url: str | None
    quote: str
    start: int
    end: int


class ClaimRecord(TypedDict):
    """One sentence of the answer, the markers it cites, and whether the cited words say it."""

    text: str
    citations: list[int]
    support: Literal["supported", "not_found", "unchecked"]
    reason: str


class FoundRecord(TypedDict):
    """A paper of the ranking behind an answer."""

    paper_id: str
    title: str
    score: float


class FiltersRecord(TypedDict, total=False):
    """The restrictions that were applied; only those that were."""

    since: str
    until: str
    organisation: str
    organisations: list[str]
    author: str
    source: str
    min_authors: int
    max_authors: int
    min_comments: int
    max_comments: int
    min_upvotes: int
    max_upvotes: int
    paper_ids: list[str]


class CoverageRecord(TypedDict):
    """What was searched; dates as YYYY-MM-DD."""

    n_papers: int
    n_searched: int
    first: str | None
    last: str | None
    n_undated: int


class UsageRecord(TypedDict):
    """Tokens and cost of a language model; 0 without one."""

    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


class AnswerRecord(TypedDict):
    """An answer: the JSON of `askpapers ask --json`."""

    question_id: str | None
    question: str
    rewritten: str | None
    notes: list[str]
    text: str
    mode: Literal["quoting", "generation"]
    model: str | None
    abstained: bool
    reason: str | None
    claims: list[ClaimRecord]
    citations: list[CitationRecord]
    papers: list[FoundRecord]
    unknown_markers: list[str]
    filters: FiltersRecord
    coverage: CoverageRecord
    error: str | None
    usage: UsageRecord
    timings_s: dict[str, float]


class PassageRecord(TypedDict):
    """The slice of the abstract that matched best."""

    text: str
    start: int
    end: int


class HitRecord(TypedDict):
    """A paper found by a search."""

    paper_id: str
    title: str
    score: float
    published: str | None
    url: str | None
    organisation: str | None
    n_authors: int | None
    n_comments: int | None
    passage: PassageRecord


class SearchRecord(TypedDict):
    """Ranked papers: the JSON of `askpapers search --json`."""

    query: str
    papers: list[HitRecord]
    filters: FiltersRecord
    coverage: CoverageRecord


class PaperRecord(TypedDict):
    """Everything known of a paper, with its BibTeX entry."""

    paper_id: str
    title: str
    abstract: str
    published: str | None
    published_inferred: bool
    authors: list[str]
    n_authors: int | None
    organisation: str | None
    organisation_slug: str | None
    n_comments: int | None
    n_upvotes: int | None
    arxiv_id: str | None
    doi: str | None
    url: str | None
    code_url: str | None
    aliases: list[str]
    seen_on: list[str]
    bibtex: str


class StatusRecord(TypedDict):
    """The library at a glance, and what writes its answers (`model` null: they are quoted)."""

    n_papers: int
    n_passages: int
    n_undated: int
    first: str | None
    last: str | None
    embedding: str
    generation: int
    fingerprint: str
    sources: dict[str, int]
    model: str | None
    sample: bool


class TurnRecord(TypedDict):
    """One message of the conversation before a question."""

    role: Literal["user", "assistant"]
    text: str


def schema_of(kind: type) -> dict[str, Any]:
    """The JSON schema of one of the types above, with its first docstring line as description. Needs the chat extra."""
    schema: dict[str, Any] = import_module("gradio_client.utils").python_type_to_json_schema(kind)
    return schema | {"description": (kind.__doc__ or "").strip().splitlines()[0]}
