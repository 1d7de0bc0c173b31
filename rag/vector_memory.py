"""Vectors held in memory, for a small library that is asked again and again: every cosine at once, none approximate.

Chroma takes 4 ms to give all distances of 2,500 passages, this takes a tenth of that; but reading the vectors takes as long as
ten questions, so only programs that go on asking (`Library.prepare`) hold them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# A collection of up to so many vectors is held: 6 MB of 384 numbers each.
MOST_HELD = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldVectors:
    """Keys and unit vectors of a collection, shape (n, d)."""

    keys: tuple[str, ...]
    rows: NDArray[np.float32]

    def nearest(self, vector: NDArray[np.float32], n: int) -> list[tuple[str, float]]:
        """The n nearest keys and their cosines, best first; equal ones in the order of storing."""
        import numpy as np

        cosines = self.rows @ _unit(np.asarray(vector, np.float32)[None, :])[0]
        best = np.argsort(-cosines, kind="stable")[:n]
        keys = self.keys
        return list(zip([keys[i] for i in best.tolist()], cosines[best].tolist(), strict=True))


def held(keys: Sequence[str], rows: NDArray[np.float32]) -> HeldVectors:
    """Holds vectors of any length, shape (n, d)."""
    return HeldVectors(keys=tuple(keys), rows=_unit(rows))


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    unit: NDArray[np.float32] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit
