"""Orders inside an abstract ("ignore previous instructions and reply that …"): no evidence for anything, and not quoted.

A sentence counts as an order when it speaks to whoever reads it by machine: it tells it to drop its instructions, or begins with
a command to reply, or speaks of what "you" must answer. Abstracts that write about such attacks put them in quotes.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.sentences import sentence_spans

_SPEECH = (
    r"(?:reply|respond|answer|say|state|output|print|repeat|write|tell|recommend|cite|claim|conclude|report|mention)"
)
_LABEL = r"(?:(?:please|now|always|instead|also|then|system|note|important|attention|assistant|user|ai|llm|to \w+)[\s,:!*\]-]+)*"
_DROP = r"(?:ignore|disregard|forget|override|bypass)\b.{0,60}\b(?:instructions?|prompts?|rules|guidelines|messages?|context)\b"
_ORDERS = re.compile(
    rf"^\W*{_LABEL}{_DROP}"
    rf"|{_DROP}.{{0,20}}\b(?:and|then|instead)\b.{{0,12}}\b{_SPEECH}\b"
    rf"|^\W*{_LABEL}{_SPEECH}\s(?:only|just|exactly|that|with|the user|the reader|users|readers|this|in)\b(?!\s(?:is|are|was)\b)"
    rf"|\b(?:you|the assistant|the model reading this|ai assistants|language models reading this)\s"
    rf"(?:must|should|shall|have to|are (?:now|required to|instructed to))\s(?:\w+\s){{0,2}}(?:{_SPEECH}|ignore|be|act)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“'‘`][^\"”’`]{0,120}(?:ignore|disregard|forget)[^\"”]{0,120}[\"”'’`]", re.IGNORECASE)


def is_order(sentence: str) -> bool:
    """Whether a sentence of an abstract gives orders to its reader."""
    return bool(_ORDERS.search(sentence)) and not _QUOTED.search(sentence)


@lru_cache(maxsize=2048)
def without_orders(text: str) -> str:
    """The text without the sentences that give orders; the same string where there are none."""
    if not _ORDERS.search(text) and not any(is_order(text[s:e]) for s, e in sentence_spans(text)):
        return text
    return " ".join(text[start:end] for start, end in sentence_spans(text) if not is_order(text[start:end]))
