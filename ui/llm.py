"""Which language model a command works with, and what it cost in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from rag.settings import Settings

if TYPE_CHECKING:
    from rag.models import Model
    from rag.schema import Usage


def named_model(spec: str | None, found: Settings) -> Model | None:
    """The model of `--llm`, else of the settings; None quotes. A spec that cannot be read is wrong usage."""
    from rag.errors import ModelError
    from rag.models import load_llm

    try:
        return load_llm(found.llm if spec is None else spec, settings=found)
    except ModelError as error:
        raise typer.BadParameter(str(error), param_hint="--llm" if spec is not None else "ASKPAPERS_LLM") from error


def reply_folder(found: Settings) -> Path:
    """Where replies of models are kept."""
    return found.cache / "replies"


def usage_text(usage: Usage) -> str:
    """ "1,572 + 119 tokens, $0.0021"."""
    tokens = f"{usage.prompt_tokens:,} + {usage.completion_tokens:,} tokens"
    if not usage.prompt_tokens and not usage.completion_tokens:
        return "no tokens"
    return f"{tokens}, price not known" if usage.cost_usd is None else f"{tokens}, ${usage.cost_usd:.4f}"
