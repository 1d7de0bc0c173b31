"""`askpapers models …`: looking after the language model."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rag.errors import ModelError
from rag.settings import Settings

app = typer.Typer(
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def models() -> None:
    """Look after the language model."""


@app.command()
def check(
    llm: Annotated[
        str | None,
        typer.Option(
            "--llm", metavar="SPEC", help="openai/MODEL, openai-like/MODEL@URL or none (default: as for ask)."
        ),
    ] = None,
) -> None:
    """Send one tiny request to the language model and say what works, or what to mend."""
    from rag.models import NO_MODEL, load_llm

    found = Settings.from_env()
    spec = found.llm if llm is None else llm
    try:
        model = load_llm(spec, settings=found)
    except ModelError as error:
        raise typer.BadParameter(str(error), param_hint="--llm" if llm is not None else "ASKPAPERS_LLM") from error
    if model is None:
        print(
            f"No language model ({NO_MODEL}): answers are quotes. "
            "For answers that a model writes, set OPENAI_API_KEY or ASKPAPERS_LLM."
        )
        return
    from rag.model.check import check as check_model
    from ui.render import clean

    try:
        print(clean(check_model(model).sentence()))
    except ModelError as error:
        print(f"askpapers: {clean(str(error))}", file=sys.stderr)
        raise typer.Exit(1) from error
