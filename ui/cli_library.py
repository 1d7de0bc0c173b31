"""`askpapers library …`: looking after the library."""

from __future__ import annotations

import itertools
import json
import shutil
import sys
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import LibraryError
from ui.shelf import open_shelf, settings

if TYPE_CHECKING:
    from rag.schema import Filters

# With less than this many bytes left, Chroma and tantivy cannot open what they have stored.
_LITTLE_SPACE = 32 * 2**20

app = typer.Typer(
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

LibraryOption = Annotated[
    Path | None,
    typer.Option(
        "--library", metavar="DIR", help="Folder of the library (default: $ASKPAPERS_LIBRARY, else user data)."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Order(StrEnum):
    """What `library list` sorts by."""

    PUBLISHED = "published"
    COMMENTS = "comments"
    UPVOTES = "upvotes"
    TITLE = "title"
    AUTHORS = "authors"


@app.command()
def status(as_json: JsonOption = False, library: LibraryOption = None) -> None:
    """How many papers, how embedded, from when to when, from which sources."""
    found = open_shelf(library).status()
    if as_json:
        print(json.dumps(found.to_dict(), ensure_ascii=False))
        return
    from ui.render import clean, long_date, table

    span = f"{long_date(found.first)} to {long_date(found.last)}" if found.first and found.last else "no dates"
    rows = [
        ("library", found.path),
        ("papers", f"{found.n_papers} ({found.n_passages} passages)"),
        ("published", f"{span}; {found.n_undated} without a date"),
        ("embedding", f"{found.embedding} ({found.embedding_fingerprint})"),
        ("generation", str(found.generation)),
    ]
    rows += [("source" if i == 0 else "", f"{clean(name)} ({n})") for i, (name, n) in enumerate(found.sources.items())]
    print(table(rows))


@app.command()
def verify(library: LibraryOption = None) -> None:
    """Check every record, passage and both indexes against each other; exit 1 when something is wrong."""
    try:
        shelf = open_shelf(library)
        problems = shelf.verify()
    except LibraryError as error:
        if not (full := _full_disk(settings(library).library)):
            raise
        raise type(error)(f"{error}. {full}") from error
    if not problems:
        print(f"{shelf.coverage().n_papers} papers: everything agrees.")
        return
    for problem in problems:
        print(problem)
    n = f"{len(problems)} problem{'s' * (len(problems) != 1)}"
    print(f"askpapers: {n}; `askpapers library rebuild` may mend them", file=sys.stderr)
    raise typer.Exit(1)


def _full_disk(folder: Path) -> str:
    """What to do where the disk of a folder is full, which the indexes' own messages do not say; empty where it is not."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return ""
    if free >= _LITTLE_SPACE:
        return ""
    return (
        f"The disk is full ({free // 2**20} MB are free), which may be all that is wrong: make space and verify again"
    )


@app.command()
def rebuild(
    embedding: Annotated[
        str | None, typer.Option("--embedding", metavar="SPEC", help="Embed every paper again, with this embedding.")
    ] = None,
    library: LibraryOption = None,
) -> None:
    """Make the keyword index anew; with --embedding, the vectors, too."""
    from rag import manifest
    from rag.embeddings import load_embedder
    from rag.library import Library

    found = settings(library)
    embedder = load_embedder(embedding, cache=found.cache) if embedding else None
    built = manifest.read(found.library)
    shelf = Library(found.library, built, embedder or load_embedder(built.embedding, cache=found.cache))

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            print(f"\rembedded {done} of {total} papers", end="\n" if done == total else "", file=sys.stderr)

    shelf.rebuild(embedder=embedder, progress=show)
    print(f"Rebuilt: {shelf.coverage().n_papers} papers.")


@app.command()
def remove(
    names: Annotated[
        list[str],
        typer.Argument(metavar="ID…", help="Ids as `library list` shows them, or arXiv ids and DOIs in any spelling."),
    ],
    library: LibraryOption = None,
) -> None:
    """Remove papers by id; exit 1 when an id is not there (the others go)."""
    from ui.render import clean

    shelf = open_shelf(library)
    found = {name: paper for name in dict.fromkeys(names) if (paper := shelf.get(name)) is not None}
    removed = set(shelf.remove([paper.paper_id for paper in found.values()]))
    for name, paper in found.items():
        if paper.paper_id in removed:
            called = "" if name == paper.paper_id else f" ({name}): {paper.title}"
            print(clean(f"removed {paper.paper_id}{called}"))
    if missing := [name for name in names if name not in found or found[name].paper_id not in removed]:
        raise LibraryError(f"no such paper: {', '.join(missing)}; `askpapers library list` shows the ids")


@app.command(name="list")
def list_papers(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON Lines: a paper a line, with every field.")
    ] = False,
    since: Annotated[
        str | None, typer.Option("--since", metavar="D", help="Published on or after: 2024, 2024-05 or 2024-05-24.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="D", help="Published on or before.")] = None,
    organisation: Annotated[
        str | None, typer.Option("--org", metavar="X", help="From this organisation (name or handle).")
    ] = None,
    author: Annotated[
        str | None, typer.Option("--author", metavar="X", help="By this author (whole name or surname).")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="X", help="Seen in this source (its name or the end of its path).")
    ] = None,
    min_comments: Annotated[
        int | None, typer.Option("--min-comments", min=0, metavar="N", help="With at least so many comments.")
    ] = None,
    min_upvotes: Annotated[
        int | None, typer.Option("--min-upvotes", min=0, metavar="N", help="With at least so many upvotes.")
    ] = None,
    sort: Annotated[
        Order | None,
        typer.Option(
            "--sort", help="Newest, most comments, upvotes or authors first, or by title; default: as they were added."
        ),
    ] = None,
    reverse: Annotated[
        bool, typer.Option("--reverse", help="The other way round; what is not known stays last.")
    ] = False,
    n: Annotated[int | None, typer.Option("-n", min=1, metavar="N", help="No more than so many.")] = None,
    library: LibraryOption = None,
) -> None:
    """Every paper, or those that pass the filters, a line each: id, date, title."""
    from ui.render import clean
    from ui.shelf_order import counted, ordered

    filters = _filters(since, until, organisation, source, min_comments, author)
    papers = (paper for paper in open_shelf(library).papers() if filters.matches(paper))
    if min_upvotes is not None:
        papers = (paper for paper in papers if paper.n_upvotes is not None and paper.n_upvotes >= min_upvotes)
    for paper in itertools.islice(ordered(papers, sort.value if sort else None, reverse=reverse), n):
        if as_json:
            print(json.dumps(paper.to_dict(), ensure_ascii=False))
            continue
        cells = [paper.paper_id, paper.published.isoformat() if paper.published else "no date   "]
        if sort in (Order.COMMENTS, Order.UPVOTES, Order.AUTHORS):
            count = counted(paper, sort.value)
            cells.append(f"{'' if count is None else count:>4}")
        print(clean("  ".join([*cells, " ".join(paper.title.split())])))


@app.command()
def export(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A file that does not exist yet: .jsonl, .parquet, .bib, .ris, .csv or .md."
        ),
    ],
    library: LibraryOption = None,
) -> None:
    """Write every paper to a file; .jsonl and .parquet hold every field, and `askpapers ingest` reads them."""
    from ui.library_files import SUFFIXES, write

    if file.suffix.lower() not in SUFFIXES:
        raise typer.BadParameter(f"{file}: the name must end in {', '.join(SUFFIXES)}", param_hint="FILE")
    n = write(file, open_shelf(library).papers())
    print(f"Wrote {n} paper{'s' * (n != 1)} to {file}.")


def _filters(
    since: str | None,
    until: str | None,
    organisation: str | None,
    source: str | None,
    min_comments: int | None,
    author: str | None,
) -> Filters:
    from rag.schema import Filters
    from ui.when import first_day, last_day

    low, high = _day(since, first_day, "--since"), _day(until, last_day, "--until")
    if low and high and low > high:
        raise typer.BadParameter(f"{since} is after {until}", param_hint="--since/--until")
    return Filters(
        since=low,
        until=high,
        organisation=organisation or None,
        author=author or None,
        source=source or None,
        min_comments=min_comments,
    )


def _day(text: str | None, read: Callable[[str], date], option: str) -> date | None:
    if text is None:
        return None
    try:
        return read(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is not a date; write 2024, 2024-05 or 2024-05-24", param_hint=option
        ) from None
