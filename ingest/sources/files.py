"""Files, folders and standard input: what a file is, is told by its content, not by its name.

A folder is walked by name; links that lead out of it are not followed, and what is no file (a pipe, a device) is not opened.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from ingest.sources.columns import check_mapping
from ingest.sources.gathering import unreadable
from ingest.sources.hf_page import read_page
from ingest.sources.reading import Portion, ReadOptions
from ingest.sources.recognise import HEAD, binary_kind, kind_of
from ingest.sources.records import read_json, read_json_lines
from ingest.sources.streams import BrokenStream, ByteStream, unpacked
from rag.errors import SourceError

STANDARD_INPUT = "-"
SAMPLE = "sample"
_HIDDEN = "."
_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISDIR, "a folder"),
)


def sample_file() -> Path:
    """The bundled sample papers."""
    return Path(__file__).parent.parent / "sample" / "papers.jsonl"


def read_source(
    source: str, *, options: ReadOptions = ReadOptions(), stdin: BinaryIO | None = None
) -> Iterator[Portion]:
    """Everything in a file, a folder, standard input ("-"), the bundled "sample", "hf:…" or "arxiv:…".

    A file that cannot be read is a portion with an error; the others are read all the same. A source that does not
    exist raises SourceError.
    """
    check_mapping(options.mapping)
    if source == STANDARD_INPUT:
        yield from _read_stream(ByteStream.over(stdin or sys.stdin.buffer), "standard input", options)
    elif source == SAMPLE and not Path(source).exists():
        yield from _read_file(sample_file(), "askpapers sample", options)
    elif source.startswith("hf:"):
        from ingest.sources.hf_api import read_hf

        yield from read_hf(source, options=options)
    elif source.startswith("arxiv:"):
        from ingest.sources.arxiv_api import read_arxiv

        yield from read_arxiv(source, options=options)
    else:
        yield from _read_path(source, options)


def _read_path(source: str, options: ReadOptions) -> Iterator[Portion]:
    try:
        path = Path(source).expanduser()
        is_folder, exists = path.is_dir(), path.exists()
    except (ValueError, OSError, RuntimeError) as error:
        raise SourceError(f"is no name of a file or folder ({error})", path=shown_name(source)) from error
    if is_folder:
        yield from _read_folder(path, options)
    elif exists:
        yield from _read_file(path, shown_name(path.resolve()), options)
    else:
        raise SourceError(
            "there is no such file or folder; a source is a file, a folder, - (standard input), sample, hf:… or arxiv:…",
            path=shown_name(source),
        )


def _read_folder(root: Path, options: ReadOptions) -> Iterator[Portion]:
    n_files = 0
    files: list[Path] = []
    refused: list[OSError] = []
    # Every name in a report is a full one, of files, links and folders alike.
    top = root.resolve()
    for folder, folders, names in os.walk(top, onerror=refused.append):
        folders[:] = [name for name in folders if not name.startswith(_HIDDEN)]
        here = Path(folder)
        if "library.json" in names and any(name.startswith("vectors-") for name in folders):
            folders[:] = []  # a library is no source
            continue
        # A link to a folder is not walked: inside the root it would be read twice, outside it was not asked for.
        files += [here / name for name in folders if (here / name).is_symlink()]
        files += [here / name for name in names if not name.startswith(_HIDDEN)]
    for error in refused:
        yield unreadable(f"the folder cannot be read: {error.strerror or error}", shown_name(error.filename))
    for file in sorted(files):
        n_files += 1
        if not file.is_symlink():
            yield from _read_file(file, shown_name(file), options)
            continue
        try:
            outside = not file.resolve(strict=True).is_relative_to(top)
        except (OSError, RuntimeError):
            yield unreadable("is a link that leads nowhere", shown_name(file))
            continue
        if outside:
            yield unreadable("is a link that leads out of the folder; it is not followed", shown_name(file))
    if not n_files and not refused:
        raise SourceError("the folder holds no files", path=shown_name(top))


def _read_file(path: Path, name: str, options: ReadOptions) -> Iterator[Portion]:
    try:
        # Opening a pipe would wait for a writer.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        yield unreadable(f"cannot be read: {error.strerror or error}", name)
        return
    with open(handle, "rb", buffering=0) as file:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            what = next((what for test, what in _KINDS if test(mode)), "no file")
            yield unreadable(f"is {what}, not a file; give what it holds to standard input (-)", name)
            return
        yield from _read_stream(ByteStream.over(file), name, options, file=path)


def _read_stream(raw: ByteStream, name: str, options: ReadOptions, *, file: Path | None = None) -> Iterator[Portion]:
    try:
        stream = unpacked(raw)
        head = stream.peek(HEAD)
        kind = kind_of(head, mapping=options.mapping)
        if kind == "json lines":
            yield from read_json_lines(stream, path=name, options=options)
        elif kind == "json":
            yield from read_json(stream, path=name, options=options)
        elif kind == "table":
            from ingest.sources.tables import read_table

            yield from read_table(stream, path=name, options=options)
        elif kind == "parquet":
            from ingest.sources.parquet import read_parquet

            yield from read_parquet(stream, path=name, options=options, file=file if raw.peek(4) == b"PAR1" else None)
        elif kind in ("bibtex", "ris"):
            from ingest.sources.bibliography import read_bibtex, read_ris

            yield from (read_bibtex if kind == "bibtex" else read_ris)(stream, path=name, options=options)
        elif kind == "atom":
            from ingest.sources.atom import read_atom

            yield from read_atom(stream, path=name, options=options)
        elif kind == "html":
            from ingest.sources.hf_html import read_html

            yield from read_html(stream, path=name, options=options)
        elif kind == "mhtml":
            from ingest.sources.mhtml import read_mhtml

            yield from read_mhtml(stream, path=name, options=options)
        elif kind == "binary":
            yield unreadable(binary_kind(head) or "this is no text", name)
        else:
            yield from _read_text(stream, name, options)
    except BrokenStream as why:
        yield unreadable(str(why), name, line=why.line)


def _read_text(stream: ByteStream, name: str, options: ReadOptions) -> Iterator[Portion]:
    """A saved page, or what nobody knows: read as a whole, as far as it is text."""
    text, broken = _decode(stream.read_whole())
    page = read_page(
        text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"),
        path=name,
        encoding=stream.encoding,
        options=options,
    )
    if broken is not None and not (page.papers or page.n_skipped):
        yield unreadable(broken[1], name, line=broken[0])
        return
    # What a wrong byte cut off is one fault, not two.
    if broken is not None:
        error = SourceError(broken[1], path=name, line=broken[0], n_read=len(page.papers))
        page = replace(page, errors=(error,))
    yield page


def _decode(data: bytes) -> tuple[str, tuple[int, str] | None]:
    """The text as far as it is text and, where that ends early, the line and what is wrong there.

    The line with the wrong byte is not complete: it is not read.
    """
    end, why = data.find(b"\x00"), "this is not text from here on (a NUL byte)"
    good = data if end < 0 else data[:end]
    try:
        text = good.decode("utf-8")
    except UnicodeDecodeError as error:
        if end < 0 and error.end >= len(data) and error.reason == "unexpected end of data":
            why = "the file ends in the middle of a character"
        else:
            why = f"the text is not UTF-8 from here on (byte 0x{data[error.start]:02x}); save it as UTF-8"
        end = error.start
    if end < 0:
        return text, None
    return data[: data.rfind(b"\n", 0, end) + 1].decode("utf-8"), (data[:end].count(b"\n") + 1, why)


def shown_name(path: str | Path) -> str:
    """A file's name as it is stored and shown: UTF-8, without what a terminal would obey."""
    text = os.fsencode(str(path)).decode("utf-8", "replace")
    return re.sub("[\\x00-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]", "\ufffd", text)
