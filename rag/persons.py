"""People's names compared: case, accents, initials and particles aside. Pure, standard library only."""

from __future__ import annotations

import unicodedata

_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})
_PARTICLES = frozenset("van der den de del della di da dos du la le von zu zur ten ter el al bin ibn".split())
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "phd"))


def name_key(text: str) -> str:
    """A name's letters and digits, folded.

    >>> name_key("José Ångström-Łuk") == name_key("jose angstrom luk")
    True
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN)
    return "".join(char for char in plain if char.isalnum())


def name_keys(author: str) -> frozenset[str]:
    """The folded names that an author goes by: the whole, the surname, first name or initial with the surname.

    >>> sorted(name_keys("Dana R. Whitfield"))
    ['danarwhitfield', 'danawhitfield', 'dwhitfield', 'whitfield']
    """
    words = in_order(author).split()
    while len(words) > 1 and name_key(words[-1]) in _SUFFIXES:
        words.pop()
    keys = {name_key(" ".join(words))}
    if len(words) > 1:
        at = len(words) - 1
        while at > 1 and words[at - 1].casefold() in _PARTICLES:
            at -= 1
        for surname in {words[-1], " ".join(words[at:])}:
            last = name_key(surname)
            first = name_key(words[0])
            if last:
                keys |= {last, first + last, first[:1] + last}
    return frozenset(keys - {""})


def in_order(author: str) -> str:
    """A name with the surname last: "Whitfield, Dana" is Dana Whitfield."""
    last, comma, first = author.partition(",")
    if comma and first.strip() and "," not in first and name_key(first) not in _SUFFIXES:
        author = f"{first.strip()} {last.strip()}"
    return " ".join(author.split())
