"""The shapes of records that other programs write, each brought to one: usual column names with plain values.

Every reader of records (JSON, tables, Parquet) comes through `Shape`: what Daily Papers, arXiv's snapshot, Semantic Scholar,
Crossref, OpenAlex, OpenReview, Zotero and Hugging Face nest is found wherever it was saved. A record inside another
({"row": {…}}, {"data": {…}}, {"content": {"title": {"value": …}}}) is looked for where the outer one has no title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ingest.sources.cells import mapping as mapping_of
from ingest.sources.cells import objects
from ingest.sources.columns import fields_of, is_paper, pick

_KNOWN_KEYS = 64
_MOST_KEYS = 1_000
_MOST_WORDS = 200_000
_WORDS = frozenset({"title", "abstract"})
# Keys that only a library's export has, all of them.
SIGNS = frozenset({"paper_id", "published_inferred", "seen_on"})
# Keys, folded, that are no column's name and that a shape is told by: a reader of tables reads these, too.
NESTED = frozenset(
    "paper versions updatedate authorsparsed externalids abstractinvertedindex authorships primarylocation ids displayname"
    " issued publishedprint publishedonline".split()
)


class Shape:
    """Brings records to raw values by field. What is worked out of keys is worked out once for records of the same keys."""

    def __init__(self, mapping: Sequence[tuple[str, str]] = ()) -> None:
        self.mapping = mapping
        self._fields: dict[tuple[str, ...], dict[str, list[str]]] = {}

    def raw(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Raw values by field of a paper; a mapping by the user wins, and reaches into the record as it was."""
        plain = flat(record, has_words=bool(self.mapping) or not self._fields_of(record).keys().isdisjoint(_WORDS))
        raw = pick(plain, self._fields_of(plain))
        for field, column in self.mapping:
            raw.pop(field, None)
            raw |= {name: _unwrapped(value) for name, value in pick(record, {field: [column]}).items()}
        return raw

    def _fields_of(self, record: Mapping[str, Any]) -> dict[str, list[str]]:
        keys = tuple(record)
        if keys not in self._fields:
            if len(self._fields) >= _KNOWN_KEYS:
                self._fields.clear()
            self._fields[keys] = fields_of(keys[:_MOST_KEYS])
        return self._fields[keys]


def flat(record: Mapping[str, Any], *, has_words: bool = False) -> Mapping[str, Any]:
    """The record with what is nested in it under usual names; the same record where nothing is.

    `has_words`: it has a title or an abstract itself, or a mapping says where they are; no record inside is looked for.

    >>> flat({"row_idx": 0, "row": {"title": "A", "abstract": "It folds."}})["title"]
    'A'
    """
    if isinstance(record.get("paper"), Mapping):
        return _daily_paper(record)
    if not has_words:
        record = _inner(record)
    if any(isinstance(value, Mapping) and "value" in value for value in record.values()):
        record = {name: _unwrapped(value) for name, value in record.items()}
    if "versions" in record or "authors_parsed" in record:
        record = _snapshot(record)
    for name in ("externalIds", "externalids", "external_ids"):
        if ids := mapping_of(record.get(name)):
            folded = {key.casefold(): value for key, value in ids.items()}
            record = _filled(record, {"arxiv_id": folded.get("arxiv"), "doi": folded.get("doi")})
    if "abstract_inverted_index" in record:
        record = _openalex(record)
    return record


def rank_of(columns: Iterable[str] | Mapping[str, Any], mapping: Sequence[tuple[str, str]] = ()) -> int:
    """What a record with these columns (of objects: with what they hold) can be: 2 a paper, 1 has a title or an abstract, 0."""
    there = columns if isinstance(columns, Mapping) else dict.fromkeys(columns)
    mapped = [(field, column) for field, column in mapping if column in there or column.partition(".")[0] in there]
    if is_paper(there, mapped):
        return 2
    fields = fields_of(flat(there, has_words=bool(mapped)), mapped)
    return sum(name in fields for name in _WORDS)


def _daily_paper(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of the Daily Papers API, or of the data inside its page, as one object."""
    paper = dict(entry["paper"])
    for name in ("title", "summary", "publishedAt", "organization", "numComments", "upvotes"):
        if not paper.get(name) and entry.get(name) is not None:
            paper[name] = entry[name]
    # "publishedAt" is the day of the paper; these are days of the listing.
    for name in ("submittedOnDailyAt", "submittedAt", "createdAt"):
        paper.pop(name, None)
    # Hidden names were withdrawn by their owners; ids of accounts are no names.
    paper["authors"] = [
        author
        for author in objects(paper.get("authors"))
        if not (isinstance(author, Mapping) and author.get("hidden") is True)
    ]
    return paper


def _inner(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record inside one that has neither title nor abstract itself, with what stands around it."""
    if not _WORDS.isdisjoint(fields_of(list(record)[:_MOST_KEYS])) or "abstract_inverted_index" in record:
        return record
    for name, inside in record.items():
        if isinstance(inside, Mapping) and not _WORDS.isdisjoint(fields_of(list(inside)[:_MOST_KEYS])):
            around = {key: value for key, value in record.items() if key != name}
            return around | {key: value for key, value in inside.items() if value is not None or key not in around}
    return record


def _snapshot(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A line of arXiv's metadata snapshot: the day is that of the first version, names come from their parsed form."""
    record = dict(record)
    names = [name for name in objects(record.pop("authors_parsed", None)) if isinstance(name, (list, tuple))]
    if names := [name[:3] for name in names if len(name) >= 2]:
        record["authors"] = names
    versions = objects(record.pop("versions", None))
    first = mapping_of(versions[0]) if versions else {}
    if created := first.get("created"):
        record = {key: value for key, value in record.items() if key not in ("update_date", "published")}
        record["published"] = created
    # Words on the paper ("37 pages"), not their number.
    if not isinstance(record.get("comments"), (int, float)):
        record.pop("comments", None)
    return record


def _openalex(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A work of OpenAlex: the abstract comes as {word: [places]}."""
    places = mapping_of(record["abstract_inverted_index"])
    words: list[tuple[int, str]] = []
    for word, at in places.items():
        words += [(place, word) for place in objects(at)[: _MOST_WORDS - len(words)] if isinstance(place, int)]
    abstract = " ".join(word for _, word in sorted(words)) or None
    place = mapping_of(record.get("primary_location"))
    ids = mapping_of(record.get("ids"))
    authors = [mapping_of(one) for one in objects(record.get("authorships"))]
    named = [mapping_of(one.get("author")).get("display_name") or one.get("raw_author_name") for one in authors]
    return _filled(
        record,
        {
            "abstract": abstract,
            "title": record.get("display_name"),
            "authors": [name for name in named if isinstance(name, str)] or None,
            "doi": ids.get("doi"),
            "url": place.get("landing_page_url"),
        },
    )


def _filled(record: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The record with what it lacks."""
    return {**record, **{name: value for name, value in more.items() if record.get(name) in (None, "", [])}}


def _unwrapped(value: Any) -> Any:
    """{"value": "A"} and {"value": "A", "readers": […]} are "A"."""
    if isinstance(value, Mapping) and "value" in value and not isinstance(value["value"], Mapping):
        return value["value"]
    return value


def folded(name: str) -> str:
    """A column's name as `NESTED` has it."""
    return re.sub(r"[\W_]+", "", name.casefold())


def nested_columns(columns: Iterable[str]) -> set[str]:
    """Columns that no field is read from, and that a shape needs all the same."""
    return {name for name in columns if folded(name) in NESTED}
