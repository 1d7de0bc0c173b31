"""Untrusted text as HTML: everything is escaped, and only what is written here becomes an element. Pure functions.

Titles, abstracts, questions, file names and what models write all pass through `plain` or `Inline`. No link is ever made from
text; links come from a paper's own fields, and only http and https (`safe_link`).
"""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urlsplit

from ui.page_math import find_math, mathml
from ui.render import clean

_OPEN, _CLOSE = "\ue000", "\ue001"
_STASHED = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_TEX_TEXT = re.compile(r"\\(textbf|textit|emph|texttt|textsc|underline|textrm|text)\{([^{}]{0,200})\}")
_TEX_TAGS = {"textbf": "b", "textit": "em", "emph": "em", "texttt": "code"}
_TEX_CHAR = re.compile(r"\\([%&_#$])")
_CODE = re.compile(r"`([^`\n]+)`")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])")


def plain(text: str) -> str:
    """A title, abstract or quote: escaped, its formulas drawn, a few TeX commands of running text read."""
    return Inline(marks=False).html(text)


def escaped(text: str) -> str:
    """Text as nothing but text, without control characters."""
    return escape(_PRIVATE.sub("", clean(text)))


def safe_link(url: str | None) -> str | None:
    """An address that may be put into a link: http or https with a host, else None."""
    if not url:
        return None
    address = clean(url).strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.netloc else None


class Inline:
    """Text within a line. What is HTML already is kept aside (`keep`) and stands in the text as a private character.

    `marks`: whether ** and * mean bold and italic.
    """

    def __init__(self, *, marks: bool = True) -> None:
        self._marks = marks
        self._kept: list[str] = []

    def keep(self, html: str) -> str:
        """A stand-in for a piece of HTML of ours."""
        self._kept.append(html)
        return f"{_OPEN}{len(self._kept) - 1}{_CLOSE}"

    def prepare(self, text: str) -> str:
        """Text without the characters that stand-ins are made of: to be called once on whatever comes from outside."""
        return _PRIVATE.sub("", clean(text))

    def html(self, text: str) -> str:
        """A text from outside, as HTML."""
        return self.finish(self.prepare(text))

    def finish(self, text: str) -> str:
        """A prepared text (with stand-ins) as HTML."""
        text = self._formulas(text)
        if self._marks:
            text = _CODE.sub(lambda match: self.keep(f"<code>{escape(match[1])}</code>"), text)
        text = _TEX_TEXT.sub(self._tex, text)
        text = _TEX_CHAR.sub(r"\1", text)
        text = escape(text)
        if self._marks:
            text = _BOLD.sub(r"<strong>\1</strong>", text)
            text = _ITALIC.sub(r"<em>\1</em>", text)
        for _ in range(3):  # a kept piece may hold another
            text = _STASHED.sub(lambda match: self._kept[int(match[1])], text)
        return text

    def _formulas(self, text: str) -> str:
        pieces, at = [], 0
        for start, end, inside in find_math(text):
            if _OPEN in inside:
                continue
            drawn = mathml(inside) or f'<code class="tex">{escape(text[start:end])}</code>'
            pieces += [text[at:start], self.keep(drawn)]
            at = end
        return "".join([*pieces, text[at:]])

    def _tex(self, match: re.Match[str]) -> str:
        tag = _TEX_TAGS.get(match[1])
        return f"{self.keep(f'<{tag}>')}{match[2]}{self.keep(f'</{tag}>')}" if tag else match[2]
