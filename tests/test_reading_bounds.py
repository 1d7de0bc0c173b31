"""What reading a question may cost: no pattern and no message, however odd, takes time that grows with the square of its length.

Growth is compared, not seconds: twice the text may take about twice the time.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

import rag.question
from rag.engine import MOST_CHARACTERS
from rag.library import Library
from rag.question.reader import tidy
from rag.questions import LONGEST_ANSWER, LONGEST_QUESTION, understand
from rag.schema import Turn

TODAY = date(2026, 3, 1)
LENGTH = 2_000
# Repeated until they fill a text: words, marks, and beginnings of what the patterns look for.
UNITS = (
    *(
        "a ",
        "A ",
        "Ab-1 ",
        "GaLore memory ",
        "the of the of ",
        "the of ",
        "papers ",
        "which papers on ",
        "how many ",
        "is the ",
    ),
    *(
        '"',
        '" ',
        "(",
        "[",
        "[1] ",
        "a, ",
        "- a ",
        "1 ",
        "2024 ",
        "in 2024 and ",
        "' ",
        ". ",
        "? ",
        "and ",
        "or ",
        "not on ",
        "x’s ",
    ),
    *(
        "compare a with ",
        "compare a and b to ",
        "vs ",
        "between a and ",
        "titles start with ",
        "who wrote ",
        "published ",
    ),
    *("not on ", "list the ", "date of ", "how often was a ", "-AI ", "have ", "A, A or ", "ab: "),
)
ANSWER_UNITS = ("\n", " ", "  \n", "- a\n", "**a", "| a ", "“a", "“", "[1", "(2024", "(2024) ", "\n\n- ", "nearest ")
# What a reader hands to a pattern only when it is short.
SHORT = {"rag.question.said": 80, "rag.question.names._SHARED_END": 200}


def _compiled(value: Any, depth: int = 0) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from (found for one in value.items() for found in _compiled(one, depth + 1))
    elif isinstance(value, (tuple, list, set, frozenset)) and depth < 5:
        yield from (found for one in value for found in _compiled(one, depth + 1))


def _written(module: Any) -> Iterator[tuple[int, re.Pattern[str]]]:
    """Patterns that stand in calls such as `re.search(r"…", text)`."""
    with open(module.__file__, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re"):
            continue
        try:
            text, *others = (eval(compile(ast.Expression(one), "", "eval"), vars(module)) for one in node.args)
        except NameError:  # made of what the question holds
            text, others = next(iter(_constants(node.args[0], module)), None), []
        if isinstance(text, str):
            flags = [one for one in others if isinstance(one, re.RegexFlag)]
            yield node.lineno, re.compile(text, flags[0] if flags else re.IGNORECASE)


def _constants(node: ast.expr, module: Any) -> Iterator[str]:
    try:
        yield eval(compile(ast.Expression(node), "", "eval"), vars(module))
    except NameError:
        return


def patterns() -> dict[re.Pattern[str], str]:
    """Every pattern of rag.question, and where it stands."""
    found: dict[re.Pattern[str], str] = {}
    for info in pkgutil.iter_modules(rag.question.__path__, "rag.question."):
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if not name.startswith("__"):
                for pattern in _compiled(value):
                    found.setdefault(pattern, f"{info.name}.{name}")
        for line, pattern in _written(module):
            found.setdefault(pattern, f"{info.name}:{line}")
    return found


def seconds(work: Callable[[], object], *, times: int = 1) -> float:
    """The least time of this thread that some work took."""
    best = float("inf")
    for _ in range(times):
        started = time.thread_time()
        work()
        best = min(best, time.thread_time() - started)
    return best


def filled(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


def searched(pattern: re.Pattern[str], text: str) -> Callable[[], object]:
    return lambda: sum(1 for _ in pattern.finditer(text))


def grows(work: Callable[[int], Callable[[], object]], cheap: float) -> float | None:
    """By how much more twice the length takes; None where it is cheap, or no more than a little over twice as much."""
    if seconds(work(2 * LENGTH)) < cheap:
        return None
    for _ in range(4):  # other programs may have disturbed one of the measurements
        once, twice = seconds(work(LENGTH), times=3), seconds(work(2 * LENGTH), times=3)
        if twice < cheap or twice < 3 * once:
            return None
    return twice / once


def test_the_time_of_every_pattern_grows_with_the_text_and_not_with_its_square() -> None:
    """A pattern that looks through the whole rest of a text at each of its places takes four times as long on twice the text."""
    found = patterns()
    assert len(found) > 200
    plain = re.compile(r"\b(?:alpha|beta|gamma|delta)\b")
    cheap = 60 * seconds(searched(plain, filled("a bc ", 2 * LENGTH)), times=5)
    slow = []
    for pattern, place in found.items():
        own = [f"{word} " for word in dict.fromkeys(re.findall(r"(?<!\\)\b[a-z]{3,}", pattern.pattern))][:12]
        units = [*UNITS, *own, *(ANSWER_UNITS if place.startswith("rag.question.answers") else ())]
        most = next((n for name, n in SHORT.items() if place.startswith(name)), 2 * LENGTH)
        for unit in units:
            raw = unit in ANSWER_UNITS

            def work(
                length: int, unit: str = unit, raw: bool = raw, most: int = most, pattern: re.Pattern[str] = pattern
            ) -> Any:
                text = filled(unit, length)
                return searched(pattern, (text if raw else tidy(text))[:most])

            if (growth := grows(work, cheap)) is not None:
                slow.append(
                    f"{place}: {unit!r} takes {growth:.1f} times as long on twice the text: {pattern.pattern[:90]}"
                )
                break
    assert not slow, "\n".join(slow)


@pytest.mark.parametrize(
    "unit", ["GaLore memory ", "the of the of ", '"', "[1] ", "and how many papers, ", "compare a with b "]
)
def test_the_time_of_understanding_does_not_grow_with_the_square_of_a_question(sample: Library, unit: str) -> None:
    understand("warm", library=sample, today=TODAY)
    once = seconds(lambda: understand(filled(unit, LENGTH // 2), library=sample, today=TODAY), times=2)
    twice = seconds(lambda: understand(filled(unit, LENGTH), library=sample, today=TODAY), times=2)
    assert twice < 3.2 * once + 0.02


def test_a_question_is_read_as_far_as_the_engine_reads_it() -> None:
    assert LONGEST_QUESTION == MOST_CHARACTERS


@pytest.mark.parametrize("unit", ["GaLore memory ", "\n", "- a\n", "[1] "])
@pytest.mark.parametrize("role", ["user", "assistant"])
def test_of_an_endless_turn_no_more_is_read_than_of_a_long_one(sample: Library, role: Any, unit: str) -> None:
    def asked(length: int) -> Callable[[], object]:
        history = [Turn(role="user", text="What is GaLore?"), Turn(role=role, text=filled(unit, length))]
        return lambda: understand("and how much memory does it save?", library=sample, today=TODAY, history=history)

    most = LONGEST_QUESTION if role == "user" else LONGEST_ANSWER
    asked(10)()
    assert seconds(asked(20 * most), times=2) < 3 * seconds(asked(most), times=2) + 0.02


def test_what_stands_beyond_the_bound_of_a_turn_sets_nothing(sample: Library) -> None:
    near = [Turn(role="user", text=f"{'papers ' * 100} published in 2024?")]
    far = [Turn(role="user", text=f"{'papers ' * 400} published in 2024?")]
    assert understand("and how many?", library=sample, today=TODAY, history=near).filters.since == date(2024, 1, 1)
    assert understand("and how many?", library=sample, today=TODAY, history=far).filters.since is None
