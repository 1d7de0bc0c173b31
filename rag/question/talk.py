"""The conversation as follow-ups need it: the last question, its filters and papers, and how a question leans on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from dataclasses import field as field_
from typing import Literal

from rag.question.conditions import Condition
from rag.question.kind import FieldAsked, Intent, Order, Per, Recorded
from rag.question.names import Shelf
from rag.schema import Filters

How = Literal["ellipsis", "pronoun", "ordinal", "these", "narrower", "subjectless"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """The conversation so far. `names` are the papers' names as the conversation uses them, beside `papers`; `by_marker` the
    papers that the last answer's markers cite, `listed` the last papers that came several together, `recent` those that came
    one by one since. `base` is the last question that was not about one paper."""

    question: str
    text: str
    intent: Intent
    topic: str
    filters: Filters
    standing: bool = False
    order: Order | None = None
    limit: int | None = None
    per: Per | None = None
    field: FieldAsked | None = None
    focus: str | None = None
    papers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    by_marker: tuple[tuple[int, str], ...] = ()
    listed: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    lacks: Recorded | None = None
    has: Recorded | None = None
    left_out: Filters = field_(default_factory=Filters)
    base: Talk | None = None
    condition: Condition | None = None
    without_topic: str = ""
    refused: str = ""

    def several(self) -> tuple[str, ...]:
        """The papers that "the second one" counts through."""
        return self.papers if len(self.papers) > 1 or not self.listed else self.listed

    def group(self) -> tuple[str, ...]:
        """The papers that "these" and "compare them" mean."""
        return self.recent if len(self.papers) < 2 and len(self.recent) > 1 else self.several()

    def freed(self, names: Collection[str]) -> Talk:
        """The same talk without some fields of its filters."""
        kept = Filters(
            **{one.name: getattr(self.filters, one.name) for one in fields(Filters) if one.name not in names}
        )
        return replace(
            self, filters=kept, base=None if self.base is None or self.base is self else self.base.freed(names)
        )

    def name_of(self, paper_id: str, shelf: Shelf) -> str:
        if paper_id in self.papers and (name := self.names[self.papers.index(paper_id)]):
            return name
        return shelf.label(paper_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """How a question leans on what was said: by what, where in the text, and for "the second one" which (from 0; -1 last);
    `absent` when there are not so many."""

    how: How
    start: int = 0
    end: int = 0
    which: int | None = None
    absent: bool = False
