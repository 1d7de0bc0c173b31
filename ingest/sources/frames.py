"""Tables in JSON that are no list of objects: column by column ({"title": {"0": …}}, {"title": […]}) or rows after their names.

These are `DataFrame.to_json()` as it comes, its "split" and "values", and `Dataset.to_dict()` of Hugging Face.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from ingest.sources.shapes import rank_of

_STRING = r'"(?:[^"\\]|\\.)*"'
_SCALAR = r'(?:"|-?\d|null\b|true\b|false\b|\[)'
_BEGINS = re.compile(
    rf"\{{\s*{_STRING}\s*:\s*(?:\{{\s*{_STRING}\s*:\s*{_SCALAR}|\[\s*{_SCALAR})|\[\s*\[\s*(?:{_SCALAR}|\])", re.DOTALL
)
_NAMELESS = re.compile(rf"\[\s*\[\s*(?:{_SCALAR}|\])")


def looks_like_frame(head: str) -> bool:
    """Whether a JSON text that begins like this is such a table: it is, or it may be and goes on after `head`."""
    if not _BEGINS.match(head):
        return False
    try:
        value, _ = json.JSONDecoder().raw_decode(head)
    except json.JSONDecodeError:
        # The first column alone is longer than this: nothing else begins so and goes on so long.
        return _NAMELESS.match(head) is not None or _first_is_long(head)
    except (RecursionError, ValueError):
        return False
    return rows_of_frame(value) is not None


def rows_of_frame(value: Any) -> tuple[list[str], Iterator[dict[str, Any]]] | None:
    """The names of columns and the rows as objects; None when it is no such table. Rows without names: no columns, no rows.

    >>> columns, rows = rows_of_frame({"title": {"0": "A"}, "abstract": {"0": "It folds."}})
    >>> columns, list(rows)
    (['title', 'abstract'], [{'title': 'A', 'abstract': 'It folds.'}])
    """
    if isinstance(value, list):
        is_nameless = bool(value) and all(
            isinstance(row, list) and not any(isinstance(one, dict) for one in row) for row in value
        )
        return ([], iter(())) if is_nameless else None
    if not isinstance(value, dict) or not value:
        return None
    names, rows = value.get("columns"), value.get("data")
    if isinstance(names, list) and isinstance(rows, list) and all(isinstance(row, list) for row in rows):
        columns = [str(name) for name in names]
        return columns, (dict(zip(columns, row, strict=False)) for row in rows)
    columns = list(value)
    cells = list(value.values())
    if all(isinstance(column, dict) and column for column in cells):
        # Values of {"p1": {…}, "p2": {…}} are papers, no columns.
        if max(rank_of(list(column)[:100]) for column in cells[:5]) or not _are_columns(cells):
            return None
        labels = list(cells[0])
        return columns, ({name: column.get(label) for name, column in value.items()} for label in labels)
    if all(isinstance(column, list) for column in cells) and len({len(column) for column in cells}) == 1 and cells[0]:
        return columns, ({name: column[i] for name, column in value.items()} for i in range(len(cells[0])))
    return None


def _are_columns(cells: list[dict[str, Any]]) -> bool:
    """Whether they have the same rows, of plain values, and more than the {"value": …} of OpenReview."""
    first = cells[0].keys()
    is_plain = not any(isinstance(one, dict) for column in cells for one in islice(column.values(), 5))
    return is_plain and first != {"value"} and all(column.keys() == first for column in cells)


def _first_is_long(head: str) -> bool:
    """Whether the first value of an object goes on to the end of what is seen."""
    opening = re.match(rf"\{{\s*{_STRING}\s*:\s*", head)
    if opening is None:
        return False
    try:
        json.JSONDecoder().raw_decode(head, opening.end())
    except (RecursionError, ValueError):
        return True
    return False
