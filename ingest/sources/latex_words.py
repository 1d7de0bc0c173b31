r"""LaTeX in titles, abstracts and names of any source as plain words, where it can be nothing else.

Schr\"odinger → Schrödinger    Na\"{\i}ve → Naïve    \textbf{Bold} → Bold    {GPT}-4 → GPT-4    Q\&A → Q&A    5\% → 5%

Other than in a bibliography (`ingest.sources.latex`), a backslash or a brace need not be LaTeX here. Mathematics, paths of
Windows, regular expressions, sets, code, and commands that nobody knows stay as they are; so do quotes that a program has
escaped (\"so\", it\'s). Pure, in linear time, and reading twice changes nothing more.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from ingest.sources.latex import ACCENTS, LETTERS

# Text that settles in so many rounds is what it was meant to be; what does not stays as it came.
_ROUNDS = 6
# Of one letter and regular expressions' own: only where a figure follows, as in "\S 3".
_NAMES = {name: sign for name, sign in LETTERS.items() if name != "S"}
_ANY_NAME = "|".join(sorted(_NAMES, key=len, reverse=True))
_STYLES = (
    r"emph|text(?:it|bf|sc|rm|tt|sf|sl|up|md|normal|superscript|subscript)?|underline|mbox|textnormal|url|uline"
    r"|href\{[^{}\s]{1,500}\}"
)
_SWITCHES = r"it|bf|sc|rm|tt|em|sl|sf|bfseries|itshape|scshape|ttfamily|sffamily"
_SIGNS = (
    # Left as they are: mathematics, paths, doubled backslashes.
    r"(?P<kept>\$\$(?:\\.|[^$\\]){1,4000}+\$\$|\$(?=[^\s$])(?:\\.|[^$\\]){1,2000}+(?<=\S)\$(?!\d)"
    r"|\\\((?:[^\\]|\\(?!\))){1,600}+\\\)|\\\[(?:[^\\]|\\(?!\])){1,600}+\\\]"
    r"|\\begin\{(?P<env>[A-Za-z]{1,20}\*?)\}.{0,600}?\\end\{(?P=env)\}"
    r"|\\\\[\w.\-]{1,80}\\[^\s\"<>|*?]*+|\\\\)"
    r"|\\(?P<sign>[`'^\"~=.])(?:\{\s*(?P<a>\\[ij]|[A-Za-z])\s*\}|(?P<b>\\[ij](?![A-Za-z])(?:\{\}|\ (?=[a-z]))?|[A-Za-z]))"
    r"|\\(?P<mark>[uvHckrdb])\{\s*(?P<c>\\[ij]|[A-Za-z])\s*\}"
    r"|(?<![:\\/.\]\)*+])\\(?P<spaced>[uvHck])\ (?P<d>\\[ij](?![A-Za-z])|[A-Za-z])(?=[a-z}]|$|[\s,;.)\-](?!\w\\))"
    rf"|\\(?P<name>{_ANY_NAME})(?![A-Za-z\\*+?])(?:\{{\}}|\ (?=[A-Za-z]))?"
    r"|\\S(?P<section>\ ?(?=\d))"
    rf"|(?P<style>\\(?:{_STYLES})\s?\{{)"
    rf"|\{{\s*\\(?P<switch>{_SWITCHES})(?![A-Za-z])\s*"
    r"|\\(?P<escaped>[%&$#_])"
    r"|\\\{(?P<braced>[^{}\\A-Z]{1,200})\\\}"
    r"|(?P<hyphen>(?<=[A-Za-z])\\-(?=[A-Za-z]))"
    r"|(?P<space>(?<=[\w.,;:)])\\[ ,](?=[\w(]))"
    r"|(?P<command>\\[A-Za-z]+\*?(?:\[[^\[\]]{0,100}\])?)"
    r"|(?P<other>\\.)"
    r"|(?P<open>\{)|(?P<close>\})"
)
# Most texts have no path: then nothing but these four signs is looked at.
_TOKEN = re.compile(rf"(?=[\\${{}}])(?:{_SIGNS})", re.DOTALL)
_PATH = r"(?<![A-Za-z])[A-Za-z]:\\[^\s\"<>|*?]*+|(?<![\w.\-\\])[\w.\-]{1,80}+(?:\\[\w.\-]{1,80}+){2,}"
_TOKEN_OR_PATH = re.compile(rf"(?P<path>{_PATH})|{_SIGNS}", re.DOTALL)
_MAY_BE_PATH = re.compile(r":\\|\\[\w.\-]{1,80}+\\[\w.\-]")
# What a program puts before the end of a quotation, and LaTeX before no space: the quotes of this text are escaped.
_CLOSING_QUOTE = re.compile(r"\\([\"'`])(?=[\s.,;:!?)\]]|$)")
_CONTRACTED = re.compile(r"(?:s|t|d|m|ll|re|ve)(?![A-Za-z])")
# Capitals in braces keep their case in a style of BibTeX; a set or code has other signs, too.
_PROTECTED = re.compile(r"[\w .'’\-/+&]*")


@dataclass(slots=True)
class _Group:
    """An open brace: where it stands in what has been written, and what is in it so far."""

    at: int
    kind: str  # a style's goes, an argument's stays, one of its own goes where it protects or holds something decoded
    after: str = ""
    start: int = 0
    is_plain: bool = True
    n_letters: int = 0
    n_chars: int = 0
    has_capital: bool = False
    is_decoded: bool = False


@dataclass(slots=True)
class _Written:
    """What has been written, and the groups that are open."""

    parts: list[str] = field(default_factory=list)
    groups: list[_Group] = field(default_factory=list)

    def put(self, text: str, *, is_decoded: bool = False, is_plain: bool = True) -> None:
        self.parts.append(text)
        if self.groups and text:
            group = self.groups[-1]
            group.is_decoded |= is_decoded
            group.is_plain = group.is_plain and is_plain and bool(_PROTECTED.fullmatch(text))
            group.n_letters += sum(map(str.isalpha, text))
            group.n_chars += len(text)
            group.has_capital = group.has_capital or text != text.lower()

    def open(self, text: str, kind: str, *, start: int = 0) -> None:
        before = self.parts[-1][-1:] if self.parts else ""
        self.groups.append(_Group(at=len(self.parts), kind=kind, after=before, start=start))
        self.parts.append(text)

    def close(self, *, is_whole: bool) -> str:
        """Ends a group; says of which kind it was."""
        if not self.groups:
            self.parts.append("}")
            return ""
        group = self.groups.pop()
        goes = group.kind == "style" or (group.kind == "own" and _is_gone(group, is_whole=is_whole))
        if goes:
            self.parts[group.at] = ""
        else:
            self.parts.append("}")
        if self.groups:
            around = self.groups[-1]
            around.is_plain = around.is_plain and goes and group.is_plain
            around.n_letters += group.n_letters
            around.n_chars += group.n_chars
            around.has_capital = around.has_capital or group.has_capital
        return group.kind


def _is_gone(group: _Group, *, is_whole: bool) -> bool:
    if group.is_decoded or (is_whole and group.n_letters > 1):
        return True
    if not (group.is_plain and group.has_capital):
        return False
    # "E{X}" is a formula without its dollars, "net-4B{net-4B}" what is left of an address; "Graph{SAGE}" is a word.
    return not group.after.isalnum() or 1 < group.n_letters == group.n_chars


def plain_words(text: str) -> str:
    r"""The words; text without a backslash or a brace costs nothing.

    >>> plain_words(r"{GPT}-4 and Schr\"odinger: 5\% of $E^{2}$ in C:\temp")
    'GPT-4 and Schrödinger: 5% of $E^{2}$ in C:\\temp'
    """
    if "\\" not in text and "{" not in text:
        return text
    found = text
    for _ in range(_ROUNDS):
        before, found = found, _read(found)
        if found == before:
            return found
    return text


def _read(text: str) -> str:
    written = _Written()
    quotes = set(_CLOSING_QUOTE.findall(text)) if "\\" in text else set()
    end, argument = 0, -1
    for match in (_TOKEN_OR_PATH if _MAY_BE_PATH.search(text) else _TOKEN).finditer(text):
        if match.start() > end:
            written.put(text[end : match.start()])
        end = match.end()
        kind = match.lastgroup
        if kind == "close":
            at_edges = bool(written.groups) and not written.groups[0].start and len(written.groups) == 1
            if written.close(is_whole=at_edges and end == len(text)) == "argument":
                argument = end
        elif kind == "open":
            before = text[match.start() - 1 : match.start()]
            is_argument = argument == match.start() or (before and before in "^_$\\]")
            written.open("{", "argument" if is_argument else "own", start=match.start())
        elif kind == "style" or kind == "switch":
            written.open(match[0], "style", start=match.start())
        elif kind == "command":
            written.put(match[0], is_plain=False)
            argument = end
        else:
            said = _said(match, quotes)
            written.put(match[0] if said is None else said, is_decoded=said is not None, is_plain=said is not None)
    written.put(text[end:])
    return "".join(written.parts)


def _said(match: re.Match[str], quotes: set[str]) -> str | None:
    """What a token says in plain characters; None where it stays."""
    if (name := match["name"]) is not None:
        return _NAMES[name]
    if match["escaped"] is not None:
        return match["escaped"]
    if match["braced"] is not None:
        return f"{{{match['braced']}}}"
    if match["section"] is not None:
        return "§" + match["section"]
    if match["hyphen"] is not None:
        return ""
    if match["space"] is not None:
        return " "
    letter = match["a"] or match["b"] or match["c"] or match["d"]
    if letter is None or ((sign := match["sign"]) and not match["a"] and _is_quote(match, sign, quotes)):
        return None
    plain = re.sub(r"[\\{} ]", "", letter)
    accented = unicodedata.normalize("NFC", plain + ACCENTS[sign or match["mark"] or match["spaced"]])
    return accented if len(accented) == 1 else None


def _is_quote(match: re.Match[str], sign: str, quotes: set[str]) -> bool:
    """Whether a backslash before a bare letter was set by a program, not by an author."""
    inside = match.string[match.start() - 1 : match.start()].isalpha()
    if sign == ".":  # "example\.com"; authors write "\.Zak"
        return not (match["b"] or "").isupper()
    if sign == "'" and inside and _CONTRACTED.match(match.string, match.start("b")):
        return True
    return sign in quotes and not inside
