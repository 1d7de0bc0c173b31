"""What identifies a paper: its arXiv id (whatever the version), else its DOI, else its title. Standard library only.

The many ways to write one id are folded into one, and every paper has *keys*, under which the keyword index finds it:

    arxiv:2403.03507      doi:10.1145/3581        title:<title id>      id:<paper id>, id:<alias>

An arXiv DOI (10.48550/arXiv.2403.03507) is an arXiv id. `title_key` folds what typesetting changes (case, accents, LaTeX,
punctuation, spaces) and keeps what tells papers apart (letters, digits, comparisons, and the signs that end a version of a
method: "SmoothQuant" and "SmoothQuant+" are two papers). Which records are the same paper is decided in `ingest.identity`.

Until version 2 of the keys LaTeX's letters were left out (`$\\alpha$`, `\\ss`), and comparisons, too: libraries made then
know their papers by `former_title_ids`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import unquote

from rag.formula_names import SYMBOLS
from rag.schema import Paper

# How many characters of the key an id starts with, for people.
_READABLE = 24
_NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")
_LATEX_COMMAND = re.compile(r"\\[a-zA-Z]+\s*|\\.")
_SIGN_AFTER_WORD = re.compile(r"(?<=\w)([+*#]+)(?=\W|$)")
_SIGN_NAMES = str.maketrans({"+": " plus ", "*": " star ", "#": " sharp "})
_COMPARISONS = {
    "<": " lt ",
    ">": " gt ",
    "≤": " le ",
    "≥": " ge ",
    "≠": " ne ",
    "<=": " le ",
    ">=": " ge ",
    "!=": " ne ",
}
# Arrows and words in angle brackets ("<think>") are no comparisons, and stay as they are.
_COMPARED = re.compile(r"<[^\s<>]{1,40}>|[≤≥≠]|(?<![<>=!\-])(?:[<>]=?|!=)(?![<>=\-])")
# LaTeX's commands that are letters, and those that compare; the others are typesetting.
_LETTERS = {
    "ss": "ss", "ae": "æ", "AE": "æ", "oe": "œ", "OE": "œ", "o": "ø", "O": "ø", "aa": "å", "AA": "å", "l": "ł", "L": "ł",
    "i": "i", "j": "j", "dh": "ð", "DH": "ð", "th": "þ", "TH": "þ", "dj": "đ", "DJ": "đ", "ng": "ŋ", "NG": "ŋ",
    "textmu": "μ", "leqslant": " le ", "geqslant": " ge ", "lt": " lt ", "gt": " gt ",
    **{name: sign for name, sign in SYMBOLS.items() if sign.isalpha() and not sign.isascii()},
    **{name: _COMPARISONS[sign] for name, sign in SYMBOLS.items() if sign in "≤≥≠"},
}  # fmt: skip
_DOTLESS = str.maketrans("ıȷ", "ij")
# What a key before version 2 left out of a title in LaTeX: letters with commands of their own, an accented i (from \i),
# and Greek.
_LEFT_OUT = (
    re.compile("[ßæÆœŒøØåÅłŁıȷðÐþÞđĐŋŊ]"),
    re.compile("[ìíîïĩīĭǐ]"),
    re.compile("[\u0391-\u03c9\u03d1\u03d5\u03f1\u03f5µℓ]"),
)

_NEW = r"(?:0[7-9]|1[0-4])(?:0[1-9]|1[0-2])\.\d{4}|(?:1[5-9]|[2-9]\d)(?:0[1-9]|1[0-2])\.\d{5}"
# The subject class of an old id ("math.GT/0309136") is no part of it: arXiv itself leaves it out.
_OLD = r"[a-z]+(?:-[a-z]+)*(?:\.[a-z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3}"
_ID = rf"(?P<id>{_NEW}|{_OLD})(?:v(?P<version>\d+))?"
_ARXIV = re.compile(
    r"(?:(?:https?:)?(?://)?(?:www\.|export\.|browse\.)?arxiv\.org/(?:abs|pdf|html|format|e-print|src|ps)/"
    r"|(?:https?:)?(?://)?ar5iv(?:\.labs\.arxiv)?\.org/(?:abs|html)/"
    r"|(?:https?:)?(?://)?(?:www\.)?(?:hf\.co|huggingface\.co)/papers/"
    r"|(?:https?:)?(?://)?(?:www\.)?alphaxiv\.org/(?:abs|pdf|overview)/"
    r"|(?:(?:https?:)?(?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*)?10\.48550/arxiv\."
    rf"|oai:arxiv\.org:|arxiv(?::\s*|\s+)|/?(?:abs|pdf)/)?{_ID}(?:\.pdf)?/?(?:[?#].*|\s*\[[\w.\-]+\])?",
    re.IGNORECASE | re.ASCII,
)
_DOI = re.compile(
    r"(?:(?:https?:)?(?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*)?(?P<doi>10\.\d{1,9}(?:\.\d+)*/\S+)",
    re.IGNORECASE | re.ASCII,
)
_DIGIT = re.compile(r"\d")
_LONGEST_ID = 300


def title_key(title: str) -> str:
    """The title folded to what identifies it: lower-case words with nothing in between.

    >>> title_key("E$^{2}$GAN: Efficient Training") == title_key("$E^{2}$GAN:  Efficient training")
    True
    >>> title_key("SmoothQuant+") == title_key("SmoothQuant")
    False
    >>> title_key(r"$\\alpha$-Stra{\\ss}e") == title_key("α-Straße")
    True
    """
    text = _SIGN_AFTER_WORD.sub(lambda match: match[1].translate(_SIGN_NAMES), title)
    if "\\" in text:
        text = _LATEX_COMMAND.sub(lambda match: _LETTERS.get(match[0][1:].strip(), ""), text)
    text = _COMPARED.sub(lambda match: _COMPARISONS.get(match[0], match[0]), text)
    return _folded(text).translate(_DOTLESS)


def _folded(text: str) -> str:
    return _NO_LETTER_OR_DIGIT.sub("", unicodedata.normalize("NFKD", text).casefold())


def title_id(title: str) -> str:
    """A stable id for a paper known by its title alone: the beginning of its key and a hash of the whole.

    >>> title_id("Deep Model Assembling") == title_id("Deep  model-assembling")
    True
    """
    return _id_of(title_key(title) or title.strip())


def former_title_ids(title: str) -> tuple[str, ...]:
    """Ids that a title had before version 2 of the keys, however its letters were written; most titles have none.

    A library made then may know the paper by one of them. They fold more than `title_id` does: two papers of one former id
    are the same only where their keys are.
    """
    if title.isascii() and "\\" not in title and not _COMPARED.search(title):
        return ()
    text = _SIGN_AFTER_WORD.sub(lambda match: match[1].translate(_SIGN_NAMES), title)
    written = {text}
    for letters in _LEFT_OUT:
        written |= {letters.sub("", one) for one in written}
    keys_then = (_folded(_LATEX_COMMAND.sub("", one)) for one in written)
    return tuple(sorted({_id_of(key or title.strip()) for key in keys_then} - {title_id(title)}))


def _id_of(key: str) -> str:
    ascii_key = key if key.isascii() else "".join(char for char in key if char.isascii())
    return f"{ascii_key[:_READABLE]}-{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}".lstrip(
        "-"
    )


def arxiv_id(text: str | None) -> str | None:
    """The arXiv id that a text is, in any of its spellings, without version; None when it is none.

    >>> arxiv_id("https://arxiv.org/pdf/2403.03507v2.pdf"), arxiv_id("arXiv:cs/0112017v1"), arxiv_id("p17")
    ('2403.03507', 'cs/0112017', None)
    """
    if text is None or len(text) > _LONGEST_ID or not _DIGIT.search(text):
        return None
    match = _ARXIV.fullmatch(text.strip())
    return _one_spelling(match) if match else None


def arxiv_version(text: str | None) -> tuple[str, int] | None:
    """The arXiv id that a text is and its version; None where it names no version.

    >>> arxiv_version("https://arxiv.org/abs/2403.03507v2"), arxiv_version("2403.03507")
    (('2403.03507', 2), None)
    """
    if text is None or len(text) > _LONGEST_ID or not _DIGIT.search(text):
        return None
    match = _ARXIV.fullmatch(text.strip())
    return (_one_spelling(match), int(match["version"])) if match and match["version"] else None


def _one_spelling(match: re.Match[str]) -> str:
    archive, slash, number = match["id"].lower().rpartition("/")
    return f"{archive.partition('.')[0]}{slash}{number}"


def doi(text: str | None) -> str | None:
    """The DOI that a text is, lower-case and without prefix; None when it is none or an arXiv id in the form of one.

    >>> doi("https://doi.org/10.1145/3581784.3607054"), doi("10.48550/arXiv.2403.03507")
    ('10.1145/3581784.3607054', None)
    """
    if text is None or len(text) > _LONGEST_ID or "10." not in text or arxiv_id(text) is not None:
        return None
    match = _DOI.fullmatch(unquote(text.strip()))
    return match["doi"].rstrip(".,;").lower() if match else None


def best_id(title: str, *, arxiv: str | None = None, doi_: str | None = None) -> str:
    """The id of a paper that brings none of its own: from its arXiv id, else its DOI, else its title."""
    return arxiv_id(arxiv) or arxiv_id(doi_) or doi(doi_) or title_id(title)


def id_key(name: str) -> str:
    """The key of one name of a paper (an id in any spelling, or an alias)."""
    if (number := arxiv_id(name)) is not None:
        return f"arxiv:{number}"
    if (name_of_doi := doi(name)) is not None:
        return f"doi:{name_of_doi}"
    return f"id:{name}"


def strong_keys(paper: Paper) -> frozenset[str]:
    """The arXiv ids and DOIs that a paper goes by, as keys: from its fields, address, id and aliases."""
    names = {paper.paper_id, paper.arxiv_id, paper.doi, paper.url, *paper.aliases}
    return frozenset(key for name in names if name and not (key := id_key(name)).startswith("id:"))


def keys(paper: Paper) -> tuple[str, ...]:
    """Every key under which a paper is found, sorted."""
    names = {f"id:{name}" for name in (paper.paper_id, *paper.aliases)}
    return tuple(sorted({*strong_keys(paper), *names, f"title:{title_id(paper.title)}"}))
