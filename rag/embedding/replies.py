"""Vectors as they come from elsewhere, checked: as many as texts, of one length, finite, in the order of the texts."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class BadVectors(Exception):
    """What is wrong with them."""


def rows_of_reply(record: object, n_texts: int) -> list[Any]:
    """The vectors of a reply in the form of OpenAI's embeddings, in the order of the texts; raises BadVectors."""
    listed = record.get("data") if isinstance(record, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise BadVectors("the reply holds no list of vectors; does its address end in /v1, and does it embed?")
    if len(listed) != n_texts:
        raise BadVectors(f"{len(listed)} vectors came for {n_texts} texts")
    rows: list[Any] = [None] * n_texts
    for i, one in enumerate(listed):
        place = one.get("index", i)
        if type(place) is not int or not 0 <= place < n_texts or rows[place] is not None:
            raise BadVectors("the vectors are not numbered as the texts are")
        rows[place] = _numbers(one.get("embedding"))
        if rows[place] is None:
            raise BadVectors("a vector is not a list of numbers")
    return rows


def unit_rows(rows: Any, n_texts: int, dimension: int | None) -> NDArray[np.float32]:
    """Vectors of length 1, shape (n_texts, d); raises BadVectors. `dimension` is None when it is not known yet."""
    import numpy as np

    try:
        sizes = sorted({len(row) for row in rows})
        vectors = np.array(rows, np.float32) if len(sizes) == 1 else np.zeros(0)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadVectors("a vector is not a list of numbers") from error
    if len(rows) != n_texts:
        raise BadVectors(f"{len(rows)} vectors came for {n_texts} texts")
    if vectors.ndim != 2 or not vectors.shape[1] or vectors.shape[1] != (dimension or vectors.shape[1]):
        expected = f"; {dimension} were expected" if dimension else ""
        raise BadVectors(f"vectors of {' and '.join(map(str, sizes))} numbers came{expected}")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(vectors).all() or not lengths.all():
        raise BadVectors("a vector is zero or has infinite numbers")
    unit: NDArray[np.float32] = (vectors / lengths).astype(np.float32)
    return unit


def _numbers(value: object) -> Any:
    """A vector as a list of numbers or in base64; None when it is neither."""
    import numpy as np

    try:
        if isinstance(value, str):
            return np.frombuffer(base64.b64decode(value, validate=True), "<f4")
        if isinstance(value, list) and value and all(type(number) in (int, float) for number in value):
            return np.array(value, np.float32)
    except (ValueError, binascii.Error, OverflowError):
        pass
    return None
