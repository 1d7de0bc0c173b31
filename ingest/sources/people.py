"""Names of authors as sources write them, in reading order ("Ada Lovelace"), and whether there are others.

A list may be a text ("Lovelace, Ada; Babbage, C."), texts, objects with the parts of names, arXiv's [last, first, suffix], or
any of these written into a cell ("['Ada Lovelace']").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ingest.sources.cells import opened
from ingest.sources.cleaning import plain_name

LONGEST_NAME = 300
MOST_AUTHORS = 10_000
# A raw name this many times as long as it may be is not even cleaned.
_RAW = 4
# Keys of objects, folded: whole names first, then the parts in reading order.
_WHOLE = (
    "name",
    "fullname",
    "displayname",
    "author",
    "authorname",
    "rawauthorname",
    "preferredname",
    "text",
    "label",
    "value",
)
_PARTS = (
    ("given", "givenname", "givennames", "first", "firstname", "forename", "forenames", "initials"),
    ("middle", "middlename"),
    ("droppingparticle",),
    ("nondroppingparticle", "prefix", "particle"),
    ("family", "familyname", "last", "lastname", "surname"),
    ("suffix",),
)
_NO_AUTHORS = frozenset({"editor", "seriesEditor", "translator", "reviewedAuthor", "contributor", "bookAuthor"})
_OTHERS = ("others", "et al")
# "A.", "J.-P.", "A B", "JK": letters that stand for names. "LI B" and "Bo" are none, though they are as short.
_INITIAL = r"[^\W\d_a-z](?:\.|(?=[\s-]|$))"
_INITIALS = re.compile(rf"{_INITIAL}(?:[\s-]*{_INITIAL})*|(?:[^\W\d_a-z]\.)+[^\W\d_a-z]?|[A-Z]{{2,3}}")
_SUFFIX = re.compile(r"(?:Jr|Sr|jr|sr)\.?|II|III|IV")
_ENDS_IN_INITIAL = re.compile(r"\S+(?:\s[^\W\d_a-z]\.?)+")


def read_authors(value: object) -> tuple[tuple[str, ...], bool]:
    """Names in reading order ("Ada Lovelace"), and whether the source says that there are others.

    >>> read_authors("Lovelace, Ada; Babbage, C."), read_authors("A. Lovelace, C. Babbage and others")
    ((('Ada Lovelace', 'C. Babbage'), False), (('A. Lovelace', 'C. Babbage'), True))
    """
    value = _listed(opened(value))
    if isinstance(value, str):
        names = _split_names(plain_name(value[: LONGEST_NAME * MOST_AUTHORS]))
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
    if len(named) > 1 and all(piece.count(",") == 1 and not _ends_in_suffix(piece) for piece in named):
        parts = pieces
    else:
        parts = [part for piece in pieces for part in _paired([part.strip() for part in piece.split(",")])]
    return [name for part in parts if (name := turned(part))]


def _ends_in_suffix(name: str) -> bool:
    return bool(_SUFFIX.fullmatch(name.rpartition(",")[2].strip()))


def _paired(parts: list[str]) -> list[str]:
    """ "Lovelace, A., Babbage, C." and "Lovelace, Ada" hold names turned round; "Ada Lovelace, Charles Babbage" does not."""
    parts = _with_suffixes([part for part in parts if part])
    pairs = list(zip(parts[::2], parts[1::2], strict=False))
    if pairs and len(parts) % 2 == 0 and all(_is_turned(last, first) for last, first in pairs):
        return [f"{last}, {first}" for last, first in pairs]
    return parts


def _is_turned(last: str, first: str) -> bool:
    """Whether "last, first" can only be one name: two parts of several words each are two names."""
    if _INITIALS.fullmatch(first):
        return True
    return " " not in last and (" " not in first or bool(_ENDS_IN_INITIAL.fullmatch(first)))


def _with_suffixes(parts: list[str]) -> list[str]:
    """Names with the "Jr." that a comma parts them from; "Lovelace, Jr., Ada" is one name."""
    if len(parts) == 3 and _SUFFIX.fullmatch(parts[2]) and _is_turned(*parts[:2]):
        return [", ".join(parts)]
    found: list[str] = []
    for part in parts:
        is_three_part = len(parts) == 3 and len(found) == 1 and re.match(r"[^\s,]+,", found[0])
        if found and (_SUFFIX.fullmatch(part) or is_three_part):
            found[-1] += f", {part}"
        else:
            found.append(part)
    return found


def turned(name: str) -> str:
    """ "Lovelace, Ada" as "Ada Lovelace", "Lovelace, Jr., Ada" as "Ada Lovelace, Jr."; "Ada Lovelace, Jr." stays."""
    last, comma, first = name.partition(",")
    middle, second, end = first.partition(",")
    if comma and _SUFFIX.fullmatch(middle.strip()):
        whole = " ".join(f"{end} {last}".split())
        return f"{whole}, {middle.strip()}"
    if second and _SUFFIX.fullmatch(end.strip()):
        return " ".join(f"{middle} {last}".split()) + f", {end.strip()}"
    return " ".join(f"{first} {last}".split()) if comma else " ".join(name.split())


def _listed(value: object) -> object:
    """The list of people inside an object that holds nothing else; people who only edited or translated are left out."""
    if isinstance(value, Mapping):
        inside = next((value[name] for name in ("author", "authors", "value") if value.get(name)), None)
        return inside if isinstance(inside, list) else [inside if isinstance(inside, Mapping) else value]
    if isinstance(value, (list, tuple)) and any(isinstance(one, Mapping) and one.get("creatorType") for one in value):
        roles = [one.get("creatorType") if isinstance(one, Mapping) else "author" for one in value]
        if "author" in roles:
            return [one for one, role in zip(value, roles, strict=True) if role == "author"]
        return [one for one, role in zip(value, roles, strict=True) if role not in _NO_AUTHORS]
    return value


def _name_of(item: object, *, is_inside: bool = False) -> str:
    if isinstance(item, Mapping) and is_inside:
        item = {name: part for name, part in item.items() if not isinstance(part, Mapping)}
    if isinstance(item, Mapping):
        return _of_parts({re.sub(r"[\W_]+", "", str(name).casefold()): part for name, part in item.items()})
    if isinstance(item, (list, tuple)):
        last, first, suffix = ([_text(part) for part in item] + ["", "", ""])[:3]
        return _text(f"{first} {last} {suffix}")
    return turned(plain_name(item)) if isinstance(item, str) and len(item) <= LONGEST_NAME * _RAW else ""


def _of_parts(parts: Mapping[str, Any]) -> str:
    """The name in an object, by folded keys: whole, or put together from its parts."""
    if literal := _text(parts.get("literal")):
        return literal
    for key in _WHOLE:
        inside = parts.get(key)
        if isinstance(inside, Mapping):
            return _name_of(inside, is_inside=True)
        if whole := _text(inside):
            return turned(whole)
    said = [next((text for key in keys if (text := _text(parts.get(key)))), "") for keys in _PARTS]
    return " ".join(text for text in said if text)


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        value = " ".join(part for part in value if isinstance(part, str))
    return plain_name(value) if isinstance(value, str) and len(value) <= LONGEST_NAME * _RAW else ""
