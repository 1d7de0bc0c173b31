"""Plots as inline SVG: no script, colours from the page's CSS variables, every label escaped.

Each plot is drawn 360 units wide, so that its text stays readable on a phone, and scales with its column. Shares lie on
an axis from 0 to 1.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

_WIDTH = 360
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A mean with its interval and the number of values behind it."""

    label: str
    mean: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    label: str
    x: float
    y: float


def escape(text: object) -> str:
    """Text safe in HTML, in attributes too; characters that HTML forbids become a replacement sign."""
    return html.escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text)), quote=True)


def number(value: float) -> str:
    """A figure as a reader wants it: no more than three digits behind the point, none for large ones.

    >>> number(0.94712), number(0.0), number(152.4), number(0.000213), number(1.0)
    ('0.947', '0', '152', '0.00021', '1')
    """
    if value != 0 and abs(value) < 0.001:
        return f"{value:.2g}"
    return f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) < 100 else f"{value:,.0f}"


def interval_plot(bars: Sequence[Bar], *, title: str) -> str:
    """One row a bar: a dot at its mean, a line over its interval, the figure and n at the right."""
    left, right, row = 112, 276, 26
    height = row * len(bars) + 30
    bottom = height - 22
    parts = [_grid_line(left + (right - left) * tick / 4, 6, bottom, f"{tick / 4:g}") for tick in range(5)]
    for index, bar in enumerate(bars):
        y = 18 + row * index
        at = left + (right - left) * _inside(bar.mean)
        parts.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{escape(_short(bar.label, 15))}</text>')
        if bar.low is not None and bar.high is not None:
            ends = [left + (right - left) * _inside(end) for end in (bar.low, bar.high)]
            parts.append(f'<line class="interval" x1="{ends[0]:.1f}" y1="{y}" x2="{ends[1]:.1f}" y2="{y}"/>')
        parts.append(f'<circle class="dot" cx="{at:.1f}" cy="{y}" r="4.5"/>')
        parts.append(
            f'<text x="{right + 10}" y="{y + 4}">{number(bar.mean)} <tspan class="soft">n {bar.n}</tspan></text>'
        )
    return _svg(height, title, parts)


def histogram(values: Sequence[float], *, title: str, n_bins: int = 10) -> str:
    """How many values lie in each tenth of [0, 1]; 1 itself is in the last."""
    counts = [0] * n_bins
    for value in values:
        counts[min(n_bins - 1, int(_inside(value) * n_bins))] += 1
    left, right, top, bottom = 14, 346, 20, 146
    width = (right - left) / n_bins
    highest = max(counts, default=0) or 1
    parts = [f'<line class="grid" x1="{left}" y1="{bottom}" x2="{right}" y2="{bottom}"/>']
    for index, count in enumerate(counts):
        tall = (bottom - top) * count / highest
        x = left + width * index
        if count:
            place = f'x="{x + 1.5:.1f}" y="{bottom - tall:.1f}" width="{width - 3:.1f}" height="{tall:.1f}"'
            parts.append(f'<rect class="bar" {place}/>')
            parts.append(
                f'<text x="{x + width / 2:.1f}" y="{bottom - tall - 5:.1f}" text-anchor="middle">{count}</text>'
            )
    for tick in range(0, n_bins + 1, 2):
        x = left + width * tick
        parts.append(f'<text class="soft" x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{tick / n_bins:g}</text>')
    return _svg(bottom + 24, title, parts)


def scatter(points: Sequence[Point], *, title: str, x_label: str) -> str:
    """Points with y in [0, 1] over x from 0, and a line through the means of the four quarters by x."""
    left, right, top, bottom = 34, 346, 12, 150
    furthest = max((point.x for point in points), default=0.0) or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        return left + (right - left) * min(1.0, max(0.0, x / furthest)), bottom - (bottom - top) * _inside(y)

    parts = []
    for tick in range(3):
        y = bottom - (bottom - top) * tick / 2
        parts.append(f'<line class="grid" x1="{left}" y1="{y}" x2="{right}" y2="{y}"/>')
        parts.append(f'<text class="soft" x="{left - 6}" y="{y + 4}" text-anchor="end">{tick / 2:g}</text>')
    for point in points:
        x, y = place(point.x, point.y)
        label = escape(f"{point.label}: {number(point.y)} at {number(point.x)}")
        parts.append(f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{label}</title></circle>')
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(x, y) for x, y in _quarter_means(points)))
    if path:
        parts.append(f'<polyline class="trend" points="{path}"/>')
    for tick in range(3):
        x = left + (right - left) * tick / 2
        anchor = ("start", "middle", "end")[tick]
        shown = number(furthest * tick / 2) + (f" {x_label}" if tick == 2 else "")
        parts.append(f'<text class="soft" x="{x:.1f}" y="{bottom + 16}" text-anchor="{anchor}">{escape(shown)}</text>')
    return _svg(bottom + 24, title, parts)


def small_interval(mean: float, low: float | None, high: float | None) -> str:
    """A mean on a line from 0 to 1, small enough for a table cell."""
    parts = ['<line class="grid" x1="3" y1="8" x2="87" y2="8"/>']
    if low is not None and high is not None:
        ends = [3 + 84 * _inside(end) for end in (low, high)]
        parts.append(f'<line class="interval" x1="{ends[0]:.1f}" y1="8" x2="{ends[1]:.1f}" y2="8"/>')
    parts.append(f'<circle class="dot" cx="{3 + 84 * _inside(mean):.1f}" cy="8" r="4"/>')
    return f'<svg class="small" viewBox="0 0 90 16" aria-hidden="true">{"".join(parts)}</svg>'


def _quarter_means(points: Sequence[Point]) -> list[tuple[float, float]]:
    """Mean x and y of each quarter of the points, ordered by x; nothing below eight points or where all x are alike."""
    ordered = sorted(points, key=lambda point: point.x)
    n = len(ordered)
    if n < 8 or ordered[0].x == ordered[-1].x:
        return []
    quarters = [ordered[n * i // 4 : n * (i + 1) // 4] for i in range(4)]
    return [(sum(p.x for p in part) / len(part), sum(p.y for p in part) / len(part)) for part in quarters]


def _grid_line(x: float, top: float, bottom: float, label: str) -> str:
    return (
        f'<line class="grid" x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}"/>'
        f'<text class="soft" x="{x:.1f}" y="{bottom + 15}" text-anchor="middle">{label}</text>'
    )


def _svg(height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {height:g}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg>"
    )


def _inside(value: float) -> float:
    return min(1.0, max(0.0, value))


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
