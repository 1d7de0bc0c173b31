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

from rag import judging, negation, quoting
from rag.figure_ranks import MOST_LOOKED_AT, Superlative, ranked, superlative
from rag.question.several import asks_for_papers
from rag.question.words import FRAME_WORDS, PART_WORDS
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
    why no abstract could answer ("" when one might), `remark` is how the papers were put in order, where that needs saying,
    `of` the paper that the question is about, where it is known.
    """

    found: Found
    groups: tuple[tuple[quoting.Quote, ...], ...] = ()
    several: bool = False
    missing: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    why: str = ""
    remark: str = ""
    of: str | None = None

    @property
    def answers(self) -> bool:
        return bool(self.groups)

    @property
    def note(self) -> str:
        """A line on what is missing from the answer, or on its order."""
        if self.absent:
            return f"Nothing was found on {listed([f'“{side}”' for side in self.absent])}."
        return self.remark

    @property
    def named(self) -> PaperMatch | None:
        """The best paper, when the question names it: it has a word of the title that few papers have."""
        if not self.found.matches:
            return None
        best = self.found.matches[0]
        is_named = best.paper.paper_id == self.of or any(
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
        return replace(self._find(query, k, thorough=thorough), of=query.paper_id)

    def _find(self, query: Query, k: int | None, *, thorough: bool) -> Finding:
        several = query.intent in ("several", "compare")
        margin = math.inf if thorough else quoting.NEAR_BEST if several else 0.0
        if query.excluded or not self._library.coverage(query.filters).n_searched:
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
        asked = self._superlative(query, found)
        if asked is not None:
            ordered = self._by_figure(asked, query, found)
            if ordered is not None:
                return ordered
        if (
            several
            and query.paper_id is None
            and (denied := negation.negated(query.text) or negation.negated(query.rewritten or query.question))
            and (without := self._doing_without(denied, query, found))
        ):
            return without
        if query.intent == "one" and (shared := _sharing(found)):
            groups = [quoting.on_topic(query.text, found.words, match) for match in shared]
            return Finding(found=found, several=True, groups=tuple(tuple(group) for group in groups if group))
        words, matches = found.words, found.matches
        if query.bare:
            bare = self._the_reader().ask(query.bare, self._library.keywords)
            words, matches = bare.words, tuple(bare.match(match.paper) for match in matches[:1])
        judgment = judging.judge_any(query.bare or query.text, words, matches, several=several)
        of_parts = query.paper_id == matches[0].paper.paper_id and judging.asks_for_parts(words, matches[0])
        if not (judgment.answers or of_parts):
            if (
                several
                and asks_for_papers(query.rewritten or query.question)
                and (speaking := self._on_topic(query, found))
            ):
                return speaking
            missing = () if why else judging.missing_words(words, matches[0])
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
        found = replace(found, papers=tuple(_first([match.paper for match in matches], found.papers)))
        return Finding(found=found, several=True, groups=tuple(tuple(group) for group in groups if group))

    def _with_all(self, query: Query, stems: Sequence[str]) -> list[PaperMatch]:
        """Papers that have all of some stems, read with the question in mind."""
        ids = self._library.keywords.matching(query.filters, quoting.MOST_PAPERS, groups=[stems])
        papers = self._library.get_many(ids)
        asked = self._the_reader().ask(query.text, self._library.keywords)
        return [asked.match(papers[paper_id]) for paper_id in ids if paper_id in papers]

    def _superlative(self, query: Query, found: Found) -> Superlative | None:
        """What is asked for the most or least of, across papers."""
        if query.paper_id is not None or query.filters.paper_ids or Finding(found=found).named is not None:
            return None
        return superlative(query.question)

    def _by_figure(self, asked: Superlative, query: Query, found: Found) -> Finding | None:
        """The papers in the order of the figure that is asked for the most or least of; None where too few state one."""
        own = {word.casefold() for phrase in (*asked.measure, *asked.names, asked.how) for word in phrase.split()}
        topic = [
            stem
            for word in found.words
            if word.weight > 0 and word.text.casefold() not in own | FRAME_WORDS | PART_WORDS
            for stem in word.stems
        ]
        keywords = self._library.keywords
        named = [stem for word in (*asked.names, *asked.heavy[-1:]) for stem in keywords.stems(word)]
        papers: dict[str, Paper] = {}
        for stems in (topic + named, topic, named):
            if stems:
                papers |= self._library.get_many(self._to_look_at(query, stems))
            if len(rows := ranked(asked, papers.values())) > 1:
                break
        else:
            return None
        n_stating = len(rows)
        reader = self._the_reader().ask(query.text, keywords)
        rows = rows[: quoting.MOST_PAPERS]
        return Finding(
            found=replace(found, papers=tuple(_first([row.paper for row in rows], found.papers))),
            several=True,
            groups=tuple((quoting.Quote(match=reader.match(row.paper), start=row.start, end=row.end),) for row in rows),
            remark="In the order of the figures that the abstracts state: "
            f"{n_stating} of the {len(papers)} papers looked at state one. How it was measured may differ.",
        )

    def _doing_without(self, asked: negation.Negated, query: Query, found: Found) -> Finding | None:
        """The papers whose abstracts say that they do without something; where none does, that none does, if it can be told."""
        keywords = self._library.keywords
        ids: dict[str, None] = {}
        for thing in negation.spellings(asked.what):
            if stems := keywords.stems(thing):
                ids |= dict.fromkeys(self._to_look_at(query, stems))
        place = {paper.paper_id: i for i, paper in enumerate(found.papers)}
        stored = self._library.get_many(list(ids))
        papers = {key: stored[key] for key in sorted(stored, key=lambda key: place.get(key, len(place)))}
        topic = set(keywords.stems(asked.topic))
        said = negation.without(
            papers, asked, lambda paper: topic <= set(keywords.stems(f"{paper.title}\n{paper.abstract}"))
        )
        if not said:
            n = self._library.coverage(query.filters).n_searched
            looked_at = (
                len(papers) if len(papers) >= MOST_LOOKED_AT else n
            )  # all that mention it, or the nearest of many
            why = negation.none_says(asked, n, looked_at)
            return Finding(found=found, several=True, why=why) if asked.plain else None
        reader = self._the_reader().ask(query.text, keywords)
        groups = []
        for key in list(said)[: quoting.MOST_PAPERS]:
            match = reader.match(papers[key])
            groups.append(tuple(quoting.Quote(match=match, start=start, end=end) for start, end in said[key][:2]))
        more = len(said) - len(groups)
        return Finding(
            found=replace(found, papers=tuple(_first([papers[key] for key in said], found.papers))),
            several=True,
            groups=tuple(groups),
            remark=f"{more} more abstracts say so." if more > 1 else "One more abstract says so." if more else "",
        )

    def _to_look_at(self, query: Query, stems: Sequence[str]) -> list[str]:
        """The papers that have all of some stems; of very many, the nearest to the question."""
        keywords = self._library.keywords
        if keywords.n_matching(query.filters, groups=[stems]) <= MOST_LOOKED_AT:
            return keywords.matching(query.filters, MOST_LOOKED_AT, groups=[stems])
        return [row.paper_id for row in self._library.ranked(query.text, k=MOST_LOOKED_AT, filters=query.filters)]

    def _compare(self, query: Query, found: Found) -> Finding:
        """Evidence for each side of a comparison; a side that no paper speaks of is named."""
        groups: list[tuple[quoting.Quote, ...]] = []
        papers = {paper.paper_id: paper for paper in found.papers}
        missing: list[str] = []
        lacking: list[bool] = []
        for side in query.sides:
            text = _without(query.text, side, query.sides)
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
        exact = [match for match in named if _head(match.paper.title) == _head(side)]
        others = {_head(other) for other in query.sides if other != side}
        named = [match for match in named if _head(match.paper.title) not in others]
        heads = [match for match in named if speaks_of(_head(match.paper.title), side)]
        if exact or heads or named:
            return (exact or heads or named)[0]
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


def _first(papers: Sequence[Paper], rows: Sequence[FoundPaper]) -> list[FoundPaper]:
    """The papers found, with some before the others, in their order."""
    known = {row.paper_id: row for row in rows}
    lowest = min((row.score for row in rows), default=0.0)
    first = {
        paper.paper_id: known.get(paper.paper_id)
        or FoundPaper(paper_id=paper.paper_id, title=paper.title, score=lowest)
        for paper in papers
    }
    return [*first.values(), *(row for row in rows if row.paper_id not in first)]


def _without(text: str, side: str, sides: Sequence[str]) -> str:
    """A question without the other sides of its comparison; "X" in "X-XL" is none of them."""
    longest = sorted(sides, key=len, reverse=True)
    pattern = "|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in longest)
    return re.sub(pattern, lambda match: match[0] if match[0] == side else " ", text)


def _head(title: str) -> str:
    """The name that a title begins with, as names are compared: "Name++" is not "Name"."""
    return re.sub(r"[\s_-]+", " ", re.split(r"[:—]| - ", title)[0]).strip().casefold()
