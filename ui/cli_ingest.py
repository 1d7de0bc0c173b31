"""`askpapers ingest`: progress while it runs, a report when it is done."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.pipeline import IngestReport, Progress, ingest
from rag.library import Library
from ui.render import clean

if TYPE_CHECKING:
    from collections.abc import Callable

_SHOWN = 20


def run(sources: list[str], folder: Path, *, as_json: bool, quiet: bool) -> int:
    """Ingests and reports; the exit code: 1 when nothing could be read, or when the sources were rejected in part or
    whole.
    """
    library = Library.create(folder)
    with _progress(quiet=quiet) as show:
        report = ingest(library, sources, progress=show, on_wait=_say_waiting)
    total = library.coverage().n_papers
    if as_json:
        print(json.dumps(report.to_dict() | {"library": str(folder), "n_papers": total}, ensure_ascii=False))
    else:
        print(report_text(report, total, folder))
    for line in _problems(report):
        print(clean(line), file=sys.stderr)
    return 1 if report.rejected and not report.read else 0


def report_text(report: IngestReport, total: int, folder: Path) -> str:
    """The report in a few lines."""
    different = report.new + report.changed + report.refreshed + report.unchanged
    bylines = f" ({report.bylines} with a byline)" if report.bylines else ""
    lines = [
        f"Read {_papers(report.read)}{bylines}, {different} different: {report.new} new, {report.changed} changed, "
        f"{report.refreshed} with new details, {report.unchanged} known already."
    ]
    if report.rejected:
        lines.append(f"Rejected: {len(report.rejected)} (listed above).")
    if report.n_passages:
        lines.append(f"Embedded {report.n_passages} passages in {report.seconds:.1f} s.")
    lines.append(f"The library at {folder} holds {_papers(total)}.")
    return "\n".join(lines)


def _problems(report: IngestReport) -> list[str]:
    lines = [f"error: {error}" for error in report.rejected] + [f"warning: {warning}" for warning in report.warnings]
    if len(lines) > _SHOWN:
        return [*lines[:_SHOWN], f"… and {len(lines) - _SHOWN} more; --json lists them all"]
    return lines


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """A bar on stderr with rate and time left in a terminal; nothing in a pipe or when quiet."""
    if quiet or not sys.stderr.isatty():
        yield lambda progress: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None, rate="")

        def show(progress: Progress) -> None:
            speed = bar.tasks[0].speed
            rate = f"{speed:.0f} papers/s" if progress.stage == "embedding" and speed else ""
            described = f"{progress.stage} {clean(progress.source)[:30]}".strip()
            if bar.tasks[0].description.split(" ")[0] != progress.stage:
                bar.reset(task, total=progress.total)
            bar.update(task, description=described, completed=progress.done, total=progress.total, rate=rate)

        yield show


def _say_waiting(holder: str) -> None:
    print(f"waiting for {holder}, which is writing to this library …", file=sys.stderr)


def _papers(n: int) -> str:
    return f"{n} paper{'' if n == 1 else 's'}"
