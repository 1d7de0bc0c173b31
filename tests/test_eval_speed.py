"""Time and memory: every figure is there, whatever it is on this machine."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from evals.processes import load_average, run_process
from evals.speed import measure_speed
from evals.speed_figures import Latency, SpeedReport, SpeedRow, Target, percentile
from evals.speed_programs import MODES, STOCK_PACKAGES
from evals.speed_scale import ScaleReport, ScaleRow, measure_scale
from rag.errors import AskpapersError, LibraryNotFound, QuestionFileError
from ui.cli_eval import app
from ui.speed_tables import latency_table, scale_lines, scale_table, speed_lines, speed_table

PAPERS = [
    {"title": "OtterNet: Rivers as Graphs", "abstract": "OtterNet models a river as a graph. It saves 12% of energy."},
    {"title": "Badger Sampling", "abstract": "Badger digs for rare tokens. Perplexity falls by 3 points."},
]
QUESTIONS = [
    {"question_id": "a", "question": "How much energy does OtterNet save?"},
    {"question_id": "b", "question": "And Badger?", "history": [{"role": "user", "text": "What does OtterNet do?"}]},
]
# Stands in for an interpreter with the stock stack: whatever it is to run, it prints these figures.
STOCK = """#!/bin/sh
echo 'Loading weights'
echo '{"seconds": 0.5, "n_papers": 2, "n_embedded": 2, "torch": "2.0"}'
"""


def write_lines(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """`askpapers eval speed --json` on two papers and two questions, once, beside the stand-in."""
    folder = tmp_path_factory.mktemp("speed")
    stock = folder / "python"
    stock.write_text(STOCK)
    stock.chmod(0o755)
    arguments = [write_lines(folder / "papers.jsonl", PAPERS), "-n", "1", "--stock-python", stock, "--json"]
    arguments += ["--questions", write_lines(folder / "questions.jsonl", QUESTIONS)]
    result = CliRunner().invoke(app, ["speed", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0
    record: dict[str, Any] = json.loads(result.stdout)
    return record


def test_every_figure_of_whole_processes_and_of_ingesting_is_measured_on_both_sides(measured: dict[str, Any]) -> None:
    rows = {(row["part"], row["measure"]): row for row in measured["rows"]}
    assert list(rows) == [
        ("ask", "whole process"),
        ("ask", "processor time"),
        ("ask", "peak memory"),
        ("ingest", "model loaded"),
        ("ingest", "whole process"),
        ("ingest", "processor time"),
        ("ingest", "peak memory"),
    ]
    for row in rows.values():
        assert len(row["ours"]) == len(row["beside"]) == 1
        assert min(*row["ours"], *row["beside"]) >= 0
        if row["measure"] != "processor time":  # the stand-in uses next to none
            assert min(*row["ours"], *row["beside"], row["ratio"], row["ratio_of_bests"]) > 0
    assert rows["ask", "whole process"]["target"] == "at most 2.5"
    assert rows["ingest", "model loaded"]["target"] == "at least 1.5"
    assert rows["ingest", "model loaded"]["beside"] == [4.0]  # 2 papers in 0.5 s
    assert rows["ingest", "peak memory"]["reached"] is None


def test_every_question_is_searched_for_in_every_way(measured: dict[str, Any]) -> None:
    assert [row["what"] for row in measured["search"]] == [*MODES, "ask", "query"]
    for row in measured["search"]:
        assert len(row["milliseconds"]) == 2
        assert 0 < row["median_ms"] <= row["p95_ms"]


def test_what_was_measured_and_where_is_said(measured: dict[str, Any]) -> None:
    assert measured["n_papers"] == 2
    assert measured["n_repeats"] == 1
    assert measured["n_embedded"]["ours"] >= 2
    assert measured["n_embedded"]["stock"] == 2
    assert measured["stock_versions"]["torch"] == "2.0"
    assert min(measured["n_cores"], measured["load_before"] + 1, measured["load_after"] + 1) >= 1


def a_report(*, stock: bool) -> SpeedReport:
    rate = (10.0, 30.0, 20.0) if stock else ()
    faster = SpeedRow(
        part="ingest",
        measure="whole process",
        unit="papers/s",
        ours=(30.0, 50.0, 40.0),
        beside=rate,
        target=Target(at="least", value=1.5),
    )
    slower = SpeedRow(part="ask", measure="whole process", unit="s", ours=(3.0, 2.0, 4.0), beside=(1.0, 1.5, 0.5))
    return SpeedReport(
        n_repeats=3,
        n_papers=1_234_567,
        n_cores=2,
        load=(0.5, 1.25),
        rows=(slower, faster),
        latencies=(
            Latency(what="hybrid", milliseconds=(10.0, 20.0, 30.0)),
            Latency(what="query", milliseconds=(5.0, 4.0, 6.0)),
        ),
        n_embedded=(5_000_000, 1_234_567 if stock else None),
        stock_versions={"torch": "2.0"} if stock else None,
    )


def printed(report: SpeedReport) -> str:
    console = Console(width=80, highlight=False)
    with console.capture() as capture:
        console.print(speed_table(report))
        console.print(latency_table(report.latencies))
        for line in speed_lines(report):
            console.print(line, markup=False)
    return capture.get()


def test_the_tables_fit_80_columns_and_show_medians_ratios_and_targets() -> None:
    text = printed(a_report(stock=True))
    assert max(map(len, text.splitlines())) <= 80
    lines = [line.split() for line in text.splitlines()]
    assert ["whole", "process,", "s", "3.00", "1.00", "3.00", "4.00"] in lines
    assert ["whole", "process,", "papers/s", "40.00", "20.00", "2.00", "1.67", "≥", "1.5"] in lines
    assert ["Library.search,", "hybrid", "20.0", "29.0", "4.0"] in lines
    assert "not measured" not in text


def test_without_the_stock_stack_its_column_says_so_and_how_to_get_it() -> None:
    report = a_report(stock=False)
    text = printed(report)
    assert max(map(len, text.splitlines())) <= 80
    assert ["whole", "process,", "papers/s", "40.00", "not", "measured", "–", "–", "≥", "1.5"] in [
        line.split() for line in text.splitlines()
    ]
    assert all(package in text for package in STOCK_PACKAGES)
    assert "--stock-python" in text
    row = report.to_dict()["rows"][1]
    assert (row["beside"], row["beside_median"], row["ratio"], row["reached"]) == (None, None, None, None)


def test_a_busy_machine_is_pointed_out() -> None:
    report = a_report(stock=True)
    assert "busy" not in printed(report)
    assert "busy" in printed(replace(report, load=(1.5, 1.5)))  # more than half of two cores


def test_a_ratio_is_of_medians_and_a_target_has_a_side() -> None:
    ask, ingest = a_report(stock=True).rows
    assert (ask.ratio, ask.ratio_of_bests) == (3.0, 4.0)  # 3 / 1; least of each: 2 / 0.5
    assert ingest.ratio == 2.0  # 40 / 20
    assert ingest.ratio_of_bests == pytest.approx(50 / 30)  # the fastest of each
    assert Target(at="most", value=2.5).reached(2.5)
    assert not Target(at="most", value=2.5).reached(2.6)
    assert Target(at="least", value=1.5).reached(1.6)
    assert not Target(at="least", value=1.5).reached(1.4)


def test_percentiles_interpolate() -> None:
    assert percentile([5.0, 1.0, 4.0, 2.0, 3.0], 0.95) == pytest.approx(4.8)  # position 3.8: 4 + 0.8 * (5 - 4)
    assert percentile([7.0], 0.95) == 7.0


def test_a_process_is_measured_whole() -> None:
    done = run_process([sys.executable, "-c", "print('x' * 3); data = bytearray(200_000_000)"], what="a test")
    assert done.output == "xxx\n"
    assert done.wall_s > 0
    assert done.cpu_s > 0
    assert done.peak_mb > 190


def test_load_is_a_number() -> None:
    assert load_average() >= 0


def test_a_process_that_fails_is_an_error_with_its_last_words() -> None:
    with pytest.raises(AskpapersError, match=r"^a test ended with exit code 1: ValueError: no otters$"):
        run_process([sys.executable, "-c", "raise ValueError('no otters')"], what="a test")
    with pytest.raises(AskpapersError, match="a test: cannot start nowhere/python"):
        run_process(["nowhere/python"], what="a test")


def test_what_is_missing_is_said_before_anything_is_measured(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFound):
        measure_speed(library=tmp_path / "none")
    with pytest.raises(QuestionFileError):
        measure_speed(questions=tmp_path / "none.jsonl")
    with pytest.raises(AskpapersError, match="pip install torch"):
        measure_speed(stock_python=tmp_path / "python")


def test_sources_without_papers_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(AskpapersError, match="no papers could be read"):
        measure_speed([str(tmp_path)], n_repeats=1)


def test_what_size_costs_is_measured_and_held_against_targets() -> None:
    row = ScaleRow(
        measure="search, half pass, p95",
        value=40.0,
        unit="ms",
        against="1,000 papers",
        beside=16.0,
        judged=2.5,
        target=Target(at="most", value=3),
    )
    assert row.reached and not replace(row, judged=3.5).reached and replace(row, target=None).reached is None
    report = ScaleReport(n_papers=100_000, n_passages=320_000, n_cores=2, load=(0.1, 1.2), rows=(row,))
    assert report.to_dict()["rows"][0]["target"] == "at most 3"
    shown = shown_table(scale_table(report))
    assert "100,000 made-up papers, 320,000 passages" in shown and "2.50" in shown and "≤ 3" in shown
    assert scale_lines(report) == ["2 cores, load 0.1 before, 1.2 after. Vectors are random."]
    with pytest.raises(AskpapersError, match="too few"):
        measure_scale(10)


def shown_table(table: object) -> str:
    console = Console(width=100)
    with console.capture() as captured:
        console.print(table)
    return captured.get()
