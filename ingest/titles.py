"""Titles as identity: when two records that carry no identifier are the same paper.

`title_key` folds what typesetting changes (case, accents, LaTeX, punctuation, spaces) and keeps what tells papers apart
(letters, digits, and the signs that end a version of a method: "SmoothQuant" and "SmoothQuant+" are two papers).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

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
    """A stable, readable id for a paper known by its title alone: its first words and a hash of its key.

    >>> title_id("Deep Model Assembling")
    'deep-model-assembling-2f9f9b93'
    """
    words = re.findall(r"[a-z0-9]+", unicodedata.normalize("NFKD", title).casefold())
    digest = hashlib.sha256(title_key(title).encode("utf-8")).hexdigest()[:8]
    return "-".join([*words[:6], digest])
