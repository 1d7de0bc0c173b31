"""A `Paper` that came from Python, as it may be stored: every field checked and cleaned as a reader's are, or a reason why not.

Readers make their papers with `make_paper`; what others made goes through it here. Nothing that an index or a page could
stumble over gets past: a date with a time is a day, markup and control characters go, an address that is none is left
out, and a field of the wrong type is a reason to reject the paper.
"""

from __future__ import annotations

from dataclasses import fields, replace

from ingest.identity import version_alias
from ingest.sources.cleaning import clean_title, plain_name
from ingest.sources.fields import Rejected, make_paper
from rag.schema import Paper

_FIELDS = tuple(field.name for field in fields(Paper))
_LISTS = ("authors", "aliases", "seen_on")
_LONGEST_NAME, _MOST_SHOWN = 300, 60


def checked(paper: object, warnings: list[str]) -> Paper:
    """The paper as it is stored; what was left out of it goes into `warnings`. Raises Rejected.

    >>> checked(Paper(paper_id="p", title="Fold <b>Nets</b>", abstract="Nets\\x00 fold."), []).title
    'Fold Nets'
    """
    if not isinstance(paper, Paper):
        raise Rejected(f"expected a Paper, found {type(paper).__name__}")
    raw = {name: getattr(paper, name) for name in _FIELDS}
    for name in _LISTS:
        if not isinstance(raw[name], (list, tuple)) or not all(isinstance(item, str) for item in raw[name]):
            raise Rejected(f"{name} must be texts in a tuple")
        raw[name] = list(raw[name])
    if not isinstance(raw["organisation"], (str, type(None))):
        raise Rejected("organisation must be text")
    found = make_paper(raw, path="", warnings=warnings, strict=True)
    return replace(
        found,
        # Names are in reading order already: "Ada Lovelace, Jr." is not turned round.
        authors=tuple(name for item in raw["authors"] if (name := plain_name(item)) and len(name) <= _LONGEST_NAME),
        aliases=tuple(sorted({*found.aliases, *version_alias(paper)})),
        seen_on=tuple(name for name in found.seen_on if name),
    )


def named(paper: object) -> tuple[str, str]:
    """What a paper is called in messages, whatever it holds, and where it was seen."""
    own, seen = getattr(paper, "paper_id", None), getattr(paper, "seen_on", None)
    name = f"paper {own[:_MOST_SHOWN]!r}" if isinstance(own, str) else "a paper"
    where = seen[0] if isinstance(seen, (list, tuple)) and seen and isinstance(seen[0], str) else ""
    return name, clean_title(where[:_LONGEST_NAME]) or "papers"
