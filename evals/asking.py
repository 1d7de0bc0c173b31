"""Asking a language model a question that has a form: texts fenced off in the prompt, the reply read strictly.

Any LlamaIndex `LLM` is a `Model`, and so is anything with its `complete`; nothing is imported for it. What stands in a
question, an answer or an abstract was written by others and may hold sentences that look like orders: every such text
is put between two lines that no text contains.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from rag.models import Model as StreamingModel

# Reasoning models think aloud first; what counts is what follows.
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_CODE_BLOCK = re.compile(r"\A```(?:json)?[ \t]*\n(?P<inside>.*)\n[ \t]*```\Z", re.DOTALL)
_SHOWN = 80


class Reply(Protocol):
    """What a model returns: its `text`."""

    @property
    def text(self) -> str: ...


class Model(Protocol):
    """A language model: a LlamaIndex `LLM`, or anything with its `complete`."""

    def complete(self, prompt: str, /) -> Reply: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A reply from the first word to the last."""

    text: str


class Completing:
    """A model of `rag.models` as the `Model` that is asked here: its stream is read to the end.

    Raises ModelError as the stream does.
    """

    def __init__(self, model: StreamingModel, *, max_tokens: int = 1_500) -> None:
        self.metadata = _Named(model_name=model.name)
        self._model = model
        self._max_tokens = max_tokens

    def complete(self, prompt: str, /) -> Whole:
        chunks = self._model.stream("", prompt, max_tokens=self._max_tokens)
        return Whole(text="".join(chunk.text for chunk in chunks))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    model_name: str


class UnreadableReply(ValueError):
    """A reply that does not have the form that was asked for; the message says what is wrong with it."""


def fenced(texts: Mapping[str, str]) -> str:
    """The texts under their names, each between two equal lines that occur in none of them.

    >>> print(fenced({"claim": "Memory falls."}))
    claim:
    ---- 816b5241 ----
    Memory falls.
    ---- 816b5241 ----
    """
    everything = "\n".join(texts.values())
    mark, salt = _mark(everything, 0), 0
    while mark in everything:
        salt += 1
        mark = _mark(everything, salt)
    return "\n\n".join(f"{name}:\n{mark}\n{text.strip()}\n{mark}" for name, text in texts.items())


def read_reply(text: str, fields: Sequence[str]) -> dict[str, str]:
    """The fields of a reply, all of them strings.

    The reply must be one JSON object with exactly these fields, each once, and nothing around it: a code block that
    holds all of it and a thought in front (`<think>…</think>`) are allowed. Raises UnreadableReply.
    """
    bare = _THOUGHT.sub("", text).strip()
    block = _CODE_BLOCK.match(bare)
    try:
        record = json.loads(block["inside"] if block else bare, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        if isinstance(error, UnreadableReply):
            raise
        raise UnreadableReply(f"the reply is not a JSON object alone: {_shown(text)}") from error
    if not isinstance(record, dict):
        raise UnreadableReply(f"the reply is not a JSON object: {_shown(text)}")
    if record.keys() != set(fields):
        raise UnreadableReply(f"the reply has the fields {', '.join(record) or 'none'}; wanted: {', '.join(fields)}")
    if wrong := [name for name in fields if not isinstance(record[name], str)]:
        raise UnreadableReply(f"the reply's {wrong[0]!r} is not a text: {_shown(text)}")
    return {name: record[name] for name in fields}


def model_name(model: Model) -> str | None:
    """What the model calls itself, where it says so."""
    name = getattr(getattr(model, "metadata", None), "model_name", None)
    return name if isinstance(name, str) and name else None


def _mark(text: str, salt: int) -> str:
    return f"---- {hashlib.sha256(f'{salt}{text}'.encode('utf-8', 'replace')).hexdigest()[:8]} ----"


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise UnreadableReply("the reply has a field twice")
    return record


def _shown(text: str) -> str:
    plain = " ".join(text.split())
    return f"“{plain}”" if len(plain) <= _SHOWN else f"“{plain[: _SHOWN - 1]}…”"
