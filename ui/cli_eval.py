"""The `askpapers eval` commands: run, score, compare, questions, retrieval, speed.

Results go to standard output, progress to standard error. What goes wrong is raised as AskpapersError for the caller to
print; a gate that is broken ends with exit code 1, wrong usage with 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from evals.asking import Model
    from evals.gates import Gate
    from evals.schema import Scored

app = typer.Typer(
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    help="Measure how good the answers are, offline.",
)

LibraryOption = Annotated[
    Path | None, typer.Option("--library", metavar="DIR", help="The library; default: ASKPAPERS_LIBRARY.")
]
AbstractsOption = Annotated[
    Path | None,
    typer.Option("--library", metavar="DIR", help="Look up abstracts here that are not kept with the run."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
GateOption = Annotated[
    list[str] | None,
    typer.Option("--gate", metavar="GATE", help='Exit 1 unless it holds, e.g. "facts_stated>=0.9". May be repeated.'),
]
_MOST_MOVED = 8


@app.command("run")
def run_command(
    questions: Annotated[Path, typer.Argument(metavar="QUESTIONS", help="A question set: JSONL, one question a line.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder of the run; an unfinished run is continued.")
    ],
    library: LibraryOption = None,
    concurrency: Annotated[int, typer.Option("--concurrency", min=1, max=64, help="Questions answered at a time.")] = 1,
    llm: Annotated[
        str, typer.Option("--llm", metavar="SPEC", help="Language model that answers; none: quote.")
    ] = "none",
    strict: Annotated[
        bool, typer.Option("--strict", help="Correct or leave out sentences that the papers do not say.")
    ] = False,
    max_cost: Annotated[
        float | None,
        typer.Option(
            "--max-cost", min=0.0, metavar="USD", help="Ask the model no more once the run has cost this much."
        ),
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Ask the model even where its reply to the same question is kept.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Answer every question of a set; a run that was killed goes on where it stopped."""
    from evals.files import read_questions
    from evals.run import RunPlan, answer_questions
    from rag import Engine, Library
    from rag.prompts import PROMPT_VERSION
    from rag.settings import Settings
    from ui.llm import named_model, reply_folder, usage_text

    found = Settings.from_env()
    model = named_model(llm, found)
    opened = Library.open(library or found.library)
    papers = {paper.paper_id: paper for paper in opened.papers()}
    titles = {paper_id: paper.title for paper_id, paper in papers.items()}
    status = opened.status()
    plan = RunPlan(
        questions=read_questions(questions, titles=titles),
        library=status.to_dict() | {"fingerprint": status.fingerprint},
        settings={"llm": model.name, "strict": strict, "prompt_version": PROMPT_VERSION} if model else {"llm": None},
    )
    cache = None if no_cache else reply_folder(found)
    engine = Engine(opened, model=model, strict=strict, max_cost_usd=max_cost, cache=cache)
    try:
        with _bar("answering") as tell:
            report = answer_questions(engine, plan, out, papers=papers, concurrency=concurrency, progress=tell)
    except KeyboardInterrupt:
        typer.echo("stopped; the same command goes on from here", err=True)
        raise typer.Exit(1) from None
    if report.first_error is not None:
        message = f"{report.n_errors} of {report.n_questions} questions failed, the first with {report.first_error}"
        typer.echo(f"{message}\nThe same command asks them again.", err=True)
    if as_json:
        _print_json({"folder": str(out), **{name: getattr(report, name) for name in report.__slots__}})
    else:
        kept = f", {report.n_kept} of them from before" if report.n_kept else ""
        n = report.n_questions - report.n_errors
        typer.echo(f"{n} answer{'s' * (n != 1)} in {out}{kept}")
        if model is not None:
            typer.echo(f"{model.name}: {usage_text(engine.usage)} in this session")
        typer.echo(f"Score them with: askpapers eval score {out} --html")
    if report.n_errors == report.n_questions:
        raise typer.Exit(1)


@app.command("score")
def score_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
    html: Annotated[bool, typer.Option("--html", help="Write report.html too.")] = False,
    questions: Annotated[
        Path | None, typer.Option("--questions", metavar="FILE", help="Score against this set, not the one kept.")
    ] = None,
    library: AbstractsOption = None,
    gate: GateOption = None,
    judge: Annotated[
        str | None,
        typer.Option("--judge", metavar="SPEC", help="Have this language model judge, too, beside the measures."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Score a run offline; writes scores.jsonl, summary.json and, with --html, report.html."""
    from evals.compare import gates_of
    from evals.files import write_text
    from evals.report import report_page
    from evals.score import summary, write_scores
    from ui.eval_tables import gate_lines, judge_table, kind_table, missing_line, score_table

    gates = _gates(gate or [], changes=False)
    if judge is not None:
        from evals.judge import judge_run

        with _bar("judging") as show:
            judge_run(folder, _completing(judge, "--judge"), questions=questions, progress=show)
    scored = _scored(folder, questions=questions, library=library)
    write_scores(scored, folder)
    if html:
        write_text(folder / "report.html", report_page(scored))
    results = gates_of(scored, gates)
    if as_json:
        held = [{"gate": result.gate.text, "value": result.value, "held": result.held} for result in results]
        _print_json(summary(scored) | {"gates": held})
    else:
        written = "scores.jsonl, summary.json" + (", report.html" if html else "")
        missing = missing_line(scored)
        judged = [judge_table(scored)] if scored.judged else []
        _print(score_table(scored), kind_table(scored), *judged, *([missing] if missing else []))
        typer.echo(f"Written to {folder}: {written}")
        _print(*gate_lines(results))
    if not all(result.held for result in results):
        raise typer.Exit(1)


@app.command("compare")
def compare_command(
    first: Annotated[Path, typer.Argument(metavar="DIR_A", help="The run to compare with.")],
    second: Annotated[Path, typer.Argument(metavar="DIR_B", help="The run that is judged.")],
    library: AbstractsOption = None,
    gate: GateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two runs on the questions that both have: paired differences, second minus first."""
    from evals.compare import compare
    from rag.errors import QuestionFileError
    from ui.eval_tables import change_table, gate_lines, moved_table

    gates = _gates(gate or [], changes=True)
    result = compare(_scored(first, library=library), _scored(second, library=library), gates=gates)
    if not result.n_shared:
        raise QuestionFileError(f"{first} and {second} have no question in common: compare runs of one question set")
    if as_json:
        _print_json(result.to_dict())
    else:
        left_out = result.n_only_first + result.n_only_second + result.n_reworded
        _print(
            f"{result.second} compared with {result.first}, on {result.n_shared} questions"
            + (f" ({left_out} left out, which are not in both alike)" if left_out else ""),
            change_table(result),
            *([moved_table("Better", result.better, _MOST_MOVED)] if result.better else []),
            *([moved_table("Worse", result.worse, _MOST_MOVED)] if result.worse else []),
            *gate_lines(result.gates),
        )
    if not result.held:
        raise typer.Exit(1)


@app.command("questions")
def questions_command(
    library: Annotated[
        Path | None,
        typer.Option("--from", "--library", metavar="LIBRARY", help="The library; default: ASKPAPERS_LIBRARY."),
    ] = None,
    n: Annotated[int, typer.Option("--n", "-n", min=1, max=10_000, metavar="N", help="How many questions.")] = 50,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write them here, with their evidence; default: standard output."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another seed gives another set.")] = 0,
    llm: Annotated[
        str, typer.Option("--llm", metavar="SPEC", help="Language model that drafts; none: by rule.")
    ] = "none",
    feedback: Annotated[
        Path | None,
        typer.Option("--from-feedback", metavar="FILE", help="Draft from the thumbs and comments of the chat page."),
    ] = None,
) -> None:
    """Draft a question set from a library, for a person to review before it measures anything."""
    if feedback is not None:
        _draft_from_feedback(feedback, out)
        return
    from evals.draft import draft_questions, drafts_as_jsonl, write_drafts
    from evals.draft_model import draft_with_model
    from rag import Library
    from rag.errors import QuestionFileError
    from rag.settings import Settings

    where = library or Settings.from_env().library
    papers = Library.open(where).papers()
    if llm == "none":
        drafts = draft_questions(papers, n, seed=seed)
    else:
        with _bar("drafting") as show:
            drafts, rejected = draft_with_model(papers, n, _completing(llm, "--llm"), seed=seed, progress=show)
        for row in rejected:
            typer.echo(f"rejected {row.paper_id}: {row.reason}", err=True)
    if not drafts:
        raise QuestionFileError(f"nothing in the abstracts of {where} can be asked by rule: write questions by hand")
    if len(drafts) < n:
        typer.echo(f"the abstracts of {where} give {len(drafts)} questions, not {n}", err=True)
    if out is None:
        typer.echo(drafts_as_jsonl(drafts), nl=False)
        typer.echo("their evidence is written with --out FILE", err=True)
        return
    evidence = write_drafts(out, drafts)
    typer.echo(f"{len(drafts)} drafted questions in {out}, their evidence in {evidence}")
    typer.echo("Review them: mend or delete lines, and take “drafted_” off the kind of those that are good")


def _draft_from_feedback(feedback: Path, out: Path | None) -> None:
    import json

    from evals.draft_feedback import read_feedback, write_feedback_drafts
    from rag.errors import QuestionFileError

    remarks = read_feedback(feedback)
    if not remarks:
        raise QuestionFileError(f"{feedback} holds no feedback yet")
    if out is None:
        for remark in remarks:
            typer.echo(json.dumps(remark.question.to_dict(), ensure_ascii=False))
        typer.echo("what was said of the answers is written with --out FILE", err=True)
        return
    said = write_feedback_drafts(out, remarks)
    typer.echo(f"{len(remarks)} drafted questions in {out}, what was said of their answers in {said}")
    typer.echo("Review them: mend or delete lines, and take “drafted_” off the kind of those that are good")


@app.command("retrieval")
def retrieval_command(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="corpus.jsonl, queries.jsonl and qrels/*.tsv, as in BEIR.")
    ],
    split: Annotated[
        list[str] | None, typer.Option("--split", help="Only this split, e.g. test. May be repeated.")
    ] = None,
    library: Annotated[
        Path | None,
        typer.Option("--library", metavar="DIR", help="Search this library, which holds the corpus already."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure search on a public collection: keyword, dense and hybrid. The library is built once and cached."""
    from evals.beir import measure_split, rank_all, read_benchmark
    from evals.benchmark_library import benchmark_library
    from rag import Library
    from rag.settings import Settings
    from ui.eval_tables import search_table

    benchmark = read_benchmark(folder, splits=split or ())
    if library is not None:
        opened = Library.open(library)
    else:
        with _bar("reading the corpus") as tell:
            opened = benchmark_library(benchmark, Settings.from_env().cache, progress=tell)
    with _bar("searching") as tell:
        rankings = rank_all(opened, benchmark, progress=tell)
    results = [measure_split(name, grades, rankings) for name, grades in benchmark.splits.items()]
    if as_json:
        _print_json({"benchmark": benchmark.name, "splits": [result.to_dict() for result in results]})
    else:
        _print(*(search_table(result) for result in results))


@app.command("speed")
def speed_command(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE…", help="Papers to ingest; default: the bundled sample.")
    ] = None,
    repeats: Annotated[
        int, typer.Option("--repeats", "-n", min=1, max=100, metavar="N", help="Runs of each side.")
    ] = 5,
    stock_python: Annotated[
        Path | None,
        typer.Option("--stock-python", metavar="PATH", help="Interpreter of an environment with the stock stack."),
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option("--questions", metavar="FILE", help="Questions to search for; default: the sample's."),
    ] = None,
    library: Annotated[
        Path | None,
        typer.Option("--library", metavar="DIR", help="Ask and search this library, not one made of the sources."),
    ] = None,
    scale: Annotated[
        int | None,
        typer.Option("--scale", min=2_000, metavar="N", help="Measure instead what N made-up papers cost, 100000 say."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure time and memory, beside the stock LlamaIndex, torch and Chroma stack."""
    if scale is not None:
        _speed_at_scale(scale, as_json=as_json)
        return
    from evals.speed import SAMPLE_QUESTIONS, measure_speed
    from ui.speed_tables import latency_table, speed_lines, speed_table

    with _bar("measuring") as tell:
        report = measure_speed(
            sources or ["sample"],
            library=library,
            questions=questions or SAMPLE_QUESTIONS,
            n_repeats=repeats,
            stock_python=stock_python,
            progress=tell,
        )
    if as_json:
        _print_json(report.to_dict())
    else:
        _print(speed_table(report), latency_table(report.latencies), *speed_lines(report))


def _speed_at_scale(n_papers: int, *, as_json: bool) -> None:
    from evals.speed_scale import measure_scale
    from ui.speed_tables import scale_lines, scale_table

    with _bar("measuring") as tell:
        report = measure_scale(n_papers, progress=tell)
    if as_json:
        _print_json(report.to_dict())
    else:
        _print(scale_table(report), *scale_lines(report))


def _completing(spec: str, option: str) -> Model:
    """The model of a spec, as judging and drafting ask it; wrong usage where the spec names none."""
    from evals.asking import Completing
    from rag.settings import Settings
    from ui.llm import named_model

    model = named_model(spec, Settings.from_env())
    if model is None:
        raise typer.BadParameter(f"{spec!r} names no language model", param_hint=option)
    return Completing(model)


def _scored(folder: Path, *, questions: Path | None = None, library: Path | None = None) -> Scored:
    from evals.run import read_run
    from evals.score import score_run

    run = read_run(folder, questions=questions)
    if library is not None:
        from rag import Library

        cited = {citation.paper_id for answer in run.answers.values() for citation in answer.citations}
        papers = Library.open(library).get_many(sorted(cited - set(run.abstracts)))
        run = replace(run, abstracts=run.abstracts | {name: paper.abstract for name, paper in papers.items()})
    return score_run(run)


def _gates(texts: Sequence[str], *, changes: bool) -> list[Gate]:
    from evals.gates import GateError, parse_gate

    gates = []
    for text in texts:
        try:
            gate = parse_gate(text)
        except GateError as error:
            raise typer.BadParameter(str(error), param_hint="--gate") from error
        if gate.change and not changes:
            raise typer.BadParameter(f"{text!r} needs two runs: use `askpapers eval compare`", param_hint="--gate")
        gates.append(gate)
    return gates


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar with the time left on standard error; silent where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _print(*parts: Any) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    for part in parts:
        console.print(part, markup=False) if isinstance(part, str) else console.print(part)


def _print_json(record: dict[str, Any]) -> None:
    import json

    typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
