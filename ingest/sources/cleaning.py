"""Makes a title or an abstract from untrusted text: words and mathematics, nothing that a page or a terminal would obey.

Tags and entities of HTML go, but only where they are markup: "a < b and c > d" and "if x<y" stay as they are. Control
characters, bidirectional overrides and invisible characters go; half a surrogate becomes U+FFFD. Line breaks inside a
paragraph become spaces; an empty line stays one, and so does the double space that some set after a full stop. Of what
a terminal would obey ("\\x1b[31m", a window's title) the whole sequence goes, not its first character only. `plain_text`,
`plain_title` and `plain_name` read the LaTeX of words, too (`ingest.sources.latex_words`); the others leave it. Doing it
twice changes nothing more.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable

from ingest.sources.latex_words import plain_words

LONGEST_ABSTRACT = 50_000
LONGEST_TITLE = 1_000

# ASCII in which nothing but spacing can need cleaning: no control character, "<" or "&".
_PLAIN = re.compile(r"[\n -%'-;=-~]*")

_SPACES = re.compile("[\\t\\x0b\\x0c\\x1f\\xa0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]")
_BREAKS = re.compile("\\r\\n|[\\r\\x1c-\\x1e\\x85\\u2028\\u2029]")
# Invisible: controls, soft hyphen, Mongolian and Arabic format marks, zero-width and directional marks, annotations,
# tags. Joiners (200C, 200D) are letters' business and stay.
_INVISIBLE = re.compile(
    "[\\x00-\\x08\\x0e-\\x1b\\x7f-\\x84\\x86-\\x9f\\xad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u08e2\\u180e\\u200b\\u200e\\u200f"
    "\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\ufff0-\\ufffb\\ufffe\\uffff\\U000e0000-\\U000e0fff]"
)
# Escape sequences of terminals: colours and moves, titles and other strings up to their end, sets of characters. An escape
# before a plain letter is taken out alone: the letter is more likely one of a word.
_ESCAPES = re.compile(
    "\\x1b\\[[0-?]*[ -/]*[@-~]|\\x9b[0-9;]+m"
    "|\\x1b[\\]PX^_][^\\x07\\x1b\\n]{0,4000}(?:\\x07|\\x1b\\\\)"
    "|\\x1b\\](?:\\d{1,4};)?|\\x1b[ -/]+[0-~]|\\x1b[=>78]"
)
_SURROGATE = re.compile("[\\ud800-\\udfff]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_AMPERSANDS = re.compile(r"&(?:amp;)+", re.IGNORECASE)

_WORDS = (
    "a abbr article aside b big blockquote body br center cite code dd del div dl dt em embed figure font footer form"
    " h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins italic kbd li link main mark meta nav object ol p pre"
    " q s samp script section small span strike strong style sub sup svg table tbody td template textarea th thead title"
    " tr tt u ul var video wbr bold inf sc sec inline-formula tex-math"
)
_NAME = "(?:" + "|".join(sorted(_WORDS.split(), key=len, reverse=True)) + r"|(?:jats|mml|m):[a-z][a-z0-9\-]*)"
_ATTRIBUTES = r"""(?:[\s/]+[a-zA-Z_:@][\w:.\-]*\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=]+))"""
_TAG = re.compile(rf"<(?P<end>/?)(?P<name>{_NAME})(?P<attributes>{_ATTRIBUTES}*)\s*(?P<empty>/?)>", re.IGNORECASE)
_DECLARATION = re.compile(r"<!DOCTYPE[^<>]*>|<!\[CDATA\[|\]\]>", re.IGNORECASE)
# What stands between these is not for reading.
_UNSEEN = re.compile(r"<!--|<(?P<name>script|style|template|iframe)\b[^<>]*>", re.IGNORECASE)
_ALONE = frozenset("br hr img input link meta wbr embed".split())
_BLOCKS = frozenset("p br div li ul ol tr table section article h1 h2 h3 h4 h5 h6 blockquote sec".split()) | {
    "jats:p",
    "jats:sec",
}
_ROUNDS = 8


def clean_text(text: str) -> str:
    """An abstract as it is stored.

    >>> clean_text("<p>Memory falls by&nbsp;40&#37;\\nif <i>a</i> &lt; b and c > d.</p>")
    'Memory falls by 40% if a < b and c > d.'
    """
    if _PLAIN.fullmatch(text):
        return _spaced(text)
    for _ in range(_ROUNDS):
        before = text
        text = _round(text)
        if text == before:
            return text
    # Markup inside markup inside markup: nobody writes mathematics so.
    return _round(re.sub(r"[<>&]+", " ", text))


def clean_title(text: str) -> str:
    """A title, or any other short text, as it is stored: cleaned, on one line."""
    return re.sub(r"\n+", " ", clean_text(text))


def plain_text(text: str) -> str:
    """An abstract as it is stored, whoever wrote it: cleaned, with the LaTeX of its words decoded.

    >>> plain_text('Schr\\\\"odinger <i>maps</i> by {GPT}-4')
    'Schrödinger maps by GPT-4'
    """
    return _without_latex(clean_text(text), clean_text)


def plain_title(text: str) -> str:
    """The same for a title, on one line."""
    return _without_latex(clean_title(text), clean_title)


def plain_name(text: str) -> str:
    """The same for somebody's name, which has ties ("Paul~Erdos")."""
    name = plain_title(text)
    return clean_title(name.replace("~", " ")) if "~" in name else name


def _without_latex(clean: str, cleaner: Callable[[str], str]) -> str:
    found = clean
    for _ in range(_ROUNDS):
        before, found = found, plain_words(found)
        if found == before or (found := cleaner(found)) == before:
            return found
    # What becomes something else again and again is no text of an author: it stays as it is.
    return clean


def _round(text: str) -> str:
    text = _SURROGATE.sub("\ufffd", text)
    if not text.isprintable():
        text = _ESCAPES.sub("", text)
    text = _BREAKS.sub("\n", _SPACES.sub(" ", text))
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), _AMPERSANDS.sub("&", text))
    if "<" in text:
        text = _without_tags(text)
    return _spaced(text)


def _spaced(text: str) -> str:
    if "\n" in text:
        paragraphs: list[list[str]] = [[]]
        for line in text.strip().split("\n"):
            if line := line.strip():
                paragraphs[-1].append(line)
            elif paragraphs[-1]:
                paragraphs.append([])
        text = "\n\n".join(" ".join(lines) for lines in paragraphs if lines)
    return re.sub(r" {3,}", " ", text).strip() if "   " in text else text.strip()


def _without_tags(text: str) -> str:
    text = _DECLARATION.sub("", without_unseen(text))
    tags = list(_TAG.finditer(text))
    opened = {tag["name"].lower() for tag in tags if not tag["end"]}
    closed = {tag["name"].lower() for tag in tags if tag["end"]}

    def replace(tag: re.Match[str]) -> str:
        name = tag["name"].lower()
        markup = (
            (name in opened and name in closed)
            or name in _ALONE
            or bool(tag["attributes"] or tag["empty"])
            or len(name) > 2
            # A <p> that is never closed begins a paragraph, unless it follows a name, as in "i<p>q".
            or (name in _BLOCKS and not (tag.start() and text[tag.start() - 1].isalnum()))
        )
        if not markup:
            return tag[0]
        return ("\n\n" if name in ("p", "jats:p") else " ") if name in _BLOCKS else ""

    return _TAG.sub(replace, text)


def without_unseen(text: str) -> str:
    """Without comments and scripts. One walk: what is opened a thousand times and never closed costs no more."""
    kept, start, unclosed = [], 0, set[str]()
    for opening in _UNSEEN.finditer(text):
        name = (opening["name"] or "").lower()
        if opening.start() < start or name in unclosed:
            continue
        closing = re.compile(rf"</{name}\s*>" if name else "-->", re.IGNORECASE).search(text, opening.end())
        if closing is None:
            unclosed.add(name)
            continue
        kept.append(text[start : opening.start()])
        start = closing.end()
    return " ".join([*kept, text[start:]]) if kept else text
