"""Reads papers from Parquet, a few rows at a time, with the columns that are needed and no others."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import fields as fields_of_class
from pathlib import Path
from typing import Any

from ingest.sources.columns import categories_of, fields_of, pick, unknown_columns
from ingest.sources.fields import make_paper
from ingest.sources.gathering import Found, found, portions
from ingest.sources.reading import Portion, ReadOptions
from ingest.sources.streams import BrokenStream, ByteStream
from rag.schema import Paper

_ROWS = 256
_LARGEST_COPY = 1 << 33
# A table with `_SIGNS` and no columns but these was exported from a library.
_OWN = frozenset(field.name for field in fields_of_class(Paper))
_SIGNS = frozenset({"paper_id", "published_inferred", "seen_on"})


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
            columns = file_.schema_arrow.names
            if why := _wrong(columns, options):
                yield Found(line=None, why=why)
                return
            fields = fields_of(columns, options.mapping)
            strict = not options.mapping and _SIGNS <= set(columns) <= _OWN
            roots = {name if name in columns else name.partition(".")[0] for some in fields.values() for name in some}
            needed = [name for name in columns if name in roots]
            # Texts that repeat stay one in memory: a small file cannot grow into a large one.
            leaves = [file_.schema.column(i) for i in range(len(file_.schema))]
            texts = [
                leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY" and leaf.path.split(".")[0] in roots
            ]
            source.seek(0)
            table = pyarrow.parquet.ParquetFile(source, read_dictionary=texts)
            for batch in table.iter_batches(batch_size=_ROWS, columns=needed):
                cells = [batch.column(i) for i in range(batch.num_columns)]
                names = batch.schema.names
                for i in range(batch.num_rows):
                    row += 1
                    record = {name: _value(cell[i]) for name, cell in zip(names, cells, strict=True)}
                    yield _record(row, record, fields, path, strict=strict)
        except (pyarrow.ArrowException, OSError, ValueError, OverflowError, KeyError) as error:
            what = str(error).partition("\n")[0][:200]
            raise BrokenStream(f"is no valid Parquet file{' after this row' if row else ''} ({what})") from error


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


def _wrong(columns: list[str], options: ReadOptions) -> str | None:
    if why := unknown_columns(columns, options.mapping):
        return why
    fields = fields_of(columns, options.mapping)
    missing = next((name for name in ("title", "abstract") if name not in fields), None)
    if missing is None:
        return None
    names = ", ".join(repr(name) for name in columns[:40])
    return f"the table has no column for the {missing}; name it with --map {missing}=COLUMN; the columns are {names}"


def _record(row: int, record: dict[str, Any], fields: dict[str, list[str]], path: str, *, strict: bool) -> Found:
    raw = pick(record, fields)
    return found(
        row,
        lambda warnings: make_paper(raw, path=path, warnings=warnings, strict=strict),
        categories=categories_of(raw.get("categories")),
    )


def _value(cell: Any) -> Any:
    value = cell.as_py()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    # pandas writes numbers with gaps as floats, and missing ones as NaN.
    if isinstance(value, float):
        return None if value != value else int(value) if value.is_integer() else value
    return value
