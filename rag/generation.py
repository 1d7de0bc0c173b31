"""An answer written by a model from the papers found, checked while it arrives.

    prompt ──> reply ──> sentences (rag.reply) ──> markers (rag.citations) ──> claims, checked (rag.written) ──> events

What the model gets is in `rag.prompts`, what carries the calls out in `rag.steps`. The model's text is untrusted: it decides no
more than the words of a sentence and the papers it points at. A sentence that the cited abstracts do not bear out is marked; with
`strict` it goes back to the model once, and is left out when that does not help.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from rag.citations import numbers_of, parse, render, words_of
from rag.events import SentenceEvent, StatusEvent
from rag.model.errors import ended
from rag.prompts import (
    ANSWER_SYSTEM,
    ANSWER_TOKENS,
    DELETE,
    REPAIR_SYSTEM,
    REPAIR_TOKENS,
    REWRITE_SYSTEM,
    REWRITE_TOKENS,
    Evidence,
    answer_prompt,
    repair_prompt,
    rewrite_prompt,
)
from rag.reply import Piece, ReplySplitter
from rag.schema import Citation, Claim, Turn, Usage
from rag.spending import plus
from rag.steps import MORE, Call, Failure, Reply, Steps, whole_reply
from rag.support import Similarity
from rag.written import Page

if TYPE_CHECKING:
    from rag.models import Model

Outcome = Literal["answered", "silent", "uncited", "failed"]
_SENTINEL = re.compile(r"[*_`\"“]*NOT(?:\\?_|\s)IN(?:\\?_|\s)THE(?:\\?_|\s)PAPERS[*_`\"”.]*")
_LONGEST_QUESTION = 400
CountTokens = Callable[[str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a reply came to. `outcome`: "answered"; "silent", the model found no answer in the papers; "uncited", nothing in
    the reply cites a paper; "failed", nothing came. `problem` says what went wrong, also after a part had come.
    """

    outcome: Outcome
    usage: Usage
    text: str = ""
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    unknown_markers: tuple[str, ...] = ()
    problem: str | None = None


class Writer:
    """Writes answers with one model. `charge` hears the usage of each call."""

    def __init__(
        self,
        model: Model,
        *,
        charge: Callable[[Usage], None],
        count_tokens: CountTokens,
        similarity: Similarity | None = None,
        strict: bool = False,
    ) -> None:
        self.model = model
        self._charge = charge
        self._count = count_tokens
        self._similarity = similarity
        self._strict = strict
        self.usage = Usage(cost_usd=0.0)

    def write(self, question: str, evidence: Evidence, *, note: str = "", closing: str = "") -> Steps[Written]:
        """The steps of an answer. `note` says how the papers were chosen, `closing` is a last line of the answer."""
        page = Page(papers=dict(enumerate(evidence.papers, 1)), similarity=self._similarity)
        splitter = ReplySplitter([paper.title for paper in evidence.papers])
        call = Call(system=ANSWER_SYSTEM, user=answer_prompt(question, evidence, note=note), max_tokens=ANSWER_TOKENS)
        yield call
        raw: list[str] = []
        held: list[SentenceEvent] = []  # nothing is shown before something is cited
        usage, finish, silent = None, None, False
        failure: Failure | None = None
        while True:
            given = yield MORE
            if given is None or isinstance(given, Failure):
                failure = given
                break
            raw.append(given.text)
            usage, finish = given.usage or usage, given.finish or finish
            for piece in splitter.feed(given.text):
                silent |= bool(_SENTINEL.search(piece.text))
                held.extend((yield from self._sentence(page, piece)))
            if page.citations or page.unknown:
                yield from held
                held = []
        broken = failure is not None or finish == "length"
        for piece in (last := splitter.close()):
            silent |= bool(_SENTINEL.search(piece.text))
            is_open = broken and piece is last[-1] and not re.search(r"[.!?…。！？][\"'”’)*_\]]*$", piece.text)
            held.extend((yield from self._sentence(page, piece, broken=is_open)))
        self._spend(call, Reply(text="".join(raw), usage=usage, finish=finish, failure=failure))
        outcome = _outcome(page, silent=silent, said="".join(raw), failure=failure)
        if outcome == "answered":
            yield from held
            for line in _notes(page, evidence, finish, failure, closing):
                yield page.note(line)
        return Written(
            outcome=outcome,
            text=page.text,
            claims=tuple(page.claims),
            citations=tuple(page.citations),
            unknown_markers=tuple(page.unknown),
            usage=self.usage,
            problem=failure.message if failure else None,
        )

    def rewrite(self, question: str, history: list[Turn]) -> Steps[str | None]:
        """The question so that it stands alone, by the model; None when it gave nothing new."""
        yield StatusEvent(text="Reading the conversation")
        call = Call(system=REWRITE_SYSTEM, user=rewrite_prompt(question, history), max_tokens=REWRITE_TOKENS)
        reply = yield from whole_reply(call)
        self._spend(call, reply)
        lines = [line.strip(' "“”*`') for line in reply.text.splitlines() if line.strip()]
        if reply.failure is not None or not lines or len(lines[0]) > _LONGEST_QUESTION:
            return None
        return lines[0] if lines[0].casefold() != question.strip().casefold() else None

    def _sentence(self, page: Page, piece: Piece, *, broken: bool = False) -> Steps[list[SentenceEvent]]:
        """The event of a piece of the reply, or none where nothing is left of it."""
        piece = replace(piece, text=_SENTINEL.sub("", piece.text).strip())
        if not piece.text:
            return []
        if piece.kind == "layout":
            return [page.layout(piece)]
        if self._strict:
            mended = None if broken else (yield from self._mended(page, piece))
            if mended is None:
                page.n_removed += 1
                return []
            piece = mended
        event = page.sentence(piece, broken=broken)
        return [event] if event is not None else []

    def _mended(self, page: Page, piece: Piece) -> Steps[Piece | None]:
        """The sentence if it is supported or states nothing, else what the model makes of it; None: leave it out."""
        parts = parse(piece.text, page.papers)
        verdict = page.verdict(parts)
        if verdict is None or verdict.support != "not_found":
            return piece
        yield StatusEvent(text="Correcting a sentence that its papers do not say")
        numbers = numbers_of(parts) or tuple(page.papers)
        cited = [(number, page.papers[number]) for number in numbers]
        prompt = repair_prompt(render(parts, str), verdict.reason, cited)
        call = Call(system=REPAIR_SYSTEM, user=prompt, max_tokens=REPAIR_TOKENS)
        reply = yield from whole_reply(call)
        self._spend(call, reply)
        if reply.failure is not None or not reply.text.strip() or reply.text.strip(' .*`"').upper() == DELETE:
            return None
        splitter = ReplySplitter()
        pieces = [new for new in splitter.feed(reply.text) + splitter.close() if new.kind == "sentence"]
        if len(pieces) != 1:
            return None
        again = parse(pieces[0].text, page.papers)
        second = page.verdict(again)
        if not words_of(again) or second is None or second.support != "supported":
            return None
        return replace(piece, text=pieces[0].text)

    def _spend(self, call: Call, reply: Reply) -> None:
        """Counts a call: by the provider's figures, else by our own count of what was sent and came."""
        usage = reply.usage
        if usage is None:
            if reply.failure is not None and not reply.text:
                return  # an error, not an answer: providers do not charge for it
            usage = Usage(
                prompt_tokens=self._count(call.system) + self._count(call.user),
                completion_tokens=self._count(reply.text),
            )
        if usage.cost_usd is None:
            usage = replace(usage, cost_usd=self.model.cost(usage))
        self.usage = plus(self.usage, usage)
        self._charge(usage)


def _outcome(page: Page, *, silent: bool, said: str, failure: Failure | None) -> Outcome:
    if page.citations or page.unknown:
        return "answered"
    if silent:
        return "silent"
    if not said.strip():
        return "failed"
    if failure is None and all(claim.support == "unchecked" for claim in page.claims):
        return "silent"  # "none of the papers states this", without the word that was agreed on
    return "failed" if failure is not None else "uncited"


def _notes(page: Page, evidence: Evidence, finish: str | None, failure: Failure | None, closing: str) -> list[str]:
    """Lines at the end that say what a reader must know of how the answer came about."""
    notes = [closing] if closing else []
    if failure is not None:
        notes.append(f"The reply broke off here: {ended(failure.message)}")
    elif finish == "length":
        notes.append(f"The reply reached its limit of {ANSWER_TOKENS} tokens and ends here.")
    elif finish == "content_filter":
        notes.append("The provider's content filter ended the reply here.")
    if page.n_removed:
        one = page.n_removed == 1
        what = "A sentence was" if one else f"{page.n_removed} sentences were"
        notes.append(f"{what} left out because the cited papers do not say {'it' if one else 'them'}.")
    if evidence.n_left_out:
        one = evidence.n_left_out == 1
        what = "1 more paper that was found" if one else f"{evidence.n_left_out} more papers that were found"
        notes.append(f"{what} did not fit into the model’s context and {'was' if one else 'were'} left out.")
    return notes
