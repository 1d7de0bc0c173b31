"""Which records, and which papers of the library, are the same paper.

Four rules, the strongest first; what an earlier one says, no later one takes back:

1. The same arXiv id is the same paper, different arXiv ids are different papers.
2. Else the same DOI is the same paper, different DOIs are different papers.
3. Else the same `paper_id` is the same paper where title or beginning of the abstract agree, or where its own source
   gives it a new text. One id on two papers (two tables that both count from 1) makes two papers and a warning.
4. Else the same title is the same paper. A record that brings a title alone joins the one paper of that title that has
   ids. Where several have, it joins the one whose abstract begins alike, else the one that such a record joined before;
   else it stays a paper of its own, with a warning. A paper known by its arXiv id and one known by its DOI are the same
   where the abstracts begin alike, too.

All records of a window are looked at together, so their order does not matter. Between runs it matters in one case: a
record with a title alone that came before two papers of that title has joined the first of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from rag.identity import arxiv_id, best_id, doi, id_key, keys, strong_keys, title_id, title_key
from rag.schema import Paper

_OPENING_CHARS = 60
_LONGEST_ID = 300
# With how many others of its name a record is compared: a title that hundreds share tells nothing.
_MOST_COMPARED = 50
# What `title_id` makes.
_DERIVED = re.compile(r"(?:[a-z0-9]{1,24}-)?[0-9a-f]{10}(?:-[0-9a-f]{8})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Same:
    """What is one paper: papers `known` to the library, records `seen` now, in order, and its id."""

    known: tuple[Paper, ...]
    seen: tuple[Paper, ...]
    paper_id: str
    aliases: tuple[str, ...] = ()


def identified(paper: Paper) -> Paper:
    """A paper with its ids in their one spelling: version and prefixes gone, an arXiv id read off its DOI or address."""
    number = arxiv_id(paper.arxiv_id) or arxiv_id(paper.doi) or arxiv_id(paper.url) or arxiv_id(paper.paper_id)
    said = None if paper.doi is None or arxiv_id(paper.doi) else paper.doi.strip()
    name = doi(said) or said or doi(paper.url)
    own = arxiv_id(paper.paper_id) or doi(paper.paper_id) or paper.paper_id.strip()
    if not own or len(own) > _LONGEST_ID or not own.isprintable():
        own = best_id(paper.title, arxiv=number, doi_=name)
    if (own, number, name) == (paper.paper_id, paper.arxiv_id, paper.doi):
        return paper
    return replace(paper, paper_id=own, arxiv_id=number, doi=name)


def lookup_keys(paper: Paper) -> list[str]:
    """The keys under which the library may know a paper: its own, and its title among the ids and aliases."""
    found = keys(paper)
    return [*found, *(f"id:{key.removeprefix('title:')}" for key in found if key.startswith("title:"))]


def same(known: Iterable[Paper], seen: Iterable[Paper]) -> tuple[list[Same], list[str]]:
    """Sorts records (`identified`) and the library's papers that share a key with one of them into papers.

    In the order in which the records came; papers of the library that no record belongs to are left out. The second
    value are warnings.
    """
    sorting = _Sorting(known, seen)
    sorting.by_arxiv_id()
    sorting.by_doi()
    sorting.by_paper_id()
    sorting.by_title()
    return sorting.papers(), sorting.warnings


class _Node:
    """A record or a paper of the library. Nodes found to be one paper share a root, whose `members` and ids are theirs."""

    __slots__ = ("arxiv", "dois", "index", "is_known", "members", "names", "opening", "own", "paper", "root", "title")

    def __init__(self, paper: Paper, index: int, *, is_known: bool) -> None:
        strong = strong_keys(paper)
        self.paper = paper
        self.index = index
        self.is_known = is_known
        self.arxiv = {key for key in strong if key.startswith("arxiv:")}
        self.dois = strong - self.arxiv
        self.title = title_id(paper.title)
        self.names = {paper.paper_id, *paper.aliases}
        # An id that the source made up, which tells papers of that source apart.
        self.own = not _DERIVED.fullmatch(paper.paper_id) and id_key(paper.paper_id) not in strong
        self.opening: str | None = None
        self.root = self
        self.members = [self]

    def begins(self) -> str:
        """The beginning of the abstract, folded."""
        if self.opening is None:
            self.opening = title_key(self.paper.abstract[: 4 * _OPENING_CHARS])[:_OPENING_CHARS]
        return self.opening


class _Sorting:
    """Nodes being joined, one rule after the other."""

    def __init__(self, known: Iterable[Paper], seen: Iterable[Paper]) -> None:
        first = [_Node(paper, i, is_known=True) for i, paper in enumerate(known)]
        self.nodes = first + [_Node(paper, len(first) + i, is_known=False) for i, paper in enumerate(seen)]
        # What is said of a record unless it turns out to be a paper that the library knows.
        self.doubts: list[tuple[_Node, str]] = []

    @property
    def warnings(self) -> list[str]:
        return [f"{_where(node)}: {words}" for node, words in self.doubts if not _is_known(node)]

    def by_arxiv_id(self) -> None:
        for _, bucket in _buckets((key, node) for node in self.nodes for key in node.arxiv):
            for node in bucket[1:]:
                _join(bucket[0], node)

    def by_doi(self) -> None:
        for _, bucket in _buckets((key, node) for node in self.nodes for key in node.dois):
            _join_where(bucket, lambda one, other: True)

    def by_paper_id(self) -> None:
        titles = {node.title for node in self.nodes}
        for name, bucket in _buckets((n, node) for node in self.nodes for n in node.names if n not in titles):
            _join_where(bucket, lambda one, other: one.title == other.title or _alike(one, other))
            first, *others = _roots(bucket)
            edited = [root for root in others if _is_edited(first, root)]
            if len(edited) == 1:
                _join(first, edited[0])
            for root in others:
                if root.root is not first.root and root.paper.paper_id == name:
                    words = f"“{_short(root)}” has the id {name!r} of another paper, “{_short(first)}”"
                    self.doubts.append((root, f"{words}; it is kept under an id of its own"))

    def by_title(self) -> None:
        titles = {node.title for node in self.nodes}
        named = ((n, node) for node in self.nodes for n in {node.title, *node.names} if n in titles)
        for _, bucket in _buckets(named):
            if len(_roots(bucket)) == 1:
                continue
            _join_where([node for node in bucket if _has_ids(node)], _alike)
            with_ids = [root for root in _roots(bucket) if _has_ids(root)]
            bare = [root for root in _roots(bucket) if not _has_ids(root)]
            if len(with_ids) > 1:
                bare = self._placed(bare, with_ids)
            elif with_ids:
                bare = with_ids + sorted(bare, key=lambda root: not _alike(with_ids[0], root))
            _join_where(bare, _is_one_title)

    def _placed(self, bare: list[_Node], papers: list[_Node]) -> list[_Node]:
        """Puts records that have a title alone where they belong among several papers of that title; returns the rest."""
        rest = []
        for root in bare:
            alike = [paper for paper in papers if _alike(root, paper)]
            joined_before = [paper for paper in papers if any(root.title in node.names for node in paper.members)]
            chosen = alike if len(alike) == 1 else [] if _is_known(root) else joined_before
            if len(chosen) == 1 and not _contradict(chosen[0], root):
                _join(chosen[0], root)
            else:
                rest.append(root)
        if rest:
            words = f"{len(papers)} papers are called “{_short(rest[0])}” and this record does not say which one it is"
            self.doubts.append((rest[0], f"{words}; it is kept as a paper of its own"))
        return rest

    def papers(self) -> list[Same]:
        roots = [root for root in _roots(self.nodes) if not all(node.is_known for node in root.members)]
        # An id belongs to the paper that the library knows by it, else to the first record that brings it.
        taken = {node.paper.paper_id for node in self.nodes if node.is_known}
        found: list[tuple[_Node, Same]] = []
        for root in roots:
            members = sorted(root.members, key=lambda node: node.index)
            known = tuple(node.paper for node in sorted(members, key=_rank) if node.is_known)
            seen = tuple(node.paper for node in members if not node.is_known)
            paper_id = known[0].paper_id if known else _free_id(seen[0], taken)
            taken.add(paper_id)
            found.append((root, Same(known=known, seen=seen, paper_id=paper_id)))
        found.sort(key=lambda row: min(node.index for node in row[0].members if not node.is_known))
        return [replace(one, aliases=_aliases(root, one, taken)) for root, one in found]


def _rank(node: _Node) -> tuple[bool, bool, str]:
    """Of papers of the library found to be one, the one whose id is kept comes first."""
    return not node.arxiv, not node.dois, node.paper.paper_id


def _aliases(root: _Node, one: Same, taken: set[str]) -> tuple[str, ...]:
    names = {name for node in root.members for name in node.names} - taken
    return tuple(sorted({*names, *(paper.paper_id for paper in one.known)} - {one.paper_id}))


def _free_id(first: Paper, taken: set[str]) -> str:
    for name in (first.paper_id, first.arxiv_id, first.doi, title_id(first.title)):
        if name and name not in taken:
            return name
    return f"{title_id(first.title)}-{first.content_hash[:8]}"


def _buckets(named: Iterable[tuple[str, _Node]]) -> list[tuple[str, list[_Node]]]:
    """Nodes that share a name, by name; names of one node alone are left out."""
    found: dict[str, list[_Node]] = {}
    for name, node in named:
        found.setdefault(name, []).append(node)
    return [(name, nodes) for name, nodes in found.items() if len(nodes) > 1]


def _roots(nodes: Iterable[_Node]) -> list[_Node]:
    return list({id(node.root): node.root for node in nodes}.values())


def _join(one: _Node, other: _Node) -> None:
    """Makes two nodes one paper."""
    root, gone = one.root, other.root
    if root is gone:
        return
    if len(root.members) < len(gone.members):
        root, gone = gone, root
    for node in gone.members:
        node.root = root
    root.members += gone.members
    root.arxiv |= gone.arxiv
    root.dois |= gone.dois


def _join_where(nodes: Sequence[_Node], agrees: Callable[[_Node, _Node], bool]) -> None:
    """Joins each node to the first before it with which it agrees and whose ids do not contradict its own."""
    for i, node in enumerate(nodes):
        for other in nodes[: min(i, _MOST_COMPARED)]:
            if node.root is other.root or (not _contradict(other, node) and agrees(other, node)):
                _join(other, node)
                break


def _contradict(one: _Node, other: _Node) -> bool:
    """Whether the ids of two papers say that they are two."""
    a, b = one.root, other.root
    if a.arxiv and b.arxiv:
        return a.arxiv.isdisjoint(b.arxiv)
    if a.dois and b.dois:
        return a.dois.isdisjoint(b.dois)
    return any(
        p.paper.paper_id != q.paper.paper_id and _shares_source(p, q)
        for p in a.members
        if p.own
        for q in b.members
        if q.own
    )


def _has_ids(node: _Node) -> bool:
    return bool(node.root.arxiv or node.root.dois)


def _is_known(node: _Node) -> bool:
    return any(member.is_known for member in node.root.members)


def _alike(one: _Node, other: _Node) -> bool:
    """Whether abstracts begin alike."""
    openings = {node.begins() for node in one.root.members}
    return any(node.begins() in openings for node in other.root.members)


def _is_one_title(one: _Node, other: _Node) -> bool:
    """Whether two papers of one title, of which at most one has an arXiv id or DOI, may be the same."""
    if _has_ids(one) or _has_ids(other):
        return True
    return not (any(n.own for n in one.root.members) and any(n.own for n in other.root.members)) or _alike(one, other)


def _is_edited(known: _Node, root: _Node) -> bool:
    """Whether a record that agrees with the library's paper in nothing but the id is its new text."""
    return (
        all(node.is_known for node in known.root.members)
        and not _is_known(root)
        and not _contradict(known, root)
        and any(_shares_source(node, other) for node in known.root.members for other in root.root.members)
    )


def _shares_source(one: _Node, other: _Node) -> bool:
    a, b = one.paper.seen_on, other.paper.seen_on
    return a == b or not set(a).isdisjoint(b)


def _where(node: _Node) -> str:
    return node.paper.seen_on[0] if node.paper.seen_on else "papers"


def _short(node: _Node, width: int = 60) -> str:
    title = node.paper.title
    return title if len(title) <= width else title[: width - 1].rstrip() + "…"
