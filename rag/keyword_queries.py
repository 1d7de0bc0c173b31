"""Filters, topics and search words as queries of the keyword index.

tantivy's module and the index's schema are given, so that `rag.keywords` stays the only file that imports tantivy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Literal

from rag.keyword_fields import pairs
from rag.question.words import QUESTION_WORDS
from rag.schema import Filters, day_number, is_source

PAIR_WEIGHT = 0.15

Field = Literal["published", "n_authors", "n_comments"]
Asked = Literal["published", "n_authors", "n_comments", "organisation"]


class Queries:
    """Makes queries; `sources` gives the names of all sources, `stems` takes a text apart."""

    def __init__(
        self, tantivy: Any, schema: Any, *, stems: Callable[[str], list[str]], sources: Callable[[], Iterable[str]]
    ) -> None:
        self._tv = tantivy
        self._schema = schema
        self._stems = stems
        self._sources = sources

    def every(self, parts: Sequence[Any]) -> Any:
        """What satisfies all of the parts; every paper when there are none."""
        tv = self._tv
        return tv.Query.boolean_query([(tv.Occur.Must, part) for part in parts]) if parts else tv.Query.all_query()

    def term(self, field: str, value: str) -> Any:
        return self._tv.Query.term_query(self._schema, field, value)

    def one_of(self, field: str, values: Iterable[str]) -> Any:
        return self._tv.Query.term_set_query(self._schema, field, list(values))

    def text(self, text: str, restriction: Any | None) -> Any | None:
        """Papers with words of a text, scored, among those that satisfy the restriction; None when it has no words."""
        tv = self._tv
        stems = self._stems(_without_question_words(text)) or self._stems(text)
        if not stems:
            return None
        parts = [(tv.Occur.Should, self.term("text", stem)) for stem in stems]
        parts += [
            (tv.Occur.Should, tv.Query.boost_query(self.term("pairs", pair), PAIR_WEIGHT)) for pair in pairs(stems)
        ]
        query = tv.Query.boolean_query(parts)
        if restriction is None:
            return query
        return tv.Query.boolean_query(
            [(tv.Occur.Must, query), (tv.Occur.Must, tv.Query.const_score_query(restriction, 0.0))]
        )

    def parts(
        self,
        filters: Filters,
        groups: Sequence[Sequence[str]] = (),
        has: Sequence[Asked] = (),
        lacks: Sequence[Asked] = (),
        out: Filters | None = None,
    ) -> list[Any]:
        """What papers must satisfy that pass the filters, are on the topic (all stems of one group), have and lack fields,
        and do not pass `out`.
        """
        tv = self._tv
        restriction = self.filters(filters)
        parts = [restriction] if restriction is not None else []
        if groups:
            sides = [self.every([self.term("text", stem) for stem in group]) for group in groups]
            parts.append(tv.Query.boolean_query([(tv.Occur.Should, side) for side in sides]))
        parts += [self._has(field) for field in has]
        parts += [self._not(self._has(field)) for field in lacks]
        if out and (restriction := self.filters(out)) is not None:
            parts.append(self._not(restriction))
        return parts

    def undecided(self, filters: Filters, groups: Sequence[Sequence[str]]) -> list[Any]:
        """As `parts`, passed also by papers that lack a field that the filters ask for."""
        tv = self._tv
        parts = self.parts(Filters(paper_ids=filters.paper_ids, source=filters.source), groups)
        alone: list[tuple[Asked, Filters]] = [
            ("published", Filters(since=filters.since, until=filters.until)),
            ("n_authors", Filters(min_authors=filters.min_authors, max_authors=filters.max_authors)),
            ("n_comments", Filters(min_comments=filters.min_comments, max_comments=filters.max_comments)),
            ("organisation", Filters(organisation=filters.organisation, organisations=filters.organisations)),
        ]
        for field, one in alone:
            if one:
                lacking = self._not(self._has(field))
                parts.append(tv.Query.boolean_query([(tv.Occur.Should, self.filters(one)), (tv.Occur.Should, lacking)]))
        return parts

    def filters(self, filters: Filters) -> Any | None:
        """A query that exactly the matching papers satisfy; None when there is no restriction."""
        tv = self._tv
        parts = []
        for field, low, high in (
            ("published", _number(filters.since), _number(filters.until)),
            ("n_authors", filters.min_authors, filters.max_authors),
            ("n_comments", filters.min_comments, filters.max_comments),
        ):
            if low is not None or high is not None:
                parts.append(tv.Query.range_query(self._schema, field, tv.FieldType.Integer, low, high))
        if filters.organisation is not None:
            parts.append(self.term("organisation", filters.organisation.casefold()))
        if filters.organisations:
            parts.append(self.one_of("organisation", [name.casefold() for name in filters.organisations]))
        if filters.source is not None:
            parts.append(self.one_of("seen_on", [name for name in self._sources() if is_source(name, filters.source)]))
        if filters.paper_ids:
            parts.append(self.one_of("paper_id", filters.paper_ids))
        return self.every(parts) if parts else None

    def _has(self, field: Asked) -> Any:
        tv = self._tv
        if field == "organisation":
            return tv.Query.exists_query("affiliation")
        return tv.Query.range_query(self._schema, field, tv.FieldType.Integer, 0, None)

    def _not(self, query: Any) -> Any:
        tv = self._tv
        return tv.Query.boolean_query([(tv.Occur.Must, tv.Query.all_query()), (tv.Occur.MustNot, query)])


def _without_question_words(text: str) -> str:
    return " ".join(word for word in text.split() if re.sub(r"[^\w]", "", word).casefold() not in QUESTION_WORDS)


def _number(day: date | None) -> int | None:
    return None if day is None else day_number(day)
