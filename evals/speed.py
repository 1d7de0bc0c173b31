"""Time and memory, beside the stock stack: ratios from one run, because no machine is ever quite idle.

Three parts. `ask`: the command with a filled library, beside a process that only imports Chroma. `ingest`: papers
into a new library, beside LlamaIndex, sentence-transformers on torch and Chroma with the same weights, as they come.
`search`: milliseconds a question in a library that is open, beside a bare query of Chroma with a vector that is
ready.

Both sides of a comparison run in turn, each time in a process of their own on all cores, the first of the two changing
places. What a side prepares once (its files in the system's cache, the converted model) is prepared before. Figures are
medians, a ratio is one median over the other; the load of the machine is noted. Believe no ratio of a busy machine:
torch's threads wait for each other, so one core that is taken away costs the stock stack far more than its share
(measured with 60 papers beside other work: 7 to 22 papers a second with two threads, 18 with one).
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from evals import speed_programs as programs
from evals.files import read_questions
from evals.processes import Finished, load_average, run_process
from evals.speed_figures import Latency, SpeedReport, SpeedRow, Target
from rag.errors import AskpapersError

SAMPLE_QUESTIONS = Path(__file__).parent / "questions" / "sample.jsonl"
N_REPEATS = 5
MOST_QUESTIONS = 50
_ASK = Target(at="most", value=2.5)
_INGEST = Target(at="least", value=1.5)


def measure_speed(
    sources: Sequence[str] = ("sample",),
    *,
    library: Path | None = None,
    questions: Path = SAMPLE_QUESTIONS,
    n_repeats: int = N_REPEATS,
    stock_python: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SpeedReport:
    """Measures all three parts; `progress` hears (processes done, of how many).

    `sources` are ingested. Questions are put to `library`, or, unless given, to a library of the sources. Without
    `stock_python`, the interpreter of an environment with `STOCK_PACKAGES`, the other side of `ingest` is not measured.
    Raises AskpapersError where a process fails, QuestionFileError for a question set that cannot be read.
    """
    from rag import manifest

    first_question = read_questions(questions)[0].question
    if library is not None:
        manifest.read(library)  # `ask` answers from the sample where there is no library
    total = 4 + 5 * n_repeats + (1 + n_repeats) * (stock_python is not None)
    steps = iter(range(1, total + 1))

    def run(what: str, python: Path | str, *arguments: object) -> Finished:
        finished = run_process([str(python), *map(str, arguments)], what=what)
        if progress:
            progress(next(steps), total)
        return finished

    load_before = load_average()
    versions: dict[str, str] | None = None
    if stock_python is not None:
        what = f"importing the stock stack with {stock_python}"
        try:
            versions = _printed(run(what, stock_python, "-c", programs.STOCK_VERSIONS), what)
        except AskpapersError as error:
            packages = " ".join(programs.STOCK_PACKAGES)
            raise AskpapersError(f"{error}; its environment needs: pip install {packages}") from error
    with tempfile.TemporaryDirectory(prefix="askpapers-speed-") as scratch:
        folder = Path(scratch)
        filled = folder / "library"
        ingested = _ingested(run("ingest", sys.executable, "-c", programs.OUR_INGEST, filled, *sources), sources)
        run("reading the library", sys.executable, "-c", programs.OUR_PAPERS, filled, folder / "papers.jsonl")
        ingest_rows, n_embedded = _measure_ingest(run, sources, folder, n_repeats, stock_python)
        place = library or filled
        ask_rows = _measure_ask(run, place, first_question, n_repeats)
        latencies = _measure_search(run, place, questions, folder / "queries.npy", n_repeats)
    return SpeedReport(
        n_repeats=n_repeats,
        n_papers=int(ingested["n_papers"]),
        n_cores=os.cpu_count() or 1,
        load=(load_before, load_average()),
        rows=(*ask_rows, *ingest_rows),
        latencies=latencies,
        n_embedded=n_embedded,
        stock_versions=versions,
    )


_Run = Callable[..., Finished]


def _measure_ask(run: _Run, library: Path, question: str, n_repeats: int) -> tuple[SpeedRow, ...]:
    def ours() -> Finished:
        return run("askpapers ask", sys.executable, "-m", "ui.cli", "ask", question, "--library", library)

    def beside() -> Finished:
        return run("import chromadb", sys.executable, "-c", programs.IMPORT_CHROMA)

    ours()
    beside()
    asked, imported = _in_turn(ours, beside, n_repeats)
    whole = SpeedRow(
        part="ask",
        measure="whole process",
        unit="s",
        ours=tuple(each.wall_s for each in asked),
        beside=tuple(each.wall_s for each in imported),
        target=_ASK,
    )
    return (whole, *_costs("ask", asked, imported))


def _measure_ingest(
    run: _Run, sources: Sequence[str], folder: Path, n_repeats: int, stock_python: Path | None
) -> tuple[tuple[SpeedRow, ...], tuple[int, int | None]]:
    from rag.minilm import weights_folder

    weights = weights_folder()

    def place() -> Path:
        return Path(tempfile.mkdtemp(dir=folder, prefix="repeat-"))

    def ours() -> Finished:
        return run("ingest", sys.executable, "-c", programs.OUR_INGEST, place() / "library", *sources)

    def stock() -> Finished:
        what = "the stock stack (ingest)"
        return run(what, stock_python, "-c", programs.STOCK_INGEST, folder / "papers.jsonl", place(), weights)

    if stock_python is None:
        sides: tuple[list[Finished], list[Finished]] = ([ours() for _ in range(n_repeats)], [])
    else:
        sides = _in_turn(ours, stock, n_repeats)
    records = [[_printed(each, "ingest") for each in side] for side in sides]
    loaded = [tuple(each["n_papers"] / each["seconds"] for each in side) for side in records]
    whole = [
        tuple(record["n_papers"] / each.wall_s for record, each in zip(recorded, side, strict=True))
        for recorded, side in zip(records, sides, strict=True)
    ]
    rows = [
        SpeedRow(part="ingest", measure=measure, unit="papers/s", ours=rates[0], beside=rates[1], target=_INGEST)
        for measure, rates in (("model loaded", loaded), ("whole process", whole))
    ]
    counts = [int(side[0]["n_embedded"]) if side else None for side in records]
    return (*rows, *_costs("ingest", *sides)), (counts[0] or 0, counts[1])


def _costs(
    part: Literal["ask", "ingest"], ours: Sequence[Finished], beside: Sequence[Finished]
) -> tuple[SpeedRow, SpeedRow]:
    """Processor time, which other work on the machine disturbs less than the clock's, and peak memory."""
    return (
        SpeedRow(
            part=part,
            measure="processor time",
            unit="s",
            ours=tuple(each.cpu_s for each in ours),
            beside=tuple(each.cpu_s for each in beside),
        ),
        SpeedRow(
            part=part,
            measure="peak memory",
            unit="MB",
            ours=tuple(each.peak_mb for each in ours),
            beside=tuple(each.peak_mb for each in beside),
        ),
    )


def _measure_search(run: _Run, library: Path, questions: Path, vectors: Path, n_repeats: int) -> tuple[Latency, ...]:
    from rag import manifest

    chroma = library / manifest.read(library).vectors
    repeats: dict[str, list[list[float]]] = {}
    for _ in range(n_repeats):
        arguments = (programs.OUR_SEARCH, library, questions, MOST_QUESTIONS, vectors)
        ours = _printed(run("search", sys.executable, "-c", *arguments), "search")
        what = "the bare query of Chroma"
        bare = _printed(run(what, sys.executable, "-c", programs.CHROMA_QUERIES, chroma, vectors), what)
        for name, taken in {**ours, **bare}.items():
            repeats.setdefault(name, []).append(taken)
    return tuple(
        Latency(what=name, milliseconds=tuple(map(statistics.median, zip(*taken, strict=True))))
        for name, taken in repeats.items()
    )


def _in_turn(
    ours: Callable[[], Finished], beside: Callable[[], Finished], n_repeats: int
) -> tuple[list[Finished], list[Finished]]:
    """Both sides n times, ours first in every other repeat, so that neither always runs on the other's heels."""
    measured: tuple[list[Finished], list[Finished]] = ([], [])
    for i in range(n_repeats):
        for side in (0, 1) if i % 2 == 0 else (1, 0):
            measured[side].append((ours, beside)[side]())
    return measured


def _printed(finished: Finished, what: str) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(finished.output.strip().splitlines()[-1])
    except (ValueError, IndexError) as error:
        raise AskpapersError(f"{what} printed no figures: {finished.output.strip()[-200:]!r}") from error
    return record


def _ingested(finished: Finished, sources: Sequence[str]) -> dict[str, Any]:
    record = _printed(finished, "ingest")
    if not record["n_papers"]:
        why = "; ".join(record["rejected"]) or "there are none"
        raise AskpapersError(f"no papers could be read from {', '.join(sources)}: {why}")
    return record
