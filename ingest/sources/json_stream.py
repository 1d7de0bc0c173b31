"""Cuts a long JSON text into the records that it holds, without reading it as a whole.

Records are the objects of an array, wherever it stands ("[{…}]", {"papers": [{…}]}, {"result": {"items": […]}}), or objects
that follow each other. Only brackets and strings are looked at here: a record that is not JSON inside loses only itself.
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


def split_records(pieces: Iterable[str], is_record: Callable[[list[str]], bool]) -> Iterator[tuple[int, str]]:
    """The text of each record and the line where it starts. Raises BrokenStream where the text ends too early.

    An object that stands in no array is a record when `is_record` says so of its keys, or when it holds no array of objects.
    """
    buffer, base_line, position = "", 1, 0
    depth, start, record_depth = 0, -1, 0
    wrappers: list[str] = []
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
            if start < 0 and sign == "{" and (wrappers[-1:] == ["["] or _alone(buffer, token.start(), is_record)):
                start, record_depth = token.start(), depth
            if start < 0:
                wrappers.append(sign)
                if len(wrappers) > _DEEPEST:
                    line = base_line + buffer.count("\n", 0, position)
                    raise BrokenStream("brackets are nested too deeply; nothing after that is read", line=line)
            depth += 1
        elif sign in "}]":
            depth = max(depth - 1, 0)
            if start >= 0 and depth == record_depth:
                yield base_line + buffer.count("\n", 0, start), buffer[start:position]
                start = -1
            elif start < 0 and wrappers:
                wrappers.pop()
    if start >= 0 or depth:
        line = base_line + buffer.count("\n", 0, start if start >= 0 else len(buffer))
        raise BrokenStream("the JSON ends in the middle", line=line)


def _alone(buffer: str, at: int, is_record: Callable[[list[str]], bool]) -> bool:
    """Whether the object that starts here is a record, not a wrapper around records, as far as its beginning shows."""
    keys, previous, depth, holds_records = [], "", 0, False
    for token in _TOKEN.finditer(buffer, at, at + _HEAD):
        sign = token[0]
        if sign == ":" and depth == 1:
            keys.append(previous.strip('"'))
        holds_records = holds_records or (sign == "{" and previous == "[")
        depth += (sign in "{[") - (sign in "}]")
        if not depth:
            break
        previous = sign
    return is_record(keys) or not holds_records
