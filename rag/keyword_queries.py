"""Filters, topics and search words as queries of the keyword index.

tantivy's module and the index's schema are given, so that `rag.keywords` stays the only file that imports tantivy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Literal

from rag.keyword_fields import pairs
from rag.persons import name_key
from rag.question.kind import Recorded
from rag.question.words import QUESTION_WORDS
from rag.schema import Filters, day_number, is_source

PAIR_WEIGHT = 0.15

Stems = tuple[str, ...]
# Stems of a text, and what says the same.
Alike = tuple[Stems, Sequence[Stems]]
Field = Literal["published", "n_authors", "n_comments", "n_upvotes"]
# What a paper may have or lack. It also has "code_url" where its abstract says that code is released: "code_said" where only
# that does.
Asked = Literal[Recorded, "code_said"]


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

    def text(
        self, text: str, restriction: Any | None, alike: Sequence[Alike] = (), weigh: Callable[[Stems], float] = len
    ) -> Any | None:
        """Papers with words of a text, scored, among those that satisfy the restriction; None when it has no words.

        `alike` are abbreviations of the text and phrases that are abbreviated, each with what says the same: a paper with
        that has the words, too. `weigh` says what having some stems side by side counts.
        """
        tv = self._tv
        stems = self._stems(_without_question_words(text)) or self._stems(text)
        if not stems:
            return None
        others: dict[str, list[Stems]] = {}
        for said, same in alike:
            for stem in said:
                others.setdefault(stem, []).extend(same)
        parts = [(tv.Occur.Should, self._either(stem, others.get(stem, ()), weigh)) for stem in stems]
        parts += [
            (tv.Occur.Should, tv.Query.boost_query(self.term("pairs", pair), PAIR_WEIGHT)) for pair in pairs(stems)
        ]
        query = tv.Query.boolean_query(parts)
        if restriction is None:
            return query
        return tv.Query.boolean_query(
            [(tv.Occur.Must, query), (tv.Occur.Must, tv.Query.const_score_query(restriction, 0.0))]
        )

    def _either(self, stem: str, others: Sequence[Stems], weigh: Callable[[Stems], float]) -> Any:
        """A stem or what says the same, whichever counts more; both count as much as the more frequent one."""
        tv = self._tv
        own = self.term("text", stem)
        if not others:
            return own
        weights = {one: weigh(one) for one in {(stem,), *others}}
        least = min(weight for weight in weights.values() if weight > 0)
        sides = []
        for one, weight in weights.items():
            query = self.phrase(one)
            n_terms = max(len(one) - 1, 1)
            sides.append(tv.Query.boost_query(query, min(least / weight, 1.0) / n_terms) if weight > 0 else query)
        return tv.Query.disjunction_max_query(sides)

    def phrase(self, stems: Stems) -> Any:
        """Papers in which stems stand side by side, pair by pair; one stem in any place."""
        if len(stems) == 1:
            return self.term("text", stems[0])
        return self.every([self.term("pairs", pair) for pair in pairs(stems)])

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
            ("n_upvotes", Filters(min_upvotes=filters.min_upvotes, max_upvotes=filters.max_upvotes)),
            ("authors", Filters(author=filters.author)),
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
            ("n_upvotes", filters.min_upvotes, filters.max_upvotes),
        ):
            if low is not None or high is not None:
                parts.append(tv.Query.range_query(self._schema, field, tv.FieldType.Integer, low, high))
        if filters.organisation is not None:
            parts.append(self.term("organisation", filters.organisation.casefold()))
        if filters.organisations:
            parts.append(self.one_of("organisation", [name.casefold() for name in filters.organisations]))
        if filters.author is not None:
            parts.append(self.term("author", name_key(filters.author)))
        if filters.source is not None:
            parts.append(self.one_of("seen_on", [name for name in self._sources() if is_source(name, filters.source)]))
        if filters.paper_ids:
            parts.append(self.one_of("paper_id", filters.paper_ids))
        return self.every(parts) if parts else None

    def _has(self, field: Asked) -> Any:
        tv = self._tv
        if field == "organisation":
            return tv.Query.exists_query("affiliation")
        if field == "code_url":
            return self.one_of("has", ("code_url", "code_said"))
        if field in ("authors", "url", "arxiv_id", "doi", "code_said"):
            return self.term("has", field)
        return tv.Query.range_query(self._schema, field, tv.FieldType.Integer, 0, None)

    def _not(self, query: Any) -> Any:
        tv = self._tv
        return tv.Query.boolean_query([(tv.Occur.Must, tv.Query.all_query()), (tv.Occur.MustNot, query)])


def _without_question_words(text: str) -> str:
    return " ".join(word for word in text.split() if re.sub(r"[^\w]", "", word).casefold() not in QUESTION_WORDS)


def _number(day: date | None) -> int | None:
    return None if day is None else day_number(day)
