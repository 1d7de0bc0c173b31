"""Files, folders and standard input: what a file is, is told by its content, not by its name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ingest.sources.hf_page import looks_like_page, read_page
from ingest.sources.reading import Portion
from ingest.sources.records import looks_like_records, read_records
from rag.errors import SourceError

STANDARD_INPUT = "-"
SAMPLE = "sample"
_HIDDEN = "."
_UTF16_OR_32 = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def sample_file() -> Path:
    """The bundled sample papers."""
    return Path(__file__).parent.parent / "sample" / "papers.jsonl"


def read_source(source: str, *, stdin: BinaryIO | None = None) -> Iterator[Portion]:
    """Everything in a file, a folder (walked, by name), standard input ("-") or the bundled "sample".

    A file that cannot be read is a portion with an error; the others are read all the same. A source that does not
    exist raises SourceError.
    """
    if source == STANDARD_INPUT:
        yield from _read_bytes((stdin or sys.stdin.buffer).read(), name="standard input")
        return
    if source == SAMPLE and not Path(source).exists():
        yield from _read_file(sample_file(), name="askpapers sample")
        return
    path = Path(source).expanduser()
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file() and not _is_hidden(file, path))
        if not files:
            raise SourceError("the folder holds no files", path=source)
        for file in files:
            yield from _read_file(file, name=str(file.resolve()))
    elif path.exists():
        yield from _read_file(path, name=str(path.resolve()))
    else:
        raise SourceError(
            "there is no such file or folder; a source is a file, a folder, - (standard input) or sample", path=source
        )


def _read_file(path: Path, *, name: str) -> Iterator[Portion]:
    try:
        data = path.read_bytes()
    except OSError as error:
        yield _unreadable(f"cannot be read: {error.strerror or error}", name)
        return
    yield from _read_bytes(data, name=name)


def _read_bytes(data: bytes, *, name: str) -> Iterator[Portion]:
    if data.startswith(_UTF16_OR_32):
        yield _unreadable("the text is not UTF-8 (it begins like UTF-16 or UTF-32); save it as UTF-8", name, line=1)
        return
    text, broken = _decode(data)
    if broken is not None and not (looks_like_page(text) or looks_like_records(text)):
        yield _unreadable(broken[1], name, line=broken[0])
        return
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    portions = (
        read_records(text.split("\n"), path=name) if looks_like_records(text) else iter([read_page(text, path=name)])
    )
    n_read = 0
    for portion in portions:
        n_read += len(portion.papers)
        # What a wrong byte cut off is one fault, not two.
        yield (
            portion
            if broken is None
            else Portion(path=name, papers=portion.papers, n_bylines=portion.n_bylines, warnings=portion.warnings)
        )
    if broken is not None:
        yield Portion(path=name, errors=(SourceError(broken[1], path=name, line=broken[0], n_read=n_read),))


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


def _unreadable(message: str, name: str, *, line: int | None = None) -> Portion:
    return Portion(path=name, errors=(SourceError(message, path=name, line=line),))


def _is_hidden(file: Path, root: Path) -> bool:
    return any(part.startswith(_HIDDEN) for part in file.relative_to(root).parts)
