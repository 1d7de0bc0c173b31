r"""Plain text as LaTeX: characters that LaTeX would take for commands are escaped, mathematics stays.

Titles and abstracts are untrusted: nothing outside mathematics may be a command, and mathematics that calls a command that
reads, writes or defines is plain text, too. What is written here `ingest.sources.latex` reads back as it was. Pure functions.

>>> latex("Saves 50% of $O(n^2)$ memory for $5 & more")
'Saves 50\\% of $O(n^2)$ memory for \\$5 \\& more'
"""

from __future__ import annotations

import re

_ESCAPES = {
    "\\": r"\textbackslash{}",
    # BibTeX counts braces and knows no escaped ones.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "$": r"\$",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
# A dollar opens mathematics before a character that is no space, and closes it behind one and not before a digit.
_MATH = re.compile(
    r"\$\$(?=\S)([^$]{1,400}?)(?<=[^\s\\])\$\$|\$(?=[^\s$])([^$]{1,200}?)(?<=[^\s\\])\$(?!\d)|\\\(((?:(?!\\\)).){1,200})\\\)"
)
# "$b and c$" is two prices or a slip; "$N$", "$k \times n$" and "$a/b$" are mathematics.
_LOOKS_LIKE_MATH = re.compile(r"[\\^_=<>{}|]|^\S{1,20}$")
_COMMAND = re.compile(r"\\([A-Za-z@]+)")
# Commands of mathematics take no files and define nothing: whatever else is called makes the text no mathematics.
_FORBIDDEN = re.compile(
    r"^(?:input|include\w*|usepackage|documentclass|openin|openout|read\w*|write\w*|closein|closeout|immediate|special|catcode|"
    r"csname|endcsname|def|edef|gdef|xdef|let|futurelet|(?:re)?newcommand|providecommand|newenvironment|expandafter|loop|repeat|"
    r"verbatiminput|lstinputlisting|includegraphics|href|url|directlua|lua\w*|pdf\w*|end|begin|jobname|string|meaning|the|everypar|"
    r"every\w+|output|shipout|message|errmessage|show\w*|tracing\w*|batchmode|scrollmode|nonstopmode|errorstopmode)$"
)
# Two of these are one sign in LaTeX: a dash, a quotation mark.
_LIGATURE = re.compile(r"(?<=-)(?=-)|(?<=`)(?=`)|(?<=')(?=')")
_INNER_CAPITAL = re.compile(r"(?<![\w\\{])[A-Za-z0-9]*[A-Za-z0-9][A-Z][A-Za-z0-9]*(?![\w}])")


def latex(text: str) -> str:
    """The text, fit to stand in a LaTeX document or a BibTeX field: braces balance, and only mathematics is live."""
    parts, end = [], 0
    for match in _MATH.finditer(text):
        if not _is_math(match):
            continue
        parts += [escaped(text[end : match.start()]), match.group()]
        end = match.end()
    return "".join([*parts, escaped(text[end:])])


def latex_title(text: str) -> str:
    """As `latex`, with braces around words that hold capitals inside, which BibTeX styles would set in lower case."""
    parts, end = [], 0
    for match in _MATH.finditer(text):
        if not _is_math(match):
            continue
        parts += [_kept_case(text[end : match.start()]), match.group()]
        end = match.end()
    return "".join([*parts, _kept_case(text[end:])])


def _kept_case(text: str) -> str:
    parts, end = [], 0
    for match in _INNER_CAPITAL.finditer(text):
        parts += [escaped(text[end : match.start()]), f"{{{match.group()}}}"]
        end = match.end()
    return "".join([*parts, escaped(text[end:])])


def escaped(text: str) -> str:
    """The text without any mathematics: every dollar sign is one."""
    return _LIGATURE.sub("{}", "".join(_ESCAPES.get(char, char) for char in text))


def _is_math(match: re.Match[str]) -> bool:
    inside = next(group for group in match.groups() if group is not None)
    if match.group().startswith("$") and not _LOOKS_LIKE_MATH.search(inside):
        return False
    if any(_FORBIDDEN.match(name) for name in _COMMAND.findall(inside)) or "^^" in inside or "%" in inside:
        return False
    # Some programs take an escaped brace for none.
    return _balanced(inside) and _balanced(re.sub(r"\\.", "", inside))


def _balanced(text: str) -> bool:
    """Whether every brace has its partner, counted as BibTeX does."""
    depth = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return depth == 0
