"""`askpapers ingest`: progress while it runs, a report when it is done."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingest.pipeline import ingest
from ingest.report import IngestReport, Progress, told
from ingest.sources.columns import FIELDS
from ingest.sources.reading import ReadOptions
from ingest.split import split
from rag import manifest
from rag.embedding.cost import Expense
from rag.embeddings import DEFAULT_EMBEDDING, embed_papers, load_embedder
from rag.errors import AskpapersError, SourceError
from rag.library import Library
from rag.schema import Paper
from rag.settings import Settings
from ui.render import clean

_SHOWN = 20
# Lines of progress for programs: at most one in so many seconds, besides one for each new stage.
_EVERY_S = 1.0


def run(
    sources: list[str],
    folder: Path,
    options: ReadOptions,
    *,
    as_json: bool = False,
    quiet: bool = False,
    embedding: str | None = None,
) -> int:
    """Ingests and reports; the exit code: 1 when the run failed, or rejected something and read nothing.

    `embedding` is how a new library is embedded; one that has papers must have been embedded so (LibraryMismatch). A
    library is made when there is a paper to put into it: a run that reads nothing leaves none behind. With `as_json`,
    standard output is one object, whatever happens, and standard error progress as JSON lines.
    """
    report = IngestReport()
    opened: list[Library] = []

    def make(first: Paper) -> Library:
        opened.append(_made_for(first, folder, embedding or DEFAULT_EMBEDDING))
        return opened[0]

    try:
        if manifest.exists(folder):
            opened.append(Library.create(folder, embedding=embedding) if embedding else Library.open(folder))
        with _progress(as_json=as_json, quiet=quiet) as show:
            ingest(
                opened[0] if opened else make,
                sources,
                options=options,
                progress=show,
                on_wait=_waiting(as_json, quiet),
                on_expense=None if quiet else _say_expense(as_json),
                report=report,
            )
    except AskpapersError as error:
        if not as_json:
            _print_problems(report)
            raise
        report.error = str(error)
    if report.error is None and report.is_failure:
        more = f" (and {report.n_rejected - 1} more)" if report.n_rejected > 1 else ""
        report.error = told(report.rejected[0]) + more
        if not as_json:
            _print_problems(report)
            return 1
    total = _total(opened[0]) if opened else None if manifest.exists(folder) else 0
    if as_json:
        print(json.dumps(report.to_dict() | {"library": str(folder), "n_papers": total}, ensure_ascii=False))
    else:
        _print_problems(report)
        print(report_text(report, total or 0, folder))
    return 1 if report.is_failure else 0


def _made_for(first: Paper, folder: Path, embedding: str) -> Library:
    """A new library for a paper, once that could be embedded: what cannot embed leaves no library behind.

    Nothing is paid for twice: the cache of embeddings keeps what the first paper cost.
    """
    embedder = load_embedder(embedding, cache=Settings.from_env().cache)
    embed_papers(embedder, [(first, split(first, embedder.fits))])
    return Library.create(folder, embedder=embedder)


def read_mapping(texts: list[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of field and column from texts such as "title=Title,abstract=Summary"; ValueError says what is wrong."""
    pairs: list[tuple[str, str]] = []
    for part in (part for text in texts for part in text.split(",")):
        name, equals, column = (piece.strip() for piece in part.partition("="))
        if not (name and equals and column):
            raise ValueError(f"{part!r} is not of the form field=column, such as title=Title")
        if name not in FIELDS:
            raise ValueError(f"{name!r} is no field of a paper; the fields are {', '.join(FIELDS)}")
        if any(name == other for other, _ in pairs):
            raise ValueError(f"{name!r} is mapped twice")
        pairs.append((name, column))
    return tuple(pairs)


def check_sources(sources: list[str]) -> None:
    """ValueError says which "hf:…" or "arxiv:…" is of no known form. Nothing is asked for, and files are not looked at."""
    from ingest.sources.arxiv_api import check_arxiv
    from ingest.sources.hf_api import check_hf

    for source in sources:
        try:
            if source.startswith("hf:"):
                check_hf(source)
            elif source.startswith("arxiv:"):
                check_arxiv(source)
        except SourceError as error:
            raise ValueError(str(error)) from error


def report_text(report: IngestReport, total: int, folder: Path) -> str:
    """The report in a few lines."""
    different = report.new + report.changed + report.refreshed + report.unchanged
    bylines = f" ({report.bylines} with a byline)" if report.bylines else ""
    lines = [
        f"Read {_papers(report.read)}{bylines}, {different} different: {report.new} new, {report.changed} changed, "
        f"{report.refreshed} with new details, {report.unchanged} known already."
    ]
    if report.joined:
        lines.append(f"Joined {_papers(report.joined)} of the library with others that turned out to be the same.")
    if report.skipped:
        lines.append(f"Skipped {_papers(report.skipped)} outside of what was asked for.")
    if report.n_rejected:
        lines.append(f"Rejected: {report.n_rejected} (listed above).")
    if report.n_passages:
        rate = report.n_passages / report.seconds if report.seconds else 0.0
        n = f"{report.n_passages} passage{'s' * (report.n_passages != 1)}"
        lines.append(f"Embedded {n} in {report.seconds:.1f} s ({rate:.0f} a second).")
    if report.expense is not None:
        lines.append(f"Embedding took {report.expense.sentence()}.")
    if total or manifest.exists(folder):
        lines.append(f"The library at {folder} holds {_papers(total)}.")
    else:
        lines.append(f"There was nothing to store: no library was made at {folder}.")
    return "\n".join(lines)


def _print_problems(report: IngestReport) -> None:
    lines = [f"error: {told(error)}" for error in report.rejected] + [
        f"warning: {warning}" for warning in report.warnings
    ]
    more = len(lines) - _SHOWN + report.n_rejected - len(report.rejected)
    for line in [*lines[:_SHOWN], *([f"… and {more} more; --json lists them"] if more > 0 else [])]:
        print(clean(line), file=sys.stderr)


def _total(library: Library) -> int | None:
    """How many papers there are; None when the library cannot say."""
    try:
        return library.coverage().n_papers
    except (AskpapersError, OSError):
        return None


@dataclass(slots=True)
class Pace:
    """Papers and passages per second of a stage, and the seconds that it still takes, from what `Progress` tells."""

    clock: Callable[[], float] = time.monotonic
    stage: str = ""
    begun: float = 0.0
    first: Progress | None = None

    def take(self, progress: Progress) -> dict[str, Any]:
        """The figures as of now: `papers_per_s`, `passages_per_s`, `seconds_left` (None: not known)."""
        now = self.clock()
        if progress.stage != self.stage or self.first is None or progress.done < self.first.done:
            self.stage, self.begun, self.first = progress.stage, now, progress
        elapsed, done = now - self.begun, progress.done - self.first.done
        rate = done / elapsed if elapsed > 0 and done else None
        passages = (progress.n_passages - self.first.n_passages) / elapsed if rate else None
        left = (progress.total - progress.done) / rate if rate and progress.total is not None else None
        return {
            "stage": progress.stage,
            "source": progress.source,
            "done": progress.done,
            "total": progress.total,
            "n_read": progress.n_read,
            "n_passages": progress.n_passages,
            "papers_per_s": None if rate is None else round(rate, 1),
            "passages_per_s": None if passages is None else round(passages, 1),
            "seconds_left": None if left is None else round(left, 1),
        }


@contextmanager
def _progress(*, as_json: bool, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """JSON lines, or a bar in a terminal, on stderr; nothing in a pipe or when quiet."""
    if quiet or not (as_json or sys.stderr.isatty()):
        yield lambda progress: None
    elif as_json:
        yield _json_lines()
    else:
        with _bar() as show:
            yield show


def _json_lines() -> Callable[[Progress], None]:
    pace = Pace()
    stage, at = "", 0.0

    def show(progress: Progress) -> None:
        nonlocal stage, at
        figures, now = pace.take(progress), time.monotonic()
        if progress.stage != stage or now - at >= _EVERY_S:
            stage, at = progress.stage, now
            print(json.dumps(figures, ensure_ascii=False), file=sys.stderr, flush=True)

    return show


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", markup=False),
    )
    pace = Pace()
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None, rate="")

        def show(progress: Progress) -> None:
            rate = _rate_text(pace.take(progress))
            described = f"{progress.stage} {clean(progress.source)[:24]}".strip()
            bar.update(task, description=described, completed=progress.done, total=progress.total, rate=rate)

        yield show


def _rate_text(figures: dict[str, Any]) -> str:
    parts = []
    if figures["papers_per_s"] is not None:
        parts.append(f"{figures['papers_per_s']:.0f} papers/s")
    if figures["passages_per_s"]:
        parts.append(f"{figures['passages_per_s']:.0f} passages/s")
    if figures["seconds_left"] is not None:
        minutes, seconds = divmod(round(figures["seconds_left"]), 60)
        parts.append(f"{minutes}:{seconds:02} left")
    return ", ".join(parts)


def _waiting(as_json: bool, quiet: bool) -> Callable[[str], None]:
    def say(holder: str) -> None:
        if as_json:
            print(json.dumps({"stage": "waiting", "for": holder}), file=sys.stderr, flush=True)
        else:
            print(f"waiting for {holder}, which is writing to this library …", file=sys.stderr)

    return (lambda holder: None) if quiet and as_json else say


def _say_expense(as_json: bool) -> Callable[[Expense], None]:
    def say(ahead: Expense) -> None:
        if as_json:
            print(json.dumps({"stage": "expense", **asdict(ahead)}), file=sys.stderr, flush=True)
        else:
            print(f"embedding about {ahead.sentence()}", file=sys.stderr)

    return say


def _papers(n: int) -> str:
    return f"{n} paper{'' if n == 1 else 's'}"
