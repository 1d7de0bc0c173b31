"""Adding papers from the page: uploaded files and the Daily Papers, with progress, a report, and a way to stop.

Stopping keeps what was stored so far. Uploaded files are deleted when they have been read. What the papers say of their source
is the file's own name, not where the upload lay.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ingest.pipeline import IngestReport, Progress, add_papers, ingest
from ingest.sources.files import read_source
from rag.errors import AskpapersError, SourceError
from rag.schema import Paper
from ui.desk import Desk
from ui.limits import MOST_AT_A_TIME, UploadRefused, check_name, check_uploads
from ui.page_endpoints import Endpoint, Record, guarded
from ui.page_requests import BadRequest
from ui.render import clean

_MOST_DAYS = 365
_MOST_PROBLEMS = 20
_TICK_S = 0.1


class _Stopped(Exception):
    """The reader asked to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Upload:
    path: Path
    name: str


@dataclass(slots=True)
class _Run:
    """One run of adding, watched from outside: where it stands, and whether it is to stop."""

    progress: Progress = field(default_factory=lambda: Progress(stage="reading", done=0))
    waiting: str = ""
    stop: threading.Event = field(default_factory=threading.Event)

    def tell(self, progress: Progress) -> None:
        if self.stop.is_set():
            raise _Stopped
        self.progress = progress
        self.waiting = ""

    def wait(self, holder: str) -> None:
        self.waiting = holder


def adding(desk: Desk, place: Callable[[str], Path | None]) -> dict[str, Endpoint]:
    """The endpoint `page_add`. `place` says where an upload lies, by its token: no other file is ever read."""

    async def add(payload: Any) -> AsyncIterator[Record]:
        if desk.read_only:
            raise BadRequest("Papers cannot be added here: the page was started with --read-only.")
        uploads, days, refused = _read(payload, place, desk.upload_limit_bytes)
        run = _Run()
        work = asyncio.create_task(asyncio.to_thread(_add, desk, uploads, days, run))
        try:
            while not work.done():
                await asyncio.wait([work], timeout=_TICK_S)
                if not work.done():
                    yield _standing(run)
            report = work.result()
        except _Stopped:
            yield {"kind": "stopped", "message": "Stopped. What was stored so far stays in the library."}
            return
        finally:
            run.stop.set()
            work.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody is left to be told
        yield _report(report, desk, refused)

    return {"page_add": guarded(add, desk)}


def _read(payload: Any, place: Callable[[str], Path | None], limit_bytes: int) -> tuple[list[_Upload], int, list[str]]:
    """The files to read, the days of Daily Papers to fetch, and which files are refused and why."""
    if not isinstance(payload, dict):
        raise BadRequest("What was sent is no record.")
    files = payload.get("files") or []
    days = payload.get("days") or 0
    if not isinstance(files, list):
        raise BadRequest("The files that were sent are no list.")
    if len(files) > MOST_AT_A_TIME:
        raise BadRequest(f"Up to {MOST_AT_A_TIME} files can be added at a time.")
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= _MOST_DAYS:
        raise BadRequest(f"Daily Papers can be fetched for 1 to {_MOST_DAYS} days.")
    uploads: list[_Upload] = []
    refused: list[str] = []
    for row in files:
        token = row.get("path") if isinstance(row, dict) else None
        name = (
            clean(str(row.get("name", ""))).replace("\\", "/").rpartition("/")[2].strip()[:200]
            if token is not None
            else ""
        )
        if token == "" and (why := _unread(name)):
            refused.append(why)
            continue
        path = place(token) if isinstance(token, str) else None
        if path is None:
            raise BadRequest("This file was not uploaded here.")
        upload = _Upload(path=path, name=name or path.name)
        try:
            check_uploads([(upload.name, path.stat().st_size)], limit_bytes=limit_bytes)
            uploads.append(upload)
        except UploadRefused as error:
            path.unlink(missing_ok=True)
            refused.append(str(error))
    if not files and not days:
        raise BadRequest("There is nothing to add.")
    return uploads, days, refused


def _unread(name: str) -> str:
    """Why a file of this name was not kept; "" where that is not known."""
    try:
        check_name(name)
    except UploadRefused as error:
        return str(error)
    return ""


def _add(desk: Desk, uploads: Sequence[_Upload], days: int, run: _Run) -> IngestReport:
    try:
        if days:
            return ingest(desk.own, [f"hf:daily?days={days}"], progress=run.tell, on_wait=run.wait)
        problems = IngestReport()
        report = add_papers(desk.own, _papers(uploads, problems, run), progress=run.tell, on_wait=run.wait)
        report.rejected += problems.rejected
        report.warnings += problems.warnings
        report.bylines += problems.bylines
        return report
    finally:
        for upload in uploads:
            upload.path.unlink(missing_ok=True)


def _papers(uploads: Sequence[_Upload], problems: IngestReport, run: _Run) -> Iterator[Paper]:
    n_read = 0
    for upload in uploads:
        try:
            for portion in read_source(str(upload.path)):
                problems.bylines += portion.n_bylines
                problems.warnings += [_named(warning, upload) for warning in portion.warnings]
                problems.rejected += [_renamed(error, upload) for error in portion.errors]
                for paper in portion.papers:
                    yield replace(paper, seen_on=tuple(_named(name, upload) for name in paper.seen_on))
                n_read += len(portion.papers)
                run.tell(Progress(stage="reading", done=n_read, source=upload.name))
        except SourceError as error:
            problems.rejected.append(_renamed(error, upload))


def _named(text: str, upload: _Upload) -> str:
    """A text with the name of the file where it names the place of the upload."""
    for place in dict.fromkeys((str(upload.path.resolve()), str(upload.path))):
        text = text.replace(place, upload.name)
    return text


def _renamed(error: SourceError, upload: _Upload) -> SourceError:
    message = _named(str(error), upload)
    renamed = SourceError(message, path=upload.name, line=error.line, n_read=error.n_read)
    renamed.args = (message,)
    return renamed


def _standing(run: _Run) -> Record:
    step = run.progress
    if run.waiting:
        return {"kind": "progress", "text": f"waiting for {run.waiting}", "done": 0, "total": None}
    words = {"reading": "reading", "comparing": "comparing with the library", "embedding": "embedding"}[step.stage]
    return {"kind": "progress", "text": words, "source": clean(step.source), "done": step.done, "total": step.total}


def _report(report: IngestReport, desk: Desk, refused: Sequence[str]) -> Record:
    try:
        total = desk.own.coverage().n_papers
    except AskpapersError:
        total = 0
    lines = [*refused, *(clean(str(error)) for error in report.rejected), *(clean(text) for text in report.warnings)]
    more = [f"and {len(lines) - _MOST_PROBLEMS} more"] if len(lines) > _MOST_PROBLEMS else []
    return {
        "kind": "report",
        "read": report.read,
        "new": report.new,
        "changed": report.changed,
        "refreshed": report.refreshed,
        "unchanged": report.unchanged,
        "rejected": len(report.rejected) + len(refused),
        "seconds": round(report.seconds, 1),
        "total": total,
        "problems": [*lines[:_MOST_PROBLEMS], *more],
    }
