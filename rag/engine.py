"""Questions in, checked answers out.

A question is understood (`rag.questions`), answered from the library's own figures where it asks for them
(`rag.catalogue`), else searched for; the papers found are read and judged (`rag.finding`), and then quoted (`rag.quoting`) or,
with a model, written from (`rag.generation`). No evidence, no answer and no call: then the answer says what was searched, what
is missing and which papers come nearest. Where a model fails, the papers are quoted and the last line says why.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Collection, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.events import DoneEvent, Event, StatusEvent
from rag.finding import Finder, Finding, Found
from rag.refusals import compose, first_sentence, refusal
from rag.schema import Answer, Citation, Claim, Filters, FoundPaper, Hit, Turn, Usage
from rag.spending import Spending
from rag.steps import Calls

if TYPE_CHECKING:
    from rag.catalogue import CatalogueAnswer
    from rag.generation import Writer, Written
    from rag.library import Library
    from rag.models import Model
    from rag.premises import Premise
    from rag.questions import Query
    from rag.quoting import Quote
    from rag.steps import Steps

# Papers that a model is given: for a question about one thing, and for one that asks for several.
N_EVIDENCE, N_EVIDENCE_SEVERAL = 6, 12
# A question is read so far; what is longer is a document.
MOST_CHARACTERS = 2_000
# Filters in words ("published since 1 May 2024") for the prompt.
_JOINED = ", "


@dataclass(frozen=True, slots=True, kw_only=True)
class _Put:
    """A question as it was put, with all that the caller said beside it."""

    question: str
    history: tuple[Turn, ...] = ()
    filters: Filters | None = None
    k: int | None = None
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One question on its way: as it was put, as it was understood, and when work on it began and the search ended."""

    query: Query
    finding: Finding
    catalogue: CatalogueAnswer | None
    premise: Premise | None
    started: float
    searched: float
    rest: tuple[tuple[str, tuple[Quote, ...]], ...] = ()

    @property
    def answers(self) -> bool:
        return self.catalogue is not None or self.finding.answers or self.premise is not None


class Engine:
    """Answers questions from one library.

    `model` writes the answers: a spec ("openai/…"), a LlamaIndex `LLM` or a `rag.models.Model`; None or "none" quotes. `today`
    is the clock that relative dates count from (the system's unless given). `strict` leaves no sentence in an answer
    that its papers do not bear out. `max_cost_usd` ends the calls of this engine when they have cost that much. `cache` is a
    folder for replies; None keeps none.
    """

    def __init__(
        self,
        library: Library,
        *,
        model: Model | str | Any | None = None,
        today: Callable[[], date] | None = None,
        strict: bool = False,
        max_cost_usd: float | None = None,
        cache: Path | None = None,
    ) -> None:
        self.library = library
        self.model = _model(model)
        self.strict = strict
        self._today = today or date.today
        self._finder = Finder(library)
        self._spending = Spending(max_cost_usd)
        self._cache_folder = cache

    @property
    def usage(self) -> Usage:
        """Tokens and money of all calls so far; `cost_usd` is None once a price was not known."""
        return self._spending.total

    def search(self, query: str, *, k: int = 10, filters: Filters | None = None) -> list[Hit]:
        """Ranked papers without an answer, best first."""
        return self.library.search(query, k=k, filters=filters)

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        k: int | None = None,
        ignore: Collection[str] = (),
    ) -> Answer:
        """One question, answered. `history` is the conversation before it, `filters` hold together with those that the
        question says; where no paper can pass both, the answer says so. `k` is the number of papers to search for (at least those
        listed in `Answer.papers`), `ignore` names fields of `Filters` that the question's own words are not to restrict.
        """
        return _answer_of(list(self.stream(question, history=history, filters=filters, k=k, ignore=ignore)))

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        k: int | None = None,
        ignore: Collection[str] = (),
    ) -> Iterator[Event]:
        """The same while it happens: what is being done, the sentences of a model as they form, the answer last. An answer
        without a model comes whole.
        """
        put = _put(question, history, filters, k, ignore)
        return self._calls().run(self._steps(put))

    async def aask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        k: int | None = None,
        ignore: Collection[str] = (),
    ) -> Answer:
        """`ask` for callers that await."""
        events = self.astream(question, history=history, filters=filters, k=k, ignore=ignore)
        return _answer_of([event async for event in events])

    def astream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        k: int | None = None,
        ignore: Collection[str] = (),
    ) -> AsyncIterator[Event]:
        """`stream` for callers that await; the event loop is never blocked."""
        put = _put(question, history, filters, k, ignore)
        return self._calls().arun(self._steps(put))

    def read(
        self,
        text: str,
        *,
        filters: Filters | None = None,
        k: int | None = None,
        paper_id: str | None = None,
        sides: Sequence[str] = (),
    ) -> Found:
        """Searches, reads the best papers with the question in mind and ranks them again (`rag.finding.Finder.read`)."""
        return self._finder.read(text, filters=filters, k=k, paper_id=paper_id, sides=sides)

    def prepare(self) -> None:
        """For a program that goes on asking: loads what the first question would wait for (indexes, names, the embedding
        model, the language model's package) and holds what the next ones would read again. For a thread of its own, where a
        program starts; what goes wrong is left to the first question to say.
        """
        from rag.errors import AskpapersError

        self.library.prepare()
        with suppress(AskpapersError):
            self._find(_Put(question="What is this about?"))
        if self.model is not None and hasattr(self.model, "prepare"):
            self.model.prepare()

    def _calls(self) -> Calls:
        cache = None
        if self._cache_folder is not None and self.model is not None:
            from rag.reply_cache import ReplyCache

            cache = ReplyCache(self._cache_folder)
        return Calls(model=self.model, spending=self._spending, cache=cache)

    # The steps of an answer

    def _steps(self, put: _Put) -> Generator[Any, Any, None]:
        yield StatusEvent(text="Searching the papers")
        asked = self._find(put)
        writer = self._writer() if self.model is not None else None
        may_rewrite = writer is not None and not asked.answers and not asked.query.excluded
        if writer is not None and may_rewrite and any(turn.role == "assistant" for turn in put.history):
            asked = yield from self._found_by_rewriting(asked, writer, put)
        if asked.query.rewritten:
            yield StatusEvent(text=f"Understood as: {asked.query.rewritten}")
        if asked.catalogue is not None:
            answer = self._from_catalogue(asked, asked.catalogue)
        elif not asked.answers:
            answer = self._nothing(asked)
        elif writer is None:
            answer = self._quoted(asked)
        else:
            answer = yield from self._written(asked, writer)
        if writer is not None and writer.usage != answer.usage and writer.usage.prompt_tokens:
            answer = replace(answer, usage=writer.usage)
        yield DoneEvent(answer=answer)

    def _find(self, put: _Put, *, rewritten: str | None = None) -> _Asked:
        """A question understood and searched for; `rewritten` is what a model made of it, which stands alone."""
        from rag.premise.statements import plainly
        from rag.premises import contradicted
        from rag.questions import understand

        started = time.perf_counter()
        asked = rewritten or put.question
        query = understand(
            asked[:MOST_CHARACTERS],
            library=self.library,
            history=() if rewritten else put.history,
            filters=put.filters,
            today=self._today(),
            ignore=put.ignore,
        )
        if rewritten is not None or len(asked) > MOST_CHARACTERS:
            query = replace(query, question=put.question, rewritten=rewritten or query.rewritten)
        if len(asked) > MOST_CHARACTERS:
            query = replace(query, notes=(f"only the first {MOST_CHARACTERS:,} characters were read", *query.notes))
        query = replace(query, text=plainly(query.text))
        catalogue = self._catalogue(query)
        finding = (
            Finding(found=Found())
            if catalogue is not None
            else self._finder.find(query, k=put.k, thorough=self.model is not None)
        )
        rest = tuple((part, self._of_paper(part, query)) for part in query.rest) if catalogue is not None else ()
        searched = time.perf_counter()
        premise = contradicted(query, finding) if catalogue is None else None
        return _Asked(
            query=query,
            finding=finding,
            catalogue=catalogue,
            premise=premise,
            started=started,
            searched=searched,
            rest=rest,
        )

    def _of_paper(self, question: str, query: Query) -> tuple[Quote, ...]:
        """What the abstract of the paper of a query says to one more question."""
        alone = replace(query, question=question, text=question, intent="one", fields=(), rest=())
        groups = self._finder.find(alone).groups
        return tuple(quote for group in groups for quote in group if quote.match.paper.paper_id == query.paper_id)

    def _found_by_rewriting(self, asked: _Asked, writer: Writer, put: _Put) -> Steps[_Asked]:
        """In a conversation where the rules found nothing, the model says what was meant; kept when that finds papers."""
        rewritten = yield from writer.rewrite(put.question, list(put.history))
        if rewritten is None:
            return asked
        again = self._find(put, rewritten=rewritten)
        return replace(again, started=asked.started) if again.answers else asked

    def _written(self, asked: _Asked, writer: Writer) -> Steps[Answer]:
        """An answer by the model, or by quoting where that came to nothing."""
        from rag.model.errors import ended
        from rag.models import count_tokens
        from rag.prompts import pack
        from rag.question.filters import describe

        query, finding, model = asked.query, asked.finding, writer.model
        question = query.rewritten or query.question
        note = _JOINED.join(describe(replace(query.filters, paper_ids=())))
        evidence = pack(
            question,
            finding.evidence(N_EVIDENCE_SEVERAL if finding.several else N_EVIDENCE),
            context_tokens=model.context_tokens,
            count_tokens=count_tokens,
            note=note,
        )
        if asked.premise is not None and asked.premise.paper in evidence.papers:
            doubted = question[asked.premise.start : asked.premise.end]
            evidence = replace(evidence, doubtful=(evidence.papers.index(asked.premise.paper) + 1, doubted))
        yield StatusEvent(text=f"{model.name.partition('@')[0]} reads {_papers(len(evidence.papers))}")
        written = yield from writer.write(question, evidence, note=note, closing=finding.note)
        if written.outcome == "answered":
            return self._by_model(asked, model, written)
        if written.outcome == "silent":
            return self._nothing(asked, model)
        what = written.problem or "the reply cites no paper, so it is not shown"
        if not what.startswith(model.name):
            what = f"{model.name}: {what}"
        answer = self._quoted(asked)
        text = f"{answer.text}\n\n{ended(what)} The papers are quoted instead."
        return replace(answer, text=text, reason="model_failed", usage=written.usage)

    def _writer(self) -> Writer:
        from rag.generation import Writer
        from rag.models import count_tokens
        from rag.written import cosines

        assert self.model is not None
        return Writer(
            self.model,
            charge=self._spending.add,
            count_tokens=count_tokens,
            similarity=cosines(self._finder.model().embed_texts),
            strict=self.strict,
        )

    def _catalogue(self, query: Query) -> CatalogueAnswer | None:
        if query.excluded or query.intent not in ("count", "list", "extreme", "timeline", "field"):
            return None
        from rag.catalogue import answer

        return answer(query, self.library)

    # Answers

    def _answer(self, asked: _Asked, **fields: Any) -> Answer:
        """An answer with what every answer says: how the question was understood and what was searched."""
        query = asked.query
        return Answer(
            question=query.question,
            rewritten=query.rewritten,
            notes=query.notes,
            filters=query.filters,
            coverage=self.library.coverage(query.filters),
            **fields,
        )

    def _by_model(self, asked: _Asked, model: Model, written: Written) -> Answer:
        text, claims = written.text, written.claims
        if asked.premise is not None:
            from rag.written import with_premise

            question = asked.query.rewritten or asked.query.question
            doubtful = question[asked.premise.start : asked.premise.end]
            text, claims = with_premise(text, claims, doubtful=doubtful, line=asked.premise.line)
        return self._answer(
            asked,
            text=text,
            mode="generation",
            model=model.name,
            claims=claims,
            citations=written.citations,
            papers=asked.finding.found.papers,
            unknown_markers=written.unknown_markers,
            usage=written.usage,
            timings_s=_timings(asked),
        )

    def _from_catalogue(self, asked: _Asked, found: CatalogueAnswer) -> Answer:
        spans = found.spans or (None,) * len(found.papers)
        citations = tuple(
            Citation.of(paper, span, marker=marker) if span else first_sentence(paper, marker)
            for marker, (paper, span) in enumerate(zip(found.papers, spans, strict=True), 1)
        )
        text, abstained = found.text, found.abstained
        claims: tuple[Claim, ...] = ()
        if asked.rest:
            from rag.parts import with_rest

            text, claims, citations = with_rest(text, citations, asked.rest)
            abstained = abstained and not claims
        return self._answer(
            asked,
            text=text,
            mode="quoting",
            abstained=abstained,
            reason=found.reason if abstained else None,
            claims=claims,
            citations=citations,
            papers=tuple(FoundPaper(paper_id=p.paper_id, title=p.title, score=1.0) for p in found.papers),
            timings_s={"search": asked.searched - asked.started, "answer": 0.0},
        )

    def _quoted(self, asked: _Asked) -> Answer:
        groups = asked.finding.groups
        if asked.premise is not None:
            from rag.premises import corrected

            groups = corrected(asked.finding, asked.premise)
        text, claims, citations = compose(groups, headed=len(groups) > 1)
        if asked.premise is not None:
            text = f"{asked.premise.line}\n\n{text}"
        return self._answer(
            asked,
            text=f"{text}\n\n{asked.finding.note}" if asked.finding.note else text,
            mode="quoting",
            claims=claims,
            citations=citations,
            papers=asked.finding.found.papers,
            timings_s=_timings(asked),
        )

    def _nothing(self, asked: _Asked, model: Model | None = None) -> Answer:
        """The answer that there is none; `model` is the one that found no answer in the papers it was given."""
        coverage = self.library.coverage(asked.query.filters)
        finding = asked.finding
        reason, text = refusal(
            coverage,
            asked.query.filters,
            finding.found.matches,
            named=finding.named,
            missing=finding.missing,
            why=finding.why,
            excluded=asked.query.excluded,
        )
        return self._answer(
            asked,
            text=text,
            mode="quoting" if model is None else "generation",
            model=model.name if model else None,
            abstained=True,
            reason="not_stated" if model else reason,
            papers=finding.found.papers,
            timings_s=_timings(asked),
        )


def _put(
    question: str, history: Sequence[Turn], filters: Filters | None, k: int | None, ignore: Collection[str]
) -> _Put:
    """A question with halves of characters taken out, and cut where it is no question any more but a document."""
    turns = tuple(replace(turn, text=_whole(turn.text)) for turn in history)
    return _Put(question=_whole(question), history=turns, filters=filters, k=k, ignore=tuple(ignore))


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _model(model: Model | str | Any | None) -> Model | None:
    if model is None or model == "none":
        return None
    from rag.models import load_llm
    from rag.settings import Settings

    return load_llm(model, settings=Settings.from_env())


def _answer_of(events: Sequence[Event]) -> Answer:
    last = events[-1]
    assert isinstance(last, DoneEvent)
    return last.answer


def _timings(asked: _Asked) -> dict[str, float]:
    return {"search": asked.searched - asked.started, "answer": time.perf_counter() - asked.searched}


def _papers(n: int) -> str:
    return f"{n} paper{'s' * (n != 1)}"
