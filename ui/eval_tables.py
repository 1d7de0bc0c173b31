"""The figures of an evaluation as tables for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from evals.beir import MEASURES as SEARCH_MEASURES
from evals.beir import SplitResult
from evals.compare import Change, Comparison, Moved
from evals.gates import GateResult
from evals.measures import BY_NAME, MEASURES, Measure, is_missing
from evals.plots import number
from evals.report_judge import show_kappa, unchecked
from evals.schema import Scored

_BY_KIND = {
    "quality": "quality",
    "recall@5": "found@5",
    "facts_stated": "facts",
    "citation_recall": "cit. rec.",
    "citation_precision": "cit. prec.",
    "words": "words",
}


def score_table(scored: Scored) -> Table:
    """Every measure with its mean, interval and counts; costs that are all zero (no model) are left out."""
    title = f"{scored.run.name}: {len(scored.run.questions)} questions"
    table = Table(box=box.SIMPLE_HEAD, title=Text(title), title_justify="left", padding=(0, 1, 0, 0))
    table.add_column("measure", no_wrap=True)
    for name in ("mean", "95 % interval", "median", "n", "left out"):
        table.add_column(name, justify="right", no_wrap=True)
    group = ""
    for measure in MEASURES:
        mean = scored.means[measure.name]
        if measure.group == "cost" and not mean.mean:
            continue
        if group and measure.group != group:
            table.add_section()
        group = measure.group
        table.add_row(
            measure.name + (" ↓" if measure.better == "lower" else ""),
            measure.show(mean.mean),
            _span(mean.low, mean.high, measure),
            measure.show(mean.median),
            str(mean.n),
            str(mean.n_not_applicable),
        )
    return table


def missing_line(scored: Scored) -> str:
    """How many answers are missing, or nothing."""
    n = sum(is_missing(scored.run.answers.get(question.question_id)) for question in scored.run.questions)
    return f"{n} of {len(scored.run.questions)} answers are missing and count as the worst value." if n else ""


def kind_table(scored: Scored) -> Table:
    """The main measures by kind of question."""
    table = Table(box=box.SIMPLE_HEAD, title="by kind of question", title_justify="left", padding=(0, 1, 0, 0))
    table.add_column("kind", overflow="ellipsis", max_width=18, no_wrap=True)
    table.add_column("n", justify="right")
    for heading in _BY_KIND.values():
        table.add_column(heading, justify="right", no_wrap=True)
    for kind, means in scored.means_by_kind.items():
        n = sum(question.kind == kind for question in scored.run.questions)
        table.add_row(Text(kind), str(n), *(BY_NAME[name].show(means[name].mean) for name in _BY_KIND))
    return table


def judge_table(scored: Scored) -> Table:
    """What a model judge says beside the rules, and how far they agree."""
    title = "a model's opinion, beside the rule's: " + ", ".join(sorted({m for j in scored.judged for m in j.models}))
    table = Table(box=box.SIMPLE_HEAD, title=Text(title), title_justify="left", padding=(0, 1, 0, 0))
    table.add_column("judged", no_wrap=True)
    for name in ("model", "rule", "agree", "kappa", "n", "unchecked"):
        table.add_column(name, justify="right", no_wrap=True)
    for judged in scored.judged:
        shares = (judged.share.mean, judged.rule_share.mean, judged.kappa.observed)
        table.add_row(
            judged.aspect,
            *("–" if share is None else f"{share:.3f}" for share in shares),
            show_kappa(judged.kappa),
            str(judged.kappa.n),
            str(unchecked(judged)),
        )
    return table


def change_table(comparison: Comparison) -> Table:
    """Every measure in both runs, with the paired difference; green and red where the interval leaves out zero."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("measure", no_wrap=True)
    for name in ("first", "second", "change", "95 % interval", "p", "n"):
        table.add_column(name, justify="right", no_wrap=True)
    for change in comparison.changes:
        measure, difference = BY_NAME[change.measure], change.difference
        if measure.group == "cost" and not change.first and not change.second:
            continue
        table.add_row(
            change.measure,
            measure.show(change.first),
            measure.show(change.second),
            Text(measure.show(difference.mean, sign=True), style=_style(change, measure)),
            _span(difference.low, difference.high, measure, sign=True),
            _chance(difference.p),
            str(difference.n),
        )
    return table


def moved_table(title: str, moved: Sequence[Moved], most: int) -> Table:
    """The questions whose quality changed most."""
    shown = f"{title} ({len(moved)})" if len(moved) <= most else f"{title} ({len(moved)}, the first {most})"
    table = Table(box=None, title=shown, title_justify="left", show_header=False, expand=True, padding=(0, 1, 0, 0))
    table.add_column("id", no_wrap=True, overflow="ellipsis", width=10)
    table.add_column("quality", no_wrap=True, justify="right", width=13)
    table.add_column("question", overflow="ellipsis", no_wrap=True, ratio=1)
    for move in moved[:most]:
        change = f"{number(move.first)} → {number(move.second)}"
        table.add_row(Text(move.question_id), change, Text(" ".join(move.question.split())))
    return table


def search_table(result: SplitResult) -> Table:
    """Search measures of one split, by mode, and what hybrid adds."""
    title = f"{result.split}: {result.n_queries} queries (mean, 95 % interval)"
    table = Table(box=box.SIMPLE_HEAD, title=Text(title), title_justify="left", padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    for name in SEARCH_MEASURES:
        table.add_column(name, justify="right", no_wrap=True)
    for mode, means in result.means.items():
        row = [(means[name].mean or 0.0, means[name].low, means[name].high) for name in SEARCH_MEASURES]
        table.add_row(mode, *(f"{mean:.3f} {low or 0.0:.3f}…{high or 0.0:.3f}" for mean, low, high in row))
    table.add_section()
    for mode, gains in result.hybrid_gain.items():
        moves = [(gains[name].mean, gains[name].low, gains[name].high) for name in SEARCH_MEASURES]
        cells = (f"{mean:+.3f} {low or 0.0:+.3f}…{high or 0.0:+.3f}" for mean, low, high in moves)
        table.add_row(f"over {mode}", *cells)
    return table


def gate_lines(results: Iterable[GateResult]) -> list[Text]:
    return [Text(f"gate {result.text}", style="green" if result.held else "red") for result in results]


def _span(low: float | None, high: float | None, measure: Measure, *, sign: bool = False) -> str:
    if low is None or high is None:
        return "–"
    return f"{measure.show(low, sign=sign)}…{measure.show(high, sign=sign)}"


def _style(change: Change, measure: Measure) -> str:
    difference = change.difference
    if difference.low is None or difference.high is None or difference.low <= 0 <= difference.high:
        return ""
    if measure.better == "neither":
        return ""
    return "green" if (difference.mean > 0) == (measure.better == "higher") else "red"


def _chance(p: float | None) -> str:
    if p is None:
        return "–"
    return "<0.001" if p < 0.001 else f"{p:.3f}"
