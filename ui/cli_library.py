"""`askpapers library …`: looking after the library."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from rag.errors import LibraryError
from ui.shelf import open_shelf, settings

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

LibraryOption = Annotated[
    Path | None,
    typer.Option(
        "--library", metavar="DIR", help="Folder of the library (default: $ASKPAPERS_LIBRARY, else user data)."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


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
    shelf = open_shelf(library)
    problems = shelf.verify()
    if not problems:
        print(f"{shelf.coverage().n_papers} papers: everything agrees.")
        return
    for problem in problems:
        print(problem)
    print(f"askpapers: {len(problems)} problems; `askpapers library rebuild` may mend them", file=sys.stderr)
    raise typer.Exit(1)


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
    paper_ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Ids as `library list` shows them.")],
    library: LibraryOption = None,
) -> None:
    """Remove papers by id; exit 1 when an id is not there (the others go)."""
    shelf = open_shelf(library)
    removed = shelf.remove(paper_ids)
    for paper_id in removed:
        print(f"removed {paper_id}")
    if missing := [paper_id for paper_id in paper_ids if paper_id not in removed]:
        raise LibraryError(f"no such paper: {', '.join(missing)}; `askpapers library list` shows the ids")


@app.command(name="list")
def list_papers(as_json: JsonOption = False, library: LibraryOption = None) -> None:
    """Every paper, a line each: id, date, title."""
    from ui.render import clean

    for paper in open_shelf(library).papers():
        if as_json:
            print(json.dumps(paper.to_dict(), ensure_ascii=False))
        else:
            day = paper.published.isoformat() if paper.published else "no date   "
            print(f"{paper.paper_id}  {day}  {clean(paper.title)}")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .jsonl file; it must not exist yet.")],
    library: LibraryOption = None,
) -> None:
    """Write every paper to a JSON Lines file that `askpapers ingest` reads."""
    if file.suffix != ".jsonl":
        raise typer.BadParameter(f"{file}: the name must end in .jsonl", param_hint="FILE")
    shelf = open_shelf(library)
    n = 0
    try:
        with file.open("x", encoding="utf-8") as out:
            for n, paper in enumerate(shelf.papers(), 1):  # noqa: B007
                out.write(json.dumps(paper.to_dict(), ensure_ascii=False) + "\n")
    except OSError as error:
        raise LibraryError(f"cannot write {file}: {error.strerror or error}") from error
    print(f"Wrote {n} papers to {file}.")
