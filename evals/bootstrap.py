"""How sure is a mean? Percentile bootstrap intervals and a paired permutation test, seeded, vectorised.

Sources: B. Efron, "Bootstrap methods: another look at the jackknife", 1979 (percentile interval); R. A. Fisher, "The
Design of Experiments", 1935 (sign-flip test of paired differences); the add-one estimate of its p-value is from Phipson
and Smyth, "Permutation p-values should never be zero", 2010.

An interval from fewer than about twenty values is rough, and values that are all alike give an interval without width:
read `n` beside it.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from evals.schema import Mean

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

N_RESAMPLES = 10_000
SEED = 20_240_501
# Random draws are made in pieces of this many numbers, so that memory stays bounded for large sets.
_PIECE = 4_000_000
# Up to this many differences every one of the 2**n sign patterns is counted.
_EXACT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Mean of paired differences (second minus first), 95 % interval, two-sided p-value of the sign-flip test.

    `n` pairs, of which `n_up` rose and `n_down` fell. Interval and p are None below two pairs.
    """

    mean: float
    n: int
    low: float | None
    high: float | None
    p: float | None
    n_up: int
    n_down: int

    def to_dict(self) -> dict[str, Any]:
        return {name: round(value, 6) if isinstance(value, float) else value for name, value in asdict(self).items()}


def interval(
    values: Sequence[float], *, level: float = 0.95, n_resamples: int = N_RESAMPLES, seed: int = SEED
) -> tuple[float, float] | None:
    """Percentile bootstrap interval of the mean of `values`; None below two values."""
    import numpy as np

    if len(values) < 2:
        return None
    data = np.asarray(values, dtype=float)
    if (data == data[0]).all():
        return float(data[0]), float(data[0])
    rng = np.random.default_rng(seed)
    rows = max(1, _PIECE // len(data))
    pieces = [
        data[rng.integers(0, len(data), size=(min(rows, n_resamples - at), len(data)))].mean(axis=1)
        for at in range(0, n_resamples, rows)
    ]
    tail = (1 - level) / 2
    low, high = np.quantile(np.concatenate(pieces), [tail, 1 - tail])
    return float(low), float(high)


def mean_of(values: Sequence[float], *, n_not_applicable: int = 0, n_missing: int = 0) -> Mean:
    """Mean, median and interval of some values."""
    if not values:
        return Mean(mean=None, n=0, n_not_applicable=n_not_applicable)
    bounds = interval(values)
    return Mean(
        mean=statistics.fmean(values),
        n=len(values),
        low=bounds[0] if bounds else None,
        high=bounds[1] if bounds else None,
        median=statistics.median(values),
        n_not_applicable=n_not_applicable,
        n_missing=n_missing,
    )


def paired_difference(first: Sequence[float], second: Sequence[float], *, seed: int = SEED) -> Difference:
    """How `second` differs from `first`, value by value: both sequences are of the same questions in the same order.

    >>> paired_difference([0.0, 0.5], [1.0, 0.5]).mean
    0.5
    """
    import numpy as np

    if len(first) != len(second):
        raise ValueError(f"paired values must be as many: {len(first)} and {len(second)}")
    differences = np.asarray(second, dtype=float) - np.asarray(first, dtype=float)
    bounds = interval(differences.tolist(), seed=seed)
    return Difference(
        mean=float(differences.mean()) if len(differences) else 0.0,
        n=len(differences),
        low=bounds[0] if bounds else None,
        high=bounds[1] if bounds else None,
        p=_sign_flip_p(differences, seed) if len(differences) > 1 else None,
        n_up=int((differences > 0).sum()),
        n_down=int((differences < 0).sum()),
    )


def _sign_flip_p(differences: NDArray[np.float64], seed: int) -> float:
    """Two-sided p: how often a mean this far from zero comes up when every difference may as well be reversed."""
    import numpy as np

    moved = differences[differences != 0]
    if not len(moved):
        return 1.0
    observed = abs(moved.sum()) - 1e-12
    if len(moved) <= _EXACT:
        patterns = (np.arange(2 ** len(moved))[:, None] >> np.arange(len(moved))) & 1
        return float((abs((1 - 2 * patterns) @ moved) >= observed).mean())
    rng = np.random.default_rng(seed)
    rows = max(1, _PIECE // len(moved))
    n_as_far = sum(
        int(
            (
                abs((1 - 2 * rng.integers(0, 2, size=(min(rows, N_RESAMPLES - at), len(moved)))) @ moved) >= observed
            ).sum()
        )
        for at in range(0, N_RESAMPLES, rows)
    )
    return (1 + n_as_far) / (1 + N_RESAMPLES)
