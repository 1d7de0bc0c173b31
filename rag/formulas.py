r"""TeX in titles and abstracts: where formulas stand, and what they read like without TeX. Pure.

A dollar opens a formula only where what follows reads like one, so prices stay prices. Beside a letter it opens or closes one
only where that holds what no price holds: a script or a command.

>>> [text[start:end] for text in ["O($n^2$), E$^{2}$GAN, for US$5 or $10"] for start, end, _ in find_math(text)]
['$n^2$', '$^{2}$']
>>> as_text(r"E$^{2}$GAN: \textbf{L}azy nets in $O(n \log n)$ for $5")
'E²GAN: Lazy nets in O(n log n) for $5'
"""

from __future__ import annotations

import re

from rag.formula_names import FONTS, SYMBOLS, UPRIGHT

_DELIMITED = re.compile(
    r"\$\$(?P<block>[^$]{1,400})\$\$|\\\((?P<round>.{1,400}?)\\\)|\\\[(?P<square>.{1,400}?)\\\]"
    r"|(?<![\\$])\$(?P<dollar>(?=[^\s$])[^$\n]{1,200}?(?<=[^\s\\]))\$(?!\$)",
    re.DOTALL,
)
_LIKE_MATH = re.compile(r"[\\^_={}<>|+*/]|^[A-Za-z]{1,2}['′]?$|^[A-Za-z]\s?\([^()]*\)$|^[~≈-]?\d[\d.,]*[A-Za-z]?$")
_WORDS = re.compile(r"(?<![\\{A-Za-z])[A-Za-z]{2,}\s+(?:[a-z]{2,})")
# What no price and no name of a shell's variable is.
_SURE = re.compile(r"\^|\\[A-Za-z]|(?<![A-Za-z]{2})_")
_ONE_LETTER = re.compile(r"[A-Za-z]['′]?")

_TEX_TEXT = re.compile(
    r"\\(?:textbf|textit|textsc|texttt|textrm|textsf|textsl|text|emph|underline|mbox)\{([^{}]{0,400})\}"
)
_TEX_CHAR = re.compile(r"\\([%&_#$])")
_GROUP = re.compile(r"\{([^{}]*)\}")
_SCRIPT = re.compile(r"([\^_])(?:\{([^{}]*)\}|(\\[A-Za-z]+|[^\s{}\\]))")
_COMMAND = re.compile(r"\\(?:([A-Za-z]+)\s*|(.))", re.DOTALL)
_NO_WORDS = re.compile(r"\\(?:left|right|big|Big|bigl|bigr|limits|displaystyle)(?![A-Za-z])")
_FONT = re.compile(rf"\\(?:{'|'.join(sorted(FONTS, key=len, reverse=True))}|mathrm|mathsf|operatorname)(?=[{{\s])\s*")
_SPACES = {",": " ", ";": " ", ":": " ", " ": " ", "!": "", "quad": " ", "qquad": " "}
_RAISED = str.maketrans("0123456789+-=()in*′'∗", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ*′′*")
_LOWERED = str.maketrans("0123456789+-=()aeoxhklmnpstij", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼ")
_MAY_BE_RAISED, _MAY_BE_LOWERED = re.compile(r"[0-9+\-=()in*′'∗]+"), re.compile(r"[0-9+\-=()aeoxhklmnpstij]+")


class _Unsaid(Exception):
    """Something in a formula that plain text cannot say."""


def find_math(text: str) -> list[tuple[int, int, str]]:
    """Where formulas stand in a text (start, end with their delimiters) and what is in them; not overlapping, in order."""
    found = []
    at = 0
    while match := _DELIMITED.search(text, at):
        inside = match[match.lastgroup or 0]
        if match.lastgroup == "dollar" and not _is_formula(text, match.start(), match.end(), inside):
            at = match.start() + 1
            continue
        found.append((match.start(), match.end(), inside))
        at = match.end()
    return found


def _is_formula(text: str, start: int, end: int, inside: str) -> bool:
    """Whether what stands between two dollars is a formula, by itself and by its neighbours."""
    if not _LIKE_MATH.search(inside) or _WORDS.search(inside):
        return False
    before, after = text[start - 1 : start], text[end : end + 1]
    beside = [one for one in (before, after) if one.isalnum() or one == "_"]
    if not beside:
        return True
    sure = bool(_SURE.search(inside))
    if inside[-1] in ":/,;.-(" or (inside[0].isdigit() and (before in beside or after.isdigit() or not sure)):
        return False
    return sure or (before not in beside and after.isalpha() and bool(_ONE_LETTER.fullmatch(inside)))


def as_text(text: str, *, escapes: bool = True) -> str:
    r"""A text with its formulas and its few commands of TeX as plain characters; a formula that these cannot say stays.

    `escapes`: whether "\%" and the like lose their backslash, too; in Markdown they have to keep it.
    """
    pieces, at = [], 0
    for start, end, inside in find_math(text):
        pieces += [_running(text[at:start], escapes), _said(inside) or text[start:end]]
        at = end
    return "".join([*pieces, _running(text[at:], escapes)])


def _running(text: str, escapes: bool = True) -> str:
    """Text outside formulas."""
    for _ in range(3):  # one in another
        text, n = _TEX_TEXT.subn(r"\1", text)
        if not n:
            break
    return _TEX_CHAR.sub(r"\1", text) if escapes else text


def _said(tex: str) -> str | None:
    """A formula in plain characters; None where these cannot say it."""
    try:
        said = _NO_WORDS.sub("", tex)
        said = _running(_FONT.sub("", said))
        said = _SCRIPT.sub(_script, said)
        for _ in range(6):
            said, n = _GROUP.subn(r"\1", said)
            if not n:
                break
        said = _COMMAND.sub(_command, said)
    except _Unsaid:
        return None
    return None if set(said) & set("{}^_\\$") or not said.strip() else " ".join(said.replace("~", " ").split())


def _script(match: re.Match[str]) -> str:
    what = _COMMAND.sub(_command, match[2] if match[2] is not None else match[3]).replace(" ", "")
    raised = match[1] == "^"
    if not (_MAY_BE_RAISED if raised else _MAY_BE_LOWERED).fullmatch(what):
        raise _Unsaid
    return what.translate(_RAISED if raised else _LOWERED)


def _command(match: re.Match[str]) -> str:
    name = match[1] or match[2]
    if name in SYMBOLS:
        return SYMBOLS[name] + " " * match[0].endswith(" ")
    if name in UPRIGHT:
        return f"{name} " if match[0].endswith(" ") else name
    if name in _SPACES:
        return _SPACES[name]
    if match[2] and name in "%#&|":
        return name
    raise _Unsaid
