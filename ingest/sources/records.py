"""Reads papers from JSON: an object a line (JSON Lines), an array, or the reply of an API saved as it came.

Four shapes of objects are known: the project's own (the fields of `rag.Paper`, as `library export` writes them), the Daily
Papers API ({"paper": {…}, "numComments": …}), arXiv's metadata snapshot (authors_parsed, versions, update_date), and anything
else with a title and an abstract under one of their usual names. What cannot be read is rejected by its line, the others go
in; nothing is held but the record at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import chain, islice
from typing import Any

from ingest.sources.columns import categories_of, fields_of, is_paper, pick, unknown_columns
from ingest.sources.fields import Rejected, make_paper
from ingest.sources.gathering import PORTION, Found, found, in_categories, portions
from ingest.sources.json_stream import NotJson, load, split_records
from ingest.sources.reading import Portion, ReadOptions
from ingest.sources.streams import LONGEST_LINE, BrokenStream, ByteStream, numbered_lines, texts, wrong_byte
from rag.schema import Paper

__all__ = ["PORTION", "paper_from_object", "read_json", "read_json_lines", "read_records"]

_OWN = frozenset(field.name for field in fields(Paper)) | {"categories"}
# A column that is named for records may be missing in some; it has to be in one of the first.
_LOOK_AHEAD = 50
_KNOWN_KEYS = 64


def read_records(lines: Iterable[str], *, path: str, options: ReadOptions = ReadOptions()) -> Iterator[Portion]:
    """Papers of a JSON Lines file, in portions; `path` goes into `Paper.seen_on` and messages."""
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    return portions(_objects(numbered, path, options), path=path, options=options)


def read_json_lines(stream: ByteStream, *, path: str, options: ReadOptions) -> Iterator[Portion]:
    """The same from bytes. A line that is not UTF-8 or holds a NUL byte loses only itself."""
    return portions(_objects(_text_lines(stream), path, options), path=path, options=options)


def read_json(stream: ByteStream, *, path: str, options: ReadOptions) -> Iterator[Portion]:
    """Papers of a JSON array, of an array inside an object, or of objects that follow each other."""

    def is_record(keys: list[str]) -> bool:
        return is_paper(keys, options.mapping)

    return portions(_objects(split_records(texts(stream), is_record), path, options), path=path, options=options)


def paper_from_object(
    record: Mapping[str, Any], *, path: str, warnings: list[str], options: ReadOptions = ReadOptions()
) -> tuple[Paper, tuple[str, ...]]:
    """The paper that a JSON object of any known shape describes, and its arXiv categories. Raises Rejected."""
    raw = _raw(record, _FieldsByKeys(options.mapping))
    paper = make_paper(raw, path=path, warnings=warnings, strict=record.keys() <= _OWN)
    return paper, categories_of(raw.get("categories"))


class _FieldsByKeys:
    """Which key holds which field, worked out once for objects of the same keys."""

    def __init__(self, mapping: Sequence[tuple[str, str]]) -> None:
        self.mapping = mapping
        self._known: dict[tuple[str, ...], dict[str, list[str]]] = {}

    def of(self, record: Mapping[str, Any]) -> dict[str, list[str]]:
        keys = tuple(record)
        if keys not in self._known:
            if len(self._known) >= _KNOWN_KEYS:
                self._known.clear()
            self._known[keys] = fields_of(keys[:1_000], self.mapping)
        return self._known[keys]


def _text_lines(stream: ByteStream) -> Iterator[tuple[int, str]]:
    for number, line in numbered_lines(stream):
        if line.strip():
            yield number, line.decode("utf-8", "surrogateescape")


def _objects(numbered: Iterator[tuple[int, str]], path: str, options: ReadOptions) -> Iterator[Found]:
    by_keys = _FieldsByKeys(options.mapping)
    if options.mapping:
        first: list[tuple[int, str]] = []
        broken: list[BrokenStream] = []
        numbered = _kept(numbered, broken)
        first = list(islice(numbered, _LOOK_AHEAD))
        if wrong := _wrong_mapping(first, options.mapping):
            yield Found(line=first[0][0], why=wrong)
            return
        numbered = chain(first, numbered)
        yield from (_object(number, text, path, by_keys, options) for number, text in numbered)
        if broken:
            raise broken[0]
        return
    for number, text in numbered:
        yield _object(number, text, path, by_keys, options)


def _kept(numbered: Iterator[tuple[int, str]], broken: list[BrokenStream]) -> Iterator[tuple[int, str]]:
    """The same, with a break put aside: what came before it is looked at first."""
    try:
        yield from numbered
    except BrokenStream as why:
        broken.append(why)


def _wrong_mapping(first: list[tuple[int, str]], mapping: Sequence[tuple[str, str]]) -> str | None:
    columns: dict[str, None] = {}
    for _, text in first:
        try:
            record = load(text)
        except NotJson:
            continue
        if isinstance(record, dict):
            columns.update(dict.fromkeys(record))
    return unknown_columns(list(columns), mapping) if columns else None


def _object(number: int, text: str, path: str, by_keys: _FieldsByKeys, options: ReadOptions) -> Found:
    why = wrong_byte(text)
    if why is None and "\x00" in text:
        why = "a NUL byte stands in this line"
    if why is None and len(text) > LONGEST_LINE:
        why = f"the line has more than {LONGEST_LINE >> 20} MB"
    if why is not None:
        return Found(line=number, why=why)
    try:
        record = load(text)
    except NotJson as error:
        return Found(line=number, why=str(error))
    if not isinstance(record, dict):
        return Found(line=number, why=f"expected an object, found {type(record).__name__}")
    try:
        raw = _raw(record, by_keys)
    except Rejected as why:
        return Found(line=number, why=str(why))
    categories = categories_of(raw.get("categories"))
    if not in_categories(categories, options):
        return Found(line=number, skipped=True)
    strict = record.keys() <= _OWN
    return found(
        number,
        lambda warnings: make_paper(raw, path=path, warnings=warnings, strict=strict),
        categories=categories,
    )


def _raw(record: Mapping[str, Any], by_keys: _FieldsByKeys) -> dict[str, Any]:
    """Raw values by field of an object of any known shape."""
    if not by_keys.mapping:
        if isinstance(record.get("paper"), dict):
            record = _of_daily_papers(record)
        elif "authors_parsed" in record or ("versions" in record and "update_date" in record):
            return _of_snapshot(record)
    raw = pick(record, by_keys.of(record))
    if not raw.get("title") and not raw.get("abstract") and not by_keys.mapping and record:
        raise Rejected(f"no title and no abstract; the keys are {', '.join(sorted(map(repr, record))[:12])[:300]}")
    if isinstance(record.get("externalIds"), dict):
        ids = record["externalIds"]
        raw = {"arxiv_id": ids.get("ArXiv"), "doi": ids.get("DOI")} | raw
    return raw


def _of_daily_papers(entry: Mapping[str, Any]) -> dict[str, Any]:
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
        for author in _listed(paper.get("authors"))
        if not (isinstance(author, dict) and author.get("hidden") is True)
    ]
    return paper


def _of_snapshot(record: Mapping[str, Any]) -> dict[str, Any]:
    """A line of arXiv's metadata snapshot: the day is that of the first version, names come from their parsed form."""
    names = [
        " ".join(part for part in (name[1], name[0], *name[2:3]) if isinstance(part, str) and part)
        for name in _listed(record.get("authors_parsed"))
        if isinstance(name, list) and len(name) >= 2
    ]
    first = next(iter(_listed(record.get("versions"))), None)
    created = first.get("created") if isinstance(first, dict) else None
    return {
        "arxiv_id": record.get("id"),
        "title": record.get("title"),
        "abstract": record.get("abstract"),
        "authors": names or record.get("authors"),
        "published": created or record.get("update_date"),
        "doi": record.get("doi"),
        "categories": record.get("categories"),
    }


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
