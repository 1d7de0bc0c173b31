"""The table of the shelf, a page of it at a time: searched, narrowed and sorted over the whole library, by the keyword index.

A word of the search has to occur in a paper's title or abstract, in any of its forms; the last word may be unfinished. What a
paper lacks comes last, whichever way it is sorted.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from rag.bibtex import web_link
from rag.formulas import as_text
from rag.schema import Filters, Paper
from ui.render import clean

if TYPE_CHECKING:
    from rag.keywords import Field, KeywordIndex
    from rag.library import Library

By = Literal["title", "published", "n_comments", "organisation", "n_authors"]
_BY: tuple[By, ...] = ("title", "published", "n_comments", "organisation", "n_authors")
MOST_ROWS = 200
_LONGEST_TEXT = 300
_MOST_FORMS = 200  # of an unfinished word
_PERIOD = re.compile(r"([12]\d{3})(?:-(0[1-9]|1[0-2]))?")
_BEGUN = re.compile(r"[a-z]{3,}", re.IGNORECASE)

Groups = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows are asked for: `period` is a year ("2024") or a month ("2024-05"), empty for any time."""

    text: str = ""
    period: str = ""
    organisation: str | None = None
    by: By = "published"
    descending: bool = True
    offset: int = 0
    n: int = 50

    @classmethod
    def read(cls, given: object) -> Wanted:
        """What a page asks for; what is not understood is left out.

        >>> Wanted.read({"text": "nets", "period": "2024-13", "n": 9_999}).n
        200
        """
        asked: Mapping[str, Any] = given if isinstance(given, dict) else {}
        organisation = asked.get("organisation")
        by = asked.get("by")
        return cls(
            text=str(asked.get("text") or "")[:_LONGEST_TEXT],
            period=str(asked.get("period") or "") if _PERIOD.fullmatch(str(asked.get("period") or "")) else "",
            organisation=organisation if isinstance(organisation, str) and organisation else None,
            by=by if by in _BY else "published",
            descending=asked.get("descending") is not False,
            offset=_whole(asked.get("offset"), 0, 10_000_000),
            n=_whole(asked.get("n"), 50, MOST_ROWS),
        )


def page(library: Library, wanted: Wanted) -> dict[str, Any]:
    """JSON-ready: how many papers match (`n`), and the rows asked for."""
    index = library.keywords
    filters = _filters(wanted)
    groups = _groups(index, wanted.text)
    ids = _ids(library, filters, groups, wanted)
    papers = library.get_many(ids)
    return {
        "n": index.n_matching(filters, groups),
        "rows": [row(papers[paper_id]) for paper_id in ids if paper_id in papers],
    }


def organisations(index: KeywordIndex, n: int) -> list[tuple[str, int, str]]:
    """The n organisations with the most papers of all, of equals by name: as shown, how many, and as it is asked for.

    Names that differ in case only are one.
    """
    counts: Counter[str] = Counter()
    spelt: dict[str, str] = {}
    for (name, _), found in index.organisations().items():
        counts[name.casefold()] += found
        spelt.setdefault(name.casefold(), name)
    best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:n]
    return [(shown(spelt[key]), found, spelt[key]) for key, found in best]


def row(paper: Paper) -> list[Any]:
    """Short, for there are thousands: id, title, date, organisation, comments, authors, address."""
    organisation = paper.organisation or paper.organisation_slug
    return [
        paper.paper_id,
        shown(as_text(paper.title)),
        paper.published.isoformat() if paper.published else None,
        shown(organisation) if organisation else None,
        paper.n_comments,
        paper.n_authors,
        web_link(paper),
    ]


def shown(text: str) -> str:
    """A name or title on one line, without characters that change how others are shown."""
    return " ".join(clean(text).split())


def _ids(library: Library, filters: Filters, groups: Groups, wanted: Wanted) -> list[str]:
    if wanted.by == "title":
        return _by_title(library, filters, groups, wanted)
    if wanted.by == "organisation":
        return _by_organisation(library.keywords, filters, groups, wanted)
    index, end = library.keywords, wanted.offset + wanted.n
    field: Field = wanted.by
    found = index.ordered(filters, field, end, ascending=not wanted.descending, groups=groups)[wanted.offset :]
    if len(found) < wanted.n:
        n_known = index.n_matching(filters, groups, has=[field])
        before = max(0, wanted.offset - n_known)
        rest = index.matching(filters, before + wanted.n - len(found), groups=groups, lacks=[field])
        found += rest[before:]
    return found[: wanted.n]


def _by_title(library: Library, filters: Filters, groups: Groups, wanted: Wanted) -> list[str]:
    """The titles of the whole library are put in order once for each state of it."""
    index = library.keywords
    order = index.derived("titles in order", lambda: _in_order(library))
    if filters or groups:
        passing = set(index.matching(filters, index.n_papers, groups=groups))
        order = tuple(paper_id for paper_id in order if paper_id in passing)
    if wanted.descending:
        order = order[::-1]
    return list(order[wanted.offset : wanted.offset + wanted.n])


def _in_order(library: Library) -> tuple[str, ...]:
    titles = sorted((shown(as_text(paper.title)).casefold(), paper.paper_id) for paper in library.papers())
    return tuple(paper_id for _, paper_id in titles)


def _by_organisation(index: KeywordIndex, filters: Filters, groups: Groups, wanted: Wanted) -> list[str]:
    """One organisation after another, by name; those before the page are counted, not read."""
    from dataclasses import replace

    counts: Counter[str] = Counter()
    for (name, _), n in index.organisations(filters, groups).items():
        counts[name.casefold()] += n
    found: list[str] = []
    at = 0
    for name in sorted(counts, reverse=wanted.descending):
        if at + counts[name] > wanted.offset and len(found) < wanted.n:
            skipped = max(0, wanted.offset - at)
            missing = wanted.n - len(found)
            of_it = filters if wanted.organisation else replace(filters, organisation=name)
            found += index.matching(of_it, skipped + missing, groups=groups)[skipped:][:missing]
        at += counts[name]
    if len(found) < wanted.n:
        before = max(0, wanted.offset - at)
        found += index.matching(filters, before + wanted.n - len(found), groups=groups, lacks=["organisation"])[before:]
    return found


def _filters(wanted: Wanted) -> Filters:
    match = _PERIOD.fullmatch(wanted.period)
    if match is None:
        return Filters(organisation=wanted.organisation)
    year, month = int(match[1]), int(match[2] or 0)
    return Filters(
        since=date(year, month or 1, 1),
        until=date(year, month or 12, monthrange(year, month or 12)[1]),
        organisation=wanted.organisation,
    )


def _groups(index: KeywordIndex, text: str) -> Groups:
    """The stems that have to occur: those of every word, and for the last one any word that begins so."""
    words = re.findall(r"\w+", text)
    if not words:
        return ()
    base = _stems(index, words[:-1])
    last = words[-1]
    forms: dict[tuple[str, ...], None] = dict.fromkeys([_stems(index, [last])])
    if _BEGUN.fullmatch(last) and text.endswith(last):
        begun = index.words_from(last.casefold())
        for word in sorted(begun, key=lambda one: (-begun[one], one))[:_MOST_FORMS]:
            forms.setdefault(_stems(index, [word]))
    return tuple(group for form in forms if (group := (*base, *form)))


def _stems(index: KeywordIndex, words: Sequence[str]) -> tuple[str, ...]:
    return tuple(index.stems(" ".join(words)))


def _whole(given: object, default: int, most: int) -> int:
    """A number from 0 to `most`; the default for what is none."""
    return min(max(given, 0), most) if isinstance(given, int) and not isinstance(given, bool) else default
