"""An abstract as it is read for contradictions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.premise.lexicon import content, keys, plain
from rag.supporting.text import Token

_PROPOSES = re.compile(
    r"\b(?:we|this|paper|work|here)\b.*\b(?:propos|introduc|present|develop|design|nam(?:e|ed)|call(?:ed)?|dub)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstract:
    """An abstract read for contradictions: its sentences and its title (`heading`) in plain form, and the keys of all of it.

    `names` are keys of the title's names: what "our method" stands for; `own` those that the abstract proposes.
    """

    sentences: tuple[str, ...]
    everything: frozenset[str]
    named: frozenset[str]
    names: frozenset[str]
    title: frozenset[str]
    own: frozenset[str] = frozenset()
    aliases: tuple[tuple[frozenset[str], frozenset[str]], ...] = ()
    figures: tuple[Token, ...] = field(default=())
    heading: str = ""


def read_abstract(title: str, sentences: Sequence[str]) -> Abstract:
    bare = tuple(plain(s.rstrip(". ")) for s in sentences)
    found = [token for s in (plain(title), *bare) for token in content(s)]
    return Abstract(
        sentences=bare,
        everything=frozenset(token.key for token in found),
        named=frozenset(token.key for token in found if token.kind == "name" and token.strong),
        names=frozenset(token.key for token in content(plain(title)) if token.kind == "name" and token.strong)
        | _head(title),
        title=keys(plain(title)),
        own=frozenset(
            token.key
            for s in bare
            if _PROPOSES.search(s)
            for token in content(s)
            if token.kind == "name" and token.strong
        ),
        aliases=tuple(alias for s in bare for alias in _aliases(s)),
        figures=tuple(token for token in found if token.figure),
        heading=plain(title),
    )


def _head(title: str) -> frozenset[str]:
    """The key of a single word before the colon of a title: a name, though it looks like a word ("Hopper: ...")."""
    head = re.match(r"([A-Z][\w+-]*):\s", title)
    return keys(plain(head[1])) if head else frozenset()


def _aliases(text: str) -> list[tuple[frozenset[str], frozenset[str]]]:
    """ "External references such as ground truth or humans": who denies the former denies the latter."""
    found = []
    for match in re.finditer(r"((?:[\w-]+ ){1,2})(?:such as|like|including|e\.g\.,?) ([^.;()]{3,60})", text):
        wide = keys(match[1])
        found += [(keys(narrow), wide) for narrow in re.split(r",|\bor\b|\band\b", match[2]) if keys(narrow)]
    return found
