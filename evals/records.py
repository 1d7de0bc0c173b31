"""JSON records line by line, with everything that is wrong collected instead of raised one at a time.

`read_lines` splits a JSONL file into records; `Fields` takes typed values out of one record. Both note problems in a
list of strings "file:line: what is wrong", which the caller raises together.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import QuestionFileError


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One JSON object of a file; `number` counts lines from 1."""

    number: int
    record: dict[str, Any]


class Problems:
    """What is wrong with a file, in order of discovery."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: list[tuple[int, str]] = []

    def add(self, line: int, what: str) -> None:
        self.found.append((line, what))

    def raise_if_any(self) -> None:
        """Raises QuestionFileError with every problem, in order of lines, if there is one."""
        if not self.found:
            return
        lines = [f"{self.path}:{line}: {what}" for line, what in sorted(self.found, key=lambda found: found[0])]
        if len(lines) == 1:
            raise QuestionFileError(lines[0])
        raise QuestionFileError(f"{self.path}: {len(lines)} problems\n  " + "\n  ".join(lines))


def read_lines(path: Path, problems: Problems, *, torn_end: bool = False) -> Iterator[Line]:
    """The objects of a JSONL file; blank lines are skipped, lines that are no object are noted.

    `torn_end`: a last line that does not parse and has no line end is what a killed writer leaves; it is passed over.
    Raises QuestionFileError when the file cannot be opened or holds bytes that are not UTF-8.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise QuestionFileError(f"{path} cannot be read: {error.strerror or error}") from error
    pieces = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for number, piece in enumerate(pieces, 1):
        if not piece.strip():
            continue
        try:
            record = json.loads(piece.decode("utf-8"))
            json.dumps(record, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError) as error:
            if not (torn_end and number == len(pieces)):
                problems.add(number, _why_unreadable(error))
            continue
        if isinstance(record, dict):
            yield Line(number=number, record=record)
        else:
            problems.add(number, f"expected a JSON object, found {_kind(record)}")


class Fields:
    """Typed values of one record; a value of another type is noted as a problem and replaced by the default."""

    def __init__(self, record: dict[str, Any], line: int, problems: Problems, where: str = "") -> None:
        self.record, self.line, self.problems, self.where = record, line, problems, where

    def unknown(self, known: Iterable[str]) -> None:
        """Notes the fields that are not among `known`, with the nearest name that is."""
        names = sorted(known)
        for name in self.record:
            if name not in names:
                near = difflib.get_close_matches(name, names, n=1)
                self._note(f"unknown field {name!r}" + (f" (did you mean {near[0]!r}?)" if near else ""))

    def text(self, name: str, default: str | None = None, *, empty: bool = True) -> str:
        value = self.record.get(name, default)
        if not isinstance(value, str):
            self._wrong(name, "a string", value)
            return default or ""
        if not empty and not value.strip():
            self._note(f"{name!r} is empty")
        return value

    def optional_text(self, name: str) -> str | None:
        value = self.record.get(name)
        if value is None or isinstance(value, str):
            return value
        self._wrong(name, "a string or null", value)
        return None

    def flag(self, name: str, default: bool) -> bool:
        value = self.record.get(name, default)
        if isinstance(value, bool):
            return value
        self._wrong(name, "true or false", value)
        return default

    def integer(self, name: str, default: int | None = None) -> int:
        value = self.record.get(name, default)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self._wrong(name, "a whole number", value)
        return default or 0

    def number(self, name: str) -> float | None:
        """A finite number, or None where the field is null or missing."""
        value = self.record.get(name)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        self._wrong(name, "a number", value)
        return None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings, none of them empty."""
        return tuple(item for item in self._list(name) if self._is_text(item, name))

    def text_groups(self, name: str) -> tuple[tuple[str, ...], ...]:
        """A list of lists of strings, none of them empty."""
        groups: list[tuple[str, ...]] = []
        for group in self._list(name):
            if isinstance(group, list) and group:
                groups.append(tuple(item for item in group if self._is_text(item, name)))
            else:
                self._wrong(name, 'a list of lists of strings, such as [["12%", "12 percent"]]', group)
        return tuple(groups)

    def records(self, name: str) -> list[Fields]:
        found = []
        for index, item in enumerate(self._list(name)):
            if isinstance(item, dict):
                found.append(Fields(item, self.line, self.problems, f"{self.where}{name}[{index}]: "))
            else:
                self._wrong(f"{name}[{index}]", "an object", item)
        return found

    def mapping(self, name: str) -> dict[str, Any]:
        value = self.record.get(name)
        if value is None:
            return {}
        if isinstance(value, dict):
            return value
        self._wrong(name, "an object", value)
        return {}

    def note(self, what: str) -> None:
        self._note(what)

    def _list(self, name: str) -> list[Any]:
        value = self.record.get(name)
        if value is None:
            return []
        if isinstance(value, list):
            return value
        self._wrong(name, "a list", value)
        return []

    def _is_text(self, item: object, name: str) -> bool:
        if isinstance(item, str) and item.strip():
            return True
        self._wrong(name, "strings that are not empty", item)
        return False

    def _wrong(self, name: str, expected: str, value: object) -> None:
        if value is None and name not in self.record:
            self._note(f"{name!r} is missing")
        else:
            self._note(f"{name!r} must be {expected}, found {_kind(value)}")

    def _note(self, what: str) -> None:
        self.problems.add(self.line, self.where + what)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 40 else shown[:39] + "…"


def _why_unreadable(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start + 1} of the line"
    if isinstance(error, UnicodeEncodeError):
        return "holds half a character (a lone surrogate), which is no text"
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at column {error.colno}"
    return "not JSON that can be read: nested too deeply" if isinstance(error, RecursionError) else f"not JSON: {error}"
