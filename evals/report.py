"""The report of a run: one HTML page, self-contained, without a script.

Everything that comes from a question, an answer, a paper or a file name is escaped; links are made of web addresses
only, and the page's own policy forbids scripts and fetches of any kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evals.measures import BY_NAME, MEASURES, Measure
from evals.plots import Bar, Point, escape, histogram, interval_plot, scatter, small_interval
from evals.report_judge import judge_section
from evals.report_questions import question_entry
from evals.report_style import CSS
from evals.schema import Mean, Question, Scored
from evals.score import summary

_HEADLINE = (
    "quality",
    "recall@5",
    "facts_stated",
    "citation_recall",
    "citation_precision",
    "quote_fidelity",
    "unanswerable_refused",
    "answerable_refused",
)
_BY_KIND = ("quality", "recall@5", "facts_stated", "citation_recall", "citation_precision", "words")
_GROUPS = {
    "overall": "Overall",
    "retrieval": "Were the right papers found?",
    "answer": "Does the answer say what it should?",
    "citations": "Do the citations hold?",
    "silence": "Does it know when to be silent?",
    "cost": "What does an answer cost?",
}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def report_page(scored: Scored) -> str:
    """The whole page."""
    title = f"How good are the answers? {scored.run.name}"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escape(title)}</title>
<style>{CSS}</style>
</head>
<body>
<main>
<h1>How good are the answers?</h1>
{_introduction(scored)}
<div class="tiles">{_tiles(scored)}</div>
<h2>All measures</h2>
{_table(scored)}
<h2>Where it is good and where it is not</h2>
<div class="plots">{"".join(_plots(scored))}</div>
<h2>By kind of question</h2>
{_kinds(scored)}
{judge_section(scored.judged)}
<h2>Every question, the worst first</h2>
<p class="soft">Unfold one to see the answer with its citations and quotes, what a right answer states, and why points
were lost.</p>
{"".join(_entries(scored))}
</main>
</body>
</html>
"""


def worst_first(scored: Scored) -> list[Question]:
    """The questions by quality, lowest first; alike ones by citation recall, then by rank of the first relevant
    paper."""
    table = scored.by_question

    def order(question: Question) -> tuple[float, ...]:
        row = table[question.question_id]
        values = (row[name].value for name in ("quality", "citation_recall", "mrr"))
        return tuple(1.0 if value is None else value for value in values)

    return sorted(scored.run.questions, key=order)


def _introduction(scored: Scored) -> str:
    facts = summary(scored)
    info = scored.run.info
    library = info.get("library") if isinstance(info.get("library"), dict) else {}
    parts = [f"Run <b>{escape(scored.run.name)}</b>: {facts['n_questions']} questions"]
    if library and library.get("n_papers") is not None:
        parts.append(f"asked of {escape(library['n_papers'])} papers")
    answered_by = [str(name) for name in [*info.get("modes", []), *info.get("models", [])]]
    if answered_by:
        parts.append(f"answered by {escape(', '.join(answered_by))}")
    lines = [f"<p>{', '.join(parts)}.</p>"]
    failed, unreached = facts["n_errors"], facts["n_not_answered"]
    if failed or unreached:
        lines.append(
            f'<p class="warn"><b>{failed + unreached} without an answer</b> ({failed} failed, '
            f"{unreached} were not reached); they count as the worst value of every measure that applies to them.</p>"
        )
    lines.append(
        '<p class="soft">Figures are means over the questions that a measure applies to, with a 95 % bootstrap '
        "interval. Whether a text supports a claim was judged by a deterministic checker, which errs sometimes.</p>"
    )
    return "\n".join(lines)


def _tiles(scored: Scored) -> str:
    return "".join(_tile(BY_NAME[name], scored.means[name]) for name in _HEADLINE if scored.means[name].n)


def _tile(measure: Measure, mean: Mean) -> str:
    lower = " (lower is better)" if measure.better == "lower" else ""
    return (
        f'<div class="tile"><b>{measure.show(mean.mean)}</b>{measure.title}{lower}'
        f"<span>{_bounds(measure, mean)}, n&nbsp;{mean.n}</span></div>"
    )


def _table(scored: Scored) -> str:
    """All measures in groups; costs that are all zero (no model was asked) are left out."""
    bodies = []
    for group, heading in _GROUPS.items():
        measures = [measure for measure in MEASURES if measure.group == group]
        rows = [
            _row(measure, mean)
            for measure in measures
            for mean in [scored.means[measure.name]]
            if group != "cost" or mean.mean
        ]
        if rows:
            bodies.append(f'<tbody class="group"><tr><th colspan="6">{heading}</th></tr>{"".join(rows)}</tbody>')
    return (
        '<div class="scroll"><table><thead><tr><th>Measure</th><th class="n">Mean</th><th class="n">95 % interval</th>'
        '<th class="n wide">Median</th><th class="n">n</th><th class="n wide">Left out</th></tr></thead>'
        f"{''.join(bodies)}</table></div>"
        '<p class="soft">n: questions that the measure applies to; the others are left out. ↓ lower is better.</p>'
    )


def _row(measure: Measure, mean: Mean) -> str:
    arrow = " ↓" if measure.better == "lower" else ""
    plot = small_interval(mean.mean, mean.low, mean.high) if measure.is_share and mean.mean is not None else ""
    return (
        f'<tr><th scope="row">{measure.title}{arrow}<br><code>{measure.name}</code></th>'
        f'<td class="n"><b>{measure.show(mean.mean)}</b></td>'
        f'<td class="n"><span>{_bounds(measure, mean)}</span> {plot}</td>'
        f'<td class="n wide">{measure.show(mean.median)}</td><td class="n">{mean.n}</td>'
        f'<td class="n wide">{mean.n_not_applicable}</td></tr>'
    )


def _plots(scored: Scored) -> list[str]:
    table = scored.by_question
    quality = {name: row["quality"].value for name, row in table.items()}
    values = [value for value in quality.values() if value is not None]
    bars = [
        Bar(label=kind, mean=mean.mean, low=mean.low, high=mean.high, n=mean.n)
        for kind, means in scored.means_by_kind.items()
        for mean in [means["quality"]]
        if mean.mean is not None
    ]

    def against(amount: Callable[[str], float | None]) -> list[Point]:
        return [
            Point(label=name, x=x, y=y)
            for name, y in quality.items()
            for x in [amount(name)]
            if x is not None and y is not None
        ]

    def seconds(name: str) -> float | None:
        times = [value for column in ("search_s", "answer_s") if (value := table[name][column].value) is not None]
        return sum(times) if times else None

    words, times = against(lambda name: table[name]["words"].value), against(seconds)
    money = against(lambda name: table[name]["cost_usd"].value)
    figures = [
        ("Quality by kind of question", "mean and 95 % interval", interval_plot(bars, title="Quality by kind")),
        ("Distribution", "questions by quality", histogram(values, title="Questions by quality")),
        ("Quality against length", "a dot a question; line: quarters", scatter(words, title="Length", x_label="words")),
        ("Quality against time", "search and answer together", scatter(times, title="Time", x_label="s")),
    ]
    if any(point.x > 0 for point in money):
        figures.append(("Quality against cost", "US dollars a question", scatter(money, title="Cost", x_label="$")))
    return [
        f"<figure><figcaption>{name}<small>{note}</small></figcaption>{plot}</figure>" for name, note, plot in figures
    ]


def _kinds(scored: Scored) -> str:
    heads = "".join(f'<th class="n">{BY_NAME[name].title}</th>' for name in _BY_KIND)
    counts = {kind: sum(q.kind == kind for q in scored.run.questions) for kind in scored.means_by_kind}
    rows = "".join(
        f'<tr><th scope="row">{escape(kind)}</th><td class="n">{counts[kind]}</td>'
        + "".join(f'<td class="n">{BY_NAME[name].show(means[name].mean)}</td>' for name in _BY_KIND)
        + "</tr>"
        for kind, means in scored.means_by_kind.items()
    )
    head = f'<thead><tr><th>Kind</th><th class="n">Questions</th>{heads}</tr></thead>'
    return f'<div class="scroll"><table>{head}<tbody>{rows}</tbody></table></div>'


def _entries(scored: Scored) -> Sequence[str]:
    table = scored.by_question
    return [
        question_entry(index, question, scored.run.answers.get(question.question_id), table[question.question_id])
        for index, question in enumerate(worst_first(scored), 1)
    ]


def _bounds(measure: Measure, mean: Mean) -> str:
    if mean.low is None or mean.high is None:
        return "no interval"
    return f"{measure.show(mean.low)}…{measure.show(mean.high)}"
