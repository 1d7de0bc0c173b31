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
from rag.question.several import asks_for_papers
from rag.question.words import FRAME_WORDS
from rag.reading import speaks_of
from rag.refusals import is_foreign, listed, reason_for
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
    are words that the nearest paper does not speak of. `absent` are sides of a comparison on which nothing was found, `why` is
    why no abstract could answer ("" when one might).
    """

    found: Found
    groups: tuple[tuple[quoting.Quote, ...], ...] = ()
    several: bool = False
    missing: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    why: str = ""

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
        why = reason_for(query.question, found.words)
        if why and not is_foreign(query.question, found.words):
            return Finding(found=found, several=several, why=why)
        if query.intent == "compare" and len(query.sides) > 1:
            return self._compare(query, found)
        if query.intent == "one" and (shared := _sharing(found)):
            groups = [quoting.on_topic(query.text, found.words, match) for match in shared]
            return Finding(found=found, several=True, groups=tuple(tuple(group) for group in groups if group))
        judgment = judging.judge_any(query.text, found.words, found.matches, several=several)
        if not judgment.answers:
            if several and asks_for_papers(query.question) and (speaking := self._on_topic(query, found)):
                return speaking
            missing = () if why else judging.missing_words(found.words, found.matches[0])
            return Finding(found=found, several=several, missing=missing, why=why)
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

    def _on_topic(self, query: Query, found: Found) -> Finding | None:
        """The papers that speak of a topic, where papers on it are asked for: of those read or, failing that, of all."""
        speaking = [i for i, match in enumerate(found.matches) if judging.on_topic(found.words, match)]
        matches = [found.matches[i] for i in speaking][: quoting.MOST_PAPERS]
        if not matches:
            topics = [
                [stem for i in places for stem in found.words[i].stems] for places in judging.topics_of(found.words)
            ]
            matches = [match for topic in topics for match in self._with_all(query, topic)][: quoting.MOST_PAPERS]
        if not matches:
            return None
        groups = [quoting.on_topic(query.text, found.words, match) for match in matches]
        first = {match.paper.paper_id: match.paper for match in matches}
        papers = {row.paper_id: row for row in found.papers}
        lowest = min((row.score for row in found.papers), default=0.0)
        rows = [
            papers.get(p.paper_id) or FoundPaper(paper_id=p.paper_id, title=p.title, score=lowest)
            for p in first.values()
        ]
        rows += [row for row in found.papers if row.paper_id not in first]
        found = replace(found, papers=tuple(rows))
        return Finding(found=found, several=True, groups=tuple(tuple(group) for group in groups if group))

    def _with_all(self, query: Query, stems: Sequence[str]) -> list[PaperMatch]:
        """Papers that have all of some stems, read with the question in mind."""
        ids = self._library.keywords.matching(query.filters, quoting.MOST_PAPERS, groups=[stems])
        papers = self._library.get_many(ids)
        asked = self._the_reader().ask(query.text, self._library.keywords)
        return [asked.match(papers[paper_id]) for paper_id in ids if paper_id in papers]

    def _compare(self, query: Query, found: Found) -> Finding:
        """Evidence for each side of a comparison; a side that no paper speaks of is named."""
        groups: list[tuple[quoting.Quote, ...]] = []
        papers = {paper.paper_id: paper for paper in found.papers}
        missing: list[str] = []
        lacking: list[bool] = []
        for side in query.sides:
            text = _without(query.text, [other for other in query.sides if other != side])
            text = text if side in text else f"{side} {text}"
            read = self.read(text, filters=query.filters, sides=(side,), margin=0.0)
            best = self._of_side(side, text, read, query)
            if best is not None:
                lacking.append(judging.judgment_features(text, read.words, best)["kind"] < 0)
            if best is None:
                missing.append(side)
            elif best.paper.paper_id not in {group[0].match.paper.paper_id for group in groups}:
                groups.append(tuple(quoting.pick(text, read.words, best, budget=quoting.WORDS_SIDE)))
            own = [paper for paper in read.papers if best is not None and paper.paper_id == best.paper.paper_id]
            papers = {paper.paper_id: paper for paper in own} | papers
        groups = [group for group in groups if group]
        if not groups or all(lacking):
            return Finding(found=found, several=True, missing=tuple(missing))
        cited = [group[0].match.paper.paper_id for group in groups]
        ranked = sorted(papers.values(), key=lambda paper: paper.paper_id not in cited)
        found = replace(found, papers=tuple(ranked))
        return Finding(found=found, several=True, groups=tuple(groups), absent=tuple(missing))

    def _of_side(self, side: str, text: str, read: Found, query: Query) -> PaperMatch | None:
        """The paper to quote for a side of a comparison: the one that goes by its name, else one that answers, else one that
        speaks of it by all its words; None when there is none in the library.
        """
        named = [match for match in read.matches if speaks_of(match.paper.title, side)]
        heads = [match for match in named if speaks_of(re.split(r"[:—]| - ", match.paper.title)[0], side)]
        if heads or named:
            return (heads or named)[0]
        parts = side.split()
        names = [part for part in parts if judging.is_versioned(part)]
        speaking = [match for match in read.matches if all(speaks_of(_text(match), name) for name in names)]
        if speaking and judging.judge(text, read.words, speaking[0]).answers:
            return speaking[0]
        stems = self._library.keywords.stems(" ".join(word for word in parts if word.casefold() not in FRAME_WORDS))
        with_all = self._with_all(replace(query, text=text), stems) if stems else []
        with_all = [match for match in with_all if all(speaks_of(_text(match), name) for name in names)]
        ids = [match.paper.paper_id for match in with_all]
        return next((match for match in read.matches if match.paper.paper_id in ids), next(iter(with_all), None))

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


def _sharing(found: Found) -> list[PaperMatch]:
    """The papers that share the name or acronym that a question asks about and asks nothing else of ("what is FN?"): those
    whose title begins with it or whose words it stands for; none where fewer than two do.
    """
    about = [word for word in found.words if word.weight > 0 and word.text.casefold() not in FRAME_WORDS]
    if len(about) != 1 or not judging.is_versioned(about[0].text) or not any(word.weight == 0 for word in found.words):
        return []
    name = re.escape(about[0].text)
    gives = re.compile(rf"\((?:\w+ )?{name}s?[),;:]|(?<!\w){name} \([A-Z]", re.IGNORECASE)
    sharing = [
        match
        for match in found.matches
        if gives.search(_text(match)) or re.match(rf"{name}\s*(?::| - |—)", match.paper.title, re.IGNORECASE)
    ]
    return sharing[: quoting.MOST_PAPERS] if len(sharing) > 1 else []


def _text(match: PaperMatch) -> str:
    return f"{match.paper.title}\n{match.paper.abstract}"


def _without(text: str, parts: Sequence[str]) -> str:
    for part in parts:
        text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", " ", text)
    return text
