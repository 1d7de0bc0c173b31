"""The keyword index: BM25 over title and abstract, filters and exact counts. The only file that imports tantivy.

It is derived: everything in it can be made again from Chroma. Words are folded (case, accents), numbers and plurals of
abbreviations written one way, stop words dropped and stems taken (Porter's English stemmer); besides single words,
neighbouring pairs of stems are indexed in a field of their own, so that "weight decay" counts for more where the two stand
together. The weight of the pairs was chosen on the development questions and SciFact train: nDCG@10 0.747 -> 0.750 there,
0.973 -> 0.978 on the questions.

Names of papers, plain words and organisations have fields of their own (`rag.keyword_fields`), so that reading a question
asks the index for the question's own words and never walks the papers.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar

from rag.errors import LibraryDamaged, LibraryError
from rag.keyword_fields import Card, affiliation, fields, pairs, spelt_start, unspelt, writer
from rag.keyword_queries import Asked, Field, Queries
from rag.schema import Coverage, Filters, Paper

__all__ = ["INDEX_VERSION", "Asked", "Counted", "Field", "KeywordIndex"]

# Raised whenever the fields or the analysis below change; an index of another version is made anew.
INDEX_VERSION = "4"
_WRITER_BYTES = 64_000_000
_MOST_BUCKETS = 65_000  # distinct days, organisations or sources that a breakdown may have
_MOST_CARDS = 200  # papers of one name that are read

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
        except (ValueError, OSError) as error:
            raise LibraryDamaged(f"the keyword index in {folder} cannot be opened: {error}") from error
        self._queries = Queries(
            tantivy, self._schema, stems=self.stems, sources=lambda: self.derived("sources", self.sources)
        )

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
                        writer.add_document(self._tantivy.Document(**fields(paper, self.stems)))
                    writer.commit()
                finally:
                    writer.wait_merging_threads()  # drops what was not committed, and tantivy's lock
            except (AttributeError, ValueError, TypeError, OverflowError, OSError) as error:
                why = (str(error).strip().splitlines() or [type(error).__name__])[0]
                raise LibraryError(f"could not write the keyword index in {self._folder}: {why}") from error
        self.reload()

    def search(self, text: str, n: int, filters: Filters) -> list[tuple[str, float]]:
        """The n best papers by BM25 that pass the filters: paper id and score (above 0), best first."""
        from rag.abbreviation_meanings import meanings

        alike = [(one.stems, one.others) for one in meanings(text, self)]
        query = self._queries.text(text, self._queries.filters(filters), alike, self._rarity)
        if query is None:
            return []
        searcher = self._index.searcher()
        hits = searcher.search(query, n, count=False).hits
        return [(searcher.doc(address)["paper_id"][0], float(score)) for score, address in hits]

    def _rarity(self, stems: tuple[str, ...]) -> float:
        """What having some stems counts, by the papers that have them side by side, as BM25 weighs a word."""
        n = min(
            self.document_frequency(stem) if field == "text" else int(self._index.searcher().doc_freq("pairs", stem))
            for field, stem in ([("text", stems[0])] if len(stems) == 1 else [("pairs", pair) for pair in pairs(stems)])
        )
        return math.log(1 + (self.n_papers - n + 0.5) / (n + 0.5)) if n else 0.0

    @property
    def n_papers(self) -> int:
        return int(self._index.searcher().num_docs)

    def stems(self, text: str) -> list[str]:
        """The stems that a text is indexed under, in order, without stop words."""
        return list(self._analyzer.analyze(_written_alike(text)))

    def document_frequency(self, stem: str) -> int:
        """In how many papers a stem occurs."""
        return int(self._index.searcher().doc_freq("text", stem))

    def count(self, filters: Filters) -> Counted:
        """Exact numbers over the whole library."""
        query = self._queries.every(self._queries.parts(filters))
        asked = {name: {name: {"field": "published"}} for name in ("min", "max", "value_count")}
        searcher = self._index.searcher()
        found = searcher.aggregate(query, asked)
        n = int(getattr(searcher.search(query, 1, count=True), "count", 0))
        n_dated = int(found["value_count"]["value"] or 0)
        first, last = (_day(found[name]["value"]) if n_dated else None for name in ("min", "max"))
        return Counted(n=n, n_dated=n_dated, first=first, last=last)

    def coverage(self, filters: Filters) -> Coverage:
        """What a search with these filters looks through."""
        found = self.count(filters) if filters else self.derived("count", lambda: self.count(filters))
        return Coverage(
            n_papers=self._index.searcher().num_docs,
            n_searched=found.n,
            first=found.first,
            last=found.last,
            n_undated=found.n - found.n_dated,
        )

    def sources(self) -> dict[str, int]:
        """How many papers each source held, by name."""
        return dict(sorted(self._buckets("seen_on", [])))

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
        query = self._queries.one_of("key", asked)
        for _, address in searcher.search(query, searcher.num_docs, count=False).hits:
            document = searcher.doc(address)
            for key in asked.intersection(document["key"]):
                found.setdefault(key, []).append(document["paper_id"][0])
        return {key: tuple(sorted(ids)) for key, ids in found.items()}

    # Names and words

    def cards(self, field: Literal["name", "introduced", "paper_id"], value: str, n: int = _MOST_CARDS) -> list[Card]:
        """The cards of up to n papers that have a value in a field, by id; names are folded."""
        searcher = self._index.searcher()
        if not value or not searcher.doc_freq(field, value):
            return []
        return self._cards(searcher, self._queries.term(field, value), n)

    def cards_near(self, name: str, n_slips: int, n: int = _MOST_CARDS) -> list[Card]:
        """The cards of up to n papers that have a name with at most so many slips (2 at most): letters missing, too many,
        replaced, or two neighbours swapped.
        """
        query = self._tantivy.Query.fuzzy_term_query(self._schema, "name", name, distance=n_slips)
        return self._cards(self._index.searcher(), query, n)

    def words_from(self, start: str) -> dict[str, int]:
        """The plain words that begin so, and in about how many papers each stands (papers taken out may still count)."""
        return dict(self._index.searcher().terms_with_prefix("words", start))

    def spelt_out(self, short: str) -> list[tuple[str, int]]:
        """The phrases that papers spell an abbreviation out with, and in about how many papers."""
        found = self._index.searcher().terms_with_prefix("spelt", spelt_start(short))
        return [(unspelt(value)[1], n) for value, n in found]

    def abbreviated(self, start: str) -> list[tuple[str, str]]:
        """The phrases that begin with some stems and that papers abbreviate, as stems, each with its abbreviation."""
        return [unspelt(value) for value, _ in self._index.searcher().terms_with_prefix("spelt", start) if " " in start]

    def n_with_word(self, word: str) -> int:
        """In how many papers a plain word stands, not its stem."""
        return self._n([self._queries.term("words", word)])

    def organisations(
        self, filters: Filters | None = None, groups: Sequence[Sequence[str]] = ()
    ) -> dict[tuple[str, str], int]:
        """How many matching papers each organisation has, by its name and short name; those with most papers first."""
        found = self._buckets("affiliation", self._queries.parts(filters or Filters(), groups))
        counts = {affiliation(value): n for value, n in found}
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def writers(self, filters: Filters | None = None, groups: Sequence[Sequence[str]] = ()) -> dict[str, int]:
        """How many matching papers each author has, those with most papers first; names that differ in case or accents only
        are one.
        """
        names: dict[str, str] = {}
        counts: dict[str, int] = {}
        for value, n in self._buckets("writer", self._queries.parts(filters or Filters(), groups)):
            key, name = writer(value)
            counts[key] = counts.get(key, 0) + n
            if names.setdefault(key, name).isascii():  # of two spellings the one with its accents
                names[key] = name
        return {names[key]: n for key, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))}

    def has_author(self, key: str) -> bool:
        """Whether some author here goes by a folded name (`rag.persons.name_keys`)."""
        return bool(key) and bool(self._index.searcher().doc_freq("author", key))

    def _cards(self, searcher: Any, query: Any, n: int) -> list[Card]:
        documents = [searcher.doc(address) for _, address in searcher.search(query, n, count=False).hits]
        found = [Card.from_bytes(document["paper_id"][0], document["card"][0]) for document in documents]
        return sorted(found, key=lambda card: card.paper_id)

    # Exact answers about the library. `groups` cuts by topic: a paper passes when all stems of one group occur in it.

    def derived(self, name: str, make: Callable[[], T]) -> T:
        """What `make` returns, made once for this state of the index: forgotten when papers are put in or taken out."""
        known = self._derived
        if name not in known:
            known[name] = make()
        made: T = known[name]
        return made

    def n_matching(
        self,
        filters: Filters,
        groups: Sequence[Sequence[str]] = (),
        has: Sequence[Asked] = (),
        lacks: Sequence[Asked] = (),
        out: Filters | None = None,
    ) -> int:
        """How many papers pass the filters, are on the topic, have the fields of `has`, lack those of `lacks` and do not
        pass `out`.
        """
        return self._n(self._queries.parts(filters, groups, has, lacks, out))

    def n_undecided(self, filters: Filters, groups: Sequence[Sequence[str]] = (), has: Sequence[Asked] = ()) -> int:
        """How many papers would pass if they had the fields asked for (by the filters or `has`), and lack one of
        them.
        """
        return self._n(self._queries.undecided(filters, groups)) - self.n_matching(filters, groups, has)

    def n_with_phrase(self, text: str) -> int:
        """In how many papers the stems of a text stand side by side, pair by pair; of one stem, in how many it
        occurs.
        """
        return self.n_side_by_side(self.stems(text))

    def n_side_by_side(self, stems: Sequence[str]) -> int:
        """As `n_with_phrase`, of stems."""
        if len(stems) < 2:
            return self.document_frequency(stems[0]) if stems else 0
        if len(stems) == 2:
            return int(self._index.searcher().doc_freq("pairs", pairs(stems)[0]))
        return self._n([self._queries.term("pairs", pair) for pair in pairs(stems)])

    def ordered(
        self,
        filters: Filters,
        field: Field,
        n: int,
        *,
        ascending: bool = False,
        groups: Sequence[Sequence[str]] = (),
        has: Sequence[Asked] = (),
        lacks: Sequence[Asked] = (),
        out: Filters | None = None,
    ) -> list[str]:
        """Ids of the n matching papers with the largest (or smallest) values of a field; papers without it are left
        out.
        """
        return self._sorted(self._queries.parts(filters, groups, [*has, field], lacks, out), n, field, ascending)

    def matching(
        self,
        filters: Filters,
        n: int,
        *,
        groups: Sequence[Sequence[str]] = (),
        has: Sequence[Asked] = (),
        lacks: Sequence[Asked] = (),
        out: Filters | None = None,
    ) -> list[str]:
        """Ids of up to n matching papers: the first ones, sorted."""
        return self._sorted(self._queries.parts(filters, groups, has, lacks, out), n, "paper_id", True)

    def grouped(self, filters: Filters, field: Field, *, groups: Sequence[Sequence[str]] = ()) -> dict[int, int]:
        """How many matching papers have each value of a field (days as YYYYMMDD), by value."""
        counts = self._buckets(field, self._queries.parts(filters, groups))
        return dict(sorted((int(value), n) for value, n in counts))

    def _sorted(self, parts: Sequence[Any], n: int, field: str, ascending: bool) -> list[str]:
        order = self._tantivy.Order.Asc if ascending else self._tantivy.Order.Desc
        searcher = self._index.searcher()
        hits = searcher.search(
            self._queries.every(parts), max(n, 1), count=False, order_by_field=field, order=order
        ).hits
        return [searcher.doc(address)["paper_id"][0] for _, address in hits[:n]]

    def _buckets(self, field: str, parts: Sequence[Any]) -> list[tuple[Any, int]]:
        """The values of a field, each with the number of papers that satisfy the parts and have it."""
        asked = {"values": {"terms": {"field": field, "size": _MOST_BUCKETS}}}
        found = self._index.searcher().aggregate(self._queries.every(parts), asked)["values"]["buckets"]
        return [(bucket["key"], int(bucket["doc_count"])) for bucket in found]

    def _n(self, parts: Sequence[Any]) -> int:
        found: Any = self._index.searcher().search(self._queries.every(parts), 1, count=True)
        return int(found.count)


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("paper_id", stored=True, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("record", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("pairs", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("organisation", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("seen_on", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("affiliation", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("name", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("introduced", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("spelt", tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("card", stored=True, indexed=False)
    builder.add_text_field("has", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("author", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("writer", tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("published", "n_authors", "n_comments", "n_upvotes"):
        builder.add_integer_field(name, indexed=True, fast=True)
    return builder.build()


def _analyzer() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for step in (Filter.lowercase(), Filter.ascii_fold(), Filter.stopword("english"), Filter.stemmer("english")):
        builder = builder.filter(step)
    return builder.build()


# One form for what is written in several: "1,000" and "1000.0" are 1000, "LLMs" are LLM.
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:(?:,|\{,\})\d{3})+(?![\d,])")
_WHOLE = re.compile(r"(?<![\d.])(\d+)\.0+(?![\d.]*\d)")
_PLURAL = re.compile(r"(?<![^\W_])([^\W_]*[A-Z][^\W_]*[A-Z0-9])s(?![^\W_])")


def _written_alike(text: str) -> str:
    text = _PLURAL.sub(r"\1", text)
    if "," in text:
        text = _THOUSANDS.sub(lambda match: re.sub(r"[{,}]", "", match[0]), text)
    return _WHOLE.sub(r"\1", text) if ".0" in text else text


def _day(number: float) -> date:
    value = int(number)
    return date(value // 10_000, value // 100 % 100, value % 100)
