"""A library's papers as one file: .jsonl, .parquet and .bib with every field, .ris, .csv and .md as references.

The file appears whole or not at all: it is written beside its place and renamed.
"""

from __future__ import annotations

import itertools
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

from rag.errors import LibraryError
from rag.schema import Paper

SUFFIXES = (".jsonl", ".parquet", ".bib", ".ris", ".csv", ".md")
_PORTION = 1_000
_LISTS = ("authors", "aliases", "seen_on")
_COUNTS = ("n_authors", "n_comments", "n_upvotes")


def write(file: Path, papers: Iterable[Paper]) -> int:
    """Writes papers to a file that must not exist yet, in the form that its name's end says; returns how many.

    Raises LibraryError when it exists, cannot be written, or a package for it is missing.
    """
    if file.exists():
        raise LibraryError(f"{file} exists already; name another file, or remove it first")
    if file.suffix.lower() == ".parquet":
        _pyarrow()
    temporary = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".part", dir=file.parent)
        os.close(handle)
        temporary = Path(name)
        counted = _Counted(papers)
        _write(temporary, file.suffix.lower(), counted)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(file)
    except OSError as error:
        raise LibraryError(f"cannot write {file}: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return counted.n


class _Counted:
    """Papers passing by, counted."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self._papers = papers
        self.n = 0

    def __iter__(self) -> Iterator[Paper]:
        for paper in self._papers:
            self.n += 1
            yield paper


def _write(file: Path, suffix: str, papers: Iterable[Paper]) -> None:
    if suffix == ".parquet":
        _write_parquet(file, papers)
        return
    # A spreadsheet takes a CSV for UTF-8 only when it says so.
    with file.open("w", encoding="utf-8-sig" if suffix == ".csv" else "utf-8", newline="") as out:
        if suffix == ".jsonl":
            out.writelines(json.dumps(paper.to_dict(), ensure_ascii=False) + "\n" for paper in papers)
        elif suffix == ".bib":
            from rag.bibtex import bibtex

            out.write(bibtex(papers, abstracts=True, every_field=True))
        else:
            from rag.references import export

            out.write(export(papers, suffix[1:]))


def _write_parquet(file: Path, papers: Iterable[Paper]) -> None:
    pa, parquet = _pyarrow()
    schema = pa.schema([(field.name, _kind(pa, field.name)) for field in fields(Paper)])
    rest = iter(papers)
    with parquet.ParquetWriter(file, schema, compression="zstd") as out:
        while portion := list(itertools.islice(rest, _PORTION)):
            rows = [paper.to_dict() | {"published": paper.published} for paper in portion]
            out.write_table(pa.Table.from_pylist(rows, schema=schema))


def _kind(pa: Any, name: str) -> Any:
    if name in _LISTS:
        return pa.list_(pa.string())
    if name in _COUNTS:
        return pa.int64()
    return {"published": pa.date32(), "published_inferred": pa.bool_()}.get(name, pa.string())


def _pyarrow() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise LibraryError(
            "writing Parquet needs pyarrow, which is not installed; install askpapers[parquet] "
            "(`uv run --extra parquet askpapers …`), or export to .jsonl"
        ) from error


def _umask() -> int:
    """The process's mask for new files; `mkstemp` makes them private, an export is a file like any other."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
