"""The records that travel between the parts of askpapers. Standard library only.

A paper is split into passages (slices of its abstract); a search gives hits (passages with a score) ranked by paper; an
answer is made of claims (sentences), each with citations (markers resolved to a slice of an abstract).

All offsets are in characters (Python string indices) of `Paper.abstract`; `abstract[start:end]` is the text.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, Literal

from rag.persons import name_key, name_keys

Support = Literal["supported", "not_found", "unchecked"]
Mode = Literal["quoting", "generation"]
Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper: what its sources said of it.

    `n_authors` may be known where `authors` are not. `published_inferred` is true when part of the date was worked out: the
    source gave no year, or nothing but the year or month. `seen_on` names the sources (files, addresses) that held it, sorted.
    """

    paper_id: str
    title: str
    abstract: str
    published: date | None = None
    published_inferred: bool = False
    authors: tuple[str, ...] = ()
    n_authors: int | None = None
    organisation: str | None = None
    organisation_slug: str | None = None
    n_comments: int | None = None
    n_upvotes: int | None = None
    arxiv_id: str | None = None
    doi: str | None = None
    url: str | None = None
    code_url: str | None = None
    aliases: tuple[str, ...] = ()
    seen_on: tuple[str, ...] = ()

    @property
    def content_hash(self) -> str:
        """Hash (16 hex digits) of what is embedded: title and abstract. Equal hashes need no new vectors."""
        return _digest(self.title, self.abstract)

    @property
    def record_hash(self) -> str:
        """Hash (16 hex digits) of every field. Equal hashes need no writing."""
        return _digest(json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True))

    @property
    def link(self) -> str | None:
        """Where to read it: its own address, else arXiv's, else the DOI's; None when nothing is known."""
        if self.url:
            return self.url
        if self.arxiv_id:
            return f"https://arxiv.org/abs/{self.arxiv_id}"
        return f"https://doi.org/{self.doi}" if self.doi else None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready fields; the date as YYYY-MM-DD, tuples as lists."""
        # Not `asdict`, which copies: every paper that is read, written or compared comes through here.
        values = ((name, getattr(self, name)) for name in self.__slots__)
        record = {name: list(value) if isinstance(value, tuple) else value for name, value in values}
        record["published"] = self.published.isoformat() if self.published else None
        return record

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Paper:
        """The inverse of `to_dict`; fields it does not know are an error (TypeError).

        A value that no paper can have counts as not known, so that a record that should never have been stored can be
        read, told of (its hash does not match) and removed.
        """
        values: dict[str, Any] = {name: _sound(name, value) for name, value in record.items()}
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A slice of a paper's abstract, `abstract[start:end]`; `index` counts the passages of a paper from 0."""

    paper_id: str
    index: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A paper found by a search, with the passage that matched best.

    `score` orders the hits of one search (higher is better) and compares nothing else. `dense` is the best cosine of
    query and passage or abstract, in [-1, 1]; `keyword` the BM25 score, at least 0. None: that index was not asked.
    """

    paper: Paper
    passage: Passage
    score: float
    dense: float | None = None
    keyword: float | None = None

    @property
    def text(self) -> str:
        return self.paper.abstract[self.passage.start : self.passage.end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which papers may be searched; None and empty mean no restriction. All conditions must hold.

    `since` and `until` are inclusive days. `organisation` matches the name or the slug, ignoring case; of several
    `organisations` one must match. `author` matches the whole name, the surname, or a first name or initial with the surname
    (`rag.persons.name_keys`), ignoring case and accents. `source` is a name that `Paper.seen_on` must hold, or the end of one
    after a "/". A paper that lacks the field asked for does not match.
    """

    since: date | None = None
    until: date | None = None
    organisation: str | None = None
    organisations: tuple[str, ...] = ()
    author: str | None = None
    source: str | None = None
    min_authors: int | None = None
    max_authors: int | None = None
    min_comments: int | None = None
    max_comments: int | None = None
    min_upvotes: int | None = None
    max_upvotes: int | None = None
    paper_ids: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Filters()

    def to_dict(self) -> dict[str, Any]:
        """Only the restrictions that are set, JSON-ready."""
        record = {
            name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items() if v not in (None, ())
        }
        return {name: v.isoformat() if isinstance(v, date) else v for name, v in record.items()}

    def matches(self, paper: Paper) -> bool:
        """Whether a paper passes: the definition that the indexes must agree with."""
        if self.paper_ids and paper.paper_id not in self.paper_ids:
            return False
        names = {(paper.organisation or "").casefold(), (paper.organisation_slug or "").casefold()}
        if self.organisation is not None and self.organisation.casefold() not in names:
            return False
        if self.organisations and names.isdisjoint(name.casefold() for name in self.organisations):
            return False
        if self.author is not None and not any(name_key(self.author) in name_keys(one) for one in paper.authors):
            return False
        if self.source is not None and not any(is_source(name, self.source) for name in paper.seen_on):
            return False
        return (
            _within(paper.published, self.since, self.until)
            and _within(paper.n_authors, self.min_authors, self.max_authors)
            and _within(paper.n_comments, self.min_comments, self.max_comments)
            and _within(paper.n_upvotes, self.min_upvotes, self.max_upvotes)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A marker of an answer resolved to the words it points at: `quote == abstract[start:end]` of its paper."""

    marker: int
    paper_id: str
    title: str
    published: date | None
    url: str | None
    quote: str
    start: int
    end: int

    @classmethod
    def of(cls, paper: Paper, span: tuple[int, int], *, marker: int) -> Citation:
        """The citation of a slice of a paper's abstract."""
        start, end = span
        return cls(
            marker=marker,
            paper_id=paper.paper_id,
            title=paper.title,
            published=paper.published,
            url=paper.link,
            quote=paper.abstract[start:end],
            start=start,
            end=end,
        )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"published": self.published.isoformat() if self.published else None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence of an answer, the markers it cites, and whether the cited words say it (`reason`: why, in words)."""

    text: str
    citations: tuple[int, ...]
    support: Support
    reason: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"citations": list(self.citations)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPaper:
    """A paper in the ranking behind an answer, cited or not."""

    paper_id: str
    title: str
    score: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"score": round(self.score, 4)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was searched: papers in the library, those that pass the filters, first and last date among the latter."""

    n_papers: int
    n_searched: int
    first: date | None
    last: date | None
    n_undated: int = 0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of language models behind an answer; `cost_usd` is None where the price is not known (0.0: no model)."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of the conversation before a question."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The result of a question. `to_dict` is the JSON of `askpapers ask --json` and of `answers.jsonl`.

    `rewritten` is the whole question that was answered where the one asked was a follow-up; `notes` say in words what else
    was understood: filters, the day that relative dates count from, spellings corrected, names that two papers share. `reason` is
    why nothing was answered or, "model_failed", why it was quoted though a model was to write; the text says it in words.
    """

    question: str
    text: str
    mode: Mode
    rewritten: str | None = None
    notes: tuple[str, ...] = ()
    model: str | None = None
    abstained: bool = False
    reason: str | None = None
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    papers: tuple[FoundPaper, ...] = ()
    unknown_markers: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)
    coverage: Coverage
    error: str | None = None
    usage: Usage = field(default_factory=Usage)
    timings_s: dict[str, float] = field(default_factory=dict)
    question_id: str | None = None

    def with_question_id(self, question_id: str) -> Answer:
        return replace(self, question_id=question_id)

    def to_dict(self) -> dict[str, Any]:
        return {
            "question_id": self.question_id,
            "question": self.question,
            "text": self.text,
            "mode": self.mode,
            "model": self.model,
            "abstained": self.abstained,
            "reason": self.reason,
            "claims": [claim.to_dict() for claim in self.claims],
            "citations": [citation.to_dict() for citation in self.citations],
            "papers": [paper.to_dict() for paper in self.papers],
            "unknown_markers": list(self.unknown_markers),
            "filters": self.filters.to_dict(),
            "coverage": self.coverage.to_dict(),
            "error": self.error,
            "usage": self.usage.to_dict(),
            "timings_s": {name: round(seconds, 4) for name, seconds in self.timings_s.items()},
            "rewritten": self.rewritten,
            "notes": list(self.notes),
        }


def day_number(day: date) -> int:
    """A day as an integer that sorts, YYYYMMDD: the indexes compare numbers, not dates."""
    return day.year * 10_000 + day.month * 100 + day.day


def is_source(name: str, wanted: str) -> bool:
    """Whether a source goes by a name: its own, or the last parts of its path."""
    return name == wanted or name.endswith(f"/{wanted.lstrip('/')}")


_COUNTS = frozenset({"n_authors", "n_comments", "n_upvotes"})
_LISTS = frozenset({"authors", "aliases", "seen_on"})
_NEVER_NONE = frozenset({"paper_id", "title", "abstract"})
_MOST = 2**62  # what an index can hold


def _sound(name: str, value: Any) -> Any:
    """A field's value as read from JSON: as it is where a paper can have it, else what stands for "not known"."""
    if name in _LISTS:
        return tuple(item for item in value if isinstance(item, str)) if isinstance(value, (list, tuple)) else ()
    if name in _COUNTS:
        return value if type(value) is int and 0 <= value <= _MOST else None
    if name == "published":
        try:
            return None if value is None else date.fromisoformat(value[:10])
        except (TypeError, ValueError):
            return None
    if name == "published_inferred":
        return value is True
    return value if isinstance(value, str) else "" if name in _NEVER_NONE else None


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _within(value: Any, low: Any, high: Any) -> bool:
    if low is None and high is None:
        return True
    return value is not None and (low is None or value >= low) and (high is None or value <= high)
