"""The `askpapers` command: result on stdout, progress and errors on stderr; exit 0 ok, 1 failed, 2 wrong usage."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.errors import AskpapersError
from rag.settings import spare_threads
from ui import cli_chat, cli_eval, cli_library, cli_models
from ui.llm import named_model, reply_folder
from ui.shelf import open_or_sample, settings
from ui.when import first_day, last_day

if TYPE_CHECKING:
    from rag.schema import Filters

app = typer.Typer(
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def askpapers(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda asked: _version(asked), is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Ask questions of a shelf of paper abstracts; every sentence of an answer points at the words behind it."""


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"askpapers {version('askpapers')}")
        raise typer.Exit


app.add_typer(cli_library.app, name="library", help="Look after the library.")
app.add_typer(cli_models.app, name="models", help="Look after the language model.")
app.add_typer(cli_eval.app, name="eval", help="Measure how good answers and search are.")
app.command("chat")(cli_chat.chat)

LibraryOption = Annotated[
    Path | None,
    typer.Option(
        "--library", metavar="DIR", help="Folder of the library (default: $ASKPAPERS_LIBRARY, else user data)."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="D", help="Published on or after: 2024, 2024-05 or 2024-05-24.")
]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="D", help="Published on or before.")]
OrganisationOption = Annotated[
    str | None, typer.Option("--org", metavar="X", help="From this organisation (name or handle).")
]
AuthorOption = Annotated[
    str | None, typer.Option("--author", metavar="X", help="By this author (whole name or surname).")
]
LlmOption = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="SPEC",
        help="Language model: openai/MODEL, openai-like/MODEL@http://host/v1, or none to quote (default: $ASKPAPERS_LLM, "
        "else a small OpenAI model where $OPENAI_API_KEY is set).",
    ),
]
MaxCostOption = Annotated[
    float | None,
    typer.Option("--max-cost", min=0.0, metavar="USD", help="Ask the model no more once it has cost this much."),
]
NoCacheOption = Annotated[
    bool, typer.Option("--no-cache", help="Ask the model even where its reply to the same question is kept.")
]
KOption = Annotated[int, typer.Option("-k", min=1, max=1000, metavar="N", help="How many papers to search for.")]


_INGEST_EXAMPLES = """Examples:

\b
  askpapers ingest saved-pages/ zotero.bib
  askpapers ingest "hf:daily?days=7"
  askpapers ingest "arxiv:cat:cs.CL AND abs:quantization"
  askpapers ingest papers.csv --map title=Name,abstract=Summary
"""
_ASK_EXAMPLES = """Examples:

\b
  askpapers ask "Which papers cut optimizer memory, and by how much?"
  askpapers ask "What is new on quantization?" --since 2025-05 --json
"""


@app.command(epilog=_INGEST_EXAMPLES)
def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE…",
            help="A file, a folder, - (standard input), sample, hf:daily?days=7, hf:search?q=WORDS or arxiv:QUERY.",
        ),
    ],
    library: LibraryOption = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="F=C,…", help="Columns that have other names: title=Title,abstract=Summary."),
    ] = None,
    categories: Annotated[
        list[str] | None,
        typer.Option("--category", metavar="C,…", help="Only papers of these arXiv categories, such as cs.CL,cs.LG."),
    ] = None,
    since: SinceOption = None,
    embedding: Annotated[
        str | None,
        typer.Option(
            "--embedding",
            metavar="SPEC",
            help="How a new library is embedded: minilm (the default), openai/MODEL or openai-like/MODEL@http://host/v1.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON, and progress as JSON lines on standard error.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Add papers to the library. What is there already is recognised: running it again costs little."""
    if not all(source.strip() for source in sources):
        raise typer.BadParameter("a source is empty; name a file, a folder or another source", param_hint="SOURCE")
    from ingest.sources.reading import ReadOptions
    from ui.cli_ingest import check_sources, read_mapping, run

    try:
        pairs = read_mapping(mapping or [])
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--map") from None
    try:
        check_sources(sources)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="SOURCE") from None
    wanted = tuple(name.strip() for text in categories or [] for name in text.split(",") if name.strip())
    options = ReadOptions(mapping=pairs, categories=wanted, since=_day(since, first_day, "--since"))
    folder = settings(library).library
    raise typer.Exit(run(sources, folder, options, as_json=as_json, quiet=quiet, embedding=embedding))


@app.command(epilog=_ASK_EXAMPLES)
def ask(
    words: Annotated[list[str], typer.Argument(metavar="QUESTION", help="What you want to know, in your own words.")],
    as_json: JsonOption = False,
    since: SinceOption = None,
    until: UntilOption = None,
    organisation: OrganisationOption = None,
    author: AuthorOption = None,
    llm: LlmOption = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Correct or leave out sentences that the papers do not say.")
    ] = False,
    max_cost: MaxCostOption = None,
    no_cache: NoCacheOption = False,
    k: KOption = 20,
    library: LibraryOption = None,
) -> None:
    """Answer one question from the papers, with citations."""
    question = " ".join(words)
    if not question.strip():
        raise typer.BadParameter("the question is empty", param_hint="QUESTION")
    filters = _filters(since, until, organisation, author)
    found = settings(library)
    model = named_model(llm, found)
    shelf = open_or_sample(library)
    from rag.engine import Engine
    from ui.cli_ask import show

    cache = None if no_cache else reply_folder(found)
    engine = Engine(shelf, model=model, strict=strict, max_cost_usd=max_cost, cache=cache)
    if as_json:
        _print_json(engine.ask(question, filters=filters, k=k).to_dict())
    else:
        show(engine.stream(question, filters=filters, k=k))


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="QUERY", help="Words to search for.")],
    as_json: JsonOption = False,
    since: SinceOption = None,
    until: UntilOption = None,
    organisation: OrganisationOption = None,
    author: AuthorOption = None,
    k: KOption = 10,
    library: LibraryOption = None,
) -> None:
    """Rank papers for a query, without an answer."""
    query = " ".join(words)
    if not query.strip():
        raise typer.BadParameter("the query is empty", param_hint="QUERY")
    filters = _filters(since, until, organisation, author)
    shelf = open_or_sample(library)
    hits = shelf.search(query, k=k, filters=filters)
    if as_json:
        papers = [
            {
                "paper_id": hit.paper.paper_id,
                "title": hit.paper.title,
                "score": round(hit.score, 4),
                "published": hit.paper.published.isoformat() if hit.paper.published else None,
                "url": hit.paper.link,
                "organisation": hit.paper.organisation,
                "n_authors": hit.paper.n_authors,
                "n_comments": hit.paper.n_comments,
                "passage": {"text": hit.text, "start": hit.passage.start, "end": hit.passage.end},
            }
            for hit in hits
        ]
        coverage = shelf.coverage(filters).to_dict()
        _print_json({"query": query, "papers": papers, "filters": filters.to_dict(), "coverage": coverage})
        return
    from ui.cli_ask import width
    from ui.render import coverage_text, hits_text

    print(hits_text(hits, width=width()) if hits else "No paper matches.")
    print(f"\nSearched {coverage_text(shelf.coverage(filters))}.", file=sys.stderr)


def main() -> None:
    """Entry point: every error that askpapers raises becomes one line on stderr."""
    spare_threads()
    try:
        try:
            app(prog_name="askpapers")
        finally:
            sys.stdout.flush()
    except AskpapersError as error:
        from ui.render import clean

        print(f"askpapers: {clean(str(error))}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("askpapers: stopped", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing more to say, and no traceback at exit.
        _silence_stdout()
        sys.exit(0)
    except OSError as error:
        _silence_stdout()
        print(f"askpapers: cannot write the result: {error.strerror or error}", file=sys.stderr)
        sys.exit(1)


def _silence_stdout() -> None:
    """What is left in the buffer goes nowhere, so that the interpreter does not complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _filters(since: str | None, until: str | None, organisation: str | None, author: str | None) -> Filters:
    from rag.schema import Filters

    low = _day(since, first_day, "--since")
    high = _day(until, last_day, "--until")
    if low and high and low > high:
        raise typer.BadParameter(f"{since} is after {until}", param_hint="--since/--until")
    return Filters(since=low, until=high, organisation=organisation or None, author=author or None)


def _day(text: str | None, read: Any, option: str) -> date | None:
    if text is None:
        return None
    try:
        day: date = read(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is not a date; write 2024, 2024-05 or 2024-05-24", param_hint=option
        ) from None
    return day


def _print_json(record: dict[str, Any]) -> None:
    print(json.dumps(record, ensure_ascii=False, indent=1 if sys.stdout.isatty() else None))


if __name__ == "__main__":
    main()
