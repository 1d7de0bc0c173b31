"""From a question understood to the papers that answer it, or to the plain fact that none does.

The papers found by the search are read with the question in mind, ranked again and judged (`rag.judging`). `Finding` holds what
came of it; a comparison is looked up side by side.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag import judging, quoting
from rag.refusals import listed
from rag.schema import Filters, FoundPaper, Paper

if TYPE_CHECKING:
    from rag.library import Library
    from rag.minilm import MiniLM
    from rag.questions import Query
    from rag.reading import PaperMatch, Reader, Word
    from rag.retrieval import Ranked

# Papers listed behind an answer, at least (where the search found as many).
N_PAPERS = 20
# Papers given to a model: those within this distance of the best one's score, and at least so many.
WORTH_READING, FEWEST_PAPERS = 16.0, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found for a question: its words, papers read (best first) with their scores, and the rest of the
    ranking.
    """

    words: tuple[Word, ...] = ()
    matches: tuple[PaperMatch, ...] = ()
    scores: tuple[float, ...] = ()
    papers: tuple[FoundPaper, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found, judged. `groups` are the quotes that answer, by paper, best first; empty: nothing answers, and `missing`
    are words that the nearest paper does not speak of. `absent` are sides of a comparison on which nothing was found.
    """

    found: Found
    groups: tuple[tuple[quoting.Quote, ...], ...] = ()
    several: bool = False
    missing: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def answers(self) -> bool:
        return bool(self.groups)

    @property
    def note(self) -> str:
        """A line on what is missing from the answer."""
        return f"Nothing was found on {listed([f'“{side}”' for side in self.absent])}." if self.absent else ""

    @property
    def named(self) -> PaperMatch | None:
        """The best paper, when the question names it: it has a word of the title that few papers have."""
        if not self.found.matches:
            return None
        best = self.found.matches[0]
        is_named = any(
            there and word.weight > 0 and word.frequency <= 2
            for there, word in zip(best.titled, self.found.words, strict=True)
        )
        return best if is_named else None

    def evidence(self, n: int) -> list[Paper]:
        """The papers to write from, at most `n`, most useful first: those that would be quoted, then the others that were
        read and come anywhere near the best one.
        """
        far = max(self.found.scores, default=0.0) - WORTH_READING
        near = [
            match.paper
            for i, (match, score) in enumerate(zip(self.found.matches, self.found.scores, strict=True))
            if score >= far or i < FEWEST_PAPERS
        ]
        papers = [group[0].match.paper for group in self.groups] + near
        return list({paper.paper_id: paper for paper in papers}.values())[:n]


class Finder:
    """Finds papers in one library; reads them with the embedded model."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._reader: Reader | None = None
        self._model: MiniLM | None = None

    def find(self, query: Query, *, k: int | None = None, thorough: bool = False) -> Finding:
        """The papers that answer a question, if any do; with `thorough`, more are read than quoting needs."""
        several = query.intent in ("several", "compare")
        margin = math.inf if thorough else quoting.NEAR_BEST if several else 0.0
        if not self._library.coverage(query.filters).n_searched:
            return Finding(found=Found())
        found = self.read(
            query.text, filters=query.filters, k=k, paper_id=query.paper_id, sides=query.sides, margin=margin
        )
        if not found.matches:
            return Finding(found=found)
        if query.intent == "compare" and len(query.sides) > 1:
            return self._compare(query, found)
        judgment = judging.judge_any(query.text, found.words, found.matches, several=several)
        if not judgment.answers:
            return Finding(found=found, several=several, missing=judgment.missing)
        groups = quoting.select(query.text, found.words, found.matches, found.scores, several=several)
        return Finding(found=found, several=several, groups=tuple(tuple(group) for group in groups if group))

    def read(
        self,
        text: str,
        *,
        filters: Filters | None = None,
        k: int | None = None,
        paper_id: str | None = None,
        sides: Sequence[str] = (),
        margin: float = math.inf,
    ) -> Found:
        """Searches, reads the best papers with the question in mind and ranks them again.

        A paper named in the question (`paper_id`) comes first; each of the `sides` of a comparison is searched for, too.
        A paper that cannot come within `margin` of the best one's score, however well it matches, is not read.
        """
        ranked = self._library.ranked(text, k=max(k or 0, N_PAPERS), filters=filters)
        to_read = self._to_read(ranked, filters, paper_id, sides)
        papers = self._library.get_many([row.paper_id for row in [*ranked, *to_read]])
        to_read = [row for row in to_read if row.paper_id in papers]
        asked = self._the_reader().ask(text, self._library.keywords)
        to_read.sort(key=lambda row: (row.paper_id != paper_id, -row.score))
        matches: list[PaperMatch] = []
        best = 0.0
        for row in to_read:
            if len(matches) >= quoting.LEAST_READ and row.score + quoting.MATCH_WEIGHT < best - margin:
                break
            matches.append(asked.match(papers[row.paper_id]))
            best = max(best, quoting.combined(row.score, matches[-1]))
        to_read = to_read[: len(matches)]
        order = quoting.order([row.score for row in to_read], matches)
        if paper_id is not None:
            order.sort(key=lambda i: to_read[i].paper_id != paper_id)
        scores = [quoting.combined(row.score, match) for row, match in zip(to_read, matches, strict=True)]
        seen = {papers[to_read[i].paper_id].paper_id for i in order}
        rows = [(papers[to_read[i].paper_id], scores[i]) for i in order]
        rows += [
            (papers[row.paper_id], row.score) for row in ranked if row.paper_id in papers and row.paper_id not in seen
        ]
        return Found(
            words=asked.words,
            matches=tuple(matches[i] for i in order),
            scores=tuple(scores[i] for i in order),
            papers=tuple(FoundPaper(paper_id=p.paper_id, title=p.title, score=score) for p, score in rows),
        )

    def model(self) -> MiniLM:
        """The embedded model; the library's own where that is it."""
        if self._model is None:
            from rag.minilm import MiniLM
            from rag.settings import Settings

            embedder = self._library.embedder
            self._model = embedder if isinstance(embedder, MiniLM) else MiniLM(Settings.from_env().cache)
        return self._model

    def _compare(self, query: Query, found: Found) -> Finding:
        """Evidence for each side of a comparison; a side that no paper speaks of is named."""
        groups: list[tuple[quoting.Quote, ...]] = []
        papers = {paper.paper_id: paper for paper in found.papers}
        missing: list[str] = []
        for side in query.sides:
            text = _without(query.text, [other for other in query.sides if other != side])
            read = self.read(text, filters=query.filters, margin=0.0)
            best = read.matches[0] if read.matches else None
            if best is None or not judging.judge(text, read.words, best).answers:
                missing.append(side)
            elif best.paper.paper_id not in {group[0].match.paper.paper_id for group in groups}:
                groups.append(tuple(quoting.pick(text, read.words, best, budget=quoting.WORDS_SIDE)))
            papers = {paper.paper_id: paper for paper in read.papers[:1]} | papers
        groups = [group for group in groups if group]
        if not groups:
            return Finding(found=found, several=True, missing=tuple(missing))
        cited = [group[0].match.paper.paper_id for group in groups]
        ranked = sorted(papers.values(), key=lambda paper: paper.paper_id not in cited)
        found = replace(found, papers=tuple(ranked))
        return Finding(found=found, several=True, groups=tuple(groups), absent=tuple(missing))

    def _to_read(
        self, ranked: list[Ranked], filters: Filters | None, paper_id: str | None, sides: Sequence[str]
    ) -> list[Ranked]:
        to_read = {row.paper_id: row for row in ranked[: quoting.N_READ]}
        for side in sides:
            for row in self._library.ranked(side, k=2, filters=filters):
                to_read.setdefault(row.paper_id, row)
        if paper_id is not None and paper_id not in to_read:
            named = replace(filters or Filters(), paper_ids=(paper_id,))
            for row in self._library.ranked(" ".join([*sides, paper_id]), k=1, filters=named):
                to_read[row.paper_id] = row
        return list(to_read.values())

    def _the_reader(self) -> Reader:
        if self._reader is None:
            from rag.reading import Reader

            self._reader = Reader(self.model())
        return self._reader


def _without(text: str, parts: Sequence[str]) -> str:
    for part in parts:
        text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", " ", text)
    return text
