"""What the keyword index holds of a paper, field by field, and the card that names it. Pure.

Beside the words, a paper is found by its names, folded (`rag.question.naming.key`): those that its title gives and its
identifiers under `name`, those that only its abstract introduces under `introduced`. The card keeps title and names as
the paper writes them. `words` are the plain words of title and abstract, for mending slips of spelling.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rag.identity import keys
from rag.question.naming import initials, introduced_names, key, title_names
from rag.schema import Paper, day_number

_WORD = re.compile(r"[a-z]{5,30}")
_LONGEST_NAME = 400  # letters and digits of a folded name; longer ones are cut
_BETWEEN = "\x1f"  # stands between an organisation's short name and its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A paper's title, and the names that it goes by beside those that the title gives: initials, identifiers."""

    paper_id: str
    title: str
    others: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Every name, as the paper writes it.

        >>> Card(paper_id="7", title="FoldNet: Small Nets", others=("7",)).names
        ['FoldNet: Small Nets', 'FoldNet', '7']
        """
        return [*title_names(self.title), *self.others]

    def to_bytes(self) -> bytes:
        return json.dumps((self.title, *self.others)).encode()

    @classmethod
    def from_bytes(cls, paper_id: str, data: bytes) -> Card:
        title, *others = json.loads(data)
        return cls(paper_id=paper_id, title=title, others=tuple(others))


def folded(name: str) -> str:
    """A name as it is indexed."""
    return key(name)[:_LONGEST_NAME]


def fields(paper: Paper, stems: Callable[[str], list[str]]) -> dict[str, list[Any]]:
    """The values of every field; a number or an organisation that the paper lacks is left out."""
    text = f"{paper.title}\n{paper.abstract}"
    stemmed = stems(text)
    of_title = title_names(paper.title)
    others = [*initials(of_title, paper.abstract), paper.paper_id, *paper.aliases]
    if paper.arxiv_id and paper.arxiv_id != paper.paper_id:
        others.append(paper.arxiv_id)
    names = {name for one in (*of_title, *others) if len(name := folded(one)) > 1}
    found: dict[str, list[Any]] = {
        "paper_id": [paper.paper_id],
        "record": [paper.record_hash],
        "key": list(keys(paper)),
        "text": [" ".join(stemmed)],
        "pairs": [" ".join(pairs(stemmed))],
        "words": [" ".join(set(_WORD.findall(text.lower())))],
        "name": list(names),
        "introduced": list({folded(name) for name in introduced_names(paper.abstract)} - names),
        "card": [Card(paper_id=paper.paper_id, title=paper.title, others=tuple(others)).to_bytes()],
        "seen_on": list(paper.seen_on),
    }
    if paper.published is not None:
        found["published"] = [day_number(paper.published)]
    if paper.n_authors is not None:
        found["n_authors"] = [paper.n_authors]
    if paper.n_comments is not None:
        found["n_comments"] = [paper.n_comments]
    organisation, slug = paper.organisation or "", paper.organisation_slug or ""
    if organisation or slug:
        found["organisation"] = list({organisation.casefold(), slug.casefold()} - {""})
        found["affiliation"] = [f"{slug}{_BETWEEN}{organisation or slug}"]
    return found


def affiliation(value: str) -> tuple[str, str]:
    """An organisation's name and its short name (empty when it has none), from the field that holds both."""
    slug, _, name = value.partition(_BETWEEN)
    return name, slug


def pairs(stems: Sequence[str]) -> list[str]:
    """Neighbouring stems, as they are indexed."""
    return [f"{left}_{right}" for left, right in pairwise(stems)]
