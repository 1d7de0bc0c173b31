"""Answering on the command line: sentences as they come in a terminal, the whole answer in a pipe."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.events import DoneEvent, Event, SentenceEvent, StatusEvent
from rag.written import NOT_CITED, NOT_FOUND
from ui.llm import usage_text
from ui.render import WIDTH, answer_text, clean, coverage_text, references

if TYPE_CHECKING:
    from rag.schema import Answer

_ERASE = "\r\x1b[K"
_CYAN, _PLAIN = "\x1b[36m", "\x1b[0m"


def show(events: Iterator[Event]) -> None:
    """Prints an answer while it is made, or, in a pipe, when it is there; what it cost goes to stderr."""
    if sys.stdout.isatty():
        _show_live(events)
    else:
        answer = [event for event in events if isinstance(event, DoneEvent)][-1].answer
        print(answer_text(replace(answer, text=plain_marks(answer.text)), width=width()))
        print(f"\n{footer(answer)}", file=sys.stderr)


def footer(answer: Answer) -> str:
    """What was understood and searched, who wrote and what it took: a line or two, wrapped in a terminal."""
    seconds = sum(answer.timings_s.values())
    wrote = f"written by {answer.model}" if answer.model else "quoted, no model"
    spent = f"; {usage_text(answer.usage)}" if answer.model or answer.usage.prompt_tokens else ""
    lines = [f"Searched {coverage_text(answer.coverage)}; {wrote}{spent}; {seconds:.2f} s."]
    if answer.notes:
        lines.insert(0, f"Understood: {clean('; '.join(answer.notes))}.")
    return "\n".join(textwrap.fill(line, WIDTH) if sys.stderr.isatty() else line for line in lines)


def width() -> int:
    """Columns to write in: the terminal's, at most 100; 80 in a pipe."""
    return max(40, min(shutil.get_terminal_size().columns, 100)) if sys.stdout.isatty() else 80


def print_answer(text: str) -> None:
    """Bold titles and coloured markers in a terminal; as it is in a pipe and with NO_COLOR."""
    if not sys.stdout.isatty():
        print(text)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    styled = Text()
    for i, part in enumerate(text.split("**")):
        styled.append(part, style="bold" if i % 2 else "")
    styled.highlight_regex(r"\[\d+\]", "cyan")
    styled.highlight_regex(r"(?m)^Sources$", "bold")
    console.print(styled)


def plain_marks(text: str) -> str:
    """The marks of unsupported sentences without their emphasis, for where Markdown is not rendered."""
    for mark in (NOT_FOUND, NOT_CITED):
        text = text.replace(mark, mark.strip("*"))
    return text


class Wrapper:
    """Wraps text that comes in pieces: `add` gives what to print for a further piece.

    >>> wrapper = Wrapper(12)
    >>> wrapper.add("Memory falls.") + wrapper.add(" Speed rises [1].")
    'Memory\\nfalls. Speed\\nrises [1].'
    """

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._used = 0
        self._indent = ""

    def add(self, text: str) -> str:
        out = []
        for word in re.findall(r"\n|[ \t]+|[^\s]+", text):
            if word == "\n":
                out.append(word)
                self._used, self._indent = 0, ""
            elif word.isspace():
                if self._used:
                    out.append(word)
                    self._used += len(word)
                else:
                    out.append(word)
                    self._used = len(word)
            else:
                if self._used and self._used + len(word) > self._columns and "".join(out[-1:]) != "\n":
                    while out and out[-1].isspace() and out[-1] != "\n":
                        out.pop()
                    out.append(f"\n{self._indent}")
                    self._used = len(self._indent)
                if not self._used and word in ("-", "*"):
                    self._indent = "  "
                out.append(word)
                self._used += len(word)
        return "".join(out)


def _show_live(events: Iterator[Event]) -> None:
    from rich.console import Console

    no_color = Console().no_color
    wrapper = Wrapper(width())
    shown = ""
    for event in events:
        if isinstance(event, StatusEvent):
            _tell("" if shown else f"{clean(event.text)} …")
        elif isinstance(event, SentenceEvent):
            _tell("")
            shown += event.text
            text = wrapper.add(clean(plain_marks(event.text)).replace("**", ""))
            print(text if no_color else _coloured(text), end="", flush=True)
        elif isinstance(event, DoneEvent):
            _tell("")
            answer = event.answer
            if not shown or shown != answer.text:
                print("\n" if shown else "", end="")
                print_answer(answer_text(replace(answer, text=plain_marks(answer.text)), width=width(), bold=True))
            elif answer.citations:
                print_answer("\n".join(["", "", "**Sources**", *references(answer.citations, width=width())]))
            else:
                print()
            print(f"\n{footer(answer)}", file=sys.stderr)


def _tell(text: str) -> None:
    """A line about what is being done, in the place of the one before."""
    if sys.stderr.isatty():
        print(f"{_ERASE}{text[: width() - 1]}", end="", file=sys.stderr, flush=True)


def _coloured(text: str) -> str:
    return re.sub(r"\[\d+\]", lambda match: f"{_CYAN}{match[0]}{_PLAIN}", text)
