"""Reads papers from Parquet, a few rows at a time, with the columns that are needed and no others."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import fields as fields_of_class
from itertools import islice
from pathlib import Path
from typing import Any

from ingest.sources.columns import categories_of, fields_of, unknown_columns
from ingest.sources.fields import make_paper
from ingest.sources.gathering import Found, found, portions
from ingest.sources.reading import Portion, ReadOptions
from ingest.sources.shapes import SIGNS, Shape, flat, nested_columns, rank_of
from ingest.sources.streams import BrokenStream, ByteStream
from rag.schema import Paper

_ROWS, _FEW_ROWS = 256, 16
_LARGEST_COPY = 1 << 33
# A table with `SIGNS` and no columns but these was exported from a library.
_OWN = frozenset(field.name for field in fields_of_class(Paper))


def read_parquet(stream: ByteStream, *, path: str, options: ReadOptions, file: Path | None) -> Iterator[Portion]:
    """Papers of a Parquet file. Its end has to be read first: what comes as a stream (`file` None) is copied to disk.

    A record is named by its row, counted from 1, in place of a line.
    """
    return portions(_read(stream, path, options, file), path=path, options=options, what="table")


def _read(stream: ByteStream, path: str, options: ReadOptions, file: Path | None) -> Iterator[Found]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise BrokenStream("this is Parquet, which needs pyarrow: pip install 'askpapers[parquet]'") from error
    with contextlib.ExitStack() as opened:
        source: Any = opened.enter_context(file.open("rb")) if file is not None else _copied(stream, opened)
        row = 0
        try:
            file_ = pyarrow.parquet.ParquetFile(source)
            schema = file_.schema_arrow
            columns = schema.names
            if why := _wrong(schema, options):
                yield Found(line=None, why=why)
                return
            strict = not options.mapping and SIGNS <= set(columns) <= _OWN
            shape = Shape(options.mapping)
            for record in _records(source, file_, _needed(schema, options)):
                row += 1
                yield _found(row, record, shape, path, strict=strict)
        except (pyarrow.ArrowException, OSError, ValueError, OverflowError, KeyError) as error:
            what = str(error).partition("\n")[0][:200]
            raise BrokenStream(f"is no valid Parquet file{' after this row' if row else ''} ({what})") from error


def _records(source: Any, file: Any, needed: list[str]) -> Iterator[dict[str, Any]]:
    """Rows as objects. One row group after the other: lists that go from one to the next cannot be read in one piece."""
    import pyarrow
    import pyarrow.parquet

    # Texts that repeat stay one in memory: a small file cannot grow into a large one.
    leaves = [file.schema.column(i) for i in range(len(file.schema))]
    texts = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY" and leaf.path.split(".")[0] in needed]
    source.seek(0)
    table = pyarrow.parquet.ParquetFile(source, read_dictionary=texts)
    for group in range(table.num_row_groups):
        n_given = 0
        try:
            for batch in table.iter_batches(batch_size=_ROWS, row_groups=[group], columns=needed):
                for record in _rows(batch):
                    n_given += 1
                    yield record
        except pyarrow.ArrowNotImplementedError:
            # A list whose words begin as a dictionary and go on without one: read plainly, a few rows at a time.
            source.seek(0)
            plain = pyarrow.parquet.ParquetFile(source, read_dictionary=[name for name in texts if "." not in name])
            batches = plain.iter_batches(batch_size=_FEW_ROWS, row_groups=[group], columns=needed)
            yield from islice((record for batch in batches for record in _rows(batch)), n_given, None)


def _rows(batch: Any) -> Iterator[dict[str, Any]]:
    cells = [batch.column(i) for i in range(batch.num_columns)]
    names = batch.schema.names
    for i in range(batch.num_rows):
        yield {name: _value(cell[i].as_py()) for name, cell in zip(names, cells, strict=True)}


def _copied(stream: ByteStream, opened: contextlib.ExitStack) -> Any:
    copy = opened.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
    n = 0
    for part in stream.chunks():
        n += len(part)
        if n > _LARGEST_COPY:
            raise BrokenStream(f"has more than {_LARGEST_COPY >> 30} GB; unpack it first")
        copy.write(part)
    copy.seek(0)
    return copy


def _columns(schema: Any) -> dict[str, Any]:
    """The names of columns, with what is inside of those that hold objects."""
    import pyarrow

    def inside(kind: Any) -> dict[str, Any] | None:
        if not pyarrow.types.is_struct(kind):
            return None
        return {kind.field(i).name: inside(kind.field(i).type) for i in range(kind.num_fields)}

    return {field.name: inside(field.type) for field in schema}


def _needed(schema: Any, options: ReadOptions) -> list[str]:
    columns = _columns(schema)
    fields = fields_of(columns, options.mapping)
    roots = {name if name in columns else name.partition(".")[0] for some in fields.values() for name in some}
    roots |= nested_columns(columns) | {name for name, inside in columns.items() if inside and rank_of(inside)}
    return [name for name in columns if name in roots]


def _wrong(schema: Any, options: ReadOptions) -> str | None:
    columns = _columns(schema)
    if why := unknown_columns(list(columns), options.mapping):
        return why
    if rank_of(columns, options.mapping) == 2:
        return None
    fields = fields_of(flat(columns), options.mapping)
    missing = next((name for name in ("title", "abstract") if name not in fields), None)
    if missing is None:
        return None
    names = ", ".join(repr(name) for name in list(columns)[:40])
    return f"the table has no column for the {missing}; name it with --map {missing}=COLUMN; the columns are {names}"


def _found(row: int, record: dict[str, Any], shape: Shape, path: str, *, strict: bool) -> Found:
    raw = shape.raw(record)
    return found(
        row,
        lambda warnings: make_paper(raw, path=path, warnings=warnings, strict=strict),
        categories=categories_of(raw.get("categories")),
    )


def _value(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    # pandas writes numbers with gaps as floats, and missing ones as NaN.
    if isinstance(value, float):
        return None if value != value else int(value) if value.is_integer() else value
    return value
