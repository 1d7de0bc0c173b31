"""Gates: what a run must reach, written so that a CI can hold it.

    citation_precision>=0.95        the mean of a measure
    facts_stated drop<=0.02         how much a measure may fall between two runs
    answer_s rise<=0.5              how much it may rise

A gate on a measure that has no value in the run is broken: what was not measured was not reached.

>>> gate = parse_gate("facts_stated drop<=0.02")
>>> gate.measure, gate.change, gate.sign, gate.limit
('facts_stated', 'drop', '<=', 0.02)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from evals.measures import BY_NAME
from rag.errors import AskpapersError

_GATE = re.compile(
    r"\s*(?P<measure>[a-z_]+(?:@\d+)?)\s*(?P<change>drop|rise)?\s*"
    r"(?P<sign><=|>=|<|>)\s*(?P<limit>-?\d+(?:\.\d+)?)(?P<percent>\s*%)?\s*"
)
Change = Literal["", "drop", "rise"]
Sign = Literal["<=", ">=", "<", ">"]
_CHANGES: dict[str, Change] = {"": "", "drop": "drop", "rise": "rise"}
_SIGNS: dict[str, Sign] = {"<=": "<=", ">=": ">=", "<": "<", ">": ">"}
# Means are sums of fractions: 0.95 reached by 19 of 20 must not fail in the seventeenth digit.
_SLACK = 1e-9


class GateError(AskpapersError):
    """A gate that cannot be read, or that names no measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One condition. `change` is empty for the mean itself."""

    text: str
    measure: str
    change: Change
    sign: Sign
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """Whether a gate held, and the figure that says so (None: not measured)."""

    gate: Gate
    value: float | None
    held: bool

    @property
    def text(self) -> str:
        figure = "has no value" if self.value is None else f"is {self.value:.4g}"
        what = f"{self.gate.measure} {self.gate.change}".strip()
        return f"{'held' if self.held else 'broken'}: {self.gate.text} ({what} {figure})"


def parse_gate(text: str) -> Gate:
    """The gate that a text describes. Raises GateError."""
    match = _GATE.fullmatch(text)
    if match is None:
        raise GateError(
            f'gate {text!r} cannot be read: write it as "citation_precision>=0.95" or "facts_stated drop<=0.02"'
        )
    if match["measure"] not in BY_NAME:
        raise GateError(f"gate {text!r} names no measure; the measures are {', '.join(BY_NAME)}")
    limit = float(match["limit"]) / (100 if match["percent"] else 1)
    change = _CHANGES[match["change"] or ""]
    return Gate(text=text.strip(), measure=match["measure"], change=change, sign=_SIGNS[match["sign"]], limit=limit)


def check_gate(gate: Gate, *, first: Sequence[float] = (), second: Sequence[float]) -> GateResult:
    """Whether a gate holds. `second` has the values of the run that is judged; `first`, of the same questions, those
    of the run that it is compared with, for gates on a change."""
    value: float | None = None
    if gate.change == "" and second:
        value = sum(second) / len(second)
    elif gate.change and first and second:
        value = sum(second) / len(second) - sum(first) / len(first)
        value = 0.0 - value if gate.change == "drop" else value
    return GateResult(gate=gate, value=value, held=value is not None and _holds(value, gate))


def _holds(value: float, gate: Gate) -> bool:
    if gate.sign == ">=":
        return value >= gate.limit - _SLACK
    if gate.sign == "<=":
        return value <= gate.limit + _SLACK
    return value > gate.limit + _SLACK if gate.sign == ">" else value < gate.limit - _SLACK
