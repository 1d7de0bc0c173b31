"""Cuts a long JSON text into the records that it holds, without reading it as a whole.

Records are the objects of an array, wherever it stands ("[{…}]", {"papers": [{…}]}, {"result": {"items": […]}}), the values of
an object ({"p1": {…}, "p2": {…}}), or objects that follow each other. Only brackets and strings are looked at here: a record
that is not JSON inside loses only itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ingest.sources.streams import LONGEST_LINE, BrokenStream

# A string that is not closed ends with the text; its group is empty.
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?P<closed>"?)|[\[\]{}:]', re.DOTALL)
_DEEPEST = 200
_HEAD = 1 << 16


class NotJson(Exception):
    """A record that is not JSON; the message says why in words."""


def load(text: str) -> Any:
    """The value of a JSON text. Raises NotJson, also for what is nested too deeply or has endless numbers."""
    try:
        return json.loads(text)
    except RecursionError:
        raise NotJson("not read: brackets are nested too deeply") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"not JSON ({error.msg} at character {error.pos + 1})") from None
    except ValueError:
        raise NotJson("not read: a number has thousands of digits") from None


def split_records(pieces: Iterable[str], rank: Callable[[list[str]], int]) -> Iterator[tuple[int, str, int]]:
    """The text of each record, the line where it starts, and the number of the list or object that it stands in.

    That is 0 for the file itself and for a list that is the whole file. Raises BrokenStream where the text ends too early.
    `rank` says what keys show: 2 a paper, 1 a title or an abstract alone, 0 neither. An object that stands in no array is a
    wrapper, not a record, when what it holds looks more like papers than itself.
    """
    buffer, base_line, position = "", 1, 0
    depth, start, record_depth = 0, -1, 0
    wrappers: list[str] = []
    places: list[int] = []
    n_places = place = 0
    iterator = iter(pieces)
    ended = False
    while True:
        token = _TOKEN.search(buffer, position)
        # Whether an object is a record shows in its beginning: wait until that is here.
        waits = token is not None and (
            (token[0][0] == '"' and not token["closed"])
            or (start < 0 and token[0] == "{" and wrappers[-1:] != ["["] and len(buffer) - token.start() < _HEAD)
        )
        if (token is None or waits) and not ended:
            waiting = len(buffer) if token is None else token.start()
            keep = start if start >= 0 else waiting
            base_line += buffer.count("\n", 0, keep)
            buffer, position = buffer[keep:], waiting - keep
            start = start - keep if start >= 0 else start
            if len(buffer) > LONGEST_LINE:
                raise BrokenStream(
                    f"a record has more than {LONGEST_LINE >> 20} MB; nothing after it is read", line=base_line
                )
            grown: list[str] = []
            n = 0
            while n < max(1 << 16, len(buffer)) and not ended:
                piece = next(iterator, None)
                ended = piece is None
                grown.append(piece or "")
                n += len(piece or "")
            buffer += "".join(grown)
            continue
        if token is None or (token[0][0] == '"' and not token["closed"]):
            break
        position = token.end()
        sign = token[0]
        if sign in "{[":
            if start < 0 and sign == "{" and (wrappers[-1:] == ["["] or _alone(buffer, token.start(), rank)):
                start, record_depth = token.start(), depth
                place = 0 if not wrappers or wrappers == ["["] else places[-1]
            if start < 0:
                wrappers.append(sign)
                n_places += 1
                places.append(n_places)
                if len(wrappers) > _DEEPEST:
                    line = base_line + buffer.count("\n", 0, position)
                    raise BrokenStream("brackets are nested too deeply; nothing after that is read", line=line)
            depth += 1
        elif sign in "}]":
            depth = max(depth - 1, 0)
            if start >= 0 and depth == record_depth:
                yield base_line + buffer.count("\n", 0, start), buffer[start:position], place
                start = -1
            elif start < 0 and wrappers:
                wrappers.pop()
                places.pop()
    if start >= 0 or depth:
        line = base_line + buffer.count("\n", 0, start if start >= 0 else len(buffer))
        raise BrokenStream("the JSON ends in the middle", line=line)


def _alone(buffer: str, at: int, rank: Callable[[list[str]], int]) -> bool:
    """Whether the object that starts here is a record, not a wrapper around records, as far as its beginning shows."""
    opened: list[list[str] | None] = []
    own: list[str] = []
    inside, previous, holds_lists = 0, "", False
    for token in _TOKEN.finditer(buffer, at, at + _HEAD):
        sign = token[0]
        if sign == ":" and opened and (keys := opened[-1]) is not None:
            keys.append(previous.strip('"'))
        holds_lists = holds_lists or (sign == "{" and previous == "[")
        if sign in "{[":
            opened.append(([] if opened else own) if sign == "{" else None)
        elif sign in "}]" and opened:
            keys = opened.pop()
            if not opened:
                break
            inside = max(inside, rank(keys) if keys and inside < 2 else 0)
        previous = sign
    inside = max([inside, *(rank(keys) for keys in opened[1:] if keys)])
    here = rank(own)
    return here == 2 or (here == 1 and inside < 2) or (here == 0 and not inside and not holds_lists)
