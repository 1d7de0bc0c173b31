"""LaTeX in bibliographies as plain words: accents, dashes and protecting braces go, mathematics stays.

{\\"o} → ö      {LLM}s → LLMs      \\emph{all} → all      50\\% → 50%      $E^{2}$ → $E^{2}$
"""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = dict(
    zip(
        "`'^\"~=.uvHckrdbt",
        "\u0300\u0301\u0302\u0308\u0303\u0304\u0307\u0306\u030c\u030b\u0327\u0328\u030a\u0323\u0331\u0361",
        strict=True,
    )
)
_LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "aa": "å", "AA": "Å", "l": "ł", "L": "Ł",
    "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ",
    "textendash": "–", "textemdash": "—", "textquoteright": "’", "textquoteleft": "‘", "textquotedblleft": "“",
    "textquotedblright": "”", "textasciitilde": "~", "textasciicircum": "^", "textbackslash": "\\", "textunderscore": "_",
    "textdegree": "°", "textregistered": "®", "texttrademark": "™", "copyright": "©", "ldots": "…", "dots": "…",
    "textless": "<", "textgreater": ">", "textbar": "|", "S": "§", "pounds": "£", "euro": "€", "LaTeX": "LaTeX", "TeX": "TeX",
}  # fmt: skip
_MATHS = re.compile(r"(\$\$?(?:\\.|[^$\\])+\$\$?|\\\((?:(?!\\\)).)+\\\)|\\\[(?:(?!\\\]).)+\\\])", re.DOTALL)
_SYMBOL_ACCENT = re.compile(r"\{?\\([`'^\"~=.])\s*(?:\{\s*(\\?[A-Za-z])\s*\}|(\\[ij](?![A-Za-z])|[A-Za-z]))(?(1)\}?)")
_LETTER_ACCENT = re.compile(
    r"\\([uvHckrdbt])(?:\s*\{\s*(\\?[A-Za-z])\s*\}|\s+(\\[ij](?![A-Za-z])|[A-Za-z])(?![A-Za-z]))"
)
_NAMED = re.compile(
    r"\\(" + "|".join(sorted(_LETTERS, key=len, reverse=True)) + r")(?![A-Za-z])(?:\{\}|\s+(?=[a-zA-Z]))?"
)
_STYLED = re.compile(
    r"\\(?:emph|text(?:it|bf|sc|rm|tt|sf|sl|up|normal)?|mbox|uppercase|url|href)\s*(?=\{)|\\(?:it|bf|sc|rm|tt|em|sl|sf)\b\s*"
)
_ESCAPED = re.compile(r"\\([%&$#_{}])")
_KEPT = {"{": "\ue000", "}": "\ue001"}


def without_latex(text: str) -> str:
    """The words; mathematics between dollar signs is left as it is.

    >>> without_latex(r"{G\\"{o}del} on $E^{2}$ {LLM}s: 50\\% \\emph{less}")
    'Gödel on $E^{2}$ LLMs: 50% less'
    """
    if "\\" not in text and "{" not in text and "--" not in text and "~" not in text and "``" not in text:
        return text
    parts = _MATHS.split(text)
    return "".join(part if i % 2 else _words(part) for i, part in enumerate(parts))


def _words(text: str) -> str:
    text = _SYMBOL_ACCENT.sub(_accented, text)
    text = _LETTER_ACCENT.sub(_accented, text)
    text = _NAMED.sub(lambda match: _LETTERS[match[1]], text)
    text = _STYLED.sub("", text)
    text = re.sub(r"(?<!\\)~", " ", text)
    text = _ESCAPED.sub(lambda match: _KEPT.get(match[1], match[1]), text)
    text = text.replace("{", "").replace("}", "").replace("\ue000", "{").replace("\ue001", "}")
    text = text.replace("---", "—").replace("--", "–").replace("``", "“").replace("''", "”")
    return text.replace("\\ ", " ").replace("\\-", "").replace("\\\\", " ")


def _accented(match: re.Match[str]) -> str:
    letter = (match[2] or match[3]).lstrip("\\")
    return unicodedata.normalize("NFC", letter + _ACCENTS[match[1]])
