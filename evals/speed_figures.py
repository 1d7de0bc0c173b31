"""The figures of a speed measurement: values of every repeat, their medians, ratios and targets."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a ratio should reach: `at` `least` or `most` this value."""

    at: Literal["least", "most"]
    value: float

    def reached(self, ratio: float) -> bool:
        return ratio >= self.value if self.at == "least" else ratio <= self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedRow:
    """One figure of both sides: a value for each repeat. `beside` is empty where the other side was not measured."""

    part: Literal["ask", "ingest"]
    measure: str
    unit: Literal["s", "papers/s", "MB"]
    ours: tuple[float, ...]
    beside: tuple[float, ...] = ()
    target: Target | None = None

    @property
    def ratio(self) -> float | None:
        """Median of ours over median of the other side; None where that was not measured, or is zero."""
        return _over(statistics.median(self.ours), statistics.median(self.beside)) if self.beside else None

    @property
    def ratio_of_bests(self) -> float | None:
        """As `ratio`, of the best repeats: what is left when other work on the machine disturbed the rest."""
        best = max if self.unit == "papers/s" else min
        return _over(best(self.ours), best(self.beside)) if self.beside else None

    def to_dict(self) -> dict[str, Any]:
        ratio, of_bests = self.ratio, self.ratio_of_bests
        return {
            "part": self.part,
            "measure": self.measure,
            "unit": self.unit,
            "ours": _rounded(self.ours),
            "beside": _rounded(self.beside) or None,
            "ours_median": round(statistics.median(self.ours), 4),
            "beside_median": round(statistics.median(self.beside), 4) if self.beside else None,
            "ratio": round(ratio, 4) if ratio is not None else None,
            "ratio_of_bests": round(of_bests, 4) if of_bests is not None else None,
            "target": f"at {self.target.at} {self.target.value}" if self.target else None,
            "reached": self.target.reached(ratio) if self.target and ratio is not None else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds of each question (the median over the repeats), in the order of the questions."""

    what: str
    milliseconds: tuple[float, ...]

    @property
    def median_ms(self) -> float:
        return statistics.median(self.milliseconds)

    @property
    def p95_ms(self) -> float:
        return percentile(self.milliseconds, 0.95)

    def to_dict(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "median_ms": round(self.median_ms, 3),
            "p95_ms": round(self.p95_ms, 3),
            "milliseconds": _rounded(self.milliseconds),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedReport:
    """Everything measured in one run.

    `latencies` ends with the bare query of Chroma. `n_embedded` counts the texts that each side, ours first, made of
    the `n_papers` papers. `load` is the one-minute load average before and after (processes that wait for or use a
    core).
    """

    n_repeats: int
    n_papers: int
    n_cores: int
    load: tuple[float, float]
    rows: tuple[SpeedRow, ...]
    latencies: tuple[Latency, ...]
    n_embedded: tuple[int, int | None]
    stock_versions: dict[str, str] | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "n_repeats": self.n_repeats,
            "n_papers": self.n_papers,
            "n_cores": self.n_cores,
            "load_before": round(self.load[0], 2),
            "load_after": round(self.load[1], 2),
            "stock_versions": self.stock_versions,
            "n_embedded": {"ours": self.n_embedded[0], "stock": self.n_embedded[1]},
            "rows": [row.to_dict() for row in self.rows],
            "search": [latency.to_dict() for latency in self.latencies],
        }


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies, interpolated between neighbours (as numpy's default).

    >>> percentile([1.0, 2.0, 3.0, 4.0, 5.0], 0.95)
    4.8
    """
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (position - low) * (ordered[high] - ordered[low])


def _over(ours: float, beside: float) -> float | None:
    return ours / beside if beside else None


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(value, 4) for value in values]
