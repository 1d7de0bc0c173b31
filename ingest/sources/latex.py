"""LaTeX in bibliographies as plain words: accents, dashes and protecting braces go, mathematics stays.

{\\"o} → ö      {LLM}s → LLMs      \\emph{all} → all      50\\% → 50%      $E^{2}$ → $E^{2}$      \\citep{x} → x

One walk, so that what was decoded is not decoded again: everything that `rag.latex` writes comes back as it was.
"""

from __future__ import annotations

import re
import unicodedata

ACCENTS = dict(
    zip(
        "`'^\"~=.uvHckrdbt",
        "\u0300\u0301\u0302\u0308\u0303\u0304\u0307\u0306\u030c\u030b\u0327\u0328\u030a\u0323\u0331\u0361",
        strict=True,
    )
)
LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "aa": "å", "AA": "Å", "l": "ł", "L": "Ł",
    "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ",
    "textendash": "–", "textemdash": "—", "textquoteright": "’", "textquoteleft": "‘", "textquotedblleft": "“",
    "textquotedblright": "”", "textasciitilde": "~", "textasciicircum": "^", "textbackslash": "\\", "textunderscore": "_",
    "textdegree": "°", "textregistered": "®", "texttrademark": "™", "copyright": "©", "ldots": "…", "dots": "…",
    "textless": "<", "textgreater": ">", "textbar": "|", "S": "§", "pounds": "£", "euro": "€", "LaTeX": "LaTeX", "TeX": "TeX",
    "textbraceleft": "{", "textbraceright": "}", "textdollar": "$", "textpercent": "%", "textasciigrave": "`",
    "textquotesingle": "'", "textmu": "µ", "textohm": "Ω", "textpm": "±", "texttimes": "×", "textellipsis": "…",
    "textordmasculine": "º", "textordfeminine": "ª", "textonehalf": "½", "texteuro": "€", "textsection": "§",
    "textperiodcentered": "·", "textbullet": "•", "guillemotleft": "«", "guillemotright": "»",
}  # fmt: skip
_SIGNS = {
    "~": " ", "---": "—", "--": "–", "``": "“", "''": "”", "\\ ": " ", "\\-": "", "\\\\": " ", "{": "", "}": "",
}  # fmt: skip
_NAMES = "|".join(sorted(LETTERS, key=len, reverse=True))
_TOKEN = re.compile(
    r"(?P<maths>\$\$(?:\\.|[^$\\])+\$\$|\$(?:\\.|[^$\\])+\$|\\\((?:(?!\\\)).){1,2000}\\\)|\\\[(?:(?!\\\]).){1,2000}\\\])"
    r"|(?P<lone>\\[~^]\s*\{\s*\})"
    r"|\{?\\(?P<sign>[`'^\"~=.])\s*(?:\{\s*(?P<a>\\?[A-Za-z])\s*\}|(?P<b>\\[ij](?![A-Za-z])|[A-Za-z]))\}?"
    r"|\\(?P<mark>[uvHckrdbt])(?:\s*\{\s*(?P<c>\\?[A-Za-z])\s*\}|\s+(?P<d>\\[ij](?![A-Za-z])|[A-Za-z])(?![A-Za-z]))"
    rf"|\\(?P<name>{_NAMES})(?![A-Za-z])(?:\{{\}}|\s+(?=[a-zA-Z]))?"
    r"|(?P<par>\\par(?![A-Za-z])\s*)"
    r"|(?P<link>\\href\s*\{[^{}]*\}\s*(?=\{)|\\label\s*\{[^{}]*\})"
    # A citation or a reference is named by its key: what else it says is in another file.
    r"|\\(?:[A-Za-z]{0,12}cite[A-Za-z]{0,12}|[A-Za-z]{0,12}ref)\*?\s*(?:\[[^\[\]{}]*\]\s*){0,2}\{(?P<key>[^{}]*)\}"
    r"|(?P<style>\\(?:emph|text(?:it|bf|sc|rm|tt|sf|sl|up|normal|superscript|subscript)?|underline|mbox|uppercase|url)\s*(?=\{)"
    r"|\\(?:it|bf|sc|rm|tt|em|sl|sf)\b\s*)"
    r"|\\(?P<escaped>[%&$#_{}])"
    r"|(?P<unknown>\\[A-Za-z]+\*?(?:\{[^{}]*\})+)"
    r"|(?P<other>---?|``|''|\\[ \-\\]|[~{}])",
    re.DOTALL,
)


def without_latex(text: str) -> str:
    """The words; mathematics between dollar signs and commands that nobody knows are left as they are.

    >>> without_latex(r"{G\\"{o}del} on $E^{2}$ {LLM}s: 50\\% \\emph{less}")
    'Gödel on $E^{2}$ LLMs: 50% less'
    """
    return _TOKEN.sub(_decoded, text)


def _decoded(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind in ("maths", "unknown"):
        return match[0]
    if match["name"] is not None:
        return LETTERS[match["name"]]
    if match["escaped"] is not None:
        return match["escaped"]
    if match["other"] is not None:
        return _SIGNS[match["other"]]
    if match["lone"] is not None:
        return match["lone"][1]
    if match["par"] is not None:
        return "\n\n"
    if match["key"] is not None:
        return match["key"].strip()
    letter = match["a"] or match["b"] or match["c"] or match["d"]
    if letter is None:
        return ""
    return unicodedata.normalize("NFC", letter.lstrip("\\") + ACCENTS[match["sign"] or match["mark"]])
