"""Titles as identity: when two records that carry no identifier are the same paper.

`title_key` folds what typesetting changes (case, accents, LaTeX, punctuation, spaces) and keeps what tells papers apart
(letters, digits, and the signs that end a version of a method: "SmoothQuant" and "SmoothQuant+" are two papers).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

# How many characters of the key an id starts with, for people.
_READABLE = 24
_LATEX_COMMAND = re.compile(r"\\[a-zA-Z]+\s*|\\.")
_SIGN_AFTER_WORD = re.compile(r"(?<=\w)([+*#]+)(?=\W|$)")
_SIGN_NAMES = str.maketrans({"+": " plus ", "*": " star ", "#": " sharp "})


def title_key(title: str) -> str:
    """The title folded to what identifies it: lower-case words with nothing in between.

    >>> title_key("E$^{2}$GAN: Efficient Training") == title_key("$E^{2}$GAN:  Efficient training")
    True
    >>> title_key("SmoothQuant+") == title_key("SmoothQuant")
    False
    """
    text = _SIGN_AFTER_WORD.sub(lambda match: match[1].translate(_SIGN_NAMES), title)
    text = unicodedata.normalize("NFKD", _LATEX_COMMAND.sub("", text)).casefold()
    return "".join(char for char in text if char.isalnum())


def title_id(title: str) -> str:
    """A stable id for a paper known by its title alone: the beginning of its key and a hash of the whole.

    >>> title_id("Deep Model Assembling") == title_id("Deep  model-assembling")
    True
    """
    key = title_key(title)
    ascii_key = "".join(char for char in key if char.isascii())
    return f"{ascii_key[:_READABLE]}-{hashlib.sha256(key.encode('utf-8')).hexdigest()[:10]}".lstrip("-")
