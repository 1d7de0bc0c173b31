"""Which records, and which papers of the library, are the same paper.

Four rules, the strongest first; what an earlier one says, no later one takes back:

1. The same arXiv id is the same paper, different arXiv ids are different papers.
2. Else the same DOI is the same paper, different DOIs are different papers.
3. Else the same `paper_id` is the same paper where title or beginning of the abstract agree, or where its own source
   gives it a new text. One id on two papers (two tables that both count from 1) makes two papers and a warning.
4. Else the same title and a like abstract are the same paper. Abstracts are alike where they begin alike or share most of
   the words of the shorter one: "Introduction" is the title of many papers, and a revised abstract is still its paper's.
   Where several papers of one title have ids, a record with the title alone joins the one that begins alike, else the
   only one that is alike; one with a DOI alone joins the only arXiv paper that begins alike and goes on alike. What
   joins nothing is a paper of its own, with a warning that names both.

All records of a window are looked at together, so their order does not matter. Between runs it matters where a text that
links two others comes last, or a text was replaced by a revised one before the record that it resembles came.

The version of an arXiv paper ("2403.03507v3") is kept as an alias, where a record names one: of two records the text of
the higher version stays (`ingest.merge`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.identity import (
    arxiv_id,
    arxiv_version,
    best_id,
    doi,
    former_title_ids,
    id_key,
    keys,
    strong_keys,
    title_id,
    title_key,
)
from rag.schema import Paper

_OPENING_CHARS = 60
# What makes two abstracts alike: the share of the shorter one's words (of four letters, told apart by their first seven)
# that the other has, too. Of 189,000 pairs of different papers of one field, one in 10,000 shares 0.44.
_WORD = re.compile(r"[^\W\d_]{4,}")
_WORD_CHARS, _LIKE, _LEAST_SHARED = 7, 0.45, 3
# With how many texts of a paper another is compared.
_MOST_TEXTS = 8
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
    aliases = paper.aliases
    if not set(version := version_alias(paper)) <= set(aliases):
        aliases = tuple(sorted({*aliases, *version}))
    if (own, number, name, aliases) == (paper.paper_id, paper.arxiv_id, paper.doi, paper.aliases):
        return paper
    return replace(paper, paper_id=own, arxiv_id=number, doi=name, aliases=aliases)


def version_alias(paper: Paper) -> tuple[str, ...]:
    """The arXiv id with the highest version that a record names ("2403.03507v3"), as an alias; empty where it names none."""
    names = (paper.arxiv_id, paper.doi, paper.url, paper.paper_id)
    found = [version for name in names if (version := arxiv_version(name))]
    if not found:
        return ()
    number = found[0][0]
    return (f"{number}v{max(version for other, version in found if other == number)}",)


def lookup_keys(paper: Paper) -> list[str]:
    """The keys under which the library may know a paper: its own, its title among the ids and aliases (as it is folded now
    and as it was before), and the id that it has where its title is another paper's.
    """
    found = [*keys(paper), f"id:{(name := title_id(paper.title))}"]
    for former in former_title_ids(paper.title):
        found += [f"title:{former}", f"id:{former}"]
    return [*found, f"id:{_own_id(paper)}"] if paper.paper_id == name else found


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
    papers = sorting.papers()
    return papers, sorting.warnings()


class _Node:
    """A record or a paper of the library. Nodes found to be one paper share a root, whose `members` and ids are theirs."""

    __slots__ = (
        "arxiv", "dois", "index", "is_known", "members", "names", "opening", "own", "paper", "root", "title", "told",
    )  # fmt: skip

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
        self.told: frozenset[str] | None = None
        self.root = self
        self.members = [self]

    def begins(self) -> str:
        """The beginning of the abstract, folded."""
        if self.opening is None:
            self.opening = title_key(self.paper.abstract[: 4 * _OPENING_CHARS])[:_OPENING_CHARS]
        return self.opening

    def words(self) -> frozenset[str]:
        """What tells the abstract from others: its longer words, folded."""
        if self.told is None:
            found = _WORD.findall(self.paper.abstract.casefold())
            self.told = frozenset(word[:_WORD_CHARS] for word in found)
        return self.told


class _Sorting:
    """Nodes being joined, one rule after the other."""

    def __init__(self, known: Iterable[Paper], seen: Iterable[Paper]) -> None:
        first = [_Node(paper, i, is_known=True) for i, paper in enumerate(known)]
        self.nodes = first + [_Node(paper, len(first) + i, is_known=False) for i, paper in enumerate(seen)]
        # What is said of a record unless it turns out to be a paper that the library knows.
        self.doubts: list[tuple[_Node, str]] = []
        # Papers of one title that may be taken for each other.
        self.unlike: list[tuple[_Node, _Node]] = []
        self.ids: dict[int, str] = {}

    def warnings(self) -> list[str]:
        """One for each record that may have been meant otherwise; after `papers`, which gives them their ids."""
        found = [(node.index, _where(node), words) for node, words in self.doubts if not _is_known(node)]
        for other, root in self.unlike:
            if root.root is not other.root and not _is_known(root):
                names = f"({self._id(root)}) has the title of {self._id(other)} and an abstract unlike its own"
                words = f"“{_short(root)}” {names}; it is kept as a paper of its own"
                found.append((root.index, _where(root), words))
        return [f"{where}: {words}" for _, where, words in sorted(found)]

    def _id(self, node: _Node) -> str:
        return (
            self.ids.get(id(node.root)) or min((n for n in node.root.members if n.is_known), key=_rank).paper.paper_id
        )

    def by_arxiv_id(self) -> None:
        for _, bucket in _buckets((key, node) for node in self.nodes for key in node.arxiv):
            for node in bucket[1:]:
                _join(bucket[0], node)

    def by_doi(self) -> None:
        for _, bucket in _buckets((key, node) for node in self.nodes for key in node.dois):
            with_arxiv = [root for root in _roots(bucket) if root.arxiv]
            if len(with_arxiv) > 1:
                # Several arXiv papers say that they have this DOI: a record without an arXiv id goes where its text is.
                _join_where([root for root in _roots(bucket) if not root.arxiv], _same_text)
                _join_only([root for root in _roots(bucket) if not root.arxiv], with_arxiv)
            else:
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
        named = [(n, node) for node in self.nodes for n in {node.title, *node.names} if n in titles]
        for _, bucket in _buckets([*named, *self._formerly()]):
            if len(_roots(bucket)) == 1:
                continue
            with_doi = [root for root in _roots(bucket) if root.dois and not root.arxiv]
            _join_only(
                sorted(with_doi, key=lambda root: min(root.dois)), [root for root in _roots(bucket) if root.arxiv]
            )
            with_ids = [root for root in _roots(bucket) if _has_ids(root)]
            bare = [root for root in _roots(bucket) if not _has_ids(root)]
            # Records with a title alone, put together first: what one of them joins, all of them do.
            _join_where(bare, _is_one_title)
            rest = self._placed(_roots(bare), with_ids)
            if len(with_ids) > 1 and rest:
                words = f"{len(with_ids)} papers are called “{_short(rest[0])}” and this record does not say which one it is"
                self.doubts.append((rest[0], f"{words}; it is kept as a paper of its own"))
            elif rest:
                first, *others = [*with_ids, *rest]
                for other in others:
                    if not _both_own(first, other):
                        turned = _is_known(other) and not _is_known(first)
                        self.unlike.append((other, first) if turned else (first, other))

    def _formerly(self) -> Iterator[tuple[str, _Node]]:
        """Records and the library's papers by names that titles had before: an alias then made from an earlier title.

        What a paper's present title was called says nothing: that title itself is compared.
        """
        known: dict[str, list[_Node]] = {}
        for node in self.nodes:
            if node.is_known:
                for name in node.names - {*former_title_ids(node.paper.title)}:
                    known.setdefault(name, []).append(node)
        for node in self.nodes:
            if not node.is_known:
                for name in former_title_ids(node.paper.title):
                    for other in known.get(name, ()):
                        yield from ((f"formerly {name}", node), (f"formerly {name}", other))

    def _placed(self, bare: list[_Node], papers: list[_Node]) -> list[_Node]:
        """Puts records that have a title alone where they belong among papers of that title; returns the rest."""
        rest = []
        for root in bare:
            free = [paper for paper in papers if not _contradict(paper, root)]
            alike = [paper for paper in free if _alike(root, paper)] or [p for p in free if _related(root, p)]
            if len(alike) == 1:
                _join(alike[0], root)
            else:
                rest.append(root)
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
            self.ids[id(root)] = paper_id
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
    return _own_id(first)


def _own_id(paper: Paper) -> str:
    """The id of a paper whose title and ids are another one's."""
    return f"{title_id(paper.title)}-{paper.content_hash[:8]}"


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


def _join_only(nodes: Sequence[_Node], papers: Sequence[_Node]) -> None:
    """Joins each node to the paper that has its text, where just one has and their ids do not contradict each other."""
    found = [(n, [p for p in papers if not _contradict(p, n) and _same_text(p, n)]) for n in nodes]
    for node, same_text in found:
        if len({id(paper.root) for paper in same_text}) == 1 and not _contradict(same_text[0], node):
            _join(same_text[0], node)


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


def _related(one: _Node, other: _Node) -> bool:
    """Whether abstracts begin alike, or have most of their words in common."""
    return _alike(one, other) or any(_share_words(a, b) for a in _texts(one) for b in _texts(other))


def _same_text(one: _Node, other: _Node) -> bool:
    """Whether abstracts begin alike and go on with the same words."""
    return any(a.begins() == b.begins() and _share_words(a, b) for a in _texts(one) for b in _texts(other))


def _texts(node: _Node) -> list[_Node]:
    """Members of a paper that have different abstracts."""
    return list({member.paper.abstract: member for member in node.root.members}.values())[:_MOST_TEXTS]


def _share_words(one: _Node, other: _Node) -> bool:
    a, b = one.words(), other.words()
    if a == b:
        return True
    least = min(len(a), len(b))
    return len(a & b) >= max(_LIKE * least, min(_LEAST_SHARED, least), 1)


def _is_one_title(one: _Node, other: _Node) -> bool:
    """Whether two papers of one title, neither of which has an arXiv id or DOI, may be the same."""
    return _alike(one, other) if _both_own(one, other) else _related(one, other)


def _both_own(one: _Node, other: _Node) -> bool:
    """Whether sources gave both papers ids of their own."""
    return any(n.own for n in one.root.members) and any(n.own for n in other.root.members)


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
