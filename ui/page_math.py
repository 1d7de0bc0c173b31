"""TeX in titles and abstracts as MathML, which browsers draw by themselves: no script, no fonts, nothing to fetch. Pure.

Only what abstracts use: letters, numbers, scripts, fractions, roots, accents, fonts and common symbols. A formula that holds
anything else is shown as it was written. Where formulas stand in a text says `rag.formulas`.
"""

from __future__ import annotations

import re
from html import escape

from rag.formula_names import ACCENTS, FONTS, SYMBOLS, UPRIGHT
from rag.formulas import find_math

__all__ = ["find_math", "mathml"]

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_DEEPEST = 12


class _Unknown(Exception):
    """Something in a formula that is not drawn here."""


def mathml(tex: str) -> str | None:
    """A formula as MathML; None where it holds what is not known here."""
    try:
        rows = _Reader(tex).row(0, None)
    except (_Unknown, RecursionError):
        return None
    return f'<math aria-label="{escape(tex)}"><mrow>{rows}</mrow></math>'


class _Reader:
    """Reads one formula, left to right."""

    def __init__(self, tex: str) -> None:
        self._tokens = _TOKEN.findall(tex)
        self._at = 0

    def row(self, depth: int, end: str | None) -> str:
        """Everything up to `end` (None: the end of the formula)."""
        if depth > _DEEPEST:
            raise _Unknown
        parts: list[str] = []
        while (token := self._next()) != end:
            if token is None or token == "}":
                raise _Unknown
            if token in ("^", "_"):
                base = parts.pop() if parts else "<mrow></mrow>"
                parts.append(self._scripts(base, token, depth))
            elif drawn := self._drawn(token, depth):
                parts.append(drawn)
        return "".join(parts)

    def _next(self) -> str | None:
        if self._at >= len(self._tokens):
            return None
        self._at += 1
        return str(self._tokens[self._at - 1])

    def _scripts(self, base: str, first: str, depth: int) -> str:
        scripts = {first: self._argument(depth)}
        mark = self._at
        other = self._next()
        if other in ("^", "_") and other not in scripts:
            scripts[other] = self._argument(depth)
        else:
            self._at = mark if other is not None else self._at
        if len(scripts) == 2:
            return f"<msubsup>{base}{scripts['_']}{scripts['^']}</msubsup>"
        return f"<msup>{base}{scripts['^']}</msup>" if "^" in scripts else f"<msub>{base}{scripts['_']}</msub>"

    def _argument(self, depth: int) -> str:
        """One token or one group, as one element."""
        token = self._next()
        while token is not None and token.isspace():
            token = self._next()
        if token is None or token in ("^", "_", "}"):
            raise _Unknown
        return self._drawn(token, depth + 1) or "<mrow></mrow>"

    def _words(self) -> str:
        """The group that follows, as plain text."""
        if self._next() != "{":
            raise _Unknown
        words: list[str] = []
        open_groups = 1
        while True:
            token = self._next()
            if token is None:
                raise _Unknown
            open_groups += (token == "{") - (token == "}")
            if not open_groups:
                return "".join(words).strip("$")
            if token.startswith("\\") and token[1:].isalpha():
                raise _Unknown
            words.append(token.removeprefix("\\") if len(token) > 1 else token)

    def _drawn(self, token: str, depth: int) -> str:
        if token.isspace() or token in ("~", "&"):
            return ""
        if token == "{":
            return f"<mrow>{self.row(depth + 1, '}')}</mrow>"
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token[0] == "\\":
            return self._command(token[1:], depth)
        if token.isalpha():
            return f"<mi>{escape(token)}</mi>"
        if token in "()[]|":
            return f'<mo stretchy="false">{token}</mo>'
        return f"<mo>{'−' if token == '-' else '′' if token == chr(39) else escape(token)}</mo>"

    def _command(self, name: str, depth: int) -> str:
        if name in SYMBOLS:
            symbol = SYMBOLS[name]
            return f"<mi>{symbol}</mi>" if symbol.isalpha() else f"<mo>{escape(symbol)}</mo>"
        if name in UPRIGHT:
            return f'<mi mathvariant="normal">{name}</mi>'
        if name in FONTS:
            return f'<mrow class="{FONTS[name]}">{self._argument(depth)}</mrow>'
        if name in (
            "text",
            "textbf",
            "textit",
            "textrm",
            "texttt",
            "mathrm",
            "operatorname",
            "mbox",
            "textsc",
            "mathsf",
            "emph",
            "textsf",
        ):
            return f"<mtext>{escape(self._words())}</mtext>"
        if name in ("frac", "dfrac", "tfrac"):
            return f"<mfrac>{self._argument(depth)}{self._argument(depth)}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self._argument(depth)}</msqrt>"
        if name in ACCENTS:
            return f"<mover>{self._argument(depth)}<mo>{ACCENTS[name]}</mo></mover>"
        if name in ("left", "right", "big", "Big", "bigl", "bigr", "limits", "displaystyle"):
            return ""
        if name in (",", ";", ":", " ", "quad", "qquad", "!"):
            return '<mspace width="0.25em"></mspace>'
        if name in ("%", "$", "#", "&", "_", "{", "}", "|"):
            return f"<mo>{escape(name)}</mo>"
        raise _Unknown
