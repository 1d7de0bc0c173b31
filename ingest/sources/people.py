"""Names of authors as sources write them, in reading order ("Ada Lovelace"), and whether there are others."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ingest.sources.cleaning import clean_title

LONGEST_NAME = 300
MOST_AUTHORS = 10_000
# A raw name this many times as long as it may be is not even cleaned.
_RAW = 4
_OTHERS = ("others", "et al")
# "A.", "J.-P.", "A B", "JK": letters that stand for names. "LI B" and "Bo" are none, though they are as short.
_INITIAL = r"[^\W\d_a-z](?:\.|(?=[\s-]|$))"
_INITIALS = re.compile(rf"{_INITIAL}(?:[\s-]*{_INITIAL})*|(?:[^\W\d_a-z]\.)+[^\W\d_a-z]?|[A-Z]{{2,3}}")
_ENDS_IN_INITIAL = re.compile(r"\S+(?:\s[^\W\d_a-z]\.?)+")


def read_authors(value: object) -> tuple[tuple[str, ...], bool]:
    """Names in reading order ("Ada Lovelace"), and whether the source says that there are others.

    >>> read_authors("Lovelace, Ada; Babbage, C."), read_authors("A. Lovelace, C. Babbage and others")
    ((('Ada Lovelace', 'C. Babbage'), False), (('A. Lovelace', 'C. Babbage'), True))
    """
    if isinstance(value, str):
        names = _split_names(clean_title(value[: LONGEST_NAME * MOST_AUTHORS]))
    elif isinstance(value, (list, tuple)) and len(value) == 1 and isinstance(value[0], str) and "," in value[0]:
        return read_authors(value[0])
    elif isinstance(value, (list, tuple)):
        names = [name for item in value[:MOST_AUTHORS] if (name := _name_of(item))]
    else:
        return (), False
    folded = [name.casefold().rstrip(".") for name in names]
    others = any(name in _OTHERS for name in folded)
    kept = [n for n, f in zip(names, folded, strict=True) if f not in _OTHERS and len(n) <= LONGEST_NAME]
    return tuple(kept[:MOST_AUTHORS]), others


def _split_names(text: str) -> list[str]:
    if ";" in text or "|" in text:
        return [name for part in re.split(r"[;|]", text) if (name := turned(part))]
    pieces = re.split(r",?\s+(?:and|&)\s+", text, flags=re.IGNORECASE)
    named = [piece for piece in pieces if piece.casefold().rstrip(".") not in _OTHERS]
    if len(named) > 1 and all(piece.count(",") == 1 for piece in named):
        parts = pieces
    else:
        parts = [part for piece in pieces for part in _paired([part.strip() for part in piece.split(",")])]
    return [name for part in parts if (name := turned(part))]


def _paired(parts: list[str]) -> list[str]:
    """ "Lovelace, A., Babbage, C." and "Lovelace, Ada" hold names turned round; "Ada Lovelace, Charles Babbage" does not."""
    parts = [part for part in parts if part]
    pairs = list(zip(parts[::2], parts[1::2], strict=False))
    if pairs and len(parts) % 2 == 0 and all(_is_turned(last, first) for last, first in pairs):
        return [f"{last}, {first}" for last, first in pairs]
    return parts


def _is_turned(last: str, first: str) -> bool:
    """Whether "last, first" can only be one name: two parts of several words each are two names."""
    if _INITIALS.fullmatch(first):
        return True
    return " " not in last and (" " not in first or bool(_ENDS_IN_INITIAL.fullmatch(first)))


def turned(name: str) -> str:
    """ "Lovelace, Ada" as "Ada Lovelace"."""
    last, comma, first = name.partition(",")
    return " ".join(f"{first} {last}".split()) if comma else " ".join(name.split())


def _name_of(item: object) -> str:
    if isinstance(item, Mapping):
        name = item.get("name") or item.get("fullname") or item.get("display_name")
        if name is None and isinstance(item.get("author"), Mapping):
            name = item["author"].get("display_name")
        item = name if name is not None else f"{item.get('given') or ''} {item.get('family') or ''}"
    return turned(clean_title(item)) if isinstance(item, str) and len(item) <= LONGEST_NAME * _RAW else ""
