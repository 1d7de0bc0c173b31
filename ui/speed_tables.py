"""Time and memory beside the stock stack, as tables for a terminal of 80 columns."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from evals.speed_figures import Latency, SpeedReport, SpeedRow
from evals.speed_programs import STOCK_PACKAGES
from evals.speed_scale import ScaleReport

_BESIDE = {
    "ask": "ask, beside import chromadb",
    "ingest": "ingest, beside the stock stack",
}


def speed_table(report: SpeedReport) -> Table:
    """Whole processes and ingesting, beside the other side: medians of the repeats, ratio and target."""
    runs = f"{report.n_repeats} runs of each" if report.n_repeats > 1 else "one run of each"
    title = f"medians of {runs}, in turn"
    table = Table(box=box.SIMPLE_HEAD, title=Text(title), title_justify="left", padding=(0, 1, 0, 0))
    table.add_column("measure", no_wrap=True)
    for name in ("askpapers", "beside", "ratio", "of bests", "target"):
        table.add_column(name, justify="right", no_wrap=True)
    part = ""
    for row in report.rows:
        if row.part != part:
            if part:
                table.add_section()
            part = row.part
            table.add_row(Text(_BESIDE[part], style="bold"))
        table.add_row(
            f"  {row.measure}, {row.unit}",
            _median(row.ours),
            _median(row.beside) if row.beside else "not measured",
            _ratio(row, row.ratio),
            _ratio(row, row.ratio_of_bests),
            (f"{'≥' if row.target.at == 'least' else '≤'} {row.target.value:g}" if row.target else ""),
        )
    return table


def latency_table(latencies: Sequence[Latency]) -> Table:
    """Milliseconds a question of an open library, beside the bare query of Chroma (the last)."""
    *ours, bare = latencies
    title = f"milliseconds a question, open library, {len(bare.milliseconds)} questions"
    table = Table(box=box.SIMPLE_HEAD, title=Text(title), title_justify="left", padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    for name in ("median", "p95", "times Chroma's median"):
        table.add_column(name, justify="right", no_wrap=True)
    for latency in ours:
        what = "Engine.ask" if latency.what == "ask" else f"Library.search, {latency.what}"
        times = f"{latency.median_ms / bare.median_ms:.1f}"
        table.add_row(what, f"{latency.median_ms:.1f}", f"{latency.p95_ms:.1f}", times)
    table.add_section()
    table.add_row("Chroma's query, vector ready", f"{bare.median_ms:.1f}", f"{bare.p95_ms:.1f}", "1")
    return table


def scale_table(report: ScaleReport) -> Table:
    """What size costs: each figure, what it is held against, and the ratio or difference that has a target."""
    title = f"{report.n_papers:,} made-up papers, {report.n_passages:,} passages"
    table = Table(box=box.SIMPLE_HEAD, title=Text(title), title_justify="left", padding=(0, 1, 0, 0))
    table.add_column("measure")
    table.add_column("beside")
    for name in ("askpapers", "beside", "judged", "target"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in report.rows:
        style = "" if row.reached is None else "green" if row.reached else "red"
        table.add_row(
            f"{row.measure}, {row.unit}",
            row.against,
            _median([row.value]),
            _median([row.beside]) if row.beside is not None else "",
            Text(f"{row.judged:.2f}", style=style),
            (f"{'≥' if row.target.at == 'least' else '≤'} {row.target.value:g}" if row.target else ""),
        )
    return table


def scale_lines(report: ScaleReport) -> list[str]:
    cores = f"{report.n_cores} core{'s' * (report.n_cores != 1)}"
    return [f"{cores}, load {report.load[0]:.1f} before, {report.load[1]:.1f} after. Vectors are random."]


def speed_lines(report: SpeedReport) -> list[str]:
    """What to know beside the figures: the machine's load, what was embedded, how to measure the other side."""
    cores = f"{report.n_cores} core{'s' * (report.n_cores != 1)}"
    load = f"load {report.load[0]:.1f} before, {report.load[1]:.1f} after"
    ours, stock = report.n_embedded
    beside = f", the stock stack {stock} chunks" if stock is not None else ""
    lines = [f"{cores}, {load}.", f"Of {report.n_papers} papers askpapers embedded {ours} passages{beside}."]
    if report.load[0] > report.n_cores / 2:
        lines.append("The machine was busy, which slows threads that wait for each other (torch) most: repeat it.")
    if report.stock_versions is None:
        lines += [
            "Not measured: the stock stack, which wants an environment of its own:",
            "  python -m venv stock",
            *(f"  stock/bin/pip install {' '.join(names)}" for names in (STOCK_PACKAGES[:3], STOCK_PACKAGES[3:])),
            "  askpapers eval speed --stock-python stock/bin/python",
            "A build of torch for the CPU is enough.",
        ]
    return lines


def _median(values: Sequence[float]) -> str:
    middle = statistics.median(values)
    return f"{middle:.2f}" if middle < 100 else f"{middle:.0f}"


def _ratio(row: SpeedRow, ratio: float | None) -> Text:
    if ratio is None:
        return Text("–")
    style = "" if row.target is None else "green" if row.target.reached(ratio) else "red"
    return Text(f"{ratio:.2f}", style=style)
