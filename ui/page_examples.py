"""Example questions taken from what is in a library, so that every one of them has something to find."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice, pairwise

from rag.library import Library
from rag.schema import Filters, Paper

_MOST_READ = 2_000
_MOST_ABSTRACTS = 300
_HEAD = re.compile(r"^([\w.+-]{3,24}):\s")
_NAME = re.compile(r"[a-z][A-Z]|[A-Z]{2,}|\d")
_MONTHS = "January February March April May June July August September October November December".split()
_STOP = frozenset(
    """a an the of for and or in on with to from by via towards toward using is are as at its their be can not do how what
    why when all you need into without under through large efficient effective novel new based deep neural improving
    learning model models language training network networks approach method data towards beyond technical report
    survey study analysis case review systematic open source real world time
    more most than over these those such which while also between both other existing previous recent results show shows that this
    they have been were will from into each many then only when where than about across after before because however results
    propose proposed present paper work works introduce outperforms performance significantly compared state number order same
    less high higher lower better wide range several different various without while both used uses make made well""".split()
)


def examples(library: Library) -> list[str]:
    """Up to four questions: about a topic of several papers, about one paper, about an organisation, about the newest."""
    coverage = library.coverage()
    if not coverage.n_papers:
        return []
    papers = list(islice(library.papers(), _MOST_READ))
    found = []
    if topic := _topic(papers):
        found.append(f"What do the papers say about {topic}?")
    if name := _named(papers):
        found.append(f"What is {name}, and how well does it work?")
    if organisation := _organisation(papers):
        found.append(f"Which papers are from {organisation}?")
    if coverage.last is not None:
        month = f"{_MONTHS[coverage.last.month - 1]} {coverage.last.year}"
        since = Filters(since=coverage.last.replace(day=1))
        if library.coverage(since).n_searched:
            found.append(f"What is new since {month}?")
    return found


def _topic(papers: Sequence[Paper]) -> str | None:
    """The two words side by side that stand in most titles; where no two titles share any, in most abstracts."""
    for texts in ([paper.title for paper in papers], [paper.abstract for paper in papers[:_MOST_ABSTRACTS]]):
        counted = Counter(pair for text in texts for pair in sorted(set(_pairs(text))))
        best = counted.most_common(1)
        if best and best[0][1] > 1:
            return best[0][0]
    return None


def _pairs(title: str) -> Iterable[str]:
    words = [word.casefold() for word in re.findall(r"[A-Za-z][A-Za-z-]+|\S", title)]
    for one, two in pairwise(words):
        if one.isascii() and len(one) > 3 and len(two) > 3 and two[0].isalpha() and not {one, two} & _STOP:
            yield f"{one} {two}"


def _named(papers: Sequence[Paper]) -> str | None:
    """The name at the head of the most discussed paper's title that only that title has."""
    heads = Counter(match[1].casefold() for paper in papers if (match := _HEAD.match(paper.title)))
    ranked = sorted(papers, key=lambda paper: (-(paper.n_comments or 0), paper.paper_id))
    for paper in ranked:
        match = _HEAD.match(paper.title)
        if match and _NAME.search(match[1]) and heads[match[1].casefold()] == 1:
            return match[1]
    return None


def _organisation(papers: Sequence[Paper]) -> str | None:
    counted = Counter(paper.organisation for paper in papers if paper.organisation)
    best = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return best[0][0] if best else None
