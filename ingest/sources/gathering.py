"""Hands on what a reader finds in portions of bounded size, and counts what was read, not wanted and rejected.

A reader yields `Found`, one for each record in the order of the file; `portions` does the rest, the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ingest.sources.cleaning import clean_title
from ingest.sources.fields import Rejected
from ingest.sources.reading import Portion, ReadOptions
from ingest.sources.streams import BrokenStream
from rag.errors import SourceError
from rag.schema import Paper

PORTION = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One record: a paper with warnings, or why there is none, or that it is not wanted.

    `line` is where the record starts, counted from 1. `place` numbers the list or object of a JSON file that it stands in
    (0: the file itself); a record without a title may be a `stray` there, none of a paper.
    """

    line: int | None
    paper: Paper | None = None
    why: str | None = None
    skipped: bool = False
    warnings: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    place: int = 0
    stray: bool = False


def found(line: int | None, make: Callable[[list[str]], Paper], *, categories: tuple[str, ...] = ()) -> Found:
    """What `make` gives (it is handed a list for its warnings), or why it was rejected."""
    warnings: list[str] = []
    try:
        paper = make(warnings)
    except Rejected as why:
        return Found(line=line, why=str(why))
    return Found(line=line, paper=paper, warnings=tuple(warnings), categories=categories)


def portions(records: Iterable[Found], *, path: str, options: ReadOptions, what: str = "file") -> Iterator[Portion]:
    """Portions of up to `PORTION` papers. A stream that breaks off is one error, after what was read before it."""
    papers: list[Paper] = []
    errors: list[SourceError] = []
    warnings: list[str] = []
    first_lines: dict[str, tuple[int | None, str]] = {}
    n_read = n_skipped = n_given = 0
    last: int | None = None
    iterator = iter(records)
    while True:
        try:
            record = next(iterator)
        except StopIteration:
            break
        except BrokenStream as why:
            errors.append(SourceError(clean_title(str(why)), path=path, line=why.line or last, n_read=n_read))
            break
        last = record.line if record.line is not None else last
        if record.why is not None:
            errors.append(SourceError(clean_title(record.why), path=path, line=record.line, n_read=n_read))
        elif record.skipped or record.paper is None or not wanted(record.paper, record.categories, options):
            n_skipped += 1
        else:
            n_read += 1
            papers.append(record.paper)
            warnings += [_placed(warning, path, record.line) for warning in record.warnings]
            known = first_lines.setdefault(record.paper.paper_id, (record.line, record.paper.content_hash))
            if known[1] != record.paper.content_hash:
                warnings.append(
                    _placed(
                        f"{record.paper.paper_id!r} is here with another text than in line {known[0]}",
                        path,
                        record.line,
                    )
                )
        if len(papers) >= PORTION or len(errors) >= PORTION or n_skipped >= 100 * PORTION:
            yield Portion(
                path=path, papers=tuple(papers), n_skipped=n_skipped, warnings=tuple(warnings), errors=tuple(errors)
            )
            n_given += 1
            papers, errors, warnings, first_lines, n_skipped = [], [], [], {}, 0
    if not (n_given or papers or errors or n_skipped):
        errors = [SourceError(f"the {what} holds no papers", path=path, line=1)]
    if papers or errors or n_skipped or warnings:
        yield Portion(
            path=path, papers=tuple(papers), n_skipped=n_skipped, warnings=tuple(warnings), errors=tuple(errors)
        )


def without_strays(records: Iterable[Found]) -> Iterator[Found]:
    """Leaves out objects without titles that stand beside the papers of a JSON file ("meta", "schema"), not among them.

    Where there are no papers at all, all of them are told.
    """
    pending: list[Found] = []
    strays: list[Found] = []
    real: set[int] = {0}
    any_real = False
    iterator = iter(records)
    while True:
        try:
            record = next(iterator)
        except StopIteration:
            break
        except BrokenStream:
            if not any_real:
                yield from [*strays, *pending]
            raise
        if pending and pending[-1].place != record.place:
            strays = [] if any_real else [*strays, *pending][:PORTION]
            pending = []
        if record.stray and record.place not in real:
            pending = [*pending, record] if len(pending) < PORTION else pending
            continue
        if not record.stray:
            any_real = True
            if len(real) > PORTION:
                real = {0}
            real.add(record.place)
        yield from pending
        pending = []
        yield record
    if not any_real:
        yield from [*strays, *pending]


def wanted(paper: Paper, categories: tuple[str, ...], options: ReadOptions) -> bool:
    """Whether the options ask for a paper; "cs" asks for every category that starts with "cs.".

    A paper without the field that is asked for is not wanted, as with `rag.Filters`.
    """
    if options.since is not None and (paper.published is None or paper.published < options.since):
        return False
    return in_categories(categories, options)


def in_categories(categories: tuple[str, ...], options: ReadOptions) -> bool:
    """Whether one of a paper's categories is asked for, or none is."""
    return not options.categories or any(
        has.lower() == asked.lower().removesuffix(".*")
        or has.lower().startswith(f"{asked.lower().removesuffix('.*')}.")
        for asked in options.categories
        for has in categories
    )


def unreadable(message: str, path: str, *, line: int | None = None) -> Portion:
    """A file of which nothing could be read."""
    return Portion(path=path, errors=(SourceError(clean_title(message), path=path, line=line),))


def _placed(warning: str, path: str, line: int | None) -> str:
    return f"{path}:{line}: {warning}" if line is not None else f"{path}: {warning}"
