"""Reads papers from CSV and TSV, as spreadsheets and Zotero write them: quotes, cells of several lines, a byte order mark.

The delimiter is told from the first lines. A record whose quotes are wrong loses only itself: reading goes on in the line
after its first.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.sources.columns import categories_of, fields_of, unknown_columns
from ingest.sources.fields import make_paper
from ingest.sources.gathering import Found, found, portions
from ingest.sources.reading import Portion, ReadOptions
from ingest.sources.shapes import Shape, flat, rank_of
from ingest.sources.streams import UTF8_MARK, ByteStream, numbered_lines, wrong_byte
from ingest.sources.windows import Windows

_DELIMITERS = ",\t;|"
_LONGEST_NAME = 100
_MOST_COLUMNS = 2_000
# A record with more lines than this began with a quote that was never closed.
_MOST_LINES = 5_000


def sniff(text: str, mapping: Sequence[tuple[str, str]] = ()) -> str | None:
    """The delimiter of a table that begins like this; None when it is none.

    A table has a header of different, short names and, in its first record, as many cells.
    """
    best: tuple[bool, int] = (False, 1)
    chosen = None
    for delimiter in _DELIMITERS:
        if delimiter not in text[:100_000]:
            continue
        rows = _first_rows(text, delimiter)
        names = [name.strip() for name in rows[0]] if rows else []
        is_named = len(set(names)) == len(names) and all(0 < len(name) <= _LONGEST_NAME for name in names)
        # Names may be missing or repeated in a table that has a title and an abstract; not in anything else.
        holds_papers = bool(rows) and rank_of(names, mapping) == 2
        if not rows or not (holds_papers or (len(rows) > 1 and is_named)):
            continue
        rank = (holds_papers, len(names))
        if rank > best and (rank[0] or len(rows[1]) == len(names)):
            best, chosen = rank, delimiter
    return chosen


def _first_rows(text: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader((f"{line}\n" for line in text[:100_000].split("\n")), delimiter=delimiter):
            if row:
                rows.append(row)
            if len(rows) == 2:
                break
    except csv.Error:
        pass
    return rows


def read_table(stream: ByteStream, *, path: str, options: ReadOptions) -> Iterator[Portion]:
    """Papers of a CSV or TSV file, in portions; errors name the line where the record starts."""
    return portions(_read(stream, path, options), path=path, options=options, what="table")


def _read(stream: ByteStream, path: str, options: ReadOptions) -> Iterator[Found]:
    stream_has_mark = stream.peek(len(UTF8_MARK)) == UTF8_MARK or stream.encoding != "UTF-8"
    head = (
        stream.peek(1 << 17).decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    )
    rows = _Rows(stream, sniff(head, options.mapping) or ",")
    first = next(rows, None)
    windows = Windows(has_mark=stream_has_mark)
    columns = [name.strip() for name in windows.read(first[1])[0]] if first else []
    windows.is_said = False
    fields = fields_of(flat(dict.fromkeys(columns)), options.mapping)
    why = unknown_columns(columns, options.mapping)
    if why is None and ("title" not in fields or "abstract" not in fields):
        missing = "title" if "title" not in fields else "abstract"
        names = ", ".join(repr(name) for name in columns[:40])
        why = f"the table has no column for the {missing}; name it with --map {missing}=COLUMN; the columns are {names}"
    if why is None and len(columns) > _MOST_COLUMNS:
        why = f"the table has {len(columns):,} columns"
    if why is not None:
        yield Found(line=first[0] if first else 1, why=why)
        return
    rows.width = len(columns)
    shape = Shape(options.mapping)
    for line, cells, wrong in rows:
        cells, said = windows.read(cells) if wrong is None else (cells, None)
        wrong = wrong or next((why for cell in cells if (why := wrong_byte(cell))), None)
        if wrong is None and any("\x00" in cell for cell in cells):
            wrong = "a NUL byte stands in this record"
        if wrong is not None:
            yield Found(line=line, why=wrong)
            continue
        raw = shape.raw(dict(zip(columns, cells, strict=False)))
        one = found(
            line,
            lambda warnings, raw=raw: make_paper(raw, path=path, warnings=warnings),  # type: ignore[misc]
            categories=categories_of(raw.get("categories")),
        )
        yield one if said is None else replace(one, warnings=(said, *one.warnings))


class _Rows:
    """Rows with the line where they start and, where they are no good, why. `width`: cells in each, once it is known."""

    def __init__(self, stream: ByteStream, delimiter: str) -> None:
        self._lines = numbered_lines(stream)
        self._delimiter = delimiter
        self._again: deque[tuple[int, str]] = deque()
        self._taken: list[tuple[int, str]] = []
        self._is_cut = self._is_torn = False
        self.width: int | None = None

    def __iter__(self) -> _Rows:
        return self

    def __next__(self) -> tuple[int, list[str], str | None]:
        while True:
            cells, wrong = self._read()
            if not self._taken:
                raise StopIteration
            line, text = self._taken[0]
            if wrong is None and (self._is_torn and len(cells) != self.width):
                wrong = "torn"
            if wrong is None:
                self._is_torn = False
                if any(cell.strip() for cell in cells):
                    return line, cells, None
                continue
            if self.width is None:
                return line, cells, wrong
            # The first line alone: quotes may be just quotes.
            self._again.extendleft(reversed(self._taken[1:]))
            if (alone := self._alone(text, is_whole=len(self._taken) == 1)) is not None:
                self._is_torn = False
                return line, alone, None
            if not self._is_torn:
                # What is left of the torn record is passed over, up to a line where a whole record begins.
                self._is_torn = True
                return line, [], wrong

    def _read(self) -> tuple[list[str], str | None]:
        """The cells of the next record, or what is wrong with it; `_taken` are its lines."""
        self._taken, self._is_cut = [], False
        try:
            cells = next(csv.reader(self._feed(), delimiter=self._delimiter, strict=True), [])
        except csv.Error:
            if self._is_cut:
                return [], "the file ends inside quotes"
            return [], "a cell is too long, or its quotes are wrong"
        return cells, self._wrong_width(cells)

    def _alone(self, text: str, *, is_whole: bool) -> list[str] | None:
        if '"' not in text:
            return None
        cells = text.split("\t") if self._delimiter == "\t" else []
        if len(cells) != self.width and is_whole:
            try:
                cells = next(csv.reader([text + "\n"], delimiter=self._delimiter), [])
            except csv.Error:
                return None
        return cells if len(cells) == self.width else None

    def _feed(self) -> Iterator[str]:
        while len(self._taken) < _MOST_LINES:
            if self._again:
                number, text = self._again.popleft()
            else:
                item = next(self._lines, None)
                if item is None:
                    # Another line is asked for only inside quotes.
                    self._is_cut = bool(self._taken)
                    return
                number, text = item[0], item[1].decode("utf-8", "surrogateescape").removesuffix("\r")
            self._taken.append((number, text))
            yield text + "\n"

    def _wrong_width(self, cells: list[str]) -> str | None:
        if self.width is None or len(cells) == self.width or not cells:
            return None
        if len(cells) > self.width and any(cell.strip() for cell in cells[self.width :]):
            return f"{len(cells)} cells where the table has {self.width} columns; is a quote missing?"
        # Empty cells at the end of a row are left out by some programs.
        return f"{len(cells)} cells where the table has {self.width} columns" if len(self._taken) > 1 else None
