"""Questions in, checked answers out.

A question is understood (`rag.questions`), answered from the library's own figures where it asks for them
(`rag.catalogue`), else searched for; the papers found are read and quoted (`rag.quoting`). No evidence, no answer:
then the
answer says what was searched, what is missing and which papers come nearest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from rag import quoting
from rag.schema import Answer, Citation, Claim, Filters, FoundPaper, Hit, Paper, Turn

if TYPE_CHECKING:
    from rag.catalogue import CatalogueAnswer
    from rag.library import Library
    from rag.questions import Query
    from rag.reading import PaperMatch, Reader, Word
    from rag.retrieval import Ranked

# Papers listed behind an answer, at least (where the search found as many).
N_PAPERS = 20
_NEAREST_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found for a question: its words, papers read (best first) with their scores, and the rest of the
    ranking.
    """

    words: tuple[Word, ...]
    matches: tuple[PaperMatch, ...]
    scores: tuple[float, ...]
    papers: tuple[FoundPaper, ...]


class Engine:
    """Answers questions from one library. `today` is the clock that relative dates count from (the system's unless
    given).
    """

    def __init__(self, library: Library, *, today: Callable[[], date] | None = None) -> None:
        self.library = library
        self._today = today or date.today
        self._reader: Reader | None = None

    def search(self, query: str, *, k: int = 10, filters: Filters | None = None) -> list[Hit]:
        """Ranked papers without an answer, best first."""
        return self.library.search(query, k=k, filters=filters)

    def ask(
        self, question: str, *, history: Sequence[Turn] = (), filters: Filters | None = None, k: int | None = None
    ) -> Answer:
        """One question, answered. `history` is the conversation before it, `filters` hold whatever the question says,
        `k` is
        the number of papers to search for (at least those listed in `Answer.papers`).
        """
        from rag.questions import understand

        started = time.perf_counter()
        query = understand(question, library=self.library, history=history, filters=filters, today=self._today())
        found = self._catalogue(query)
        if found is not None:
            return self._from_catalogue(query, found, started)
        if not self.library.coverage(query.filters).n_searched:
            return self._nothing(query, Found(words=(), matches=(), scores=(), papers=()), started, started)
        read = self.read(query.text, filters=query.filters, k=k, paper_id=query.paper_id, sides=query.sides)
        searched = time.perf_counter()
        if not read.matches:
            return self._nothing(query, read, started, searched)
        return self._quote(query, read, started, searched)

    def read(
        self,
        text: str,
        *,
        filters: Filters | None = None,
        k: int | None = None,
        paper_id: str | None = None,
        sides: Sequence[str] = (),
    ) -> Found:
        """Searches, reads the best papers with the question in mind and ranks them again.

        A paper named in the question (`paper_id`) comes first; each of the `sides` of a comparison is searched for,
        too.
        """
        ranked = self.library.ranked(text, k=max(k or 0, N_PAPERS), filters=filters)
        to_read = self._to_read(ranked, filters, paper_id, sides)
        papers = self.library.get_many([row.paper_id for row in [*ranked, *to_read]])
        to_read = [row for row in to_read if row.paper_id in papers]
        words, matches = self._the_reader().match(
            text, [papers[row.paper_id] for row in to_read], self.library.keywords
        )
        order = quoting.order([row.score for row in to_read], matches)
        if paper_id is not None:
            order.sort(key=lambda i: to_read[i].paper_id != paper_id)
        scores = [quoting.combined(row.score, match) for row, match in zip(to_read, matches, strict=True)]
        listed = [(papers[to_read[i].paper_id], scores[i]) for i in order]
        seen = {paper.paper_id for paper, _ in listed}
        listed += [
            (papers[row.paper_id], row.score) for row in ranked if row.paper_id in papers and row.paper_id not in seen
        ]
        return Found(
            words=words,
            matches=tuple(matches[i] for i in order),
            scores=tuple(scores[i] for i in order),
            papers=tuple(FoundPaper(paper_id=p.paper_id, title=p.title, score=score) for p, score in listed),
        )

    def _to_read(
        self, ranked: list[Ranked], filters: Filters | None, paper_id: str | None, sides: Sequence[str]
    ) -> list[Ranked]:
        to_read = {row.paper_id: row for row in ranked[: quoting.N_READ]}
        for side in sides:
            for row in self.library.ranked(side, k=2, filters=filters):
                to_read.setdefault(row.paper_id, row)
        if paper_id is not None and paper_id not in to_read:
            named = replace(filters or Filters(), paper_ids=(paper_id,))
            for row in self.library.ranked(" ".join([*sides, paper_id]), k=1, filters=named):
                to_read[row.paper_id] = row
        return list(to_read.values())

    def _the_reader(self) -> Reader:
        if self._reader is None:
            from rag.minilm import MiniLM
            from rag.reading import Reader
            from rag.settings import Settings

            embedder = self.library.embedder
            self._reader = Reader(embedder if isinstance(embedder, MiniLM) else MiniLM(Settings.from_env().cache))
        return self._reader

    # Answers

    def _catalogue(self, query: Query) -> CatalogueAnswer | None:
        if query.intent not in ("count", "list", "extreme", "timeline", "field"):
            return None
        from rag.catalogue import answer

        return answer(query, self.library)

    def _from_catalogue(self, query: Query, found: CatalogueAnswer, started: float) -> Answer:
        citations = tuple(
            Citation(
                marker=i,
                paper_id=paper.paper_id,
                title=paper.title,
                published=paper.published,
                url=paper.link,
                quote=paper.abstract[:0],
                start=0,
                end=0,
            )
            for i, paper in enumerate(found.papers, 1)
        )
        done = time.perf_counter()
        return Answer(
            question=query.question,
            text=found.text,
            mode="quoting",
            abstained=found.abstained,
            reason=found.reason,
            citations=citations,
            papers=tuple(FoundPaper(paper_id=p.paper_id, title=p.title, score=1.0) for p in found.papers),
            filters=query.filters,
            coverage=self.library.coverage(query.filters),
            timings_s={"search": done - started, "answer": 0.0},
        )

    def _quote(self, query: Query, found: Found, started: float, searched: float) -> Answer:
        if query.intent == "compare" and len(query.sides) > 1:
            return self._compare(query, found, started, searched)
        several = query.intent in ("several", "compare")
        judgment = quoting.judge_any(query.text, found.words, found.matches, several=several)
        if not judgment.answers:
            return self._nothing(query, found, started, searched, judgment)
        groups = quoting.select(query.text, found.words, found.matches, found.scores, several=several)
        return self._composed(query, groups, found.papers, started, searched)

    def _compare(self, query: Query, found: Found, started: float, searched: float) -> Answer:
        """Evidence for each side of a comparison; a side that no paper speaks of is named."""
        groups: list[list[quoting.Quote]] = []
        papers = {paper.paper_id: paper for paper in found.papers}
        missing: list[str] = []
        for side in query.sides:
            text = _without(query.text, [other for other in query.sides if other != side])
            read = self.read(text, filters=query.filters)
            best = read.matches[0] if read.matches else None
            if best is None or not quoting.judge(text, read.words, best).answers:
                missing.append(side)
            elif best.paper.paper_id not in {group[0].match.paper.paper_id for group in groups}:
                groups.append(quoting.pick(text, read.words, best, budget=quoting.WORDS_SIDE))
            papers = {paper.paper_id: paper for paper in read.papers[:1]} | papers
        if not groups:
            return self._nothing(
                query, found, started, searched, quoting.Judgment(log_odds=-1.0, missing=tuple(missing))
            )
        cited = [group[0].match.paper.paper_id for group in groups]
        ranked = sorted(papers.values(), key=lambda paper: paper.paper_id not in cited)
        note = f"Nothing was found on {_listed([f'“{side}”' for side in missing])}." if missing else ""
        return self._composed(query, groups, tuple(ranked), started, searched, note=note)

    def _composed(
        self,
        query: Query,
        groups: Sequence[Sequence[quoting.Quote]],
        papers: tuple[FoundPaper, ...],
        started: float,
        searched: float,
        note: str = "",
    ) -> Answer:
        text, claims, citations = compose(groups, headed=len(groups) > 1)
        return Answer(
            question=query.question,
            text=f"{text}\n\n{note}" if note else text,
            mode="quoting",
            claims=claims,
            citations=citations,
            papers=papers,
            filters=query.filters,
            coverage=self.library.coverage(query.filters),
            timings_s={"search": searched - started, "answer": time.perf_counter() - searched},
        )

    def _nothing(
        self,
        query: Query,
        found: Found,
        started: float,
        searched: float,
        judgment: quoting.Judgment | None = None,
    ) -> Answer:
        """The answer that there is none: what was searched, what is missing, which papers come nearest."""
        coverage = self.library.coverage(query.filters)
        if not coverage.n_papers:
            reason, text = "no_evidence", "The library is empty: `askpapers ingest SOURCE` adds papers."
        elif not coverage.n_searched:
            reason = "filtered_out"
            passing = f"passes the filters ({_in_words(query.filters)})"
            text = f"None of the {coverage.n_papers} papers in the library {passing}."
        else:
            named = found.matches[0] if found.matches and _is_named(found) else None
            reason = "not_stated" if named else "no_evidence"
            text = _refusal(coverage.n_searched, named, judgment)
        if found.matches:
            nearest = "\n".join(f"- {_titled(match.paper)}" for match in found.matches[:_NEAREST_SHOWN])
            text += f"\n\nNearest papers:\n\n{nearest}"
        return Answer(
            question=query.question,
            text=text,
            mode="quoting",
            abstained=True,
            reason=reason,
            papers=found.papers,
            filters=query.filters,
            coverage=coverage,
            timings_s={"search": searched - started, "answer": time.perf_counter() - searched},
        )


def compose(
    groups: Sequence[Sequence[quoting.Quote]], *, headed: bool
) -> tuple[str, tuple[Claim, ...], tuple[Citation, ...]]:
    """Markdown with [1] markers, one claim a quote, one citation a quote; a list headed by titles where papers
    differ.
    """
    claims: list[Claim] = []
    citations: list[Citation] = []
    paragraphs: list[str] = []
    for group in groups:
        sentences = []
        for quote in group:
            marker = len(citations) + 1
            paper = quote.match.paper
            citations.append(
                Citation(
                    marker=marker,
                    paper_id=paper.paper_id,
                    title=paper.title,
                    published=paper.published,
                    url=paper.link,
                    quote=quote.text,
                    start=quote.start,
                    end=quote.end,
                )
            )
            claims.append(Claim(text=quote.text, citations=(marker,), support="supported", reason="verbatim"))
            sentences.append(f"{quote.text} [{marker}]")
        heading = f"**{_titled(group[0].match.paper)}**"
        paragraphs.append(f"- {heading}: {' '.join(sentences)}" if headed else f"{heading}\n\n{' '.join(sentences)}")
    return "\n\n".join(paragraphs), tuple(claims), tuple(citations)


def _without(text: str, parts: Sequence[str]) -> str:
    for part in parts:
        text = text.replace(part, " ")
    return text


def _titled(paper: Paper) -> str:
    return f"{paper.title} ({paper.published.year})" if paper.published else paper.title


def _is_named(found: Found) -> bool:
    """Whether the question names the best paper: it has a word of the title that few papers have."""
    best = found.matches[0]
    return any(
        there and word.weight > 0 and word.frequency <= 2 for there, word in zip(best.titled, found.words, strict=True)
    )


def _refusal(n_searched: int, named: PaperMatch | None, judgment: quoting.Judgment | None) -> str:
    missing = [f"“{word}”" for word in (judgment.missing if judgment else ())[:3]]
    if named is not None:
        of_what = f" It does not speak of {_listed(missing)}." if missing else ""
        return f"The abstract of {named.paper.title} does not answer this.{of_what}"
    of_what = f" The nearest one does not speak of {_listed(missing)}." if missing else ""
    return f"None of the {n_searched} papers searched answers this.{of_what}"


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"


def _in_words(filters: Filters) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in filters.to_dict().items())
