"""What the keyword index holds of a paper, field by field, and the card that names it. Pure.

Beside the words, a paper is found by its names, folded (`rag.question.naming.key`): those that its title gives and its
identifiers under `name`, those that only its abstract introduces under `introduced`. The card keeps title and names as
the paper writes them. `spelt` are the abbreviations that it spells out. `words` are the plain words of title and abstract,
for mending slips of spelling.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rag.abbreviations import definitions, short_key
from rag.identity import keys
from rag.persons import in_order, name_key, name_keys
from rag.question.naming import initials, introduced_names, key, title_names
from rag.released import says_code
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
        "spelt": [value for short, phrase in definitions(text) for value in spelt(short, phrase, stems)],
    }
    if paper.published is not None:
        found["published"] = [day_number(paper.published)]
    if paper.n_authors is not None:
        found["n_authors"] = [paper.n_authors]
    if paper.n_comments is not None:
        found["n_comments"] = [paper.n_comments]
    if paper.n_upvotes is not None:
        found["n_upvotes"] = [paper.n_upvotes]
    found["has"] = _had(paper)
    found["author"] = list({one for author in paper.authors for one in name_keys(author)})
    found["writer"] = list(
        {f"{name_key(in_order(name))}{_BETWEEN}{in_order(name)}" for name in paper.authors if name_key(name)}
    )
    organisation, slug = paper.organisation or "", paper.organisation_slug or ""
    if organisation or slug:
        found["organisation"] = list({organisation.casefold(), slug.casefold()} - {""})
        found["affiliation"] = [f"{slug}{_BETWEEN}{organisation or slug}"]
    return found


def _had(paper: Paper) -> list[str]:
    """What a paper's record has that is no number; "code_said" where its abstract alone says that there is code."""
    had = {
        "code_url": paper.code_url,
        "code_said": not paper.code_url and says_code(paper.abstract),
        "url": paper.link,
        "arxiv_id": paper.arxiv_id,
        "doi": paper.doi,
        "authors": paper.authors,
    }
    return [name for name, value in had.items() if value]


def writer(value: str) -> tuple[str, str]:
    """An author's folded name and the name itself, from the field that holds both."""
    folded_name, _, name = value.partition(_BETWEEN)
    return folded_name, name


def spelt(short: str, phrase: str, stems: Callable[[str], list[str]]) -> list[str]:
    """An abbreviation and its phrase, as they are indexed: to be found from either side."""
    of_phrase = stems(phrase)
    if len(of_phrase) < 2:
        return []
    return [f"{short_key(short)}{_BETWEEN}{phrase}", f"{' '.join(of_phrase)}{_BETWEEN}{short}"]


def spelt_start(short: str) -> str:
    """How the phrases of an abbreviation begin, as they are indexed."""
    return f"{short_key(short)}{_BETWEEN}"


def unspelt(value: str) -> tuple[str, str]:
    """The two sides of what `spelt` gave."""
    left, _, right = value.partition(_BETWEEN)
    return left, right


def affiliation(value: str) -> tuple[str, str]:
    """An organisation's name and its short name (empty when it has none), from the field that holds both."""
    slug, _, name = value.partition(_BETWEEN)
    return name, slug


def pairs(stems: Sequence[str]) -> list[str]:
    """Neighbouring stems, as they are indexed."""
    return [f"{left}_{right}" for left, right in pairwise(stems)]
