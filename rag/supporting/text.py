"""Text as the support checker sees it: cleaned, cut into sentences, and those into words, names and figures.

Cleaning makes LaTeX, Markdown, quotes, dashes and white space alike; it changes no word and no digit. Every function is
pure; analyses are memoised, since one text is checked against many claims.

>>> [(token.kind, token.key) for token in tokens("GaLore cuts memory by 65.5 per cent.")]
[('name', 'galore'), ('word', 'cut'), ('word', 'memori'), ('word', 'by'), ('figure', '65.5%')]
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from rag.sentences import sentence_spans
from rag.supporting.figures import Figure, read_figure
from rag.supporting.lexicon import FRAME, NEGATIONS, STOP

Kind = Literal["word", "name", "figure"]

_LATEX = (
    (re.compile(r"\\times(?![a-z])"), "×"),
    (re.compile(r"\\(?:sim|approx)(?![a-z])"), "~"),
    (re.compile(r"\\([%&#_$])"), r"\1"),
    (re.compile(r"\\(?:text\w*|emph|math\w+|href\{[^}]*\}|url|underline)\s*(?=\{)"), ""),
    (re.compile(r"\\(?=[a-zA-Z])"), " "),
    (re.compile(r"(?<=\d),(?=\\?[ ]?\d{3}\b)\\?[ ]?"), ","),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"[{}]"), ""),
    (re.compile(r"\$(?!\d+(?:[.,]\d+)*(?:\s|[kKMB]\b|$))"), ""),
)
_MARKERS = re.compile(r"[\[【](?:\^?[1-9]\d{0,2})(?:\s*[,;–-]\s*[1-9]\d{0,2})*[\]】](?!\()")
_LINKS = re.compile(r"!?\[([^\]]+)\]\((?:[^()\s]|\([^()]*\))*\)")
_LINE_START = re.compile(r"(?m)^\s*(?:#{1,6}\s+|>\s+|[-*+•]\s+|\d{1,2}[.)]\s+(?=\D))+")
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_{1,3}|`+|~~)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_QUOTES = str.maketrans(
    {**dict.fromkeys("‘’‚‛′´`", "'"), **dict.fromkeys("“”„‟″«»", '"'), "−": "-", "‐": "-", "‑": "-"}
)
_GREEK = str.maketrans("αβγδκλμσ", "abgdklms")
_DASHES = re.compile(r"\s*(?:—|\s–\s|--+)\s*")

_TOKEN = re.compile(
    r"(?P<url>(?:https?://|www\.)[^\s)]+)"
    r"|(?P<alnum>\d+(?:[A-Za-z]\w*)(?:[-/@&]\w+)*)"
    r"|(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)"
    r"|(?P<word>[^\W\d_]\w*(?:(?:[-/@&_']|\.(?=[\da-z])(?!(?:[a-z]+\.)?$))\w+)*\+*)"
    r"|(?P<sign>[%×<>=~±@])"
)
_HYPHENS = re.compile(r"[-/_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word, name or figure. `key` is equal for equal content; `weight` in [0, 1.5] says how much it matters."""

    key: str
    text: str
    kind: Kind
    weight: float
    figure: Figure | None = None
    strong: bool = False  # a name by its form (inner capitals, digits), not by one leading capital alone

    @property
    def lower(self) -> str:
        return self.text.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence with its tokens and the set of their keys."""

    text: str
    tokens: tuple[Token, ...]
    keys: frozenset[str]


def clean(text: str) -> str:
    """`text` with plain quotes and dashes, without LaTeX and Markdown mark-up, white space single."""
    text = unicodedata.normalize("NFKC", text)
    if "\\" in text or "{" in text or "$" in text:
        for pattern, plain in _LATEX:
            text = pattern.sub(plain, text)
    text = _LINKS.sub(r"\1", _LINE_START.sub("", text))
    for _ in range(2):
        text = _EMPHASIS.sub(r"\2", text)
    return " ".join(_DASHES.sub(" - ", text.translate(_QUOTES)).replace("–", "-").split())


def without_markers(text: str) -> str:
    """`text` without citation markers such as [1], [1, 2] and 【3】."""
    return re.sub(r"\s+([.,;:!?])", r"\1", _MARKERS.sub("", text)).strip()


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """English (Snowball) stem of a word in lower case."""
    return str(_stemmer().stemWord(word))


@lru_cache(maxsize=4096)
def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text, cleaned and analysed."""
    plain = clean(text)
    parts = [plain[start:end] for start, end in sentence_spans(plain)]
    # Some abstracts glue sentences together ("axis.Given"): a full stop between a lower-case word and a capital one.
    return tuple(sentence(piece) for part in parts for piece in re.split(r"(?<=[a-z)]{2}[.!?])(?=[A-Z][a-z ])", part))


@lru_cache(maxsize=4096)
def sentence(text: str) -> Sentence:
    """One cleaned sentence, analysed."""
    found = tokens(text)
    return Sentence(text=text, tokens=found, keys=frozenset(token.key for token in found))


def tokens(text: str) -> tuple[Token, ...]:
    """Words, names and figures of cleaned text in order; signs and units are folded into the figures."""
    found: list[Token] = []
    at = 0
    start = True
    while match := _TOKEN.search(text, at):
        at = match.end()
        read = read_figure(text, match.start())
        if read is not None:
            figure, end = read
            word = text[match.start() : end]
            found.append(
                Token(key=figure.key, text=word, kind="figure", weight=1.5 if figure.firm else 0.3, figure=figure)
            )
            at = max(end, match.start() + 1)
        elif match["sign"]:
            continue
        elif match["url"]:
            found.append(
                Token(key=match[0].rstrip(".,;:").lower(), text=match[0], kind="name", weight=1.3, strong=True)
            )
        else:
            found.extend(_words(match[0], start))
        start = False
    return tuple(found)


def name_key(name: str) -> str:
    """A name without case, hyphens, possessive and plural s: `LLaMA-7B's` and `LLaMA 7B` are both `llama7b`.

    Dots between digits stay, for GPT-3.5 is not GPT-35.
    """
    key = re.sub(r"'s?$", "", name)
    if re.search(r"[A-Z0-9]s$", key) and len(key) > 2:
        key = key[:-1]
    return re.sub(r"[-/_\s@&']", "", key).lower().translate(_GREEK)


def _words(raw: str, sentence_start: bool) -> list[Token]:
    raw = re.sub(r"'s$|'$", "", raw)
    if raw.lower().endswith("n't"):
        return [_word(raw[:-3] or raw), Token(key="not", text="not", kind="word", weight=0.0)]
    if raw.isalpha():
        return [_name(raw) if _is_name(raw, sentence_start) else _word(raw)]
    parts = [part for part in _HYPHENS.split(raw) if part]
    out: list[Token] = []
    run: list[str] = []
    for index, part in enumerate(parts):
        named = any(c.isdigit() for c in part) or not part.islower() or part.endswith("+")
        if named and not (index == 0 and sentence_start and part[1:].islower() and len(part) > 1 and len(parts) > 1):
            run.append(part)
            continue
        # "Q-learning" and "t-SNE" keep a single letter; other lower-case parts are words of their own.
        if run:
            out.append(_name("-".join(run)))
            run = []
        if len(part) == 1 and index + 1 < len(parts) and not parts[index + 1].islower():
            run.append(part)
        else:
            out.append(_word(part))
    if run:
        out.append(_name("-".join(run)))
    return out


def _is_name(word: str, sentence_start: bool) -> bool:
    if len(word) < 2 or word.islower():
        return len(word) == 1 and word.isupper() and word not in "AI"
    if not word[1:].islower():
        return True
    return not sentence_start and word.lower() not in STOP


def _name(word: str) -> Token:
    strong = not (word[0].isupper() and word[1:].islower()) or len(word) == 1
    return Token(key=name_key(word), text=word, kind="name", weight=1.3 if strong else 1.0, strong=strong)


def _word(word: str) -> Token:
    lower = word.lower().strip("'")
    if lower in STOP or lower in NEGATIONS or len(lower) < 2:
        return Token(key=lower, text=word, kind="word", weight=0.0)
    weight = 0.2 if lower in FRAME else min(1.0, 0.4 + 0.1 * len(lower))
    return Token(key=stem(lower), text=word, kind="word", weight=weight)


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")
