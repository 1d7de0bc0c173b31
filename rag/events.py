"""What happens while a question is answered, in the order in which it happens.

    StatusEvent*  (SentenceEvent | StatusEvent)*  DoneEvent

The texts of the sentences, joined, are what has been written so far. The last event holds the whole answer, which counts: it may
say something else than what streamed (quotes, where a reply cited nothing).
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.schema import Answer, Citation, Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEvent:
    """What is being done, in a few words, for people who wait."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceEvent:
    """A sentence with the white space in front of it, checked: its claim (None for layout and words that state nothing)
    and the citations that it is the first to use.
    """

    text: str
    claim: Claim | None = None
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneEvent:
    """The end: the whole answer."""

    answer: Answer


Event = StatusEvent | SentenceEvent | DoneEvent
