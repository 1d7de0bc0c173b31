"""Lists and objects that were written into one cell of a table, as pandas, NumPy and JSON write them; only what they hold.

["A", "B"]      ['A', 'B']      ['A' 'B']      array(['A', 'B'], dtype=object)      [{'name': 'A', 'id': nan}]
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import Any

_LONGEST = 2_000_000
_ARRAY = re.compile(r"(?:np\.|numpy\.)?array\((?P<inside>\[.*\])(?:,\s*dtype=[^()]*)?\)", re.DOTALL)
_STRING = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
# Strings with commas or only spaces between them, which Python would join.
_STRINGS = re.compile(rf"[\[(]\s*(?:{_STRING}(?:\s*,\s*|\s+|(?=\s*[\])])))*(?:\.\.\.)?\s*[\])]", re.DOTALL)
_ONE = re.compile(_STRING, re.DOTALL)
_NO_VALUE = re.compile(rf"(?P<string>{_STRING})|\b(?:nan|NaN|NaT|null|<NA>)\b", re.DOTALL)


def opened(value: object) -> Any:
    """The list or object that a text is; anything else as it is.

    >>> opened("['Ann Other' 'Bo Else']"), opened('["A", "B"]'), opened("[1] A note")
    (['Ann Other', 'Bo Else'], ['A', 'B'], '[1] A note')
    """
    if not isinstance(value, str) or not 2 <= len(value) <= _LONGEST:
        return value
    text = value.strip()
    if match := _ARRAY.fullmatch(text):
        text = match["inside"]
    if text[:1] + text[-1:] not in ("[]", "{}", "()"):
        return value
    if text in ("[]", "{}", "()"):
        return []
    try:
        found = json.loads(text)
        return found if isinstance(found, (list, dict)) else value
    except (ValueError, RecursionError):
        pass
    if _STRINGS.fullmatch(text):
        return [_plain(match[0]) for match in _ONE.finditer(text)]
    if text[0] == "(":
        return value
    try:
        found = ast.literal_eval(_NO_VALUE.sub(lambda match: match["string"] or "None", text))
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return value
    return found if isinstance(found, (list, dict)) else value


def objects(value: object) -> list[Any]:
    """A list, wherever it stands: in a cell, or as the map that Parquet gives as pairs."""
    found = opened(value)
    return list(found) if isinstance(found, (list, tuple)) else []


def mapping(value: object) -> Mapping[str, Any]:
    """An object, wherever it stands: in a cell, or as the list of pairs that Parquet gives for a map. Empty: there is none."""
    found = opened(value)
    if isinstance(found, list) and found and all(isinstance(one, tuple) and len(one) == 2 for one in found):
        found = dict(found)
    return {str(name): one for name, one in found.items()} if isinstance(found, Mapping) else {}


def _plain(quoted: str) -> str:
    try:
        return str(ast.literal_eval(quoted))
    except (ValueError, SyntaxError):
        return quoted[1:-1]
