"""Reads papers from JSON: an object a line (JSON Lines), an array, or the reply of an API saved as it came.

The project's own objects are known (the fields of `rag.Paper`, as `library export` writes them), those of `shapes` (what APIs
and data sets nest), and anything else with a title and an abstract under one of their usual names. What cannot
be read is rejected by its line, the others go in; nothing is held but the record at hand (of a table by columns, the whole).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from itertools import chain, islice
from typing import Any

from ingest.sources.columns import categories_of, unknown_columns
from ingest.sources.fields import NoPaper, make_paper
from ingest.sources.frames import looks_like_frame, rows_of_frame
from ingest.sources.gathering import PORTION, Found, found, in_categories, portions, without_strays
from ingest.sources.json_stream import NotJson, load, split_records
from ingest.sources.reading import Portion, ReadOptions
from ingest.sources.shapes import SIGNS, Shape, rank_of
from ingest.sources.streams import (
    LARGEST_WHOLE,
    LONGEST_LINE,
    BrokenStream,
    ByteStream,
    numbered_lines,
    texts,
    wrong_byte,
)
from rag.schema import Paper

__all__ = ["PORTION", "paper_from_object", "read_json", "read_json_lines", "read_records"]

_OWN = frozenset(field.name for field in fields(Paper)) | {"categories"}
# A column that is named for records may be missing in some; it has to be in one of the first.
_LOOK_AHEAD = 50
_HEAD = 1 << 17


def read_records(lines: Iterable[str], *, path: str, options: ReadOptions = ReadOptions()) -> Iterator[Portion]:
    """Papers of a JSON Lines file, in portions; `path` goes into `Paper.seen_on` and messages."""
    numbered = ((number, line, 0) for number, line in enumerate(lines, 1) if line.strip())
    return portions(_objects(numbered, path, options), path=path, options=options)


def read_json_lines(stream: ByteStream, *, path: str, options: ReadOptions) -> Iterator[Portion]:
    """The same from bytes. A line that is not UTF-8 or holds a NUL byte loses only itself."""
    return portions(_objects(_text_lines(stream), path, options), path=path, options=options)


def read_json(stream: ByteStream, *, path: str, options: ReadOptions) -> Iterator[Portion]:
    """Papers of a JSON array, of an array or objects inside an object, of objects that follow each other, of a table."""
    head = stream.peek(_HEAD).decode("utf-8", "replace").removeprefix("\ufeff").lstrip()
    found_ = _of_frame(stream, path, options) if looks_like_frame(head) else _of_json(texts(stream), path, options)
    return portions(without_strays(found_), path=path, options=options)


def _of_json(pieces: Iterable[str], path: str, options: ReadOptions) -> Iterator[Found]:
    def rank(keys: list[str]) -> int:
        return rank_of(keys, options.mapping)

    return _objects(split_records(pieces, rank), path, options)


def _of_frame(stream: ByteStream, path: str, options: ReadOptions) -> Iterator[Found]:
    """A table that was saved column by column, or rows after names: read as a whole."""
    text = "".join(texts(stream, most=LARGEST_WHOLE))
    try:
        rows = rows_of_frame(load(text)) if wrong_byte(text) is None else None
    except NotJson:
        rows = None
    if rows is None:
        yield from _of_json([text], path, options)
        return
    columns, records = rows
    if why := unknown_columns(columns, options.mapping):
        yield Found(line=1, why=why)
        return
    if not columns:
        yield Found(
            line=1, why="the rows have no names of columns; save them with names, in pandas with orient='records'"
        )
    shape = Shape(options.mapping)
    for number, record in enumerate(records, 1):
        one = _of_record(1, record, path, shape, options)
        yield one if one.why is None else replace(one, why=f"row {number}: {one.why}")


def paper_from_object(
    record: Mapping[str, Any], *, path: str, warnings: list[str], options: ReadOptions = ReadOptions()
) -> tuple[Paper, tuple[str, ...]]:
    """The paper that a JSON object of any known shape describes, and its arXiv categories. Raises Rejected."""
    raw = _raw(record, Shape(options.mapping))
    paper = make_paper(raw, path=path, warnings=warnings, strict=_is_own(record))
    return paper, categories_of(raw.get("categories"))


def _text_lines(stream: ByteStream) -> Iterator[tuple[int, str, int]]:
    for number, line in numbered_lines(stream):
        if line.strip():
            yield number, line.decode("utf-8", "surrogateescape"), 0


def _objects(numbered: Iterator[tuple[int, str, int]], path: str, options: ReadOptions) -> Iterator[Found]:
    shape = Shape(options.mapping)
    if options.mapping:
        first: list[tuple[int, str, int]] = []
        broken: list[BrokenStream] = []
        numbered = _kept(numbered, broken)
        first = list(islice(numbered, _LOOK_AHEAD))
        if wrong := _wrong_mapping(first, options.mapping):
            yield Found(line=first[0][0], why=wrong)
            return
        numbered = chain(first, numbered)
        yield from (_object(*one, path, shape, options) for one in numbered)
        if broken:
            raise broken[0]
        return
    for one in numbered:
        yield _object(*one, path, shape, options)


def _kept(numbered: Iterator[tuple[int, str, int]], broken: list[BrokenStream]) -> Iterator[tuple[int, str, int]]:
    """The same, with a break put aside: what came before it is looked at first."""
    try:
        yield from numbered
    except BrokenStream as why:
        broken.append(why)


def _wrong_mapping(first: list[tuple[int, str, int]], mapping: Sequence[tuple[str, str]]) -> str | None:
    columns: dict[str, None] = {}
    for _, text, _ in first:
        try:
            record = load(text)
        except NotJson:
            continue
        if isinstance(record, dict):
            columns.update(dict.fromkeys(record))
    return unknown_columns(list(columns), mapping) if columns else None


def _object(number: int, text: str, place: int, path: str, shape: Shape, options: ReadOptions) -> Found:
    why = wrong_byte(text)
    if why is None and "\x00" in text:
        why = "a NUL byte stands in this line"
    if why is None and len(text) > LONGEST_LINE:
        why = f"the line has more than {LONGEST_LINE >> 20} MB"
    if why is not None:
        return Found(line=number, why=why, place=place)
    try:
        record = load(text)
    except NotJson as error:
        return Found(line=number, why=str(error), place=place)
    if not isinstance(record, dict):
        return Found(line=number, why=f"expected an object, found {type(record).__name__}", place=place)
    one = _of_record(number, record, path, shape, options)
    return replace(one, place=place) if place else one


def _of_record(number: int, record: dict[str, Any], path: str, shape: Shape, options: ReadOptions) -> Found:
    try:
        raw = _raw(record, shape)
    except NoPaper as why:
        return Found(line=number, why=str(why), stray=True)
    categories = categories_of(raw.get("categories"))
    if not in_categories(categories, options):
        return Found(line=number, skipped=True, stray=not raw.get("title"))
    strict = not shape.mapping and _is_own(record)
    one = found(
        number,
        lambda warnings: make_paper(raw, path=path, warnings=warnings, strict=strict),
        categories=categories,
    )
    return one if raw.get("title") else replace(one, stray=True)


def _raw(record: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """Raw values by field of an object of any known shape. Raises NoPaper."""
    raw = shape.raw(record)
    if not raw.get("title") and not raw.get("abstract") and record:
        raise NoPaper(f"no title and no abstract; the keys are {', '.join(sorted(map(repr, record))[:12])[:300]}")
    return raw


def _is_own(record: Mapping[str, Any]) -> bool:
    """Whether a library wrote the record: every key that it writes beside the usual ones, and no other."""
    return record.keys() <= _OWN and record.keys() >= SIGNS
