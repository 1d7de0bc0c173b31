"""The keyword index: BM25 over title and abstract, filters and exact counts. The only file that imports tantivy.

It is derived: everything in it can be made again from Chroma. Words are folded (case, accents), stop words dropped and
stems taken (Porter's English stemmer); besides single words, neighbouring pairs of stems are indexed in a field of
their own, so that "weight decay" counts for more where the two stand together. The weight of the pairs was chosen on
the development questions and SciFact train: nDCG@10 0.747 -> 0.750 there, 0.973 -> 0.978 on the questions.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, TypeVar

from rag.errors import LibraryDamaged, LibraryError
from rag.identity import keys
from rag.question_words import QUESTION_WORDS
from rag.schema import Coverage, Filters, Paper, day_number, is_source

PAIR_WEIGHT = 0.15
# Raised whenever the fields or the analysis below change; an index of another version is made anew.
INDEX_VERSION = "2"
_WRITER_BYTES = 64_000_000
_MOST_SOURCES = 10_000
_MOST_DAYS = 65_000  # distinct publication days that a breakdown may have

Field = Literal["published", "n_authors", "n_comments"]
Asked = Literal["published", "n_authors", "n_comments", "organisation"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many papers pass a filter, and the span of their dates (None when none is dated)."""

    n: int
    n_dated: int
    first: date | None
    last: date | None


class KeywordIndex:
    """tantivy in one folder."""

    def __init__(self, folder: Path) -> None:
        """Opens the index, or makes an empty one. An index that cannot be read raises LibraryDamaged."""
        import tantivy

        self._tantivy = tantivy
        self._folder = folder
        self._analyzer = _analyzer()
        self._lock = threading.Lock()
        self._derived: dict[str, Any] = {}
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._schema = _schema()
            self._index = tantivy.Index(self._schema, path=str(folder))
            self._index.register_tokenizer("stems", self._analyzer)
        except (ValueError, OSError) as error:
            raise LibraryDamaged(f"the keyword index in {folder} cannot be opened: {error}") from error

    def reload(self) -> None:
        """Makes what another process has committed visible."""
        self._derived = {}
        self._index.reload()

    def replace(self, papers: Iterable[Paper], removed: Sequence[str] = ()) -> None:
        """Puts papers in (replacing those of the same ids), takes `removed` ids out, and commits both at once."""
        with self._lock:
            try:
                writer = self._index.writer(_WRITER_BYTES, 1)
                try:
                    for paper_id in removed:
                        writer.delete_documents_by_term("paper_id", paper_id)
                    for paper in papers:
                        writer.delete_documents_by_term("paper_id", paper.paper_id)
                        writer.add_document(self._document(paper))
                    writer.commit()
                finally:
                    writer.wait_merging_threads()  # drops what was not committed, and tantivy's lock
            except (ValueError, TypeError, OverflowError, OSError) as error:
                why = (str(error).strip().splitlines() or [type(error).__name__])[0]
                raise LibraryError(f"could not write the keyword index in {self._folder}: {why}") from error
        self.reload()

    def search(self, text: str, n: int, filters: Filters) -> list[tuple[str, float]]:
        """The n best papers by BM25 that pass the filters: paper id and score (above 0), best first."""
        query = self._text_query(text)
        if query is None:
            return []
        tv = self._tantivy
        if (restriction := self._filter_query(filters)) is not None:
            query = tv.Query.boolean_query(
                [(tv.Occur.Must, query), (tv.Occur.Must, tv.Query.const_score_query(restriction, 0.0))]
            )
        searcher = self._index.searcher()
        hits = searcher.search(query, n, count=False).hits
        return [(searcher.doc(address)["paper_id"][0], float(score)) for score, address in hits]

    @property
    def n_papers(self) -> int:
        return int(self._index.searcher().num_docs)

    def stems(self, text: str) -> list[str]:
        """The stems that a text is indexed under, in order, without stop words."""
        return list(self._analyzer.analyze(text))

    def document_frequency(self, stem: str) -> int:
        """In how many papers a stem occurs."""
        return int(self._index.searcher().doc_freq("text", stem))

    def count(self, filters: Filters) -> Counted:
        """Exact numbers over the whole library."""
        query = self._filter_query(filters) or self._tantivy.Query.all_query()
        asked = {name: {name: {"field": "published"}} for name in ("min", "max", "value_count")}
        searcher = self._index.searcher()
        found = searcher.aggregate(query, asked)
        n = int(getattr(searcher.search(query, 1, count=True), "count", 0))
        n_dated = int(found["value_count"]["value"] or 0)
        first, last = (_day(found[name]["value"]) if n_dated else None for name in ("min", "max"))
        return Counted(n=n, n_dated=n_dated, first=first, last=last)

    def coverage(self, filters: Filters) -> Coverage:
        """What a search with these filters looks through."""
        found = self.count(filters)
        return Coverage(
            n_papers=self._index.searcher().num_docs,
            n_searched=found.n,
            first=found.first,
            last=found.last,
            n_undated=found.n - found.n_dated,
        )

    def sources(self) -> dict[str, int]:
        """How many papers each source held, by name."""
        query = self._tantivy.Query.all_query()
        asked = {"sources": {"terms": {"field": "seen_on", "size": _MOST_SOURCES}}}
        buckets = self._index.searcher().aggregate(query, asked)["sources"]["buckets"]
        return dict(sorted((bucket["key"], int(bucket["doc_count"])) for bucket in buckets))

    def stored(self) -> Iterator[tuple[str, str]]:
        """Every indexed paper: its id and the hash of the record that was indexed."""
        searcher = self._index.searcher()
        total = searcher.num_docs
        if not total:
            return
        for _, address in searcher.search(self._tantivy.Query.all_query(), total, count=False).hits:
            document = searcher.doc(address)
            yield document["paper_id"][0], document["record"][0]

    def owners(self, wanted: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The ids of the papers that have each key (`rag.identity`), sorted; keys that no paper has are left out."""
        searcher = self._index.searcher()
        if not wanted or not searcher.num_docs:
            return {}
        asked = set(wanted)
        found: dict[str, list[str]] = {}
        query = self._tantivy.Query.term_set_query(self._schema, "key", list(asked))
        for _, address in searcher.search(query, searcher.num_docs, count=False).hits:
            document = searcher.doc(address)
            for key in asked.intersection(document["key"]):
                found.setdefault(key, []).append(document["paper_id"][0])
        return {key: tuple(sorted(ids)) for key, ids in found.items()}

    def _text_query(self, text: str) -> Any:
        tv = self._tantivy
        stems = self.stems(_without_question_words(text)) or self.stems(text)
        if not stems:
            return None
        parts = [(tv.Occur.Should, tv.Query.term_query(self._schema, "text", stem)) for stem in stems]
        for pair in _pairs(stems):
            query = tv.Query.term_query(self._schema, "pairs", pair)
            parts.append((tv.Occur.Should, tv.Query.boost_query(query, PAIR_WEIGHT)))
        return tv.Query.boolean_query(parts)

    def _filter_query(self, filters: Filters) -> Any:
        """A query that exactly the matching papers satisfy; None when there is no restriction."""
        tv = self._tantivy
        parts = []
        for field, low, high in (
            ("published", _number(filters.since), _number(filters.until)),
            ("n_authors", filters.min_authors, filters.max_authors),
            ("n_comments", filters.min_comments, filters.max_comments),
        ):
            if low is not None or high is not None:
                parts.append(tv.Query.range_query(self._schema, field, tv.FieldType.Integer, low, high))
        if filters.organisation is not None:
            parts.append(tv.Query.term_query(self._schema, "organisation", filters.organisation.casefold()))
        if filters.organisations:
            names = [name.casefold() for name in filters.organisations]
            parts.append(tv.Query.term_set_query(self._schema, "organisation", names))
        if filters.source is not None:
            names = [name for name in self.derived("sources", self.sources) if is_source(name, filters.source)]
            parts.append(tv.Query.term_set_query(self._schema, "seen_on", names))
        if filters.paper_ids:
            parts.append(tv.Query.term_set_query(self._schema, "paper_id", list(filters.paper_ids)))
        return tv.Query.boolean_query([(tv.Occur.Must, part) for part in parts]) if parts else None

    def _document(self, paper: Paper) -> Any:
        text = f"{paper.title}\n{paper.abstract}"
        document = self._tantivy.Document(paper_id=[paper.paper_id], record=[paper.record_hash], text=[text])
        document.add_text("pairs", " ".join(_pairs(self.stems(text))))
        for field, value in (
            ("published", _number(paper.published)),
            ("n_authors", paper.n_authors),
            ("n_comments", paper.n_comments),
        ):
            if value is not None:
                document.add_integer(field, value)
        for name in {(paper.organisation or "").casefold(), (paper.organisation_slug or "").casefold()} - {""}:
            document.add_text("organisation", name)
        for source in paper.seen_on:
            document.add_text("seen_on", source)
        for key in keys(paper):
            document.add_text("key", key)
        return document

    # Exact answers about the library. `groups` cuts by topic: a paper passes when all stems of one group occur in it.

    def derived(self, name: str, make: Callable[[], T]) -> T:
        """What `make` returns, made once for this state of the index: forgotten when papers are put in or taken out."""
        known = self._derived
        if name not in known:
            known[name] = make()
        made: T = known[name]
        return made

    def n_matching(self, filters: Filters, groups: Sequence[Sequence[str]] = (), has: Sequence[Asked] = ()) -> int:
        """How many papers pass the filters, are on the topic and have the fields of `has`."""
        return self._n(self._parts(filters, groups) + [self._has(field) for field in has])

    def n_undecided(self, filters: Filters, groups: Sequence[Sequence[str]] = (), has: Sequence[Asked] = ()) -> int:
        """How many papers would pass if they had the fields asked for (by the filters or `has`), and lack one of
        them.
        """
        tv = self._tantivy
        loose = self._parts(Filters(paper_ids=filters.paper_ids, source=filters.source), groups)
        for field, part in self._field_parts(filters):
            lacks = tv.Query.boolean_query(
                [(tv.Occur.Must, tv.Query.all_query()), (tv.Occur.MustNot, self._has(field))]
            )
            loose.append(tv.Query.boolean_query([(tv.Occur.Should, part), (tv.Occur.Should, lacks)]))
        return self._n(loose) - self.n_matching(filters, groups, has)

    def n_with_phrase(self, text: str) -> int:
        """In how many papers the stems of a text stand side by side, pair by pair; of one stem, in how many it
        occurs.
        """
        stems = self.stems(text)
        if len(stems) < 2:
            return self.document_frequency(stems[0]) if stems else 0
        tv = self._tantivy
        return self._n([tv.Query.term_query(self._schema, "pairs", pair) for pair in _pairs(stems)])

    def ordered(
        self, filters: Filters, field: Field, n: int, *, ascending: bool = False, groups: Sequence[Sequence[str]] = ()
    ) -> list[str]:
        """Ids of the n matching papers with the largest (or smallest) values of a field; papers without it are left
        out.
        """
        tv, searcher = self._tantivy, self._index.searcher()
        query = self._all([*self._parts(filters, groups), self._has(field)])
        order = tv.Order.Asc if ascending else tv.Order.Desc
        hits = searcher.search(query, max(n, 1), count=False, order_by_field=field, order=order).hits
        return [searcher.doc(address)["paper_id"][0] for _, address in hits[:n]]

    def matching(self, filters: Filters, n: int, *, groups: Sequence[Sequence[str]] = ()) -> list[str]:
        """Ids of up to n matching papers, in no promised order."""
        searcher = self._index.searcher()
        hits = searcher.search(self._all(self._parts(filters, groups)), max(n, 1), count=False).hits
        return [searcher.doc(address)["paper_id"][0] for _, address in hits[:n]]

    def grouped(self, filters: Filters, field: Field, *, groups: Sequence[Sequence[str]] = ()) -> dict[int, int]:
        """How many matching papers have each value of a field (days as YYYYMMDD), by value."""
        asked = {"values": {"terms": {"field": field, "size": _MOST_DAYS}}}
        found = self._index.searcher().aggregate(self._all(self._parts(filters, groups)), asked)["values"]["buckets"]
        return dict(sorted((int(bucket["key"]), int(bucket["doc_count"])) for bucket in found))

    def _parts(self, filters: Filters, groups: Sequence[Sequence[str]]) -> list[Any]:
        tv = self._tantivy
        restriction = self._filter_query(filters)
        parts = [restriction] if restriction is not None else []
        if groups:
            sides = [self._all([tv.Query.term_query(self._schema, "text", stem) for stem in group]) for group in groups]
            parts.append(tv.Query.boolean_query([(tv.Occur.Should, side) for side in sides]))
        return parts

    def _field_parts(self, filters: Filters) -> list[tuple[Asked, Any]]:
        """The restrictions of a filter one by one, each with the field that it asks for."""
        alone: list[tuple[Asked, Filters]] = [
            ("published", Filters(since=filters.since, until=filters.until)),
            ("n_authors", Filters(min_authors=filters.min_authors, max_authors=filters.max_authors)),
            ("n_comments", Filters(min_comments=filters.min_comments, max_comments=filters.max_comments)),
            (
                "organisation",
                Filters(organisation=filters.organisation, organisations=filters.organisations),
            ),
        ]
        return [(field, self._filter_query(one)) for field, one in alone if one]

    def _has(self, field: Asked) -> Any:
        tv = self._tantivy
        if field == "organisation":
            return tv.Query.regex_query(self._schema, "organisation", ".+")
        return tv.Query.range_query(self._schema, field, tv.FieldType.Integer, 0, None)

    def _all(self, parts: Sequence[Any]) -> Any:
        tv = self._tantivy
        return tv.Query.boolean_query([(tv.Occur.Must, part) for part in parts]) if parts else tv.Query.all_query()

    def _n(self, parts: Sequence[Any]) -> int:
        found: Any = self._index.searcher().search(self._all(parts), 1, count=True)
        return int(found.count)


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("paper_id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("record", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name="stems", index_option="freq")
    builder.add_text_field("pairs", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("organisation", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("seen_on", tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("published", "n_authors", "n_comments"):
        builder.add_integer_field(name, indexed=True, fast=True)
    return builder.build()


def _analyzer() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for step in (Filter.lowercase(), Filter.ascii_fold(), Filter.stopword("english"), Filter.stemmer("english")):
        builder = builder.filter(step)
    return builder.build()


def _without_question_words(text: str) -> str:
    return " ".join(word for word in text.split() if re.sub(r"[^\w]", "", word).casefold() not in QUESTION_WORDS)


def _pairs(stems: Sequence[str]) -> list[str]:
    return [f"{left}_{right}" for left, right in pairwise(stems)]


def _number(day: date | None) -> int | None:
    return None if day is None else day_number(day)


def _day(number: float) -> date:
    value = int(number)
    return date(value // 10_000, value // 100 % 100, value % 100)
